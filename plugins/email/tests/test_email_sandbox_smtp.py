"""The sandbox's SMTP, as the standard library and aiosmtplib use it."""

import base64
import email
import email.policy
import os
import smtplib
import time
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest
from hub_email.sandbox import MailSandbox
from hub_email.sandbox.post import LARGEST

from hub.sdk.sandbox import Faults, SandboxServer, serve
from tests.mail.letters import ANA, HUB, WEI, letter


@pytest.fixture
def sandbox() -> MailSandbox:
    return MailSandbox()


@pytest.fixture
def server(sandbox: MailSandbox) -> Iterator[SandboxServer]:
    with serve(sandbox) as running:
        yield running


def port(server: SandboxServer) -> int:
    return int(server.connection()["smtp"].rpartition(":")[2])


@pytest.fixture
def client(server: SandboxServer) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", port(server), timeout=10) as opened:
        yield opened


def got(sandbox: MailSandbox, address: str = HUB, number: int = -1) -> EmailMessage:
    raw = sandbox.folder(address).messages[number].raw
    message: Any = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def subjects(sandbox: MailSandbox, address: str = HUB) -> list[str]:
    return [each.shown()["headers"]["Subject"] for each in sandbox.folder(address).messages]


def test_the_server_says_what_it_can(client: smtplib.SMTP) -> None:
    client.ehlo()
    assert set(client.esmtp_features) >= {"size", "8bitmime", "smtputf8", "auth"}
    assert set(client.esmtp_features["auth"].split()) == {"LOGIN", "PLAIN", "XOAUTH2"}
    assert int(client.esmtp_features["size"]) == LARGEST


def test_a_message_arrives_with_the_way_it_came_on_top(client: smtplib.SMTP, sandbox: MailSandbox) -> None:
    client.login(WEI, sandbox.post.boxes[WEI].password)
    client.send_message(letter("交期变更", text="改到 6 月 30 日\n"), WEI, [HUB])
    raw = sandbox.folder(HUB).messages[0].raw
    top = [line.partition(b":")[0] for line in raw.splitlines() if not line.startswith(b"\t")][:5]
    assert top == [b"Return-Path", b"Delivered-To", b"Authentication-Results", b"Received", b"From"]
    assert got(sandbox)["Return-Path"] == f"<{WEI}>"
    assert got(sandbox).get_content() == "改到 6 月 30 日\r\n"


def test_a_plus_address_reaches_the_box_before_the_plus_and_is_told(client: smtplib.SMTP, sandbox: MailSandbox) -> None:
    recipients = ["hub+K7Q2@example.test", "hub+OTHER@example.test", ANA]
    client.send_message(letter("with tokens"), WEI, recipients)
    assert [got(sandbox, HUB, n)["Delivered-To"] for n in (0, 1)] == recipients[:2]
    assert subjects(sandbox, ANA) == ["with tokens"]


def test_an_address_may_be_chinese(client: smtplib.SMTP, sandbox: MailSandbox) -> None:
    client.ehlo()
    client.sendmail("李伟@acme.example", [HUB], bytes(letter("国际")), ["SMTPUTF8", "BODY=8BITMIME"])
    assert sandbox.folder(HUB).messages[0].raw.startswith("Return-Path: <李伟@acme.example>\r\n".encode())


def test_a_bounce_comes_from_nobody(client: smtplib.SMTP, sandbox: MailSandbox) -> None:
    client.sendmail("", [HUB], bytes(letter("returned", "MAILER-DAEMON@acme.example")))
    assert got(sandbox)["Return-Path"] == "<>"


@pytest.mark.parametrize(("address", "code"), [("nobody@example.test", b"5.1.1"), ("x@elsewhere.example", b"5.7.1")])
def test_strangers_are_refused_and_the_others_get_it(
    client: smtplib.SMTP, sandbox: MailSandbox, address: str, code: bytes
) -> None:
    refused = client.send_message(letter("to some"), WEI, [HUB, address])
    assert refused[address][0] == 550
    assert refused[address][1].startswith(code)
    assert subjects(sandbox) == ["to some"]


def test_who_signed_in_may_send_to_other_domains_and_it_is_kept(client: smtplib.SMTP, sandbox: MailSandbox) -> None:
    client.login(HUB, sandbox.bot.password)
    client.send_message(letter("far away", HUB), HUB, ["x@elsewhere.example"])
    (sent,) = sandbox.state()["outside"]
    assert (sent["from"], sent["to"]) == (HUB, "x@elsewhere.example")
    assert "Subject: far away" in sent["message"]


@pytest.mark.parametrize(
    ("user", "sender", "verdict"),
    [
        (WEI, f"Wei <{WEI}>", "dmarc=pass header.from=acme.example"),
        (WEI, HUB, "dmarc=fail header.from=example.test"),
        ("", WEI, "dmarc=fail header.from=acme.example"),
    ],
)
def test_only_who_signed_in_under_the_name_of_from_is_verified(
    client: smtplib.SMTP, sandbox: MailSandbox, user: str, sender: str, verdict: str
) -> None:
    forged = letter("claims", sender)
    forged["Authentication-Results"] = "mx.example.test; dmarc=pass header.from=example.test"
    if user:
        client.login(user, sandbox.post.boxes[user].password)
    client.send_message(forged, user or WEI, [HUB])
    assert got(sandbox).get_all("Authentication-Results", [])[0] == f"mx.example.test; {verdict}"


def test_a_provider_may_verify_nobody(client: smtplib.SMTP, sandbox: MailSandbox) -> None:
    sandbox.post.authentication_results = False
    client.send_message(letter("plain"), WEI, [HUB])
    assert got(sandbox)["Authentication-Results"] is None


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_passwords_are_judged_by_every_mechanism(client: smtplib.SMTP, sandbox: MailSandbox, mechanism: str) -> None:
    client.ehlo()
    client.user, client.password = HUB, "wrong"
    respond: Any = getattr(client, f"auth_{mechanism.lower()}")
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        client.auth(mechanism, respond)
    assert refused.value.smtp_code == 535
    client.password = sandbox.bot.password
    assert client.auth(mechanism, respond)[0] == 235


def test_a_token_signs_in_and_a_wrong_one_is_told_why(client: smtplib.SMTP, sandbox: MailSandbox) -> None:
    client.ehlo()
    wrong, right = (
        base64.b64encode(f"user={HUB}\x01auth=Bearer {each}\x01\x01".encode()).decode()
        for each in ("old", sandbox.bot.token)
    )
    code, challenge = client.docmd("AUTH", f"XOAUTH2 {wrong}")
    assert (code, b'"status": "400"' in base64.b64decode(challenge)) == (334, True)
    assert client.docmd("")[0] == 535
    assert client.docmd("AUTH", f"XOAUTH2 {right}")[0] == 235


async def test_aiosmtplib_sends_by_password_and_by_token(server: SandboxServer, sandbox: MailSandbox) -> None:
    async def token() -> str:
        return sandbox.bot.token

    for signing_in in ({"password": sandbox.bot.password}, {"oauth_token_generator": token}):
        await aiosmtplib.send(
            letter("from the hub", HUB, WEI),
            hostname="127.0.0.1",
            port=port(server),
            username=HUB,
            start_tls=False,
            **signing_in,
        )
    assert [each["Authentication-Results"] for each in (got(sandbox, WEI, 0), got(sandbox, WEI, 1))] == [
        "mx.example.test; dmarc=pass header.from=example.test"
    ] * 2


def test_twelve_megabytes_arrive_whole(client: smtplib.SMTP, sandbox: MailSandbox) -> None:
    content, message = os.urandom(12 * 2**20), letter("large")
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename="plan.bin")
    client.send_message(message, WEI, [HUB])
    assert next(got(sandbox).iter_attachments()).get_content() == content


def test_what_is_larger_than_announced_is_refused_at_once(client: smtplib.SMTP) -> None:
    client.ehlo()
    assert client.docmd("MAIL", f"FROM:<{WEI}> SIZE={LARGEST + 1}")[0] == 552


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ({"errors": {"status": 451, "share": 1}}, 451),
        ({"errors": {"status": 550, "share": 1}}, 550),
        ({"errors": {"share": 1}}, 451),
    ],
)
def test_messages_can_be_refused_for_now_or_for_good(
    client: smtplib.SMTP, sandbox: MailSandbox, faults: dict[str, Any], code: int
) -> None:
    sandbox.faults = Faults.model_validate(faults)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        client.send_message(letter("unlucky"), WEI, [HUB])
    assert refused.value.smtp_code == code
    sandbox.faults = Faults()
    client.send_message(letter("lucky"), WEI, [HUB])
    assert subjects(sandbox) == ["lucky"]


def test_a_slow_service_answers_late(client: smtplib.SMTP, sandbox: MailSandbox) -> None:
    sandbox.faults = Faults(latency_ms=60)
    began = time.monotonic()
    client.send_message(letter("late"), WEI, [HUB])
    assert time.monotonic() - began >= 0.06


def test_more_messages_than_allowed_have_to_wait(client: smtplib.SMTP, sandbox: MailSandbox) -> None:
    sandbox.faults = Faults.model_validate({"rate_limit": {"requests": 1, "per_s": 60}})
    client.send_message(letter("first"), WEI, [HUB])
    with pytest.raises(smtplib.SMTPDataError, match="Too many messages"):
        client.send_message(letter("second"), WEI, [HUB])


@pytest.mark.parametrize(("fault", "arrived"), [("drop_after_commit", ["ambiguous"]), ("disconnect", [])])
def test_a_broken_connection_says_nothing_of_what_was_delivered(
    server: SandboxServer, sandbox: MailSandbox, fault: str, arrived: list[str]
) -> None:
    sandbox.faults = Faults.model_validate({fault: {"share": 1}})
    client = smtplib.SMTP("127.0.0.1", port(server), timeout=10)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        client.send_message(letter("ambiguous"), WEI, [HUB])
    client.close()
    assert subjects(sandbox) == arrived
