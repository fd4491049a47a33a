"""What a reading finds of comments: those of every issue that changed, and which of them are there no more.

A comment moves its issue's `updated`, and so does its deletion, which leaves nothing else behind. So the cursor of this
kind remembers the ids of the comments of issues that changed lately; one that has vanished from its issue is looked at. What
was deleted from an issue that is not remembered any more is found by a full reading.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from hub.sdk import Cursor, NotFound, Record
from hub_jira.edition import Json, thread
from hub_jira.jql import is_held
from hub_jira.records import milliseconds
from hub_jira.site import Site

MOST_KNOWN = 2_000
"""Ids that a cursor remembers, those of the issues first that changed last."""


class Shower(Protocol):
    """Makes records of comments."""

    def is_carried(self, comment: Mapping[str, Any]) -> bool:
        """Whether the hub takes part in it."""

    def record(self, issue: str, comment: Mapping[str, Any]) -> Record:
        """Its record."""


class ThreadPart:
    """What one reading finds of comments.

    Args:
        cursor: Where it goes on from: with `known`, a list of `[issue, updated, [comment, …]]`.
    """

    def __init__(self, site: Site, shower: Shower, cursor: Cursor | None) -> None:
        self._site, self._shower = site, shower
        before = (cursor or {}).get("known") or ()
        self._before = {str(issue): (int(updated), set(ids)) for issue, updated, ids in before}
        self._known: dict[str, tuple[int, list[str]]] = {
            issue: (updated, sorted(ids)) for issue, (updated, ids) in self._before.items()
        }

    async def find(self, issues: Sequence[Json]) -> tuple[Sequence[Record], Sequence[str]]:
        """The comments of *issues*, and the ids of those that have vanished from them."""
        kinds = self._site.setup.kinds
        mine = [issue for issue in issues if is_held(issue, kinds)]
        threads = await asyncio.gather(*map(self._comments, mine))
        records: list[Record] = []
        gone: list[str] = []
        for issue, comments in zip(mine, threads, strict=True):
            number, updated = str(issue["id"]), milliseconds(issue["fields"]["updated"])
            shown = [self._shower.record(number, each) for each in comments if self._shower.is_carried(each)]
            records += shown
            gone += self._vanished(number, updated, {record.id for record in shown})
        return records, gone

    async def _comments(self, issue: Mapping[str, Any]) -> Sequence[Json]:
        """All of an issue; a search shows no more than the first page of them."""
        page = issue["fields"].get("comment") or {}
        shown: list[Json] = list(page.get("comments") or ())
        if len(shown) >= int(page.get("total") or 0):
            return shown
        try:
            return await thread(self._site.client, str(issue["id"]))
        except NotFound:
            return ()

    def _vanished(self, issue: str, updated: int, shown: set[str]) -> set[str]:
        """The ids that the issue had and has no more; an older state, from an index that lags, says nothing."""
        then, had = self._before.get(issue, (0, set()))
        numbers = {remote.partition("/")[2] for remote in shown}
        if updated < then:
            return set()
        self._known[issue] = (updated, sorted(numbers))
        return {f"{issue}/{number}" for number in had - numbers}

    def cursor(self, cursor: Cursor) -> Cursor:
        """*cursor* with the ids of those issues that changed last."""
        known, left = [], MOST_KNOWN
        for issue, (updated, ids) in sorted(self._known.items(), key=lambda item: (-item[1][0], item[0])):
            if ids and len(ids) <= left:
                known.append([issue, updated, ids])
                left -= len(ids)
        return {**cursor, "known": known}
