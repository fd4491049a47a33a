"""Somebody who uses Jira."""

import base64
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from hub.demo.acting.seen import PAGE, File, Seen, downloaded
from hub.demo.documents import Json, document, paragraph
from hub.demo.story import Issue
from hub.sdk.http import Http, Network

FIELDS = "summary,status,duedate,labels,assignee,description,priority,issuetype"


class AtJira:
    """Somebody who uses Jira (REST API version 3, developer.atlassian.com/cloud/jira/platform/rest/v3)."""

    def __init__(self, url: str, credentials: Mapping[str, str]) -> None:
        pair = base64.b64encode(f"{credentials['user']}:{credentials['token']}".encode()).decode()
        self._http = Http("jira", f"{url}/rest/api/3", Network(), headers={"Authorization": f"Basic {pair}"})

    async def close(self) -> None:
        """Sign out."""
        await self._http.close()

    async def account(self) -> str:
        """One's own account id."""
        return str((await self._http.json("GET", "/myself"))["accountId"])

    async def write(self, issue: Issue, today: date, accounts: Mapping[str, str]) -> str:
        """Enter an issue and take its steps; its id."""
        made = await self._http.json("POST", "/issue", json={"fields": issue.fields(today, accounts)})
        for step in issue.steps:
            await self.move(made["id"], step)
        return str(made["id"])

    async def edit(self, number: str, **fields: Any) -> None:
        """Change some fields."""
        await self._http.call("PUT", f"/issue/{number}", json={"fields": fields})

    async def move(self, number: str, step: str, **screen: Any) -> None:
        """Take the transition called *step*; *screen* are fields that it asks for."""
        offered = (await self._http.json("GET", f"/issue/{number}/transitions"))["transitions"]
        chosen = next(each["id"] for each in offered if each["name"] == step)
        asked = {"transition": {"id": chosen}, **({"fields": screen} if screen else {})}
        await self._http.call("POST", f"/issue/{number}/transitions", json=asked)

    async def comment(self, number: str, words: str) -> None:
        """Say something on an issue."""
        await self._http.call("POST", f"/issue/{number}/comment", json={"body": document(paragraph(words))})

    async def said(self, number: str) -> list[str]:
        """The comments on an issue, oldest first."""
        shown = await self._http.json("GET", f"/issue/{number}/comment")
        return ["\n".join(paragraphs(each["body"])) for each in shown["comments"]]

    async def files(self, number: str) -> list[File]:
        """The files on an issue."""
        shown = await self._http.json("GET", f"/issue/{number}", params={"fields": "attachment"})
        there = [(each["filename"], f"/attachment/content/{each['id']}") for each in shown["fields"]["attachment"]]
        return [(name, await downloaded(self._http, where)) for name, where in there]

    async def all(self) -> list[Seen]:
        """Every issue of the project, oldest first."""
        asked: Json = {"jql": "project = ACME ORDER BY created, key", "fields": FIELDS, "maxResults": PAGE}
        return [_issue(each) for each in (await self._http.json("GET", "/search/jql", params=asked))["issues"]]

    async def one(self, number: str) -> Seen:
        """One issue."""
        return _issue(await self._http.json("GET", f"/issue/{number}", params={"fields": FIELDS}))


def _issue(shown: Json) -> Seen:
    fields = shown["fields"]
    people = (fields["assignee"]["displayName"],) if fields.get("assignee") else ()
    return Seen(
        id=shown["id"],
        name=shown["key"],
        title=fields["summary"],
        status=fields["status"]["name"],
        due=fields.get("duedate"),
        labels=frozenset(fields.get("labels") or ()),
        people=people,
        description="\n".join(paragraphs(fields.get("description") or {})),
        raw=shown,
    )


def paragraphs(node: Json) -> Iterator[str]:
    """The text of each paragraph of a document, in order."""
    if node.get("type") == "paragraph":
        yield "".join(_words(part) for part in node.get("content", ()))
        return
    for child in node.get("content", ()):
        yield from paragraphs(child)


def _words(node: Json) -> str:
    if node["type"] == "hardBreak":
        return "\n"
    return str(node.get("text") or node.get("attrs", {}).get("text") or "")
