"""What changed: readings through the search index, which lags, with a cursor that never runs ahead of it.

A cursor is one of

- `{"jql", "token", "start", "max"}`: a first reading, page by page in the order of ids;
- `{"jql", "mark", "rescan", "head"}`: everything until `mark` is read; `head` is the newest page seen, as `[id,
  updated]` pairs: as long as Jira shows the same one, nothing changed.

All instants are milliseconds since 1970 by Jira's clock. Facts: "Search for issues using JQL enhanced search" of
developer.atlassian.com/cloud/jira/platform/rest/v3 (tokens live 7 days; up to 50 `reconcileIssues`).
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.sdk import Cursor, Kind, Page, Record, Refused, by_token
from hub_jira.jql import of_kind
from hub_jira.records import ASKED, MARKER, milliseconds, record
from hub_jira.site import Site

PAGE = 100
OVERLAP_MS = 5 * 60_000
"""How far every reading goes back behind the mark: the usual lag of the index."""
RESCAN_WINDOW_MS = 12 * 3_600_000
"""How far a rescan goes back: indexing was seen to lag by hours."""
RESCAN_EVERY_MS = 3_600_000
RECONCILE = 50


Head = list[list[Any]]


@dataclass(slots=True)
class _Seen:
    """What a reading has come across: the newest instant, and what would stand on the newest page."""

    start: int
    newest: int = 0
    top: Head = field(default_factory=list)

    def note(self, issues: Sequence[dict[str, Any]]) -> None:
        shown = head_of(issues)
        self.newest = max([self.newest, *(updated for _, updated in shown)])
        self.top = sorted([*self.top, *shown], key=lambda pair: (pair[1], _count(pair[0])), reverse=True)[:PAGE]

    def mark(self) -> int:
        """Until when everything is read: never later than what was surely indexed when the reading began."""
        return min(self.newest or self.start, self.start - OVERLAP_MS)

    def head(self, mark: int) -> Head:
        """The first page that the next reading from *mark* shows if nothing changes."""
        return [pair for pair in self.top if pair[1] >= mark - OVERLAP_MS]


def head_of(issues: Sequence[dict[str, Any]]) -> Head:
    """A page in short."""
    return [[str(issue["id"]), milliseconds(issue["fields"]["updated"])] for issue in issues]


def _count(number: str) -> int:
    return int(number) if number.isdigit() else 0


class Searches:
    """Readings of one project."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def changes(self, kind: Kind, cursor: Cursor | None, *, full: bool) -> AsyncIterator[Page]:
        """Pages of *kind* since *cursor*; everything if there is none, or if *full*."""
        place, kinds = await self._site.place(), self._site.setup.kinds
        jql = of_kind(place.id, kind, kinds)
        same = cursor is not None and cursor.get("jql") == jql
        known = cursor if same and cursor and "mark" in cursor else None
        if known and not full:
            reading = self._since(jql, known)
        elif same and cursor and not known and not full:
            reading = self._resumed(jql, cursor)
        else:
            reading = self._all(jql, None, kept=known)
        async for page in reading:
            yield page

    async def _resumed(self, jql: str, cursor: Cursor) -> AsyncIterator[Page]:
        """The rest of a first reading; the whole of it if Jira has forgotten the token."""
        begun = False
        try:
            async for page in self._all(jql, cursor, kept=None):
                begun = True
                yield page
        except Refused:
            if begun:
                raise
        if not begun:
            async for page in self._all(jql, None, kept=None):
                yield page

    async def _all(self, jql: str, resumed: Cursor | None, *, kept: Cursor | None) -> AsyncIterator[Page]:
        """Everything in the order of ids: new issues come at the end, changed ones are found from the mark on."""
        seen = _Seen(*((resumed["start"], resumed["max"]) if resumed else (self._site.now_ms(), 0)))
        first = resumed["token"] if resumed else None
        async for issues, token in self._pages(f"{jql} ORDER BY id ASC", first):
            seen.note(issues)
            going_on = {"jql": jql, "token": token, "start": seen.start, "max": seen.newest}
            mark = seen.mark()
            done = {"jql": jql, "mark": mark, "rescan": seen.start, "head": seen.head(mark)}
            yield Page(self._records(issues), (kept or going_on) if token else done)

    async def _since(self, jql: str, cursor: Cursor) -> AsyncIterator[Page]:
        """What changed, newest first: the cursor moves only when the last page was given."""
        seen, mark = _Seen(self._site.now_ms(), cursor["mark"]), cursor["mark"]
        rescan = _rescan_is_due(cursor, seen.start)
        since = mark - (RESCAN_WINDOW_MS if rescan else OVERLAP_MS)
        begun = False
        async for issues, token in self._pages(f"{jql} AND updated >= {since} ORDER BY updated DESC, id DESC", None):
            if not begun and not rescan and head_of(issues) == cursor["head"]:
                yield Page((), cursor)
                return
            begun = True
            seen.note(issues)
            done = {
                "jql": jql,
                "mark": seen.newest,
                "rescan": seen.start if rescan else cursor["rescan"],
                "head": seen.head(seen.newest),
            }
            yield Page(self._records(issues), cursor if token else done)

    async def _pages(self, jql: str, token: str | None) -> AsyncIterator[tuple[Sequence[dict[str, Any]], str | None]]:
        """Pages of a query, each with the token of the next."""
        body = self._body(jql)

        async def read(token: str | None) -> tuple[list[dict[str, Any]], str | None]:
            named = {"nextPageToken": token} if token else {}
            answer = await self._site.client.read("/search/jql", {**body, **named})
            following = None if answer.get("isLast") else answer.get("nextPageToken")
            return list(answer.get("issues") or ()), following

        async for page in by_token(read, token):
            yield page

    def _body(self, jql: str) -> dict[str, Any]:
        written = self._site.recent.written_since(self._site.now_ms() - OVERLAP_MS, RECONCILE)
        return {
            "jql": jql,
            "maxResults": PAGE,
            "fields": list(ASKED),
            "expand": "changelog",
            "properties": [MARKER],
            **({"reconcileIssues": written} if written else {}),
        }

    def _records(self, issues: Sequence[dict[str, Any]]) -> list[Record]:
        return [self._site.recent.freshest(record(issue, self._site.config)) for issue in issues]


def _rescan_is_due(cursor: Cursor, now: int) -> bool:
    """Every hour, until one came so late after the newest change that nothing can have stayed behind.

    Sooner while the newest page is full: what the index shows late then stands behind it, where no quiet reading looks.
    """
    last, mark = int(cursor["rescan"]), int(cursor["mark"])
    crowded = len(cursor["head"]) >= PAGE and last < mark + 2 * OVERLAP_MS
    return now - last >= (OVERLAP_MS if crowded else RESCAN_EVERY_MS) and last < mark + RESCAN_WINDOW_MS
