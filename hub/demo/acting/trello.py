"""Somebody who uses the Trello board."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from hub.demo.acting.seen import File, Seen, downloaded
from hub.demo.documents import Json
from hub.demo.story import Card
from hub.sdk.http import Http, Network


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

    async def comment(self, number: str, words: str) -> None:
        """Say something on a card."""
        await self._http.call("POST", f"/cards/{number}/actions/comments", params={"text": words})

    async def said(self, number: str) -> list[str]:
        """The comments on a card, oldest first."""
        shown = await self._http.json("GET", f"/cards/{number}/actions", params={"filter": "commentCard"})
        return [each["data"]["text"] for each in reversed(shown)]

    async def files(self, number: str) -> list[File]:
        """The files on a card; links are none."""
        shown = await self._http.json("GET", f"/cards/{number}/attachments")
        there = [(each["name"], each["url"]) for each in shown if each["isUpload"]]
        return [(name, await downloaded(self._http, where)) for name, where in there]

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
