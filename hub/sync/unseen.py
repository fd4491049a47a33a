"""Edits that a write has replaced unseen: each becomes a conflict with both values, so that none is lost."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.mapping import Unmapped
from hub.model import NOTHING, Entity, Kind, Stamp
from hub.reconcile import Contender, Event, Hold
from hub.sdk.records import Edit, Record
from hub.store import Store, Write
from hub.sync.ledger import Ledger
from hub.sync.overwritten import WrittenField, lost, told
from hub.sync.partner import Partner


@dataclass
class Unseen:
    """Takes up what a spoke's service tells of edits that our writes have replaced.

    Args:
        now: When that was learnt, by our clock.
    """

    partner: Partner
    store: Store
    ledger: Ledger
    run: str
    now: datetime

    def contest(self, kind: Kind, key: str, edits: Sequence[Edit]) -> None:
        """Have a person decide between what we wrote and what stood there unseen; where only that is known, say so."""
        entity = self.store.entities([key])[key]
        for edit in edits:
            for name, value in self._meant(kind, entity, edit):
                if value is NOTHING:
                    self._tell(entity, name, edit)
                elif value != entity.value(name):
                    self._ask(entity, name, value, edit)

    def _meant(self, kind: Kind, entity: Entity, edit: Edit) -> Iterator[tuple[str, Any]]:
        """By canonical field: the value that somebody had given it; NOTHING where that cannot be known."""
        for name, lens in self.partner.mapping(kind).items():
            if lens.remote == edit.field and lens.writable:
                try:
                    known = edit.value is not NOTHING
                    yield name, lens.to_canonical(edit.value, current=entity.value(name)) if known else NOTHING
                except Unmapped:
                    yield name, NOTHING

    def _ask(self, entity: Entity, name: str, value: Any, edit: Edit) -> None:
        own = entity.stamps.get(name) or Stamp(who="", connection="hub", at=self.now)
        contenders = (
            Contender(own.connection, entity.value(name), NOTHING, own, own=True),
            Contender(self.partner.name, value, NOTHING, self._stamp(edit), edit.value),
        )
        self.store.keep_holds([Hold(entity.key, name, NOTHING, contenders, self.now, lost=True)])
        self.ledger.problem(
            f"{name}: an edit by {edit.touch.who.name or edit.touch.who.id} was written over before anybody could see it: "
            "hub conflicts",
            spoke=self.partner.name,
            key=entity.key,
        )

    def _tell(self, entity: Entity, name: str, edit: Edit) -> None:
        """The service says that there was an edit, and not what it said."""
        event = Event(entity.key, name, None, entity.value(name), self._stamp(edit), overruled=True)
        self.store.keep_events([event], self.run, self.now)
        self.ledger.problem(
            f"{name}: {edit.touch.who.name or edit.touch.who.id} changed it at {edit.touch.at:%Y-%m-%d %H:%M:%S} UTC, just "
            "before it was written over; what it said stands only in the service's own history",
            spoke=self.partner.name,
            key=entity.key,
        )

    def _stamp(self, edit: Edit) -> Stamp:
        who = edit.touch.who.name or edit.touch.who.id
        return Stamp(who=who, connection=self.partner.name, at=edit.touch.at, because="written over unseen")

    def look(self, kind: Kind, records: Iterable[Record]) -> None:
        """Whether the histories that these records bring tell of edits that our last writes have replaced."""
        told_of = {record.id: record for record in records if record.edits}
        account = self.partner.identity.account.id if self.partner.identity else ""
        ahead = timedelta(seconds=self.partner.connector.clock_offset_s)
        for write in self.store.unproven(self.partner.name, kind, told_of):
            record, fields = told_of[write.remote], _fields(write, ahead)
            if told(record, account, fields):
                self.contest(kind, write.key, lost(record, account, fields))
                self.store.prove(write)


def _fields(write: Write, ahead: timedelta) -> list[WrittenField]:
    """What was written, its time by the service's clock, which is *ahead* of ours."""
    until = write.until or {}
    seen = {name: datetime.fromisoformat(at) if at else None for name, at in until.items()}
    return [
        WrittenField(name, write.before.get(name), after, write.at + ahead, seen.get(name))
        for name, after in write.after.items()
    ]
