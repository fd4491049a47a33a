"""How the fields of an entity merge, and how their values are written to JSON and read again."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from hub.model.kinds import Kind
from hub.model.nothing import NOTHING

if TYPE_CHECKING:
    from hub.model.entities import Entity


class Merge(StrEnum):
    """How two edits of one field come together."""

    SCALAR = "scalar"
    """Three-way; a clash if both moved apart."""
    TEXT = "text"
    """Three-way over Markdown blocks, then words; a clash only where hunks overlap."""
    SET = "set"
    """Adds and removes; never a clash."""
    ITEMS = "items"
    """An ordered list, by the identity of its items."""
    REF = "ref"
    """Another entity, by key; like a scalar."""
    MAP = "map"
    """Key by key."""
    ONCE = "once"
    """Never changes after creation."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind: its name, merge kind, and what it is when nobody has said anything."""

    name: str
    merge: Merge
    default: Any
    adapter: TypeAdapter[Any]
    refers_to: Kind | None = None

    def to_json(self, value: Any) -> Any:
        """*value* as JSON data, deterministic; NOTHING as the marker `{"$": "NOTHING"}`."""
        if value is NOTHING:
            return {"$": "NOTHING"}
        if isinstance(value, Enum):
            return value.value
        if value is None or isinstance(value, str | int | float):
            return value
        if isinstance(value, frozenset):
            return sorted(self.adapter.dump_python(value, mode="json"), key=_order)
        if isinstance(value, Mapping):
            return self.adapter.dump_python(dict(sorted(value.items())), mode="json")
        return self.adapter.dump_python(value, mode="json")

    def from_json(self, data: Any) -> Any:
        """The value that `to_json` wrote. Raises pydantic.ValidationError if *data* is no value of this field."""
        if isinstance(data, dict) and data == {"$": "NOTHING"}:
            return NOTHING
        return self.adapter.validate_python(data)


def _order(item: Any) -> str:
    return str(item.get("email") or item.get("account") or item.get("name")) if isinstance(item, dict) else str(item)


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


@functools.cache
def fields_of(entity: "type[Entity]") -> Mapping[str, Field]:
    """The mergeable fields of an entity class, by name, in the order of definition."""
    return {
        name: Field(
            name,
            next(m for m in info.metadata if isinstance(m, Merge)),
            info.get_default(call_default_factory=True),
            _adapter(info.annotation),
            next((m for m in info.metadata if isinstance(m, Kind)), None),
        )
        for name, info in entity.model_fields.items()
        if any(isinstance(m, Merge) for m in info.metadata)
    }
