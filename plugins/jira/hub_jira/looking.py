"""Finding issues by their markers, however far the search index is behind.

JQL over issue properties works only where an app has had the property indexed, so markers are read, not searched:
first those of every issue that the index knows to be new, then, straight from the store, those under the keys that a
project gives out next and under the keys in between that the index did not show. Keys are counted up within a project.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from hub.sdk import Kind, by_token
from hub_jira.records import MARKER
from hub_jira.site import BULK_READ, Site

FIND_WINDOW_MS = 24 * 3_600_000
"""How far to look back behind the create that is looked for: clocks may differ, but not by a day."""
WAITS_S = (1.0, 2.0, 4.0)
"""A create that was broken off may still be under way: how long to wait between looks."""
MOST_GAPS = 500
"""How many of the newest keys that the index did not show are looked up."""


class Looking:
    """Looks for markers in one project."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def find(
        self, kind: Kind, markers: Sequence[str], *, since: datetime | None = None
    ) -> Mapping[str, Sequence[str]]:
        """The ids of issues that carry each of *markers*, oldest first."""
        del kind
        wanted, found = set(markers), dict[str, set[str]]()
        indexed = await self._indexed(since)
        _note(indexed, wanted, found)
        newest = max((_number(i) for i in indexed), default=0) or await self._newest()
        oldest = min((_number(i) for i in indexed), default=newest + 1)
        shown = {_number(i) for i in indexed}
        gaps = [n for n in range(newest, oldest, -1) if n not in shown][:MOST_GAPS]
        for wait in (0.0, *WAITS_S):
            if wait:
                await self._site.setup.network.sleep(wait)
            _note(await self._stored(gaps), wanted, found)
            newest = await self._beyond(newest, wanted, found)
            if wanted <= found.keys():
                break
        return {marker: sorted(found[marker], key=_age) for marker in markers if marker in found}

    async def _indexed(self, begun: datetime | None) -> list[dict[str, Any]]:
        """Issues that the index knows to have been created lately, newest first."""
        place = await self._site.place()
        first = self._site.now_ms() - FIND_WINDOW_MS
        if begun is not None:
            first = min(first, round(begun.timestamp() * 1000) - FIND_WINDOW_MS)
        jql = f"project = {place.id} AND created >= {first} ORDER BY id DESC"

        async def read(token: str | None) -> tuple[list[dict[str, Any]], str | None]:
            following = {"nextPageToken": token} if token else {}
            body = {"jql": jql, "maxResults": 100, "fields": ["created"], "properties": [MARKER], **following}
            answer = await self._site.client.read("/search/jql", body)
            return list(answer.get("issues") or ()), None if answer.get("isLast") else answer.get("nextPageToken")

        return [issue async for page, _ in by_token(read) for issue in page]

    async def _newest(self) -> int:
        """The highest key number that the index knows; 0 if there are no issues."""
        place = await self._site.place()
        body = {"jql": f"project = {place.id} ORDER BY id DESC", "maxResults": 1, "fields": ["created"]}
        issues = (await self._site.client.read("/search/jql", body)).get("issues") or []
        return max((_number(issue) for issue in issues), default=0)

    async def _beyond(self, newest: int, wanted: set[str], found: dict[str, set[str]]) -> int:
        """Look under the keys after *newest* until a whole run of them is not there; answers the newest that is."""
        while True:
            issues = await self._stored(range(newest + 1, newest + 1 + BULK_READ))
            _note(issues, wanted, found)
            highest = max((_number(issue) for issue in issues), default=newest)
            if highest == newest:
                return newest
            newest = highest

    async def _stored(self, numbers: Iterable[int]) -> list[dict[str, Any]]:
        """The issues of the project with these key numbers, as far as they exist."""
        place = await self._site.place()
        keys = [f"{place.key}-{number}" for number in numbers]
        issues: list[dict[str, Any]] = []
        for start in range(0, len(keys), BULK_READ):
            body = {"issueIdsOrKeys": keys[start : start + BULK_READ], "fields": ["project"], "properties": [MARKER]}
            answer = await self._site.client.read("/issue/bulkfetch", body)
            issues += answer.get("issues") or ()
        foreign = self._site.foreign(issues, place)
        return [issue for issue in issues if str(issue["id"]) not in foreign]


def _note(issues: Iterable[Mapping[str, Any]], wanted: set[str], found: dict[str, set[str]]) -> None:
    for issue in issues:
        value = (issue.get("properties") or {}).get(MARKER)
        marker = value.get("key") if isinstance(value, Mapping) else None
        if marker in wanted:
            found.setdefault(str(marker), set()).add(str(issue["id"]))


def _number(issue: Mapping[str, Any]) -> int:
    number = str(issue.get("key", "")).rpartition("-")[2]
    return int(number) if number.isdigit() else 0


def _age(number: str) -> tuple[int, str]:
    return (int(number), "") if number.isdigit() else (0, number)
