"""Comments: whose they are, how they read, and how they are written.

A comment's id is `ISSUE/COMMENT`. What our own account wrote begins with a paragraph that names the real author; it is no
part of the text. Facts: "Issue comments" of developer.atlassian.com/cloud/jira/platform/rest/v3 (`properties` in the body
of a create, `expand=properties`; "Child comments inherit visibility") and of the Jira 9.12 REST API reference.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hub.sdk import (
    Absence,
    Cursor,
    Draft,
    Kind,
    NotFound,
    Outcome,
    Patch,
    Record,
    Refusal,
    ServiceError,
    Touch,
    Written,
    outcome_of,
    stop_if_signed_out,
)
from hub_jira.attribution import again, signed, unsigned
from hub_jira.config import CommentOptions
from hub_jira.edition import Asked, Json, one_comment, thread
from hub_jira.looking import patiently
from hub_jira.outcomes import deletions
from hub_jira.records import MARKER, account, account_id, instant, marker_in, moment, person, version
from hub_jira.site import Site
from hub_jira.threads import ThreadPart

PARALLEL = 8


def parted(remote: str) -> tuple[str, str]:
    """The issue and the comment (or attachment) of an id."""
    issue, _, number = remote.partition("/")
    return issue, number


class Comments:
    """The comments of one project's issues."""

    def __init__(self, site: Site) -> None:
        self._site, self._dialect = site, site.edition.dialect
        options = site.settings(Kind.COMMENT)
        self._restricted = isinstance(options, CommentOptions) and options.restricted
        self._places = asyncio.Semaphore(PARALLEL)

    def part(self, kind: Kind, cursor: Cursor | None) -> ThreadPart:
        """What a reading from *cursor* finds."""
        del kind
        return ThreadPart(self._site, self, cursor)

    def is_carried(self, comment: Mapping[str, Any]) -> bool:
        """Whether everybody who sees the issue sees it, or the options carry restricted ones too."""
        return self._restricted or not comment.get("visibility")

    def record(self, issue: str, comment: Mapping[str, Any]) -> Record:
        """The record of a comment; it has an address if the key of its issue was seen."""
        author, editor = comment.get("author") or {}, comment.get("updateAuthor") or comment.get("author")
        said = unsigned(self._dialect, comment.get("body")) if self._is_own(author) else None
        fields = {
            "body": said.body if said else comment.get("body"),
            "author": said.author if said and said.author else person(author),
            "at": moment(comment.get("created")),
            "parent": issue,
        }
        updated = comment.get("updated") or comment.get("created")
        key = self._site.keys.get(issue)
        page = self._site.config.browse(key) if key else None
        return Record(
            id=f"{issue}/{comment['id']}",
            fields=fields,
            version=version(updated, fields),
            url=f"{page}?focusedCommentId={comment['id']}" if page else None,
            touched=Touch(account(editor), instant(updated)) if editor and updated else None,
            marker=marker_in(comment.get("properties")),
            at=instant(updated) if updated else None,
            extra={"head": said.head if said else None, "visibility": _visibility(comment)},
        )

    def _is_own(self, author: Mapping[str, Any]) -> bool:
        return bool(self._site.me) and account_id(author) == self._site.me

    async def fetch(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """Comments from the store. One that is not there is DELETED only if its issue can be seen, else HIDDEN."""
        del kind
        pairs = {remote: parted(remote) for remote in dict.fromkeys(ids)}
        await self._site.place()
        shown = await self._site.edition.comments(self._site.client, list(pairs.values()))
        asked = {remote: pair for remote, pair in pairs.items() if pair[1] not in shown}
        alone = await asyncio.gather(*(one_comment(self._site.client, *pair) for pair in asked.values()))
        shown |= {pair[1]: comment for pair, comment in zip(asked.values(), alone, strict=True) if comment}
        doubtful = {issue for issue, number in pairs.values() if number not in shown or issue not in self._site.keys}
        seen = await self._site.issues(sorted(doubtful), Asked(("project",))) if doubtful else {}
        if not seen.keys() >= {issue for issue, number in pairs.values() if number not in shown}:
            await self._site.check_project()
        return {remote: self._found(issue, shown.get(number), seen) for remote, (issue, number) in pairs.items()}

    def _found(self, issue: str, comment: Json | None, seen: Mapping[str, Json]) -> Record | Absence:
        if comment is None:
            return Absence.DELETED if issue in seen else Absence.HIDDEN
        return self.record(issue, comment) if self.is_carried(comment) else Absence.HIDDEN

    async def create(self, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """One call each; those of one issue in their order."""
        del kind
        me = (await self._site.place()).account.id
        threads: defaultdict[str, list[int]] = defaultdict(list)
        for number, draft in enumerate(drafts):
            threads[str(draft.fields.get("parent") or "")].append(number)
        outcomes: dict[int, Outcome] = {}

        async def write(parent: str, numbers: Sequence[int]) -> None:
            async with self._places:
                for number in numbers:
                    outcomes[number] = await self._create(parent, drafts[number], me)

        await asyncio.gather(*(write(parent, numbers) for parent, numbers in threads.items()))
        stop_if_signed_out(outcomes.values())
        return [outcomes[number] for number in range(len(drafts))]

    async def _create(self, parent: str, draft: Draft, me: str) -> Outcome:
        if not parent:
            why = "what it belongs to is not there in Jira"
            return Refusal(why, {"parent": why})
        body = signed(self._dialect, draft.fields.get("body"), self._author(draft, me), draft.fields.get("at"))
        marker = [{"key": MARKER, "value": {"key": draft.marker}}]
        try:
            made = await self._site.client.post(f"/issue/{parent}/comment", {"body": body, "properties": marker})
        except ServiceError as error:
            return outcome_of(error)
        return Written(self.record(parent, {"properties": marker, **made}))

    def _author(self, draft: Draft, me: str) -> Mapping[str, Any] | None:
        """Who is to be named: nobody where it is our own account itself."""
        author = draft.fields.get("author")
        return None if not author or author.get("id") == me else author

    async def update(self, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """One call each. The paragraph that names the author stays, and so does who may see it."""
        del kind
        done = await asyncio.gather(*map(self._update, patches))
        stop_if_signed_out(done)
        return done

    async def _update(self, patch: Patch) -> Outcome:
        if "body" not in patch.fields:
            return Written(patch.base)
        issue, number = parted(patch.id)
        extra = patch.base.extra
        body: Json = {"body": again(self._dialect, patch.fields["body"], extra.get("head"))}
        body |= {"visibility": extra["visibility"]} if extra.get("visibility") else {}
        try:
            async with self._places:
                shown = await self._site.client.put(f"/issue/{issue}/comment/{number}", body)
                shown = shown or await one_comment(self._site.client, issue, number)
        except ServiceError as error:
            return outcome_of(error)
        if not shown:
            return Refusal("the comment is not there any more")
        return Written(self.record(issue, shown))

    async def delete(self, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """One call each; None for each that is gone."""
        return await deletions(map(self._delete, ids))

    async def _delete(self, remote: str) -> None:
        issue, number = parted(remote)
        async with self._places:
            await self._site.client.delete(f"/issue/{issue}/comment/{number}")

    async def find(
        self, kind: Kind, drafts: Sequence[Draft], *, since: datetime | None = None
    ) -> Mapping[str, Sequence[str]]:
        """The ids of comments that carry the drafts' markers, from all comments of the issues that they belong to."""
        del kind, since
        wanted = {draft.marker for draft in drafts}

        async def look() -> Mapping[str, Sequence[str]]:
            return await self._marked(drafts, wanted)

        return await patiently(self._site, look, wanted)

    async def _marked(self, drafts: Sequence[Draft], wanted: set[str]) -> Mapping[str, Sequence[str]]:
        parents = sorted({str(draft.fields["parent"]) for draft in drafts if draft.fields.get("parent")})
        threads = await asyncio.gather(*map(self._thread, parents))
        found: dict[str, list[str]] = {}
        for parent, comments in zip(parents, threads, strict=True):
            for comment in comments:
                if (marker := marker_in(comment.get("properties"))) in wanted:
                    found.setdefault(str(marker), []).append(f"{parent}/{comment['id']}")
        return found

    async def _thread(self, issue: str) -> list[Json]:
        try:
            return await thread(self._site.client, issue)
        except NotFound:
            return []


def _visibility(comment: Mapping[str, Any]) -> Any:
    """What an edit has to repeat, lest everybody sees the comment; an answer has that of what it answers, for ever."""
    return None if comment.get("parentId") else comment.get("visibility")
