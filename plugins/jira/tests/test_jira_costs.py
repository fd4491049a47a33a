"""What a run with all kinds costs in calls: one reading is shared by those that are read one after another."""

from dataclasses import replace
from typing import Any

import pytest

from hub.sdk import Kind, KindSettings
from plugins.jira.tests.served import COMMENT, FILE, REQ, TASK, World, pages, records

pytestmark = pytest.mark.parametrize("edition", ["cloud", "datacenter"])
ALL = (REQ, TASK, COMMENT, FILE)


async def whole_run(jira: Any, cursors: dict[Kind, Any], *, full: bool = False) -> dict[Kind, list[Any]]:
    """Every kind as the engine reads them; the cursors move on."""
    read = {}
    for kind in ALL:
        found = await pages(jira, cursors.get(kind), full=full, kind=kind)
        read[kind], cursors[kind] = records(found), found[-1].cursor
    return read


def people_fill(world: World, needs: list[str]) -> None:
    """Three comments and a file on every fourth issue, straight into the site: the way there is not what is counted."""
    site = world.sandbox.site
    template = world.comment(needs[0], "Seed").partition("/")[2]
    file = world.upload(needs[0], "a.txt", b"a").partition("/")[2]
    (comment,) = [c for c in site.issues[needs[0]].comments if c.id == template]
    (attached,) = [a for a in site.issues[needs[0]].attachments if a.id == file]
    for number, need in enumerate(needs[1:], 1):
        issue = site.issues[need]
        issue.comments = tuple(replace(comment, id=site.next_id("comment")) for _ in range(3))
        if number % 4 == 0:
            issue.attachments = (replace(attached, id=site.next_id("attachment")),)
        site.touch(issue)


async def test_five_hundred_issues_with_comments_are_read_once_for_all_kinds(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        needs = [record.id for record in await world.made(jira, 500)]
        people_fill(world, needs)
    async with world.connector(**world.everything()) as (jira, wire):
        cursors: dict[Kind, Any] = {}
        read = await whole_run(jira, cursors)
        assert {kind: len(found) for kind, found in read.items()} == {REQ: 500, TASK: 0, COMMENT: 1498, FILE: 125}
        searches = [name for name in wire.names() if "search" in name]
        assert len(searches) <= (5 if not world.is_server else 6)
        # Markers of our own issues are read one by one where a search shows none: 500 of them, once.
        assert len(wire.sent) - len(searches) == (500 if world.is_server else 0)
    world.pass_time(600)
    async with world.connector(**world.everything()) as (jira, wire):
        await whole_run(jira, cursors)
        wire.sent.clear()
        quiet = await whole_run(jira, cursors)
        assert not any(quiet.values())
        assert len(wire.sent) == 1
        wire.sent.clear()
        census = await whole_run(jira, cursors, full=True)
        assert len(census[COMMENT]) == 1498
        assert len(wire.sent) <= 6


async def test_a_change_is_read_once_and_every_kind_is_told(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        cursors: dict[Kind, Any] = {}
        await whole_run(jira, cursors)
    world.pass_time(600)
    said, file = world.comment(need.id, "Now"), world.upload(need.id, "a.txt", b"a")
    async with world.connector(**world.everything()) as (jira, wire):
        read = await whole_run(jira, cursors)
        assert [r.id for r in read[COMMENT]] == [said]
        assert [r.id for r in read[FILE]] == [file]
        assert len([name for name in wire.names() if "search" in name]) == 1
        world.delete_comment(said)
        world.pass_time(5)
        gone = [r for kind in ALL for page in await pages(jira, cursors[kind], kind=kind) for r in page.gone]
        assert gone == [said]


async def test_a_kind_that_was_left_behind_reads_for_itself_and_then_shares_again(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        (need,) = await world.made(jira)
        cursors: dict[Kind, Any] = {}
        await whole_run(jira, cursors)
        world.pass_time(400)
        said = world.comment(need.id, "One")
        behind = dict(cursors)
        cursors[REQ] = (await pages(jira, cursors[REQ]))[-1].cursor
    async with world.connector(**world.everything()) as (jira, wire):
        await pages(jira, cursors[REQ])
        wire.sent.clear()
        found = await pages(jira, behind[COMMENT], kind=COMMENT)
        assert [r.id for r in records(found)] == [said]
        assert len(wire.sent) == 1
        cursors[COMMENT] = found[-1].cursor
        await whole_run(jira, cursors)
        wire.sent.clear()
        await whole_run(jira, cursors)
        assert len(wire.sent) == 1


async def test_what_was_read_before_a_write_is_not_shared_after_it(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, wire):
        (need,) = await world.made(jira)
        cursors: dict[Kind, Any] = {}
        await whole_run(jira, cursors)
        world.pass_time(30)
        cursors[REQ] = (await pages(jira, cursors[REQ]))[-1].cursor
        await jira.create(COMMENT, [world.said(need.id, "Ours")])
        wire.sent.clear()
        assert len(records(await pages(jira, cursors[COMMENT], kind=COMMENT))) == 1
        assert len(wire.sent) == 1


async def test_fields_that_are_named_by_id_cost_a_quiet_run_nothing(world: World) -> None:
    named = {"Contract": "customfield_10201"}
    tables = {**world.everything(), "requirement": KindSettings(("Story",), "Story", custom=named)}
    async with world.connector(**tables) as (jira, _):
        await world.made(jira)
        cursors: dict[Kind, Any] = {}
        await whole_run(jira, cursors)
        world.pass_time(600)
        await whole_run(jira, cursors)
    async with world.connector(**tables) as (jira, wire):
        await whole_run(jira, cursors)
        assert len(wire.sent) == 1
