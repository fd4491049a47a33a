"""People of the story at work: each does what they could do in the services themselves, under their own account."""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hub.demo.story import Card, Issue, Json
from hub.sdk.http import Http, Network

PAGE = 100
FIELDS = "summary,status,duedate,labels,assignee,description,priority,issuetype"


@dataclass(frozen=True)
class Seen:
    """A requirement as a person sees it on one side; `raw` is all that the service showed of it."""

    id: str
    name: str
    title: str
    status: str
    due: str | None
    labels: frozenset[str]
    people: tuple[str, ...]
    description: str
    raw: Json


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

    async def move(self, number: str, step: str) -> None:
        """Take the transition called *step*."""
        offered = (await self._http.json("GET", f"/issue/{number}/transitions"))["transitions"]
        chosen = next(each["id"] for each in offered if each["name"] == step)
        await self._http.call("POST", f"/issue/{number}/transitions", json={"transition": {"id": chosen}})

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
    return str(node.get("text") or node.get("attrs", {}).get("text") or "")


class AtTrello:
    """Somebody who uses the Trello board (developer.atlassian.com/cloud/trello/rest)."""

    def __init__(self, url: str, credentials: Mapping[str, str], board: str) -> None:
        signed = f'OAuth oauth_consumer_key="{credentials["key"]}", oauth_token="{credentials["token"]}"'
        self._http = Http("trello", f"{url}/1", Network(), headers={"Authorization": signed})
        self._board = board

    async def close(self) -> None:
        """Sign out."""
        await self._http.close()

    async def account(self) -> str:
        """One's own member id."""
        return str((await self._http.json("GET", "/members/me"))["id"])

    async def write(self, card: Card, due: date | None, accounts: Mapping[str, str]) -> str:
        """Put a card on the board; its id."""
        columns = {name: number for number, name in (await self._named("lists")).items()}
        asked: Json = {
            "name": card.title,
            "desc": card.description,
            "idList": columns[card.column],
            "idLabels": [await self.label(name) for name in card.labels],
            "idMembers": [accounts[name] for name in card.members],
            "due": instant(due) if due else None,
        }
        return str((await self._http.json("POST", "/cards", json=asked))["id"])

    async def label(self, name: str) -> str:
        """The id of the board's label *name*, which is made if it is not there."""
        known = {label: number for number, label in (await self._named("labels")).items()}
        if name not in known:
            asked = {"name": name, "color": "sky", "idBoard": self._board}
            known[name] = str((await self._http.json("POST", "/labels", json=asked))["id"])
        return known[name]

    async def edit(self, number: str, **fields: Any) -> None:
        """Change some fields of a card."""
        await self._http.call("PUT", f"/cards/{number}", json=fields)

    async def add_label(self, number: str, name: str) -> None:
        """Stick a label on a card."""
        await self._http.call("POST", f"/cards/{number}/idLabels", json={"value": await self.label(name)})

    async def add_checklist(self, number: str, name: str, items: Sequence[str]) -> None:
        """Put a checklist on a card."""
        made = await self._http.json("POST", "/checklists", json={"idCard": number, "name": name})
        for item in items:
            await self._http.call("POST", f"/checklists/{made['id']}/checkItems", json={"name": item})

    async def checklist(self, number: str) -> list[str]:
        """The items of a card's checklists."""
        shown = await self._http.json("GET", f"/cards/{number}/checklists")
        return [item["name"] for each in shown for item in each["checkItems"]]

    async def all(self) -> list[Seen]:
        """Every open card of the board, oldest first."""
        columns, members = await self._named("lists"), await self._named("members", "fullName")
        shown = await self._http.json("GET", f"/boards/{self._board}/cards")
        return [_card(each, columns, members) for each in sorted(shown, key=lambda card: str(card["id"]))]

    async def one(self, number: str) -> Seen:
        """One card."""
        columns, members = await self._named("lists"), await self._named("members", "fullName")
        return _card(await self._http.json("GET", f"/cards/{number}"), columns, members)

    async def _named(self, what: str, called: str = "name") -> dict[str, str]:
        shown = await self._http.json("GET", f"/boards/{self._board}/{what}")
        return {each["id"]: each[called] for each in shown}


def _card(shown: Json, columns: Mapping[str, str], members: Mapping[str, str]) -> Seen:
    return Seen(
        id=shown["id"],
        name=shown["shortLink"],
        title=shown["name"],
        status=columns[shown["idList"]],
        due=datetime.fromisoformat(shown["due"]).date().isoformat() if shown.get("due") else None,
        labels=frozenset(label["name"] for label in shown["labels"]),
        people=tuple(members[number] for number in shown["idMembers"]),
        description=shown["desc"],
        raw=shown,
    )


def instant(day: date) -> str:
    """Noon of *day* as Trello writes instants."""
    return f"{day.isoformat()}T12:00:00.000Z"


def split(markdown: str) -> list[str]:
    """The paragraphs of a Markdown text."""
    return [part.strip() for part in re.split(r"\n\s*\n", markdown) if part.strip()]
