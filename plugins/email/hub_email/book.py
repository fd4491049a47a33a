"""What is known of both folders: every mail by its headers, and the bodies that were asked for.

All of it is read from the mailbox, and forgotten with the process.
"""

import functools
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from hub.sdk import Kind, Setup
from hub_email.config import EmailConfig
from hub_email.copies import unpacked
from hub_email.entry import ITEMS, Entry, entry_of, header_in
from hub_email.imap import Items, Opened
from hub_email.mailbox import Mailbox
from hub_email.reading import Mail, read
from hub_email.thin import STRUCTURE, can_be_thin, node_of, thin, wanted

WHOLE: Final = 256_000
"""Mails up to so many bytes are read whole; of larger ones only the words are."""
MOST_KEPT: Final = 2_000
"""Bodies that are remembered."""
BODIES: Final = 40
"""How many are asked for at once."""
BEGUN: Final = "begun"
"""Under this name the vault keeps the day from which on mails count. It is no secret, and sealed with none."""
_TOLD: Final = "BODY.PEEK[HEADER.FIELDS (X-HUB-TOLD)]"


def whole_in(items: Items) -> bytes:
    """All of a mail in a server's answer; nothing if it is gone."""
    return bytes(items.get(b"BODY[]") or b"")


@dataclass
class Shelf:
    """One folder. `uids` has those of all its mails, `entries` those that are looked at."""

    name: str
    is_sent: bool
    validity: int = 0
    next: int = 1
    uids: set[int] = field(default_factory=set)
    entries: dict[int, Entry] = field(default_factory=dict)

    def forget(self, validity: int) -> None:
        """Begin anew: all uids mean other mails now."""
        self.validity, self.next = validity, 1
        self.uids.clear()
        self.entries.clear()

    def keep_only(self, uids: Iterable[int]) -> None:
        """Drop what is gone."""
        self.uids &= set(uids)
        self.entries = {uid: entry for uid, entry in self.entries.items() if uid in self.uids}


class Book:
    """The mailbox as this process knows it.

    Attributes:
        edition: Grows whenever something came, went, or was sent.
    """

    def __init__(self, setup: Setup, mailbox: Mailbox) -> None:
        self._config: EmailConfig = setup.config
        self._hub, self._mailbox = setup.hub_id, mailbox
        self._vault, self._clock = setup.vault, setup.clock
        self.inbox, self.sent = Shelf(mailbox.inbox, is_sent=False), Shelf("", is_sent=True)
        self.edition = 0
        self._bodies: OrderedDict[str, Mail] = OrderedDict()
        self._told: dict[str, dict[str, Any]] = {}
        self._look: Opened | None = None
        self._served: set[Kind] = set()
        self._absorbed = False

    # Looking.

    def look_again(self) -> None:
        """What was seen of the inbox until now is old news."""
        self._look = None

    async def look(self, kind: Kind) -> Opened:
        """What a glance at the inbox shows; one for all kinds that are read one after another."""
        if self._look is None or kind in self._served:
            self._look, self._absorbed = await self._mailbox.open(self.inbox.name), False
            self._served.clear()
        self._served.add(kind)
        return self._look

    async def absorb(self) -> None:
        """Read the headers of all that the last glance showed to be new, and of what was sent meanwhile."""
        if not self._absorbed and self._look is not None:
            await self._catch_up(self.inbox, self._look)
            await self.read_sent()
            self._absorbed = True

    async def refresh(self) -> None:
        """Read the headers of whatever is new this moment."""
        await self._catch_up(self.inbox, await self._mailbox.open(self.inbox.name))
        await self.read_sent()

    async def read_sent(self) -> None:
        """Read the headers of what was put into the folder of sent mail since."""
        self.sent.name = self.sent.name or await self._mailbox.sent()
        await self._catch_up(self.sent, await self._mailbox.open(self.sent.name))

    async def _catch_up(self, shelf: Shelf, opened: Opened) -> None:
        if opened.validity != shelf.validity:
            shelf.forget(opened.validity)
            self.edition += 1
        if opened.next > shelf.next:
            await self._take(shelf, await self._mailbox.uids(shelf.name, shelf.next))
            shelf.next = max(opened.next, max(shelf.uids, default=0) + 1)
        if opened.count < len(shelf.uids):
            shelf.keep_only(await self._mailbox.uids(shelf.name))
            self.edition += 1

    async def _take(self, shelf: Shelf, uids: Sequence[int]) -> None:
        hub = self._hub if shelf.is_sent else None
        for uid, items in (await self._mailbox.fetch(shelf.name, uids, ITEMS)).items():
            shelf.uids.add(uid)
            if b"INTERNALDATE" in items and (shelf.is_sent or items[b"INTERNALDATE"] >= self._since):
                shelf.entries[uid] = entry_of(uid, items, self._config.authserv, hub)
            self.edition += 1

    @property
    def _since(self) -> datetime:
        return datetime.combine(self._config.since or self._begun, time(), UTC)

    @functools.cached_property
    def _begun(self) -> date:
        """The day before the hub first looked: what lay in the mailbox already is nobody's request to it."""
        kept = self._vault.get(BEGUN)
        if kept is None:
            kept = (self._clock() - timedelta(days=1)).date().isoformat()
            self._vault.keep(BEGUN, kept)
        return date.fromisoformat(kept)

    def note(self, entry: Entry) -> None:
        """A sent mail has other flags now."""
        self.sent.entries[entry.uid] = entry
        self.edition += 1

    def drop(self, entry: Entry) -> None:
        """A sent mail is gone."""
        self.sent.entries.pop(entry.uid, None)
        self.sent.uids.discard(entry.uid)
        self._told.pop(entry.id, None)
        self.edition += 1

    # Bodies.

    async def mails(self, entries: Iterable[Entry]) -> Mapping[str, Mail]:
        """The whole words of mails in the inbox, by id; those that went meanwhile are left out."""
        asked = list(entries)
        found = {each.id: self._bodies[each.id] for each in asked if each.id in self._bodies}
        missing = [each for each in asked if each.id not in found]
        small = [each for each in missing if each.size <= WHOLE]
        for start in range(0, len(small), BODIES):
            some = {each.uid: each for each in small[start : start + BODIES]}
            told = await self._mailbox.fetch(self.inbox.name, some, ["BODY.PEEK[]"])
            found |= {some[uid].id: read(raw) for uid, items in told.items() if (raw := whole_in(items))}
        for each in missing:
            if each.size > WHOLE and (mail := await self._words(each)):
                found[each.id] = mail
        self._remember(found)
        return found

    async def _words(self, entry: Entry) -> Mail | None:
        """A large mail without its files."""
        structure = (await self._mailbox.fetch(self.inbox.name, [entry.uid], STRUCTURE)).get(entry.uid)
        if structure is None:
            return None
        node = node_of(structure[b"BODYSTRUCTURE"])
        if not can_be_thin(header_in(structure), node):
            told = (await self._mailbox.fetch(self.inbox.name, [entry.uid], ["BODY.PEEK[]"])).get(entry.uid)
            return read(whole_in(told)) if told else None
        parts = (await self._mailbox.fetch(self.inbox.name, [entry.uid], wanted(node))).get(entry.uid, {})
        return thin({**structure, **parts}, node)

    def _remember(self, found: Mapping[str, Mail]) -> None:
        for name, mail in found.items():
            self._bodies[name] = mail
            self._bodies.move_to_end(name)
        while len(self._bodies) > MOST_KEPT:
            self._bodies.popitem(last=False)

    async def told(self, copies: Iterable[Entry]) -> Mapping[str, dict[str, Any]]:
        """What our copies say the client was told, by id; those that say nothing are left out."""
        asked = {each.uid: each.id for each in copies}
        missing = [uid for uid, name in asked.items() if name not in self._told]
        for uid, items in (await self._mailbox.fetch(self.sent.name, missing, [_TOLD])).items():
            self._told[asked[uid]] = unpacked(header_in(items)) or {}
        return {name: self._told[name] for name in asked.values() if self._told.get(name)}

    def remember_told(self, name: str, told: dict[str, Any]) -> None:
        """What a mail that was just sent tells."""
        self._told[name] = told

    async def raw_copy(self, copy: Entry) -> bytes | None:
        """A mail in the folder of what was sent, whole; None if it is gone."""
        told = (await self._mailbox.fetch(self.sent.name, [copy.uid], ["BODY.PEEK[]"])).get(copy.uid)
        return whole_in(told) if told else None
