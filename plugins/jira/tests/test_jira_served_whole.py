"""The connector as a whole: bad days, lost answers, limits, and the service's own description of its API."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import hub_jira
import pytest
from hub_jira.connector import JiraConnector
from hub_jira.sandbox import JiraSandbox

from hub.sdk import Patch, Refusal, Unknown, Written
from hub.sdk.sandbox import Faults
from hub.testing import marked
from hub.testing.openapi import OpenApi
from plugins.jira.tests.served import COMMENT, FILE, REQ, SPEC, World, draft, made, pages


async def test_a_lost_answer_to_a_create_is_unknown_and_the_marker_tells(world: World) -> None:
    async with world.connector() as (jira, _):
        await jira.describe()
        await made(jira)
        world.sandbox.faults = Faults.model_validate({"drop_after_commit": {"share": 1}})
        outcomes = await jira.create(REQ, [draft(n) for n in (5, 6)])
        assert all(isinstance(o, Unknown) for o in outcomes)
        world.sandbox.faults = Faults()
        assert set(await jira.find(REQ, marked(["REQ-5", "REQ-6"]))) == {"REQ-5", "REQ-6"}


async def test_a_lost_answer_to_a_transition_is_looked_up(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await made(jira)
        wire.sent.clear()
        world.sandbox.faults = Faults.model_validate({"drop_after_commit": {"share": 1}})
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"status": "In Progress"}, record)])
        assert isinstance(outcome, Written)
        assert [name.split()[0] for name in wire.names()] == ["POST", "GET"]


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
async def test_every_request_is_as_the_service_describes_it(world: World, tmp_path: Path) -> None:
    if not SPEC.exists():
        pytest.skip("the service's API description is not beside the project")
    async with world.connector(**world.everything()) as (jira, wire):
        await jira.describe()
        created = await made(jira, 3, status="Done", priority="High", duedate="2026-12-01")
        await jira.update(
            REQ,
            [Patch(r.id, {"summary": "New", "labels": ["a"], "assignee": None, "duedate": None}, r) for r in created],
        )
        await jira.fetch(REQ, [created[0].id, "999999"])
        cursor = (await pages(jira))[-1].cursor
        await pages(jira, cursor)
        await jira.find(REQ, marked(["REQ-1", "REQ-50"]))
        drafts = [world.said(created[1].id, "One"), world.file(created[1].id, tmp_path / "a.txt", b"a" * 5_000_000)]
        (said,) = await jira.create(COMMENT, drafts[:1])
        (file,) = await jira.create(FILE, drafts[1:])
        assert isinstance(said, Written)
        assert isinstance(file, Written)
        for kind, shown in ((COMMENT, said.record), (FILE, file.record)):
            await pages(jira, kind=kind)
            await jira.fetch(kind, [shown.id, f"{created[1].id}/999999"])
            await jira.find(kind, drafts)
        await jira.update(COMMENT, [Patch(said.record.id, {"body": world.text("Two")}, said.record)])
        assert b"".join([piece async for piece in jira.download(file.record.id)])
        await jira.delete(COMMENT, [said.record.id])
        await jira.delete(FILE, [file.record.id])
        await jira.delete(REQ, [created[0].id])
        # What redirects lead to is no part of the description; an upload is gone once it is sent.
        wire.sent = [r for r in wire.sent if "/rest/" in r.url.path and not r.url.path.endswith("/attachments")]
        assert _problems(OpenApi(SPEC), wire.sent) == []


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
            found = await jira.find(REQ, marked(lost)) if lost else {}
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
