"""Conditions on records: what search and COQL both ask."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub_zoho_crm.sandbox.fields import Field
from hub_zoho_crm.sandbox.org import Org
from hub_zoho_crm.sandbox.problems import Problem
from hub_zoho_crm.sandbox.records import Module, Record
from hub_zoho_crm.sandbox.shapes import Shapes
from hub_zoho_crm.sandbox.times import is_day, is_moment, read_moment

_NUMBERS = frozenset({"integer", "double", "currency", "percent"})
_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column, an operator in small letters, and its values as they were written."""

    column: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two conditions, joined by `and` or `or`."""

    joint: str
    left: "Condition"
    right: "Condition"


Condition = Comparison | Pair


def comparisons(condition: Condition) -> list[Comparison]:
    """Every comparison of a condition, from left to right."""
    if isinstance(condition, Comparison):
        return [condition]
    return [*comparisons(condition.left), *comparisons(condition.right)]


@dataclass(frozen=True)
class Matcher:
    """Tells which records of a module a condition holds for."""

    org: Org
    module: Module

    def holds(self, condition: Condition, record: Record) -> bool:
        """Whether *condition* holds for *record*."""
        if isinstance(condition, Comparison):
            return self._holds(condition, record)
        left = self.holds(condition.left, record)
        if condition.joint == "and":
            return left and self.holds(condition.right, record)
        return left or self.holds(condition.right, record)

    def field(self, column: str) -> Field:
        """The field of a column; a dotted one leads through lookups. INVALID_QUERY if there is none."""
        name, _, rest = column.partition(".")
        if name == "id" and not rest:
            return Field("id", "ID", "bigint")
        found = self.module.fields.get(name)
        if not found or (rest and found.kind not in {"lookup", "ownerlookup"}):
            raise no_column(column)
        if not rest or rest == "id" or found.kind == "ownerlookup":
            return found
        target = self.org.modules.get(found.module)
        if not target:
            raise no_column(column)
        return Matcher(self.org, target).field(rest)

    def value(self, record: Record, column: str) -> Any:
        """The value of a column that can be compared: ids for lookups, tuples for several."""
        name, _, rest = column.partition(".")
        if name == "id":
            return int(record.id)
        field = self.module.fields[name]
        stored = self._stored(record, field)
        if not rest or rest == "id" or stored is None:
            return stored
        if field.kind == "ownerlookup":
            return (Shapes(self.org).user(stored) or {}).get({"full_name": "name"}.get(rest, rest))
        target = self.org.find(field.module, stored)
        return Matcher(self.org, self.org.modules[field.module]).value(target, rest) if target else None

    def _stored(self, record: Record, field: Field) -> Any:
        times = {"Created_Time": record.created, "Modified_Time": record.modified}
        times["Last_Activity_Time"] = record.active or record.modified
        people = {"Created_By": record.creator, "Modified_By": record.modifier}
        if field.name in times or field.name in people:
            return {**times, **people}[field.name]
        if field.kind == "tag":
            return tuple(self.org.tags[one].name for one in record.values.get("Tag") or ())
        if field.formula:
            return Shapes(self.org).value(record, field.name)
        value = record.values.get(field.name)
        return False if value is None and field.kind == "boolean" else value

    def _holds(self, asked: Comparison, record: Record) -> bool:
        value = self.value(record, asked.column)
        negated = asked.operator.startswith(("not ", "!=", "is not"))
        plain = {"!=": "=", "is not null": "is null"}.get(asked.operator, asked.operator.removeprefix("not "))
        if plain == "is null":
            return (value is None or value == ()) != negated
        field = self.field(asked.column)
        wanted = [self.literal(field, asked.column, text) for text in asked.values]
        values = value if isinstance(value, tuple) else (value,)
        found = any(one is not None and _compare(plain, _plain(one), wanted) for one in values)
        return found != negated

    def literal(self, field: Field, column: str, text: str) -> Any:
        """What a written value stands for beside values of *field*; INVALID_QUERY if it cannot."""
        kind = field.kind
        if field.name == "id":
            return int(text) if text.isdigit() else _refuse(column, "bigint")
        if kind in _NUMBERS:
            number = re.fullmatch(r"-?\d+(\.\d+)?", text)
            return float(text) if number else _refuse(column, kind)
        if kind == "datetime":
            return read_moment(text) if is_moment(text) else _refuse(column, "datetime")
        if kind == "date":
            return text if is_day(text) else _refuse(column, "date")
        if kind == "boolean":
            return text.lower() == "true" if text.lower() in {"true", "false"} else _refuse(column, "boolean")
        return text.casefold()


def no_column(column: str) -> Problem:
    """The refusal of a column that is not there."""
    details = {"column_name": column, "reason": "column given seems to be invalid"}
    return Problem(400, "INVALID_QUERY", "column given seems to be invalid", details)


def _refuse(column: str, expected: str) -> Any:
    message = "value given seems to be invalid for the column"
    details = {"column_name": column, "expected_data_type": expected, "reason": message}
    raise Problem(400, "INVALID_QUERY", message, details)


def _plain(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _compare(asked: str, value: Any, wanted: Sequence[Any]) -> bool:
    if asked in _RELATIONS:
        return _RELATIONS[asked](value, wanted[0])
    match asked:
        case "in":
            return value in wanted
        case "between":
            return bool(wanted[0] <= value <= wanted[1])
        case "like":
            return _is_like(str(value), str(wanted[0]))
        case "contains":
            return str(wanted[0]) in str(value)
        case "starts_with":
            return str(value).startswith(str(wanted[0]))
        case "ends_with":
            return str(value).endswith(str(wanted[0]))
    return False


def _is_like(value: str, pattern: str) -> bool:
    return bool(re.fullmatch(".*".join(re.escape(part) for part in pattern.split("%")), value, re.DOTALL))


def sort_value(value: Any) -> tuple[bool, Any]:
    """A key by which values of one column sort, those without one first."""
    if isinstance(value, datetime):
        return True, value.timestamp()
    if isinstance(value, tuple):
        return True, ";".join(value)
    return value is not None, _plain(value) if value is not None else 0
