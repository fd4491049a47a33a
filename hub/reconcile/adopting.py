"""What becomes of a record that is nobody's copy yet: a new entity, bound to it. Pure."""

from collections.abc import Mapping
from typing import Any

from hub.mapping import FieldMap, Unmapped, Unsaid
from hub.model import Kind, entity_class, fields_of
from hub.reconcile.facts import Binding, Blocked, Event, Observation, Reconciliation, Unmet, told


def adopt(
    key: str,
    kind: Kind,
    connection: str,
    remote: str,
    observation: Observation,
    mapping: FieldMap,
    given: Mapping[str, Any] | None = None,
) -> Reconciliation:
    """The entity that a record stands for, with the binding that says so.

    A field that cannot be read keeps its default and is left unagreed, so that it is judged once it can be.

    Args:
        given: What fields are before the record is looked at, instead of their defaults.
    """
    start: Mapping[str, Any] = given or {}
    values: dict[str, Any] = {}
    seen: dict[str, Any] = {}
    blocked: dict[str, Blocked] = {}
    fields = fields_of(entity_class(kind))
    for name, lens in mapping.items():
        shown = observation.fields.get(lens.remote)
        try:
            values[name] = lens.to_canonical(shown, current=start.get(name, fields[name].default))
        except Unsaid:
            seen[name] = shown
        except Unmapped as problem:
            blocked[name] = Blocked(connection, name, told(problem), isinstance(problem, Unmet))
        else:
            seen[name] = shown
    stamps = observation.stamps_of({name: mapping[name].remote for name in values})
    entity = entity_class(kind).restored(key, {**start, **values}, stamps)
    prints = mapping.fingerprints()
    maps = prints if len(values) == len(prints) else {name: prints[name] for name in values}
    binding = Binding(
        connection, kind, remote, key, seen, values, maps, {name: each.message for name, each in blocked.items()}
    )
    events = [
        Event(key, name, fields[name].default, value, stamps.get(name, observation.stamp))
        for name, value in {**start, **values}.items()
        if value != fields[name].default
    ]
    return Reconciliation(entity, (binding,), tuple(events), blocked=tuple(blocked.values()))


def meet(key: str, kind: Kind, connection: str, remote: str) -> Binding:
    """A tie between an entity and a record that both exist already: nothing was ever agreed between them."""
    return Binding(connection, kind, remote, key)
