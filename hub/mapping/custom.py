"""The lens for custom fields: values under names that only the configuration knows."""

import math
from collections.abc import Mapping
from copy import copy
from datetime import date, datetime
from typing import Any, Self

from hub.mapping.lens import Lens, Terms, Unmapped

EMPTY: tuple[Any, ...] = (None, "", (), [])


class CustomFields(Lens):
    """Custom values here, fields of the service there: `{FIELD: {"type": TYPE, "value": VALUE}}`.

    TYPE is `text` (a string), `number`, `flag` (true or false), `day` (`YYYY-MM-DD`) or `choices` (a list of strings);
    an empty field has the value None or is left out. The configuration says which name is which field. Other fields of
    the record are never touched, and names without a field there are kept here. A field keeps the type it has there.
    """

    table: Mapping[str, str] = {}
    """By canonical name: the field there."""
    location = ""

    def get(self, remote: Any) -> dict[str, Any]:
        """The values of the named fields that are not empty. Raises Unmapped for a value that is not of its type."""
        found = {name: self._read(field, (remote or {}).get(field)) for name, field in sorted(self.table.items())}
        return {name: value for name, value in found.items() if value not in EMPTY}

    def put(self, value: Mapping[str, Any], current: Any) -> Any:
        """The fields with the named ones set, or cleared by None. Raises Unmapped for what a field cannot hold."""
        fields = dict(current or {})
        for name, field in sorted(self.table.items()):
            wanted, shown = value.get(name), fields.get(field)
            if not self._shown_as(wanted, field, shown):
                fields[field] = {**(shown or {}), **self._written(name, wanted, (shown or {}).get("type"))}
        return fields if fields != (current or {}) else current

    def to_canonical(self, remote: Any, *, current: Any, seen: Any = None) -> Any:
        """As the base class, with the values of *current* that have no field there."""
        del seen
        if self._shows(current, remote):
            return current
        kept = {name: value for name, value in (current or {}).items() if name not in self.table}
        return dict(sorted({**kept, **self.get(remote)}.items()))

    def bound(self, field: str, terms: Terms) -> Self:
        """This lens with the names that the configuration gives."""
        bound = copy(self)
        bound.table, bound.location = dict(terms.custom), f"{terms.location}.{field}"
        return bound

    @property
    def named(self) -> bool:
        """Whether any field is named."""
        return bool(self.table)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields there that are asked for, sorted."""
        return tuple(sorted(set(self.table.values())))

    def fingerprint(self) -> str:
        """Every name is part of the meaning."""
        return f"{super().fingerprint()}:" + ";".join(f"{name}={field}" for name, field in sorted(self.table.items()))

    def _shown_as(self, wanted: Any, field: str, shown: Mapping[str, Any] | None) -> bool:
        if wanted in EMPTY:
            return shown is None or shown.get("value") in EMPTY
        try:
            found = self._read(field, shown)
        except Unmapped:
            return False
        return type(found) is type(_plain(wanted)) and bool(found == wanted)

    def _read(self, field: str, shown: Mapping[str, Any] | None) -> Any:
        value = (shown or {}).get("value")
        if shown is None or value in EMPTY:
            return None
        found = _lifted(str(shown.get("type")), value)
        if found is None:
            raise Unmapped(f"{self.remote} {field} {value!r} is no {shown.get('type')}")
        return found

    def _written(self, name: str, wanted: Any, kind: Any) -> dict[str, Any]:
        if wanted in EMPTY:
            return {"value": None}
        own = _type_of(wanted)
        kind = kind or own
        if own != kind or not own:
            what = f"is no {kind}, which {self.table[name]} is there" if kind else "is nothing that a field can hold"
            raise Unmapped(
                f"custom field {name}: {wanted!r} {what}",
                f"field {self.table[name]!r} in {self.location}",
            )
        value = _plain(wanted)
        return {
            "type": kind,
            "value": value.isoformat() if kind == "day" else list(value) if kind == "choices" else value,
        }


def _plain(value: Any) -> Any:
    """Whole numbers as floats, as a number there is read."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _type_of(value: Any) -> str:
    """The type of a field that can hold *value*; empty if there is none."""
    match value:
        case str():
            return "text"
        case bool():
            return "flag"
        case int() | float():
            return "number" if math.isfinite(value) else ""
        case date() if not isinstance(value, datetime):
            return "day"
        case tuple() if all(isinstance(each, str) for each in value):
            return "choices"
    return ""


def _lifted(kind: str, value: Any) -> Any:
    """A value there as one of ours, or None if it is not of its type."""
    match kind, value:
        case ("text", str()) | ("flag", bool()):
            return value
        case "number", int() | float() if not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        case "day", str():
            return _day(value)
        case "choices", list() | tuple() if all(isinstance(each, str) for each in value):
            return tuple(value)
    return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
