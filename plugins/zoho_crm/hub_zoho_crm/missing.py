"""Why a record that should be there is not to be seen.

Facts: zoho.com/crm/developer/docs/api/v8/get-deleted-records.html, …/get-records.html. A record that was deleted, one
that never was and one that a user may not see are all answered with 204 or INVALID_DATA.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hub.sdk import Absence, NotFound, PermissionLost
from hub_zoho_crm.client import PAGE, Client, Rejected, has_more, rows
from hub_zoho_crm.paging import numbered_page

MOST_PAGES = 10
"""As many pages of deletions as are read: 2000 records."""
MANY = 10
"""From so many records on, it is more likely that they are hidden than that all were deleted."""


async def deletions(client: Client, module: str, since: datetime | None) -> tuple[list[str], bool]:
    """The ids of what was deleted since then (or ever), from the bin or for good, and whether these are all of them."""
    ids: list[str] = []
    for page in range(1, MOST_PAGES + 1):
        answer = await client.get(f"/{module}/deleted", since=since, type="all", page=page, per_page=PAGE)
        shown = numbered_page(answer, announced=page > 1)
        ids += [str(row["id"]) for row in shown if row.get("id")]
        if not has_more(answer):
            return ids, True
    return ids, False


async def away(client: Client, module: str, ids: Sequence[str], fields: str) -> dict[str, dict[str, Any] | Absence]:
    """What became of records that a reading of many did not give: rows of those that are there after all.

    What is in the list of deletions was deleted; what is not in it is only hidden, as far as anybody knows. Of a module
    without such a list, what is not there by itself either was deleted, unless it is more than a few at once.
    """
    try:
        deleted, _ = await deletions(client, module, None)
        untold = Absence.HIDDEN
    except (Rejected, NotFound):  # this module has no such list
        deleted, untold = [], Absence.DELETED if len(ids) < MANY else Absence.HIDDEN
    gone = set(deleted)
    rest = [number for number in ids if number not in gone]
    alone = await asyncio.gather(*(_alone(client, module, number, fields) for number in rest))
    found: dict[str, dict[str, Any] | Absence] = dict.fromkeys(set(ids) & gone, Absence.DELETED)
    for number, shown in zip(rest, alone, strict=True):
        found[number] = shown or untold
    return found


async def _alone(client: Client, module: str, number: str, fields: str) -> dict[str, Any] | Absence | None:
    """One record by itself; None if it is not there or not to be seen, as far as Zoho says."""
    try:
        answer = await client.get(f"/{module}/{number}", fields=fields)
    except PermissionLost:
        return Absence.HIDDEN
    except (Rejected, NotFound):
        return None
    return next((row for row in rows(answer) if str(row.get("id")) == number), None)
