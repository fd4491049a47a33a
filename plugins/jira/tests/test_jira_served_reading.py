"""Reading over real connections: first and later readings, an index that lags, markers, absence."""

from hub_jira.reading import OVERLAP_MS, RESCAN_EVERY_MS

from hub.sdk import Absence, Patch, Phase, Record, Written
from hub.sdk.sandbox import Faults
from hub.testing import marked
from plugins.jira.tests.served import REQ, TASK, World, draft, made, pages, records


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
            found = await other.find(REQ, marked(["REQ-77", "REQ-2"]))
            assert isinstance(late[0], Written)
            assert found["REQ-77"] == [late[0].record.id]
            assert len(found["REQ-2"]) == 1
            assert len(wire.sent) <= 5


async def test_twins_are_given_oldest_first_and_the_missing_left_out(world: World) -> None:
    async with world.connector() as (jira, _):
        one, two = [(await made(jira))[0].id for _ in range(2)]
        assert await jira.find(REQ, marked(["REQ-1", "REQ-99"])) == {"REQ-1": [one, two]}


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


async def test_the_project_is_described(world: World) -> None:
    async with world.connector() as (jira, _):
        told = await jira.describe()
        assert "Story" in told.types[REQ]
        assert told.types[TASK] == ("Sub-task",)
        assert set(told.choices(REQ, "status")) >= {"To Do", "In Progress", "Done"}
        assert told.phases(REQ, "status")["To Do"] is Phase.TODO
        assert told.phases(REQ, "status")["Done"] is Phase.ENDED, "or given up: the category does not say"
        assert "Highest" in told.choices(REQ, "priority")
        assert "Ana Lima" in {person.name for person in told.people}
        assert {f.name for f in told.fields[REQ] if f.required} >= {"summary"}


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
