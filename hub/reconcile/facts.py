"""What reconcile is given, and what it answers: frozen data, no behaviour that reaches outside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from hub.mapping import FieldMap, Unmapped
from hub.model import NOTHING, Entity, Kind, Stamp, frozen


class Unmet(Unmapped):
    """What a field refers to is still to come: the field waits for it, and nobody need be told."""


def told(problem: Unmapped) -> str:
    """What is wrong, and the setting that mends it."""
    return f"{problem.message}: {problem.fix}" if problem.fix else problem.message


@frozen
class Binding:
    """The tie between an entity and its copy on one connection.

    Args:
        seen: By canonical field: what the copy last showed, in the service's own values; NOTHING if never judged.
        agreed: By canonical field: the canonical value that the copy then stood for; NOTHING if never agreed.
        maps: By canonical field: the fingerprint of the mapping under which that was agreed; see `rebasing`.
        blocked: By canonical field: why it can be neither read nor written at present. The key "" is the whole copy.
        digest: Of the record last judged, so that an unchanged one is known without parsing.
        at: When the service had noted the state last judged, by its own clock; an older state is stale.
    """

    connection: str
    kind: Kind
    remote: str
    key: str
    seen: Mapping[str, Any] = field(default_factory=dict)
    agreed: Mapping[str, Any] = field(default_factory=dict)
    maps: Mapping[str, str] = field(default_factory=dict)
    blocked: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    shown_key: str | None = None
    url: str | None = None
    state: str = "bound"
    at: datetime | None = None

    def judged(
        self,
        seen: Mapping[str, Any],
        agreed: Mapping[str, Any],
        maps: Mapping[str, str],
        blocked: Mapping[str, str] | None = None,
    ) -> "Binding":
        """This tie with fields that show, and stand for, something else than before; *blocked* as it was if not given."""
        place, told = (self.connection, self.kind, self.remote, self.key), (self.digest, self.shown_key, self.url)
        why = self.blocked if blocked is None else blocked
        return Binding(*place, seen, agreed, maps, why, *told, self.state, self.at)

    def showing(self, digest: str, shown_key: str | None, url: str | None, at: datetime | None) -> "Binding":
        """This tie to a copy that is there, and of which this state was judged."""
        held = (self.seen, self.agreed, self.maps, self.blocked)
        return Binding(self.connection, self.kind, self.remote, self.key, *held, digest, shown_key, url, "bound", at)

    def seen_of(self, name: str) -> Any:
        """What the copy last showed of a canonical field."""
        return self.seen.get(name, NOTHING)

    def agreed_of(self, name: str) -> Any:
        """The base of a canonical field."""
        return self.agreed.get(name, NOTHING)


@frozen
class Observation:
    """What a copy shows now.

    Args:
        fields: By the record's field, in the service's own values.
        stamp: Who changed it last, and when by our clock.
        stamps: The same per field of the record, where the service says so.
    """

    fields: Mapping[str, Any]
    stamp: Stamp
    stamps: Mapping[str, Stamp] = field(default_factory=dict)

    def stamp_of(self, remote: str) -> Stamp:
        """Who set one field of the record."""
        return self.stamps.get(remote, self.stamp)

    def stamps_of(self, names: Iterable[str], mapping: FieldMap) -> dict[str, Stamp]:
        """Who set each of some canonical fields."""
        if not self.stamps:
            return dict.fromkeys(names, self.stamp)
        return {name: self.stamp_of(mapping[name].remote) for name in names}


@frozen
class Contender:
    """One value that somebody wants a field to have.

    Args:
        connection: Where it was set; `hub` if nowhere outside.
        value: The canonical value.
        base: What that copy and the entity had agreed on; NOTHING at a first meeting.
        shown: The remote value it was lifted from; NOTHING for the entity's own, and of a copy that was deleted since.
        own: Whether this is what the entity holds now.
    """

    connection: str
    value: Any
    base: Any
    stamp: Stamp
    shown: Any = NOTHING
    own: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """A field of an entity that waits for a person.

    Args:
        id: `H-4`; empty until the store has given one.
        decision: The value a person chose, once they did; NOTHING before.
        lost: One contender's value stands nowhere any more, as a write of ours has replaced it unseen. Nothing else is
            kept waiting for that, and only a person's decision closes it.
    """

    key: str
    field: str
    base: Any
    contenders: tuple[Contender, ...]
    since: datetime
    id: str = ""
    decision: Any = NOTHING
    decided: Stamp | None = None
    lost: bool = False

    @property
    def connections(self) -> frozenset[str]:
        """The copies that are not written to while this is open."""
        return frozenset() if self.lost else frozenset(c.connection for c in self.contenders if not c.own)


class Event(NamedTuple):
    """One value of an entity replaced by another: field, old, new, who, where, why.

    Args:
        overruled: The old value was never the entity's: a copy wanted it, and a rule or a person decided otherwise.
    """

    key: str
    field: str
    old: Any
    new: Any
    stamp: Stamp
    overruled: bool = False


@dataclass(frozen=True, slots=True)
class Blocked:
    """A field of a copy that cannot be read or written until data or configuration changes.

    Args:
        passes: Whether it only waits for something that is to come by itself, and is no problem.
    """

    connection: str
    field: str
    message: str
    passes: bool = False


@frozen
class Reconciliation:
    """What follows from the observations: the entity after them, and everything to be remembered. Nothing is done yet."""

    entity: Entity
    bindings: tuple[Binding, ...]
    events: tuple[Event, ...] = ()
    holds: tuple[Hold, ...] = ()
    closes: tuple[Hold, ...] = ()
    blocked: tuple[Blocked, ...] = ()


Mappings = Mapping[str, FieldMap]
"""The bound mapping of the entity's kind, by connection."""
