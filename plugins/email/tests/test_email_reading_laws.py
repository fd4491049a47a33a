"""Laws of the reader: no bytes break it, stripping is done once and for all, and forged verdicts are not believed."""

import base64
import functools
import os
import string
from pathlib import Path

import pytest
from hub_email.reading import MARKER, Verdict, newest, part_content, read
from hypothesis import given, settings
from hypothesis import strategies as st

FOLDER = Path(os.environ.get("HUB_SHARED") or Path(__file__).resolve().parents[4] / "shared") / "data" / "email"
LONGEST = 20_000

FRAGMENTS = st.sampled_from(
    [
        b"\r\n", b"\n", b"\r", b"\n\n", b"--b", b"--b--", b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Type: text/html; charset=", b"gb2312\n", b"utf-7\n",
        b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n", b"Content-Type: message/rfc822\n", b"<div>", b"<blockquote>", b"<table><tr><td>",
        b"<!--", b"=?utf-8?B?", b"?=", b"filename*0*=", b"''", b"%E6", b"=ZZ", b"> ", b"On 2026-01-01 a@b.c wrote:\n", b"From: a@b.c\nSent: x\nSubject: y\n", b"-- \n", b"\x1b$B",
        b"Date: Mon, 2 Feb 2026 10:00:00 +9999\n", b"From: ", b"<", b">", b"\"", b"(", b"Message-ID: <", b"Content-Type: message/delivery-status\n", b"Final-Recipient: rfc822;", b"\xff\xfe",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(FRAGMENTS, st.binary(max_size=20)), max_size=60))
def test_no_bytes_break_the_reader(pieces: list[bytes]) -> None:
    """And what it lists can be got."""
    raw = b"".join(pieces)
    mail = read(raw)
    assert mail == read(raw)
    for part in mail.attachments:
        assert len(part_content(raw, part.number)) == part.size
    for shown in (mail.text, mail.whole, mail.subject):
        assert shown.encode("utf-8") is not None
        assert not set(shown) & {"\x00", "\x1b", "\r"}


@functools.cache
def real() -> tuple[bytes, ...]:
    files = [path for path in sorted(FOLDER.glob("*/*")) if path.is_file() and path.stat().st_size < LONGEST]
    return tuple(path.read_bytes() for path in files)


@pytest.mark.data
@settings(max_examples=120, deadline=None)
@given(st.data())
def test_no_damage_to_a_real_mail_breaks_the_reader(data: st.DataObject) -> None:
    """Cut, mixed with another, bytes changed."""
    if not FOLDER.is_dir():
        pytest.skip("the folder of real mails is not beside this project")
    raw, other = (bytearray(data.draw(st.sampled_from(real()))) for _ in range(2))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        match data.draw(st.integers(0, 2)):
            case 0:
                del raw[at : at + data.draw(st.integers(0, 300))]
            case 1:
                raw[at:at] = data.draw(st.binary(max_size=20))
            case _:
                raw[at:at] = other[: data.draw(st.integers(0, 400))]
    mail = read(bytes(raw))
    assert newest(mail.text) == mail.text
    for part in mail.attachments:
        assert len(part_content(bytes(raw), part.number)) == part.size


LINES = st.one_of(
    st.sampled_from(
        [
            "", "", "words", "> quoted", ">", "> ", ">> deeper", "On Mon, Feb 2, 2026 at 10:00 Li <li@x.example> wrote:", "在 2026-02-02 10:00，李四 写道：", "From: a@b.example", "Sent: today",
            "Subject: x", "To: c@d.example", "发件人：李四", "发送时间：今天", "主题：日期", "-- ", "--", "—", "___", "----- Original Message -----", "Sent from my iPhone", "发自我的iPhone", MARKER,
            "```", "| a | b |", "# head", "---", "****",
        ]
    ),
    st.text(alphabet=string.ascii_letters + " >-*_:：#[]()\\", max_size=30),
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(LINES, max_size=25).map("\n".join))
def test_stripping_twice_is_stripping_once(text: str) -> None:
    """And something is left of everything."""
    once = newest(text)
    assert newest(once) == once
    assert bool(once.strip()) == bool(text.strip())


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_text_comes_through_whole(subject: str, body: str) -> None:
    """Every letter that is printed, of any script, in subject and body."""
    word = f"=?utf-8?B?{base64.b64encode(subject.encode()).decode()}?="
    raw = f"Subject: {word}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n".encode()
    mail = read(raw + base64.encodebytes(body.encode()))
    assert (
        mail.subject.split() == "".join(c for c in subject if c in "\n\t\r" or (ord(c) >= 32 and ord(c) != 127)).split()
    )
    letters = [c for c in body if c.isalnum()]
    assert [c for c in mail.whole if c.isalnum()] == letters


# Verdicts.

OURS = "mx.hub.example"


def judged(*fields: str, sender: str = "li@acme.example", server: str = OURS) -> Verdict:
    head = "".join(f"Authentication-Results: {field}\n" for field in fields)
    return read(f"{head}From: {sender}\n\nHi".encode()).verdict(server)


@pytest.mark.parametrize(
    "field",
    [
        f"{OURS}; spf=fail; dkim=none; dmarc=pass (p=NONE) header.from=acme.example", "MX.hub.example 1; dmarc=pass header.from=acme.example",
        f"{OURS}; dkim=pass header.d=acme.example", f"{OURS}; dkim=fail header.d=x.example; dkim=pass header.i=@acme.example", f'"{OURS}"; dmarc=pass',
        f"{OURS}; dkim=pass (2048-bit (key; really)) header.d=acme.example; dmarc=none",
    ],
)  # fmt: skip
def test_what_our_server_found_is_believed(field: str) -> None:
    """DMARC, or a signature of the author's domain."""
    assert judged(field).trusted


@pytest.mark.parametrize(
    "field",
    [
        "evil.example; dmarc=pass header.from=acme.example", f"{OURS}.evil.example; dmarc=pass", f"{OURS}; none", f"{OURS}; dmarc=fail; dkim=pass header.d=acme.example",
        f"{OURS}; dkim=pass header.d=evil.example", f"{OURS}; dkim=pass header.d=example", f"{OURS}; dkim=pass header.d=me.example", f"{OURS}; dkim=pass header.d=sub.acme.example",
        f"{OURS}; dmarc=pass header.from=evil.example", f"{OURS}; spf=pass smtp.mailfrom=li@acme.example", f"{OURS} (; dmarc=pass header.from=acme.example)",
        f'{OURS}; spf=pass smtp.mailfrom="x; dmarc=pass header.from=acme.example"@evil.example', f"{OURS}; spf=pass (x; dmarc=pass) smtp.mailfrom=y",
        f"{OURS}; dmarc=pass header.from=acme.example; dmarc=fail", f'{OURS}; spf=pass reason="a;dmarc=pass', f"{OURS}; dmarc=passed", f"{OURS}; x-dmarc=pass", "dmarc=pass", "",
    ],
)  # fmt: skip
def test_what_anybody_may_have_written_is_not(field: str) -> None:
    """Other servers' words, other domains' passes, results inside comments and quotes."""
    assert not judged(field).trusted


def test_only_the_topmost_field_of_our_server_counts() -> None:
    """What stands below came with the mail."""
    failed, passed = f"{OURS}; dmarc=fail", f"{OURS}; dmarc=pass header.from=acme.example"
    assert not judged(failed, passed).trusted
    assert judged("other.example; dmarc=fail", passed).trusted
    assert judged(failed, passed).dmarc == "fail"


@pytest.mark.parametrize(
    "sender", ["a@acme.example, b@acme.example", "li@acme.example\nFrom: boss@acme.example", "nobody", ""]
)
def test_a_mail_without_exactly_one_author_is_not_trusted(sender: str) -> None:
    """It is not clear who was judged."""
    assert not judged(f"{OURS}; dmarc=pass", sender=sender).trusted


def test_exchange_writes_no_id() -> None:
    """Its field is found by an empty one, and by no other."""
    field = "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=acme.example; dkim=pass header.d=acme.example;dmarc=pass action=none header.from=acme.example;compauth=pass reason=100"
    assert judged(field, server="") == Verdict("pass", "pass", "pass", True, "DMARC passed for acme.example.")
    assert not judged(field).trusted


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=string.ascii_letters + '=;()". \\@-', max_size=60))
def test_no_word_of_the_sender_makes_a_verdict(word: str) -> None:
    """A server quotes what it copies; whatever stands in the quotes gains no trust."""
    quoted = word.replace("\\", "\\\\").replace('"', '\\"')
    assert not judged(f'{OURS}; spf=none smtp.mailfrom="{quoted}"@evil.example').trusted
    assert not judged(f'{OURS}; spf=none smtp.mailfrom="; dmarc=pass {quoted}"@evil.example').trusted
