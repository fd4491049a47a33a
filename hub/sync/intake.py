"""Intake: what waits in the inbox becomes entities, edits and holds, one transaction for each piece of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from hub.config import Sync
from hub.mapping import FieldMap
from hub.model import Entity, Kind, frozen
from hub.reconcile import (
    OPEN,
    Binding,
    Disclosure,
    Hold,
    Observation,
    Reconciliation,
    differs,
    reconcile,
    stands_for,
    steers,
    unlike,
)
from hub.store import Kept, Store, chunks
from hub.sync.guard import may_harm
from hub.sync.ledger import End, Ledger
from hub.sync.partner import Partner
from hub.sync.pull import UNDONE
from hub.sync.strangers import Strangers, note_blocked, told

PIECE = 500
HANDFUL = 125
"""So many entities are judged before the next are read: they and all that is made of them stay close to the processor."""
UNLINKED = "unlinked"
"""A tie that a person undid: it stays undone. Copies that were deleted, moved or hidden are taken up when they come back."""

NOBODYS = ("", "")
"""What stands for the key and the state of a tie where there is none."""


@dataclass
class Intake:
    """Judges everything that waits in the inbox of a sync's connections."""

    sync: Sync
    partners: Mapping[str, Partner]
    store: Store
    ledger: Ledger
    run: str
    hub_id: str
    now: datetime

    @property
    def _strangers(self) -> Strangers:
        return Strangers(self.sync, self.partners, self.store, self.ledger, self.run, self.hub_id, self.now)

    def work(self) -> int:
        """Judge it all; how many records' edits changed an entity, or made one, since this was last asked."""
        moved, self.ledger.taken_up = self.ledger.taken_up, 0
        for kind in self.sync.kinds:
            names = [p.name for p in self.partners.values() if kind in p.spoke.routes]
            last: Kept | None = None
            while piece := self.store.inbox(names, kind, last, PIECE):
                last = piece[-1]
                with self.store.transaction():
                    moved += self._piece(kind, piece)
                self._count(kind, piece)
            self._pass_over(kind, names)
        return moved

    def welcome(self, kind: Kind, newcomers: Sequence[Kept]) -> None:
        """Take up records that have just been read, and that are nobody's copy."""
        _, taken_up = self._strangers.take(kind, newcomers)
        self.ledger.taken_up += taken_up
        self._count(kind, newcomers)

    def _count(self, kind: Kind, piece: Iterable[Kept]) -> None:
        for name, some in groupby(piece, lambda kept: kept.connection):
            self.ledger.spokes[name].judged(kind, [kept.record.id for kept in some])

    def _pass_over(self, kind: Kind, names: Sequence[str]) -> None:
        """Children of what the sync does not know wait in the inbox, and are counted as ignored until it does."""
        for name, remote in self.store.orphans(names, kind):
            spoke = self.ledger.spokes[name]
            spoke.judged(kind, [remote])
            if remote in spoke.read[kind]:
                spoke.note(kind, remote, End.IGNORED)

    def _piece(self, kind: Kind, waiting: Sequence[Kept]) -> int:
        for name in {kept.connection for kept in waiting}:
            self.store.note_mapped(self.sync.name, name, kind, self.partners[name].prints(kind))
        known, uncertain = self._known(kind, waiting), self._uncertain(kind, waiting)
        groups: dict[str, list[Kept]] = {}
        loose: list[Kept] = []
        strangers: list[Kept] = []
        for kept in waiting:
            key, state = known.get((kept.connection, kept.record.id), NOBODYS)
            if state in (UNLINKED, UNDONE):
                loose.append(kept)
            elif (kept.connection, key) in uncertain:
                continue
            elif key:
                groups.setdefault(key, []).append(kept)
            else:
                strangers.append(kept)
        if loose:
            self._strangers.ignore(kind, loose)
        found, moved = self._strangers.take(kind, strangers) if strangers else ({}, 0)
        for kept in strangers if found else ():
            if binding := found.get((kept.connection, kept.record.id)):
                groups.setdefault(binding.key, []).append(kept)
        some = ({key: groups[key] for key in keys} for keys in chunks(groups, HANDFUL))
        return moved + sum(self._judge(kind, each) for each in some)

    def _uncertain(self, kind: Kind, waiting: Iterable[Kept]) -> set[tuple[str, str]]:
        """By connection and key: the copies of which it could not be found out yet what an update did to them.

        What they show is nobody's edit, and waits.
        """
        names = {kept.connection for kept in waiting}
        return {(name, key) for name in names for key in self.store.intents(name, kind, "update")}

    def _known(self, kind: Kind, waiting: Sequence[Kept]) -> dict[tuple[str, str], tuple[str, str]]:
        """By connection and remote id: the key and the state of the tie of each copy."""
        known: dict[tuple[str, str], tuple[str, str]] = {}
        for name in {kept.connection for kept in waiting}:
            remotes = [kept.record.id for kept in waiting if kept.connection == name]
            known.update(((name, remote), tie) for remote, tie in self.store.ties_at(name, kind, remotes).items())
        return known

    def _judge(self, kind: Kind, groups: Mapping[str, Sequence[Kept]]) -> int:
        """Reconcile each entity with those of its copies that were read."""
        entities = self.store.entities(groups)
        ties, holds = self.store.bindings_of(groups), self.store.holds(groups)
        mappings: dict[str, FieldMap] = {
            p.name: p.mapping(kind) for p in self.partners.values() if kind in p.spoke.routes
        }
        disclosures = {name: self.partners[name].disclosure(kind) for name in mappings}
        judged: list[Judged] = []
        for key, records in groups.items():
            shown: dict[str, Observation] = {
                k.connection: self.partners[k.connection].observation(k.record, k.read_at) for k in records
            }
            before = [hold for hold in holds.get(key, ()) if not hold.lost]
            found = reconcile(entities[key], ties[key], shown, mappings, self.sync.rules, before)
            judged.append(Judged(found, ties[key], before, {k.connection: k for k in records}))
        keep(self.store, judged, self.run, self.now, disclosures)
        self.ledger.harmful += sum(may_harm(event) for each in judged for event in each.found.events)
        for name in (name for each in judged for name in each.back):
            # Whatever happened while it was away, it may be owed.
            self.ledger.owed_before[name] = self.ledger.owed_before.get(name, 0) + 1
        self.store.drop_records(done for each in judged for done in self._after(kind, each))
        alive = [each.found.entity.key for each in judged if each.lives]
        if alive:
            self.store.bury(self.store.buried(alive), gone=False)  # an edit beats a delete, be it one that waits
        return sum(bool(each.found.events) for each in judged)

    def _after(self, kind: Kind, judged: "Judged") -> list[tuple[str, str, str]]:
        """Count what waits; what is settled, by connection, kind and remote id, and can go out of the inbox."""
        records, found = judged.records.values(), judged.found
        asking = judged.asking
        if not asking and not found.blocked:
            return [(k.connection, kind.value, k.record.id) for k in records]
        waiting = {c for hold in asking for c in hold.connections} | {blocked.connection for blocked in found.blocked}
        for kept in records if found.blocked else ():
            note_blocked(self.ledger, kept.connection, kept.record.id, found.entity, found.blocked)
        for hold in asking:
            for kept in records:
                if kept.connection in hold.connections:
                    self.ledger.spokes[kept.connection].note(kind, kept.record.id, End.HELD)
            self.ledger.problem(f"{hold.field} waits for a person: hub conflicts", key=hold.key)
        return [(k.connection, kind.value, k.record.id) for k in records if k.connection not in waiting]


@frozen
class Judged:
    """What became of one entity, and what it was judged by: its ties and holds before, and the records by connection."""

    found: Reconciliation
    ties: Sequence[Binding]
    holds: Sequence[Hold]
    records: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def asking(self) -> list[Hold]:
        """The holds of the entity once this is kept."""
        if not self.holds and not self.found.holds:
            return []
        closed = {hold.field for hold in self.found.closes}
        now = {hold.field: hold for hold in self.holds if hold.field not in closed}
        return list((now | {hold.field: hold for hold in self.found.holds}).values())

    @property
    def back(self) -> list[str]:
        """On which connections a copy is there again that was away, and may be owed what was changed meanwhile."""
        return [tie.connection for tie in self.ties if tie.state != "bound" and tie.connection in self.records]

    @property
    def lives(self) -> bool:
        """Whether somebody still works on it: an edit was taken, or one that was read waits for a person or cannot be read."""
        unread = {blocked.connection for blocked in self.found.blocked if not blocked.passes}
        waiting = unread.union(*(hold.connections for hold in self.asking))
        return bool(self.found.events or waiting & self.records.keys())


def keep(
    store: Store,
    judged: Sequence[Judged],
    run: str | None,
    now: datetime,
    disclosures: Mapping[str, Disclosure] | None = None,
) -> None:
    """Remember what reconcile found: entities, events, bindings and holds in one piece.

    Args:
        disclosures: By connection, what may be written there; everything where nothing is said.
    """
    changed = [each.found for each in judged if each.found.events]
    if changed:
        steered = {
            found.entity.key for found in changed if steers(found.entity, (event.field for event in found.events))
        }
        store.keep_entities(found.entity for found in changed if found.entity.key in steered)
        store.change_entities(found.entity for found in changed if found.entity.key not in steered)
        store.keep_events((event for found in changed for event in found.events), run, now)
    store.close_holds([hold for each in judged for hold in each.found.closes], "settled")
    store.keep_holds([hold for each in judged for hold in each.found.holds])
    may = disclosures or {}
    ties = [tie for each in judged for tie in _ties(each, may)]
    bound = [(before, binding, owed) for before, binding, owed in ties if before.state == "bound"]
    store.keep_owed((binding, owed) for before, binding, owed in bound if binding is before)
    store.keep_bindings((binding, owed) for before, binding, owed in bound if binding is not before)
    if len(bound) < len(ties):
        store.keep_ties((binding, owed) for before, binding, owed in ties if before.state != "bound")


def _ties(judged: Judged, may: Mapping[str, Disclosure]) -> Iterator[tuple[Binding, Binding, bool]]:
    """Every tie of an entity that has to be kept anew: as it was, as it is, and whether its copy is owed something."""
    records, found, held = judged.records, judged.found, judged.asking
    changed = {binding.connection: binding for binding in found.bindings}
    touched = bool(found.events or found.closes or found.holds)
    for tie in judged.ties:
        binding = changed.get(tie.connection, tie)
        if tie.connection in records:
            binding = told(binding, records[tie.connection].record)
        if touched or binding is not tie:
            yield tie, binding, is_owed(found.entity, binding, held, may.get(tie.connection, OPEN))


def is_owed(entity: Entity, binding: Binding, holds: Iterable[Hold], disclosure: Disclosure = OPEN) -> bool:
    """Whether a copy no longer stands for its entity in some field that may be written."""
    if not disclosure.admits(entity):
        return False
    seen, agreed = binding.seen.keys(), binding.agreed.keys()
    whole = seen <= agreed
    if whole and stands_for(binding, entity):
        return False
    names = unlike(entity, binding, agreed if whole else seen | agreed)
    if not names:
        return False
    held = {hold.field for hold in holds if binding.connection in hold.connections}
    return any(
        name not in held and disclosure.lets(entity.kind, name) and differs(entity, binding, name) for name in names
    )
