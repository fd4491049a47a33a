"""Making issues, 50 a call, each with its marker from the first moment on.

Facts: "Bulk create issue" of developer.atlassian.com/cloud/jira/platform/rest/v3: 201 with `issues` and `errors` if
some were made, 400 with `errors` alone if none was; `failedElementNumber` counts from 0. Data Center's `POST /issue/bulk`
is the same.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.sdk import (
    AnswerLost,
    Delayed,
    Draft,
    Kind,
    Outcome,
    Record,
    Refusal,
    Refused,
    ServiceError,
    Unknown,
    Written,
    outcome_of,
    stop_if_signed_out,
)
from hub_jira.client import Rejected
from hub_jira.meta import Meta
from hub_jira.outgoing import Outgoing, create_fields
from hub_jira.records import MARKER
from hub_jira.site import Site
from hub_jira.updating import Updates

BULK_CREATE, READ_BACK = 50, 100


@dataclass(frozen=True, slots=True)
class _Made:
    """An issue that was made: its id."""

    id: str


class Creates:
    """Creates in one project."""

    def __init__(self, site: Site, meta: Meta, updates: Updates) -> None:
        self._site, self._meta, self._updates, self._outgoing = site, meta, updates, Outgoing(site)

    async def create(self, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Make issues of *drafts*, read them back, and bring them to their statuses."""
        outcomes: dict[int, Outcome] = {}
        bodies: dict[int, dict[str, Any]] = {}
        for number, draft in enumerate(drafts):
            try:
                bodies[number] = await self._body(kind, draft)
            except Refused as error:
                outcomes[number] = outcome_of(error)
        made: dict[int, str] = {}
        numbers = list(bodies)
        chunks = [numbers[n : n + BULK_CREATE] for n in range(0, len(numbers), BULK_CREATE)]
        answers = await asyncio.gather(*(self._made([bodies[n] for n in chunk]) for chunk in chunks))
        for chunk, answer in zip(chunks, answers, strict=True):
            for number, became in zip(chunk, answer, strict=True):
                if isinstance(became, _Made):
                    made[number] = became.id
                else:
                    outcomes[number] = became
        outcomes |= await self._finished(kind, drafts, made)
        stop_if_signed_out(outcomes.values())
        return [outcomes[number] for number in range(len(drafts))]

    async def _body(self, kind: Kind, draft: Draft) -> dict[str, Any]:
        issue_type = await self._meta.type_for(kind, draft.fields.get("issuetype"))
        if issue_type.subtask and not draft.fields.get("parent"):
            why = f"a {issue_type.name} stands under an issue, and its requirement has none here"
            raise Refused(why, fields={"parent": why})
        screen = await self._meta.screen(issue_type)
        given = await self._outgoing.values(kind, draft.fields, {})
        fields = create_fields(given, screen, self._site.options(kind), kind, self._site.edition)
        fixed = {"project": {"id": (await self._site.place()).id}, "issuetype": {"id": issue_type.id}}
        return {"fields": {**fixed, **fields}, "properties": [{"key": MARKER, "value": {"key": draft.marker}}]}

    async def _made(self, bodies: Sequence[Mapping[str, Any]]) -> Sequence[_Made | Outcome]:
        """What became of each of at most 50."""
        try:
            answer = await self._site.client.post("/issue/bulk", {"issueUpdates": list(bodies)})
        except Rejected as error:
            answer = error.body if isinstance(error.body, Mapping) and _errors(error.body) else None
            if answer is None and len(bodies) > 1:
                half = len(bodies) // 2
                return [*await self._made(bodies[:half]), *await self._made(bodies[half:])]
            if answer is None:
                return [outcome_of(error)]
        except ServiceError as error:
            return [outcome_of(error)] * len(bodies)
        return _sorted_out(answer, len(bodies))

    async def _finished(self, kind: Kind, drafts: Sequence[Draft], made: Mapping[int, str]) -> dict[int, Outcome]:
        """Read back what was made, and change the status where the draft has another than new issues get."""
        numbers = list(made)
        chunks = [numbers[n : n + READ_BACK] for n in range(0, len(numbers), READ_BACK)]
        finished: dict[int, Outcome] = {}
        for chunk in chunks:
            try:
                shown = await self._site.issues([made[n] for n in chunk])
            except ServiceError as error:
                finished |= dict.fromkeys(chunk, Unknown(error))
                continue
            there = [n for n in chunk if made[n] in shown]
            records = {n: await self._site.record(kind, shown[made[n]], written=True) for n in there}
            by_marker = {shown.marker: shown for shown in records.values() if shown.marker}
            records = {n: by_marker.get(drafts[n].marker, shown) for n, shown in records.items()}
            lost = AnswerLost("Jira does not show what it made", connection=self._site.setup.connection)
            finished |= {n: Unknown(lost) for n in chunk if n not in records}
            done = await asyncio.gather(*(self._to_status(kind, drafts[n], r) for n, r in records.items()))
            finished |= dict(zip(records, done, strict=True))
        return finished

    async def _to_status(self, kind: Kind, draft: Draft, shown: Record) -> Outcome:
        """Never Delayed or Unknown: the issue is there, and must not be made again."""
        goal = draft.fields.get("status")
        if not goal or shown.fields["status"] == goal:
            return Written(shown)
        became = await self._updates.to_status(kind, shown, str(goal), partly=True)
        if isinstance(became, Delayed | Unknown):
            why = f"it was made, but its status could not be set: {became.error.message}"
            return Refusal(why, {"status": why}, shown)
        return became


def _errors(body: Mapping[str, Any]) -> list[Any]:
    errors = body.get("errors")
    return errors if isinstance(errors, list) else []


def _sorted_out(answer: Mapping[str, Any], count: int) -> list[_Made | Outcome]:
    """Who was made and who was refused: those who were not refused are made in their order."""
    refused = {int(e.get("failedElementNumber") or 0): _refusal(e) for e in _errors(answer)}
    made = iter([_Made(str(issue["id"])) for issue in answer.get("issues") or ()])
    lost = Unknown(AnswerLost("Jira's answer says neither that it was made nor that it was refused"))
    return [refused[n] if n in refused else next(made, lost) for n in range(count)]


def _refusal(error: Mapping[str, Any]) -> Refusal:
    said = error.get("elementErrors") or {}
    fields = {str(name): str(words) for name, words in (said.get("errors") or {}).items()}
    words = [*(said.get("errorMessages") or ()), *(f"{name}: {text}" for name, text in fields.items())]
    return Refusal("; ".join(map(str, words)) or f"refused with {error.get('status', 400)}", fields)
