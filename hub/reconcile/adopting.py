"""What becomes of a record that is nobody's copy yet: a new entity, bound to it. Pure."""

from collections.abc import Mapping
from typing import Any

from hub.mapping import FieldMap, Unmapped, Unsaid
from hub.model import Entity, Kind, Stamp, defaults_of, entity_class, frozen
from hub.reconcile.facts import Binding, Blocked, Event, Observation, Unmet, told


@frozen
class Adoption:
    """The entity that a record stands for, and what its tie to that record is to remember.

    Args:
        said: By canonical field: the values in which the entity is not as any new one.
        seen, agreed, maps: As in a `Binding`.
        stamp: Whose work everything is that has no stamp of its own.
        by_one: Whether that is everything.
    """

    entity: Entity
    said: Mapping[str, Any]
    seen: Mapping[str, Any]
    agreed: Mapping[str, Any]
    maps: Mapping[str, str]
    stamp: Stamp
    by_one: bool
    blocked: tuple[Blocked, ...] = ()

    @property
    def why_blocked(self) -> Mapping[str, str]:
        """By canonical field: why it cannot be read."""
        return {each.field: each.message for each in self.blocked} if self.blocked else {}

    @property
    def events(self) -> tuple[Event, ...]:
        """The beginning of the entity's history."""
        key, defaults, stamps = self.entity.key, defaults_of(type(self.entity)), self.entity.stamps
        return tuple(
            Event(key, name, defaults[name], value, stamps.get(name, self.stamp)) for name, value in self.said.items()
        )


def adopt(
    key: str,
    kind: Kind,
    connection: str,
    observation: Observation,
    mapping: FieldMap,
    given: Mapping[str, Any] | None = None,
) -> Adoption:
    """The entity called *key* that a record of *connection* stands for.

    A field that cannot be read keeps its default and is left unagreed, so that it is judged once it can be.

    Args:
        given: What fields are before the record is looked at, instead of their defaults.
    """
    model = entity_class(kind)
    defaults = defaults_of(model)
    start = {**defaults, **given} if given else defaults
    seen, values, blocked = _read(connection, observation.fields, mapping, start)
    known = {**given, **values} if given else values
    return Adoption(
        model.restored(key, known, observation.stamps_of(values, mapping)),
        {name: value for name, value in known.items() if value != defaults[name]},
        seen,
        values,
        mapping.fingerprints_of(values),
        observation.stamp,
        not observation.stamps,
        tuple(blocked.values()) if blocked else (),
    )


def _read(
    connection: str, shows: Mapping[str, Any], mapping: FieldMap, start: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Blocked]]:
    """What a record shows of each canonical field, what that stands for, and what cannot be read."""
    seen: dict[str, Any] = {}
    values: dict[str, Any] = {}
    try:
        for name, remote, read in mapping.readers:
            seen[name] = shown = shows.get(remote)
            values[name] = read(shown, current=start[name])
    except Unmapped:
        return _read_one_by_one(connection, shows, mapping, start)
    return seen, values, {}


def _read_one_by_one(
    connection: str, shows: Mapping[str, Any], mapping: FieldMap, start: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Blocked]]:
    seen: dict[str, Any] = {}
    values: dict[str, Any] = {}
    blocked: dict[str, Blocked] = {}
    for name, lens in mapping.items():
        shown = shows.get(lens.remote)
        try:
            values[name] = lens.to_canonical(shown, current=start[name])
        except Unsaid:
            seen[name] = shown
        except Unmapped as problem:
            blocked[name] = Blocked(connection, name, told(problem), isinstance(problem, Unmet))
        else:
            seen[name] = shown
    return seen, values, blocked


def meet(key: str, kind: Kind, connection: str, remote: str) -> Binding:
    """A tie between an entity and a record that both exist already: nothing was ever agreed between them."""
    return Binding(connection, kind, remote, key)
