"""What changed in a project: readings through the search index, which lags, with a cursor that never runs ahead of it.

A cursor is one of

- `{"jql", "asked", "token", "start", "max"}`: a first reading, page by page in the order of ids;
- `{"jql", "asked", "mark", "rescan", "head"}`: everything until `mark` is read; `head` is the newest page seen, as `[id,
  updated]` pairs: as long as Jira shows the same one, nothing changed, and where it goes on with that, nothing more did.

All instants are milliseconds since 1970 by Jira's clock. One reading asks for what the records of every kind are made of.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.sdk import BadAnswer, Cursor, Refused, by_token
from hub_jira.edition import Asked, Json, Query
from hub_jira.records import milliseconds
from hub_jira.site import Site

PAGE = 100
OVERLAP_MS = 5 * 60_000
"""How far every reading goes back behind the mark: the usual lag of the index."""
RESCAN_WINDOW_MS = 12 * 3_600_000
"""How far a rescan goes back: indexing was seen to lag by hours."""
RESCAN_EVERY_MS = 3_600_000
RECONCILE = 50

Head = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Batch:
    """A page of a reading.

    Args:
        issues: As the search shows them.
        cursor: Where the next reading starts once they are kept.
        last: Whether the reading ends with it.
        quiet: Whether all is as it was: then no issues are given.
        joined: Whether it ends where what is known begins: the rest is as it was.
    """

    issues: Sequence[Json]
    cursor: Cursor
    last: bool
    quiet: bool = False
    joined: bool = False


@dataclass(slots=True)
class _Seen:
    """What a reading has come across: the newest instant, and what would stand on the newest page."""

    start: int
    newest: int = 0
    top: Head = field(default_factory=list)

    def note(self, issues: Sequence[Json]) -> None:
        shown = head_of(issues)
        self.newest = max([self.newest, *(updated for _, updated in shown)])
        known = {(number, updated): [number, updated] for number, updated in [*self.top, *shown]}
        self.top = sorted(known.values(), key=lambda pair: (pair[1], _count(pair[0])), reverse=True)[:PAGE]

    def mark(self) -> int:
        """Until when everything is read: never later than what was surely indexed when the reading began."""
        return min(self.newest or self.start, self.start - OVERLAP_MS)

    def head(self, mark: int) -> Head:
        """The first page that the next reading from *mark* shows if nothing changes."""
        return [pair for pair in self.top if pair[1] >= mark - OVERLAP_MS]


def head_of(issues: Sequence[Json]) -> Head:
    """A page in short."""
    return [[str(issue["id"]), milliseconds(issue["fields"]["updated"])] for issue in issues]


def joins(shown: Head, head: Head) -> bool:
    """Whether the newest pages *shown* go on with what stood on the newest page before, all of it that did not move.

    The evidence is that of a quiet reading, where there is the same page again: what the index shows late may stand behind
    it, and is found by a rescan.
    """
    pairs, known = [tuple(pair) for pair in shown], [tuple(pair) for pair in head]
    there = set(known)
    moved = {number for number, updated in pairs if (number, updated) not in there}
    expected = [pair for pair in known if pair[0] not in moved]
    seen = [pair for pair in pairs if pair in there]
    if not seen or pairs[-1] not in there or seen != expected[: len(seen)]:
        return False
    return len(seen) < len(expected) or len(known) >= PAGE


def _count(number: str) -> int:
    return int(number) if number.isdigit() else 0


def window(cursor: Cursor, now: int) -> int:
    """Since when a reading from *cursor* has to look: further back where a rescan is due."""
    return int(cursor["mark"]) - (RESCAN_WINDOW_MS if rescan_is_due(cursor, now) else OVERLAP_MS)


def rescan_is_due(cursor: Cursor, now: int) -> bool:
    """Every hour, until one came so late after the newest change that nothing can have stayed behind.

    Sooner while the newest page is full: what the index shows late then stands behind it, where no quiet reading looks.
    """
    last, mark = int(cursor["rescan"]), int(cursor["mark"])
    crowded = len(cursor["head"]) >= PAGE and last < mark + 2 * OVERLAP_MS
    return now - last >= (OVERLAP_MS if crowded else RESCAN_EVERY_MS) and last < mark + RESCAN_WINDOW_MS


class Reading:
    """Reads one query, whatever the kinds.

    Args:
        jql: Which issues.
        asked: What of them.
        name: What `asked` is called in cursors: one that was made for something else begins anew.
    """

    def __init__(self, site: Site, jql: str, asked: Asked, name: str) -> None:
        self._site, self._jql, self._asked = site, jql, asked
        self._same = {"jql": jql, "asked": name}
        self.key = f"{name} {jql}"

    def known(self, cursor: Cursor | None) -> Cursor | None:
        """*cursor*, if it is one of this reading that has come to its end."""
        return cursor if self._fits(cursor) and cursor and "mark" in cursor else None

    def is_whole(self, cursor: Cursor | None, *, full: bool) -> bool:
        """Whether a reading from *cursor* gives everything."""
        return full or not self._fits(cursor)

    def begun(self) -> Cursor:
        """The cursor of a first reading that has not come to the end of its first page."""
        return {**self._same, "token": None, "start": self._site.now_ms(), "max": 0}

    def pages(self, cursor: Cursor | None, *, full: bool) -> AsyncIterator[Batch]:
        """Pages since *cursor*; everything if there is none, or if *full*."""
        known = self.known(cursor)
        if known and not full:
            return self._since(known)
        if self._fits(cursor) and cursor and not known and not full:
            return self._resumed(cursor)
        return self._all(None, kept=known)

    def _fits(self, cursor: Cursor | None) -> bool:
        return cursor is not None and all(cursor.get(name) == value for name, value in self._same.items())

    async def _resumed(self, cursor: Cursor) -> AsyncIterator[Batch]:
        """The rest of a first reading; the whole of it if Jira has forgotten the token."""
        begun = False
        try:
            async for batch in self._all(cursor, kept=None):
                begun = True
                yield batch
        except Refused:
            if begun:
                raise
        if not begun:
            async for batch in self._all(None, kept=None):
                yield batch

    async def _all(self, resumed: Cursor | None, *, kept: Cursor | None) -> AsyncIterator[Batch]:
        """Everything in the order of ids: new issues come at the end, changed ones are found from the mark on."""
        seen = _Seen(*((resumed["start"], resumed["max"]) if resumed else (self._site.now_ms(), 0)))
        first = resumed["token"] if resumed else None
        async for issues, token in self._pages(f"{self._jql} ORDER BY id ASC", first):
            seen.note(issues)
            going_on = {**self._same, "token": token, "start": seen.start, "max": seen.newest}
            mark = seen.mark()
            done = {**self._same, "mark": mark, "rescan": seen.start, "head": seen.head(mark)}
            yield Batch(issues, (kept or going_on) if token else done, last=token is None)

    async def _since(self, cursor: Cursor) -> AsyncIterator[Batch]:
        """What changed, newest first, as far as nothing is known of: the cursor moves only when the last page was given."""
        seen = _Seen(self._site.now_ms(), cursor["mark"])
        rescan, since, begun = rescan_is_due(cursor, seen.start), window(cursor, seen.start), False
        jql = f"{self._jql} AND updated >= {since} ORDER BY updated DESC, id DESC"
        shown: Head = []
        async for issues, token in self._pages(jql, None):
            if not begun and not rescan and head_of(issues) == cursor["head"]:
                yield Batch((), cursor, last=True, quiet=True)
                return
            begun = True
            seen.note(issues)
            shown += head_of(issues)
            done: Mapping[str, Any] = {
                **self._same,
                "mark": seen.newest,
                "rescan": seen.start if rescan else cursor["rescan"],
                "head": seen.head(seen.newest),
            }
            joined = token is not None and not rescan and joins(shown, cursor["head"])
            last = joined or token is None
            yield Batch(issues, done if last else cursor, last=last, joined=joined)
            if joined:
                return

    async def _pages(self, jql: str, token: str | None) -> AsyncIterator[tuple[Sequence[Json], str | None]]:
        """Pages of a query, each with the token of the next. Raises BadAnswer where they break off before their end."""
        written = self._site.recent.written_since(self._site.now_ms() - OVERLAP_MS, RECONCILE)
        query = Query(jql, self._asked, PAGE, written)

        async def read(token: str | None) -> tuple[list[Json], str | None]:
            issues, following = await self._site.edition.page(self._site.client, query, token)
            if following is not None and (following == token or not issues):
                raise BadAnswer("Jira broke a search off: there is more to it, and no way to go on")
            return issues, following

        async for page in by_token(read, token):
            yield page
