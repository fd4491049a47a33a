"""The Trello connector keeps every promise of the contract, for every kind, against the imitation of the service."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from hub.sdk import Kind, KindSettings, Vocabulary
from plugins.trello.tests.trello_conforming import TrelloConformance


@pytest.fixture(autouse=True)
def served(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Here, and not in the class, so that it stands before the connector is made."""
    with request.instance.serving(monkeypatch):
        yield


class TestTrelloConnector(TrelloConformance):
    def vocabularies(self) -> dict[str, Any]:
        return {"status": Vocabulary({"new": ("Backlog",), "in_progress": ("Doing",)})}

    def unmapped(self) -> Mapping[str, Any]:
        return {"dueComplete": True}

    def refused(self) -> Mapping[str, Any]:
        return {"list": "A list that is not there"}

    async def add(self, fields: Mapping[str, Any]) -> str:
        return str(self.done(self.ana.post("/cards", json=self.body(fields)))["id"])

    async def edit(self, record: str, fields: Mapping[str, Any]) -> None:
        self.done(self.ana.put(f"/cards/{record}", json=self.body(fields)))

    async def edit_meanwhile(self, record: str, fields: Mapping[str, Any]) -> None:
        self.way.act = lambda: self.done(self.ana.put(f"/cards/{record}", json=self.body(fields)))

    async def remove(self, record: str) -> None:
        self.done(self.ana.delete(f"/cards/{record}"))

    async def archive(self, record: str) -> None:
        self.done(self.ana.put(f"/cards/{record}", json={"closed": True}))

    async def lose_next_answer(self) -> None:
        for name in self.fields()["labels"]:
            self.label(name)
        await super().lose_next_answer()

    def body(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields as a person's request has them: ids for lists and labels."""
        body = {name: value for name, value in fields.items() if name not in {"list", "labels"}}
        if "list" in fields:
            body["idList"] = self.ids("lists")[fields["list"]]
        if "labels" in fields:
            body["idLabels"] = [self.label(name) for name in fields["labels"]]
        return body

    def label(self, name: str) -> str:
        made = {"name": name, "color": "blue", "idBoard": self.server.connection()["board"]}
        return self.ids("labels").get(name) or str(self.done(self.ana.post("/labels", json=made))["id"])


class TestWithEverythingRead(TestTrelloConnector):
    """The same where tasks, comments and files are read along, and custom fields are named that are not there."""

    def settings(self) -> dict[Kind, KindSettings]:
        return {**{kind: KindSettings() for kind in Kind}, Kind.REQUIREMENT: KindSettings(custom={"Area": "No such"})}


class TestTasks(TrelloConformance):
    kind, key, person = Kind.TASK, "TSK-1", None

    def refused(self) -> Mapping[str, Any]:
        return {"name": "x" * 20_000}

    async def make_owner(self) -> str:
        self.person = None  # who made or renamed an item is nowhere told
        owner = await super().make_owner()
        made = self.done(self.ana.post(f"/cards/{owner}/checklists", json={"name": "Before the release"}))
        self.checklist = made["id"]
        return owner

    async def lose_next_answer(self) -> None:
        self.done(self.ana.post(f"/cards/{self.owner}/checklists", json={"name": "Tasks"}))
        await super().lose_next_answer()

    async def add(self, fields: Mapping[str, Any]) -> str:
        body = {"name": fields["name"], "checked": fields["state"] == "complete"}
        made = self.done(self.ana.post(f"/checklists/{self.checklist}/checkItems", json=body))
        return f"{self.owner}/{made['id']}"

    async def edit(self, record: str, fields: Mapping[str, Any]) -> None:
        self.done(self.ana.put(f"/cards/{record.replace('/', '/checkItem/')}", json=dict(fields)))

    async def remove(self, record: str) -> None:
        self.done(self.ana.delete(f"/cards/{record.replace('/', '/checkItem/')}"))


class TestComments(TrelloConformance):
    """The person works with the hub's account, as Trello lets nobody edit the comments of others."""

    kind, key = Kind.COMMENT, "CMT-1"

    def credentials(self) -> dict[str, str]:
        environment = self.sandbox.environment()
        return {"key": environment["TRELLO_KEY"], "token": environment["TRELLO_TOKEN"]}

    def refused(self) -> Mapping[str, Any]:
        return {"body": "x" * 20_000}

    async def add(self, fields: Mapping[str, Any]) -> str:
        made = self.ana.post(f"/cards/{self.owner}/actions/comments", json={"text": fields["body"]})
        return str(self.done(made)["id"])

    async def edit(self, record: str, fields: Mapping[str, Any]) -> None:
        self.done(self.ana.put(f"/actions/{record}", json={"text": fields["body"]}))

    async def remove(self, record: str) -> None:
        self.done(self.ana.delete(f"/actions/{record}"))


class TestAttachments(TrelloConformance):
    kind, key = Kind.ATTACHMENT, "ATT-1"

    def refused(self) -> Mapping[str, Any]:
        return {"name": "x" * 300}

    async def add(self, fields: Mapping[str, Any]) -> str:
        content = self.bytes_of(int(fields["name"].split()[1].removesuffix(".txt")))
        file = {"file": (fields["name"], content, fields["media_type"])}
        made = self.ana.post(f"/cards/{self.owner}/attachments", files=file, data={"name": fields["name"]})
        return f"{self.owner}/{self.done(made)['id']}"

    async def edit(self, record: str, fields: Mapping[str, Any]) -> None:
        pytest.skip(f"files never change: {record}, {sorted(fields)}")

    async def remove(self, record: str) -> None:
        self.done(self.ana.delete(f"/cards/{record.replace('/', '/attachments/')}"))
