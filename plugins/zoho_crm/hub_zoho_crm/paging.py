"""Lists that are paged by number first: those of notes and attachments.

Facts: zoho.com/crm/developer/docs/api/v8/get-notes.html; page numbers reach the first 2000 rows, tokens what is behind.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from hub_zoho_crm.client import Client, following, has_more, rows

BY_NUMBER = 10


async def numbered(
    client: Client, path: str, *, since: datetime | None = None, per_page: int, **params: Any
) -> AsyncIterator[tuple[Sequence[dict[str, Any]], bool]]:
    """Pages, at least one, each with whether it is the last."""
    number, token, last = 1, None, False
    while not last:
        place: dict[str, Any] = {"page": number} if number <= BY_NUMBER else {"page_token": token}
        answer = await client.get(path, since=since, per_page=per_page, **params, **place)
        number, token = number + 1, following(answer)
        last = not (has_more(answer) and rows(answer) and (number <= BY_NUMBER or token is not None))
        yield rows(answer), last
