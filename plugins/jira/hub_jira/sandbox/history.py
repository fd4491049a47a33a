"""How the history of an issue names what changed."""

from typing import Any

from hub_jira.sandbox.documents import plain
from hub_jira.sandbox.fields import Field
from hub_jira.sandbox.records import Json, Verbatim
from hub_jira.sandbox.site import Site


def named(site: Site, field: Field, stored: Any) -> tuple[str | None, str | None]:
    """How history names a value: its id, where it has one, and its text."""
    if stored is None or stored == []:
        return None, None
    if isinstance(stored, Verbatim):
        return None, str(stored.value)
    text = {"rich": plain, "labels": " ".join}.get(field.kind)
    if text:
        return None, text(stored)
    return _named_by_id(site, field, stored)


def _named_by_id(site: Site, field: Field, stored: Any) -> tuple[str | None, str | None]:
    match field.kind:
        case "user":
            return stored, site.accounts[stored].name
        case "users":
            return f"[{', '.join(stored)}]", ", ".join(site.accounts[one].name for one in stored)
        case "option" | "options" | "cascade":
            ids = [stored] if isinstance(stored, str) else [one for one in stored if one]
            return ", ".join(ids), ", ".join(option.value for option in field.options if option.id in ids)
        case "priority" | "resolution" | "issuetype" | "status" | "group" | "version" | "sprint":
            return stored, site.catalogue(field.kind)[stored].name
        case "versions":
            return ", ".join(stored), ", ".join(site.versions[one].name for one in stored)
        case "parent" | "epic":
            parent = site.issues.get(stored)
            return stored, parent.key if parent else None
        case "day":
            return stored, f"{stored} 00:00:00.0"
        case _:
            return None, str(stored)


def change(site: Site, field: Field, old: Any, new: Any) -> Json | None:
    """The history item of a field that went from *old* to *new*; None if it stayed."""
    if (old or None) == (new or None):
        return None
    (old_id, old_text), (new_id, new_text) = named(site, field, old), named(site, field, new)
    if field.kind == "span":
        names = {"field": "timeoriginalestimate", "fieldtype": "jira", "fieldId": "timeoriginalestimate"}
        return {**names, "from": old_text, "fromString": old_text, "to": new_text, "toString": new_text}
    return {
        "field": field.name if field.is_custom else field.id,
        "fieldtype": "custom" if field.is_custom else "jira",
        "fieldId": field.id,
        "from": old_id,
        "fromString": old_text,
        "to": new_id,
        "toString": new_text,
    }
