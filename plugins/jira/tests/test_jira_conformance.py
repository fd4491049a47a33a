"""The Jira connector keeps every promise of the contract, against the imitation of the service."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hub_jira.connector import JiraConnector
from hub_jira.records import account_id
from hub_jira.sandbox import JiraSandbox
from hub_jira.sandbox.records import Edition

from hub.sdk import Connector, Kind, KindSettings, Network, Setup, Vocabulary
from hub.sdk.sandbox import Faults, SandboxServer, serve
from hub.testing import ConnectorConformance, Dice


@pytest.fixture(autouse=True)
def served(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Here, and not in the class, so that it stands before the connector is made."""
    self = request.instance
    self.ahead = timedelta()
    self.sandbox = JiraSandbox(seed=1, now=lambda: datetime.now(UTC) + self.ahead, edition=self.edition)
    for name, value in {**self.sandbox.environment(), "WRONG_TOKEN": "wrong"}.items():
        monkeypatch.setenv(name, value)
    with serve(self.sandbox) as self.server:
        ana = self.sandbox.people()[0].credentials
        login = (ana["user"], ana.get("password", ana["token"]))
        api = f"{self.server.url}/rest/api/{2 if self.edition == 'datacenter' else 3}"
        self.ana = httpx.Client(base_url=api, auth=login, timeout=30)
        self.person = account_id(self.ana.get("/myself").json())
        yield
        self.ana.close()


class Meddling(httpx.AsyncHTTPTransport):
    """The way to Jira, on which something happens just before the next edit arrives, and lists may be cut short."""

    meanwhile: Callable[[], object] | None = None
    cut = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        act = self.meanwhile if request.method == "PUT" else None
        if act:
            self.meanwhile = None
            act()
        answer = await super().handle_async_request(request)
        return self.shortened(await answer.aread()) if self.cut and "/search" in request.url.path else answer

    def shortened(self, content: bytes) -> httpx.Response:
        """Half of what is there, by Cloud without the end, by Data Center with the same total."""
        body = json.loads(content)
        kept = {**body, "issues": body["issues"][: len(body["issues"]) // 2 if body.get("startAt", 0) == 0 else 0]}
        return httpx.Response(200, json={**kept, "isLast": False} if "isLast" in kept else kept)


class TestJiraRequirements(ConnectorConformance):
    sandbox: JiraSandbox
    server: SandboxServer
    ana: httpx.Client
    ahead: timedelta
    way: Meddling
    edition: Edition = "cloud"

    async def make_connector(self) -> Connector:
        return self.connect(self.server.connection())

    async def bad_connector(self) -> Connector:
        table = self.server.connection()
        return self.connect({**table, "auth": {**table["auth"], "token": {"env": "WRONG_TOKEN"}}})

    def connect(self, table: Mapping[str, Any]) -> Connector:
        stories = KindSettings(types=("Story", "Task"), create_type="Story")
        kinds = {self.kind: KindSettings(), Kind.REQUIREMENT: stories}
        config = JiraConnector.Config.model_validate(table)
        self.way = Meddling()
        return JiraConnector(Setup("jira", config, kinds, Network(self.way, attempts=1, sleep=self.sleep)))

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
        is_server = self.edition == "datacenter"
        return {"environment": "Only Jira knows" if is_server else {"type": "doc", "version": 1, "content": [text]}}

    def refused(self) -> Mapping[str, Any]:
        return {"summary": "x" * 300}

    async def add(self, fields: Mapping[str, Any]) -> str:
        body = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, **self.body(fields)}
        return str(self.done(self.ana.post("/issue", json={"fields": body}))["id"])

    async def edit(self, record: str, fields: Mapping[str, Any]) -> None:
        self.done(self.ana.put(f"/issue/{record}", json={"fields": self.body(fields)}))

    async def remove(self, record: str) -> None:
        self.done(self.ana.delete(f"/issue/{record}"))

    async def archive(self, record: str) -> None:
        if self.kind is not Kind.REQUIREMENT:
            pytest.skip(f"a {self.kind} is put away with its issue")
        headers = {"Authorization": self.admin()}
        async with httpx.AsyncClient(base_url=self.ana.base_url, headers=headers, timeout=30) as admin:
            if self.edition == "datacenter":
                self.done(await admin.put(f"/issue/{record}/archive"))
            else:
                self.done(await admin.put("/issue/archive", json={"issueIdsOrKeys": [record]}))

    def admin(self) -> str:
        """The header with which an administrator, here the hub's own account, signs in."""
        return str(JiraConnector.Config.model_validate(self.server.connection()).auth.header())

    async def edit_meanwhile(self, record: str, fields: Mapping[str, Any]) -> None:
        self.way.meanwhile = lambda: self.done(self.ana.put(f"/issue/{record}", json={"fields": self.body(fields)}))

    async def cut_census(self) -> None:
        self.way.cut = True

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


class TestJiraDataCenterRequirements(TestJiraRequirements):
    edition = "datacenter"


class ChildConformance(TestJiraRequirements):
    """What tasks, comments and attachments have in common: the issue that they belong to."""

    __test__ = False

    async def make_owner(self) -> str:
        issue = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Export"}
        return str(self.done(self.ana.post("/issue", json={"fields": issue}))["id"])

    def unmapped(self) -> Mapping[str, Any]:
        return pytest.skip(f"a {self.kind} has nothing else")  # type: ignore[no-any-return]

    def refused(self) -> Mapping[str, Any]:
        return {"parent": "999999"}


class TestJiraTasks(ChildConformance):
    __test__ = True
    kind = Kind.TASK
    key = "TSK-1"

    def vocabularies(self) -> dict[str, Any]:
        return {"status": Vocabulary({"todo": ("To Do",), "doing": ("In Progress",)})}

    async def add(self, fields: Mapping[str, Any]) -> str:
        body = {"project": {"key": "ACME"}, "issuetype": {"name": "Sub-task"}, **self.body(fields)}
        body["parent"] = {"id": self.owner}
        return str(self.done(self.ana.post("/issue", json={"fields": body}))["id"])

    async def test_an_edit_of_another_field_in_between_survives_an_update(self) -> None:
        pytest.skip("a sub-task stays where it is")


class TestJiraDataCenterTasks(TestJiraTasks):
    edition = "datacenter"


class TestJiraComments(ChildConformance):
    __test__ = True
    kind = Kind.COMMENT
    key = "CMT-1"
    many = 120

    async def add(self, fields: Mapping[str, Any]) -> str:
        made = self.done(self.ana.post(f"/issue/{self.owner}/comment", json={"body": fields["body"]}))
        return f"{self.owner}/{made['id']}"

    async def edit(self, record: str, fields: Mapping[str, Any]) -> None:
        self.done(self.ana.put(f"/issue/{record.replace('/', '/comment/')}", json={"body": fields["body"]}))

    async def remove(self, record: str) -> None:
        self.done(self.ana.delete(f"/issue/{record.replace('/', '/comment/')}"))


class TestJiraDataCenterComments(TestJiraComments):
    edition = "datacenter"


class TestJiraAttachments(ChildConformance):
    __test__ = True
    kind = Kind.ATTACHMENT
    key = "ATT-1"

    async def add(self, fields: Mapping[str, Any]) -> str:
        files = {"file": (fields["name"], b"x" * fields["size"], fields["media_type"])}
        headers = {"X-Atlassian-Token": "no-check"}
        made = self.done(self.ana.post(f"/issue/{self.owner}/attachments", files=files, headers=headers))
        return f"{self.owner}/{made[0]['id']}"

    async def edit(self, record: str, fields: Mapping[str, Any]) -> None:
        pytest.skip("nobody edits a file")

    async def remove(self, record: str) -> None:
        self.done(self.ana.delete(f"/attachment/{record.partition('/')[2]}"))


class TestJiraDataCenterAttachments(TestJiraAttachments):
    edition = "datacenter"
