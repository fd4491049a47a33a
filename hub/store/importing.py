"""The rows of what is new: of an entity, of the tie to the record that it came from, and what is told of its beginning.

The same as the rows of anything else, made in one go.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from hub.reconcile import Adoption, Binding
from hub.store import codec

Row = tuple[Any, ...]


class Imported(NamedTuple):
    """Rows by table, and what is told of the beginning: for each stamp its four parts, and the values that it is of."""

    entity: Row
    binding: Row
    beginning: Sequence[Any]


def imported(found: Adoption, tie: Binding, prints: str, *, owed: bool) -> Imported:
    """The rows of one new entity, and of the tie to the record that it came from."""
    entity, new = found.entity, codec.values_json(tie.kind, found.said)
    row = codec.binding_row(tie, prints, owed=owed)
    if not found.by_one:
        return Imported(codec.entity_row(entity, codec.doc_of(entity, new)), row, _told(found, new))
    told = codec.stamp_json(found.stamp)
    doc = codec.text({"stamps": [[told, list(entity.stamps)]], "values": new})
    return Imported(codec.entity_row(entity, doc), row, [[*told, new]] if new else [])


def _told(found: Adoption, new: Mapping[str, Any]) -> Sequence[Any]:
    told = []
    for _, same in groupby(found.events, lambda event: id(event.stamp)):
        some = list(same)
        told.append([*codec.stamp_json(some[0].stamp), {event.field: new[event.field] for event in some}])
    return told
