"""Rows on their way to Zoho CRM: many in one call, and what became of each.

Facts: zoho.com/crm/developer/docs/api/v8/insert-records.html and …/update-records.html: one row for each record, in
their order, whatever the status; absent fields stay. With `If-Unmodified-Since` a record that was changed after that
second is refused with 412 and ALREADY_MODIFIED. Zoho shows that of one record in a request; many are sent with the
newest time among them, all of them having been read after it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.sdk import AnswerLost, Outcome, ServiceError, Unknown, outcome_of
from hub_zoho_crm.client import Client, Rejected, chunks, rows
from hub_zoho_crm.outcomes import id_of, row_outcome, succeeded

BATCH = 100
ONE_BY_ONE = 10
"""Up to so many records each have a call of their own, which Zoho refuses for that record alone."""
_LOST = "Zoho CRM's answer says neither that it was done nor that it was refused"

Named = Callable[[str], str]
"""The record's field of an API name."""


@dataclass(frozen=True, slots=True)
class Made:
    """A record that is there: its id, and whether this call made it."""

    id: str
    new: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """The values to set of one record, and when that was last changed as far as we know."""

    id: str
    values: Mapping[str, Any]
    at: datetime | None


class Sending:
    """Writes the rows of one module.

    Args:
        module: Its API name.
        beside: What a request says beside its rows.
        marker: The unique field whose value tells a record that an earlier call made.
        named: The record's field of an API name.
        me: The id of our own account.
    """

    def __init__(
        self,
        client: Client,
        module: str,
        *,
        beside: Mapping[str, Any] | None = None,
        marker: str | None = None,
        named: Named = str,
        me: str = "",
    ) -> None:
        self._client, self._module, self._beside = client, module, dict(beside or {})
        self._marker, self._named, self._me = marker, named, me

    async def post(self, given: Sequence[Mapping[str, Any]]) -> list[Made | Outcome]:
        """Make a record of each row."""
        pieces = await asyncio.gather(*(self._made(some) for some in chunks(given, BATCH)))
        return [each for piece in pieces for each in piece]

    async def _made(self, given: Sequence[Mapping[str, Any]]) -> Sequence[Made | Outcome]:
        try:
            said = rows(await self._client.post(f"/{self._module}", {"data": list(given), **self._beside}))
        except Rejected as error:
            if len(given) > 1:
                half = len(given) // 2
                return [*await self._made(given[:half]), *await self._made(given[half:])]
            return [outcome_of(error)]
        except ServiceError as error:
            return [outcome_of(error)] * len(given)
        if len(said) != len(given):
            return [Unknown(AnswerLost(_LOST))] * len(given)
        return [self._became(row) for row in said]

    def _became(self, row: Mapping[str, Any]) -> Made | Outcome:
        number = id_of(row)
        if succeeded(row) and number:
            return Made(number)
        if row.get("code") == "DUPLICATE_DATA" and number and row["details"].get("api_name") == self._marker:
            return Made(number, new=False)  # made by an earlier call whose answer was lost
        return row_outcome(row, self._named, self._me)

    async def put(self, changes: Sequence[Change]) -> dict[str, Outcome]:
        """Set the values. Answers the outcomes of those that were not set, by id."""
        if len(changes) <= ONE_BY_ONE:
            return await self._apart(changes)
        return _joined(await asyncio.gather(*(self._set(some) for some in chunks(changes, BATCH))))

    async def _apart(self, changes: Sequence[Change]) -> dict[str, Outcome]:
        return _joined(await asyncio.gather(*(self._set([each], alone=True) for each in changes)))

    async def _set(self, changes: Sequence[Change], *, alone: bool = False) -> dict[str, Outcome]:
        path = f"/{self._module}/{changes[0].id}" if alone else f"/{self._module}"
        given = [each.values if alone else {"id": each.id, **each.values} for each in changes]
        times = [each.at for each in changes if each.at]
        unmodified_since = max(times) if len(times) == len(changes) else None
        try:
            answer = await self._client.put(path, {"data": given, **self._beside}, unmodified_since=unmodified_since)
        except Rejected as error:
            return {changes[0].id: outcome_of(error)} if alone else await self._apart(changes)
        except ServiceError as error:
            return {each.id: outcome_of(error) for each in changes}
        said = rows(answer)
        if len(said) == len(changes):
            told = zip(changes, said, strict=True)
            return {each.id: row_outcome(row, self._named, self._me) for each, row in told if not succeeded(row)}
        if said and not alone and not any(succeeded(row) for row in said):
            return await self._apart(changes)
        return {each.id: Unknown(AnswerLost(_LOST)) for each in changes}


def _joined(answers: Sequence[Mapping[str, Outcome]]) -> dict[str, Outcome]:
    return {number: outcome for answer in answers for number, outcome in answer.items()}
