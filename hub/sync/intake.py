"""Intake: what waits in the inbox becomes entities, edits and holds, one transaction for each piece of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hub.config import Sync
from hub.mapping import FieldMap
from hub.model import Entity, Kind
from hub.reconcile import OPEN, Binding, Disclosure, Hold, Observation, Reconciliation, differs, reconcile
from hub.store import Kept, Store
from hub.sync.intended import carried_out
from hub.sync.ledger import End, Ledger
from hub.sync.partner import Partner
from hub.sync.strangers import Strangers, note_blocked, told

PIECE = 500
UNLINKED = "unlinked"
"""A tie that a person undid: it stays undone. Copies that were deleted, moved or hidden are taken up when they come back."""

Ties = dict[str, list[Binding]]


@dataclass
class Intake:
    """Judges everything that waits in the inbox of a sync's connections."""

    sync: Sync
    partners: Mapping[str, Partner]
    store: Store
    ledger: Ledger
    run: str
    hub_id: str

    @property
    def _strangers(self) -> Strangers:
        return Strangers(self.sync, self.partners, self.store, self.ledger, self.run, self.hub_id)

    def work(self) -> int:
        """Judge it all; how many records' edits changed an entity, or made one."""
        moved = 0
        for kind in self.sync.kinds:
            names = [p.name for p in self.partners.values() if kind in p.spoke.routes]
            waiting = self.store.inbox(names, kind)
            for start in range(0, len(waiting), PIECE):
                with self.store.transaction():
                    moved += self._piece(kind, waiting[start : start + PIECE])
            self._pass_over(kind, names)
        return moved

    def _pass_over(self, kind: Kind, names: Sequence[str]) -> None:
        """Children of what the sync does not know wait in the inbox, and are counted as ignored until it does."""
        for name, remote in self.store.orphans(names, kind):
            spoke = self.ledger.spokes[name]
            if (kind, remote) in spoke.read:
                spoke.note(kind, remote, End.IGNORED)

    def _piece(self, kind: Kind, waiting: Sequence[Kept]) -> int:
        known = self._known(kind, waiting)
        loose = [k for k in waiting if (b := known.get((k.connection, k.record.id))) and b.state == UNLINKED]
        self._strangers.ignore(kind, loose)
        waiting = [kept for kept in waiting if kept not in loose]
        strangers = [kept for kept in waiting if (kept.connection, kept.record.id) not in known]
        found, moved = self._strangers.take(kind, strangers)
        known |= found
        groups: dict[str, list[Kept]] = {}
        for kept in waiting:
            if binding := known.get((kept.connection, kept.record.id)):
                groups.setdefault(binding.key, []).append(kept)
        return moved + self._judge(kind, groups)

    def _known(self, kind: Kind, waiting: Sequence[Kept]) -> dict[tuple[str, str], Binding]:
        known: dict[tuple[str, str], Binding] = {}
        for name in {kept.connection for kept in waiting}:
            remotes = [kept.record.id for kept in waiting if kept.connection == name]
            for remote, binding in self.store.bindings_at(name, kind, remotes).items():
                known[name, remote] = binding
        return known

    def _judge(self, kind: Kind, groups: Mapping[str, Sequence[Kept]]) -> int:
        """Reconcile each entity with those of its copies that were read."""
        self._own_updates(kind, groups)
        entities = self.store.entities(groups)
        ties, holds = self.store.bindings_of(groups), self.store.holds(groups)
        mappings: dict[str, FieldMap] = {
            p.name: p.mapping(kind) for p in self.partners.values() if kind in p.spoke.routes
        }
        disclosures = {name: self.partners[name].disclosure(kind) for name in mappings}
        moved = 0
        for key, records in groups.items():
            shown: dict[str, Observation] = {
                k.connection: self.partners[k.connection].observation(k.record, k.read_at) for k in records
            }
            found = reconcile(entities[key], ties[key], shown, mappings, self.sync.rules, holds.get(key, ()))
            moved += bool(found.events)
            kept = {k.connection: k for k in records}
            keep(self.store, found, ties[key], holds.get(key, ()), self.run, kept, disclosures)
            self._after(kind, records, found, holds.get(key, ()))
            asking = {name for hold in still_open(holds.get(key, ()), found) for name in hold.connections}
            if found.events or asking & shown.keys():
                self.store.bury([key], gone=False)  # an edit beats a delete, be it one that waits for a person
        return moved

    def _own_updates(self, kind: Kind, groups: Mapping[str, Sequence[Kept]]) -> None:
        """Copies that show what an update without an answer asked for stand for that: it is nobody's edit."""
        for name in {kept.connection for records in groups.values() for kept in records}:
            intents = self.store.intents(name, kind, "update")
            read = {key: kept for key in intents for kept in groups.get(key, ()) if kept.connection == name}
            ties = self.store.bindings_at(name, kind, [kept.record.id for kept in read.values()])
            done = {key: kept for key, kept in read.items() if kept.read_at >= intents[key].at}
            self.store.keep_bindings(
                (carried_out(self.partners[name], ties[kept.record.id], kept.record, intents[key]), True)
                for key, kept in done.items()
            )
            self.store.drop_intents(name, kind, done)

    def _after(self, kind: Kind, records: Sequence[Kept], found: Reconciliation, before: Sequence[Hold]) -> None:
        """Take what is settled out of the inbox; what waits stays, to be judged again."""
        waiting = {c for hold in still_open(before, found) for c in hold.connections}
        waiting |= {blocked.connection for blocked in found.blocked}
        for kept in records:
            note_blocked(self.ledger, kept.connection, kept.record.id, found)
        for hold in still_open(before, found):
            for kept in records:
                if kept.connection in hold.connections:
                    self.ledger.spokes[kept.connection].note(kind, kept.record.id, End.HELD)
            self.ledger.problem(f"{hold.field} waits for a person: hub conflicts", key=hold.key)
        done = [(k.connection, kind.value, k.record.id) for k in records if k.connection not in waiting]
        self.store.drop_records(done)


def still_open(before: Sequence[Hold], found: Reconciliation) -> list[Hold]:
    """The holds of an entity once *found* is kept."""
    closed = {hold.field for hold in found.closes}
    now = {hold.field: hold for hold in before if hold.field not in closed}
    return list((now | {hold.field: hold for hold in found.holds}).values())


def keep(
    store: Store,
    found: Reconciliation,
    ties: Sequence[Binding],
    holds: Sequence[Hold],
    run: str | None,
    records: Mapping[str, Kept] | None = None,
    disclosures: Mapping[str, Disclosure] | None = None,
) -> None:
    """Remember what reconcile found: entity, events, bindings and holds in one piece.

    Args:
        disclosures: By connection, what may be written there; everything where nothing is said.
    """
    if found.events:
        store.keep_entities([found.entity])
        store.keep_events(found.events, run)
    store.close_holds(found.closes, "settled")
    store.keep_holds(found.holds)
    changed = {binding.connection: binding for binding in found.bindings}
    held = still_open(holds, found)
    kept, may = records or {}, disclosures or {}
    for tie in ties:
        binding = changed.get(tie.connection, tie)
        if tie.connection in kept:
            binding = told(binding, kept[tie.connection])
        store.keep_bindings([(binding, is_owed(found.entity, binding, held, may.get(tie.connection, OPEN)))])


def is_owed(entity: Entity, binding: Binding, holds: Iterable[Hold], disclosure: Disclosure = OPEN) -> bool:
    """Whether a copy no longer stands for its entity in some field that may be written."""
    held = {hold.field for hold in holds if binding.connection in hold.connections}
    names = {name for name in {*binding.seen, *binding.agreed} - held if disclosure.lets(entity.kind, name)}
    return disclosure.admits(entity) and any(differs(entity, binding, name) for name in names)
