"""The imitation of Zoho CRM, served on loopback, and a person who works in it, for the tests of every kind."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hub_zoho_crm.connector import ZohoConnector
from hub_zoho_crm.sandbox import ZohoSandbox

from hub.sdk import Connector, Kind, KindSettings, Network, Setup, Vocabulary
from hub.sdk.sandbox import Faults, SandboxServer, serve
from hub.testing import ConnectorConformance, Dice

REFERENCES = {"Account_Name", "Contact_Name", "What_Id", "Account", "Contact"}


class Cutting(httpx.AsyncHTTPTransport):
    """The way to Zoho CRM, on which lists may lose their last row, whatever they say of how many they have."""

    cut = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        content = await answer.aread()
        body = json.loads(content) if self.cut and content and request.method == "GET" else {}
        if "info" not in body or not body.get("data"):
            return answer
        return httpx.Response(200, json={**body, "data": body["data"][:-1]})


class ZohoConformance(ConnectorConformance):
    """What the suites of all kinds share.

    Attributes:
        module: The API name of the module under test.
    """

    sandbox: ZohoSandbox
    server: SandboxServer
    ana: httpx.Client
    ahead: timedelta
    way: Cutting
    module: str

    @contextmanager
    def serving(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """A fresh organisation, and Ana signed in to it."""
        self.ahead = timedelta()
        self.sandbox = ZohoSandbox(seed=1, now=lambda: datetime.now(UTC) + self.ahead)
        for name, value in {**self.sandbox.environment(), "WRONG_SECRET": "wrong"}.items():
            monkeypatch.setenv(name, value)
        for name in ("reading", "notes", "files"):
            monkeypatch.setattr(f"hub_zoho_crm.{name}.PAGE", 2)
        with serve(self.sandbox) as self.server:
            ana = self.sandbox.people()[0].credentials
            header = {"Authorization": f"Zoho-oauthtoken {ana['access_token']}"}
            self.ana = httpx.Client(base_url=f"{self.server.url}/crm/v8", headers=header, timeout=30)
            self.person = self.ana.get("/users", params={"type": "CurrentUser"}).json()["users"][0]["id"]
            yield
            self.ana.close()

    async def make_connector(self) -> Connector:
        return self.connect(self.server.connection())

    async def bad_connector(self) -> Connector:
        return self.connect({**self.server.connection(), "refresh_token": {"env": "WRONG_SECRET"}})

    def connect(self, table: Mapping[str, Any]) -> Connector:
        config = ZohoConnector.Config.model_validate(table)
        self.way = Cutting()
        network = Network(self.way, attempts=1, sleep=self.sleep)
        return ZohoConnector(Setup("zoho", config, self.settings(), network, self.now))

    def settings(self) -> dict[Kind, KindSettings]:
        return {kind: KindSettings() for kind in Kind}

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def sleep(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)

    async def settle(self) -> None:
        self.ahead += timedelta(seconds=5)

    def vocabularies(self) -> dict[str, Any]:
        stages = {"new": ("Qualification",), "in_progress": ("Proposal/Price Quote",), "todo": ("Not Started",)}
        return {"status": Vocabulary(stages)}

    async def make_owner(self) -> str:
        return self.made("Deals", {"Deal_Name": "The whole", "Stage": "Qualification"})

    async def add(self, fields: Mapping[str, Any]) -> str:
        number = self.made(self.module, self.values(fields))
        self.tag(number, fields)
        return number

    async def edit(self, record: str, fields: Mapping[str, Any]) -> None:
        self.ahead += timedelta(seconds=1)
        if values := self.values(fields):
            self.done(self.ana.put(f"/{self.module}/{record}", json={"data": [values]}))
        self.tag(record, fields)

    async def remove(self, record: str) -> None:
        self.done(self.ana.delete(f"/{self.module}", params={"ids": record}))

    async def cut_census(self) -> None:
        self.way.cut = True

    async def lose_next_answer(self) -> None:
        self.sandbox.faults = Faults.model_validate({"drop_after_commit": {"share": 0.5}})
        self.sandbox.random = Dice(0.0)

    def made(self, module: str, values: Mapping[str, Any]) -> str:
        return str(self.done(self.ana.post(f"/{module}", json={"data": [values]}))["id"])

    def tag(self, record: str, fields: Mapping[str, Any]) -> None:
        if names := fields.get("Tag"):
            body = {"tags": [{"name": name} for name in names], "ids": [record], "over_write": True}
            self.done(self.ana.post(f"/{self.module}/actions/add_tags", json=body))

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Fields as a person's request has them."""
        refers = REFERENCES if self.module != "Accounts" else set()
        values = {name: {"id": v} if name in refers and v else v for name, v in fields.items() if name != "Tag"}
        if name := values.pop("Full_Name", None):
            values |= {"First_Name": name["first"], "Last_Name": name["last"]}
        return values | ({"$se_module": "Deals"} if "What_Id" in values else {})

    @staticmethod
    def done(answer: httpx.Response) -> Any:
        assert answer.is_success, answer.text
        (row,) = answer.json()["data"]
        assert row["code"] == "SUCCESS", row
        return row["details"]
