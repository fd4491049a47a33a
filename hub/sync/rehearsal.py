"""A rehearsal: a connector that reads what there is and only imagines what is written.

A dry run is a run like any other, on a copy of the store and with such connectors; so its plan is what a run does.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from hub.mapping import FieldMap
from hub.model import Kind
from hub.sdk.connector import ConnectionConfig, Connector, Description, Identity
from hub.sdk.records import Absence, Cursor, Draft, Outcome, Page, Patch, Record, Written


class Rehearsal(Connector):
    """Stands in for *real*: reading goes there, writing goes nowhere and succeeds."""

    name = "rehearsal"
    Config = ConnectionConfig

    def __init__(self, real: Connector) -> None:
        super().__init__(real.setup)
        self._real = real
        self.kinds = real.kinds  # type: ignore[misc]  # it holds what the real one holds
        self._imagined: dict[tuple[Kind, str], Record | Absence] = {}

    def mapping(self, kind: Kind) -> FieldMap:
        """That of the real one."""
        return self._real.mapping(kind)

    @property
    def calls(self) -> int:
        """How many requests went out: only such as read."""
        return self._real.calls

    @property
    def clock_offset_s(self) -> float:
        """That of the real one."""
        return self._real.clock_offset_s

    async def open(self) -> Identity:
        """Prove the credentials."""
        return await self._real.open()

    async def describe(self) -> Description:
        """What the service has."""
        return await self._real.describe()

    async def changes(self, kind: Kind, cursor: Cursor | None, *, full: bool = False) -> AsyncIterator[Page]:
        """What has changed in the service."""
        async for page in self._real.changes(kind, cursor, full=full):
            yield page

    async def fetch(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """What the records show, as if it had been written."""
        real = [each for each in ids if (kind, each) not in self._imagined]
        found = await self._real.fetch(kind, real) if real else {}
        return {**found, **{each: self._imagined[kind, each] for each in ids if (kind, each) in self._imagined}}

    async def find(
        self, kind: Kind, drafts: Sequence[Draft], *, since: datetime | None = None
    ) -> Mapping[str, Sequence[str]]:
        """What earlier runs have made."""
        return await self._real.find(kind, drafts, since=since)

    def download(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of an attachment."""
        return self._real.download(remote)

    async def create(self, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Imagine records that show just what was asked for."""
        return [
            self._written(kind, Record(f"new:{draft.marker}", draft.fields, marker=draft.marker)) for draft in drafts
        ]

    async def update(self, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """Imagine that the records show what was asked for."""
        return [
            self._written(kind, replace(patch.base, fields={**patch.base.fields, **patch.fields})) for patch in patches
        ]

    def _written(self, kind: Kind, record: Record) -> Outcome:
        self._imagined[kind, record.id] = record
        return Written(record)

    async def delete(self, kind: Kind, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """Imagine that they are gone."""
        self._imagined |= {(kind, each): Absence.DELETED for each in ids}
        return [None] * len(ids)

    async def close(self) -> None:
        """Let go of connections."""
        await self._real.close()
