"""The rows of the history: what people set at once is one of them, and so is how many entities began."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from hub.model import Kind, entity_class, fields_of
from hub.reconcile import Event
from hub.store import codec
from hub.store.migrations import EVENT

EVERYTHING = "*"
"""The field of an event that tells of several fields at once."""
BEGINNINGS = "**"
"""The field of an event that tells how many entities began: `new` has by key, for each stamp, its four parts and the values."""


@codec.reader
def told(row: Sequence[Any], only: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What a row of the history tells, an event for each field of each entity; of those that began with others *only* some."""
    event = dict(zip(EVENT.split(", "), row, strict=True))
    old, new = codec.data_of(event["old"]), codec.data_of(event["new"])
    event["overruled"] = bool(event["overruled"])
    if event["field"] == BEGINNINGS:
        return [
            one for key in only or new for one in _begun(codec.kind_of(key), {**event, "key": key}, new.get(key, []))
        ]
    if event["field"] == EVERYTHING:
        return [{**event, "field": field, "old": old[field], "new": new[field]} for field in new]
    return [{**event, "old": old, "new": new}]


def _begun(kind: Kind, event: Mapping[str, Any], begun: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """What is told of one entity that began with others."""
    fields = fields_of(entity_class(kind))
    for who, connection, at, because, values in begun:
        stamp = {"who": who, "connection": connection, "at": at, "because": because}
        for field, value in values.items():
            known = fields.get(field)
            old = known.to_json(known.default) if known else None
            yield {**event, **stamp, "field": field, "old": old, "new": value}


def event_rows(events: Iterable[Event], run: str | None, noted: datetime) -> Iterator[tuple[Any, ...]]:
    """Events in the order of their table's columns after the id. What one person set at once in an entity is one row."""
    at = codec.moment(noted)
    for _, same in groupby(events, lambda event: (event.key, event.overruled, id(event.stamp))):
        some = list(same)
        if 1 < len({event.field for event in some}) == len(some):
            yield _row_of_several(some, run, at)
        else:
            yield from (_row_of_event(event, run, at) for event in some)


def _row_of_event(event: Event, run: str | None, noted: str) -> tuple[Any, ...]:
    """An event that is told by itself."""
    field = fields_of(entity_class(codec.kind_of(event.key)))[event.field]
    told = (*codec.stamp_json(event.stamp), run, noted, int(event.overruled))
    return (event.key, event.field, codec.text(field.to_json(event.old)), codec.text(field.to_json(event.new)), *told)


def _row_of_several(events: Sequence[Event], run: str | None, noted: str) -> tuple[Any, ...]:
    """Events of one entity and one stamp, each of another field."""
    first = events[0]
    old = codec.values_json(codec.kind_of(first.key), {event.field: event.old for event in events})
    new = codec.values_json(codec.kind_of(first.key), {event.field: event.new for event in events})
    told = (*codec.stamp_json(first.stamp), run, noted, int(first.overruled))
    return (first.key, EVERYTHING, codec.text(old), codec.text(new), *told)
