"""Rows of answers, made records."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hub.sdk import Account, Record, Touch
from hub_zoho_crm.config import ZohoConfig
from hub_zoho_crm.forms import CUSTOM, USER, Form, person, read, read_custom
from hub_zoho_crm.layouts import Layout


def instant(text: Any) -> datetime | None:
    """A moment as Zoho writes it, `2026-11-01T15:32:10+05:30`, in UTC; None if it is none. It counts whole seconds."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC) if text else None
    except ValueError:
        return None


def account(user: Mapping[str, Any]) -> Account:
    """A user; the e-mail address is there where Zoho shows it."""
    name = str(user.get("full_name") or user.get("name") or "")
    return Account(str(user["id"]), name, str(user["email"]) if user.get("email") else None)


def touch(user: Any, moment: Any) -> Touch | None:
    """Who did something and when; None where Zoho says only one of both."""
    at = instant(moment)
    return Touch(account(user), at) if at and person(user) and isinstance(user, Mapping) else None


def version(moment: Any, fields: Mapping[str, Any]) -> str:
    """Second and content: two edits of one second have the same time, and tags may change without one."""
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
    at = instant(moment)
    return f"{at.timestamp():.0f}:{digest}" if at else digest


def record(row: Mapping[str, Any], layout: Layout, config: ZohoConfig, types: Mapping[str, str], me: str) -> Record:
    """The record of a row.

    Args:
        types: By API name: the data types of custom values.
        me: The id of our own account.
    """
    fields = {remote: _value(form, remote, row, types) for remote, form in sorted(layout.forms.items())}
    if _is_nobodys(row, layout, me):
        fields |= {remote: None for remote, form in layout.forms.items() if form is USER}
    return Record(
        id=str(row["id"]),
        fields=fields,
        version=version(row.get("Modified_Time"), fields),
        url=config.page(layout.module, str(row["id"])),
        touched=touch(row.get("Modified_By"), row.get("Modified_Time")),
        marker=str(row[layout.marker]) if row.get(layout.marker) else None,
        at=instant(row.get("Modified_Time")),
        extra={"tags": _tags(row, layout)},
    )


def _value(form: Form, remote: str, row: Mapping[str, Any], types: Mapping[str, str]) -> Any:
    if form is CUSTOM:
        return {name: read_custom(data_type, row.get(name)) for name, data_type in sorted(types.items())}
    return read(form, remote, row)


def _is_nobodys(row: Mapping[str, Any], layout: Layout, me: str) -> bool:
    """Whether only Zoho made our own account the owner: everything has one, also what the hub made for nobody."""
    ours = [str((row.get(name) or {}).get("id")) == me for name in ("Created_By", "Owner")]
    return all(ours) and bool(row.get(layout.marker))


def _tags(row: Mapping[str, Any], layout: Layout) -> dict[str, str]:
    """By name: the ids of a row's tags, as far as it shows them."""
    shown = row.get(layout.tags) if layout.tags else None
    return {str(t["name"]): str(t["id"]) for t in shown or () if isinstance(t, Mapping) and t.get("id")}


def is_elsewhere(row: Mapping[str, Any], layout: Layout) -> bool:
    """Whether a task does not stand under a requirement, but under something else, or under nothing."""
    if layout.under is None:
        return False
    stands_in = row.get("$se_module")
    return not row.get(layout.fields["requirement"]) or (stands_in is not None and stands_in != layout.under)
