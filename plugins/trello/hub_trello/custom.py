"""Custom fields: what a card holds as values with their types, and what is sent to set them. Pure.

In the service every value is a text, and a field of type list names its option by id (REST guides, "Getting and Setting
Custom Fields").
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hub_trello.board import Board

TYPES = {"text": "text", "number": "number", "checkbox": "flag", "date": "day", "list": "text"}
"""By the service's type: the type of a value as records show it."""
CLEARED = {"value": "", "idValue": ""}
NOON = "T12:00:00.000Z"
"""The same day from UTC-12 to UTC+11."""

Json = Mapping[str, Any]


class NoSuchValue(ValueError):
    """A field cannot be set to that; the message says why."""


def shown_custom(card: Json, board: Board) -> dict[str, dict[str, Any]]:
    """The named fields of a card that was read with its `customFieldItems`; a field that is not set has the value None."""
    held = {str(each.get("idCustomField")): each for each in card.get("customFieldItems") or ()}
    found = ((name, board.field_called(name)) for name in board.layout.custom)
    return {
        name: {"type": TYPES[str(field["type"])], "value": _read(field, held.get(str(field["id"])))}
        for name, field in sorted(found, key=lambda each: each[0])
        if field is not None and field.get("type") in TYPES
    }


def _read(field: Json, item: Json | None) -> Any:
    if item is None:
        return None
    if field["type"] == "list":
        option = str(item.get("idValue") or "")
        return next((text for number, text in options(field) if number == option), option or None)
    value = item.get("value")
    text = next(iter(value.values()), None) if isinstance(value, Mapping) else None
    match field["type"]:
        case "number":
            return _number(text)
        case "checkbox":
            return {"true": True, "false": False}.get(str(text).lower(), text)
        case "date":
            return _day(text)
    return text


def _number(text: Any) -> Any:
    try:
        number = float(text)
    except (TypeError, ValueError):
        return text
    return int(number) if number.is_integer() else number


def _day(text: Any) -> Any:
    try:
        return _instant(str(text)).date().isoformat()
    except ValueError:
        return text


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def options(field: Json) -> list[tuple[str, str]]:
    """The ids and texts of a list field's options, in their order."""
    return [(str(each["id"]), str((each.get("value") or {}).get("text") or "")) for each in field.get("options") or ()]


def written_custom(field: Json, value: Any, item: Json | None) -> dict[str, Any]:
    """The body that sets *field* to a value as records show it; *item* is what it holds, whose time of day a date keeps.

    Raises:
        NoSuchValue: A list field has no such option.
    """
    if value is None or value == "":
        return dict(CLEARED)
    match field["type"]:
        case "list":
            return {"idValue": _option(field, str(value))}
        case "number":
            return {"value": {"number": _digits(value)}}
        case "checkbox":
            return {"value": {"checked": "true" if value else "false"}}
        case "date":
            return {"value": {"date": _at(str(value), item)}}
    return {"value": {"text": str(value)}}


def _option(field: Json, text: str) -> str:
    found = next((number for number, each in options(field) if each == text), None)
    if found is None:
        there = ", ".join(each for _, each in options(field)) or "none"
        raise NoSuchValue(f"the custom field {field.get('name')!r} has no option {text!r}; it has: {there}")
    return found


def _digits(value: Any) -> str:
    number = float(value)
    return str(int(number)) if number.is_integer() else repr(number)


def _at(day: str, item: Json | None) -> str:
    before = str(((item or {}).get("value") or {}).get("date") or "")
    try:
        return f"{day}T{_instant(before).strftime('%H:%M:%S')}.000Z"
    except ValueError:
        return day + NOON
