"""How one kind is held: what the connector passes its calls on to."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from hub.sdk import Absence, Cursor, Draft, Outcome, Page, Patch, Record


class Holder(ABC):
    """The part of `hub.sdk.Connector` that concerns one kind; see there."""

    @abstractmethod
    def changes(self, cursor: Cursor | None, *, full: bool) -> AsyncIterator[Page]:
        """Pages since *cursor*."""

    @abstractmethod
    async def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """The present state of each of *ids*."""

    @abstractmethod
    async def create(self, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Make records."""

    @abstractmethod
    async def update(self, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """Change records."""

    @abstractmethod
    async def delete(self, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """Delete records."""

    @abstractmethod
    async def find(self, drafts: Sequence[Draft], *, since: datetime | None) -> Mapping[str, Sequence[str]]:
        """Look for what was made from *drafts*."""
