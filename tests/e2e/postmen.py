"""Two ways in which the client's mails travel: the embedded mail system of the sandbox, and real servers."""

import email
import email.policy
import smtplib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

import httpx

from hub.sdk.sandbox import SandboxServer
from tests.e2e.bench import done
from tests.mail.servers import MailServers

CLIENT, HUB = "wei.li@acme.example", "hub@example.test"


class Postman(ABC):
    """Carries mails between the client and the hub's address."""

    @abstractmethod
    def connection(self) -> Mapping[str, Any]:
        """The `[connections.X]` table for the hub's address."""

    @abstractmethod
    def post(self, message: bytes, sender: str = CLIENT, *, signed_in: bool = True) -> None:
        """Hand a mail to the hub's address over, and wait until it has arrived."""

    @abstractmethod
    def inbox(self, address: str = CLIENT) -> list[EmailMessage]:
        """The mails in somebody's inbox, oldest first."""

    def await_mails(self, count: int, address: str = CLIENT) -> list[EmailMessage]:
        """The mails in somebody's inbox, once there are *count*."""
        mails = self.inbox(address)
        assert len(mails) >= count, [str(mail["Subject"]) for mail in mails]
        return mails


class SandboxPostman(Postman):
    """The embedded mail system."""

    def __init__(self, server: SandboxServer) -> None:
        self._server = server

    def connection(self) -> Mapping[str, Any]:
        return self._server.connection()

    def post(self, message: bytes, sender: str = CLIENT, *, signed_in: bool = True) -> None:
        who = next(p.credentials for p in self._server.sandbox.people() if p.credentials["address"] == sender)
        host, _, port = who["smtp"].removeprefix("smtp://").partition(":")
        with smtplib.SMTP(host, int(port)) as smtp:
            if signed_in:
                smtp.login(who["user"], who["password"])
            smtp.sendmail(sender, [HUB], message)

    def inbox(self, address: str = CLIENT) -> list[EmailMessage]:
        with httpx.Client(base_url=self._server.url, timeout=60) as control:
            listed = done(control.get(f"/_mail/boxes/{address}/INBOX"))
            raws = [control.get(f"/_mail/boxes/{address}/INBOX/{each['uid']}").content for each in listed]
        return [parsed(raw) for raw in raws]


class RealPostman(Postman):
    """Dovecot and Exim."""

    def __init__(self, servers: MailServers) -> None:
        self._servers = servers

    def connection(self) -> Mapping[str, Any]:
        return self._servers.connection(HUB)

    def post(self, message: bytes, sender: str = CLIENT, *, signed_in: bool = True) -> None:
        before = len(self._servers.messages(HUB))
        self._servers.send(message, sender, HUB, signed_in=signed_in)
        self._servers.wait_for(HUB, before + 1)

    def inbox(self, address: str = CLIENT) -> list[EmailMessage]:
        return [parsed(raw) for raw in self._servers.messages(address)]

    def await_mails(self, count: int, address: str = CLIENT) -> list[EmailMessage]:
        return [parsed(raw) for raw in self._servers.wait_for(address, count)]


def parsed(raw: bytes) -> EmailMessage:
    """A mail as its reader's program understands it."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def plain(mail: EmailMessage) -> str:
    """What a mail says, as plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
