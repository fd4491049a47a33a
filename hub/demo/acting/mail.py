"""A client with a mail program: SMTP to write (RFC 5321), IMAP to read (RFC 3501)."""

import asyncio
import email
import email.policy
import imaplib
import mimetypes
import re
import smtplib
from collections.abc import Callable, Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid
from urllib.parse import urlsplit


class AtMail:
    """Somebody with a mailbox.

    Args:
        name: What stands beside the address.
        hub: The address that requirements are mailed to.
        clock: The present moment, for the date of a mail.
    """

    def __init__(self, name: str, credentials: Mapping[str, str], hub: str, clock: Callable[[], datetime]) -> None:
        self.name, self.address = name, credentials["address"]
        self._known, self._hub, self._clock = credentials, hub, clock

    async def write(self, subject: str, words: str, *, files: Mapping[str, bytes] | None = None) -> None:
        """Write a mail to the hub's address."""
        await self._send(self._mail(subject, self._hub, words, files or {}))

    async def answer(self, mail: EmailMessage, words: str, *, files: Mapping[str, bytes] | None = None) -> None:
        """Answer a mail as mail programs do, with what it said quoted below."""
        subject = re.sub(r"^(Re: )?", "Re: ", str(mail["Subject"]), count=1)
        quoted = "\n".join(f"> {line}".rstrip() for line in text_of(mail).splitlines())
        when = f"{self._clock():%a, %d %b %Y at %H:%M}"
        whole = f"{words}\n\nOn {when}, {mail['From']} wrote:\n{quoted}\n"
        answer = self._mail(subject, str(mail["Reply-To"] or mail["From"]), whole, files or {})
        answer["In-Reply-To"] = str(mail["Message-ID"])
        answer["References"] = " ".join(f"{mail['References'] or ''} {mail['Message-ID']}".split())
        await self._send(answer)

    def _mail(self, subject: str, to: str, words: str, files: Mapping[str, bytes]) -> EmailMessage:
        mail = EmailMessage(policy=email.policy.SMTP)
        mail["From"] = formataddr((self.name, self.address))
        mail["To"], mail["Subject"] = to, subject
        mail["Date"] = format_datetime(self._clock())
        mail["Message-ID"] = make_msgid(domain=self.address.partition("@")[2])
        mail.set_content(words)
        for name, content in files.items():
            main, _, sub = (mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
            mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
        return mail

    async def _send(self, mail: EmailMessage) -> None:
        await asyncio.to_thread(self._hand_in, mail)

    def _hand_in(self, mail: EmailMessage) -> None:
        server = urlsplit(self._known["smtp"])
        with smtplib.SMTP(server.hostname or "", server.port or 0) as smtp:
            smtp.login(self._known["user"], self._known["password"])
            smtp.send_message(mail, self.address, [str(mail["To"])])

    async def inbox(self) -> list[EmailMessage]:
        """The mails in the inbox, oldest first."""
        return [
            email.message_from_bytes(raw, policy=email.policy.default) for raw in await asyncio.to_thread(self._raw)
        ]

    def _raw(self) -> list[bytes]:
        server = urlsplit(self._known["imap"])
        with imaplib.IMAP4(server.hostname or "", server.port or 0) as imap:
            imap.login(self._known["user"], self._known["password"])
            imap.select(readonly=True)
            _, (numbers,) = imap.uid("SEARCH", "ALL")
            found = [imap.uid("FETCH", number.decode(), "(BODY.PEEK[])")[1] for number in numbers.split()]
        return [parts[0][1] for parts in found]


def text_of(mail: EmailMessage) -> str:
    """What a mail says, as plain text."""
    body = mail.get_body(("plain",))
    return str(body.get_content()).replace("\r\n", "\n").strip() if body else ""


def everything_in(mail: EmailMessage) -> str:
    """All that somebody could find in a mail: its headers, its texts and the names of its files; on one line."""
    parts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
    heads = [f"{name}: {value}" for part in mail.walk() for name, value in part.items()]
    return " ".join(" ".join([*heads, *(str(part.get_content()) for part in parts)]).split())


def thread_of(mail: EmailMessage) -> set[str]:
    """The mails that a mail says it belongs with, by their Message-IDs (RFC 5322 §3.6.4)."""
    return set(f"{mail['References'] or ''} {mail['In-Reply-To'] or ''}".split())
