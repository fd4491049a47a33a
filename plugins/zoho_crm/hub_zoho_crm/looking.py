"""Finding records that we made: by the field that carries the marker, else by what they show.

COQL reads the store; the search index lags behind it and is never asked. Facts:
zoho.com/crm/developer/docs/api/v8/COQL-Overview.html (50 values of an `in`, 2000 rows).
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hub.sdk import Draft, Record, by_token
from hub_zoho_crm.client import PAGE, Client, chunks, rows
from hub_zoho_crm.layouts import Layout
from hub_zoho_crm.paging import whole_page
from hub_zoho_crm.records import instant
from hub_zoho_crm.site import Site

AT_ONCE = 50
WINDOW = timedelta(minutes=10)
"""How far to look back behind the create that is looked for: clocks may differ."""
LONGEST = timedelta(days=1)
_ALL = "order by id asc limit 0, 2000"


async def find(
    site: Site, layout: Layout, drafts: Sequence[Draft], since: datetime | None
) -> Mapping[str, Sequence[str]]:
    """By marker: ids, oldest first."""
    if await site.marked(layout):
        return await _by_marker(site.client, layout, [draft.marker for draft in drafts])
    newest = await made_since(site, layout.module, await site.asked(layout), since)
    records = await site.records(layout, newest)
    return matched(drafts, records, lambda shown, draft: _looks_like(shown, draft.fields, layout.tags))


async def _by_marker(client: Client, layout: Layout, markers: Sequence[str]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for some in chunks(markers, AT_ONCE):
        named = ", ".join(f"'{_quoted(marker)}'" for marker in some)
        words = ("select id,", layout.marker, "from", layout.module, "where", layout.marker, f"in ({named})", _ALL)
        for row in rows(await client.query(" ".join(words))):
            found.setdefault(str(row.get(layout.marker)), []).append(str(row["id"]))
    return {marker: found[marker] for marker in markers if marker in found}


async def made_since(site: Site, module: str, fields: str, since: datetime | None) -> list[dict[str, Any]]:
    """The rows of a module that our own account made since then, oldest first."""
    me = (await site.place()).account.id
    first = (since or site.setup.clock() - LONGEST) - WINDOW
    newest = [row async for row in _newest(site.client, module, fields, first)]
    return [row for row in reversed(newest) if str((row.get("Created_By") or {}).get("id")) == me]


async def _newest(client: Client, module: str, fields: str, first: datetime) -> AsyncIterator[dict[str, Any]]:
    async def read(token: str | None) -> tuple[list[dict[str, Any]], str | None]:
        named: dict[str, Any] = {"page_token": token} if token else {}
        answer = await client.get(f"/{module}", per_page=PAGE, fields=fields, sort_by="id", sort_order="desc", **named)
        return whole_page(answer, token=token)

    async for page, _ in by_token(read):
        for row in page:
            made = instant(row.get("Created_Time"))
            if made is not None and made < first:
                return
            yield row


def matched(
    drafts: Sequence[Draft], records: Sequence[Record], alike: Callable[[Record, Draft], bool]
) -> dict[str, Sequence[str]]:
    """By marker: the record that was made from each draft. What looks like two drafts was made from the first of them."""
    free, found = list(records), dict[str, Sequence[str]]()
    for draft in drafts:
        made = next((shown for shown in free if draft.fields and alike(shown, draft)), None)
        if made is not None:
            found[draft.marker] = [made.id]
            free.remove(made)
    return found


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _looks_like(shown: Record, meant: Mapping[str, Any], tags: str | None) -> bool:
    """Labels do not count: they are written by a call of their own, which may never have come."""
    return all(_same(shown.fields.get(name), value) for name, value in meant.items() if name != tags)


def _same(shown: Any, meant: Any) -> bool:
    if isinstance(shown, Mapping) and isinstance(meant, Mapping):
        asked = ["id"] if "id" in meant else list(meant)
        return all(_same(shown.get(name), meant[name]) for name in asked)
    if isinstance(shown, str) and isinstance(meant, str):
        return " ".join(shown.split()) == " ".join(meant.split())
    return bool(shown == meant) or (not shown and not meant)
