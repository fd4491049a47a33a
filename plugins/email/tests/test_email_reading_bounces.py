"""Reports of mails that did not arrive, in the form of the standard and in words."""

import os
import re
from pathlib import Path

import pytest
from hub_email.reading import read

SHARED = Path(os.environ.get("HUB_SHARED") or Path(__file__).resolve().parents[4] / "shared")
FOLDER = SHARED / "data" / "email" / "bounces"

NO_BOUNCES = {
    "sisimai_not_is-not-bounce-01": "an ordinary mail",
    "sisimai_err_make-test-36": "a person passes a bounce on",
    "sisimai_bsd_rfc3834-01": "a vacation notice",
    "sisimai_bsd_rfc3834-03": "a vacation notice",
    "sisimai_bsd_rfc3834-06": "a vacation notice",
    "sisimai_bsd_lhost-fml-02": "a mailing list tells a stranger how to join; the mail did arrive",
    "sisimai_bsd_lhost-fml-03": "a mailing list tells a stranger how to join; the mail did arrive",
}
"""Mails among the bounces that are none, each with the reason. All others must be recognised."""


def reports() -> list[Path]:
    return sorted(FOLDER.glob("*.eml"))


@pytest.fixture
def _data() -> None:
    if not FOLDER.is_dir():
        pytest.skip("the folder of real bounces is not beside this project")


@pytest.mark.data
@pytest.mark.usefixtures("_data")
def test_every_bounce_is_recognised_and_names_its_recipient() -> None:
    """And nothing else is."""
    found = {path.stem: read(path.read_bytes()) for path in reports()}
    assert len(found) >= 140
    assert {name for name, mail in found.items() if mail.bounce is None} == set(NO_BOUNCES)
    assert [name for name, mail in found.items() if mail.bounce and "@" not in mail.bounce.recipient] == []
    assert [name for name, mail in found.items() if mail.bounce and mail.automatic is None] == []


MISSES = {
    "sisimai_bsd_lhost-x5-01": "the report names nobody, and what it encloses is itself a report; we name the enclosed mail's reader",
}
"""Bounces whose recipient or status is read differently than the report states it, each with the reason."""


def formal_fields(raw: bytes) -> tuple[set[str], set[str]]:
    """All recipients and states that a delivery-status part states, found without reading the message."""
    text = raw.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    if "message/delivery-status" not in text.lower():
        return set(), set()
    fields = re.findall(
        r"^(?:final|original)-recipient:[^;\n]*;\s*<?([^\s>]+@[^\s>]+)", text, re.IGNORECASE | re.MULTILINE
    )
    states = re.findall(r"^status:\s*(\d\.\d+\.\d+)", text, re.IGNORECASE | re.MULTILINE)
    return {field.lower() for field in fields}, set(states)


@pytest.mark.data
@pytest.mark.usefixtures("_data")
def test_recipient_and_status_are_those_of_the_report() -> None:
    """Wherever a report states them in the form of the standard."""
    agrees = {}
    for path in reports():
        recipients, states = formal_fields(path.read_bytes())
        bounce = read(path.read_bytes()).bounce
        if bounce is not None and recipients:
            agrees[path.stem] = bounce.recipient.lower() in recipients and (not states or bounce.status in states)
    assert len(agrees) >= 60
    assert {name for name, same in agrees.items() if not same} == set(MISSES)


@pytest.mark.data
@pytest.mark.usefixtures("_data")
def test_a_bounce_has_the_id_of_the_mail_that_came_back() -> None:
    """Where the report carries any other Message-ID than its own."""
    for path in reports():
        mail = read(path.read_bytes())
        text = path.read_bytes().decode("latin-1").replace("\r", "\n")
        ids = re.findall(r"^message-id:\s*<([^<>\s]+)>", text, re.IGNORECASE | re.MULTILINE)
        others = [each for each in ids if each != mail.message_id]
        if mail.bounce and others:
            assert mail.bounce.original_message_id in others, path.name


# Forms that the data do not have.

QMAIL = b"""Return-Path: <>
From: MAILER-DAEMON@mx.example
To: hub@hub.example
Subject: failure notice

Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<li@acme.example>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 no such user
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.

Return-Path: <hub@hub.example>
Message-ID: <hub.7@hub.example>
To: li@acme.example
"""

QQ = """From: "PostMaster@qq.com" <PostMaster@qq.com>
To: hub@hub.example
Subject: 来自qq.com的退信
Content-Type: text/plain; charset=utf-8

很抱歉您发送的邮件被退回，以下是该邮件的相关信息：

被退回邮件
主题：日期
时间：2026-02-02 10:00:00

无法发送到 li@acme.example
退信原因 收件人邮箱地址不存在，邮件无法送达。
mx.acme.example [192.0.2.1]: 550 5.1.1 User unknown
解决方案
请联系您的收件人，重新核实邮箱地址。
""".encode()

NETEASE = """From: =?gbk?B?UG9zdG1hc3Rlcg==?= <Postmaster@163.com>
To: hub@hub.example
Subject: =?utf-8?B?57O757uf6YCA5L+hL1N5c3RlbXMgYm91bmNl?=
Content-Type: text/html; charset=utf-8

<div>抱歉，您的邮件被退回来了……</div>
<table><tr><td>原邮件信息：</td><td>时间：2026-02-02</td></tr>
<tr><td>收件人：</td><td>li@acme.example</td></tr>
<tr><td>退信原因：</td><td>对方邮箱已满<br>SMTP error, RCPT TO: host mx 552 5.2.2 mailbox full</td></tr></table>
""".encode()

EXCHANGE = b"""From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@acme.example>
To: hub@hub.example
Subject: Undeliverable: Date
Auto-Submitted: auto-replied
Content-Type: text/html; charset=utf-8

<p><b>Delivery has failed to these recipients or groups:</b></p>
<p><a href="mailto:li@acme.example">Li Si (li@acme.example)</a><br>The email address you entered couldn't be found.</p>
<p>Diagnostic information for administrators:</p><p>li@acme.example<br>Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound'</p>
"""


@pytest.mark.parametrize(
    ("raw", "status"),
    [(QMAIL, "5.1.1"), (QQ, "5.1.1"), (NETEASE, "5.2.2"), (EXCHANGE, "5.1.10")],
    ids=["qmail", "QQ", "163", "Exchange"],
)
def test_bounces_in_words(raw: bytes, status: str) -> None:
    """Servers that know no form still say whom and why."""
    mail = read(raw)
    assert mail.bounce is not None
    assert (mail.bounce.recipient, mail.bounce.action, mail.bounce.status) == ("li@acme.example", "failed", status)
    assert mail.bounce.permanent
    assert status in mail.bounce.diagnostic
    assert mail.automatic


def test_a_copy_below_a_line_gives_the_id_of_the_original() -> None:
    """As qmail encloses it."""
    bounce = read(QMAIL).bounce
    assert bounce is not None
    assert bounce.original_message_id == "hub.7@hub.example"


def report(action: str, status: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\r\nSubject: report\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\n\r\nwords\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; other@acme.example\r\nOriginal-Recipient: rfc822;li@acme.example\r\nAction: {action}\r\n"
        f"Status: {status}\r\nDiagnostic-Code: smtp; 4xx or 5xx\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        "Message-ID: <hub.7@hub.example>\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("action", "status", "permanent"), [("failed", "5.1.1", True), ("failed", "4.4.7", False), ("delayed", "4.4.1", False), ("delivered", "2.0.0", False)]
)  # fmt: skip
def test_only_a_lasting_failure_is_permanent(action: str, status: str, permanent: bool) -> None:
    """RFC 3464: the address we wrote to is the original recipient, not where it was forwarded to."""
    bounce = read(report(action, status)).bounce
    assert bounce is not None
    assert (bounce.recipient, bounce.action, bounce.status) == ("li@acme.example", action, status)
    assert bounce.permanent is permanent
    assert bounce.original_message_id == "hub.7@hub.example"


def test_the_gravest_of_several_recipients_is_the_bounce() -> None:
    """The others are there too."""
    raw = report("delivered", "2.0.0").replace(
        b"\r\n--b\r\nContent-Type: text/rfc822",
        b"\r\nFinal-Recipient: rfc822; b@acme.example\r\nAction: failed\r\nStatus: 5.2.1\r\n\r\n--b\r\nContent-Type: text/rfc822",
    )
    mail = read(raw)
    assert mail.bounce is not None
    assert mail.bounce.recipient == "b@acme.example"
    assert [each.action for each in mail.bounces] == ["failed", "delivered"]


@pytest.mark.parametrize(
    "raw",
    [
        b"From: info@acme.example\nSubject: Login blocked\n\nMy login was rejected and the quota is exceeded.",
        b"From: li@acme.example\nSubject: Delivery failed\n\nThe delivery could not be made on Monday, a@b.example.",
        b"Return-Path: <>\nFrom: li@acme.example\nSubject: Automatic reply: Date\n\nI am not able to deliver; returned on Monday.",
    ],
)
def test_people_who_write_of_failures_send_no_bounces(raw: bytes) -> None:
    """Words alone are not enough: a mail system must have sent it."""
    assert read(raw).bounce is None
