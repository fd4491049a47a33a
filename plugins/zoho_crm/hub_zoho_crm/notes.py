"""Comments: the notes of requirements and tasks.

Facts: zoho.com/crm/developer/docs/api/v8/get-notes.html, …/create-notes.html. Zoho names as author whoever called; the
first line of a note says whose words it really holds. A cursor is `{"since", "deleted"}` (see `reading`), or empty
while a first reading is not at its end.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from hub.sdk import (
    Absence,
    AnswerLost,
    Cursor,
    Draft,
    Outcome,
    Page,
    Patch,
    Record,
    Refusal,
    ServiceError,
    Unknown,
    Written,
    stop_if_signed_out,
)
from hub_zoho_crm.client import PAGE, Rejected
from hub_zoho_crm.deleting import delete
from hub_zoho_crm.holder import Holder
from hub_zoho_crm.looking import made_since, matched
from hub_zoho_crm.missing import away, deletions
from hub_zoho_crm.note import FIELDS, is_of, note_record, note_values, parent_of
from hub_zoho_crm.paging import numbered
from hub_zoho_crm.reading import DELETED_EVERY, OVERLAP, written
from hub_zoho_crm.records import instant
from hub_zoho_crm.sending import Change, Made, Sending
from hub_zoho_crm.site import Site

MODULE = "Notes"
SHOWN_IN = {"Note_Title": "body", "Note_Content": "body", "Parent_Id": "parent"}


class Notes(Holder):
    """The notes of one organisation."""

    def __init__(self, site: Site) -> None:
        self._site, self._client = site, site.client

    async def changes(self, cursor: Cursor | None, *, full: bool) -> AsyncIterator[Page]:
        """One call if nothing changed, and every ten minutes one for deletions."""
        start = self._site.now()
        known = cursor if cursor and "since" in cursor and not full else None
        async for page in self._since(known, start) if known else self._all(start):
            yield page

    async def _all(self, start: datetime) -> AsyncIterator[Page]:
        since = written(start - OVERLAP)
        async for shown, last in self._pages(sort_by="id", sort_order="asc"):
            yield Page(await self._records(shown), {"since": since, "deleted": since} if last else {})

    async def _since(self, cursor: Cursor, start: datetime) -> AsyncIterator[Page]:
        """Newest change first, until what is known begins: Zoho does not say that notes heed `If-Modified-Since`."""
        since, deleted = (datetime.fromisoformat(cursor[name]) for name in ("since", "deleted"))
        shown: list[dict[str, Any]] = []
        async for page, _ in self._pages(since, sort_by="Modified_Time", sort_order="desc"):
            new = [row for row in page if (instant(row.get("Modified_Time")) or start) >= since]
            shown += new
            if len(new) < len(page):
                break
        due = start - OVERLAP - deleted >= DELETED_EVERY
        end = written(max(since, start - OVERLAP))
        gone = await self._gone(deleted) if due else []
        yield Page(await self._records(shown), {"since": end, "deleted": end if due else cursor["deleted"]}, gone)

    async def _gone(self, since: datetime) -> list[str]:
        try:
            return (await deletions(self._client, MODULE, since))[0]
        except Rejected:  # a list that notes may not have: then a full reading shows what is missing
            return []

    def _pages(
        self, since: datetime | None = None, **order: str
    ) -> AsyncIterator[tuple[Sequence[dict[str, Any]], bool]]:
        return numbered(self._client, f"/{MODULE}", since=since, per_page=PAGE, fields=FIELDS, **order)

    async def _records(self, shown: Sequence[Mapping[str, Any]]) -> list[Record]:
        me = (await self._site.place()).account.id if shown else ""
        return [note_record(row, me) for row in shown if is_of(row, self._site.parents)]

    async def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """100 a call."""
        wanted = list(dict.fromkeys(ids))
        shown = await self._site.rows_of(MODULE, wanted, FIELDS)
        missing = [number for number in wanted if number not in shown]
        lost = await away(self._client, MODULE, missing, FIELDS) if missing else {}
        found: dict[str, Record | Absence] = {n: each for n, each in lost.items() if isinstance(each, Absence)}
        shown |= {n: each for n, each in lost.items() if not isinstance(each, Absence)}
        return found | {each.id: each for each in await self._records(list(shown.values()))}

    async def create(self, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """100 a call, each with the line that says who wrote it."""
        me = (await self._site.place()).account.id
        modules = await self._site.modules_of([parent for draft in drafts if (parent := parent_of(draft.fields))])
        became = await self._sending().post([note_values(draft.fields, me, modules) for draft in drafts])
        made = [each.id for each in became if isinstance(each, Made)]
        finished = await self._read_back(made)
        outcomes = [finished[each.id] if isinstance(each, Made) else each for each in became]
        stop_if_signed_out(outcomes)
        return outcomes

    def _sending(self) -> Sending:
        return Sending(self._client, MODULE, named=lambda name: SHOWN_IN.get(name, name), me=self._site.me)

    async def update(self, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """Other words under the same line."""
        edited = [patch for patch in patches if "body" in patch.fields]  # nothing else of a note ever changes
        changes = [Change(p.id, note_values(p.fields, "", {}, p.base), p.base.at) for p in edited]
        refused = await self._sending().put(changes)
        finished = await self._read_back([patch.id for patch in patches if patch.id not in refused])
        outcomes = [refused.get(patch.id) or finished[patch.id] for patch in patches]
        stop_if_signed_out(outcomes)
        return outcomes

    async def _read_back(self, ids: Sequence[str]) -> dict[str, Outcome]:
        """What was written, as it is now."""
        try:
            shown = await self._site.rows_of(MODULE, ids, FIELDS)
            records = {each.id: each for each in await self._records(list(shown.values()))}
        except ServiceError as error:
            return dict.fromkeys(ids, Unknown(AnswerLost(error.message)))
        gone = Refusal("there is no such note any more, or this user may not see it")
        return {number: Written(records[number]) if number in records else gone for number in ids}

    async def delete(self, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """100 a call."""
        return await delete(self._client, MODULE, ids)

    async def find(self, drafts: Sequence[Draft], *, since: datetime | None) -> Mapping[str, Sequence[str]]:
        """What our own account wrote since then, under the same record, with the same words in the same name."""
        me = (await self._site.place()).account.id
        newest = await made_since(self._site, MODULE, FIELDS, since)
        return matched(drafts, [note_record(row, me) for row in newest], lambda shown, draft: _alike(shown, draft, me))


def _alike(shown: Record, draft: Draft, me: str) -> bool:
    """Whether a note is what *draft* would become: compared in the form in which notes are sent."""
    if parent_of(draft.fields) != parent_of(shown.fields):
        return False
    meant = str(note_values(draft.fields, me, {}).get("Note_Content") or "")
    return " ".join(meant.split()) == " ".join(str(shown.extra["content"]).split())
