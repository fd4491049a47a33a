"""Finding issues by their markers, however far the search index is behind.

JQL over issue properties works only where an app has had the property indexed, so markers are read, not searched:
first those of every issue that the index knows to be new, then, straight from the store, those under the keys that a
project gives out next and under the keys in between that the index did not show. Keys are counted up within a project.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from hub.sdk import Kind, by_token
from hub_jira.edition import Asked, Json, Query
from hub_jira.records import MARKER, marker_in
from hub_jira.site import Site

FIND_WINDOW_MS = 24 * 3_600_000
"""How far to look back where it is not known since when."""
WAITS_S = (1.0, 2.0, 4.0)
"""A create that was broken off may still be under way: how long to wait between looks."""
MOST_GAPS = 500
"""How many of the newest keys that the index did not show are looked up."""
ASKED = Asked(("created", "creator", "project"), properties=(MARKER,))


async def patiently(
    site: Site, look: Callable[[], Awaitable[Mapping[str, Sequence[str]]]], wanted: set[str]
) -> Mapping[str, Sequence[str]]:
    """What *look* finds, looked for again after a while as long as any of *wanted* is missing."""
    found: Mapping[str, Sequence[str]] = {}
    for wait in (0.0, *WAITS_S):
        if wait:
            await site.setup.network.sleep(wait)
        found = await look()
        if wanted <= found.keys():
            break
    return found


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

    async def _indexed(self, begun: datetime | None) -> list[Json]:
        """Issues that the index knows to have been created lately, newest first."""
        place, edition = await self._site.place(), self._site.edition
        first = self._site.now_ms() - FIND_WINDOW_MS
        if begun is not None:
            first = round(begun.timestamp() * 1000) - edition.look_back_ms
        query = Query(f"project = {place.id} AND created >= {first} ORDER BY id DESC", ASKED)

        async def read(token: str | None) -> tuple[list[Json], str | None]:
            issues, following = await edition.page(self._site.client, query, token)
            await edition.with_marker(self._site.client, issues, MARKER, place.account.id)
            return issues, following

        return [issue async for page, _ in by_token(read) for issue in page]

    async def _newest(self) -> int:
        """The highest key number that the index knows; 0 if there are no issues."""
        place = await self._site.place()
        newest = await self._site.first(f"project = {place.id} ORDER BY id DESC", "created")
        return _number(newest) if newest else 0

    async def _beyond(self, newest: int, wanted: set[str], found: dict[str, set[str]]) -> int:
        """Look under the keys after *newest* until a whole run of them is not there; answers the newest that is."""
        while True:
            issues = await self._stored(range(newest + 1, newest + 1 + self._site.edition.probe))
            _note(issues, wanted, found)
            highest = max((_number(issue) for issue in issues), default=newest)
            if highest == newest:
                return newest
            newest = highest

    async def _stored(self, numbers: Iterable[int]) -> list[Json]:
        """The issues of the project with these key numbers, as far as they exist."""
        place = await self._site.place()
        keys = [f"{place.key}-{number}" for number in numbers]
        issues = await self._site.issues(keys, ASKED)
        foreign = self._site.foreign(issues.values(), place)
        return [issue for number, issue in issues.items() if number not in foreign]


def _note(issues: Iterable[Mapping[str, Any]], wanted: set[str], found: dict[str, set[str]]) -> None:
    for issue in issues:
        marker = marker_in(issue.get("properties"))
        if marker in wanted:
            found.setdefault(str(marker), set()).add(str(issue["id"]))


def _number(issue: Mapping[str, Any]) -> int:
    number = str(issue.get("key", "")).rpartition("-")[2]
    return int(number) if number.isdigit() else 0


def _age(number: str) -> tuple[int, str]:
    return (int(number), "") if number.isdigit() else (0, number)
