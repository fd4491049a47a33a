"""How one kind is held: what the connector passes its calls on to."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from hub.sdk import Absence, Cursor, Draft, Outcome, Page, Patch, Record
from hub_trello.cards import made_at

CLOCKS = timedelta(minutes=10)
"""How far before a create its traces are looked for: the service's clock may be behind ours."""


class Holder(ABC):
    """The part of `hub.sdk.Connector` that concerns one kind; see there."""

    @abstractmethod
    def changes(self, cursor: Cursor | None, *, full: bool) -> AsyncIterator[Page]:
        """Pages of what changed since *cursor*."""

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
        """What was made from *drafts*."""


def card_under(draft: Draft) -> str:
    """The card that a new part goes to: what belongs to a task goes to the task's card. Empty if none is named."""
    return str(draft.fields.get("parent") or "").partition("/")[0]


def is_since(number: str, since: datetime | None) -> bool:
    """Whether the thing with this id of the service was made since then, give or take the difference of two clocks."""
    return since is None or made_at(number) >= since - CLOCKS


def matched(
    drafts: Sequence[Draft], records: Sequence[Record], alike: Callable[[Record, Draft], bool]
) -> dict[str, Sequence[str]]:
    """By marker: the records that may have been made from each draft, of *records* in their order.

    Drafts that look the same share them out in turn, so that no two are found in one.
    """
    twins: dict[tuple[str, ...], list[Draft]] = {}
    for draft in drafts:
        twins.setdefault(tuple(record.id for record in records if alike(record, draft)), []).append(draft)
    shares = {draft.marker: list(ids[at :: len(same)]) for ids, same in twins.items() for at, draft in enumerate(same)}
    return {draft.marker: shares[draft.marker] for draft in drafts if shares[draft.marker]}


def said_alike(shown: str, meant: str) -> bool:
    """Whether two texts differ at most in white space, which the service trims."""
    return " ".join(shown.split()) == " ".join(meant.split())
