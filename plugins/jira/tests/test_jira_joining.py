"""A reading ends where the newest pages go on with what is known; wherever that is not sure, it goes on."""

from typing import Any

import pytest
from hub_jira.reading import PAGE, joins

from hub.sdk import Kind
from plugins.jira.tests.served import COMMENT, REQ, World, pages, records

FULL: list[list[Any]] = [[str(number), 10_000 - number] for number in range(PAGE)]
FEW = FULL[:5]


def test_what_moved_to_the_top_is_left_out_of_what_is_expected() -> None:
    assert joins([["50", 20_000], *FULL[:50], *FULL[51:]], FULL)
    assert joins([["new", 20_000], *FULL[:-1]], FULL)
    assert joins([["new", 20_000], *FULL[:20]], FULL)


def test_what_an_index_showed_late_may_stand_in_between() -> None:
    assert joins([*FULL[:10], ["late", FULL[10][1]], *FULL[10:-1]], FULL)


def test_nothing_known_is_no_end() -> None:
    assert not joins([[f"new {number}", 20_000] for number in range(PAGE)], FULL)
    assert not joins([], FULL)
    assert not joins([["1", 1]], [])


def test_an_unknown_one_at_the_end_may_be_followed_by_more() -> None:
    assert not joins([*FULL[:-1], ["late", 0]], FULL)


def test_where_something_known_is_missing_everything_is_read() -> None:
    assert not joins([["new", 20_000], *FULL[:30], *FULL[31:]], FULL)


def test_behind_a_short_page_there_can_be_nothing_that_is_known() -> None:
    assert not joins([["new", 20_000], *FEW], FEW)
    assert joins([["new", 20_000], *FEW[:-1]], FEW)


@pytest.mark.parametrize("edition", ["cloud", "datacenter"])
async def test_one_edit_among_many_recent_ones_is_read_in_one_call_and_every_kind_is_told(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, _):
        made = await world.made(jira, 150)
        cursors: dict[Kind, Any] = {}
        for _ in range(2):  # once to read them, and once to find what was made meanwhile
            for kind in (REQ, COMMENT):
                cursors[kind] = (await pages(jira, cursors.get(kind), kind=kind))[-1].cursor
    world.pass_time(1)
    said = world.comment(made[3].id, "Now")
    async with world.connector(**world.everything()) as (jira, wire):
        found = await pages(jira, cursors[REQ])
        assert {record.id for record in records(found)} >= {made[3].id}
        assert len([name for name in wire.names() if "/search" in name]) == 1
        told = await pages(jira, cursors[COMMENT], kind=COMMENT)
        assert [record.id for record in records(told)] == [said]
        assert len([name for name in wire.names() if "/search" in name]) == 1
        wire.sent.clear()
        assert records(await pages(jira, found[-1].cursor)) == []
        assert len(wire.sent) == 1
