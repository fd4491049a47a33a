"""Strangers: records that are nobody's copy yet. Each is recognised, taken up as something new, or let go."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any

from hub.config import Sync
from hub.mapping import Unmapped
from hub.model import Entity, Kind, Merge, entity_class, fields_of
from hub.reconcile import Adoption, Binding, Blocked, adopt, meet
from hub.sdk.records import Absence, Record
from hub.store import Intent, Kept, Store, Write, digest
from hub.sync.intended import bound_again
from hub.sync.ledger import End, Ledger
from hub.sync.marker import key_in
from hub.sync.partner import Partner
from hub.sync.pull import KNOWN_EVERYWHERE, UNDONE

NOTHING_YET: Mapping[str, Any] = MappingProxyType({})
GONE = frozenset({Absence.DELETED.value, UNDONE})
"""The states of a tie whose copy is not there any more: another one may take its place."""
HEARD = frozenset({Kind.COMMENT, Kind.ATTACHMENT})
"""Kinds with an audience."""
Ties = dict[tuple[str, str], Binding]
"""By connection and remote id."""


@dataclass
class Strangers:
    """Takes up the strangers among what a run has read."""

    sync: Sync
    partners: Mapping[str, Partner]
    store: Store
    ledger: Ledger
    run: str
    hub_id: str
    now: datetime

    def take(self, kind: Kind, strangers: Sequence[Kept]) -> tuple[Ties, int]:
        """The ties of those that turned out to be copies, which are still to be judged; how many were taken up."""
        known: Ties = {}
        moved = 0
        ours: dict[str, list[Kept]] = {}
        for name in dict.fromkeys(kept.connection for kept in strangers):
            mine = [kept for kept in strangers if kept.connection == name]
            found, rest = self._own_creations(kind, name, mine)
            met = self._recognised(kind, name, rest)
            known |= found | met
            ours[name] = self._made_here(kind, name, rest)
            if away := {*(remote for _, remote in met), *(kept.record.id for kept in ours[name])}:
                rest = [kept for kept in rest if kept.record.id not in away]
            moved += self._import(kind, name, rest)
        for name, mine in ours.items():
            met = self._forgotten(kind, name, mine)
            known |= met
            moved += self._import(kind, name, [kept for kept in mine if (name, kept.record.id) not in met])
        return known, moved

    def _own_creations(self, kind: Kind, name: str, strangers: Sequence[Kept]) -> tuple[Ties, list[Kept]]:
        """Records that carry the marker of a create whose answer never came, and all the others.

        While such a create is looked for in vain, a record without a marker may be what it made: it waits.
        """
        intents = self.store.intents(name, kind)
        if not intents:
            return {}, list(strangers)
        unsure = any(intent.refused is None for intent in intents.values())
        found: Ties = {}
        rest: list[Kept] = []
        for kept in strangers:
            intent = intents.pop(key_in(kept.record.marker, self.hub_id) or "", None)
            if intent is not None:
                found[name, kept.record.id] = self._bind_creation(kept, intent)
            elif not unsure or kept.record.marker or not kind_lacks_markers(kind):
                rest.append(kept)
        return found, rest

    def _bind_creation(self, kept: Kept, intent: Intent) -> Binding:
        """Bind it; what it shows is judged with everything else that was read."""
        entity = self.store.entities([intent.key])[intent.key]
        binding = bound_again(self.partners[kept.connection], kept.record, intent, entity)
        self.store.keep_ties([(binding, False)])
        self.store.drop_intents(kept.connection, intent.kind, [intent.key])
        made = Write(self.run, kept.connection, intent.kind, kept.record.id, intent.key, "create", self.now)
        self.store.keep_writes([made])
        self.ledger.spokes[kept.connection].note(intent.kind, kept.record.id, End.CREATED)
        return binding

    def _recognised(self, kind: Kind, name: str, strangers: Sequence[Kept]) -> Ties:
        """Records of a client or contact that the hub knows from elsewhere: by their domain or e-mail address."""
        if kind not in KNOWN_EVERYWHERE:
            return {}
        identities = {kept.record.id: self._identity(kind, kept) for kept in strangers}
        known = self.store.known_as(kind, [each for each in identities.values() if each])
        ties = self.store.bindings_of(key for keys in known.values() for key in keys)
        met: Ties = {}
        for kept in strangers:
            free = (
                key
                for key in known.get(identities[kept.record.id], [])
                if all(tie.connection != name or tie.state in GONE for tie in ties.get(key, []))
            )
            if key := next(free, None):
                met[name, kept.record.id] = tie = meet(key, kind, name, kept.record.id)
                ties[key] = [*(each for each in ties.get(key, []) if each.connection != name), tie]
        self.store.keep_ties((tie, False) for tie in met.values())
        return met

    def _made_here(self, kind: Kind, name: str, strangers: Sequence[Kept]) -> list[Kept]:
        """Copies that this hub made, and that its store does not know of, having been set back to an earlier state."""
        carriers = [kept.record for kept in strangers if kept.record.marker]
        if not carriers and not kind_lacks_markers(kind):
            return []
        marked = {record.id: key for record in carriers if (key := key_in(record.marker, self.hub_id))}
        ties = self.store.bindings_of(marked.values()) if marked else {}
        twins = {remote for remote, key in marked.items() if any(tie.connection == name for tie in ties.get(key, ()))}
        partner = self.partners[name]
        return [
            kept
            for kept in strangers
            if kept.record.id not in twins  # what somebody copied from a copy has its marker as well
            and (kept.record.id in marked or (kind_lacks_markers(kind) and partner.is_own_work(kept.record)))
        ]

    def _forgotten(self, kind: Kind, name: str, made: Sequence[Kept]) -> Ties:
        """The ties of those of which it can be told what they were made from: that shows the same, and has no copy."""
        met: Ties = {}
        for kept in made:
            if same := self._same_without_copy(kind, name, kept, {tie.key for tie in met.values()}):
                met[name, kept.record.id] = meet(same, kind, name, kept.record.id)
        if met:
            self.store.keep_ties((tie, False) for tie in met.values())
        return met

    def _same_without_copy(self, kind: Kind, name: str, kept: Kept, taken: Collection[str]) -> str | None:
        """The key of an entity that lacks a copy there, and that the record shows in every field that can be edited."""
        shown, own = kept.record.fields, self._lifting(kind, name)("", kept).entity
        fields = fields_of(type(own))
        lenses = [
            (field, lens)
            for field, lens in self.partners[name].mapping(kind).items()
            if fields[field].merge is not Merge.ONCE or field == own.owner_field
        ]
        for entity in self.store.named_without(name, kind, own.label):
            same = (lens.stands_for(shown.get(lens.remote), entity.value(field)) for field, lens in lenses)
            if entity.key not in taken and all(same):
                return entity.key
        return None

    def _identity(self, kind: Kind, kept: Kept) -> str:
        field = entity_class(kind).identity_field
        lens = self.partners[kept.connection].mapping(kind).get(field or "")
        try:
            return str(lens.get(kept.record.fields.get(lens.remote)) or "").strip().lower() if lens else ""
        except Unmapped:
            return ""

    def _import(self, kind: Kind, name: str, strangers: Sequence[Kept]) -> int:
        """New records become entities where the spoke originates their kind, each under what it belongs to."""
        route = self.partners[name].spoke.routes[kind]
        candidates = strangers if route.originates else ()
        keys = self.store.next_keys(kind, len(candidates))
        adopted: list[tuple[Kept, Adoption]] = []
        ignored = [] if route.originates else list(strangers)
        nested, lift = entity_class(kind).owner_field is not None, self._lifting(kind, name)
        for kept in candidates:
            found = lift(keys[len(adopted)], kept)
            if route.where.takes(found.entity) and not (nested and found.entity.belongs_to is None):
                adopted.append((kept, found))
            else:
                ignored.append(kept)
        self.ignore(kind, ignored)
        self._keep_imports(kind, adopted)
        return len(adopted)

    def _lifting(self, kind: Kind, name: str) -> Callable[[str, Kept], Adoption]:
        """What makes a new entity, under a given key, of a record of one connection."""
        partner = self.partners[name]
        mapping, observe = partner.mapping(kind), partner.observation
        given = {"audience": partner.spoke.routes[kind].audience} if kind in HEARD else None
        return lambda key, kept: adopt(key, kind, name, observe(kept.record, kept.read_at), mapping, given)

    def ignore(self, kind: Kind, ignored: Iterable[Kept]) -> None:
        """What no rule of the sync takes up is let go, and counted."""
        gone = []
        for kept in ignored:
            self.ledger.spokes[kept.connection].note(kind, kept.record.id, End.IGNORED)
            if kept.waits:
                gone.append((kept.connection, kind.value, kept.record.id))
        self.store.drop_records(gone)

    def _keep_imports(self, kind: Kind, adopted: Sequence[tuple[Kept, Adoption]]) -> None:
        new = [
            (found, tie_to_new(kept.record, kept.connection, found), is_owed_at_first(found)) for kept, found in adopted
        ]
        self.store.keep_imports(new, self.run, self.now)
        for name, some in groupby(adopted, lambda each: each[0].connection):
            self.ledger.spokes[name].note_all(kind, [kept.record.id for kept, _ in some], End.IMPORTED)
        for kept, found in adopted:
            if self.ledger.plan is not None:
                self.ledger.plan.append(_planned_import(kept, found))
            if found.blocked:
                note_blocked(self.ledger, kept.connection, kept.record.id, found.entity, found.blocked)
                if not kept.waits:
                    self.store.keep_records(kept.connection, kind, [kept.record], kept.read_at)
        self.store.drop_records(
            (kept.connection, kind.value, kept.record.id) for kept, found in adopted if kept.waits and not found.blocked
        )


def kind_lacks_markers(kind: Kind) -> bool:
    """Whether services may have no place for a marker in a kind."""
    return kind in {Kind.COMMENT, Kind.ATTACHMENT, Kind.TASK}


def is_owed_at_first(found: Adoption) -> bool:
    """Whether a record that was taken up says nothing yet of some field, and is owed it."""
    return len(found.seen) > len(found.agreed)


def note_blocked(ledger: Ledger, connection: str, remote: str, entity: Entity, unread: Iterable[Blocked]) -> None:
    """Count the fields of a copy that could not be read."""
    for blocked in unread:
        if blocked.connection == connection and not blocked.passes:
            ledger.spokes[connection].note(entity.kind, remote, End.BLOCKED)
            ledger.problem(f"{blocked.field}: {blocked.message}", spoke=connection, key=entity.key)


def tie_to(
    record: Record,
    connection: str,
    kind: Kind,
    key: str,
    seen: Mapping[str, Any] = NOTHING_YET,
    agreed: Mapping[str, Any] = NOTHING_YET,
    maps: Mapping[str, str] = NOTHING_YET,
    blocked: Mapping[str, str] = NOTHING_YET,
) -> Binding:
    """The tie of an entity to a record, of which this state is judged."""
    state = (digest(record), record.key, record.url, "bound", record.at)
    return Binding(connection, kind, record.id, key, seen, agreed, maps, blocked, *state)


def tie_to_new(record: Record, connection: str, found: Adoption) -> Binding:
    """The tie of a new entity to the record that it came from."""
    entity, held = found.entity, (found.seen, found.agreed, found.maps, found.why_blocked)
    return tie_to(record, connection, entity.kind, entity.key, *held)


def told(binding: Binding, record: Record) -> Binding:
    """A binding that knows which state of its record was judged, and what people call it."""
    return binding.showing(digest(record), record.key, record.url, record.at)


def _planned_import(kept: Kept, found: Adoption) -> dict[str, Any]:
    known = fields_of(entity_class(found.entity.kind))
    return {
        "spoke": kept.connection,
        "kind": found.entity.kind,
        "key": found.entity.key,
        "remote": kept.record.id,
        "operation": "import",
        "fields": {name: {"from": None, "to": known[name].to_json(value)} for name, value in found.said.items()},
        "because": f"new in {kept.connection}",
    }
