"""A mailbox of the hub and people who write to it, by the imitation and by the real servers alike."""

import email
import email.policy
import smtplib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import imapclient  # type: ignore[import-untyped]
from hub_email.connector import EmailConnector
from hub_email.sandbox import MailSandbox

from hub.sdk import Cursor, Kind, KindSettings, Network, Page, Patch, Record, Setup, Written
from hub.sdk.sandbox import SandboxServer
from tests.mail.servers import HOST, MailServers

CLIENT, CONTACT, REQ, COMMENT, FILE = Kind.CLIENT, Kind.CONTACT, Kind.REQUIREMENT, Kind.COMMENT, Kind.ATTACHMENT
HUB_ID = "hub1"
WIDE = email.policy.SMTP.clone(max_line_length=900)


class Clock:
    """A moment that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.at


class Post(ABC):
    """A mailbox of the hub, and one of a client."""

    hub: str
    client: str
    colleague: str

    @abstractmethod
    def table(self) -> dict[str, Any]:
        """The hub's `[connections.X]` table."""

    @abstractmethod
    def password(self, address: str) -> str:
        """What opens a box."""

    @abstractmethod
    def wait(self, address: str, count: int, folder: str = "INBOX") -> list[bytes]:
        """All mails in a folder, once there are *count*."""

    @property
    def ports(self) -> tuple[int, int]:
        """Of IMAP and SMTP."""
        table = self.table()
        return int(table["imap"].rpartition(":")[2]), int(table["smtp"].rpartition(":")[2])

    def connector(
        self, settings: KindSettings | None = None, clock: Clock | None = None, **config: Any
    ) -> EmailConnector:
        """A connector to the hub's box."""
        given = EmailConnector.Config.model_validate({**self.table(), **config})
        kinds = {FILE: settings} if settings else {}

        async def no_sleep(_seconds: float) -> None:
            return None

        return EmailConnector(Setup("mail", given, kinds, Network(sleep=no_sleep), clock or Clock(), hub_id=HUB_ID))

    @contextmanager
    def imap(self, address: str = "", folder: str = "INBOX") -> Iterator[Any]:
        """A program that reads a box, for tidying and looking."""
        who = address or self.hub
        with imapclient.IMAPClient(HOST, self.ports[0], ssl=False, timeout=30) as client:
            client.login(who, self.password(who))
            client.select_folder(folder)
            yield client

    def put(self, raw: bytes | EmailMessage, folder: str = "INBOX") -> None:
        """Lay a message into the hub's box as it is, as if another server had brought it."""
        with self.imap() as client:
            client.append(folder, bytes(raw))

    def write(self, message: EmailMessage, sender: str = "", to: str = "", *, signed_in: bool = True) -> None:
        """Send a message to the hub, and wait until it is there."""
        who, recipient = sender or self.client, to or self.hub
        before = self.count()
        with smtplib.SMTP(HOST, self.ports[1], timeout=30) as client:
            if signed_in:
                client.login(who, self.password(who))
            client.sendmail(who, [recipient], bytes(message))
        self.wait(self.hub, before + 1)

    def count(self, folder: str = "INBOX", address: str = "") -> int:
        """How many mails there are."""
        with self.imap(address, folder) as client:
            return len(client.search())

    def received(self, count: int, address: str = "") -> list[EmailMessage]:
        """What the client got, once it is *count* mails."""
        return [parsed(raw) for raw in self.wait(address or self.client, count)]


class ImitatedPost(Post):
    """The sandbox."""

    def __init__(self, server: SandboxServer, sandbox: MailSandbox) -> None:
        self.server, self.sandbox = server, sandbox
        self.hub, self.client, self.colleague = "hub@example.test", "wei.li@acme.example", "ana@example.test"

    def table(self) -> dict[str, Any]:
        return self.server.connection()

    def password(self, address: str) -> str:
        return self.sandbox.post.boxes[address].password

    def wait(self, address: str, count: int, folder: str = "INBOX") -> list[bytes]:
        found = [message.raw for message in self.sandbox.folder(address, folder).messages]
        assert len(found) >= count, f"{address} has {len(found)} messages"
        return found


class RealPost(Post):
    """Dovecot and Exim; a box of its own for every test."""

    def __init__(self, servers: MailServers, number: int) -> None:
        self.servers = servers
        self.hub, self.client, self.colleague = boxes(number)

    def table(self) -> dict[str, Any]:
        return self.servers.connection(self.hub)

    def password(self, address: str) -> str:
        del address
        return self.servers.password

    def wait(self, address: str, count: int, folder: str = "INBOX") -> list[bytes]:
        return self.servers.wait_for(address, count, folder) if count else []


def boxes(number: int) -> tuple[str, str, str]:
    """The addresses of one test: the hub's, a client's, a colleague's."""
    return f"hub{number}@example.test", f"wei.li{number}@acme.example", f"ana{number}@example.test"


class Reader:
    """Reads as the engine does: kind after kind, each from its own cursor."""

    def __init__(self, connector: EmailConnector) -> None:
        self.connector = connector
        self.cursors: dict[Kind, Cursor] = {}

    async def run(self, *, full: bool = False) -> dict[Kind, list[Record]]:
        """What is new of every kind."""
        await self.connector.open()
        found: dict[Kind, list[Record]] = {}
        for kind in (CLIENT, CONTACT, REQ, COMMENT, FILE):
            got: list[Page] = [p async for p in self.connector.changes(kind, self.cursors.get(kind), full=full)]
            self.cursors[kind] = got[-1].cursor
            found[kind] = [record for page in got for record in page.records]
        return found

    async def one(self, kind: Kind = REQ) -> Record:
        """The only new record of a kind."""
        (record,) = (await self.run())[kind]
        return record

    async def tell(self, record: Record, key: str = "REQ-12", **fields: Any) -> Record:
        """Tell the client something; the record as it is then."""
        outcome = await self.tried(record, key, **fields)
        assert isinstance(outcome, Written), outcome
        return outcome.record

    async def tried(self, record: Record, key: str = "REQ-12", **fields: Any) -> Any:
        """What becomes of telling the client something."""
        (outcome,) = await self.connector.update(REQ, [Patch(record.id, fields, record, key)])
        return outcome

    async def acknowledged(self) -> Record:
        """The only new requirement, acknowledged."""
        return await self.tell(await self.one(), status="new", type="feature")


def parsed(raw: bytes) -> EmailMessage:
    """A mail as a program shows it."""
    return email.message_from_bytes(raw, EmailMessage, policy=email.policy.default)


def text_of(message: EmailMessage) -> str:
    """Its plain words."""
    body: Any = message.get_body(("plain",))
    return str(body.get_content()).replace("\r\n", "\n")


def mail(subject: str, text: str = "We need it.\n", *, sender: str, to: str, **headers: str) -> EmailMessage:
    """A message; further headers with underscores for hyphens."""
    message = EmailMessage(policy=WIDE)
    message["From"], message["To"], message["Subject"] = sender, to, subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text, cte="8bit")
    return message


def reply(
    answered: EmailMessage | Mapping[str, str], text: str, *, sender: str, to: str, number: int = 1
) -> EmailMessage:
    """An answer, as programs write its headers."""
    answers = str(answered["Message-ID"])
    earlier = f"{answered.get('References') or ''} {answers}".split()
    subject = str(answered["Subject"])
    return mail(
        subject if subject.startswith("Re:") else f"Re: {subject}",
        text,
        sender=sender,
        to=to,
        Message_ID=f"<reply{number}.{abs(hash(answers)) % 10**6}@acme.example>",
        In_Reply_To=answers,
        References=" ".join(earlier),
    )
