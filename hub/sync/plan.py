"""Plan: what every copy is owed, as data. A dry run shows it; a run carries out the very same."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.config import Sync
from hub.model import NOTHING, Entity, Kind, entity_class, fields_of, frozen
from hub.reconcile import Binding, Debt, Hold, debt, draft, last_shown, owes, remapped
from hub.sdk.connector import Operation
from hub.store import Intent, Store
from hub.store.codec import text
from hub.sync.ledger import End, Ledger
from hub.sync.partner import Partner

NEVER = frozenset[str]()
REFUSED = "#"
"""Under this name a binding's `blocked` keeps what exactly was refused: the same is not asked for again."""
ANYTHING = "*"
"""In place of what was refused: nothing at all is asked for."""
WHOLE = ""
"""Under this name a binding's `blocked` says why the whole copy cannot be written."""


@frozen
class Update:
    """A copy that is owed a write.

    Args:
        shown: The record's fields against which the debt was reckoned, if it was: what the copy last showed.
    """

    entity: Entity
    binding: Binding
    debt: Debt
    held: frozenset[str]
    shown: Mapping[str, Any] | None = None


@frozen
class Create:
    """A copy that is to be made."""

    entity: Entity
    debt: Debt


@dataclass(frozen=True, slots=True)
class Planner:
    """Says what one spoke is owed. Reads the store, writes nothing.

    Args:
        now: The present moment, for spokes that are told of changes only after a quiet while.
    """

    sync: Sync
    partner: Partner
    store: Store
    ledger: Ledger
    now: datetime

    def updates(self, kind: Kind) -> Iterator[Update]:
        """The copies to be written, and those that only need it noted that they are right as they are; by key."""
        if Operation.UPDATE not in self.partner.connector.kinds[kind].operations:
            return
        last = ""
        while owed := self.store.owed(self.partner.name, kind, last):
            last = owed[-1].key
            keys = [binding.key for binding in owed]
            entities, holds = self.store.entities(keys), self.store.holds(keys)
            for binding in owed:
                update = self._update(entities[binding.key], binding, holds.get(binding.key, ()))
                if update is not None:
                    yield update

    def _update(self, entity: Entity, binding: Binding, holds: Sequence[Hold]) -> Update | None:
        kind = entity.kind
        if not self.partner.spoke.routes[kind].where.takes(entity):
            self.ledger.spokes[self.partner.name].note(kind, binding.remote, End.IGNORED)
            return None
        mapping = self.partner.mapping(kind)
        held = waiting(binding)
        if holds:
            held |= {hold.field for hold in holds if self.partner.name in hold.connections}
        disclosure = self.partner.disclosure(kind)
        owed = owes(entity, binding, mapping, held, disclosure)
        if not owed or self._too_fresh(entity, binding, owed):
            return None
        shown = last_shown(binding, mapping, held)
        owing = debt(entity, binding, mapping, shown, held, disclosure, owed)
        if owing.blocked:
            self._tell_blocked(entity, binding.remote, owing.blocked)
        if owing.nothing or self._refused(entity, binding, owing):
            return None
        return Update(entity, binding, owing, held, shown)

    def _too_fresh(self, entity: Entity, binding: Binding, owed: Iterable[str]) -> bool:
        """Whether somebody may be at it still: who is told by mail is told once, and not of every step.

        What a copy was never told at all is told at once; so is what is far in the future, as some clock was wrong then.
        """
        quiet = self.partner.spoke.quiet
        if quiet is None or any(binding.agreed_of(name) is NOTHING for name in owed):
            return False
        newest = max((stamp.at for name in owed if (stamp := entity.stamps.get(name))), default=None)
        return newest is not None and abs(self.now - newest) < quiet

    def _refused(self, entity: Entity, binding: Binding, owing: Debt) -> bool:
        if REFUSED not in binding.blocked or binding.blocked[REFUSED] not in (ANYTHING, text(owing.patch)):
            return False
        self._tell_blocked(entity, binding.remote, {WHOLE: binding.blocked.get(WHOLE, "refused")})
        return True

    @property
    def settings(self) -> str:
        """What it depends on who lacks a copy: with other settings, everything is considered anew."""
        routes = {kind.value: route.said for kind, route in self.partner.spoke.routes.items()}
        return hashlib.blake2b(text([routes, *self.sync.spokes]).encode(), digest_size=12).hexdigest()

    def taken(self, kind: Kind, entities: Sequence[Entity]) -> Sequence[Entity]:
        """Those of *entities* of a kind that this spoke takes part in, and may see."""
        route = self.partner.spoke.routes[kind]
        if route.is_open:
            return entities
        return [entity for entity in entities if route.where.takes(entity) and route.disclosure.admits(entity)]

    def creates(self, kind: Kind, entities: Iterable[Entity]) -> list[Create]:
        """The copies to be made of *entities*, without those that cannot be."""
        intents = self.store.intents(self.partner.name, kind)
        mapping, disclosure = self.partner.mapping(kind), self.partner.disclosure(kind)
        planned = [
            self._create(entity, draft(entity, mapping, disclosure), intents.get(entity.key)) for entity in entities
        ]
        return [create for create in planned if create is not None]

    def _create(self, entity: Entity, owing: Debt, intent: Intent | None) -> Create | None:
        if owing.blocked:
            self._tell_blocked(entity, entity.key, owing.blocked)
        if intent is not None and intent.refused is not None and text(intent.fields) == text(owing.patch):
            self._tell_blocked(entity, entity.key, {WHOLE: intent.refused})
            return None
        if entity.kind is Kind.ATTACHMENT and (why := self._too_large(entity)):
            self._tell_blocked(entity, entity.key, {WHOLE: why})
            return None
        return Create(entity, owing)

    def _too_large(self, entity: Entity) -> str:
        largest = self.partner.connector.kinds[entity.kind].largest
        size = getattr(entity, "size", None) or 0
        if largest is None or size <= largest:
            return ""
        return f"has {size:,} bytes, and {self.partner.name} takes no more than {largest:,}"

    def deletes(self, kind: Kind) -> list[Binding]:
        """The copies to be deleted, as what they are copies of was deleted where it came from."""
        return self.store.doomed(self.partner.name, kind)

    def _tell_blocked(self, entity: Entity, record: str, blocked: Mapping[str, str]) -> None:
        for name, message in blocked.items():
            self.ledger.spokes[self.partner.name].note(entity.kind, record, End.BLOCKED)
            said = f"{name}: {message}" if name else message
            self.ledger.problem(said, spoke=self.partner.name, key=entity.key)


def waiting(binding: Binding) -> frozenset[str]:
    """Fields whose copy shows something that could not be read: nothing is written over that."""
    return frozenset(name for name in binding.blocked if name not in {WHOLE, REFUSED}) if binding.blocked else NEVER


def without_refusals(binding: Binding) -> Binding:
    """The binding of a copy that can be written again."""
    if WHOLE not in binding.blocked and REFUSED not in binding.blocked:
        return binding
    return replace(binding, blocked={n: m for n, m in binding.blocked.items() if n not in {WHOLE, REFUSED}})


def fields_written(binding: Binding, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By canonical field: what a copy stood for, and what it is to stand for, in JSON."""
    agreed, fields = binding.agreed, fields_of(entity_class(binding.kind))
    return {
        name: {
            "from": fields[name].to_json(agreed[name]) if name in agreed else None,
            "to": fields[name].to_json(value),
        }
        for name, value in values.items()
    }


def planned_write(spoke: str, entity: Entity, operation: str, binding: Binding | None, owing: Debt) -> dict[str, Any]:
    """A write in the shape of a run report's plan."""
    changed = fields_written(binding, owing.values) if binding else _fields_made(entity, owing.values)
    return {
        "spoke": spoke,
        "kind": entity.kind,
        "key": entity.key,
        "remote": binding.remote if binding else None,
        "operation": operation,
        "fields": changed,
        "because": _because(entity, binding, changed) if binding else f"no copy in {spoke} yet",
    }


def _fields_made(entity: Entity, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    fields = fields_of(entity_class(entity.kind))
    return {
        name: {"from": None, "to": fields[name].to_json(value)}
        for name, value in values.items()
        if value != fields[name].default
    }


def planned_delete(spoke: str, binding: Binding) -> dict[str, Any]:
    """A deletion in the shape of a run report's plan."""
    return {
        "spoke": spoke,
        "kind": binding.kind,
        "key": binding.key,
        "remote": binding.remote,
        "operation": "delete",
        "fields": {},
        "because": "it was deleted where it was written",
    }


def _because(entity: Entity, binding: Binding, names: Iterable[str]) -> str:
    if not set(names) - remapped(binding):
        return "names or fields are mapped otherwise now"
    stamps = [entity.stamps[name] for name in names if name in entity.stamps]
    if not stamps:
        return "the hub holds another value"
    last = max(stamps, key=lambda stamp: stamp.at)
    who = f" by {last.who}" if last.who else ""
    return f"{last.because}{who} in {last.connection}"
