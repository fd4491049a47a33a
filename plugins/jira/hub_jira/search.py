"""What changed, kind by kind: one reading shared by all of them, each with its own cursor."""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from hub.sdk import Cursor, Kind, Page, Record, Refused
from hub_jira.edition import Asked, Json
from hub_jira.jql import of_project
from hub_jira.reading import PAGE, Reading, window
from hub_jira.records import MARKER
from hub_jira.sharing import Shared
from hub_jira.site import Site

CHILDREN: Mapping[Kind, str] = {Kind.COMMENT: "comment", Kind.ATTACHMENT: "attachment"}
"""The fields of an issue that hold what hangs on it."""


class Part(Protocol):
    """What a kind finds in issues."""

    async def find(self, issues: Sequence[Json]) -> tuple[Sequence[Record], Sequence[str]]:
        """Its records in some issues, and the ids of those that are gone."""

    def cursor(self, cursor: Cursor) -> Cursor:
        """*cursor* with whatever the kind has to remember until the next reading."""


class Parts(Protocol):
    """Makes a part for a reading from a cursor."""

    def part(self, kind: Kind, cursor: Cursor | None) -> Part:
        """What *kind* finds; *cursor* is the one that the reading begins from, if it is of use."""


class Searches:
    """Readings of one project.

    Args:
        parts: By kind.
    """

    def __init__(self, site: Site, parts: Mapping[Kind, Parts]) -> None:
        self._site, self._parts = site, parts
        self._shared: Shared | None = None

    async def changes(self, kind: Kind, cursor: Cursor | None, *, full: bool) -> AsyncIterator[Page]:
        """Pages of *kind* since *cursor*; everything if there is none, or if *full*."""
        asked, name = await self._asked(kind)
        place = await self._site.place()
        reading = Reading(self._site, of_project(place.id, self._site.setup.kinds), asked, name)
        known, whole = reading.known(cursor), reading.is_whole(cursor, full=full)
        part, shared = self._parts[kind].part(kind, known), self._shared
        if shared and (whole or known) and shared.serves(kind, reading.key, None if whole else known, *self._state()):
            shared.waiting.discard(kind)
            pages = self._again(shared, part, known or reading.begun())
        else:
            pages = self._anew(kind, reading, cursor, part, full=full)
        try:
            async for page in pages:
                yield page
        except Refused:
            await self._site.check_project()  # a project that cannot be seen any more makes every query a wrong one
            raise

    def _state(self) -> tuple[int, int]:
        return self._site.now_ms(), self._site.writes

    async def _again(self, shared: Shared, part: Part, before: Cursor) -> AsyncIterator[Page]:
        """What another kind's reading has found. Until its last page this kind stands where it stood."""
        chunks = shared.chunks(PAGE)
        for number, issues in enumerate(chunks):
            records, gone = await part.find(issues)
            last = number == len(chunks) - 1
            yield Page(tuple(records), part.cursor(shared.cursor or before) if last else before, gone)
        if not shared.waiting:
            self._shared = None

    async def _anew(
        self, kind: Kind, reading: Reading, cursor: Cursor | None, part: Part, *, full: bool
    ) -> AsyncIterator[Page]:
        """A reading of its own, kept for the other kinds. What a kind remembers moves on with its last page only."""
        known, (now, writes) = reading.known(cursor), self._state()
        since = 0 if reading.is_whole(cursor, full=full) else window(known, now) if known else None
        shared = Shared(reading.key, since, now, writes, {*self._site.setup.kinds} - {kind}, known)
        self._shared = None
        async for batch in reading.pages(cursor, full=full):
            shared.take(batch, self._site.setup.kinds)
            self._site.keys |= {str(issue["id"]): str(issue["key"]) for issue in batch.issues if issue.get("key")}
            records, gone = await part.find(batch.issues)
            moves = batch.last and not batch.quiet
            yield Page(tuple(records), part.cursor(batch.cursor) if moves else batch.cursor, gone)
        self._shared = shared

    async def _asked(self, kind: Kind) -> tuple[Asked, str]:
        """All that records of every kind are made of, and a short name for it."""
        kinds = {*self._site.setup.kinds, kind}
        fields = (*await self._site.catalogue.asked(), *(name for each, name in CHILDREN.items() if each in kinds))
        settings = [f"{each}:{self._site.settings(each)}" for each in CHILDREN]
        name = hashlib.sha256("\n".join([*sorted(fields), *settings]).encode()).hexdigest()[:12]
        return Asked(fields, ("changelog",), (MARKER,)), name
