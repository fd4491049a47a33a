"""Values that answers showed, as they are stored."""

from collections.abc import Callable
from typing import Any

from hub_zoho_crm.sandbox.fields import Field
from hub_zoho_crm.sandbox.org import Org
from hub_zoho_crm.sandbox.records import Record, User
from hub_zoho_crm.sandbox.times import is_moment, read_moment


def take(org: Org, record: Record, field: Field, value: Any) -> None:
    """Store a value that an answer showed, or keep it as it was told if it does not fit its field."""
    if field.formula and not field.system:
        return
    try:
        taken = _READERS.get(field.kind, _as_it_is)(org, record, field, value) if value is not None else None
    except (AttributeError, KeyError, TypeError, ValueError):
        record.told[field.name] = value
        return
    record.values[field.name] = taken


def _as_it_is(_org: Org, _record: Record, _field: Field, value: Any) -> Any:
    if isinstance(value, dict | list):
        raise TypeError
    return value


def _lookup(org: Org, _record: Record, _field: Field, value: Any) -> str:
    org.names[str(value["id"])] = str(value.get("name") or "")
    return str(value["id"])


def _owner(org: Org, _record: Record, _field: Field, value: Any) -> str:
    if not value["id"]:
        raise ValueError
    return person(org, value)


def _several(_org: Org, _record: Record, _field: Field, value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        raise TypeError
    return tuple(str(one) for one in value) or None


def _tag_ids(org: Org, record: Record, _field: Field, value: Any) -> tuple[str, ...] | None:
    tags = [org.tag(record.module, str(one["name"]), one.get("color_code")) for one in value]
    return tuple(one.id for one in tags) or None


def _time(_org: Org, _record: Record, _field: Field, value: Any) -> Any:
    return read_moment(value)


_READERS: dict[str, Callable[[Org, Record, Field, Any], Any]] = {
    "lookup": _lookup,
    "ownerlookup": _owner,
    "multiselectpicklist": _several,
    "tag": _tag_ids,
    "datetime": _time,
}


def moment_of(text: Any) -> Any:
    """The moment of a text that an answer showed; None if it is none."""
    return read_moment(text) if is_moment(text) else None


def person(org: Org, told: Any) -> str:
    """The id of a person, added if new; the first user where nobody is told."""
    if not isinstance(told, dict) or not told.get("id"):
        return next(iter(org.users))
    user_id = str(told["id"])
    if user_id not in org.users:
        org.users[user_id] = User(user_id, str(told.get("name") or ""), str(told.get("email") or ""), admin=False)
    return user_id
