"""What an organisation has: fields and choices of the modules in use, and its people, for setting up a mapping."""

import asyncio
from collections.abc import Iterator, Mapping

from hub.sdk import Account, Description, FieldInfo
from hub_zoho_crm.client import PAGE, has_more
from hub_zoho_crm.layouts import FULL_NAME, Layout
from hub_zoho_crm.mapping import mapping_of
from hub_zoho_crm.metadata import FieldMeta
from hub_zoho_crm.records import account
from hub_zoho_crm.site import Site

MOST_PAGES = 50
_LAYOUT = "Layout"
"""Every record has it, and a new one may be given it, though no module lists it among its fields."""
_FILLED_BY_ZOHO = frozenset({"Owner", _LAYOUT, "Created_By", "Modified_By", "Created_Time", "Modified_Time", "id"})


async def describe(site: Site) -> Description:
    """Fields with their choices, and active users."""
    layouts = {
        kind: layout for kind, layout in site.layouts.items() if kind in site.setup.kinds or not site.setup.kinds
    }
    people = await _people(site)
    metas = await asyncio.gather(*(site.metadata.fields(layout.module) for layout in layouts.values()))
    fields = {
        kind: tuple(_fields(site, layout, meta)) for (kind, layout), meta in zip(layouts.items(), metas, strict=True)
    }
    types = {kind: (layout.module,) for kind, layout in layouts.items()}
    return Description(types, fields, people, whole=frozenset(layouts))


def _fields(site: Site, layout: Layout, meta: Mapping[str, FieldMeta]) -> Iterator[FieldInfo]:
    names = {lens.remote for lens in mapping_of(layout.kind, site.setup.kinds).values()}
    for remote in sorted(name for name in names if name in meta or name == FULL_NAME):
        yield _info(remote, meta.get(remote))
    for name, shown in sorted(meta.items()):
        filled = layout.remote_of(name) in names or name in {*layout.options.defaults, *_FILLED_BY_ZOHO, layout.marker}
        if name not in names:
            yield _info(name, shown, required=shown.required and shown.writable and not filled)
    if _LAYOUT not in meta:
        yield FieldInfo(_LAYOUT, "Layout", "layout")
    if layout.marker not in meta:
        label = (
            f"{layout.marker} (add it to {layout.module} in Zoho CRM, Setup > Modules and Fields:"
            " single line, 255 characters, no duplicate values)"
        )
        yield FieldInfo(layout.marker, label, "text", required=True)
    elif not meta[layout.marker].unique:
        label = f"{layout.marker} (tick 'Do not allow duplicate values' for it in {layout.module})"
        yield FieldInfo(layout.marker, label, "text", required=True)


def _info(name: str, shown: FieldMeta | None, *, required: bool | None = None) -> FieldInfo:
    if shown is None:
        return FieldInfo(name, "Name" if name == FULL_NAME else name)
    needed = shown.required if required is None else required
    return FieldInfo(name, shown.label, shown.data_type, shown.choices, needed, phases=shown.phases)


async def _people(site: Site) -> tuple[Account, ...]:
    found: list[Account] = []
    for page in range(1, MOST_PAGES + 1):
        answer = await site.client.get("/users", type="ActiveUsers", page=page, per_page=PAGE)
        found += [account(user) for user in (answer or {}).get("users") or () if user.get("id")]
        if not has_more(answer):
            break
    return tuple(found)
