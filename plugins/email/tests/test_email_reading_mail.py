"""What is read of a mail's header, its parts and its bodies."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from hub_email.reading import Address, bare_subject, part_content, read

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def multipart(*parts: bytes, kind: str = "mixed") -> bytes:
    body = b"".join(b"\r\n--=_b\r\n" + part for part in parts)
    return (
        f'MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary="=_b"\r\n\r\n'.encode()
        + body
        + b"\r\n--=_b--\r\n"
    )


def part(content: bytes | str, media_type: str = "text/plain; charset=utf-8", *fields: str) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    head = "\r\n".join([f"Content-Type: {media_type}", "Content-Transfer-Encoding: base64", *fields, "", ""])
    return head.encode() + base64.encodebytes(data).replace(b"\n", b"\r\n")


# The header.

HEADER = b"""Delivered-To: hub+abc@in.example
X-Original-To: <Hub+ABC@IN.Example>
Envelope-To: other@in.example
From: =?utf-8?B?5p2O5Zub?= <Li@ACME.Example>
Reply-To: "Si, Li" <li.si@acme.example>, second@acme.example (Second)
To: Team: hub@in.example, "a@b.example" <real@in.example>;, undisclosed-recipients:;
Cc: c@x.example; d@x.example
Subject: =?utf-8?Q?Re=5B2=5D:_=E6=97=A5=E6=9C=9F?=
Message-ID:  <1@acme.example>
In-Reply-To: <0@hub.example>
References: <root@hub.example>
 <0@hub.example> <0@hub.example>
Date: Mon, 2 Feb 2026 10:00:00 +0800
X-Hub-Origin: other-hub
X-Note: =?utf-8?q?=C3=A9t=C3=A9?=

Hi
"""


def test_a_header_is_read() -> None:
    """Names decoded, domains in small letters, groups opened, times in UTC."""
    mail = read(HEADER)
    assert mail.sender == Address("Li@acme.example", "李四")
    assert mail.reply_to == (Address("li.si@acme.example", "Si, Li"), Address("second@acme.example", "Second"))
    assert mail.to == (Address("hub@in.example"), Address("real@in.example", "a@b.example"))
    assert [each.email for each in mail.cc] == ["c@x.example", "d@x.example"]
    assert [each.email for each in mail.delivered_to] == [
        "hub+abc@in.example",
        "Hub+ABC@in.example",
        "other@in.example",
    ]
    assert (mail.subject, mail.bare_subject) == ("Re[2]: 日期", "日期")
    assert (mail.message_id, mail.in_reply_to) == ("1@acme.example", ("0@hub.example",))
    assert mail.references == ("root@hub.example", "0@hub.example")
    assert mail.date == datetime(2026, 2, 2, 2, tzinfo=UTC)
    assert (mail.origin, mail.header("x-note"), mail.header("absent")) == ("other-hub", "été", None)
    assert mail.header_all("x-hub-origin") == ("other-hub",)


def test_a_mail_without_an_id_has_the_same_one_each_time() -> None:
    """Made from its bytes."""
    assert (
        read(b"Subject: a\n\nx").message_id
        == read(b"Subject: a\n\nx").message_id
        != read(b"Subject: a\n\ny").message_id
    )


@pytest.mark.parametrize(
    "date",
    [
        "",
        "soon",
        "Mon, 99 Feb 2026 10:00",
        "0 0 0 0 0",
        "Mon, 2 Feb 99999 10:00:00 +0000",
        "Fri, 31 Dec 9999 23:59:59 -2359",
    ],
)
def test_a_date_that_is_none_is_none(date: str) -> None:
    """Not an exception."""
    assert read(f"Date: {date}\n\n".encode()).date is None


@pytest.mark.parametrize(
    ("value", "email"),
    [
        ("boss@acme.example <li@evil.example>", "li@evil.example"), ('"boss@acme.example" <li@evil.example>', "li@evil.example"),
        ("=?utf-8?q?boss=40acme.example?= <li@evil.example>", "li@evil.example"), ("<li@acme.example>", "li@acme.example"),
        ("li@acme.example", "li@acme.example"), ("Li li@acme.example", "li@acme.example"), ("pete(his (own)\\) one)@silly.example", None),
        ("Li", None), ("<>", None), ("MAILER-DAEMON <>", None), ("<@route.example:li@acme.example>", "li@acme.example"),
    ],
)  # fmt: skip
def test_the_sender_is_who_stands_in_the_brackets(value: str, email: str | None) -> None:
    """Names that look like addresses are names."""
    sender = read(f"From: {value}\n\n".encode()).sender
    assert (sender.email if sender else None) == email


@pytest.mark.parametrize(
    "subject",
    ["Re: Date", "RE[2]: Fwd: Date", "回复：Date", "答复: 转发：Date", "AW: WG: Date", "Antw: Date", "SV: VS: Date", "TR : Date", "回覆: Date", "  re (3): Date ", "Re：Date", "Re^2: Date"],
)  # fmt: skip
def test_prefixes_of_all_languages_go(subject: str) -> None:
    """ASCII or full-width colon, numbered or not."""
    assert bare_subject(subject) == "Date"


@pytest.mark.parametrize("subject", ["Request: Date", "Release 2: Date", "Retro", "回复客户", ""])
def test_words_that_only_begin_like_prefixes_stay(subject: str) -> None:
    """`Re` is not the beginning of `Request`."""
    assert bare_subject(subject) == subject


# Attachments.


def test_attachments_are_described_and_their_bytes_are_got() -> None:
    """With size and hash of the decoded content."""
    raw = multipart(part("Hi"), part(PNG, "image/png", 'Content-Disposition: attachment; filename="a.png"'))
    (found,) = read(raw).attachments
    assert (found.number, found.name, found.media_type, found.size, found.inline) == (
        "2",
        "a.png",
        "image/png",
        len(PNG),
        False,
    )
    assert found.sha256 == hashlib.sha256(PNG).hexdigest()
    assert part_content(raw, "2") == PNG
    with pytest.raises(KeyError):
        part_content(raw, "3")


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("filename=\"=?utf-8?B?5pel5pyfLnBkZg==?=\"", "日期.pdf"), ("filename*=UTF-8''%E6%97%A5%E6%9C%9F.pdf", "日期.pdf"),
        ("filename*0*=gb2312''%C8%D5;\n filename*1*=%C6%DA;\n filename*2=.pdf", "日期.pdf"), ('filename="../../etc/passwd"', "_._etc_passwd"),
        ('filename="C:\\\\dir\\\\a.exe"', "C_dir_a.exe"), ('filename="a\x01b\u202etxt.exe"', "ab_txt.exe"), ("filename=a b.txt", "a b.txt"),
        ('filename="日期.pdf"', "日期.pdf"), ('filename=".."', "part-2.png"), ("", "part-2.png"),
    ],
)  # fmt: skip
def test_file_names_are_decoded_and_safe(disposition: str, name: str) -> None:
    """By RFC 2231, by RFC 2047 where it does not belong, and raw."""
    raw = multipart(part("Hi"), part(PNG, "image/png", f"Content-Disposition: attachment; {disposition}"))
    assert read(raw).attachments[0].name == name


def test_a_long_name_keeps_its_ending() -> None:
    """At most 255 bytes, as file systems count."""
    raw = multipart(part("Hi"), part(PNG, "image/png", f'Content-Disposition: attachment; filename="{"日" * 300}.pdf"'))
    name = read(raw).attachments[0].name
    assert name.endswith("日.pdf")
    assert len(name.encode()) <= 255


def test_images_that_the_page_shows_are_inline() -> None:
    """By their content id; the body keeps the words about them."""
    html = part(
        '<p>Look: <img src="cid:logo@x" alt="the logo"><img src="https://spy.example/1.gif" width=1></p>', "text/html"
    )
    raw = multipart(
        html,
        part(PNG, "image/png", "Content-ID: <logo@x>"),
        part(PNG, "image/png", "Content-ID: <o@x>"),
        kind="related",
    )
    mail = read(raw)
    assert mail.text == "Look: the logo"
    assert [(each.content_id, each.inline) for each in mail.attachments] == [("logo@x", True), ("o@x", False)]


def test_forwarded_mails_calendars_and_winmail_are_attachments() -> None:
    """Their words are not mixed into the body."""
    forwarded = b"Content-Type: message/rfc822\r\n\r\nSubject: Old: date\r\n\r\nold words"
    calendar = part("BEGIN:VCALENDAR", "text/calendar; method=REQUEST")
    raw = multipart(part("See below"), forwarded, calendar, part(b"x", "application/ms-tnef"))
    mail = read(raw)
    assert mail.whole == "See below"
    assert [each.name for each in mail.attachments] == ["Old_ date.eml", "invite.ics", "winmail.dat"]
    assert part_content(raw, "2") == b"Subject: Old: date\r\n\r\nold words"


# Bodies.


@pytest.mark.parametrize(
    ("plain", "text"),
    [("Plain words", "Plain words"), ("", "Rich **words**"), (" \n ", "Rich **words**"), ("Please view this message in an HTML compatible e-mail client.", "Rich **words**"), ("您的邮件客户端不支持HTML格式", "Rich **words**")],
)  # fmt: skip
def test_plain_text_is_read_unless_it_says_nothing(plain: str, text: str) -> None:
    """Then the page is."""
    assert read(multipart(part(plain), part("<p>Rich <b>words</b></p>", "text/html"), kind="alternative")).text == text


def test_files_beside_the_richer_version_are_kept() -> None:
    """Apple Mail puts them into one of the alternatives."""
    rich = multipart(part("<p>Rich</p>", "text/html"), part(PNG, "image/png", "Content-Disposition: inline")).replace(
        b"=_b", b"=_c"
    )
    mail = read(multipart(part("Plain"), rich, kind="alternative"))
    assert mail.text == "Plain"
    assert [each.number for each in mail.attachments] == ["2.2"]


def test_html_becomes_markdown() -> None:
    """Links, lists, tables and emphasis stay; scripts, styles and hidden words go; tags in words stay words."""
    html = (
        "<style>p{}</style><script>x()</script><h2>Plan</h2><p>We <b>must</b> see <a href='https://a.example/(x)'>this</a> &lt;b&gt;\n now.</p>"
        "<ul><li>one</li><li>two</li></ul><ol start=3><li>three</li><li>four</li></ol><div style='display:none'>hidden</div>"
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table><a href='javascript:x()'>js</a>"
        "<div>line</div><div>next</div><table role=presentation><tr><td>only</td></tr></table>"
    )
    assert read(b"Content-Type: text/html\n\n" + html.encode()).text == (
        "## Plan\n\nWe **must** see [this](https://a.example/%28x%29) \\<b> now.\n\n- one\n- two\n\n3. three\n4. four\n\n"
        "| a | b |\n| --- | --- |\n| 1 | 2 |\n\njs  \nline  \nnext  \nonly"
    )


def test_flowed_text_is_joined() -> None:
    """RFC 3676: soft lines end in a space; with DelSp that space is no word space."""
    assert read(b"Content-Type: text/plain; format=flowed\n\nlong \nline\nshort\n> q1 \n> q2\n\nend").text == (
        "long line  \nshort\n\n> q1 q2\n\nend"
    )
    flowed = "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n\n交付 \n日期"
    assert read(flowed.encode()).text == "交付日期"


def test_plain_lines_stay_lines_and_wrapped_paragraphs_stay_whole() -> None:
    """In Markdown a line that was meant to end needs a hard break."""
    wrapped = "This is a paragraph that some mail client wrapped at about\nseventy columns.\nShort.\nEnd <now> & then"
    assert read(wrapped.encode().join([b"\n", b""])).text == (
        "This is a paragraph that some mail client wrapped at about\nseventy columns.  \nShort.  \nEnd \\<now> & then"
    )


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHi\n", "Hi"),
        (b"Content-Type: multipart/mixed\n\n--b\n\nHi\n--b--\n", "Hi"),
        (b"Content-Type: multipart/mixed; boundary=wrong\n\n--b\n\nHi\n--b--\n", "Hi"),
        (b"Content-Type: multipart/mixed; boundary=b\n\nHi", "Hi"),
        (b"Content-Type: text\n\nHi", "Hi"),
        (b"Content-Type: ;;;\n\nHi", "Hi"),
        (b"Subject: a\nbadly folded\nTo: b@c.example\n\nHi", "Hi"),
        (b"Subject: a\rTo: b@c.example\r\rHi", "Hi"),
        (b"From li Mon Feb  2 10:00:00 2026\nSubject: a\n\nHi", "Hi"),
        (b"\xef\xbb\xbfHi", "Hi"),
        (b"Hi", "Hi"),
        (b"Content-Type: text/html\n\nhttps://acme.example/a", "https://acme.example/a"),
        (b"Content-Type: text/html\n\na <!-- never closed", "a"),
        (b"Content-Type: text/html\n\n<?xml version='1.0'?><p>1 < 2 &amp; <a b", "1 \\< 2 & \\<a b"),
        (b"", ""),
    ],
)
def test_broken_messages_are_read_as_people_would(raw: bytes, text: str) -> None:
    """Unterminated, without boundaries, badly folded, with the wrong line ends."""
    assert read(raw).text == text


def test_endless_nesting_has_an_end() -> None:
    """Twenty levels, two hundred parts."""
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1_000))
    assert read(deep + b"\nHi").attachments
    assert len(read(multipart(*[part(PNG, "image/png")] * 500)).attachments) < 200


# Automatic mails.


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: OOF, AutoReply", "Precedence: bulk", "X-Autoreply: yes", "X-Loop: x", "Return-Path: <>",
        "List-Id: <x.y>", "List-Unsubscribe: <https://x.example>", "Feedback-ID: 1:bulk:x", "From: no-reply@acme.example", "From: bounces+1=2@acme.example",
        "Content-Type: multipart/report; report-type=disposition-notification", "X-MS-Exchange-Inbox-Rules-Loop: a@b.example", "Subject: Automatic reply: Date",
        "Subject: 自动回复: 日期", "Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSN77ya5pel5pyf?=", "Subject: Out of Office", "X-Hub-Origin: hub",
    ],
)  # fmt: skip
def test_what_no_person_wrote_says_why(header: str) -> None:
    """In a sentence."""
    because = read(f"{header}\n\nHi".encode()).automatic
    assert because
    assert because.endswith(".")


@pytest.mark.parametrize(
    "header", ["Auto-Submitted: no", "X-Auto-Response-Suppress: DR", "Precedence: first-class", "From: nora@acme.example", "Subject: automatic replying", "Return-Path: <li@acme.example>"]
)  # fmt: skip
def test_what_a_person_wrote_has_no_reason(header: str) -> None:
    """Near misses."""
    assert read(f"{header}\n\nHi".encode()).automatic is None
