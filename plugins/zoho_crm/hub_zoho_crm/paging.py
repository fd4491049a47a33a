"""Lists, page by page, and what shows that one of them broke off.

Facts: zoho.com/crm/developer/docs/api/v8/get-records.html and …/get-notes.html: page numbers reach the first 2000 rows,
tokens what is behind; `info` says with every page how many rows it has, and whether there are more.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from hub.sdk import BadAnswer
from hub_zoho_crm.client import Client, following, has_more, rows

BY_NUMBER = 10


def whole_page(answer: Any, *, token: str | None = None) -> tuple[list[dict[str, Any]], str | None]:
    """The rows of a page, and the token of the next one.

    Args:
        token: What the page was asked for with, if it was announced by the one before.

    Raises:
        BadAnswer: There should be more on this page, or after it, than there is.
    """
    shown = numbered_page(answer, announced=token is not None)
    after = following(answer)
    if has_more(answer) and after in (None, token):
        raise BadAnswer("Zoho CRM broke a list off: there are more records, and no way to go on")
    return shown, after


def numbered_page(answer: Any, *, announced: bool) -> list[dict[str, Any]]:
    """The rows of a page of a list that may have no tokens. Raises BadAnswer like `whole_page`."""
    shown = rows(answer)
    info = answer.get("info") if isinstance(answer, Mapping) else None
    told = info.get("count") if isinstance(info, Mapping) else None
    if told is not None and int(told) != len(shown):
        raise BadAnswer(f"Zoho CRM broke a list off: {len(shown)} of the {told} records of a page")
    if not shown and (announced or has_more(answer)):
        raise BadAnswer("Zoho CRM broke a list off: a page that was announced is empty")
    return shown


async def numbered(
    client: Client, path: str, *, since: datetime | None = None, per_page: int, **params: Any
) -> AsyncIterator[tuple[Sequence[dict[str, Any]], bool]]:
    """Pages, at least one, each with whether it is the last. Raises BadAnswer where the list breaks off."""
    number, token, last = 1, None, False
    while not last:
        place: dict[str, Any] = {"page": number} if number <= BY_NUMBER else {"page_token": token}
        answer = await client.get(path, since=since, per_page=per_page, **params, **place)
        shown = numbered_page(answer, announced=number > 1)
        number, before, token = number + 1, token, following(answer)
        last = not has_more(answer)
        if not last and number > BY_NUMBER and (token is None or token == before):
            raise BadAnswer("Zoho CRM broke a list off: there are more records, and no way to go on")
        yield shown, last
