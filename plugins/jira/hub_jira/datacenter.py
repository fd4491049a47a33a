"""Jira Data Center: version 2 of the API, which has other pages, other people, and nothing in bulk but creating.

Facts: the Jira 9.12 REST API reference (docs.atlassian.com/software/jira/docs/api/REST/9.12.0): `POST /search`,
`GET /issue/{id}` with `properties`, `GET /user`, `GET /user/search`, `GET /attachment/{id}`; "Search Jira like a boss
with JQL" for `currentUser()`; `jira.search.views.default.max` (1,000) of "Advanced Jira application configuration".

**Nothing is fetched by JQL.** `id in (…)` would be one call instead of many, but it asks the index, each node of a
cluster has one of its own, and these lag: what was just written would show as it was, and what was just deleted as being
there still. So issues are read one by one from the store, several at once.

**Markers are read, not searched.** `issue.property` in JQL needs an app that has the property indexed, and the search
shows no properties. Those of our own issues are asked for one by one.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from hub.sdk import BadAnswer, NotFound, PermissionLost
from hub_jira.client import Client
from hub_jira.dialects import Markup
from hub_jira.edition import Asked, Edition, Json, Query, one_comment, one_issue, thread

OVERLAP = 10
"""How many issues of a page are shown again by the next: while they are, nothing slipped between the two."""
MOST_BACK = 1000
"""How many times a walk through pages that move under it steps back before it gives up."""


class DataCenter(Edition):
    """A Jira that a company runs itself, 9 or later."""

    name = "datacenter"
    api = "/rest/api/2"
    dialect = Markup()
    probe = 20
    look_back_ms = 3_600_000
    edited: ClassVar[Mapping[str, str]] = {}

    def person(self, login: str) -> Json:
        """By login name."""
        return {"name": login}

    async def login(self, client: Client, account: str) -> str:
        """The login name of a key, which may have been changed since it was last shown. Keys of old accounts are names."""
        try:
            return str((await client.get("/user", key=account))["name"])
        except NotFound:
            return account

    async def named(self, client: Client, words: str) -> Sequence[Json]:
        """By name, login name or address."""
        return list(await client.get("/user/search", username=words))

    async def page(self, client: Client, query: Query, token: str | None) -> tuple[list[Json], str | None]:
        """Pages by the number of issues before them, each beginning with the last ones of the page before.

        Issues that vanish meanwhile move forward what follows them: where none of those is shown any more, it is read
        from further back, and something twice rather than something never. Raises BadAnswer where it breaks off before its
        end.
        """
        start, tail = json.loads(token) if token else (0, [])
        for _ in range(MOST_BACK):
            answer = await self._search(client, query, start)
            issues = list(answer.get("issues") or ())
            if start == 0 or any(str(issue["id"]) in tail for issue in issues):
                break
            start = max(0, start - query.most)
        else:
            raise BadAnswer("the pages of a search keep moving")
        end = start + len(issues)
        fresh = [issue for issue in issues if str(issue["id"]) not in tail]
        if end >= int(answer.get("total") or 0):
            return fresh, None
        if not fresh:
            raise BadAnswer(f"Jira broke a search off after {end} of {answer.get('total')} issues")
        kept = max(1, min(OVERLAP, len(issues) - 1))
        return fresh, json.dumps([end - kept, [str(issue["id"]) for issue in issues[-kept:]]])

    async def _search(self, client: Client, query: Query, start: int) -> Mapping[str, Any]:
        asked = query.asked
        body: Json = {"jql": query.jql, "startAt": start, "maxResults": query.most, "fields": list(asked.fields)}
        body |= {"expand": list(asked.expand)} if asked.expand else {}
        return dict(await client.read("/search", body))

    async def issues(self, client: Client, ids: Sequence[str], asked: Asked) -> list[Json]:
        """One a call."""
        found = await asyncio.gather(*(self._issue(client, number, asked) for number in ids))
        return [issue for issue in found if issue is not None]

    async def _issue(self, client: Client, number: str, asked: Asked) -> Json | None:
        try:
            return await one_issue(client, number, asked)
        except (NotFound, PermissionLost):
            return None

    async def with_marker(self, client: Client, issues: Sequence[Json], key: str, me: str) -> Sequence[str]:
        """One call for each that is ours."""
        own = [issue for issue in issues if _creator(issue) == me and "properties" not in issue]
        await asyncio.gather(*(self._mark(client, issue, key) for issue in own))
        return [str(issue["id"]) for issue in own]

    async def _mark(self, client: Client, issue: Json, key: str) -> None:
        try:
            shown = await client.get(f"/issue/{issue['id']}/properties/{key}")
        except (NotFound, PermissionLost):
            return
        issue["properties"] = {key: shown.get("value")}

    async def comments(self, client: Client, ids: Sequence[tuple[str, str]]) -> dict[str, Json]:
        """One call for each issue."""
        wanted: dict[str, list[str]] = {}
        for issue, comment in ids:
            wanted.setdefault(issue, []).append(comment)
        threads = await asyncio.gather(*(self._some(client, issue, some) for issue, some in wanted.items()))
        numbers = {comment for _, comment in ids}
        return {str(one["id"]): one for some in threads for one in some if str(one["id"]) in numbers}

    async def _some(self, client: Client, issue: str, comments: Sequence[str]) -> list[Json]:
        if len(comments) == 1:
            found = await one_comment(client, issue, comments[0])
            return [found] if found else []
        try:
            return await thread(client, issue)
        except (NotFound, PermissionLost):
            return []

    async def priorities(self, client: Client, project: str) -> AsyncIterator[Json]:
        """Those of the site: which of them a project takes is not told."""
        del project
        for priority in await client.get("/priority"):
            yield priority

    async def content(self, client: Client, url: str, attachment: str) -> tuple[str, int | None]:
        """Where browsers fetch it. Its size tells it from the page on which people sign in, which is given instead."""
        shown = await client.get(f"/attachment/{attachment}")
        name = quote(str(shown["filename"]), safe="")
        return f"{url}/secure/attachment/{attachment}/{name}", int(shown["size"])


def _creator(issue: Mapping[str, Any]) -> str:
    creator = (issue.get("fields") or {}).get("creator") or {}
    return str(creator.get("key") or creator.get("name") or "")
