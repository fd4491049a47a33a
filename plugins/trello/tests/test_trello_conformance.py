"""The Trello connector keeps every promise of the contract, against the imitation of the service."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from hub_trello.connector import TrelloConnector
from hub_trello.sandbox import TrelloSandbox

from hub.sdk import Connector, Network, Setup, Vocabulary
from hub.sdk.sandbox import Faults, SandboxServer, serve
from hub.testing import ConnectorConformance


@pytest.fixture(autouse=True)
def served(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Here, and not in the class, so that it stands before the connector is made."""
    self = request.instance
    self.sandbox = TrelloSandbox(seed=1)
    for name, value in self.sandbox.environment().items():
        monkeypatch.setenv(name, value)
    with serve(self.sandbox) as self.server:
        ana = self.sandbox.people()[0].credentials
        self.ana = httpx.Client(base_url=f"{self.server.url}/1", params=dict(ana), timeout=30)
        self.person = self.ana.get("/members/me").json()["id"]
        yield
        self.ana.close()


class Dice(random.Random):
    """Falls once as it is told, and then so that nothing more goes wrong."""

    def __init__(self, *falls: float) -> None:
        super().__init__(1)
        self.falls = list(falls)

    def random(self) -> float:
        return self.falls.pop(0) if self.falls else 0.99


class TestTrelloConnector(ConnectorConformance):
    sandbox: TrelloSandbox
    server: SandboxServer
    ana: httpx.Client

    async def make_connector(self) -> Connector:
        return self.connect(self.server.connection())

    async def bad_connector(self) -> Connector:
        return self.connect({**self.server.connection(), "token": {"env": "TRELLO_SECRET"}})

    def connect(self, table: Mapping[str, Any]) -> Connector:
        return TrelloConnector(
            Setup("trello", TrelloConnector.Config.model_validate(table), network=Network(attempts=1))
        )

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

    async def remove(self, record: str) -> None:
        self.done(self.ana.delete(f"/cards/{record}"))

    async def archive(self, record: str) -> None:
        self.done(self.ana.put(f"/cards/{record}", json={"closed": True}))

    async def lose_next_answer(self) -> None:
        for name in self.fields()["labels"]:
            self.label(name)
        self.sandbox.faults = Faults.model_validate({"drop_after_commit": {"share": 0.5}})
        self.sandbox.random = Dice(0.0)

    def body(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields as a person's request has them: ids for lists and labels."""
        body = {name: value for name, value in fields.items() if name not in {"list", "labels"}}
        if "list" in fields:
            body["idList"] = self.ids("lists")[fields["list"]]
        if "labels" in fields:
            body["idLabels"] = [self.label(name) for name in fields["labels"]]
        return body

    def ids(self, what: str) -> dict[str, str]:
        board = self.server.connection()["board"]
        return {each["name"]: each["id"] for each in self.done(self.ana.get(f"/boards/{board}/{what}"))}

    def label(self, name: str) -> str:
        made = {"name": name, "color": "blue", "idBoard": self.server.connection()["board"]}
        return self.ids("labels").get(name) or str(self.done(self.ana.post("/labels", json=made))["id"])

    @staticmethod
    def done(answer: httpx.Response) -> Any:
        assert answer.is_success, answer.text
        return answer.json()
