"""The imitation of Trello, served on loopback, and a person who works in it, for the tests of every kind."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from hub_trello.connector import TrelloConnector
from hub_trello.sandbox import TrelloSandbox

from hub.sdk import Connector, Kind, KindSettings, Network, Setup
from hub.sdk.sandbox import Faults, SandboxServer, serve
from hub.testing import ConnectorConformance, Dice


class Meanwhile(httpx.AsyncHTTPTransport):
    """The way to the service, on which something happens just before the next write arrives."""

    act: Callable[[], object] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        act = self.act if request.method == "PUT" else None
        if act:
            self.act = None
            act()
        return await super().handle_async_request(request)


class TrelloConformance(ConnectorConformance):
    """What the suites of all kinds share."""

    sandbox: TrelloSandbox
    server: SandboxServer
    way: Meanwhile
    ana: httpx.Client
    """Whoever `add` and `edit` act as."""

    @contextmanager
    def serving(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """A fresh board, and somebody signed in to it."""
        self.sandbox = TrelloSandbox(seed=1)
        for name, value in self.sandbox.environment().items():
            monkeypatch.setenv(name, value)
        with serve(self.sandbox) as self.server:
            self.ana = httpx.Client(base_url=f"{self.server.url}/1", params=self.credentials(), timeout=30)
            self.person = self.ana.get("/members/me").json()["id"]
            yield
            self.ana.close()

    def credentials(self) -> dict[str, str]:
        """Those of a person."""
        return dict(self.sandbox.people()[0].credentials)

    async def make_connector(self) -> Connector:
        return self.connect(self.server.connection())

    async def bad_connector(self) -> Connector:
        return self.connect({**self.server.connection(), "token": {"env": "TRELLO_SECRET"}})

    def connect(self, table: Mapping[str, Any]) -> Connector:
        config = TrelloConnector.Config.model_validate(table)
        self.way = Meanwhile()
        return TrelloConnector(Setup("trello", config, self.settings(), Network(self.way, attempts=1)))

    def settings(self) -> dict[Kind, KindSettings]:
        return {}

    async def make_owner(self) -> str:
        made = {"name": "The whole", "idList": self.ids("lists")["Backlog"]}
        return str(self.done(self.ana.post("/cards", json=made))["id"])

    async def cut_census(self) -> None:
        pytest.skip("Trello says nowhere how many there are: what is missed is looked at by itself")

    async def lose_next_answer(self) -> None:
        self.sandbox.faults = Faults.model_validate({"drop_after_commit": {"share": 0.5}})
        self.sandbox.random = Dice(0.0)

    def ids(self, what: str) -> dict[str, str]:
        """Ids by name of what a board has: lists, labels."""
        board = self.server.connection()["board"]
        return {each["name"]: each["id"] for each in self.done(self.ana.get(f"/boards/{board}/{what}"))}

    @staticmethod
    def done(answer: httpx.Response) -> Any:
        assert answer.is_success, answer.text
        return answer.json()
