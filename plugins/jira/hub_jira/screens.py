"""Fields that a screen of Jira asks for: which must be filled, and with what."""

from collections.abc import Mapping
from typing import Any

from hub_jira.config import JiraOptions
from hub_jira.edition import Edition

NAMED = frozenset({"resolution", "priority", "version", "component", "group", "issuetype"})
DONE_WORDS = ("done", "fixed")


def required(field: Mapping[str, Any]) -> bool:
    """Whether the screen cannot be left without a value for *field*."""
    return bool(field.get("required")) and not field.get("hasDefaultValue")


def configured(options: JiraOptions, name: str, field: Mapping[str, Any], edition: Edition) -> Any:
    """The configured value of a field in the form in which Jira takes it; None if there is none."""
    value = options.default(name, str(field.get("name") or name))
    return None if value is None else shaped(value, field.get("schema") or {}, edition)


def shaped(value: Any, schema: Mapping[str, Any], edition: Edition) -> Any:
    """A value as people write it in a configuration, as the field's schema wants it. Objects stay what they are."""
    kind, items = schema.get("type"), schema.get("items")
    if kind == "array" and items != "array":
        return [shaped(item, {"type": items}, edition) for item in (value if isinstance(value, list) else [value])]
    if not isinstance(value, str):
        return value
    if str(schema.get("custom", "")).endswith(":textarea"):
        return edition.dialect.put(value, None)
    if kind == "option":
        return {"value": value}
    if kind == "user":
        return edition.person(value)
    return {"name": value} if kind in NAMED else value


def resolution(field: Mapping[str, Any]) -> Any:
    """The resolution that says that the work was done, else the first there is; None if there is none."""
    allowed = [value for value in field.get("allowedValues") or () if value.get("id")]
    done = (value for value in allowed if str(value.get("name", "")).lower() in DONE_WORDS)
    chosen = next(done, allowed[0] if allowed else None)
    return {"id": str(chosen["id"])} if chosen else None


def advice(kind: str, name: str, label: str) -> str:
    """The setting that gives a field its value."""
    return f"set {kind} = {{ defaults = {{ {label if label.isidentifier() else chr(34) + label + chr(34)} = … }} }}" + (
        f" (or by its id {name})" if label != name else ""
    )
