"""What the imitated provider keeps: boxes with folders with messages, in memory."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from hub_email.sandbox import showing
from hub_email.sandbox.mime import Part, taken_apart, with_crlf

INBOX = "INBOX"
SPECIAL = {"Sent": r"\Sent", "Drafts": r"\Drafts", "Trash": r"\Trash", "Junk": r"\Junk", "Archive": r"\Archive"}
"""Folders that every box has beside the inbox, and what they are for (RFC 6154)."""
SYSTEM_FLAGS = {name.lower(): name for name in (r"\Answered", r"\Flagged", r"\Deleted", r"\Seen", r"\Draft")}


class NoSuchFolder(ValueError):
    """Raised for the name of a folder, or the address of a box, that is not there."""


@dataclass(eq=False)
class Message:
    """A message in a folder. `modseq` grows whenever its flags change (RFC 7162)."""

    uid: int
    raw: bytes
    at: datetime
    """When it arrived; IMAP's INTERNALDATE."""
    modseq: int
    flags: set[str] = field(default_factory=set)

    @cached_property
    def part(self) -> Part:
        """The message taken apart."""
        return taken_apart(self.raw)

    @cached_property
    def wording(self) -> str:
        """All of it decoded, in small letters."""
        return "\n".join(showing.everything(self.part)).lower()

    def shown(self) -> dict[str, Any]:
        """The message as the control API tells it."""
        return {
            "uid": self.uid,
            "flags": sorted(self.flags),
            "at": self.at.isoformat(),
            "size": len(self.raw),
            "headers": showing.headers(self.part),
            "text": showing.text(self.raw),
        }


class Folder:
    """Messages by growing uid; whoever watches is told of every change."""

    def __init__(self, name: str, uidvalidity: Callable[[], int]) -> None:
        self.name, self.special = name, SPECIAL.get(name, "")
        self._next_validity = uidvalidity
        self.uidvalidity, self.uidnext, self.modseq = uidvalidity(), 1, 1
        self.messages: list[Message] = []
        self.watchers: set[Callable[[], None]] = set()

    def add(self, raw: bytes, at: datetime, flags: Iterable[str] = ()) -> Message:
        """A new last message."""
        self.modseq += 1
        message = Message(self.uidnext, with_crlf(raw), at, self.modseq, {canonical(each) for each in flags})
        self.uidnext += 1
        self.messages.append(message)
        self._tell()
        return message

    def remove(self, gone: Iterable[Message]) -> None:
        """Take messages out for good."""
        leaving = set(gone)
        if leaving:
            self.messages = [each for each in self.messages if each not in leaving]
            self.modseq += 1
            self._tell()

    def set_flags(self, message: Message, flags: Iterable[str]) -> None:
        """Give a message these flags and no others."""
        wanted = {canonical(each) for each in flags}
        if wanted != message.flags:
            self.modseq += 1
            message.flags, message.modseq = wanted, self.modseq
            self._tell()

    def reset(self) -> None:
        """A new UIDVALIDITY, and all messages numbered anew, as after a restore of the store."""
        self.uidvalidity, self.uidnext = self._next_validity(), len(self.messages) + 1
        for number, message in enumerate(self.messages, 1):
            self.modseq += 1
            message.uid, message.modseq = number, self.modseq
        self._tell()

    def message(self, uid: int) -> Message | None:
        """The message of this uid."""
        return next((each for each in self.messages if each.uid == uid), None)

    def flags(self) -> list[str]:
        """Every flag there is here; the system's own first."""
        return [*SYSTEM_FLAGS.values(), *sorted({f for m in self.messages for f in m.flags if not f.startswith("\\")})]

    def _tell(self) -> None:
        for watcher in list(self.watchers):
            watcher()


def canonical(flag: str) -> str:
    """A flag as it is kept: system flags are the same in all letter cases (RFC 3501 §2.3.2)."""
    return SYSTEM_FLAGS.get(flag.lower(), flag)


@dataclass
class Box:
    """An address with a password, an access token, and folders."""

    address: str
    name: str
    password: str
    token: str
    folders: dict[str, Folder] = field(default_factory=dict)
    subscribed: set[str] = field(default_factory=set)

    def folder(self, name: str) -> Folder:
        """The folder of this name; the inbox in any letter case.

        Raises:
            NoSuchFolder: There is none.
        """
        if found := self.folders.get(inbox_or(name)):
            return found
        raise NoSuchFolder(f"{self.address} has no folder {name!r}")


def inbox_or(name: str) -> str:
    """The name, with the one of the inbox as it is kept."""
    head, slash, rest = name.partition("/")
    return f"{INBOX}{slash}{rest}" if head.upper() == INBOX else name


class Boxes(Mapping[str, Box]):
    """All boxes by address."""

    def __init__(self) -> None:
        self._all: dict[str, Box] = {}
        self._validity = itertools.count(1_700_000_001)

    def __getitem__(self, address: str) -> Box:
        return self._all[address.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def open(self, address: str, name: str, password: str, token: str) -> Box:
        """A new box with the usual folders."""
        box = Box(address, name, password, token)
        for each in (INBOX, *SPECIAL):
            self.add_folder(box, each)
        self._all[address.lower()] = box
        return box

    def add_folder(self, box: Box, name: str) -> Folder:
        """A new, empty, subscribed folder."""
        box.folders[name] = folder = Folder(name, lambda: next(self._validity))
        box.subscribed.add(name)
        return folder

    @property
    def domains(self) -> set[str]:
        """The domains whose mail is taken in."""
        return {each.rpartition("@")[2] for each in self._all}

    def box_for(self, recipient: str) -> Box | None:
        """The box of an address; of a plus-address, that of the part before the plus."""
        local, _, domain = recipient.lower().rpartition("@")
        return self._all.get(f"{local}@{domain}") or self._all.get(f"{local.partition('+')[0]}@{domain}")

    def folder(self, address: str, name: str) -> Folder:
        """A folder of a box.

        Raises:
            NoSuchFolder: There is no such box, or no such folder in it.
        """
        if address not in self:
            raise NoSuchFolder(f"there is no box {address!r}")
        return self[address].folder(name)
