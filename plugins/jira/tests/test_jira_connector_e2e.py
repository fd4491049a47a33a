"""The connector against the imitation of Jira, over real connections."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import hub_jira
import pytest
from hub_jira.config import JiraOptions
from hub_jira.connector import JiraConnector
from hub_jira.sandbox import JiraSandbox
from hub_jira.search import OVERLAP_MS, RESCAN_EVERY_MS

from hub.sdk import Absence, Draft, Kind, KindSettings, Network, Page, Patch, Record, Refusal, Setup, Unknown, Written
from hub.sdk.sandbox import Faults, SandboxServer, serve
from hub.testing.openapi import OpenApi

REQ, TASK = Kind.REQUIREMENT, Kind.TASK
SPEC = Path(os.environ.get("HUB_SHARED", Path(__file__).parents[4] / "shared")) / "specs" / "jira.openapi.json"


class Recorder(httpx.AsyncBaseTransport):
    """Passes every request on, and keeps them."""

    def __init__(self) -> None:
        self.inner = httpx.AsyncHTTPTransport()
        self.sent: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return await self.inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self.inner.aclose()

    def names(self) -> list[str]:
        return [f"{r.method} {r.url.path.removeprefix('/rest/api/3')}" for r in self.sent]


async def no_sleep(_seconds: float) -> None:
    return None


class World:
    """A served sandbox, and connectors to it."""

    def __init__(self, server: SandboxServer, sandbox: JiraSandbox) -> None:
        self.server, self.sandbox = server, sandbox
        self.ahead = timedelta()
        sandbox.now = self.now

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_time(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)

    def tables(self) -> dict[Kind, KindSettings]:
        return {
            REQ: KindSettings(types=("Story", "Task"), create_type="Story"),
            TASK: KindSettings(types=("Sub-task",), create_type="Sub-task"),
        }

    @asynccontextmanager
    async def connector(self, **kinds: Any) -> AsyncIterator[tuple[JiraConnector, Recorder]]:
        wire = Recorder()
        network = Network(transport=wire, sleep=no_sleep, clock=self.now, jitter=lambda: 0.0)
        config = JiraConnector.Config.model_validate(self.server.connection())
        tables = {**self.tables(), **{Kind(name): value for name, value in kinds.items()}}
        jira = JiraConnector(Setup("jira", config, tables, network, self.now))
        try:
            await jira.open()
            wire.sent.clear()
            yield jira, wire
        finally:
            await jira.close()

    def as_person(self, method: str, path: str, body: Any = None) -> httpx.Response:
        ana = self.sandbox.people()[0].credentials
        return httpx.request(
            method, self.server.url + "/rest/api/3" + path, json=body, auth=(ana["user"], ana["token"]), timeout=10
        )


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    sandbox = JiraSandbox(seed=1)
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    with serve(sandbox) as server:
        yield World(server, sandbox)


def paragraph(text: str) -> dict[str, Any]:
    content = [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]
    return {"type": "doc", "version": 1, "content": content}


def draft(number: int, **fields: Any) -> Draft:
    shown = {
        "summary": f"Order {number} fails",
        "description": paragraph("Why"),
        "issuetype": "Story",
        "labels": ["erp"],
    }
    return Draft(f"REQ-{number}", {**shown, "status": "To Do", **fields})


async def made(jira: JiraConnector, count: int = 1, **fields: Any) -> list[Record]:
    outcomes = await jira.create(REQ, [draft(n, **fields) for n in range(1, count + 1)])
    return [outcome.record for outcome in outcomes if isinstance(outcome, Written)]


async def pages(jira: JiraConnector, cursor: Any = None, *, full: bool = False, kind: Kind = REQ) -> list[Page]:
    return [page async for page in jira.changes(kind, cursor, full=full)]


def records(read: list[Page]) -> list[Record]:
    return [record for page in read for record in page.records]


async def test_a_created_issue_shows_what_was_asked_for_and_carries_its_marker(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await made(jira, priority="High", duedate="2026-12-01", assignee={"id": world.sandbox.bot.id})
        assert record.marker == "REQ-1"
        assert record.fields["summary"] == "Order 1 fails"
        assert record.fields["priority"] == "High"
        assert record.fields["assignee"]["id"] == world.sandbox.bot.id
        assert record.key == "ACME-1"
        assert record.url == f"{world.server.url}/browse/ACME-1"
        assert record.touches["summary"].who.id == world.sandbox.bot.id
        assert wire.names()[-2:] == ["POST /issue/bulk", "POST /issue/bulkfetch"]


async def test_five_hundred_creates_cost_ten_calls_and_at_most_ten_reads(world: World) -> None:
    async with world.connector() as (jira, wire):
        begun = time.monotonic()
        outcomes = await jira.create(REQ, [draft(n) for n in range(500)])
        assert all(isinstance(o, Written) for o in outcomes)
        assert [o.record.marker for o in outcomes if isinstance(o, Written)] == [f"REQ-{n}" for n in range(500)]
        assert wire.names().count("POST /issue/bulk") == 10
        assert wire.names().count("POST /issue/bulkfetch") <= 10
        assert len(wire.sent) <= 22
        assert time.monotonic() - begun < 60


async def test_creating_in_a_later_status_learns_the_way_once(world: World) -> None:
    async with world.connector() as (jira, wire):
        outcomes = await jira.create(REQ, [draft(n, status="Done") for n in range(20)])
        assert all(isinstance(o, Written) and o.record.fields["status"] == "Done" for o in outcomes)
        hops = [name for name in wire.names() if name.startswith("POST") and name.endswith("/transitions")]
        assert len(hops) == 60
        assert len(wire.sent) - len(hops) <= 20
    for issue in world.sandbox.state()["issues"]:
        assert issue["fields"]["status"]["name"] == "Done"
        assert issue["fields"]["resolution"]["name"] == "Done"


async def test_a_changed_field_costs_one_call(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await made(jira)
        base = (await jira.fetch(REQ, [record.id]))[record.id]
        assert isinstance(base, Record)
        wire.sent.clear()
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"summary": "Order 1 works"}, base)])
        assert isinstance(outcome, Written)
        assert outcome.record.fields["summary"] == "Order 1 works"
        assert outcome.record.marker == "REQ-1"
        assert wire.names() == [f"PUT /issue/{record.id}"]
        fresh = (await jira.fetch(REQ, [record.id]))[record.id]
        assert isinstance(fresh, Record)
        assert fresh.version == outcome.record.version


async def test_a_status_that_is_one_step_away_costs_one_call(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await made(jira)
        wire.sent.clear()
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"status": "In Progress"}, record)])
        assert isinstance(outcome, Written)
        assert outcome.record.fields == {**record.fields, "status": "In Progress"}
        assert wire.names() == [f"POST /issue/{record.id}/transitions"]


async def test_a_label_that_somebody_adds_meanwhile_stays(world: World) -> None:
    async with world.connector() as (jira, _):
        (record,) = await made(jira)
        body = {"update": {"labels": [{"add": "urgent"}]}}
        assert world.as_person("PUT", f"/issue/{record.id}", body).status_code == 204
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"labels": ["client"]}, record)])
        assert isinstance(outcome, Written)
        assert sorted(outcome.record.fields["labels"]) == ["client", "urgent"]


async def test_a_status_nobody_has_is_refused_with_what_there_is(world: World) -> None:
    async with world.connector() as (jira, _):
        (record,) = await made(jira)
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"status": "Shipped"}, record)])
        assert isinstance(outcome, Refusal)
        assert "Shipped" in outcome.fields["status"]
        assert "In Progress" in outcome.message


async def test_a_first_reading_gives_everything_and_then_a_quiet_reading_costs_one_call(world: World) -> None:
    async with world.connector() as (jira, wire):
        await made(jira, 120)
        first = await pages(jira)
        assert len({record.id for record in records(first)}) == 120
        wire.sent.clear()
        assert records(await pages(jira, first[-1].cursor)) == []
        assert wire.names() == ["POST /search/jql"]


async def test_an_edit_is_read_with_who_did_it(world: World) -> None:
    async with world.connector() as (jira, _):
        (record,) = await made(jira)
        cursor = (await pages(jira, (await pages(jira))[-1].cursor))[-1].cursor
        world.pass_time(3600)
        assert world.as_person("PUT", f"/issue/{record.id}", {"fields": {"summary": "Order 1!"}}).status_code == 204
        (read,) = [r for r in records(await pages(jira, cursor)) if r.id == record.id]
        assert read.fields["summary"] == "Order 1!"
        assert read.touches["summary"].who.name == "Ana Lima"
        assert read.touches["status"].who.id == world.sandbox.bot.id
        assert read.touched == read.touches["summary"]


async def test_a_reading_that_broke_off_goes_on_where_it_was(world: World) -> None:
    async with world.connector() as (jira, _):
        await made(jira, 120)
        async for page in jira.changes(REQ, None):
            first = page
            break
        async with world.connector() as (again, _wire):
            rest = await pages(again, first.cursor)
        ids = {r.id for r in first.records} | {r.id for r in records(rest)}
        assert len(ids) == 120
        assert "mark" in rest[-1].cursor


async def test_a_forgotten_token_begins_the_first_reading_again(world: World) -> None:
    async with world.connector() as (jira, _):
        await made(jira, 3)
        jql = (await pages(jira))[-1].cursor["jql"]
        read = await pages(jira, {"jql": jql, "token": "forgotten", "start": 0, "max": 0})
        assert len(records(read)) == 3


async def test_what_the_index_shows_late_is_found_by_the_overlap(world: World) -> None:
    async with world.connector() as (jira, _):
        late, early = await made(jira, 2)
        world.pass_time(3600)
    async with world.connector() as (jira, _):
        cursor = (await pages(jira, (await pages(jira))[-1].cursor))[-1].cursor
        world.as_person("PUT", f"/issue/{late.id}", {"fields": {"summary": "Late"}})
        world.pass_time(5)
        world.as_person("PUT", f"/issue/{early.id}", {"fields": {"summary": "Early"}})
        cursor = {**cursor, "mark": round(world.now().timestamp() * 1000), "head": [[early.id, 0]]}
        assert "Late" in {r.fields["summary"] for r in records(await pages(jira, cursor))}


async def test_a_lagging_index_never_brings_an_older_state_back(world: World) -> None:
    async with world.connector() as (jira, _):
        (record,) = await made(jira, 1)
        cursor = (await pages(jira))[-1].cursor
        world.pass_time(30)
        world.sandbox.faults = Faults(search_lag_s=3600)
        await jira.update(REQ, [Patch(record.id, {"summary": "Ours"}, record)])
        await jira.update(REQ, [Patch(record.id, {"status": "In Progress"}, record)])
        for read in (await pages(jira, cursor), await pages(jira, full=True)):
            assert {(r.fields["summary"], r.fields["status"]) for r in records(read)} <= {("Ours", "In Progress")}


async def test_a_marker_is_found_though_the_index_has_not_seen_the_issue(world: World) -> None:
    async with world.connector() as (jira, _):
        await made(jira, 3)
        world.pass_time(10)
        world.sandbox.faults = Faults(search_lag_s=3600)
        late = await jira.create(REQ, [draft(77)])
        async with world.connector() as (other, wire):
            found = await other.find(REQ, ["REQ-77", "REQ-2"])
            assert isinstance(late[0], Written)
            assert found["REQ-77"] == [late[0].record.id]
            assert len(found["REQ-2"]) == 1
            assert len(wire.sent) <= 5


async def test_twins_are_given_oldest_first_and_the_missing_left_out(world: World) -> None:
    async with world.connector() as (jira, _):
        one, two = [(await made(jira))[0].id for _ in range(2)]
        assert await jira.find(REQ, ["REQ-1", "REQ-99"]) == {"REQ-1": [one, two]}


async def test_a_lost_answer_to_a_create_is_unknown_and_the_marker_tells(world: World) -> None:
    async with world.connector() as (jira, _):
        await jira.describe()
        await made(jira)
        world.sandbox.faults = Faults.model_validate({"drop_after_commit": {"share": 1}})
        outcomes = await jira.create(REQ, [draft(n) for n in (5, 6)])
        assert all(isinstance(o, Unknown) for o in outcomes)
        world.sandbox.faults = Faults()
        assert set(await jira.find(REQ, ["REQ-5", "REQ-6"])) == {"REQ-5", "REQ-6"}


async def test_a_lost_answer_to_a_transition_is_looked_up(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await made(jira)
        wire.sent.clear()
        world.sandbox.faults = Faults.model_validate({"drop_after_commit": {"share": 1}})
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"status": "In Progress"}, record)])
        assert isinstance(outcome, Written)
        assert [name.split()[0] for name in wire.names()] == ["POST", "GET"]


async def test_missing_records_are_told_apart(world: World) -> None:
    async with world.connector() as (jira, _):
        stays, goes, moves = await made(jira, 3)
        world.sandbox.add_project("OTHER", "Other")
        world.sandbox.move(moves.id, "OTHER")
        assert await jira.delete(REQ, [goes.id]) == [None]
        found = await jira.fetch(REQ, [stays.id, goes.id, moves.id])
        assert found == {stays.id: found[stays.id], goes.id: Absence.DELETED, moves.id: Absence.MOVED}
        assert isinstance(found[stays.id], Record)
        assert await jira.delete(REQ, [goes.id]) == [None]


async def test_a_required_field_is_named_with_the_setting_that_fills_it(world: World) -> None:
    world.sandbox.site.required = frozenset({"environment"})
    async with world.connector() as (jira, wire):
        (outcome,) = await jira.create(REQ, [draft(1)])
        assert isinstance(outcome, Refusal)
        assert "environment" in outcome.fields
        assert "defaults" in outcome.message
        assert "POST /issue/bulk" not in wire.names()
    filled = KindSettings(("Story",), "Story", JiraOptions(defaults={"environment": paragraph("Production")}))
    async with world.connector(requirement=filled) as (jira, _):
        assert len(await made(jira)) == 1


async def test_one_refused_draft_does_not_stop_the_others(world: World) -> None:
    async with world.connector() as (jira, _):
        drafts = [draft(1), draft(2, summary="x" * 300), draft(3), draft(4, priority="Cosmic"), draft(5)]
        outcomes = await jira.create(REQ, drafts)
        assert [type(o).__name__ for o in outcomes] == ["Written", "Refusal", "Written", "Refusal", "Written"]
        markers = [o.record.marker for o in outcomes if isinstance(o, Written)]
        assert markers == ["REQ-1", "REQ-3", "REQ-5"]
        assert [list(o.fields) for o in outcomes if isinstance(o, Refusal)] == [["summary"], ["priority"]]


async def test_a_task_stands_under_its_requirement(world: World) -> None:
    async with world.connector() as (jira, _):
        (parent,) = await made(jira)
        fields = {"summary": "Look", "description": None, "status": "To Do", "parent": parent.id}
        lone = {**fields, "parent": None}
        done, refused = await jira.create(TASK, [Draft("TSK-1", fields), Draft("TSK-2", lone)])
        assert isinstance(done, Written)
        assert done.record.fields["parent"] == parent.id
        assert isinstance(refused, Refusal)
        assert "parent" in refused.fields
        assert [r.id for r in records(await pages(jira, kind=TASK))] == [done.record.id]
        assert [r.id for r in records(await pages(jira))] == [parent.id]


async def test_the_project_is_described(world: World) -> None:
    async with world.connector() as (jira, _):
        told = await jira.describe()
        assert "Story" in told.types[REQ]
        assert told.types[TASK] == ("Sub-task",)
        assert set(told.choices(REQ, "status")) >= {"To Do", "In Progress", "Done"}
        assert "Highest" in told.choices(REQ, "priority")
        assert "Ana Lima" in {person.name for person in told.people}
        assert {f.name for f in told.fields[REQ] if f.required} >= {"summary"}


async def test_bursts_are_waited_out(world: World) -> None:
    async with world.connector() as (jira, _):
        world.sandbox.faults = Faults.model_validate({"rate_limit": {"requests": 1, "per_s": 0.2}})
        slept: list[float] = []

        async def nap(seconds: float) -> None:
            slept.append(seconds)
            await asyncio.sleep(min(seconds, 0.2))

        jira.setup.network.__dict__["sleep"] = nap
        assert len(await made(jira, 3)) == 3
        assert slept


@pytest.mark.data
async def test_every_request_is_as_the_service_describes_it(world: World) -> None:
    if not SPEC.exists():
        pytest.skip("the service's API description is not beside the project")
    async with world.connector() as (jira, wire):
        await jira.describe()
        created = await made(jira, 3, status="Done", priority="High", duedate="2026-12-01")
        await jira.update(
            REQ,
            [Patch(r.id, {"summary": "New", "labels": ["a"], "assignee": None, "duedate": None}, r) for r in created],
        )
        await jira.fetch(REQ, [created[0].id, "999999"])
        cursor = (await pages(jira))[-1].cursor
        await pages(jira, cursor)
        await jira.find(REQ, ["REQ-1", "REQ-50"])
        await jira.delete(REQ, [created[0].id])
        assert _problems(OpenApi(SPEC), wire.sent) == []


def _problems(api: OpenApi, sent: list[httpx.Request]) -> list[str]:
    check: Callable[..., list[str]] = api.check_request
    return [
        problem
        for r in sent
        for problem in check(
            r.method,
            urlsplit(str(r.url)).path,
            parse_qsl(urlsplit(str(r.url)).query),
            {k.lower(): v for k, v in r.headers.items()},
            r.content,
        )
    ]


async def test_a_rescan_is_due_every_hour_and_then_no_more(world: World) -> None:
    async with world.connector() as (jira, wire):
        await made(jira, 1)
        cursor = (await pages(jira, (await pages(jira))[-1].cursor))[-1].cursor
        world.pass_time(RESCAN_EVERY_MS / 1000 + 1)
        wire.sent.clear()
        cursor = (await pages(jira, cursor))[-1].cursor
        assert str(cursor["mark"] - OVERLAP_MS) not in wire.sent[0].content.decode()
        wire.sent.clear()
        await pages(jira, cursor)
        assert str(cursor["mark"] - OVERLAP_MS) in wire.sent[0].content.decode()


async def test_a_record_without_its_extra_can_still_change_its_status(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await made(jira)
        wire.sent.clear()
        bare = replace(record, extra={})
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"status": "In Progress"}, bare)])
        assert isinstance(outcome, Written)
        assert len(wire.sent) == 2


async def test_on_a_bad_day_every_draft_becomes_exactly_one_issue(world: World) -> None:
    bad_day = {
        "drop_after_commit": {"share": 0.2},
        "errors": {"status": 503, "share": 0.1},
        "disconnect": {"share": 0.05},
    }
    async with world.connector() as (jira, _):
        wanted = {f"REQ-{n}": draft(n, status="In Review") for n in range(120)}
        await jira.describe()
        world.sandbox.faults = Faults.model_validate(bad_day)
        for _round in range(20):
            if not wanted:
                break
            outcomes = dict(zip(list(wanted), await jira.create(REQ, list(wanted.values())), strict=True))
            made = {m for m, o in outcomes.items() if isinstance(o, Written | Refusal) and o.record}
            lost = [m for m, o in outcomes.items() if isinstance(o, Unknown)]
            found = await jira.find(REQ, lost) if lost else {}
            wanted = {m: d for m, d in wanted.items() if m not in made | found.keys()}
        world.sandbox.faults = Faults()
        assert not wanted
    markers = [issue["properties"]["requirement-hub"]["key"] for issue in world.sandbox.state()["issues"]]
    assert len(markers) == len(set(markers)) == 120


def test_the_connector_is_offered_to_the_hub_with_its_sandbox() -> None:
    offered: list[Any] = []
    hub_jira.register_connectors(register=offered.append)
    assert offered == [JiraConnector]
    assert isinstance(JiraConnector.sandbox(seed=3), JiraSandbox)
