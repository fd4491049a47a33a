"""How the fields of an entity merge, and how their values are written to JSON and read again."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

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
    restore: Callable[[Any], Any]
    """Makes of JSON data that `to_json` wrote the value that it was, without asking whether it is one."""
    refers_to: Kind | None = None
    words: bool = False
    """Whether it is a set of words, as labels are."""

    def to_json(self, value: Any) -> Any:
        """*value* as JSON data, deterministic; NOTHING as the marker `{"$": "NOTHING"}`."""
        if value.__class__ in PLAIN:
            return value
        if self.words and value.__class__ is frozenset:
            return sorted(value)
        if value is NOTHING:
            return dict(UNAGREED)
        if isinstance(value, Enum):
            return value.value
        if self.restore is frozenset:
            return sorted(value)
        if isinstance(value, frozenset):
            return sorted(self.adapter.dump_python(value, mode="json"), key=_order) if value else []
        if isinstance(value, Mapping):
            return self.adapter.dump_python(dict(sorted(value.items())), mode="json")
        return self.adapter.dump_python(value, mode="json")

    def from_json(self, data: Any) -> Any:
        """The value that `to_json` wrote. Raises pydantic.ValidationError if *data* is no value of this field."""
        return NOTHING if data == UNAGREED else self.adapter.validate_python(data)

    def restored(self, data: Any) -> Any:
        """Like `from_json`, for data of which it is known that `to_json` wrote it."""
        return NOTHING if data.__class__ is dict and data == UNAGREED else self.restore(data)


PLAIN = frozenset({str, int, float, bool, type(None)})
"""Types whose values are JSON data already."""
UNAGREED = {"$": "NOTHING"}
"""How NOTHING is written."""


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


def _restorer(annotation: Any, adapter: TypeAdapter[Any]) -> Callable[[Any], Any]:
    """The quickest way back from JSON data to a value of *annotation*."""
    bare = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    choices = [each for each in get_args(bare) or (bare,) if each is not type(None)]
    if bare == frozenset[str]:
        return frozenset
    if choices == [str]:
        return as_it_is
    if len(choices) == 1 and isinstance(choices[0], type) and issubclass(choices[0], Enum):
        members = {member.value: member for member in choices[0]}
        return lambda data: None if data is None else members[data]
    if choices == [date]:
        return lambda data: None if data is None else date.fromisoformat(data)
    return adapter.validate_python


def as_it_is(data: Any) -> Any:
    """*data* itself: what JSON makes of a text."""
    return data


def _order(item: Any) -> str:
    return str(item.get("email") or item.get("account") or item.get("name")) if isinstance(item, dict) else str(item)


@functools.cache
def fields_of(entity: "type[Entity]") -> Mapping[str, Field]:
    """The mergeable fields of an entity class, by name, in the order of definition."""
    mergeable = {
        name: info for name, info in entity.model_fields.items() if any(isinstance(m, Merge) for m in info.metadata)
    }
    adapters: dict[str, TypeAdapter[Any]] = {name: _adapter(info.annotation) for name, info in mergeable.items()}
    return {
        name: Field(
            name,
            next(m for m in info.metadata if isinstance(m, Merge)),
            info.get_default(call_default_factory=True),
            adapters[name],
            _restorer(info.annotation, adapters[name]),
            next((m for m in info.metadata if isinstance(m, Kind)), None),
            info.annotation == frozenset[str],
        )
        for name, info in mergeable.items()
    }
