"""A kind whose records are those of a module: clients, contacts, requirements, tasks."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from hub.sdk import Absence, Cursor, Draft, Outcome, Page, Patch, Record
from hub_zoho_crm.creating import create
from hub_zoho_crm.deleting import delete
from hub_zoho_crm.holder import Holder
from hub_zoho_crm.layouts import Layout
from hub_zoho_crm.looking import find
from hub_zoho_crm.missing import away
from hub_zoho_crm.reading import Reading
from hub_zoho_crm.records import is_elsewhere
from hub_zoho_crm.site import Site
from hub_zoho_crm.updating import update


class Module(Holder):
    """Records of one module."""

    def __init__(self, site: Site, layout: Layout) -> None:
        self._site, self._layout = site, layout
        self._reading = Reading(site, layout)

    async def changes(self, cursor: Cursor | None, *, full: bool) -> AsyncIterator[Page]:
        """One call if nothing changed, and every ten minutes one for deletions."""
        async for page in self._reading.changes(cursor, full=full):
            yield page

    async def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """100 a call; a task that stands elsewhere by now was MOVED."""
        wanted = list(dict.fromkeys(ids))
        shown = await self._site.bulk(self._layout, wanted)
        missing = [number for number in wanted if number not in shown]
        found: dict[str, Record | Absence] = {}
        if missing:
            fields = await self._site.asked(self._layout)
            lost = await away(self._site.client, self._layout.module, missing, fields)
            found |= {number: each for number, each in lost.items() if isinstance(each, Absence)}
            shown |= {number: each for number, each in lost.items() if not isinstance(each, Absence)}
        moved = {number for number, row in shown.items() if is_elsewhere(row, self._layout)}
        found |= dict.fromkeys(moved, Absence.MOVED)
        here = [row for number, row in shown.items() if number not in moved]
        return found | {each.id: each for each in await self._site.records(self._layout, here)}

    async def create(self, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """100 a call, with their markers."""
        return await create(self._site, self._layout, drafts)

    async def update(self, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """Refused by Zoho where a record was changed since it was read."""
        return await update(self._site, self._layout, patches)

    async def delete(self, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """Into the bin, 100 a call."""
        return await delete(self._site.client, self._layout.module, ids)

    async def find(self, drafts: Sequence[Draft], *, since: datetime | None) -> Mapping[str, Sequence[str]]:
        """By the marker's field; without one, by what our own account made since then and shows the same."""
        return await find(self._site, self._layout, drafts, since)
