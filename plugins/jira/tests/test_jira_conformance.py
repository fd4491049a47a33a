"""The Jira connector keeps every promise of the contract, against the imitation of the service."""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hub_jira.connector import JiraConnector
from hub_jira.sandbox import JiraSandbox

from hub.sdk import Connector, Kind, KindSettings, Network, Setup, Vocabulary
from hub.sdk.sandbox import Faults, SandboxServer, serve
from hub.testing import ConnectorConformance


@pytest.fixture(autouse=True)
def served(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Here, and not in the class, so that it stands before the connector is made."""
    self = request.instance
    self.ahead = timedelta()
    self.sandbox = JiraSandbox(seed=1, now=lambda: datetime.now(UTC) + self.ahead)
    for name, value in {**self.sandbox.environment(), "WRONG_TOKEN": "wrong"}.items():
        monkeypatch.setenv(name, value)
    with serve(self.sandbox) as self.server:
        ana = self.sandbox.people()[0].credentials
        login = (ana["user"], ana["token"])
        self.ana = httpx.Client(base_url=f"{self.server.url}/rest/api/3", auth=login, timeout=30)
        self.person = self.ana.get("/myself").json()["accountId"]
        yield
        self.ana.close()


class Dice(random.Random):
    """Falls once as it is told, and then so that nothing more goes wrong."""

    def __init__(self, *falls: float) -> None:
        super().__init__(1)
        self.falls = list(falls)

    def random(self) -> float:
        return self.falls.pop(0) if self.falls else 0.99


class TestJiraConnector(ConnectorConformance):
    sandbox: JiraSandbox
    server: SandboxServer
    ana: httpx.Client
    ahead: timedelta

    async def make_connector(self) -> Connector:
        return self.connect(self.server.connection())

    async def bad_connector(self) -> Connector:
        table = self.server.connection()
        return self.connect({**table, "auth": {**table["auth"], "token": {"env": "WRONG_TOKEN"}}})

    def connect(self, table: Mapping[str, Any]) -> Connector:
        kinds = {Kind.REQUIREMENT: KindSettings(types=("Story", "Task"), create_type="Story")}
        config = JiraConnector.Config.model_validate(table)
        return JiraConnector(Setup("jira", config, kinds, Network(attempts=1, sleep=self.sleep)))

    async def sleep(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)

    async def settle(self) -> None:
        self.ahead += timedelta(seconds=1)

    def vocabularies(self) -> dict[str, Any]:
        priorities = {"critical": ("Highest",), "high": ("High",), "medium": ("Medium",), "low": ("Low",)}
        return {
            "status": Vocabulary({"new": ("To Do",), "in_progress": ("In Progress",)}),
            "priority": Vocabulary(priorities),
        }

    def unmapped(self) -> Mapping[str, Any]:
        text = {"type": "paragraph", "content": [{"type": "text", "text": "Only Jira knows"}]}
        return {"environment": {"type": "doc", "version": 1, "content": [text]}}

    def refused(self) -> Mapping[str, Any]:
        return {"summary": "x" * 300}

    async def add(self, fields: Mapping[str, Any]) -> str:
        body = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, **self.body(fields)}
        return str(self.done(self.ana.post("/issue", json={"fields": body}))["id"])

    async def edit(self, record: str, fields: Mapping[str, Any]) -> None:
        self.done(self.ana.put(f"/issue/{record}", json={"fields": self.body(fields)}))

    async def remove(self, record: str) -> None:
        self.done(self.ana.delete(f"/issue/{record}"))

    async def lose_next_answer(self) -> None:
        self.sandbox.faults = Faults.model_validate({"drop_after_commit": {"share": 0.5}})
        self.sandbox.random = Dice(0.0)

    def body(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields as a person's request has them; a new issue is in its first status anyway."""
        named = {"priority", "issuetype"}
        return {n: {"name": v} if n in named else v for n, v in fields.items() if n != "status"}

    @staticmethod
    def done(answer: httpx.Response) -> Any:
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None
