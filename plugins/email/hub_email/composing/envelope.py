"""Who a mail goes to and what it answers; and its headers as bytes, into which nobody can write a line of their own.

The headers are written here and not by `email.policy.default`, which encodes a Message-ID longer than a line as if it
were words (Python 3.11), so that other mail systems do not find the thread.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from hub_email.composing.ids import ascii_domain

MOST_REFERENCES = 20
"""The first, and the latest others."""
LONGEST_SUBJECT = 200
"""Characters of the subject before its tag."""
LONGEST_ID_KEPT = 900
"""A line may have 998 characters (RFC 5322, 2.1.1), and a Message-ID cannot be folded."""

_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNSEEN = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")
"""Marks that turn the direction of writing, or show nothing: they make one name look like another."""
_ANSWERED = re.compile(
    r"^\s*(?:(?:re|fwd?|aw|wg|sv|tr|rv|antw|回复|答复|转发|回覆)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE
)
_ADDRESS = re.compile(r"[^\s\x00-\x20\x7f-\xa0@<>()\[\],;:\\\"]+@[^\s\x00-\x20\x7f@<>()\[\],;:\\\"]+")
_ID = re.compile(r"<[!-;=?-~]+>")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")


def one_line(text: str) -> str:
    """*text* without line breaks, control characters and marks that cannot be seen."""
    return _BREAKS.sub(" ", _UNSEEN.sub("", text)).strip()


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mail address, and whose it is. A domain in other letters is kept in ASCII.

    Raises:
        ValueError: The address is none.
    """

    address: str
    name: str = ""

    def __post_init__(self) -> None:
        if not _ADDRESS.fullmatch(self.address) or _UNSEEN.search(self.address):
            raise ValueError(f"{self.address!r} is no mail address")
        local, _, domain = self.address.partition("@")
        object.__setattr__(self, "address", f"{local}@{ascii_domain(domain)}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """What the headers of one mail say.

    Attributes:
        sender: From whom.
        to: At least one.
        reply_to: The address with a token that replies should go to; None if the mailbox has no such addresses.
        subject: The thread's first subject; empty if this mail opens the thread under the letter's title.
        message_id: From `hub_email.composing.message_id`.
        in_reply_to: The mail that this one answers.
        references: The thread's mails before this one, the oldest first.
        date: When it was composed; aware.
        hub: The hub's id, by which hubs know their own mails (X-Hub-Origin).
        hops: How many hubs' mails led to this one (X-Hub-Hops).
        thread: The thread's id (X-Hub-Thread).
        version: The version that the mail tells (X-Hub-Version).

    Raises:
        ValueError: Nobody to send to, a naive date, or an address or a Message-ID that is none.
    """

    sender: Mailbox
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...] = ()
    reply_to: str | None = None
    subject: str = ""
    message_id: str
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    date: datetime
    hub: str
    hops: int = 0
    thread: str
    version: int

    def __post_init__(self) -> None:
        if not self.to:
            raise ValueError("a mail needs somebody to go to")
        if self.reply_to:
            Mailbox(self.reply_to)
        if self.date.utcoffset() is None:
            raise ValueError(f"the date {self.date.isoformat()} has no time zone")
        if known_ids([self.message_id]) != [self.message_id]:
            raise ValueError(f"{self.message_id!r} is no Message-ID")

    @property
    def needs_smtputf8(self) -> bool:
        """Whether the server must know SMTPUTF8 (RFC 6531): only for an address with other letters before its @."""
        return not all(each.address.isascii() for each in (self.sender, *self.to, *self.cc, *self.replies))

    @property
    def replies(self) -> tuple[Mailbox, ...]:
        """Where replies go, under the sender's name; empty where they go to the sender's own address."""
        return (Mailbox(self.reply_to, self.sender.name),) if self.reply_to else ()


def known_ids(ids: Iterable[str]) -> list[str]:
    """Those of *ids* that are Message-IDs, each once: other systems send much that is none."""
    bare = (each.strip() for each in ids)
    return list(dict.fromkeys(each for each in bare if _ID.fullmatch(each) and len(each) <= LONGEST_ID_KEPT))


def subject_line(original: str, key: str, title: str) -> str:
    """`Re: ORIGINAL`, or `TITLE [REQ-12]` for the first mail of a thread.

    Mail programs show mails as one thread only if their subjects are the same: nothing is put into a client's subject.
    """
    words, tag = one_line(original), f"[{one_line(key)}]" if key else ""
    bare = one_line(words or title)
    if not words and tag:
        bare = one_line(re.sub(re.escape(tag), " ", bare, flags=re.IGNORECASE))
    bare = _ANSWERED.sub("", bare)
    short = bare if len(bare) <= LONGEST_SUBJECT else f"{bare[: LONGEST_SUBJECT - 1].rstrip()}…"
    return " ".join(filter(None, ("Re:" if words else "", short, "" if words else tag)))


def references(envelope: Envelope) -> list[str]:
    """The thread's Message-IDs, the one answered at the end; of many, the first and the latest."""
    ids = [each for each in known_ids(envelope.references) if each != envelope.message_id]
    for answered in known_ids([envelope.in_reply_to or ""]):
        if answered not in ids[:1]:  # the first one stays where it is: it names the thread
            ids = [*(each for each in ids if each != answered), answered]
    return ids if len(ids) <= MOST_REFERENCES else [ids[0], *ids[-(MOST_REFERENCES - 1) :]]


def head(envelope: Envelope, subject: str, *, answers: bool) -> bytes:
    """The headers of one mail, each with its line end; those of its content are not among them.

    Args:
        subject: One line.
        answers: Whether the mail is an automatic answer to somebody's mail (RFC 3834, 5).
    """
    return b"".join(f"{name}: {value}\r\n".encode() for name, value in _fields(envelope, subject, answers=answers))


def _fields(envelope: Envelope, subject: str, *, answers: bool) -> Iterator[tuple[str, str]]:
    yield "Message-ID", envelope.message_id
    yield "Date", format_datetime(envelope.date)
    yield "From", _mailboxes((envelope.sender,))
    yield "To", _mailboxes(envelope.to)
    if envelope.cc:
        yield "Cc", _mailboxes(envelope.cc)
    if envelope.reply_to:
        yield "Reply-To", _mailboxes(envelope.replies)
    yield "Subject", _words("Subject", subject)
    if answered := known_ids([envelope.in_reply_to or ""]):
        yield "In-Reply-To", answered[0]
    if ids := references(envelope):
        yield "References", "\r\n ".join(ids)
    yield "Auto-Submitted", "auto-replied" if answers else "auto-generated"
    yield "X-Auto-Response-Suppress", "All"
    yield "X-Hub-Origin", _words("X-Hub-Origin", envelope.hub)
    yield "X-Hub-Thread", _words("X-Hub-Thread", envelope.thread)
    yield "X-Hub-Version", str(envelope.version)
    yield "X-Hub-Hops", str(envelope.hops)


def _words(name: str, text: str) -> str:
    """Text as a header's value (RFC 2047), in lines that are not too long."""
    line = one_line(text)
    plain = line.isascii() and "=?" not in line and all(len(word) < 70 for word in line.split())
    return Header(line, "us-ascii" if plain else "utf-8", header_name=name, maxlinelen=76).encode(linesep="\r\n")


def _mailboxes(mailboxes: Sequence[Mailbox]) -> str:
    return ",\r\n ".join(_mailbox(each) for each in mailboxes)


def _mailbox(mailbox: Mailbox) -> str:
    name = one_line(mailbox.name)[:100]
    if not name:
        return mailbox.address
    if not name.isascii() or "=?" in name:
        name = _words("Reply-To", name)
    elif not _PLAIN_NAME.fullmatch(name):
        name = _quoted(name)
    return f"{name}\r\n <{mailbox.address}>" if len(name) + len(mailbox.address) > 60 else f"{name} <{mailbox.address}>"


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
