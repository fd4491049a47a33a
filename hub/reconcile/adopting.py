"""What becomes of a record that is nobody's copy yet: a new entity, bound to it. Pure."""

from collections.abc import Mapping
from typing import Any

from hub.mapping import FieldMap, Unmapped, Unsaid
from hub.model import Kind, defaults_of, entity_class
from hub.reconcile.facts import Binding, Blocked, Event, Observation, Reconciliation, Unmet, told


def adopt(
    tie: Binding, observation: Observation, mapping: FieldMap, given: Mapping[str, Any] | None = None
) -> Reconciliation:
    """The entity that a record stands for, with the binding that says so.

    A field that cannot be read keeps its default and is left unagreed, so that it is judged once it can be.

    Args:
        tie: Which record, in which of its states, is to be the copy of which new entity.
        given: What fields are before the record is looked at, instead of their defaults.
    """
    model = entity_class(tie.kind)
    defaults = defaults_of(model)
    seen, values, blocked = _read(tie.connection, observation.fields, mapping, {**defaults, **(given or {})})
    known = {**given, **values} if given else values
    stamps = observation.stamps_of(values, mapping)
    events = [
        Event(tie.key, name, defaults[name], value, stamps.get(name, observation.stamp))
        for name, value in known.items()
        if value != defaults[name]
    ]
    why = {name: each.message for name, each in blocked.items()} if blocked else {}
    binding = tie.judged(seen, values, mapping.fingerprints_of(values), why)
    entity = model.restored(tie.key, known, stamps)
    return Reconciliation(entity, (binding,), tuple(events), blocked=tuple(blocked.values()))


def _read(
    connection: str, shows: Mapping[str, Any], mapping: FieldMap, start: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Blocked]]:
    """What a record shows of each canonical field, what that stands for, and what cannot be read."""
    try:
        return (
            {name: shows.get(lens.remote) for name, lens in mapping.items()},
            {n: lens.to_canonical(shows.get(lens.remote), current=start[n]) for n, lens in mapping.items()},
            {},
        )
    except Unmapped:
        return _read_one_by_one(connection, shows, mapping, start)


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
