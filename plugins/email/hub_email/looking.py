"""Reading: what changed, and how things are now."""

import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any

from hub.sdk import Absence, Cursor, Draft, Kind, Page, Record, Setup
from hub_email.book import BODIES, Book
from hub_email.config import EmailConfig
from hub_email.entry import Entry
from hub_email.people import Who
from hub_email.records import Records, touch_of
from hub_email.threads import Threads


class Looking:
    """Gives records of all kinds out of the book."""

    def __init__(self, setup: Setup, book: Book) -> None:
        self._config: EmailConfig = setup.config
        self.book = book
        self.secret = secret_of(setup)
        self._threads: Threads | None = None
        self._edition = -1
        self._named: dict[str, str] = {}

    @property
    def threads(self) -> Threads:
        """The threads as the book has them now."""
        if self._threads is None or self._edition != self.book.edition:
            inbox = (entry for _, entry in sorted(self.book.inbox.entries.items()))
            sent = (entry for _, entry in sorted(self.book.sent.entries.items()))
            self._threads = Threads(self._config, inbox, sent, self.secret)
            self._edition = self.book.edition
        return self._threads

    @property
    def records(self) -> Records:
        """Makes records of them."""
        return Records(self._config, self.threads)

    def client_of(self, address: str) -> str | None:
        """The domain of the company that somebody writes for, if it is one."""
        return Who(self._config).client_of(address)

    # People.

    def named(self, address: str, name: str) -> Record:
        """Take note of what colleagues call somebody; what they call themselves in mails goes before that."""
        self._named[address] = name
        return self._contact(address, self.records.contacts())

    def _contact(self, address: str, names: Mapping[str, str]) -> Record:
        return self.records.contact(address, names.get(address) or self._named.get(address, ""))

    # What changed.

    async def changes(self, kind: Kind, cursor: Cursor | None, *, full: bool) -> AsyncIterator[Page]:
        """What came since *cursor*. Uids begin anew with another UIDVALIDITY, and so does reading."""
        look = await self.book.look(kind)
        known = not full and cursor is not None and cursor.get("validity") == look.validity
        start = int(cursor["next"]) if known and cursor else 1
        if known and look.next <= start:
            yield Page((), {"validity": look.validity, "next": start})
            return
        await self.book.absorb()
        async for following, records in self._since(kind, start, everything=not known):
            yield Page(records, {"validity": look.validity, "next": following})
        yield Page((), {"validity": look.validity, "next": max(look.next, start)})

    async def _since(self, kind: Kind, start: int, *, everything: bool) -> AsyncIterator[tuple[int, list[Record]]]:
        """Records by pieces, each with the uid from which reading may go on after it."""
        if kind in {Kind.CLIENT, Kind.CONTACT}:
            yield start, self._people(kind, (e for e in self.threads.people if e.uid >= start))
            return
        if everything:
            yield 1, await self._sent_only(kind)
        entries = sorted((e for e in self._entries(kind) if e.uid >= start), key=lambda e: e.uid)
        for first in range(0, len(entries), BODIES):
            some = entries[first : first + BODIES]
            yield some[-1].uid + 1, await self._of_entries(kind, some)

    def _people(self, kind: Kind, entries: Iterable[Entry]) -> list[Record]:
        senders = {e.sender.email.lower() for e in entries if e.sender and e.believed}
        if kind is Kind.CONTACT:
            names = self.records.contacts()
            return [self._contact(address, names) for address in sorted(senders)]
        domains = {domain for each in senders if (domain := self.client_of(each))}
        return [self.records.client(domain) for domain in sorted(domains)]

    def _entries(self, kind: Kind) -> Iterator[Entry]:
        """The mails in the inbox that give a record of *kind*."""
        threads = self.threads
        if kind is Kind.ATTACHMENT:
            yield from (entry for entry in threads.people if entry.encloses)
            return
        firsts = {first.id for thread in threads.members if (first := threads.first(thread))}
        yield from (entry for entry in threads.people if (entry.id in firsts) is (kind is Kind.REQUIREMENT))
        if kind is Kind.COMMENT:
            yield from threads.reports

    async def _of_entries(self, kind: Kind, entries: Sequence[Entry]) -> list[Record]:
        if kind is Kind.REQUIREMENT:
            return list((await self.requirements([self.threads.thread_of(entry) for entry in entries])).values())
        mails = await self.book.mails(entries)
        records: list[Record] = []
        for entry in entries:
            if mail := mails.get(entry.id):
                if kind is Kind.ATTACHMENT:
                    records += self.records.enclosed(entry, mail)
                elif entry.reports and mail.bounce:
                    records += filter(None, [self.records.failure(entry, mail.bounce)])
                elif entry.automatic is None:
                    records += filter(None, [self.records.reply(entry, mail)])
        return records

    async def _sent_only(self, kind: Kind) -> list[Record]:
        """What only the folder of sent mail tells of: threads that we began or whose mails were put away, our words."""
        threads = self.threads
        if kind is Kind.REQUIREMENT:
            return list((await self.requirements([t for t in threads.all if threads.first(t) is None])).values())
        copies = [c for those in threads.sent.values() for c in those if c.copy and c.copy.kind == kind.value]
        return [record for records in (await self._of_copies(copies)).values() for record in records]

    async def _of_copies(self, copies: Sequence[Entry]) -> Mapping[str, Sequence[Record]]:
        told = await self.book.told(copies)
        found: dict[str, Sequence[Record]] = {}
        for copy in copies:
            if (words := told.get(copy.id)) and copy.copy:
                is_comment = copy.copy.kind == Kind.COMMENT.value
                found[copy.id] = (
                    [self.records.said(copy, words)] if is_comment else list(self.records.mailed(copy, words))
                )
        return found

    async def requirements(self, wanted: Iterable[str]) -> dict[str, Record]:
        """Requirements as the client was last told, else as they asked for them; those of which nothing is left are not
        there."""
        threads, asked = self.threads, list(dict.fromkeys(wanted))
        copies = {thread: copy for thread in asked if (copy := threads.latest(thread))}
        told = await self.book.told(copies.values())
        firsts = {t: e for t in asked if not (t in copies and told.get(copies[t].id)) and (e := threads.first(t))}
        mails = await self.book.mails(firsts.values())
        found: dict[str, Record] = {}
        for thread in asked:
            copy, first = copies.get(thread), firsts.get(thread)
            marker = self._marker(thread)
            if copy and (fields := told.get(copy.id)):
                found[thread] = self.records.requirement(thread, fields, self.records.our_touch(copy.at), marker)
            elif first and (mail := mails.get(first.id)):
                asked_for = self.records.asked(first, mail)
                found[thread] = self.records.requirement(thread, asked_for, touch_of(first), marker)
        return found

    def _marker(self, thread: str) -> str | None:
        mine = (e.copy for e in self.threads.sent.get(thread, ()) if e.copy and e.copy.kind == "requirement")
        return next((marker for copy in mine for marker in copy.markers), None)

    # How things are now.

    async def fetch(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """Each of *ids* as it is. What is gone from the mailbox was tidied away, which deletes nothing elsewhere."""
        asked = list(dict.fromkeys(ids))
        await self.book.refresh()
        if kind is Kind.CLIENT:
            return {each: self.records.client(each) for each in asked}
        if kind is Kind.CONTACT:
            names = self.records.contacts()
            return {each: self._contact(each, names) for each in asked}
        found = await self.requirements(asked) if kind is Kind.REQUIREMENT else await self._parts(kind, asked)
        return {each: found.get(each, Absence.MOVED) for each in asked}

    async def _parts(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record]:
        """Comments and attachments by id."""
        names = {each.rpartition("/")[0] if kind is Kind.ATTACHMENT else each for each in ids}
        entries = [e for e in self._entries(kind) if e.id in names]
        threads = self.threads
        copies = [c for c in threads.copies.values() if c.id in names and c.copy and not c.copy.sending]
        mine = await self._of_copies([c for c in copies if c.copy and c.copy.kind == kind.value])
        records: list[Record] = [record for those in mine.values() for record in those]
        for first in range(0, len(entries), BODIES):
            records += await self._of_entries(kind, entries[first : first + BODIES])
        return {record.id: record for record in records}

    async def find(self, kind: Kind, drafts: Sequence[Draft]) -> Mapping[str, Sequence[str]]:
        """What surely went out with the drafts' markers, oldest first; contacts are known by their address alone."""
        if kind is Kind.CONTACT:
            addresses = {draft.marker: str(draft.fields.get("email") or "").lower() for draft in drafts}
            return {marker: [address] for marker, address in addresses.items() if address in self._named}
        await self.book.refresh()
        wanted = {draft.marker for draft in drafts}
        found: dict[str, list[str]] = {}
        for thread, copies in self.threads.sent.items():
            for entry in copies:
                if entry.copy and entry.copy.kind == kind.value:
                    for number, marker in enumerate(entry.copy.markers, 2):
                        if marker in wanted:
                            ids: Mapping[Kind, Any] = {
                                Kind.REQUIREMENT: thread,
                                Kind.ATTACHMENT: f"{entry.id}/{number}",
                            }
                            found.setdefault(marker, []).append(ids.get(kind, entry.id))
        return found


def secret_of(setup: Setup) -> bytes:
    """What tokens in addresses are signed with: nobody knows it who does not know how to sign in."""
    parts = ("plus-address", setup.hub_id, setup.config.address, *setup.config.auth.secrets)
    return hashlib.sha256("\0".join(parts).encode()).digest()
