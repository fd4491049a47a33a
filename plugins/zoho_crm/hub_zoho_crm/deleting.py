"""Deleting records, and what else is deleted by ids: into the bin, where it stays for 60 days.

Facts: zoho.com/crm/developer/docs/api/v8/delete-records.html.
"""

from collections.abc import Sequence

from hub.sdk import AnswerLost, Outcome, ServiceError, Unknown, outcome_of, stop_if_signed_out
from hub_zoho_crm.client import Client, Rejected, chunks, rows
from hub_zoho_crm.outcomes import is_gone, row_outcome, succeeded

BATCH = 100


async def delete(client: Client, path: str, ids: Sequence[str]) -> Sequence[Outcome | None]:
    """What became of each of *ids*: None if it is gone, now or before."""
    outcomes: list[Outcome | None] = []
    for some in chunks(ids, BATCH):
        outcomes += await _some(client, path, some)
    stop_if_signed_out(outcomes)
    return outcomes


async def _some(client: Client, path: str, ids: Sequence[str]) -> Sequence[Outcome | None]:
    try:
        said = rows(await client.delete(f"/{path}", ids=",".join(ids), wf_trigger="false"))
    except Rejected as error:
        if len(ids) > 1:  # one that is gone already may refuse them all
            return [outcome for number in ids for outcome in await _some(client, path, [number])]
        return [None if error.code == "INVALID_DATA" else outcome_of(error)]
    except ServiceError as error:
        return [outcome_of(error)] * len(ids)
    if len(said) != len(ids):
        if len(ids) > 1:  # one answer for all of them: ask one by one
            return [outcome for number in ids for outcome in await _some(client, path, [number])]
        return [Unknown(AnswerLost("Zoho CRM does not say whether it was deleted"))]
    return [None if succeeded(row) or is_gone(row) else row_outcome(row) for row in said]
