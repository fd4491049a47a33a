"""Text in the charsets of the world, named rightly, wrongly or not at all."""

import base64
import os
import quopri
from pathlib import Path

import pytest
from hub_email.reading import read
from hub_email.reading.charsets import codec, text_of
from hub_email.reading.transfer import decoded

FOLDER = (
    Path(os.environ.get("HUB_SHARED") or Path(__file__).resolve().parents[4] / "shared") / "data" / "email" / "messages"
)
CHINESE = "请把交付日期改到三月，谢谢。"
RARE = "朱镕基和喆先生确认了𠮷野家的需求"  # letters that GB2312 does not have, two of them not even GBK
TRADITIONAL = "請把交付日期改到三月，謝謝您的協助。"
JAPANESE = "納期を三月に変更してください。よろしくお願いします。"


def mail(body: bytes, charset: str | None, encoding: str = "8bit", media_type: str = "text/plain") -> bytes:
    named = f'; charset="{charset}"' if charset else ""
    head = f"Content-Type: {media_type}{named}\nContent-Transfer-Encoding: {encoding}\n\n".encode()
    match encoding:
        case "base64":
            return head + base64.encodebytes(body)
        case "quoted-printable":
            return head + quopri.encodestring(body)
        case _:
            return head + body


@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
@pytest.mark.parametrize(
    ("text", "named", "real"),
    [
        (CHINESE, "gb2312", "gb2312"), (RARE, "gb2312", "gb18030"), (RARE, "GBK", "gb18030"), (RARE, "gb18030", "gb18030"),
        (CHINESE, "x-gbk", "gbk"), (CHINESE, "GB_2312-80", "gb2312"), (TRADITIONAL, "big5", "big5"), (TRADITIONAL, "Big5", "cp950"),
        (JAPANESE, "iso-2022-jp", "iso2022_jp"), (JAPANESE, "shift_jis", "shift_jis"), (JAPANESE, "euc-jp", "euc_jp"),
        (CHINESE, "unicode-1-1-utf-7", "utf-7"), (CHINESE, "utf-7", "utf-7"), ("Grüße für Zoë", "cp-850", "cp850"),
        ("“Grüße” – 5 €", "iso-8859-1", "cp1252"), ("“Grüße” – 5 €", "windows-1252", "cp1252"), ("Привет", "koi8-r", "koi8_r"),
        (CHINESE, "utf8", "utf-8"), (CHINESE, "us-ascii", "utf-8"), (CHINESE, "iso-8859-1", "utf-8"), (CHINESE, "no-such-charset", "utf-8"),
        (CHINESE, None, "utf-8"), (JAPANESE, None, "iso2022_jp"), ("한국말로 하는 것", "ks_c_5601-1987", "cp949"),
    ],
)  # fmt: skip
def test_text_is_read_as_it_was_meant(text: str, named: str | None, real: str, encoding: str) -> None:
    """Whatever stands in Content-Type."""
    if real in ("utf-7", "iso2022_jp") and encoding == "quoted-printable":
        encoding = "base64"  # `+` and escape characters survive, but lines may be cut inside a shift
    assert read(mail(text.encode(real), named, encoding)).text == text


@pytest.mark.parametrize(
    ("text", "real"), [(CHINESE * 6, "gb18030"), (TRADITIONAL * 6, "big5"), ("Привет, как дела? " * 9, "cp1251")]
)
def test_text_without_a_charset_is_guessed(text: str, real: str) -> None:
    """Given enough of it."""
    assert read(mail(text.encode(real), None)).text == text.strip()


def test_a_page_names_its_charset_itself() -> None:
    """Where Content-Type does not."""
    html = f'<html><head><meta charset="gb2312"></head><body>{RARE}</body></html>'
    assert read(mail(html.encode("gb18030"), None, media_type="text/html")).text == RARE


def test_a_letter_cut_at_the_end_spoils_nothing_else() -> None:
    """As when a system limits bytes."""
    text = read(mail((CHINESE * 20).encode()[:-4], "utf-8")).text
    assert text.startswith(CHINESE * 19)


@pytest.mark.parametrize(
    "name",
    ["idna", "punycode", "unicode_escape", "base64", "rot13", "zlib", "undefined", "", "\0", "x" * 300, "utf-8\n"],
)
def test_what_is_no_charset_is_never_used_as_one(name: str) -> None:
    """Python knows codecs that are not for text from strangers."""
    assert codec(name) in (None, "utf-8")
    assert text_of(b"plain", name) == "plain"


def test_a_subject_cut_inside_a_letter_is_whole() -> None:
    """Two encoded words, each with half of it."""
    data = CHINESE.encode("gb2312")
    words = [f"=?gb2312?B?{base64.b64encode(part).decode()}?=" for part in (data[:7], data[7:])]
    assert read(f"Subject: {words[0]}\r\n {words[1]}\r\n\r\n".encode()).subject == CHINESE


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        ("=?utf-8?q?Caf=C3=A9?= au =?utf-8?q?lait?=", "Café au lait"),
        ("=?utf-8?q?a b c?=", "a b c"),
        ("=?utf-8?B?5pel5pyf?=", "日期"),
        ("=?utf-8?B?5pel5pyf", "=?utf-8?B?5pel5pyf"),
        ("=?x-unknown?q?=E6=97=A5?=", "日"),
        ("=?utf-8*zh?q?=E6=97=A5?=", "日"),
        ("日期 raw", "日期 raw"),
    ],
)
def test_subjects_are_decoded(raw: str, subject: str) -> None:
    """RFC 2047, RFC 2231 languages, and raw bytes."""
    assert read(f"Subject: {raw}\n\n".encode()).subject == subject


def test_subjects_in_raw_gbk_are_decoded() -> None:
    """Some senders encode nothing."""
    assert (
        read("Subject: 关于需求变更的确认和交付日期的调整\n\n".encode("gbk")).subject
        == "关于需求变更的确认和交付日期的调整"
    )


@pytest.mark.parametrize(
    ("body", "encoding", "expected"),
    [
        (b"aGVsbG8", "base64", b"hello"), (b"aGVs\nbG8=\n", "BASE64", b"hello"), (b"aGVs!bG8=", "base64", b"hello"), (b"aGVsbG8=X", "base64", b"hello"),
        (b"aGk=aGk=", "base64", b"hihi"), (b"Hello, this is text.\nAnd more.", "base64", b"Hello, this is text.\nAnd more."),
        (b"=E6=97=A5", "quoted-printable; x", b"\xe6\x97\xa5"), (b"a=ZZb", "quoted-printable", b"a=ZZb"), (b"a=20=\nb", "Quoted Printable", b"a b"),
        (b"begin 644 x\n#:&D*\n`\nend\n", "x-uuencode", b"hi\n"), (b"as is", "nonsense", b"as is"), (b"as is", None, b"as is"),
    ],
)  # fmt: skip
def test_encodings_are_undone_as_far_as_they_go(body: bytes, encoding: str | None, expected: bytes) -> None:
    """Broken ones too."""
    assert decoded(body, encoding) == expected


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "subject", "beginning"),
    [
        ("enmime_parts_chardet-success-big-5", "", "顏是家訓"), ("enmime_parts_chardet-fail-not-long-enough", "", "和弟弟"),
        ("enmime_low-quality_incorrect-charset", "plain text", "Using Unicode/UTF-8"), ("phpimap_gbk_charset", "Nuu", "Hi"),
        ("mikel_multi_charset_japanese_iso_2022", "まみむめも", "すみません。"), ("mikel_multi_charset_japanese", "まみむめも", "かきくえこ"),
        ("mikel_multi_charset_japanese_shift_jis", "test", "あいうえお"),
        ("mikel_plain_emails_raw_email_with_partially_quoted_subject", 'Re: Test: "漢字" mid "漢字" tail', "대부분의 마찬가지로"),
        ("enmime_parts_chardet-success-iso-8859-1", "", "DIE Drachenköpfe"),
    ],
)  # fmt: skip
def test_real_mails_are_legible(name: str, subject: str, beginning: str) -> None:
    """With the charsets their senders chose."""
    path = FOLDER / f"{name}.eml"
    if not path.is_file():
        pytest.skip("the folder of real mails is not beside this project")
    found = read(path.read_bytes())
    assert found.subject == subject
    assert found.text.startswith(beginning)
