"""The bytes that are sent: their parts and their headers."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from hub_email.composing import (
    AcknowledgementLetter,
    CommentLetter,
    Enclosure,
    Envelope,
    Letter,
    Mailbox,
    UpdateLetter,
    compose,
    message_id,
    subject_line,
)
from hub_email.composing.checking import samples
from hypothesis import example, given, settings
from hypothesis import strategies as st

WORDS: dict[str, Any] = {"language": "en", "recipient": "Li", "key": "REQ-12", "title": "Export", "team": "Team"}
LETTER = CommentLetter(**WORDS, author="Ana", body="Done.")
ENVELOPE = Envelope(
    sender=Mailbox("hub@example.com", "Delivery"),
    to=(Mailbox("li@client.cn", "李伟"), Mailbox("b@client.cn")),
    cc=(Mailbox("c@client.cn", "Doe, John"),),
    reply_to="hub+abcdefghijklmnopqrst@example.com",
    subject="Re: 登录页面 login",
    message_id=message_id("hub-1", "REQ-12", "comment", 4, "example.com"),
    in_reply_to="<parent@client.cn>",
    references=("<root@client.cn>", "<parent@client.cn>"),
    date=datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
    hub="hub-1",
    hops=1,
    thread="REQ-12",
    version=4,
)
TRICKS = st.sampled_from(
    ["\r\nBcc: evil@x.example", "\nX-Evil: 1", "\r\n\r\n<html>", "=?utf-8?q?=0D=0AX-Evil:_1?=", "\u2028X-Evil: 1",
     "\x0bX-Evil: 1", "\x85X-Evil: 1", '"', "\\", "<a@b>", ",", ";", "李", " ", "\x00", "\ud800", "\u202e"]
)  # fmt: skip
TEXTS = st.lists(TRICKS | st.text(max_size=80), max_size=5).map("".join)


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, EmailMessage, policy=policy.default)


def mail(letter: Letter = LETTER, envelope: Envelope = ENVELOPE, files: tuple[Enclosure, ...] = ()) -> EmailMessage:
    return parsed(compose(letter, envelope, files))


def bodies(message: EmailMessage) -> list[str]:
    leaves = [part for part in message.walk() if not part.is_multipart() and not part.is_attachment()]
    return [part.get_content_type() for part in leaves]


def test_every_letter_has_one_text_and_one_html_part() -> None:
    for letter in (*samples("en"), *samples("zh-CN")):
        assert mail(letter).get_content_type() == "multipart/alternative"
        assert bodies(mail(letter)) == ["text/plain", "text/html"]


def test_the_headers_say_who_what_when_and_which_thread() -> None:
    headers = {name.lower(): str(value) for name, value in mail().items()}
    assert headers == headers | {
        "from": "Delivery <hub@example.com>",
        "to": "李伟 <li@client.cn>, b@client.cn",
        "cc": '"Doe, John" <c@client.cn>',
        "reply-to": "Delivery <hub+abcdefghijklmnopqrst@example.com>",
        "subject": "Re: 登录页面 login",
        "message-id": ENVELOPE.message_id,
        "in-reply-to": "<parent@client.cn>",
        "references": "<root@client.cn> <parent@client.cn>",
        "auto-submitted": "auto-generated",
        "x-auto-response-suppress": "All",
        "x-hub-origin": "hub-1",
        "x-hub-thread": "REQ-12",
        "x-hub-version": "4",
        "x-hub-hops": "1",
        "mime-version": "1.0",
    }
    assert parsedate_to_datetime(headers["date"]) == ENVELOPE.date


def test_only_an_acknowledgement_is_an_automatic_answer() -> None:
    answer = AcknowledgementLetter(**WORDS, status="new")
    assert mail(answer)["Auto-Submitted"] == "auto-replied"
    assert {mail(each)["Auto-Submitted"] for each in samples("en") if each.kind != answer.kind} == {"auto-generated"}


def test_headers_that_say_nothing_are_left_out() -> None:
    bare = replace(ENVELOPE, cc=(), reply_to=None, in_reply_to=None, references=(), subject="")
    message = mail(envelope=bare)
    assert not {"cc", "reply-to", "in-reply-to", "references"} & {name.lower() for name in message}
    assert message["Subject"] == "Export [REQ-12]"


@pytest.mark.parametrize(
    ("original", "subject"),
    [
        ("Login", "Re: Login"),
        ("Re: Login [REQ-12]", "Re: Login [REQ-12]"),
        ("Fwd: RE[2]: 回复：Login", "Re: Login"),
        ("Re: Re: [REQ-13] Login", "Re: [REQ-13] Login"),
        ("A\r\n B", "Re: A B"),
        ("Regression", "Re: Regression"),
        ("", "Export [REQ-12]"),
    ],
)
def test_a_threads_subject_stays_the_clients_own_and_ours_has_a_tag(original: str, subject: str) -> None:
    assert subject_line(original, "REQ-12", "Export") == subject


def test_a_thread_opened_under_a_title_with_its_tag_has_it_once() -> None:
    assert subject_line("", "REQ-12", "[req-12] Export") == "Export [REQ-12]"
    assert subject_line("", "", "Export") == "Export"


@given(TEXTS, TEXTS)
def test_a_subject_answered_again_stays_the_same(original: str, title: str) -> None:
    first = subject_line(original, "REQ-12", title)
    again = subject_line(first, "REQ-12", title)
    assert again == subject_line(again, "REQ-12", title)


def test_long_threads_keep_their_root_and_their_latest_mails() -> None:
    ids = tuple(f"<{number}.{'x' * 120}@client.cn>" for number in range(50))
    message = mail(envelope=replace(ENVELOPE, references=ids, in_reply_to=ids[-1]))
    assert message["References"].split() == [ids[0], *ids[-19:]]
    assert message["In-Reply-To"] == ids[-1]


def test_what_is_no_message_id_is_left_out_of_the_thread() -> None:
    odd = ("<a b@x>", "none", "<ok@x>", "<x@y>\r\nBcc: e@x", "<ok@x>", "<ü@x>", "<" + "x" * 1000 + ">")
    message = mail(envelope=replace(ENVELOPE, references=odd, in_reply_to="<p@x>\nX-Evil: 1"))
    assert message["References"] == "<ok@x>"
    assert message["In-Reply-To"] is None


def test_the_mail_that_is_answered_comes_last() -> None:
    message = mail(envelope=replace(ENVELOPE, references=("<r@x>", "<p@x>", "<q@x>"), in_reply_to="<p@x>"))
    assert message["References"] == "<r@x> <q@x> <p@x>"


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
@example("\r\nBcc: evil@x.example", "=?utf-8?q?=0D=0ABcc:_e?=", "x" * 300)
def test_nobody_can_write_a_header(title: str, name: str, other: str) -> None:
    letter = CommentLetter(**WORDS | {"title": title, "key": f"REQ-1{other[:40]}"}, author=name, body=other)
    envelope = replace(
        ENVELOPE, subject=other, hub=f"h{other}", thread=f"t{title}", sender=Mailbox("h@example.com", name),
        to=(Mailbox("li@client.cn", other), Mailbox("b@client.cn", title)),
    )  # fmt: skip
    raw = compose(letter, envelope, (Enclosure(name, other, b"x"),))
    head = raw.partition(b"\r\n\r\n")[0]
    names = re.findall(rb"^([^\s:]+):", head, re.MULTILINE)
    expected = re.findall(rb"^([^\s:]+):", compose(LETTER, ENVELOPE).partition(b"\r\n\r\n")[0], re.MULTILINE)
    assert names == expected
    assert re.fullmatch(rb"([^\r\n]{1,998}(\r\n|$))+", head)
    assert [each.addr_spec for each in parsed(raw)["To"].addresses] == ["li@client.cn", "b@client.cn"]
    assert [each.addr_spec for each in parsed(raw)["From"].addresses] == ["h@example.com"]
    assert bodies(parsed(raw)) == ["text/plain", "text/html"]


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=90))
def test_names_come_back_as_they_were(name: str) -> None:
    name = " ".join(name.split())
    raw = compose(LETTER, replace(ENVELOPE, to=(Mailbox("li@client.cn", name),)))
    shown, address = parseaddr(message_from_bytes(raw)["To"])  # the newer parser puts blanks between encoded words
    assert (str(make_header(decode_header(shown))), address) == (name, "li@client.cn")


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_every_server_takes_every_mail(body: str) -> None:
    raw = compose(CommentLetter(**WORDS, author="A", body=body), ENVELOPE, (Enclosure("a.bin", "x/y", b"\xff\r\n."),))
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\0", raw)


def test_the_same_letter_gives_the_same_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"words")
    for letter in (*samples("en"), *samples("zh-CN")):
        files = [(Enclosure("a.txt", "text/plain", content),) for content in (b"words", file, b"words")]
        assert len({compose(letter, ENVELOPE, each) for each in files}) == 1
    assert compose(LETTER, ENVELOPE) != compose(replace(LETTER, body="Done!"), ENVELOPE)


def test_files_follow_along_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "b"
    file.write_bytes(bytes(range(256)) * 50)
    files = (
        Enclosure("合同 最终版.pdf", "application/pdf", file),
        Enclosure("notes.txt", "text/plain; charset=gb2312", "中文\n".encode("gb18030")),
        Enclosure("mail.eml", "message/rfc822", b"Subject: x\n\ny"),
        Enclosure("x", "no type", b""),
    )
    message = mail(files=files)
    assert message.get_content_type() == "multipart/mixed"
    assert bodies(message) == ["text/plain", "text/html"]
    found = list(message.iter_attachments())
    assert [part.get_filename() for part in found] == ["合同 最终版.pdf", "notes.txt", "mail.eml", "x"]
    types = ["application/pdf", "text/plain", "application/octet-stream", "application/octet-stream"]
    assert [part.get_content_type() for part in found] == types
    contents = [file.read_bytes(), *(each.content for each in files[1:])]
    assert [part.get_payload(decode=True) for part in found] == contents


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.doc", "a.doc"),
        ("a\r\nX-Evil: 1.png", "a X-Evil_ 1.png"),
        (".bashrc", "bashrc"),
        ("", "file"),
        ("///", "file"),
        ("cod\u202egpj.exe", "codgpj.exe"),
        ("长" * 300 + ".xlsx", "长" * 195 + ".xlsx"),
        ('a";x="b', "a_;x=_b"),
    ],
)
def test_names_of_files_are_safe_to_save(name: str, kept: str) -> None:
    (found,) = mail(files=(Enclosure(name, "a/b", b"x"),)).iter_attachments()
    assert found.get_filename() == kept


def test_a_boundary_in_a_text_divides_nothing() -> None:
    boundary = mail().get_boundary() or ""
    letter = replace(LETTER, body=f"```\n--{boundary}\n--{boundary}--\n```")
    assert bodies(mail(letter)) == ["text/plain", "text/html"]


def test_domains_are_sent_in_ascii_and_other_local_parts_need_smtputf8() -> None:
    domain = replace(ENVELOPE, to=(Mailbox("li@例子.cn"),))
    local = replace(ENVELOPE, to=(Mailbox("李@client.cn"),))
    assert not ENVELOPE.needs_smtputf8
    assert not domain.needs_smtputf8
    assert not replace(ENVELOPE, reply_to="hub@例子.cn").needs_smtputf8
    assert b"To: li@xn--fsqu00a.cn\r\n" in compose(LETTER, domain)
    assert local.needs_smtputf8
    assert "To: 李@client.cn\r\n".encode() in compose(LETTER, local)


@pytest.mark.parametrize("address", ["", "li", "li@", "@x.cn", "a b@x.cn", "a@x.cn\r\nBcc: e@x.cn", "<a@x.cn>", "a@x@y",
                                     "a@x.cn, b@x.cn", "a\u202e@x.cn"])  # fmt: skip
def test_only_addresses_are_written_to(address: str) -> None:
    with pytest.raises(ValueError, match=r"no mail address|no domain"):
        Mailbox(address)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"to": ()}, "somebody"),
        ({"date": ENVELOPE.date.replace(tzinfo=None)}, "time zone"),
        ({"reply_to": "hub+x@example.com\r\nBcc: e@x.cn"}, "no mail address"),
        ({"message_id": "a@b"}, "no Message-ID"),
        ({"message_id": "<a@b>\r\nX: y"}, "no Message-ID"),
    ],
)
def test_an_envelope_that_cannot_be_sent_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(ENVELOPE, **wrong)


def test_the_date_keeps_its_zone() -> None:
    there = ENVELOPE.date.astimezone(timezone(timedelta(hours=8)))
    assert mail(envelope=replace(ENVELOPE, date=there))["Date"] == "Sun, 22 Nov 2026 16:00:00 +0800"


def test_an_update_without_changes_is_still_a_mail() -> None:
    assert bodies(mail(UpdateLetter(**WORDS, changes=()))) == ["text/plain", "text/html"]
