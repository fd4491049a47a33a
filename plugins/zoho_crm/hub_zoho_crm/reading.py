"""What changed in a module, page by page.

A cursor is one of

- `{"asked", "token", "start", "marked"}`: a first reading in the order of ids, which new records only add to;
- `{"asked", "since", "deleted", "marked"}`: everything until `since` is read, deletions until `deleted`.

All instants are by Zoho's clock, in whole seconds, as its times are. `asked` is what was read of each record: read in
another way, everything is read anew. Facts: zoho.com/crm/developer/docs/api/v8/get-records.html (`If-Modified-Since`,
page tokens of 24 hours that belong to one query) and …/get-deleted-records.html.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.sdk import Cursor, Page, Record, by_token
from hub_zoho_crm.client import PAGE, Rejected
from hub_zoho_crm.layouts import Layout
from hub_zoho_crm.missing import deletions
from hub_zoho_crm.paging import whole_page
from hub_zoho_crm.records import instant, is_elsewhere
from hub_zoho_crm.site import Site

OVERLAP = timedelta(minutes=2)
"""How far every reading goes back: clocks differ, and what is written in a second may be seen after it."""
DELETED_EVERY = timedelta(minutes=10)
"""Deletions are a call of their own, and cost double: they may come this late."""
_WORN_OUT = frozenset({"EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH", "INVALID_DATA", "PAGINATION_LIMIT_EXCEEDED"})


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a module has been read."""

    asked: str
    since: datetime
    deleted: datetime
    marked: bool

    @classmethod
    def of(cls, cursor: Cursor) -> "Reached":
        """From a cursor that is no first reading's."""
        times = [datetime.fromisoformat(cursor[name]) for name in ("since", "deleted")]
        return cls(cursor["asked"], times[0], times[1], bool(cursor["marked"]))

    def cursor(self) -> Cursor:
        """As it is kept."""
        times = {"since": written(self.since), "deleted": written(self.deleted)}
        return {"asked": self.asked, **times, "marked": self.marked}


def written(at: datetime) -> str:
    """A moment in whole seconds."""
    return at.isoformat(timespec="seconds")


class Reading:
    """Readings of one module."""

    def __init__(self, site: Site, layout: Layout) -> None:
        self._site, self._layout = site, layout

    async def changes(self, cursor: Cursor | None, *, full: bool) -> AsyncIterator[Page]:
        """Pages since *cursor*; everything if there is none, or if *full*."""
        layout = self._layout
        same = cursor is not None and cursor.get("asked") == _asked(layout)
        if cursor and same and not full and "since" in cursor:
            reading = self._since(Reached.of(cursor))
        elif cursor and same and not full and "token" in cursor:
            reading = self._resumed(cursor)
        else:
            reading = self._all(None)
        async for page in reading:
            yield page

    async def _resumed(self, cursor: Cursor) -> AsyncIterator[Page]:
        """The rest of a first reading; the whole of it if Zoho has forgotten the token."""
        begun = False
        try:
            async for page in self._all(cursor):
                begun = True
                yield page
        except Rejected as error:
            if begun or error.code not in _WORN_OUT:
                raise
        if not begun:
            async for page in self._all(None):
                yield page

    async def _all(self, resumed: Cursor | None) -> AsyncIterator[Page]:
        marked = bool(resumed["marked"]) if resumed else await self._site.marked(self._layout)
        start = datetime.fromisoformat(resumed["start"]) if resumed else self._site.now()
        order = {"fields": await self._site.asked(self._layout, marked=marked), "sort_by": "id", "sort_order": "asc"}
        asked = _asked(self._layout)
        reached = Reached(asked, start - OVERLAP, start - OVERLAP, marked)
        async for shown, token in self._pages(order, first=resumed["token"] if resumed else None):
            going_on = {"asked": asked, "token": token, "start": written(start), "marked": marked}
            yield Page(await self._records(shown), going_on if token else reached.cursor())

    async def _since(self, reached: Reached) -> AsyncIterator[Page]:
        """What changed, oldest change first: the cursor follows page by page. Deletions come with the last page."""
        start = self._site.now()
        self._site.markers |= {self._layout.module} if reached.marked else set()
        fields = await self._site.asked(self._layout, marked=reached.marked)
        order = {"fields": fields, "sort_by": "Modified_Time", "sort_order": "asc"}
        since = reached.since
        async for shown, token in self._pages(order, since=reached.since):
            if shown and not reached.marked and await self._site.marked(self._layout):
                async for page in self._all(None):  # the marker's field was added: what carries one must show it
                    yield page
                return
            found = await self._records(shown)
            if token:
                since = max([since, *(at - OVERLAP for row in shown[-1:] if (at := instant(row.get("Modified_Time"))))])
                yield Page(found, Reached(reached.asked, since, reached.deleted, reached.marked).cursor())
        due = start - OVERLAP - reached.deleted >= DELETED_EVERY
        gone = (await deletions(self._site.client, self._layout.module, reached.deleted))[0] if due else []
        end = max(reached.since, start - OVERLAP)
        done = Reached(reached.asked, end, end if due else reached.deleted, reached.marked)
        yield Page(found, done.cursor(), gone)

    async def _pages(
        self, order: dict[str, Any], *, first: str | None = None, since: datetime | None = None
    ) -> AsyncIterator[tuple[Sequence[dict[str, Any]], str | None]]:
        """Pages of a query, each with the token of the next."""

        async def read(token: str | None) -> tuple[list[dict[str, Any]], str | None]:
            named: dict[str, Any] = {"page_token": token} if token else {}
            answer = await self._site.client.get(
                f"/{self._layout.module}", since=since, per_page=PAGE, **order, **named
            )
            return whole_page(answer, token=token)

        async for page in by_token(read, first):
            yield page

    async def _records(self, shown: Sequence[dict[str, Any]]) -> list[Record]:
        return await self._site.records(self._layout, (row for row in shown if not is_elsewhere(row, self._layout)))


def _asked(layout: Layout) -> str:
    return f"{layout.module}:{','.join(layout.asked(marked=True))}"
