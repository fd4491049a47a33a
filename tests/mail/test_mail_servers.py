"""A real mail system is there to test against: what is sent arrives in the right box, and nowhere else."""

import email
import email.policy
import imaplib
import os
import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.mail import servers
from tests.mail.letters import ANA, HUB, WEI, letter
from tests.mail.servers import HOST, MailServers, mail_servers


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServers]:
    with mail_servers() as running:
        yield running


def arrived(mail: MailServers, address: str, subject: str) -> EmailMessage:
    found: list[EmailMessage] = []

    def is_there() -> bool:
        parsed = [email.message_from_bytes(raw, policy=email.policy.default) for raw in mail.messages(address)]
        found.extend(each for each in parsed if each["Subject"] == subject)
        return bool(found)

    assert servers.until(is_there, 20), mail.logs()
    return found[0]


def test_a_message_arrives_in_the_box_of_its_recipient_alone(mail: MailServers) -> None:
    mail.send(bytes(letter("to the hub", text="交期改到 6 月 30 日\n")), WEI, HUB)
    got = arrived(mail, HUB, "to the hub")
    assert got.get_content() == "交期改到 6 月 30 日\r\n"
    assert got["Return-Path"] == f"<{WEI}>"
    assert all(b"to the hub" not in raw for raw in mail.messages(ANA) + mail.messages(WEI))


def test_a_plus_address_reaches_the_box_before_the_plus_and_is_told(mail: MailServers) -> None:
    mail.send(bytes(letter("with a token", to="hub+K7Q2@example.test")), WEI, "hub+K7Q2@example.test")
    got = arrived(mail, HUB, "with a token")
    assert got["Envelope-To"].lower() == got["Delivered-To"].strip("<>").lower() == "hub+k7q2@example.test"


def test_people_of_both_domains_get_mail(mail: MailServers) -> None:
    mail.send(bytes(letter("to all", HUB, f"{ANA}, {WEI}")), HUB, ANA, WEI)
    assert arrived(mail, ANA, "to all")["Message-ID"] == arrived(mail, WEI, "to all")["Message-ID"]


@pytest.mark.parametrize(("address", "code"), [("nobody@example.test", b"5.1.1"), ("x@elsewhere.example", b"5.7.1")])
def test_strangers_are_refused_at_once(mail: MailServers, address: str, code: bytes) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        mail.send(bytes(letter("lost")), WEI, address)
    status, words = refused.value.recipients[address]
    assert status == 550
    assert code in words


def test_an_attachment_of_twelve_megabytes_arrives_whole(mail: MailServers) -> None:
    content, message = os.urandom(12 * 2**20), letter("large")
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename="plan.bin")
    mail.send(bytes(message), WEI, HUB)
    got = next(arrived(mail, HUB, "large").iter_attachments())
    assert got.get_content() == content


def test_only_who_signed_in_under_the_name_of_from_is_verified(mail: MailServers) -> None:
    forged = letter("forged", WEI)
    forged["Authentication-Results"] = "mx.example.test; dmarc=pass header.from=acme.example"
    mail.send(bytes(letter("honest", WEI)), WEI, HUB)
    mail.send(bytes(forged), ANA, HUB)
    mail.send(bytes(letter("anonymous", WEI)), WEI, HUB, signed_in=False)
    subjects = ("honest", "forged", "anonymous")
    assert {each: arrived(mail, HUB, each)["Authentication-Results"] for each in subjects} == {
        "honest": "mx.example.test; dmarc=pass header.from=acme.example",
        "forged": "mx.example.test; dmarc=fail header.from=acme.example",
        "anonymous": "mx.example.test; dmarc=fail header.from=acme.example",
    }


def test_a_server_can_be_away_and_come_back_with_its_boxes(mail: MailServers) -> None:
    before = mail.messages(HUB)
    mail.stop("dovecot")
    with pytest.raises(ConnectionRefusedError):
        imaplib.IMAP4(HOST, mail.imap_port, timeout=5)
    mail.send(bytes(letter("while away")), WEI, HUB)
    mail.start("dovecot")
    assert arrived(mail, HUB, "while away")["Subject"] == "while away"
    assert mail.messages(HUB)[: len(before)] == before


def test_imap_has_what_the_connector_asks_for(mail: MailServers) -> None:
    with imaplib.IMAP4(HOST, mail.imap_port, timeout=5) as client:
        client.login(HUB, mail.password)
        told = client.capability()[1][-1]
        assert set(told.decode().split()) >= {"IDLE", "CONDSTORE", "UIDPLUS", "MOVE", "SPECIAL-USE", "ID", "ENABLE"}


def test_both_servers_speak_tls_with_a_certificate_of_their_own() -> None:
    with mail_servers(HUB, tls=True) as mail:
        trust = ssl.create_default_context(cafile=mail.certificate)
        with smtplib.SMTP(HOST, mail.smtp_port, timeout=5) as client:
            client.starttls(context=trust)
            client.login(HUB, mail.password)
        with smtplib.SMTP_SSL(HOST, mail.smtps_port, timeout=5, context=trust) as client:
            client.sendmail(HUB, [HUB], bytes(letter("by tls", HUB)))
        with imaplib.IMAP4_SSL(HOST, mail.imaps_port, timeout=5, ssl_context=trust) as client:
            client.login(HUB, mail.password)
        assert len(mail.wait_for(HUB)) == 1


def test_where_the_packages_are_missing_a_test_is_passed_over_but_not_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(servers.PACKAGES, "exim4-daemon-light", Path("/nowhere/exim4"))
    monkeypatch.delenv("HUB_MAIL_SERVERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="install the packages: exim4-daemon-light"):
        servers.need_packages()
    monkeypatch.setenv("HUB_MAIL_SERVERS", "1")
    with pytest.raises(pytest.fail.Exception, match="install the packages: exim4-daemon-light"):
        servers.need_packages()
