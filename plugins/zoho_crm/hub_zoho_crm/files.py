"""Attachments: the files of requirements.

Facts: zoho.com/crm/developer/docs/api/v8/get-attachments.html, …/upload-attachment.html. Files are listed record by
record only. A new one moves the `Last_Activity_Time` of its record, which COQL can be asked for: so a quiet reading is
one query, and only records that moved are looked at. What was deleted shows in a full reading, which asks for every
record's files. An id is `RECORD/FILE`. A cursor is `{"since", "seen"}`: until when records are looked at, and the times
of those that moved since; it is empty while a first reading is not at its end.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hub.sdk import (
    Absence,
    AnswerLost,
    Cursor,
    Draft,
    NotFound,
    Outcome,
    Page,
    Patch,
    Record,
    Refusal,
    ServiceError,
    Unknown,
    Written,
    by_offset,
    by_token,
    outcome_of,
    stop_if_signed_out,
)
from hub_zoho_crm.client import PAGE, Rejected, chunks, has_more, rows
from hub_zoho_crm.deleting import delete
from hub_zoho_crm.file import FIELDS, file_id, file_record, is_file, parts
from hub_zoho_crm.holder import Holder
from hub_zoho_crm.looking import WINDOW, matched
from hub_zoho_crm.missing import away
from hub_zoho_crm.note import parent_of
from hub_zoho_crm.outcomes import id_of, row_outcome, succeeded
from hub_zoho_crm.paging import numbered, numbered_page, whole_page
from hub_zoho_crm.reading import OVERLAP, written
from hub_zoho_crm.records import instant
from hub_zoho_crm.site import Site

RECORDS_AT_ONCE = 50
"""So many records' files make a page."""
TICK = timedelta(seconds=2)
"""Times are whole seconds: what moved so shortly before it was looked at is looked at again."""
MOST_ROWS = 2000
_NO_QUERY = frozenset({"INVALID_QUERY", "SYNTAX_ERROR", "INVALID_DATA", "NOT_SUPPORTED"})
TIMES = ("id", "Last_Activity_Time", "Modified_Time")


class Files(Holder):
    """The attachments of one module's records."""

    def __init__(self, site: Site, module: str) -> None:
        self._site, self._client, self._module = site, site.client, module

    async def changes(self, cursor: Cursor | None, *, full: bool) -> AsyncIterator[Page]:
        """One call if nothing moved, and one for each record that did; a full reading is one for each record."""
        start = self._site.now()
        known = cursor if cursor and "since" in cursor and not full else None
        async for page in self._since(known, start) if known else self._all(start):
            yield page

    async def _all(self, start: datetime) -> AsyncIterator[Page]:
        since, moved = start - OVERLAP, dict[str, str]()
        async for shown, token in by_token(self._records):
            for some in chunks(shown, RECORDS_AT_ONCE):
                yield Page(await self._of([str(row["id"]) for row in some]), {})
            moved |= {str(row["id"]): at for row in shown if (at := _activity(row)) and at >= written(since)}
            if token is None:
                yield Page((), {"since": written(since), "seen": _settled(moved, start)})

    async def _records(self, token: str | None) -> tuple[list[dict[str, Any]], str | None]:
        named: dict[str, Any] = {"page_token": token} if token else {}
        order = {"fields": ",".join(TIMES), "sort_by": "id", "sort_order": "asc", **named}
        answer = await self._client.get(f"/{self._module}", per_page=PAGE, **order)
        return whole_page(answer, token=token)

    async def _since(self, cursor: Cursor, start: datetime) -> AsyncIterator[Page]:
        moved = await self._moved(datetime.fromisoformat(cursor["since"]))
        seen: Mapping[str, str] = cursor["seen"]
        new = [number for number, at in moved.items() if seen.get(number) != at]
        done = {"since": written(start - OVERLAP), "seen": _settled(moved, start)}
        pieces = chunks(new, RECORDS_AT_ONCE)
        for place, some in enumerate(pieces, 1):
            yield Page(await self._of(some), done if place == len(pieces) else cursor)
        if not pieces:
            yield Page((), done)

    async def _moved(self, since: datetime) -> dict[str, str]:
        """By id: when records moved that did so since then."""
        try:
            return await self._queried(since)
        except Rejected as error:
            if error.code not in _NO_QUERY:
                raise
        return await self._listed(since)  # a module whose activity cannot be asked for

    async def _listed(self, since: datetime) -> dict[str, str]:
        order = {"fields": ",".join(TIMES), "sort_by": "Modified_Time", "sort_order": "desc"}
        found: dict[str, str] = {}
        async for page, _ in numbered(self._client, f"/{self._module}", since=since, per_page=PAGE, **order):
            new = {str(row["id"]): _activity(row) for row in page if _activity(row) >= written(since)}
            found |= new
            if len(new) < len(page):
                break
        return found

    async def _queried(self, since: datetime) -> dict[str, str]:
        then = written(since)
        which = f"(Last_Activity_Time >= '{then}' or Modified_Time >= '{then}')"
        words = ("select", ", ".join(TIMES), "from", self._module, "where", which, "order by id asc limit")
        found: dict[str, str] = {}

        async def read(offset: int) -> tuple[Sequence[dict[str, Any]], bool]:
            answer = await self._client.query(" ".join((*words, f"{offset}, {MOST_ROWS}")))
            return numbered_page(answer, announced=offset > 0), not has_more(answer)

        async for page in by_offset(read):
            for row in page:
                found[str(row["id"])] = _activity(row) or then
        return found

    async def _of(self, records: Sequence[str]) -> list[Record]:
        """The files of some records."""
        listed = await asyncio.gather(*(self._list(number) for number in records))
        return [file_record(row, number) for number, shown in zip(records, listed, strict=True) for row in shown]

    async def _list(self, record: str) -> list[dict[str, Any]]:
        """The files of one record; links are none."""

        pages = numbered(self._client, self._path(record), per_page=PAGE, fields=FIELDS)
        try:
            return [row async for page, _ in pages for row in page if is_file(row)]
        except Rejected as error:
            if error.code != "INVALID_DATA":
                raise
            return []  # the record is gone

    def _path(self, record: str, *more: str) -> str:
        return "/".join(("", self._module, record, "Attachments", *more))

    async def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """One call for each record that they belong to."""
        owners = list(dict.fromkeys(parts(each)[0] for each in ids))
        shown = {each.id: each for each in await self._of(owners)}
        found: dict[str, Record | Absence] = {each: shown[each] for each in ids if each in shown}
        missing = [each for each in ids if each not in shown]
        if missing:
            gone = await self._owners([parts(each)[0] for each in missing])
            found |= {each: gone.get(parts(each)[0], Absence.DELETED) for each in missing}
        return found

    async def _owners(self, records: Sequence[str]) -> dict[str, Absence]:
        """What became of records whose files are missing; those that are there are left out."""
        here = await self._site.rows_of(self._module, list(dict.fromkeys(records)), "id,Modified_Time")
        lost = [number for number in dict.fromkeys(records) if number not in here]
        told = await away(self._client, self._module, lost, "id,Modified_Time") if lost else {}
        return {number: each for number, each in told.items() if isinstance(each, Absence)}

    async def create(self, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """One upload each, and one call for each record to read them back."""
        became = await asyncio.gather(*(self._upload(draft) for draft in drafts))
        owners = dict.fromkeys(parts(each)[0] for each in became if isinstance(each, str))
        try:
            shown = {each.id: each for each in await self._of(list(owners))}
        except ServiceError:
            shown = {}
        lost = Unknown(AnswerLost("Zoho CRM does not show what was uploaded"))
        outcomes: list[Outcome] = []
        for each in became:
            if isinstance(each, str):
                outcomes.append(Written(shown[each]) if each in shown else lost)
            else:
                outcomes.append(each)
        stop_if_signed_out(outcomes)
        return outcomes

    async def _upload(self, draft: Draft) -> str | Outcome:
        record, name = parent_of(draft.fields), str(draft.fields.get("name") or "file")
        if draft.content is None or record is None:
            why = "a file needs its bytes and a record that it belongs to"
            return Refusal(why, {"parent" if draft.content else "name": why})
        media_type = str(draft.fields.get("media_type") or "application/octet-stream")
        try:
            said = rows(await self._client.upload(self._path(record), draft.content, name, media_type))
        except ServiceError as error:
            return outcome_of(error)
        if len(said) != 1:
            return Unknown(AnswerLost("Zoho CRM's answer does not say whether the file was taken"))
        number = id_of(said[0])
        return file_id(record, number) if succeeded(said[0]) and number else row_outcome(said[0])

    async def update(self, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """Files never change."""
        raise NotImplementedError(f"attachments are not changed: {len(patches)} asked for")

    async def delete(self, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """One call for each record that they belong to."""
        became: dict[str, Outcome | None] = {}
        for record in dict.fromkeys(parts(each)[0] for each in ids):
            some = [each for each in ids if parts(each)[0] == record]
            path = self._path(record).removeprefix("/")
            became |= dict(zip(some, await delete(self._client, path, [parts(e)[1] for e in some]), strict=True))
        return [became[each] for each in ids]

    async def find(self, drafts: Sequence[Draft], *, since: datetime | None) -> Mapping[str, Sequence[str]]:
        """What our own account uploaded since then to the same record, with the same name and size."""
        me = (await self._site.place()).account.id
        owners = list(dict.fromkeys(parent for draft in drafts if (parent := parent_of(draft.fields))))
        shown = await self._of(owners)
        ours = [each for each in shown if (each.fields["author"] or {}).get("id") == me and _is_since(each, since)]
        return matched(drafts, sorted(ours, key=lambda each: (each.at or self._site.now(), each.id)), _alike)

    async def download(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of a file. Raises NotFound, Refused for a link."""
        empty = True
        async for piece in self._client.download(self._path(*parts(remote))):
            empty = False
            yield piece
        if empty:  # 204: there is none
            raise NotFound("there is no such file any more", connection=self._site.setup.connection, record=remote)


def _activity(row: Mapping[str, Any]) -> str:
    """When a record moved last, in UTC, as far as it says."""
    times = [at for name in TIMES[1:] if (at := instant(row.get(name)))]
    return written(max(times)) if times else ""


def _settled(moved: Mapping[str, str], start: datetime) -> dict[str, str]:
    """Those whose files cannot have changed in the same second after a reading that began at *start* saw them."""
    return {number: at for number, at in moved.items() if at < written(start - TICK)}


def _is_since(shown: Record, since: datetime | None) -> bool:
    made = instant(shown.fields["at"])
    return since is None or made is None or made >= since - WINDOW


def _alike(shown: Record, draft: Draft) -> bool:
    size = draft.content.size if draft.content else draft.fields.get("size")
    same = [shown.fields[name] == draft.fields.get(name) for name in ("parent", "name")]
    return all(same) and (size is None or shown.fields["size"] in (None, size))
