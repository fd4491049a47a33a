"""The connector as a whole, against the imitation of the service: its API's description, bad days, and a hub between."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import hub_zoho_crm
import pytest
from hub_zoho_crm.connector import ZohoConnector
from hub_zoho_crm.sandbox import ZohoSandbox

from hub.app import Hub
from hub.config import load_config
from hub.plugins import Registry
from hub.sdk import Content, Draft, Kind, KindSettings, Network, Patch, Record, Refusal, Setup, Unknown, Written
from hub.sdk.sandbox import Faults, SandboxServer, serve
from hub.store import Store
from hub.sync import Report
from hub.testing import MemoryConnector, MemoryService
from plugins.zoho_crm.tests.zoho_spec import SPEC, described

REQ, TASK = Kind.REQUIREMENT, Kind.TASK
NOT_DESCRIBED = ("/oauth/v2/token", "/crm/v8/Notes/deleted")
"""The accounts server, and a list that is described for modules in general."""


class Wire(httpx.AsyncBaseTransport):
    """Passes every request on, and keeps them."""

    def __init__(self, sent: list[httpx.Request]) -> None:
        self.inner, self.sent = httpx.AsyncHTTPTransport(), sent

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.sent.append(request)
        return await self.inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self.inner.aclose()


class World:
    """A served sandbox, and connectors to it; time passes when it is told to."""

    def __init__(self, server: SandboxServer, sandbox: ZohoSandbox) -> None:
        self.server, self.sandbox = server, sandbox
        self.sent: list[httpx.Request] = []
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def later(self, seconds: float = 60) -> None:
        self.ahead += timedelta(seconds=seconds)

    async def nap(self, seconds: float) -> None:
        self.later(seconds)

    @property
    def network(self) -> Network:
        """With the clock of this machine, which the server's `Date` headers tell as well."""
        return Network(Wire(self.sent), self.nap, jitter=lambda: 0.0)

    @asynccontextmanager
    async def connector(self) -> AsyncIterator[ZohoConnector]:
        config = ZohoConnector.Config.model_validate(self.server.connection())
        zoho = ZohoConnector(Setup("zoho", config, {kind: KindSettings() for kind in Kind}, self.network, self.now))
        await zoho.open()
        yield zoho
        await zoho.close()

    def as_ana(self, method: str, path: str, body: Any = None) -> Any:
        token = self.sandbox.people()[0].credentials["access_token"]
        answer = httpx.request(
            method,
            f"{self.server.url}/crm/v8{path}",
            json=body,
            headers={"Authorization": f"Zoho-oauthtoken {token}"},
            timeout=10,
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def shown(self, path: str, fields: str) -> list[dict[str, Any]]:
        return list((self.as_ana("GET", f"/{path}?fields={fields}") or {"data": []})["data"])


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    sandbox = ZohoSandbox(seed=1)
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    with serve(sandbox) as server:
        made = World(server, sandbox)
        sandbox.now = made.now
        yield made


def draft(number: int, **fields: Any) -> Draft:
    return Draft(f"REQ-{number}", {"Deal_Name": f"Order {number}", "Stage": "Qualification", **fields})


def records(outcomes: Any) -> list[Record]:
    return [outcome.record for outcome in outcomes if isinstance(outcome, Written)]


def test_the_connector_is_offered_to_the_hub_with_its_sandbox() -> None:
    offered: list[Any] = []
    hub_zoho_crm.register_connectors(register=offered.append)
    assert offered == [ZohoConnector]
    assert isinstance(ZohoConnector.sandbox(seed=3), ZohoSandbox)


@pytest.mark.data
async def test_every_request_is_as_the_service_describes_it(world: World, tmp_path: Path) -> None:
    if not SPEC.exists():
        pytest.skip("the service's API description is not beside the project")
    (tmp_path / "file").write_bytes(b"content")
    async with world.connector() as zoho:
        await zoho.describe()
        made = records(await zoho.create(REQ, [draft(n, Tag=["erp"], Closing_Date="2026-12-01") for n in range(3)]))
        await zoho.update(REQ, [Patch(r.id, {"Deal_Name": "New", "Tag": ["vip"]}, r) for r in made])
        owner = made[0].id
        note = {"body": {"title": None, "text": "Hello"}, "author": {"name": "Li"}, "parent": owner}
        await zoho.create(Kind.COMMENT, [Draft("CMT-1", note)])
        file = Content(tmp_path / "file", 7, "")
        await zoho.create(Kind.ATTACHMENT, [Draft("ATT-1", {"name": "a.txt", "parent": owner}, file)])
        await zoho.create(TASK, [Draft("TSK-1", {"Subject": "Try", "What_Id": owner})])
        for kind in Kind:
            cursor = [page async for page in zoho.changes(kind, None)][-1].cursor
            world.later(1200)
            assert [page async for page in zoho.changes(kind, cursor)]
        await zoho.find(REQ, [draft(1)])
        await zoho.delete(REQ, [made[1].id])
        await zoho.fetch(REQ, [owner, made[1].id, "999999"])
        problems = sorted(set(_problems(world.sent)))
        assert not problems, "\n".join(problems)


def _problems(sent: list[httpx.Request]) -> list[str]:
    api, found = described(), list[str]()
    for request in sent:
        url = urlsplit(str(request.url))
        if url.path in NOT_DESCRIBED:
            continue
        headers = {name.lower(): value for name, value in request.headers.items()}
        found += api.check_request(request.method, url.path, parse_qsl(url.query), headers, request.content)
    return found


async def test_on_a_bad_day_every_draft_becomes_exactly_one_record(world: World) -> None:
    bad_day = {
        "drop_after_commit": {"share": 0.2},
        "errors": {"status": 503, "share": 0.1},
        "disconnect": {"share": 0.05},
    }
    async with world.connector() as zoho:
        wanted = {f"REQ-{n}": draft(n) for n in range(250)}
        await zoho.describe()
        world.sandbox.faults = Faults.model_validate(bad_day)
        for _round in range(20):
            if not wanted:
                break
            outcomes = dict(zip(list(wanted), await zoho.create(REQ, list(wanted.values())), strict=True))
            made = {m for m, o in outcomes.items() if isinstance(o, Written | Refusal) and o.record}
            lost = [wanted[m] for m, o in outcomes.items() if isinstance(o, Unknown)]
            found = await zoho.find(REQ, lost) if lost else {}
            wanted = {m: d for m, d in wanted.items() if m not in made | found.keys()}
        world.sandbox.faults = Faults()
        assert not wanted
        shown = [r for page in [p async for p in zoho.changes(REQ, None)] for r in page.records]
    assert sorted(r.marker or "" for r in shown) == sorted(f"REQ-{n}" for n in range(250))


# A hub between.

STATUS = {
    "new": "Qualification",
    "in_progress": "Needs Analysis",
    "delivered": "Closed Won",
    "otherwise": {"write": "Qualification", "read": "new"},
}
TASK_STATUS = {"todo": "Not Started", "doing": "In Progress", "done": "Completed"}


class Between:
    """A hub that keeps Zoho CRM and a service held in memory one."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.memory = MemoryService("left", clock=world.now, tells_history=True)
        self.registry = Registry({"memory": MemoryConnector, "zoho_crm": ZohoConnector})

    @contextmanager
    def hub(self) -> Iterator[Hub]:
        both = {"originates": True, "creates": True}
        kinds = {kind.value: both for kind in Kind}
        spokes = {"left": kinds, "zoho": {**kinds, "status": {**TASK_STATUS, **STATUS}}}
        tables = {
            "connections": {
                "left": {"plugin": "memory", "service": "left"},
                "zoho": dict(self.world.server.connection()),
            },
            "syncs": {"both": {"spokes": spokes}},
        }
        file = self.folder / "hub.toml"
        file.write_text("\n".join(f"{name} = {toml(table)}" for name, table in tables.items()), encoding="utf-8")
        config = load_config(file, self.registry)
        hub = Hub(config, self.registry, Store.open(config.store), self.world.now, self.world.network)
        try:
            yield hub
        finally:
            hub.close()

    async def sync(self) -> Report:
        self.world.later()
        with self.hub() as hub:
            return await hub.sync("both")


def toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


async def test_a_hub_keeps_a_client_its_requirement_and_its_notes_one(world: World, tmp_path: Path) -> None:
    between = Between(world, tmp_path)
    account = made(world, "Accounts", Account_Name="Acme", Website="https://www.acme.example")
    person = made(world, "Contacts", First_Name="Li", Last_Name="Wei", Account_Name={"id": account})
    deal = made(
        world,
        "Deals",
        Deal_Name="Export",
        Stage="Qualification",
        Account_Name={"id": account},
        Contact_Name={"id": person},
        Description="Why.",
    )
    parent = {"module": {"api_name": "Deals"}, "id": deal}
    made(world, "Notes", Note_Content="Please soon", Parent_Id=parent)
    report = await between.sync()
    assert not report.problems
    (client,) = between.memory.present(Kind.CLIENT)
    assert (client.fields["name"], client.fields["domain"]) == ("Acme", "acme.example")
    (requirement,) = between.memory.present(REQ)
    assert requirement.fields["title"] == "Export"
    assert requirement.fields["client"] is not None
    assert len(between.memory.present(Kind.COMMENT)) == 1
    world.as_ana("PUT", f"/Deals/{deal}", {"data": [{"Stage": "Needs Analysis"}]})
    await between.sync()
    (requirement,) = between.memory.present(REQ)
    assert requirement.fields["status"] == "In Progress"
    world.sent.clear()
    await between.sync()
    assert [request.method for request in world.sent if request.method == "PUT"] == []


async def test_a_hub_takes_to_zoho_what_was_made_elsewhere_and_then_is_quiet(world: World, tmp_path: Path) -> None:
    between = Between(world, tmp_path)
    memory = between.memory
    client = memory.add(Kind.CLIENT, name="Acme", domain="acme.example")
    contact = memory.add(Kind.CONTACT, name="Li Wei", email="li@acme.example", client=client)
    criteria = [{"text": "Is fast", "met": True}]
    asked = {
        "client": client,
        "requester": contact,
        "criteria": criteria,
        "labels": ["erp", "出口"],
        "due": "2026-12-01",
    }
    requirement = memory.add(REQ, title="Export", body="**Why.**", **asked)
    memory.add(TASK, title="Try it", parent=requirement, status="Doing")
    memory.say(requirement, "Please *soon*")
    memory.attach(requirement, "plan.txt", b"content")
    report = await between.sync()
    assert not report.problems
    (deal,) = world.shown("Deals", "Deal_Name,Description,Account_Name,Contact_Name,Closing_Date,Tag,Stage")
    assert (deal["Deal_Name"], deal["Stage"], deal["Closing_Date"]) == ("Export", "Qualification", "2026-12-01")
    assert deal["Description"] == "**Why.**\n\n## Acceptance criteria\n\n- [x] Is fast"
    assert {tag["name"] for tag in deal["Tag"]} == {"erp", "出口"}
    assert deal["Account_Name"]["name"] == "Acme"
    (person,) = world.shown("Contacts", "First_Name,Last_Name,Account_Name")
    assert (person["First_Name"], person["Last_Name"]) == ("Li", "Wei")
    (task,) = world.shown("Tasks", "Subject,Status,What_Id")
    assert (task["Status"], task["What_Id"]["id"]) == ("In Progress", deal["id"])
    (note,) = world.shown("Notes", "Note_Content,Parent_Id")
    assert note["Note_Content"].endswith("Please *soon*")
    assert note["Note_Content"].startswith("**Ann**")
    (file,) = world.shown(f"Deals/{deal['id']}/Attachments", "File_Name,Size")
    assert file["File_Name"] == "plan.txt"
    await between.sync()
    world.later(300)
    await between.sync()
    world.sent.clear()
    await between.sync()
    polls = [f"{r.method} {r.url.path.removeprefix('/crm/v8')}" for r in world.sent]
    assert [poll for poll in polls if poll not in {"GET /users", "GET /org", "POST /oauth/v2/token"}] == [
        "GET /Accounts",
        "GET /Contacts",
        "GET /Deals",
        "GET /Tasks",
        "GET /Notes",
        "POST /coql",
    ]


def made(world: World, module: str, **values: Any) -> str:
    return str(world.as_ana("POST", f"/{module}", {"data": [values]})["data"][0]["details"]["id"])
