"""The connector: the contract of `hub.sdk`, carried out by the other modules."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from hub.sdk import (
    Absence,
    Connector,
    Cursor,
    Description,
    Draft,
    FieldMap,
    Identity,
    Kind,
    Outcome,
    Page,
    Patch,
    Record,
    Sandbox,
    Setup,
)
from hub_zoho_crm.config import ZohoConfig
from hub_zoho_crm.describing import describe
from hub_zoho_crm.files import Files
from hub_zoho_crm.holder import Holder
from hub_zoho_crm.mapping import KINDS, mapping_of
from hub_zoho_crm.module import Module
from hub_zoho_crm.notes import Notes
from hub_zoho_crm.site import Site


class ZohoConnector(Connector):
    """One organisation in Zoho CRM."""

    name = "zoho_crm"
    Config = ZohoConfig
    kinds = KINDS

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._site = Site(setup)
        self._files = Files(self._site, self._site.layouts[Kind.REQUIREMENT].module)
        self._holders: dict[Kind, Holder] = {
            **{kind: Module(self._site, layout) for kind, layout in self._site.layouts.items()},
            Kind.COMMENT: Notes(self._site),
            Kind.ATTACHMENT: self._files,
        }

    def mapping(self, kind: Kind) -> FieldMap:
        """The lenses of a kind with the fields that this connection's configuration names."""
        return mapping_of(kind, self.setup.kinds)

    @property
    def calls(self) -> int:
        """How many requests went out so far."""
        return self._site.client.calls

    @property
    def clock_offset_s(self) -> float:
        """How far Zoho's clock is ahead, by the `Date` of its answers."""
        return self._site.client.clock_offset_s

    async def open(self) -> Identity:
        """Two calls: who we are, and the organisation; before them one for a token, if none is kept."""
        place = await self._site.place()
        module = self._site.layouts[Kind.REQUIREMENT].module
        return Identity(place.account, f"{place.organisation}/{module}")

    async def describe(self) -> Description:
        """Modules, their fields and choices, and the active users."""
        return await describe(self._site)

    async def changes(self, kind: Kind, cursor: Cursor | None, *, full: bool = False) -> AsyncIterator[Page]:
        """What changed since *cursor*; one call if nothing did, and every ten minutes one for deletions."""
        async for page in self._holders[kind].changes(cursor, full=full):
            yield page

    async def fetch(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """Records from the store, 100 a call; what is missing there is looked for among what was deleted."""
        return await self._holders[kind].fetch(ids) if ids else {}

    async def create(self, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """New records, 100 a call, with their markers where there is a field for them."""
        return await self._holders[kind].create(drafts) if drafts else []

    async def update(self, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """The changed fields; refused by Zoho where a record was changed since it was read."""
        return await self._holders[kind].update(patches) if patches else []

    async def delete(self, kind: Kind, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """Into the bin, 100 a call."""
        return await self._holders[kind].delete(ids) if ids else []

    async def find(
        self, kind: Kind, drafts: Sequence[Draft], *, since: datetime | None = None
    ) -> Mapping[str, Sequence[str]]:
        """By the marker's field; without one, by what our own account made since then and shows the same."""
        return await self._holders[kind].find(drafts, since=since) if drafts else {}

    def download(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of an attachment."""
        return self._files.download(remote)

    async def close(self) -> None:
        """Let go of connections."""
        await self._site.client.close()

    @classmethod
    def sandbox(cls, *, seed: int = 0, edition: str = "") -> Sandbox:
        """An imitation of Zoho CRM that serves an empty organisation."""
        del edition
        from hub_zoho_crm.sandbox import ZohoSandbox  # noqa: PLC0415 - only those who serve it need it

        return ZohoSandbox(seed=seed)
