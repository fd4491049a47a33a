"""Strangers: records that are nobody's copy yet. Each is recognised, taken up as something new, or let go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hub.config import Sync
from hub.mapping import Unmapped
from hub.model import Kind, entity_class, fields_of
from hub.reconcile import Binding, Reconciliation, adopt, meet
from hub.store import Intent, Kept, Store, digest
from hub.sync.intended import bound_again
from hub.sync.ledger import End, Ledger
from hub.sync.marker import key_in
from hub.sync.partner import Partner

KNOWN_EVERYWHERE = frozenset({Kind.CLIENT, Kind.CONTACT})
"""Kinds of which two records with the same identity are the same thing, whatever service shows them."""

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

    def take(self, kind: Kind, strangers: Sequence[Kept]) -> tuple[Ties, int]:
        """The ties of those that turned out to be copies, which are still to be judged; how many were taken up."""
        known: Ties = {}
        moved = 0
        for name in dict.fromkeys(kept.connection for kept in strangers):
            mine = [kept for kept in strangers if kept.connection == name]
            found, rest = self._own_creations(kind, name, mine)
            met = self._recognised(kind, name, rest)
            known |= found | met
            moved += self._import(kind, name, [kept for kept in rest if (name, kept.record.id) not in met])
        return known, moved

    def _own_creations(self, kind: Kind, name: str, strangers: Sequence[Kept]) -> tuple[Ties, list[Kept]]:
        """Records that carry the marker of a create whose answer never came, and all the others.

        While such a create is looked for in vain, a record without a marker may be what it made: it waits.
        """
        intents = self.store.intents(name, kind)
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
        binding = bound_again(self.partners[kept.connection], kept.record, intent)
        self.store.keep_bindings([(binding, False)])
        self.store.drop_intents(kept.connection, intent.kind, [intent.key])
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
                if all(tie.connection != name for tie in ties.get(key, []))
            )
            if key := next(free, None):
                met[name, kept.record.id] = tie = meet(key, kind, name, kept.record.id)
                ties.setdefault(key, []).append(tie)
        self.store.keep_bindings((tie, False) for tie in met.values())
        return met

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
        keys = iter(self.store.next_keys(kind, len(candidates)))
        adopted: list[tuple[Kept, Reconciliation]] = []
        for kept in candidates:
            found = self._adopted(kind, kept)
            alone = found.entity.owner_field is not None and found.entity.belongs_to is None
            if not alone and route.where.takes(found.entity):
                adopted.append((kept, _under(next(keys), found)))
        taken = {id(kept) for kept, _ in adopted}
        self.ignore(kind, [kept for kept in strangers if id(kept) not in taken])
        self._keep_imports(kind, adopted)
        return len(adopted)

    def _adopted(self, kind: Kind, kept: Kept) -> Reconciliation:
        partner = self.partners[kept.connection]
        given = {"audience": partner.spoke.routes[kind].audience} if "audience" in fields_of(entity_class(kind)) else {}
        observation = partner.observation(kept.record, kept.read_at)
        return adopt("", kind, partner.name, kept.record.id, observation, partner.mapping(kind), given)

    def ignore(self, kind: Kind, ignored: Iterable[Kept]) -> None:
        """What no rule of the sync takes up is let go, and counted."""
        gone = []
        for kept in ignored:
            self.ledger.spokes[kept.connection].note(kind, kept.record.id, End.IGNORED)
            gone.append((kept.connection, kind.value, kept.record.id))
        self.store.drop_records(gone)

    def _keep_imports(self, kind: Kind, adopted: Sequence[tuple[Kept, Reconciliation]]) -> None:
        self.store.keep_entities(found.entity for _, found in adopted)
        self.store.keep_bindings((told(found.bindings[0], kept), is_owed_at_first(found)) for kept, found in adopted)
        self.store.keep_events((event for _, found in adopted for event in found.events), self.run)
        for kept, found in adopted:
            spoke = self.ledger.spokes[kept.connection]
            spoke.note(kind, kept.record.id, End.IMPORTED)
            self.ledger.plan.append(_planned_import(kept, found))
            note_blocked(self.ledger, kept.connection, kept.record.id, found)
        done = [(k.connection, kind.value, k.record.id) for k, found in adopted if not found.blocked]
        self.store.drop_records(done)


def kind_lacks_markers(kind: Kind) -> bool:
    """Whether services may have no place for a marker in a kind."""
    return kind in {Kind.COMMENT, Kind.ATTACHMENT, Kind.TASK}


def is_owed_at_first(found: Reconciliation) -> bool:
    """Whether a record that was taken up says nothing yet of some field, and is owed it."""
    binding = found.bindings[0]
    return bool(set(binding.seen) - set(binding.agreed))


def note_blocked(ledger: Ledger, connection: str, remote: str, found: Reconciliation) -> None:
    """Count the fields of a copy that could not be read."""
    for blocked in found.blocked:
        if blocked.connection == connection and not blocked.passes:
            ledger.spokes[connection].note(found.entity.kind, remote, End.BLOCKED)
            ledger.problem(f"{blocked.field}: {blocked.message}", spoke=connection, key=found.entity.key)


def told(binding: Binding, kept: Kept) -> Binding:
    """A binding that knows which state of its record was judged, and what people call it."""
    record = kept.record
    return replace(binding, digest=digest(record), shown_key=record.key, url=record.url, state="bound", at=record.at)


def _planned_import(kept: Kept, found: Reconciliation) -> dict[str, Any]:
    known = fields_of(entity_class(found.entity.kind))
    return {
        "spoke": kept.connection,
        "kind": found.entity.kind,
        "key": found.entity.key,
        "remote": kept.record.id,
        "operation": "import",
        "fields": {e.field: {"from": None, "to": known[e.field].to_json(e.new)} for e in found.events},
        "because": f"new in {kept.connection}",
    }


def _under(key: str, found: Reconciliation) -> Reconciliation:
    """What was found, under the key that it gets only now."""
    update: dict[str, Any] = {"key": key}
    return replace(
        found,
        entity=found.entity.model_copy(update=update),
        bindings=tuple(replace(binding, key=key) for binding in found.bindings),
        events=tuple(replace(event, key=key) for event in found.events),
    )
