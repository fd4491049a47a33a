"""Custom fields: what each type of them holds, as a value of the hub and as Jira takes it.

Facts: "Issue fields" and "Edit issue" of developer.atlassian.com/cloud/jira/platform/rest/v3 and, for Data Center,
"JIRA REST API examples" (developer.atlassian.com/server/jira/platform): the value shapes of each custom field type.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hub.sdk import Refused
from hub_jira.dialects import Parted
from hub_jira.records import account_id, moment

CASCADE = " / "
Finder = Callable[[str], Awaitable[Mapping[str, Any]]]
"""The user in the form in which fields take one, from an e-mail address or an account. Raises Refused."""
_SPRINT_NAME = re.compile(r"\bname=([^,\]]*)")
_KINDS = {
    "textarea": "rich",
    "gh-sprint": "sprint",
    "gh-epic-link": "fixed",
}
_TYPES = {
    "string": "text",
    "number": "number",
    "date": "day",
    "datetime": "moment",
    "option": "option",
    "option-with-child": "cascade",
    "user": "user",
    "group": "name",
    "version": "name",
    "priority": "name",
}
_LISTS = {"string": "words", "option": "options", "user": "users", "version": "names", "group": "names"}
_LISTS["component"] = "names"
_HOLDS = {
    "number": "number",
    "day": "day",
    "words": "choices",
    "options": "choices",
    "users": "choices",
    "names": "choices",
    "sprint": "choices",
}
READ_ONLY = frozenset({"sprint", "fixed"})


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field that the configuration names.

    Args:
        name: As the configuration has it: the field's id, or what people call it.
        id: Its id.
        label: What people call it.
        kind: What it holds: text, rich, number, day, moment, option, options, cascade, user, users, words, name, names,
            sprint, or `fixed` for what is only read.
    """

    name: str
    id: str
    label: str
    kind: str

    @classmethod
    def of(cls, name: str, shown: Mapping[str, Any]) -> "CustomField":
        """From the field's description in `GET /field`."""
        schema = shown.get("schema") or {}
        return cls(name, str(shown["id"]), str(shown.get("name") or shown["id"]), kind_of(schema))

    @property
    def holds(self) -> str:
        """The type of its value in the hub: text, number, day or choices."""
        return _HOLDS.get(self.kind, "text")

    def read(self, value: Any, dialect: Parted) -> dict[str, Any]:
        """`{"type", "value"}` of what Jira shows."""
        return {"type": self.holds, "value": _read(self.kind, value, dialect)}

    async def write(self, value: Any, dialect: Parted, find: Finder) -> Any:
        """What Jira takes for a value of the hub; None empties the field. Raises Refused."""
        if self.kind in READ_ONLY:
            raise Refused(f"the field {self.label!r} of Jira can only be read", fields={"custom": self.label})
        if value in (None, "", []):
            return [] if self.holds == "choices" else None
        if self.kind == "user":
            return await find(str(value))
        if self.kind == "users":
            return [await find(str(each)) for each in value]
        return dialect.of_plain(str(value)) if self.kind == "rich" else _written(self, value)


def kind_of(schema: Mapping[str, Any]) -> str:
    """What a field with this schema holds; `fixed` where that is not known."""
    custom = str(schema.get("custom") or "").rpartition(":")[2]
    if custom in _KINDS:
        return _KINDS[custom]
    if schema.get("system") in {"description", "environment"}:
        return "rich"
    if schema.get("type") == "array":
        return _LISTS.get(str(schema.get("items")), "fixed")
    return _TYPES.get(str(schema.get("type")), "fixed")


def _read(kind: str, value: Any, dialect: Parted) -> Any:
    """The value of a kind; None where it is empty or has another shape."""
    if value is None or value == []:
        return None
    try:
        return _READ[kind](value) if kind != "rich" else dialect.plain(value) or None
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _number(value: Any) -> int | float:
    number = float(value)
    return int(number) if number.is_integer() else number


def _cascade(value: Any) -> str:
    child = value.get("child")
    return str(value["value"]) + (f"{CASCADE}{child['value']}" if child else "")


def _user(value: Any) -> str:
    return str(value.get("emailAddress") or value.get("name") or account_id(value))


def _sprint(value: Any) -> str:
    """Its name; Data Center shows a text that Java wrote: `…Sprint@1f3a[id=1,…,name=Sprint 1,…]`."""
    if isinstance(value, Mapping):
        return str(value["name"])
    found = _SPRINT_NAME.search(str(value))
    return found[1] if found else str(value)


def _scalar(value: Any) -> str | None:
    """What is shown of a field of a type that is not known."""
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("value")
    return str(value) if isinstance(value, str | int | float) else None


_READ: Mapping[str, Callable[[Any], Any]] = {
    "text": str,
    "number": _number,
    "day": str,
    "moment": moment,
    "option": lambda value: str(value["value"]),
    "options": lambda value: [str(each["value"]) for each in value],
    "cascade": _cascade,
    "user": _user,
    "users": lambda value: [_user(each) for each in value],
    "words": lambda value: [str(each) for each in value],
    "name": lambda value: str(value["name"]),
    "names": lambda value: [str(each["name"]) for each in value],
    "sprint": lambda value: [_sprint(each) for each in value],
    "fixed": _scalar,
}


def _written(field: CustomField, value: Any) -> Any:
    match field.kind:
        case "moment":
            return _instant(field, str(value))
        case "option":
            return {"value": value}
        case "options":
            return [{"value": each} for each in value]
        case "cascade":
            parent, _, child = str(value).partition(CASCADE)
            return {"value": parent, **({"child": {"value": child}} if child else {})}
        case "name":
            return {"name": value}
        case "names":
            return [{"name": each} for each in value]
    return value


def _instant(field: CustomField, text: str) -> str:
    """An instant as Jira takes it: milliseconds, and an offset without a colon. None means UTC."""
    try:
        at = datetime.fromisoformat(text.strip().upper())
    except ValueError:
        why = f"{text!r} is no moment, and {field.label!r} holds one: 2026-12-01T09:00:00Z"
        raise Refused(why, fields={"custom": why}) from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000"
