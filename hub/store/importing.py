"""The rows of what is new: of an entity, of the tie to the record that it came from, and what is told of its beginning.

The same as the rows of anything else, made in one go: each value becomes JSON only once.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from hub.model import Stamp
from hub.reconcile import Event, Reconciliation
from hub.store import codec

Row = tuple[Any, ...]


class Imported(NamedTuple):
    """Rows by table, and what is told of the beginning: for each stamp its four parts, and the values that it is of."""

    entity: Row
    binding: Row
    beginning: Sequence[Any]


def imported(found: Reconciliation, *, owed: bool) -> Imported:
    """The rows of one new entity, whose events say everything in which it is not as any new one."""
    entity, (binding,), events = found.entity, found.bindings, found.events
    agreed = codec.values_json(entity.kind, binding.agreed)
    new = {event.field: agreed[event.field] for event in events if event.field in agreed}
    if len(new) < len(events):
        rest = {event.field: event.new for event in events if event.field not in agreed}
        new |= codec.values_json(entity.kind, rest)
    tie = codec.row_of_binding(binding, agreed, owed=owed)
    stamp = _only_stamp(found)
    if stamp is None:
        return Imported(codec.entity_row(entity, codec.doc_of(entity, new)), tie, _told(events, new))
    told = codec.stamp_json(stamp)
    doc = codec.text({"stamps": [[told, list(entity.stamps)]], "values": new})
    return Imported(codec.entity_row(entity, doc), tie, [[*told, new]])


def _told(events: Sequence[Event], new: Mapping[str, Any]) -> Sequence[Any]:
    told = []
    for _, same in groupby(events, lambda event: id(event.stamp)):
        some = list(same)
        told.append([*codec.stamp_json(some[0].stamp), {event.field: new[event.field] for event in some}])
    return told


def _only_stamp(found: Reconciliation) -> Stamp | None:
    """The stamp of everything that is said of a new entity, if there is one."""
    if not found.events:
        return None
    first = found.events[0].stamp
    stamps = [event.stamp for event in found.events]
    stamps.extend(found.entity.stamps.values())
    return first if stamps.count(first) == len(stamps) else None
