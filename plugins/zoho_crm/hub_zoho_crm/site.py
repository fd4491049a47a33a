"""One organisation as this connection sees it: who we are, where each kind lives, and how to read records there."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.sdk import Account, BadAnswer, Kind, PermissionLost, Record, Refused, Setup
from hub_zoho_crm.client import PAGE, Client, chunks, rows
from hub_zoho_crm.config import ZohoConfig
from hub_zoho_crm.layouts import MOST_FIELDS, OPTIONS, SYSTEM, Layout, layout_of
from hub_zoho_crm.metadata import Metadata
from hub_zoho_crm.records import account, record

BULK_READ = 100
"""Most ids of one `GET /MODULE?ids=`."""


@dataclass(frozen=True, slots=True)
class Place:
    """The user in use, and the organisation's id."""

    account: Account
    organisation: str


class Site:
    """What every part of the connector works on."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.config: ZohoConfig = setup.config
        self.client = Client(setup)
        self.metadata = Metadata(self.client)
        self.layouts: Mapping[Kind, Layout] = {kind: layout_of(kind, setup.kinds) for kind in OPTIONS}
        self.modules: dict[str, str] = {}
        """By id: the module of records that were seen, for what hangs on them."""
        self.markers: set[str] = set()
        """The modules whose records a reading has shown with their markers' field."""
        self._place: Place | None = None

    def now(self) -> datetime:
        """The present moment by the service's clock."""
        return self.setup.clock().astimezone(UTC) + timedelta(seconds=self.client.clock_offset_s)

    @property
    def me(self) -> str:
        """The id of our own account; empty until it was asked for."""
        return self._place.account.id if self._place else ""

    async def place(self) -> Place:
        """Who and where we are, asked once. Raises SignInRejected."""
        if self._place is None:
            await self.client.sign_in()
            asked = (self.client.get("/users", type="CurrentUser"), self.client.get("/org"))
            answers: Sequence[Any] = await asyncio.gather(*asked, return_exceptions=True)
            if wrong := [answer for answer in answers if isinstance(answer, BaseException)]:
                raise wrong[0]
            users, org = answers
            me = next(iter((users or {}).get("users") or ()), None)
            home = next(iter((org or {}).get("org") or ()), None)
            if not me or not home:
                raise BadAnswer("Zoho CRM does not say whose token it is", connection=self.setup.connection)
            self._place = Place(account(me), str(home.get("zgid") or home.get("id")))
        return self._place

    @property
    def parents(self) -> frozenset[str]:
        """The modules whose records comments hang on."""
        return frozenset(self.layouts[kind].module for kind in (Kind.REQUIREMENT, Kind.TASK))

    async def modules_of(self, ids: Sequence[str]) -> dict[str, str]:
        """By id: the modules of requirements and tasks; one call for each 100 that were not seen before."""
        unknown = [number for number in dict.fromkeys(ids) if number not in self.modules]
        module = self.layouts[Kind.REQUIREMENT].module
        here = await self.rows_of(module, unknown, "id,Modified_Time")
        self.modules.update({number: module if number in here else "Tasks" for number in unknown})
        return {number: self.modules[number] for number in ids}

    async def asked(self, layout: Layout, *, marked: bool | None = None) -> str:
        """The `fields` of a reading.

        Args:
            marked: Whether the module has the marker's field; asked for if it is not known.
        """
        names = layout.asked(marked=await self.marked(layout) if marked is None else marked)
        if len(names) > MOST_FIELDS:
            raise Refused(
                f"{len(names)} fields of {layout.module} are mapped, and Zoho CRM shows {MOST_FIELDS} at once",
                connection=self.setup.connection,
                fix=f"name fewer custom fields of {layout.kind}",
            )
        return ",".join(names)

    async def marked(self, layout: Layout) -> bool:
        """Whether the layout's module has the field that carries markers; not asked for where a reading has shown it."""
        return layout.module in self.markers or await self.metadata.has(layout.module, layout.marker)

    async def bulk(self, layout: Layout, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Rows by id, at most 100 a call; what cannot be seen is left out."""
        return await self.rows_of(layout.module, ids, await self.asked(layout)) if ids else {}

    async def rows_of(self, module: str, ids: Sequence[str], fields: str) -> dict[str, dict[str, Any]]:
        """Rows of a module by id, at most 100 a call; what cannot be seen is left out."""
        answers = await asyncio.gather(
            *(
                self.client.get(f"/{module}", ids=",".join(some), fields=fields, per_page=PAGE)
                for some in chunks(ids, BULK_READ)
            )
        )
        wanted = set(ids)
        return {str(row["id"]): row for answer in answers for row in rows(answer) if str(row["id"]) in wanted}

    async def read(self, layout: Layout, ids: Sequence[str]) -> dict[str, Record]:
        """Records by id; what cannot be seen is left out."""
        shown = await self.bulk(layout, list(dict.fromkeys(ids)))
        return {each.id: each for each in await self.records(layout, shown.values())}

    async def records(self, layout: Layout, shown: Iterable[Mapping[str, Any]]) -> list[Record]:
        """The records of rows. Asks for the types of custom fields if there are any."""
        given = list(shown)
        if not given:
            return []
        await self._see_all(layout, given)
        types = await self.metadata.types(layout.module, layout.custom)
        me = (await self.place()).account.id
        self.modules.update(dict.fromkeys((str(row["id"]) for row in given), layout.module))
        return [record(row, layout, self.config, types, me) for row in given]

    async def _see_all(self, layout: Layout, given: Sequence[Mapping[str, Any]]) -> None:
        """A field that a user may not see is left out of rows: it must never be taken for one that was emptied.

        Raises PermissionLost.
        """
        missing = {name for name in layout.asked(marked=False) if any(name not in row for row in given)}
        known = await self.metadata.fields(layout.module) if missing else {}
        if unseen := sorted(missing - known.keys() - {*SYSTEM}):
            names = ", ".join(unseen)
            raise PermissionLost(
                f"{layout.module} has no field {names} that this user may see: was it renamed, or hidden?",
                connection=self.setup.connection,
                fix=f'let the user see it, or name another one (or none, "") in fields of {layout.kind}',
            )
