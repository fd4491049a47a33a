"""Requirements: the cards of a board."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from hub.sdk import Absence, Cursor, Draft, Outcome, Page, Patch, Record
from hub_trello.holder import Holder
from hub_trello.reading import Reader
from hub_trello.writing import Writer


class Cards(Holder):
    """Reads and writes the cards of one board."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader, self._writer = reader, writer

    def changes(self, cursor: Cursor | None, *, full: bool) -> AsyncIterator[Page]:
        """One call if nothing changed; changed cards are read ten to a call."""
        return self._reader.changes(None if full else cursor)

    async def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """Ten to a call."""
        return await self._reader.fetch(ids)

    async def create(self, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """At the bottom of their lists, one call each, after one for each label that is missing."""
        return await self._writer.create(drafts)

    async def update(self, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """One call each, after one for each label that is missing."""
        return await self._writer.update(patches)

    async def delete(self, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """One call each."""
        return await self._writer.delete(ids)

    async def find(self, drafts: Sequence[Draft], *, since: datetime | None) -> Mapping[str, Sequence[str]]:
        """By marker; one call for every 1,000 cards of the board, archived ones too."""
        del since
        return await self._reader.find([draft.marker for draft in drafts])
