"""Changing issues: one edit for all changed fields, one transition per step of the status, nothing else.

Facts: "Edit issue" and "Transition issue" of developer.atlassian.com/cloud/jira/platform/rest/v3; on Data Center an edit
answers without the issue, and it is read again. Jira has no conditional writes: only what was changed is sent, and sets
of labels as what was added and removed. The history that comes with the answer tells of an edit that fell in between.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hub.sdk import (
    Edit,
    Kind,
    Outcome,
    Patch,
    Record,
    Refusal,
    ServiceError,
    Written,
    outcome_of,
    stop_if_signed_out,
)
from hub_jira.outgoing import Outgoing, edit
from hub_jira.site import Site
from hub_jira.transitions import Transitions

PARALLEL = 8


class Updates:
    """Changes in one project."""

    def __init__(self, site: Site, transitions: Transitions) -> None:
        self._site, self._transitions, self._outgoing = site, transitions, Outgoing(site)
        self._places = asyncio.Semaphore(PARALLEL)

    async def update(self, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """Carry out every patch, several at once. Raises SignInRejected."""
        done = await asyncio.gather(*(self._one(kind, patch) for patch in patches))
        stop_if_signed_out(done)
        return done

    async def _one(self, kind: Kind, patch: Patch) -> Outcome:
        goal, shown, replaced = patch.fields.get("status"), patch.base, list[Edit]()
        async with self._places:
            try:
                values = await self._outgoing.values(kind, patch.fields, patch.base.fields)
                body = edit(values, patch.base.fields)
                if goal and body and _is_closed(shown):
                    became = await self.to_status(kind, shown, str(goal))
                    if not isinstance(became, Written):
                        return became
                    shown, goal = became.record, None
                if body:
                    shown, replaced = await self._edit(kind, patch, body, shown)
            except ServiceError as error:
                return outcome_of(error, shown if shown is not patch.base else None)
            if goal and shown.fields.get("status") != goal:
                return _with(await self.to_status(kind, shown, str(goal), partly=bool(body)), replaced)
        return Written(shown, replaced)

    async def to_status(self, kind: Kind, shown: Record, goal: str, *, partly: bool = False) -> Outcome:
        """Bring an issue to the status named *goal*.

        Args:
            shown: What it shows before.
            partly: Whether a part of the whole change is done already, so that a refusal tells what is there now.
        """
        walk = None
        try:
            walk = await self._transitions.start(kind, shown.id, goal, shown.extra)
            await self._transitions.walk(walk)
        except ServiceError as error:
            moved = self._in_status(shown, walk.at.name, _shape(walk.at)) if walk and walk.taken else None
            return outcome_of(error, moved or (shown if partly else None))
        return Written(self._in_status(shown, goal, _shape(walk.at)))

    def _in_status(self, shown: Record, name: str, status: Mapping[str, Any]) -> Record:
        """*shown* in another status: known without reading it again, except for its new version."""
        kept = {key: value for key, value in shown.extra.items() if key != "transitions"}
        if "updated" in kept:
            kept["updated"] = int(kept["updated"]) + 1
        moved = replace(
            shown,
            fields={**shown.fields, "status": name},
            version="",
            at=_after(shown),
            extra={**kept, "status": dict(status)},
        )
        self._site.recent.note(moved, written_ms=self._site.now_ms())
        return moved

    async def _edit(
        self, kind: Kind, patch: Patch, body: Mapping[str, Any], shown: Record
    ) -> tuple[Record, list[Edit]]:
        """The record after the edit, from Jira's answer or read again, and the edits by others that it replaced."""
        issue = await self._site.client.put(f"/issue/{patch.id}", body, **self._site.edition.edited)
        if not isinstance(issue, Mapping) or not issue.get("fields"):
            issue = (await self._site.issues([patch.id])).get(patch.id)
        if issue is None:
            return replace(shown, fields={**shown.fields, **patch.fields}, version="", at=_after(shown)), []
        shape = await self._site.catalogue.shape(kind)
        edited = shape.merged(shown, issue)
        self._site.recent.note(edited, written_ms=self._site.now_ms())
        return edited, shape.replaced(issue, body.get("fields") or (), patch.base, self._site.me)


def _with(became: Outcome, replaced: Sequence[Edit]) -> Outcome:
    """An outcome that tells also what an earlier part of the write has replaced."""
    return replace(became, replaced=replaced) if isinstance(became, Written | Refusal) else became


def _is_closed(shown: Record) -> bool:
    """Whether workflows commonly forbid edits where the issue stands: then the status is changed first."""
    status = shown.extra.get("status") or {}
    return bool((status.get("statusCategory") or {}).get("key") == "done")


def _shape(status: Any) -> dict[str, Any]:
    return {"id": status.id, "name": status.name, "statusCategory": {"key": status.category}}


def _after(shown: Record) -> datetime | None:
    """An instant that no state from before this write has, and every state since it reaches: Jira counts milliseconds."""
    return shown.at + timedelta(milliseconds=1) if shown.at else None
