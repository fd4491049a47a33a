"""Fields of drafts and patches in the form in which Zoho takes them. Pure."""

from collections.abc import Mapping
from typing import Any

from hub_zoho_crm.forms import CUSTOM, TAGS, write, write_custom
from hub_zoho_crm.layouts import CUSTOM_VALUES, Layout

DEFAULT_ORIGINS = {"Cases": {"Case_Origin": "Web"}}


def changed(
    layout: Layout, fields: Mapping[str, Any], base: Mapping[str, Any], types: Mapping[str, str]
) -> dict[str, Any]:
    """What sets *fields* of a record that shows *base*; of custom values only those that differ. No labels."""
    values: dict[str, Any] = {}
    forms = layout.forms
    for remote, value in fields.items():
        form = forms.get(remote)
        if form is CUSTOM:
            before = base.get(CUSTOM_VALUES) or {}
            values |= {
                name: write_custom(types.get(name, "text"), given)
                for name, given in (value or {}).items()
                if name in layout.custom and given != before.get(name)
            }
        elif form is not None:
            values |= write(form, remote, value)
    if layout.under and layout.fields.get("requirement") in fields:
        values["$se_module"] = layout.under
    return values


def made(layout: Layout, fields: Mapping[str, Any], types: Mapping[str, str], marker: str | None) -> dict[str, Any]:
    """What a new record is: everything that is not empty, its marker, and what the configuration gives beside it."""
    values = {name: value for name, value in changed(layout, fields, {}, types).items() if value is not None}
    carried = {layout.marker: marker} if marker else {}
    return {**DEFAULT_ORIGINS.get(layout.module, {}), **layout.options.defaults, **values, **carried}


def labels(layout: Layout, fields: Mapping[str, Any]) -> list[str] | None:
    """The labels that *fields* sets; None if it sets none."""
    remote = layout.tags
    if remote is None or remote not in fields or layout.forms.get(remote) is not TAGS:
        return None
    return [str(name) for name in fields[remote] or ()]
