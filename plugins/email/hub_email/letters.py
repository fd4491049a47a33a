"""What goes around a letter: to whom, in which thread, in which language, under which Message-ID."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypedDict

from hub.sdk import Setup, counted
from hub_email.composing import (
    Enclosure,
    Envelope,
    Language,
    Letter,
    Mailbox,
    Templates,
    compose,
    language_of,
    message_id,
    plus_address,
    token,
)
from hub_email.config import EmailConfig
from hub_email.copies import Copy
from hub_email.entry import Entry
from hub_email.looking import Looking
from hub_email.outbox import Parcel
from hub_email.people import Who

INSTANT = timedelta(microseconds=1)


class Unmailable(Exception):
    """A mail cannot be written; says why, for a person."""


class Common(TypedDict):
    """What all letters say."""

    language: Language
    recipient: str
    key: str
    title: str
    team: str
    signature: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """What one mail is for.

    Args:
        thread: The thread's id; empty for a mail that begins one.
        what: Tells mails of one thread and version apart.
        to: The address of the requester.
    """

    kind: str
    thread: str
    what: str
    version: int
    key: str
    to: str
    markers: tuple[str, ...] = ()


class Letters:
    """Writes mails for one connection."""

    def __init__(self, setup: Setup, looking: Looking) -> None:
        self._setup, self._looking = setup, looking
        self._config: EmailConfig = setup.config
        self._templates: Templates | None = None

    @property
    def templates(self) -> Templates:
        """The user's, read once. Raises TemplateBroken."""
        if self._templates is None:
            folder = self._config.templates
            self._templates = Templates(self._setup.folder / folder if folder else None)
        return self._templates

    @property
    def team(self) -> str:
        """Who writes."""
        return self._config.team or self._config.name or self._config.address

    def common(self, key: str, fields: Mapping[str, Any]) -> Common:
        """What every letter about a requirement says."""
        to = str(fields.get("requester") or "")
        return {
            "language": self._language(fields),
            "recipient": self._looking.records.contacts().get(to, ""),
            "key": key,
            "title": str(fields.get("title") or ""),
            "team": self.team,
            "signature": self._config.signature,
        }

    def _language(self, fields: Mapping[str, Any]) -> Language:
        if self._config.language != "auto":
            return self._config.language
        return language_of(f"{fields.get('title') or ''}\n{fields.get('description') or ''}")

    def requester(self, thread: str, fields: Mapping[str, Any]) -> str:
        """Whom to write to. Raises Unmailable where there is nobody, or where two machines write to each other."""
        if wild := self._looking.threads.runs_wild(thread):
            brake = self._config.brake
            raise Unmailable(
                f"{wild} wrote more than {counted(brake.mails, 'mail')} to this thread within "
                f"{counted(brake.minutes, 'minute')}: it may be a machine, so nothing more is sent; "
                "put those mails into another folder to go on"
            )
        if not fields.get("requester"):
            raise Unmailable("there is nobody to write to: the requester is not known, or not verified")
        return str(fields["requester"])

    def parcel(
        self, purpose: Purpose, letter: Letter, told: Mapping[str, Any], files: Sequence[Enclosure] = ()
    ) -> Parcel:
        """The mail, ready to go. Raises Unmailable, TemplateBroken, OSError."""
        try:
            envelope = self._envelope(purpose)
        except ValueError as error:
            raise Unmailable(f"no mail can be addressed: {error}") from None
        thread = envelope.thread
        copy = Copy(
            purpose.kind, thread, purpose.key, purpose.version, purpose.markers, self._token(thread), sending=False
        )
        recipients = tuple(each.address for each in (*envelope.to, *envelope.cc))
        raw = compose(letter, envelope, files, self.templates)
        return Parcel(bare(envelope.message_id), raw, copy, told, recipients, envelope.needs_smtputf8)

    def _envelope(self, purpose: Purpose) -> Envelope:
        threads, names = self._looking.threads, self._looking.records.contacts()
        thread = shortened(purpose.thread)
        own = message_id(self._setup.hub_id, thread, purpose.what, purpose.version, self._config.domain)
        first = threads.first(purpose.thread) if purpose.thread else None
        before = self._before(purpose.thread)
        answered = first if purpose.version == 1 and first else next(reversed(before), None)
        earlier = (*(first.references if first else ()), *([purpose.thread] if purpose.thread else ()))
        return Envelope(
            sender=Mailbox(self._config.address, self._config.name or self._config.team),
            to=(Mailbox(purpose.to, names.get(purpose.to, "")),),
            cc=tuple(self._others(first, purpose.to)) if first and self._config.reply_all else (),
            reply_to=self._reply_to(purpose.thread or bare(own)),
            subject=self._subject(first, before),
            message_id=own,
            in_reply_to=f"<{answered.id}>" if answered else None,
            references=tuple(f"<{each}>" for each in (*earlier, *(entry.id for entry in before))),
            date=self._setup.clock(),
            hub=self._setup.hub_id,
            thread=purpose.thread or bare(own),
            version=purpose.version,
        )

    def _before(self, thread: str) -> list[Entry]:
        """The mails of a thread until now, as they came and went."""
        threads = self._looking.threads
        return in_order((*threads.members.get(thread, ()), *threads.sent.get(thread, ())))

    def _subject(self, first: Entry | None, before: Sequence[Entry]) -> str:
        """What the thread is called; nothing if it begins only now."""
        return first.subject if first else next((entry.subject for entry in before), "")

    def _others(self, first: Entry, to: str) -> list[Mailbox]:
        who = Who(self._config)
        others = {each.email.lower(): each for each in first.to if not who.is_us(each)}
        return [Mailbox(each.email, each.name) for address, each in others.items() if address != to]

    def _token(self, thread: str) -> str:
        return token(self._looking.secret, thread, self._config.address)

    def _reply_to(self, thread: str) -> str | None:
        if not self._config.plus_addressing:
            return None
        try:
            return plus_address(self._config.address, self._token(thread))
        except ValueError:  # no room before the @
            return None


def bare(name: str) -> str:
    """A Message-ID without its brackets."""
    return name.strip().removeprefix("<").removesuffix(">")


def shortened(thread: str) -> str:
    """A thread's id in few letters: some programs break Message-IDs that are longer than a line."""
    return hashlib.sha256(thread.encode("utf-8", "surrogatepass")).hexdigest()[:16] if thread else ""


def digest(told: Mapping[str, Any]) -> str:
    """A few letters that change with what is told."""
    data = json.dumps(told, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:8]


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Mails by their time, but none before one that it answers: ours and the servers' clocks differ, and tell seconds."""
    mails = sorted(entries, key=lambda entry: entry.at)
    times = {entry.id: entry.at for entry in mails}
    for _ in range(2):  # the second time for what answers a mail whose own time has just been moved
        for entry in mails:
            answered = (times[each] + INSTANT for each in (*entry.answers, *entry.references) if each in times)
            times[entry.id] = max((entry.at, *answered))
    return sorted(mails, key=lambda entry: times[entry.id])
