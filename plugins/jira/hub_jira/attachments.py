"""Attachments: files of issues, found in the issue, sent and fetched piece by piece.

An attachment's id is `ISSUE/ATTACHMENT`: what Jira says of a file alone does not name its issue. Jira has no place for a
marker in a file, so a lost upload is looked for among what our own account attached since. Facts: "Issue attachments" of
developer.atlassian.com/cloud/jira/platform/rest/v3 (part `file`, `X-Atlassian-Token`, 413, `GET /attachment/meta`) and of
the Jira 9.12 REST API reference.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hub.sdk import (
    Absence,
    BadAnswer,
    Cursor,
    Draft,
    Kind,
    Outcome,
    Record,
    Refusal,
    ServiceDown,
    ServiceError,
    Touch,
    Unknown,
    Written,
    outcome_of,
    stop_if_signed_out,
)
from hub_jira.comments import parted
from hub_jira.config import AttachmentOptions
from hub_jira.edition import Asked, Json
from hub_jira.jql import is_held
from hub_jira.looking import patiently
from hub_jira.outcomes import deletions
from hub_jira.records import account, detached, instant, moment, person
from hub_jira.site import Site

MEGABYTE = 1_000_000
ASK_FROM = 5 * MEGABYTE
"""Files from this size on are worth a call that asks for the site's limit, which is 10 MB or more by default."""
SLACK = timedelta(minutes=5)
"""How far clocks may be apart beyond what is known of them."""
PARALLEL = 4
_HELD = Asked(("attachment", "project"))


def record(issue: str, shown: Mapping[str, Any]) -> Record:
    """The record of a file of an issue. It never changes, so its id is its version."""
    author, created = shown.get("author"), shown.get("created")
    return Record(
        id=f"{issue}/{shown['id']}",
        fields={
            "name": str(shown.get("filename") or ""),
            "media_type": str(shown.get("mimeType") or "application/octet-stream"),
            "size": shown.get("size"),
            "author": person(author),
            "at": moment(created),
            "parent": issue,
        },
        version=str(shown["id"]),
        touched=Touch(account(author), instant(created)) if author and created else None,
        at=instant(created) if created else None,
    )


class Attachments:
    """The files of one project's issues."""

    def __init__(self, site: Site) -> None:
        self._site = site
        options = site.settings(Kind.ATTACHMENT)
        limit = options.attachment_limit_mb if isinstance(options, AttachmentOptions) else None
        self._most = None if limit is None else round(limit * MEGABYTE)
        self._limit: int | None = None
        self._places, self._asking = asyncio.Semaphore(PARALLEL), asyncio.Lock()

    def part(self, kind: Kind, cursor: Cursor | None) -> "FilePart":
        """What a reading finds."""
        del kind, cursor
        return FilePart(self._site)

    async def fetch(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """Files from their issues. One that is not there is DELETED only if its issue can be seen, else HIDDEN."""
        del kind
        pairs = {remote: parted(remote) for remote in dict.fromkeys(ids)}
        issues = await self._site.issues(sorted({issue for issue, _ in pairs.values()}), _HELD)
        if len(issues) < len({issue for issue, _ in pairs.values()}):
            await self._site.check_project()
        files = {record.id: record for issue in issues.values() for record in _records(issue)}
        return {
            remote: files.get(remote, Absence.DELETED if issue in issues else Absence.HIDDEN)
            for remote, (issue, _) in pairs.items()
        }

    async def create(self, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """One call each."""
        del kind
        done = await asyncio.gather(*map(self._create, drafts))
        stop_if_signed_out(done)
        return done

    async def _create(self, draft: Draft) -> Outcome:
        parent, content = str(draft.fields.get("parent") or ""), draft.content
        if not parent or content is None:
            why = "what it belongs to is not there in Jira" if content else "its bytes are not here"
            return Refusal(why, {"parent": why} if content else {})
        name = str(draft.fields.get("name") or "file")
        media_type = str(draft.fields.get("media_type") or "application/octet-stream")
        try:
            if why := await self._too_large(content.size):
                return Refusal(why, {"size": why})
            async with self._places:
                made = await self._site.client.upload(f"/issue/{parent}/attachments", content, name, media_type)
        except ServiceError as error:
            return outcome_of(error)
        if not isinstance(made, list) or not made:
            return Unknown(BadAnswer("Jira's answer does not show the file", connection=self._site.setup.connection))
        return Written(record(parent, made[0]))

    async def _too_large(self, size: int) -> str:
        """Why a file of so many bytes is not sent; empty if it can be."""
        if self._most is not None and size > self._most:
            return f"the file has {size:,} bytes, and attachment_limit_mb allows {self._most:,}"
        if size < ASK_FROM:
            return ""
        async with self._asking:
            if self._limit is None:
                told = await self._site.client.get("/attachment/meta")
                self._limit = int(told.get("uploadLimit") or 0) if told.get("enabled") else 0
        if self._limit == 0:
            return "attachments are turned off in Jira"
        return f"the file has {size:,} bytes, and Jira takes {self._limit:,}" if size > self._limit else ""

    async def delete(self, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """One call each; None for each that is gone."""
        return await deletions(self._site.client.delete(f"/attachment/{parted(each)[1]}") for each in ids)

    async def find(
        self, kind: Kind, drafts: Sequence[Draft], *, since: datetime | None = None
    ) -> Mapping[str, Sequence[str]]:
        """Files of the same name and size that our own account attached to the same issue since then, oldest first.

        No file is found for two drafts; one file each is handed out before any draft gets a second one.
        """
        del kind

        async def look() -> Mapping[str, Sequence[str]]:
            return await self._made_of(drafts, since)

        return await patiently(self._site, look, {draft.marker for draft in drafts})

    async def _made_of(self, drafts: Sequence[Draft], since: datetime | None) -> Mapping[str, Sequence[str]]:
        me = (await self._site.place()).account.id
        parents = sorted({str(draft.fields["parent"]) for draft in drafts if draft.fields.get("parent")})
        issues = await self._site.issues(parents, _HELD) if parents else {}
        ahead = timedelta(seconds=self._site.client.http.clock_offset_s)
        begun = None if since is None else since - SLACK + ahead
        waiting = [
            found
            for issue in issues.values()
            for found in sorted(_records(issue), key=lambda each: int(each.version))
            if found.touched and found.touched.who.id == me and (begun is None or found.touched.at >= begun)
        ]
        return _handed_out(drafts, waiting)

    async def download(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes. Raises NotFound; ServiceDown if they are fewer or more than Jira says."""
        client, url = self._site.client, self._site.config.url
        path, size = await self._site.edition.content(client, url, parted(remote)[1])
        got = 0
        async for piece in client.http.download(path):
            got += len(piece)
            yield piece
        if size is not None and got != size:
            raise ServiceDown(f"the file broke off: {got} of {size} bytes", connection=self._site.setup.connection)


class FilePart:
    """What one reading finds of attachments: those of every issue that changed, and those its history says are gone."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def find(self, issues: Sequence[Json]) -> tuple[Sequence[Record], Sequence[str]]:
        """Their records, and the ids of deleted ones."""
        kinds = self._site.setup.kinds
        mine = [issue for issue in issues if is_held(issue, kinds)]
        records = [found for issue in mine for found in _records(issue)]
        there = {found.id for found in records}
        gone = [f"{issue['id']}/{number}" for issue in mine for number in detached(issue)]
        return records, [remote for remote in gone if remote not in there]

    def cursor(self, cursor: Cursor) -> Cursor:
        """Nothing more to remember."""
        return cursor


def _records(issue: Mapping[str, Any]) -> list[Record]:
    return [record(str(issue["id"]), shown) for shown in issue["fields"].get("attachment") or ()]


def _handed_out(drafts: Sequence[Draft], waiting: Iterable[Record]) -> dict[str, list[str]]:
    """Each file to a draft that it may have been made of, to one that has none yet if there is such a one."""
    found: dict[str, list[str]] = {}
    for file in waiting:
        fits = [draft.marker for draft in drafts if _is_made_of(file, draft)]
        if fits:
            found.setdefault(min(fits, key=lambda marker: len(found.get(marker, ()))), []).append(file.id)
    return found


def _is_made_of(file: Record, draft: Draft) -> bool:
    return all(file.fields[name] == draft.fields.get(name) for name in ("parent", "name", "size"))
