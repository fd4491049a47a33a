"""Which thread each mail belongs to, and what every thread consists of. Pure.

A thread is known by the Message-ID of the mail that began it, whether that is here or not.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from hub_email.composing import check_token, hint, token_in
from hub_email.config import EmailConfig
from hub_email.entry import Entry
from hub_email.people import Who

MOST_STEPS = 200
"""How many mails back a thread is followed."""
_TAG = re.compile(r"\[([A-Z][A-Z0-9]{0,15}-\d{1,12})\]", re.IGNORECASE)


class Threads:
    """All threads of a mailbox.

    Args:
        inbox: What came, in the order of arrival.
        sent: What the folder of sent mail holds.
        secret: What tokens are signed with.
    """

    def __init__(self, config: EmailConfig, inbox: Iterable[Entry], sent: Iterable[Entry], secret: bytes) -> None:
        self._config, self._secret, self._who = config, secret, Who(config)
        self.copies: dict[str, Entry] = {}
        self._by_hand: dict[str, Entry] = {}
        for entry in sent:
            (self.copies if entry.copy else self._by_hand)[entry.id] = entry
        self.entries: dict[str, Entry] = {}
        for entry in inbox:
            if entry.id not in self.copies:
                self.entries.setdefault(entry.id, entry)
        self._found: dict[str, str] = {}

    # Who is in.

    @cached_property
    def people(self) -> Sequence[Entry]:
        """Mails that persons wrote to us, in the order of arrival."""
        return [e for e in self.entries.values() if e.automatic is None and e.sender and not self._who.is_us(e.sender)]

    @cached_property
    def reports(self) -> Sequence[Entry]:
        """Mails that may tell that one of ours did not arrive."""
        return [entry for entry in self.entries.values() if entry.reports]

    # Which thread.

    def thread_of(self, entry: Entry) -> str:
        """The id of the thread that a mail belongs to; its own where it begins one."""
        return self._roots.get(entry.id) or self._outright(entry) or root_of(entry)

    @cached_property
    def _roots(self) -> Mapping[str, str]:
        """By id: the thread of everything that came. Weak signs count only where there is no other."""
        found = {entry.id: thread for entry in self.entries.values() if (thread := self._outright(entry))}
        taking_part = self._taking_part(found)
        for entry in self.people:
            thread = self._tagged(entry) if entry.id not in found else None
            if thread and self._takes_part(entry, taking_part.get(thread, frozenset())):
                found[entry.id] = thread
        return {each.id: found.get(each.id) or self._followed(each, found) for each in self.entries.values()}

    def _outright(self, entry: Entry) -> str | None:
        """The thread that a token or an answered mail proves; None where neither does."""
        if entry.id in self._found:
            return self._found[entry.id]
        path: list[str] = []
        thread = self._search(entry, path)
        if thread:
            self._found[entry.id] = thread
        return thread

    def _search(self, entry: Entry, path: list[str]) -> str | None:
        if entry.id in path or len(path) > MOST_STEPS:
            return None
        if thread := self._by_token(entry):
            return thread
        path.append(entry.id)
        for name in entry.answers:
            copy, other = self.copies.get(name), self.entries.get(name) or self._by_hand.get(name)
            if copy and copy.copy:
                return copy.copy.thread
            if name in self._found:
                return self._found[name]
            if other and (thread := self._search(other, path)):
                return thread
        return None

    def _followed(self, entry: Entry, found: Mapping[str, str]) -> str:
        """The thread of a mail whose thread nobody has told: that of the oldest mail it goes back to."""
        seen: set[str] = set()
        now = entry
        while now.id not in seen and len(seen) < MOST_STEPS:
            if now.id in found:
                return found[now.id]
            seen.add(now.id)
            before = next((e for n in now.answers if (e := self.entries.get(n) or self._by_hand.get(n))), None)
            if before is None:
                return root_of(now)
            now = before
        return min(seen)

    def _by_token(self, entry: Entry) -> str | None:
        for address in entry.delivered:
            given = token_in(address.email, self._config.address)
            if not given:
                continue
            if given in self._tokens:
                return self._tokens[given]
            for thread in self._hints.get(given[: len(hint(""))], ()):
                if check_token(self._secret, thread, self._config.address, given):
                    return thread
        return None

    @cached_property
    def _tokens(self) -> Mapping[str, str]:
        return {e.copy.token: e.copy.thread for e in self.copies.values() if e.copy and e.copy.token}

    @cached_property
    def _hints(self) -> Mapping[str, Sequence[str]]:
        known = {e.copy.thread for e in self.copies.values() if e.copy} | {root_of(e) for e in self.entries.values()}
        hints: dict[str, list[str]] = {}
        for thread in sorted(known):
            hints.setdefault(hint(thread), []).append(thread)
        return hints

    def _tagged(self, entry: Entry) -> str | None:
        keys = (match[1].upper() for match in _TAG.finditer(entry.subject))
        return next((self._keys[key] for key in keys if key in self._keys), None) if entry.believed else None

    @cached_property
    def _keys(self) -> Mapping[str, str]:
        return {e.copy.key.upper(): e.copy.thread for e in self.copies.values() if e.copy and e.copy.key}

    def _taking_part(self, found: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
        """By thread: the addresses that wrote to it or were written to."""
        parts: dict[str, set[str]] = {}
        for entry in self.people:
            thread = found.get(entry.id) or root_of(entry)
            if entry.believed and entry.sender:
                parts.setdefault(thread, set()).add(entry.sender.email.lower())
        for copy in self.copies.values():
            if copy.copy:
                parts.setdefault(copy.copy.thread, set()).update(each.email.lower() for each in copy.to)
        return {thread: frozenset(those) for thread, those in parts.items()}

    def _takes_part(self, entry: Entry, those: frozenset[str]) -> bool:
        """Whether the sender, or a colleague of theirs, is among *those*."""
        sender = entry.sender.email.lower() if entry.sender else ""
        client = self._who.client_of(sender)
        return sender in those or bool(client and any(self._who.client_of(each) == client for each in those))

    # What is in a thread.

    @cached_property
    def members(self) -> Mapping[str, Sequence[Entry]]:
        """By thread: the mails that persons wrote, in the order of arrival."""
        found: dict[str, list[Entry]] = {}
        for entry in self.people:
            found.setdefault(self.thread_of(entry), []).append(entry)
        return found

    @cached_property
    def sent(self) -> Mapping[str, Sequence[Entry]]:
        """By thread: our copies of what surely went out, in their order."""
        found: dict[str, list[Entry]] = {}
        for entry in self.copies.values():
            if entry.copy and not entry.copy.sending:
                found.setdefault(entry.copy.thread, []).append(entry)
        return found

    @cached_property
    def all(self) -> Sequence[str]:
        """Every thread that is a requirement."""
        told = (thread for thread in self.sent if self.latest(thread))
        return list(dict.fromkeys((*told, *self.members)))

    def latest(self, thread: str) -> Entry | None:
        """Our copy of the newest mail that told how the requirement is."""
        told = [e for e in self.sent.get(thread, ()) if e.copy and e.copy.kind == "requirement"]
        return max(told, key=lambda e: (e.copy.version if e.copy else 0, e.uid), default=None)

    def first(self, thread: str) -> Entry | None:
        """The mail that the requirement was made of, if it is here: once it was answered, the one that we answered.

        Before that the mail that began the thread, or, where that was never here, the first that came.
        """
        members = self.members.get(thread, ())
        told = [e for e in self.sent.get(thread, ()) if e.copy and e.copy.kind == "requirement"]
        oldest = min(told, key=lambda e: e.copy.version if e.copy else 0, default=None)
        if oldest and oldest.copy and oldest.copy.version == 1:
            answered = oldest.answers[:1] or (thread,)  # an id that is none by the rules cannot be answered
            return next((each for each in members if each.id in answered), None)
        began = next((each for each in members if each.id == thread), None)
        return began or (None if oldest else next(iter(members), None))

    def key_of(self, thread: str) -> str:
        """The requirement's key as the client was told; empty if they were not."""
        return next((e.copy.key for e in reversed(self.sent.get(thread, ())) if e.copy and e.copy.key), "")

    def runs_wild(self, thread: str) -> str | None:
        """Who wrote more mails to a thread in a short time than a person does; None if nobody did."""
        brake = self._config.brake
        window = timedelta(minutes=brake.minutes)
        times: dict[str, list[datetime]] = {}
        for entry in self.members.get(thread, ()):
            if entry.sender:
                times.setdefault(entry.sender.email.lower(), []).append(entry.at)
        for sender, moments in times.items():
            moments.sort()
            if any(later - first < window for first, later in zip(moments, moments[brake.mails :], strict=False)):
                return sender
        return None


def root_of(entry: Entry) -> str:
    """The thread that a mail names by itself: the oldest mail it goes back to, else its own."""
    return entry.references[0] if entry.references else entry.id
