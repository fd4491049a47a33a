"""How values stand in Zoho's JSON, and in a record. Pure.

Facts: zoho.com/crm/developer/docs/api/v8/field-types.html (lookups, picklists, numbers; bigint as text).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Form(StrEnum):
    """How a value is written."""

    PLAIN = "plain"
    """The same on both sides; an empty text is none."""
    REFERENCE = "reference"
    """`{"id", "name"}` there, the id here."""
    USER = "user"
    """`{"id", "name", "email"?}` on both sides; only the id is written."""
    TAGS = "tags"
    """`[{"name", "id"}]` there, names here; written by calls of their own."""
    NAME = "name"
    """Two fields there, `{"first", "last"}` here."""
    CUSTOM = "custom"
    """Fields of several types, by name."""


PLAIN, REFERENCE, USER, TAGS, NAME, CUSTOM = Form

TYPES = {
    "integer": "number",
    "double": "number",
    "currency": "number",
    "percent": "number",
    "boolean": "flag",
    "date": "day",
    "multiselectpicklist": "choices",
}
"""By Zoho's data type: the type of a custom value; all others are text."""
_WHOLE = frozenset({"integer"})
_LOOKUPS = frozenset({"lookup", "ownerlookup", "userlookup"})


def read(form: Form, remote: str, row: Mapping[str, Any]) -> Any:
    """The value of a record's field *remote* in a row of an answer. Not for custom values."""
    value = row.get(remote)
    match form:
        case Form.REFERENCE:
            return _id(value)
        case Form.USER:
            return person(value)
        case Form.TAGS:
            return tag_names(value)
        case Form.NAME:
            return {"first": row.get("First_Name") or None, "last": row.get("Last_Name") or None}
    return value if value != "" else None


def write(form: Form, remote: str, value: Any) -> dict[str, Any]:
    """What sets a record's field *remote* in a request: nothing for what is not set there."""
    match form:
        case Form.REFERENCE:
            return {remote: {"id": str(value)} if value else None}
        case Form.USER:
            return {remote: {"id": str(value["id"])}} if value else {}  # every record has an owner
        case Form.TAGS:
            return {}
        case Form.NAME:
            return {"First_Name": (value or {}).get("first"), "Last_Name": (value or {}).get("last")}
    return {remote: None if value == "" else value}


def read_custom(data_type: str, value: Any) -> dict[str, Any]:
    """A custom value with its type; a moment is shown as text, a lookup as its id."""
    kind = TYPES.get(data_type, "text")
    if value is None or value == "":
        return {"type": kind, "value": None}
    if kind == "choices":
        return {"type": kind, "value": [str(each) for each in value] if isinstance(value, list) else [str(value)]}
    if kind == "number":
        return {"type": kind, "value": _number(value)}
    if kind == "text":
        shown = _id(value) if data_type in _LOOKUPS else _instant(value) if data_type == "datetime" else _text(value)
        return {"type": kind, "value": shown}
    return {"type": kind, "value": value}


def write_custom(data_type: str, given: Mapping[str, Any] | None) -> Any:
    """What sets a field of *data_type* to a custom value."""
    value = (given or {}).get("value")
    if value is None or value == "":
        return None
    if data_type in _LOOKUPS:
        return {"id": str(value)}
    if data_type in _WHOLE and isinstance(value, float) and value.is_integer():
        return int(value)
    return list(value) if isinstance(value, tuple) else value


def person(value: Any) -> dict[str, Any] | None:
    """A user as a record shows one."""
    if not isinstance(value, Mapping) or not value.get("id"):
        return None
    mail = {"email": str(value["email"])} if value.get("email") else {}
    return {"id": str(value["id"]), "name": str(value.get("name") or value.get("full_name") or ""), **mail}


def tag_names(value: Any) -> list[str]:
    """The names of tags, in their order."""
    return [str(each["name"]) for each in value or () if isinstance(each, Mapping) and each.get("name")]


def _id(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return str(value["id"]) if value.get("id") else None
    return str(value) if value else None


def _number(value: Any) -> Any:
    """A number that Zoho may have written as text."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _instant(value: Any) -> str:
    """A moment in UTC: its offset follows whoever reads, and flips with the seasons."""
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC).isoformat()
    except ValueError:
        return str(value)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("name") or value.get("id") or "")
    return value if isinstance(value, str) else str(value)
