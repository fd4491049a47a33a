"""Real mails of many makers: all are read, and replies are told from what they quote."""

import mailbox
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_email.reading import newest, part_content, read

pytestmark = pytest.mark.data

SHARED = Path(os.environ.get("HUB_SHARED") or Path(__file__).resolve().parents[4] / "shared")
FOLDER = SHARED / "data" / "email"
REPLIES = FOLDER / "reply_stripping"


@pytest.fixture(autouse=True)
def _there() -> None:
    if not FOLDER.is_dir():
        pytest.skip("the folder of real mails is not beside this project")


def messages() -> Iterator[tuple[str, bytes]]:
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix == ".mbox":
            box = mailbox.mbox(path)
            yield from ((f"{path.name} {key}", box.get_bytes(key)) for key in box.keys())  # noqa: SIM118 - not a dict
            box.close()
        elif path.is_file():
            yield path.name, path.read_bytes()


def test_every_mail_is_read_and_its_attachments_are_got() -> None:
    """No exception; sizes agree; what is shown is shown in full somewhere."""
    count = 0
    for name, raw in messages():
        mail = read(raw)
        count += 1
        for part in mail.attachments:
            assert len(part_content(raw, part.number)) == part.size, name
            assert 0 < len(part.name.encode()) <= 255, name
            assert not re.search(r"[/\\\x00-\x1f]", part.name), name
        assert mail.message_id.strip("<>") == mail.message_id != "", name
        assert mail.date is None or mail.date.utcoffset() is not None, name
        assert bool(mail.text) == bool(mail.whole), name
    assert count >= 500


def test_stripping_twice_is_stripping_once() -> None:
    """Over all real bodies."""
    for name, raw in messages():
        text = read(raw).text
        assert newest(text) == text, name


# Replies. Each text begins with what was written newly: so many lines of it, empty ones not counted.

LOREM = 5  # the lines of the reply in all texts that begin with "Fusce"
HEADS = {
    "email_1": 5, "email_3": 3, "email_6": 2, "email_19": 1, "email_20": 1, "email_custom_quote_header": 1,
    "email_customer_quote_header_2": 1, "email_customer_quote_header_3": 3, "email_emoji": 1, "email_reply_header": 6,
    "email_sent_from": 1, "email_thread": 1, "email_tricky_11_double_signature": 3, "email_tricky_16_unicode_signatures": 3,
    "email_tricky_17_forward_header": 1, "email_tricky_20_html_entities": 2, "email_tricky_9_nested_quotes": 1,
    "email_unquoted_reply": 1, "email_zoho": 2, "sig_no_empty_line": 1,
}  # fmt: skip
ALL_NEW = {
    "email_21", "email_not_a_signature", "email_not_a_signature_2", "email_tricky_13_timestamp_variations",
    "email_tricky_19_quote_without_header", "email_tricky_1_on_false_positive", "email_tricky_2_url_with_wrote",
    "email_tricky_3_code_block", "email_tricky_4_from_in_body", "email_tricky_6_regards_in_sentence", "email_tricky_7_multiple_dashes",
    "email_tricky_8_sent_from_in_content", "email_with_regards", "email_with_from_headers",
}  # fmt: skip
PLACEHOLDER = "a template: its makers put header lines in place of the word in brackets"
BELOW_DEVICE = "words below a device line, without any header, may be the author's own: they are kept"
MISSES = {
    "crisp-oss_email_15": BELOW_DEVICE,
    "crisp-oss_email_german_3": BELOW_DEVICE,
    "crisp-oss_email_19": "'a magnificent torch of pixels' names no device; people begin sentences like that",
    "crisp-oss_email_6": "'Sent a magnificent torch of pixels' is an ordinary sentence",
    "crisp-oss_email_with_date_headers": PLACEHOLDER,
    "talon_standard_replies_iphone": "the expected text keeps 'Sent from my iPhone'; we drop what devices add",
    "talon_standard_replies_sparrow": "the expected text keeps the signature; we drop it",
    "talon_sig_jeff_body": "a name without a delimiter is a part of the words",
    "talon_sig_short_url_body": "thanks and a name without a delimiter are a part of the words",
    "talon_sig_sparse_body": "a row of hyphens is a rule, and people draw rules",
}
"""Texts that are not read as their makers expect, each with the reason. All others must agree."""
HEADS |= {"email_6": 1, "email_with_date_headers": 1}


def lines(text: str) -> list[str]:
    """Lines without their Markdown escapes and spaces, empty ones left out; empty quoted ones too."""
    bare = (re.sub(r"\\([^\w\s])", r"\1", line).strip() for line in text.split("\n"))
    return [re.sub(r"\s+", " ", line) for line in bare if line.strip("> ")]


def expected_lines(name: str, text: str) -> list[str] | None:
    """What is new in a text of this name; None where the data do not say."""
    short = name.removeprefix("crisp-oss_")
    found = lines(text)
    if text.startswith("Fusce"):
        return found[:LOREM]
    return found[: HEADS[short]] if short in HEADS else found if short in ALL_NEW else None


def as_mail(text: bytes, media_type: str = "text/plain") -> bytes:
    return f"Content-Type: {media_type}; charset=utf-8\n\n".encode() + text


def stripped() -> Iterator[tuple[str, list[str], list[str]]]:
    """Each sample: its name, the lines that are new in it, and the lines that we find."""
    for path in sorted(REPLIES.glob("crisp-oss_*.txt")):
        data = path.read_bytes()
        if (wanted := expected_lines(path.stem, data.decode("utf-8", "replace"))) is not None:
            yield path.stem, wanted, lines(read(as_mail(data)).text)
    for path in sorted(REPLIES.glob("talon_standard_replies_*.eml")):
        companion = path.with_name(f"{path.stem}_reply_text")
        wanted = lines(companion.read_text()) if companion.exists() else ["Hello"]
        yield path.stem, wanted, lines(read(path.read_bytes()).text)
    for path in sorted(REPLIES.glob("talon_html_replies_*.html")):
        yield (
            path.stem,
            ["Hi. I am fine.", "Thanks,", "Alex"],
            lines(read(as_mail(path.read_bytes(), "text/html")).text),
        )
    for path in sorted(REPLIES.glob("talon_sig_*_body")):
        signature = path.with_name(path.name.replace("_body", "_signature"))
        if "#sig#" not in signature.read_text():
            body = lines(path.read_text())
            yield (
                path.name,
                body[: len(body) - len(lines(signature.read_text()))],
                lines(read(as_mail(path.read_bytes())).text),
            )


def test_replies_are_what_their_makers_expect() -> None:
    """But for the misses, which must still miss."""
    results = {name: wanted == found for name, wanted, found in stripped()}
    assert len(results) >= 90
    assert {name for name, agrees in results.items() if not agrees} == set(MISSES)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("talon_OLK_SRC_BODY_SECTION.html", ["Reply"]),
        ("talon_reply-separated-by-hr.html", ["Hi", "there", "Bob"]),
    ],
)
def test_html_replies_with_their_own_words(name: str, words: list[str]) -> None:
    """Outlook for Mac, and a rule above a copied header."""
    assert lines(read(as_mail((REPLIES / name).read_bytes(), "text/html")).text) == words


def test_a_reply_that_shares_its_block_with_the_quote_is_kept() -> None:
    """Yahoo puts both into one box."""
    text = read((REPLIES / "talon_reply-quotations-share-block.eml").read_bytes()).text
    assert text.endswith("Joe XXX")
    assert "Booking" not in text


def test_answers_between_quotes_stay_with_what_they_answer() -> None:
    """An interleaved reply, from which only the announcement goes."""
    text = (REPLIES / "crisp-oss_email_tricky_18_inline_reply.txt").read_bytes()
    found = lines(read(as_mail(text)).text)
    assert found == lines(text.decode())[1:]


def test_the_words_below_a_quote_are_kept() -> None:
    """A reply at the bottom: the last quoted paragraph tells what it answers."""
    found = lines(read(as_mail((REPLIES / "crisp-oss_email_2.txt").read_bytes())).text)
    assert found[:2] == ["Hi,", "> What is the best way to clear a Riak bucket of all key, values after"]
    assert "would do it." in found
    assert not any("riak-users" in line for line in found)
