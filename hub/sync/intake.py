"""Intake: what waits in the inbox becomes entities, edits and holds, one transaction for each piece of it."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub.config import Sync
from hub.mapping import FieldMap, Unmapped
from hub.model import Entity, Kind, entity_class, fields_of
from hub.reconcile import Binding, Hold, Observation, Reconciliation, adopt, differs, reconcile
from hub.sdk.records import Record
from hub.store import Intent, Kept, Store, digest
from hub.sync.ledger import End, Ledger
from hub.sync.marker import key_in
from hub.sync.partner import Partner

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
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def work(self) -> int:
        """Judge it all; how many records' edits changed an entity, or made one."""
        moved = 0
        for kind in self.sync.kinds:
            names = [p.name for p in self.partners.values() if kind in p.spoke.routes]
            waiting = self.store.inbox(names, kind)
            for start in range(0, len(waiting), PIECE):
                with self.store.transaction():
                    moved += self._piece(kind, waiting[start : start + PIECE])
        return moved

    def _piece(self, kind: Kind, waiting: Sequence[Kept]) -> int:
        known = self._known(kind, waiting)
        loose = [k for k in waiting if (b := known.get((k.connection, k.record.id))) and b.state == UNLINKED]
        self._ignore(kind, loose)
        waiting = [kept for kept in waiting if kept not in loose]
        strangers = [kept for kept in waiting if (kept.connection, kept.record.id) not in known]
        found, still = self._own_creations(kind, strangers)
        known |= found
        moved = self._import(kind, still)
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

    def _own_creations(
        self, kind: Kind, strangers: Sequence[Kept]
    ) -> tuple[dict[tuple[str, str], Binding], list[Kept]]:
        """Records that carry the marker of a create whose answer never came, and all the others."""
        found: dict[tuple[str, str], Binding] = {}
        rest: list[Kept] = []
        for name in dict.fromkeys(kept.connection for kept in strangers):
            intents = self.store.intents(name, kind)
            for kept in (k for k in strangers if k.connection == name):
                intent = intents.pop(key_in(kept.record.marker, self.hub_id) or "", None)
                if intent is None:
                    rest.append(kept)
                else:
                    found[name, kept.record.id] = self._bind_creation(kept, intent)
        return found, rest

    def _bind_creation(self, kept: Kept, intent: Intent) -> Binding:
        """Bind it; what it shows is judged with everything else that was read."""
        binding = bound_again(self.partners[kept.connection], kept.record, intent)
        self.store.keep_bindings([(binding, False)])
        self.store.drop_intents(kept.connection, intent.kind, [intent.key])
        self.ledger.spokes[kept.connection].note(intent.kind, kept.record.id, End.CREATED)
        return binding

    def _import(self, kind: Kind, strangers: Sequence[Kept]) -> int:
        """New records of spokes that originate this kind become entities."""
        candidates = [k for k in strangers if self.partners[k.connection].spoke.routes[kind].originates]
        keys = iter(self.store.next_keys(kind, len(candidates)))
        adopted: list[tuple[Kept, Reconciliation]] = []
        for kept in candidates:
            partner = self.partners[kept.connection]
            observation = partner.observation(kept.record, kept.read_at)
            found = adopt("", kind, partner.name, kept.record.id, observation, partner.mapping(kind))
            if partner.spoke.routes[kind].where.takes(found.entity):
                adopted.append((kept, _under(next(keys), found)))
        taken = {id(kept) for kept, _ in adopted}
        self._ignore(kind, [kept for kept in strangers if id(kept) not in taken])
        self._keep_imports(kind, adopted)
        return len(adopted)

    def _ignore(self, kind: Kind, ignored: Iterable[Kept]) -> None:
        """What no rule of the sync takes up is let go, and counted."""
        gone = []
        for kept in ignored:
            self.ledger.spokes[kept.connection].note(kind, kept.record.id, End.IGNORED)
            gone.append((kept.connection, kind.value, kept.record.id))
        self.store.drop_records(gone)

    def _keep_imports(self, kind: Kind, adopted: Sequence[tuple[Kept, Reconciliation]]) -> None:
        self.store.keep_entities(found.entity for _, found in adopted)
        self.store.keep_bindings((_told(found.bindings[0], kept), False) for kept, found in adopted)
        self.store.keep_events((event for _, found in adopted for event in found.events), self.run)
        for kept, found in adopted:
            spoke = self.ledger.spokes[kept.connection]
            spoke.note(kind, kept.record.id, End.IMPORTED)
            self._plan_import(kept, found)
            self._note_blocked(kept.connection, kind, kept.record.id, found)
        done = [(k.connection, kind.value, k.record.id) for k, found in adopted if not found.blocked]
        self.store.drop_records(done)

    def _plan_import(self, kept: Kept, found: Reconciliation) -> None:
        known = fields_of(entity_class(found.entity.kind))
        fields = {e.field: {"from": None, "to": known[e.field].to_json(e.new)} for e in found.events}
        self.ledger.plan.append(
            {
                "spoke": kept.connection,
                "kind": found.entity.kind,
                "key": found.entity.key,
                "remote": kept.record.id,
                "operation": "import",
                "fields": fields,
                "because": f"new in {kept.connection}",
            }
        )

    def _note_blocked(self, connection: str, kind: Kind, remote: str, found: Reconciliation) -> None:
        for blocked in found.blocked:
            if blocked.connection == connection:
                self.ledger.spokes[connection].note(kind, remote, End.BLOCKED)
                self.ledger.problem(f"{blocked.field}: {blocked.message}", spoke=connection, key=found.entity.key)

    def _judge(self, kind: Kind, groups: Mapping[str, Sequence[Kept]]) -> int:
        """Reconcile each entity with those of its copies that were read."""
        self._own_updates(kind, groups)
        entities = self.store.entities(groups)
        ties, holds = self.store.bindings_of(groups), self.store.holds(groups)
        mappings: dict[str, FieldMap] = {
            p.name: p.mapping(kind) for p in self.partners.values() if kind in p.spoke.routes
        }
        moved = 0
        for key, records in groups.items():
            shown: dict[str, Observation] = {
                k.connection: self.partners[k.connection].observation(k.record, k.read_at) for k in records
            }
            found = reconcile(entities[key], ties[key], shown, mappings, self.sync.rules, holds.get(key, ()))
            moved += bool(found.events)
            keep(self.store, found, ties[key], holds.get(key, ()), self.run, {k.connection: k for k in records})
            self._after(kind, records, found, holds.get(key, ()))
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
            self._note_blocked(kept.connection, kind, kept.record.id, found)
        for hold in still_open(before, found):
            for kept in records:
                if kept.connection in hold.connections:
                    self.ledger.spokes[kept.connection].note(kind, kept.record.id, End.HELD)
            self.ledger.problem(f"{hold.field} waits for a person: hub conflicts", key=hold.key)
        done = [(k.connection, kind.value, k.record.id) for k in records if k.connection not in waiting]
        self.store.drop_records(done)


def bound_again(partner: Partner, record: Record, intent: Intent) -> Binding:
    """The tie of a copy whose create was never answered: by what was asked for, as people may have edited it since.

    A field that our own account wrote last stands for what it shows: a create may be broken off half-way, before the
    status for instance, and the rest is then still owed.
    """
    mapping = partner.mapping(intent.kind)
    seen: dict[str, Any] = {}
    agreed = dict(intent.agreed)
    for name, value in intent.agreed.items():
        if name in mapping and partner.is_own(record, mapping[name].remote):
            shown = record.fields.get(mapping[name].remote)
            with contextlib.suppress(Unmapped):
                agreed[name] = mapping[name].to_canonical(shown, current=value)
                seen[name] = shown
    return Binding(partner.name, intent.kind, record.id, intent.key, seen, agreed)


def carried_out(partner: Partner, binding: Binding, record: Record, intent: Intent) -> Binding:
    """The tie of a copy to which *intent* was written, as far as *record* shows just that and by nobody else's hand."""
    mapping = partner.mapping(intent.kind)
    seen: dict[str, Any] = {}
    agreed: dict[str, Any] = {}
    for name, value in intent.agreed.items():
        remote = mapping[name].remote if name in mapping else ""
        shown = record.fields.get(remote)
        others = remote in record.touches and not partner.is_own(record, remote)
        if remote and not others and shown != binding.seen_of(name) and mapping[name].stands_for(shown, value):
            seen[name], agreed[name] = shown, value
    return replace(binding, seen={**binding.seen, **seen}, agreed={**binding.agreed, **agreed})


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
) -> None:
    """Remember what reconcile found: entity, events, bindings and holds in one piece."""
    if found.events:
        store.keep_entities([found.entity])
        store.keep_events(found.events, run)
    store.close_holds(found.closes, "settled")
    store.keep_holds(found.holds)
    changed = {binding.connection: binding for binding in found.bindings}
    held = still_open(holds, found)
    kept = records or {}
    for tie in ties:
        binding = changed.get(tie.connection, tie)
        if tie.connection in kept:
            binding = _told(binding, kept[tie.connection])
        store.keep_bindings([(binding, is_owed(found.entity, binding, held))])


def is_owed(entity: Entity, binding: Binding, holds: Iterable[Hold]) -> bool:
    """Whether a copy no longer stands for its entity in some field that may be written."""
    held = {hold.field for hold in holds if binding.connection in hold.connections}
    return any(differs(entity, binding, name) for name in {*binding.seen, *binding.agreed} - held)


def _told(binding: Binding, kept: Kept) -> Binding:
    """A binding that knows which state of its record was judged, and what people call it."""
    record = kept.record
    return replace(binding, digest=digest(record), shown_key=record.key, url=record.url, state="bound", at=record.at)


def _under(key: str, found: Reconciliation) -> Reconciliation:
    """What was found, under the key that it gets only now."""
    update: dict[str, Any] = {"key": key}
    return replace(
        found,
        entity=found.entity.model_copy(update=update),
        bindings=tuple(replace(binding, key=key) for binding in found.bindings),
        events=tuple(replace(event, key=key) for event in found.events),
    )
