"""People who work in Jira, Trello and Zoho CRM, each in the service's own words; and what every record there shows."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx

from hub.sdk.sandbox import SandboxServer
from tests.e2e.bench import done
from tests.e2e.stories import words

STATUSES = {"To Do": "Backlog", "In Progress": "Doing", "In Review": "Review"}
"""Those of Jira's statuses that can be reached from each other without a screen, and the lists that stand for them."""


@dataclass(frozen=True)
class Edit:
    """Something that a person put into a record, so that it can be looked for."""

    service: str
    record: str
    field: str
    value: str


@dataclass
class Shown:
    """What a record shows, in words that all services share."""

    title: str
    due: str | None
    text: str
    labels: frozenset[str] = frozenset()
    status: str = ""
    comments: list[str] = field(default_factory=list)

    @property
    def everything(self) -> str:
        """All of it, to look for a word in."""
        return "\n".join([self.title, str(self.due), self.text, *self.labels, *self.comments, ""])


class Team:
    """Somebody at each service, who never uses a word twice.

    Attributes:
        made: What people made: service and id.
        edits: What they put in, in order.
    """

    def __init__(self, services: Mapping[str, SandboxServer], chance: random.Random) -> None:
        self._services, self._chance, self._count = services, chance, 0
        self.made: list[tuple[str, str]] = []
        self.edits: list[Edit] = []
        jira, trello, zoho = (services[name].sandbox.people()[0].credentials for name in ("jira", "trello", "zoho"))
        key = {"Authorization": f"Zoho-oauthtoken {zoho['access_token']}"}
        self._jira = httpx.Client(
            base_url=f"{services['jira'].url}/rest/api/3", auth=(jira["user"], jira["token"]), verify=False, timeout=60
        )
        self._trello = httpx.Client(
            base_url=f"{services['trello'].url}/1", params=dict(trello), verify=False, timeout=60
        )
        self._zoho = httpx.Client(base_url=f"{services['zoho'].url}/crm/v8", headers=key, verify=False, timeout=60)
        self._board = services["trello"].connection()["board"]
        lists = done(self._trello.get(f"/boards/{self._board}/lists"))
        self._lists = {each["name"]: each["id"] for each in lists}

    def close(self) -> None:
        """Go home."""
        for client in (self._jira, self._trello, self._zoho):
            client.close()

    def _word(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}{letter}"

    # working

    def work(self, count: int) -> None:
        """So many things are done, whoever does them."""
        for _ in range(count):
            service = self._chance.choice(tuple(self._services))
            does = self._chance.choices(
                (self.add, self.retitle, self.reschedule, self.describe, self.comment, self.label, self.move),
                (3, 3, 2, 2, 2, 2, 2),
            )[0]
            if does == self.add or not self.records(service):
                self.add(service)
            else:
                does(service)

    def records(self, service: str) -> list[str]:
        """The ids of what is there, copies that the hub made included."""
        state = self._services[service].sandbox.state()
        match service:
            case "jira":
                return [each["id"] for each in state["issues"]]
            case "trello":
                return [each["id"] for each in state["boards"][0]["cards"]]
            case _:
                return [each["id"] for each in state["records"]["Requirements"]]

    def _some(self, service: str) -> str:
        return self._chance.choice(self.records(service))

    def _note(self, service: str, record: str, field_: str, value: str) -> None:
        self.edits.append(Edit(service, record, field_, value))

    def add(self, service: str) -> str:
        """Somebody makes a record; its id."""
        title = self._word("N")
        match service:
            case "jira":
                fields = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": title}
                record = str(done(self._jira.post("/issue", json={"fields": fields}))["id"])
            case "trello":
                place = self._lists[self._chance.choice(list(STATUSES.values()))]
                record = str(done(self._trello.post("/cards", json={"name": title, "idList": place}))["id"])
            case _:
                made = done(self._zoho.post("/Requirements", json={"data": [{"Name": title}]}))
                record = str(made["data"][0]["details"]["id"])
        self.made.append((service, record))
        self._note(service, record, "title", title)
        return record

    def retitle(self, service: str) -> None:
        """Somebody gives a record another title."""
        record, title = self._some(service), self._word("T")
        self._put(service, record, {"jira": "summary", "trello": "name", "zoho": "Name"}[service], title)
        self._note(service, record, "title", title)

    def reschedule(self, service: str) -> None:
        """Somebody moves the due date."""
        self._count += 1
        record, day = self._some(service), (date(2027, 1, 1) + timedelta(days=self._count)).isoformat()
        value = f"{day}T12:00:00.000Z" if service == "trello" else day
        self._put(service, record, {"jira": "duedate", "trello": "due", "zoho": "Due_Date"}[service], value)
        self._note(service, record, "due", day)

    def describe(self, service: str) -> None:
        """Somebody adds a paragraph to the description."""
        record, word = self._some(service), self._word("D")
        if service == "jira":
            shown = done(self._jira.get(f"/issue/{record}"))["fields"]["description"]
            document = shown or {"type": "doc", "version": 1, "content": []}
            document["content"].append({"type": "paragraph", "content": [{"type": "text", "text": word}]})
            self._put(service, record, "description", document)
        else:
            name = "desc" if service == "trello" else "Description"
            shown = self._whole(service, record)[name] or ""
            self._put(service, record, name, f"{shown}\n\n{word}" if shown else word)
        self._note(service, record, "description", word)

    def comment(self, service: str) -> None:
        """Somebody says something."""
        record, word = self._some(service), self._word("C")
        match service:
            case "jira":
                content = [{"type": "paragraph", "content": [{"type": "text", "text": word}]}]
                body = {"type": "doc", "version": 1, "content": content}
                done(self._jira.post(f"/issue/{record}/comment", json={"body": body}))
            case "trello":
                done(self._trello.post(f"/cards/{record}/actions/comments", params={"text": word}))
            case _:
                parent = {"id": record, "module": {"api_name": "Requirements"}}
                note = {"Note_Content": word, "Parent_Id": parent}
                done(self._zoho.post("/Notes", json={"data": [note]}))
        self._note(service, record, "comment", word)

    def label(self, service: str) -> None:
        """Somebody sticks a label on it."""
        record, word = self._some(service), self._word("L")
        match service:
            case "jira":
                edit = {"update": {"labels": [{"add": word}]}}
                done(self._jira.put(f"/issue/{record}", json=edit))
            case "trello":
                made = {"idBoard": self._board, "name": word, "color": "blue"}
                label = done(self._trello.post("/labels", json=made))["id"]
                done(self._trello.post(f"/cards/{record}/idLabels", params={"value": label}))
            case _:
                tags = {"tags": [{"name": word}], "ids": [record]}
                done(self._zoho.post("/Requirements/actions/add_tags", json=tags))
        self._note(service, record, "labels", word)

    def move(self, service: str) -> None:
        """Somebody goes on with the work: another status, another list."""
        record = self._some(service)
        match service:
            case "jira":
                there = done(self._jira.get(f"/issue/{record}/transitions"))["transitions"]
                way = self._chance.choice([each["id"] for each in there if each["to"]["name"] in STATUSES])
                done(self._jira.post(f"/issue/{record}/transitions", json={"transition": {"id": way}}))
            case "trello":
                self._put(service, record, "idList", self._lists[self._chance.choice(list(STATUSES.values()))])
            case _:
                self._put(service, record, "Status", self._chance.choice(("New", "In Progress")))

    def _put(self, service: str, record: str, name: str, value: Any) -> None:
        match service:
            case "jira":
                done(self._jira.put(f"/issue/{record}", json={"fields": {name: value}}))
            case "trello":
                done(self._trello.put(f"/cards/{record}", json={name: value}))
            case _:
                done(self._zoho.put(f"/Requirements/{record}", json={"data": [{name: value}]}))

    def _whole(self, service: str, record: str) -> dict[str, Any]:
        if service == "trello":
            return dict(done(self._trello.get(f"/cards/{record}")))
        return dict(done(self._zoho.get(f"/Requirements/{record}"))["data"][0])

    def outdone(self, edit: Edit) -> bool:
        """Whether somebody put something else into the same field of the same record later: then it was theirs to drop."""
        later = self.edits[self.edits.index(edit) + 1 :]
        same = (edit.service, edit.record, edit.field)
        single = edit.field in {"title", "due"}
        return single and any((each.service, each.record, each.field) == same for each in later)

    # looking

    def story(self, card: str) -> list[str]:
        """What Trello says that has become of a card, oldest first."""
        (board,) = self._services["trello"].sandbox.state()["boards"]
        told = [action for action in board["actions"] if action["data"].get("card", {}).get("id") == card]
        told.sort(key=lambda action: str(action["id"]))
        return [
            f"{each['date']} {each['type']} by {each['memberCreator']['fullName']}: {each['data']}" for each in told
        ]

    def everything(self) -> dict[str, dict[str, Shown]]:
        """By service and id: every record, as the service itself has it."""
        state = {name: server.sandbox.state() for name, server in self._services.items()}
        return {
            "jira": {each["id"]: _issue(each["fields"]) for each in state["jira"]["issues"]},
            "trello": _cards(state["trello"]["boards"][0]),
            "zoho": _rows(state["zoho"]["records"]),
        }


def _issue(fields: Mapping[str, Any]) -> Shown:
    return Shown(
        fields["summary"],
        fields["duedate"],
        _text(words(fields["description"]) if fields["description"] else ""),
        frozenset(fields["labels"]),
        STATUSES[fields["status"]["name"]],
        [_said(words(each["body"])) for each in fields["comment"]["comments"]],
    )


def _cards(board: Mapping[str, Any]) -> dict[str, Shown]:
    lists = {each["id"]: each["name"] for each in board["lists"]}
    found = {
        card["id"]: Shown(
            card["name"],
            card["due"][:10] if card["due"] else None,
            _text(card["desc"]),
            frozenset(each["name"] for each in card["labels"]),
            lists[card["idList"]],
        )
        for card in board["cards"]
    }
    for action in board["actions"]:
        if action["type"] == "commentCard":
            found[action["data"]["card"]["id"]].comments.append(_said(action["data"]["text"]))
    return found


def _rows(records: Mapping[str, Any]) -> dict[str, Shown]:
    found = {
        row["id"]: Shown(
            row["Name"],
            row["Due_Date"],
            _text(row["Description"] or ""),
            frozenset(each["name"] for each in row["Tag"]),
        )
        for row in records["Requirements"]
    }
    for note in records["Notes"]:
        found[note["Parent_Id"]["id"]].comments.append(_said(note["Note_Content"]))
    return found


def _text(shown: str) -> str:
    """The paragraphs of a description, a line each."""
    return "\n".join(line.strip() for line in shown.splitlines() if line.strip())


def _said(shown: str) -> str:
    """The last line of a comment: a copy has a line above that says whose words they are."""
    return shown.strip().splitlines()[-1].strip()
