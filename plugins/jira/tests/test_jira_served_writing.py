"""Writing over real connections: creating, editing and moving issues, and what that costs."""

import time
from dataclasses import replace

from hub_jira.config import JiraOptions

from hub.sdk import Draft, KindSettings, Patch, Record, Refusal, Written
from plugins.jira.tests.served import REQ, TASK, World, draft, made, pages, paragraph, records


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


async def test_a_record_without_its_extra_can_still_change_its_status(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await made(jira)
        wire.sent.clear()
        bare = replace(record, extra={})
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"status": "In Progress"}, bare)])
        assert isinstance(outcome, Written)
        assert len(wire.sent) == 2
