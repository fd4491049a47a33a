"""Jira Cloud: version 3 of the API.

Facts: developer.atlassian.com/cloud/jira/platform/rest/v3, "Search for issues using JQL enhanced search" (tokens live 7
days; at most 5 properties, 50 `reconcileIssues`), "Bulk fetch issues" (100 issues, ascending order, missing ones left
out), "Get comments by IDs" (1,000), "Get attachment content" (sends on to where the bytes are).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import ClassVar

from hub.sdk import BadAnswer
from hub_jira.client import Client
from hub_jira.dialects import Adf
from hub_jira.edition import Asked, Edition, Json, Query

BULK_READ, BULK_COMMENTS = 100, 1000


class Cloud(Edition):
    """SITE.atlassian.net."""

    name = "cloud"
    api = "/rest/api/3"
    dialect = Adf()
    probe = BULK_READ
    look_back_ms = 24 * 3_600_000
    edited: ClassVar[Mapping[str, str]] = {"returnIssue": "true", "expand": "changelog"}

    def person(self, login: str) -> Json:
        """By account id."""
        return {"accountId": login}

    async def login(self, client: Client, account: str) -> str:
        """The id itself."""
        del client
        return account

    async def named(self, client: Client, words: str) -> Sequence[Json]:
        """ "Find users": by name or address, of which hidden ones match only whole."""
        return list(await client.get("/user/search", query=words))

    async def page(self, client: Client, query: Query, token: str | None) -> tuple[list[Json], str | None]:
        """The enhanced search, which has no totals. Raises BadAnswer where it goes on nowhere."""
        asked = query.asked
        body: Json = {"jql": query.jql, "maxResults": query.most, "fields": list(asked.fields)}
        body |= {"expand": ",".join(asked.expand)} if asked.expand else {}
        body |= {"properties": list(asked.properties)} if asked.properties else {}
        body |= {"reconcileIssues": list(query.reconcile)} if query.reconcile else {}
        body |= {"nextPageToken": token} if token else {}
        answer = await client.read("/search/jql", body)
        issues, following = list(answer.get("issues") or ()), answer.get("nextPageToken")
        if answer.get("isLast"):
            return issues, None
        if not following and answer.get("isLast") is False:
            raise BadAnswer("Jira broke a search off: there is more to it, and no way to go on")
        return issues, following

    async def issues(self, client: Client, ids: Sequence[str], asked: Asked) -> list[Json]:
        """A hundred a call."""
        lists = {"fields": asked.fields, "expand": asked.expand, "properties": asked.properties}
        body = {name: list(values) for name, values in lists.items() if values}
        chunks = [list(ids[n : n + BULK_READ]) for n in range(0, len(ids), BULK_READ)]
        answers = await asyncio.gather(
            *(client.read("/issue/bulkfetch", {"issueIdsOrKeys": chunk, **body}) for chunk in chunks)
        )
        return [issue for answer in answers for issue in answer.get("issues") or ()]

    async def with_marker(self, client: Client, issues: Sequence[Json], key: str, me: str) -> Sequence[str]:
        """Nothing to do: the search shows it."""
        del client, issues, key, me
        return ()

    async def comments(self, client: Client, ids: Sequence[tuple[str, str]]) -> dict[str, Json]:
        """A thousand a call, whatever issues they belong to."""
        numbers = [int(comment) for _, comment in ids if comment.isdigit()]
        found: dict[str, Json] = {}
        for start in range(0, len(numbers), BULK_COMMENTS):
            body = {"ids": numbers[start : start + BULK_COMMENTS]}
            answer = await client.read("/comment/list", body, expand="properties")
            found |= {str(comment["id"]): comment for comment in answer.get("values") or ()}
        return found

    async def priorities(self, client: Client, project: str) -> AsyncIterator[Json]:
        """Those of the project's priority scheme."""
        async for priority in client.listed("/priority/search", "values", projectId=project):
            yield priority

    async def content(self, client: Client, url: str, attachment: str) -> tuple[str, int | None]:
        """Sends on to a signed address of another host."""
        del client, url
        return f"/attachment/content/{attachment}", None
