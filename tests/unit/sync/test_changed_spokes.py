"""Spokes that join a running sync, leave it and come back, and what each takes part in changed meanwhile."""

from pathlib import Path
from typing import Any

import pytest

from hub.model import Kind
from hub.sync import Report
from tests.unit.sync.many import BOTH_WAYS, Many
from tests.unit.sync.two import ends

NAMES = ("left", "middle", "right")


@pytest.fixture
def many(tmp_path: Path) -> Many:
    return Many(tmp_path, NAMES)


def leave(many: Many, name: str) -> dict[str, Any]:
    """Take a spoke out of the sync; what its table said."""
    return many.kinds.pop(name)


def shows(many: Many, name: str, field: str = "title") -> list[Any]:
    return sorted(str(state.fields.get(field)) for state in many[name].present(Kind.REQUIREMENT))


def writes_to(report: Report, *names: str) -> list[int]:
    return [report.spokes[name]["writes"] for name in names]


async def test_a_spoke_that_joins_gets_copies_of_everything_and_nothing_else_is_written(many: Many) -> None:
    table = leave(many, "right")
    for number in range(3):
        many["left"].add(title=f"T{number}", labels=["a"], due="2026-05-01")
    await many.sync()
    many.kinds["right"] = table
    report = await many.sync()
    assert (ends(report, "right"), writes_to(report, "left", "middle")) == ({"created": 3}, [0, 0])
    assert shows(many, "right") == ["T0", "T1", "T2"]
    assert (await many.sync()).writes == 0


async def test_what_a_spoke_that_joins_has_already_is_taken_up_where_it_originates(many: Many) -> None:
    table = leave(many, "right")
    many["left"].add(title="Known")
    many["right"].add(title="Found there")
    await many.sync()
    many.kinds["right"] = table
    report = await many.sync()
    assert ends(report, "right") == {"imported": 1, "created": 1}
    assert shows(many, "left") == shows(many, "middle") == ["Found there", "Known"]


async def test_what_a_spoke_that_joins_has_already_is_no_twin_once_it_was_linked(many: Many) -> None:
    table = leave(many, "right")
    many["left"].add(title="Export", due="2026-05-01")
    there = many["right"].add(title="Export", status="Review")
    await many.sync()
    many.kinds["right"] = table
    with many.hub() as hub:
        await hub.link("REQ-1", "right", there)
    await many.sync()
    assert [len(shows(many, name)) for name in NAMES] == [1, 1, 1]
    assert shows(many, "right", "due") == ["2026-05-01"]
    assert (await many.sync()).writes == 0


async def test_a_spoke_that_joins_without_originating_brings_nothing(many: Many) -> None:
    leave(many, "right")
    many["left"].add(title="Known")
    many["right"].add(title="Of no concern")
    await many.sync()
    many.kinds["right"] = {"requirement": {"originates": False, "creates": True}}
    await many.sync()
    assert (shows(many, "left"), shows(many, "right")) == (["Known"], ["Known", "Of no concern"])


async def test_a_spoke_that_left_is_neither_read_nor_written_and_the_others_go_on(many: Many) -> None:
    one = many["left"].add(title="One")
    await many.sync()
    leave(many, "right")
    calls = many["right"].calls.total()
    many["left"].edit(one, title="Two")
    many["right"].edit("1", title="Nobody hears", by="bo")
    report = await many.sync()
    assert (report.outcome, many["right"].calls.total()) == ("done", calls)
    assert (shows(many, "middle"), shows(many, "right")) == (["Two"], ["Nobody hears"])
    with many.hub() as hub:
        assert set(hub.detail("REQ-1")["bindings"]) == set(NAMES)


async def test_a_spoke_that_comes_back_merges_what_was_done_on_both_sides_meanwhile(many: Many) -> None:
    one = many["left"].add(title="One", body="first\n\nsecond")
    other = many["left"].add(title="Other")
    await many.sync()
    table = leave(many, "right")
    many["left"].edit(one, title="One more", body="first, edited\n\nsecond")
    many["right"].edit("1", due="2026-05-01", by="bo")
    many["left"].edit(other, labels=["urgent"])
    await many.sync()
    many.kinds["right"] = table
    report = await many.sync()
    assert report.outcome == "done"
    for name in NAMES:
        assert (shows(many, name), shows(many, name, "due")) == (["One more", "Other"], ["2026-05-01", "None"])
        assert "['urgent']" in shows(many, name, "labels")
    assert len(many["right"].present(Kind.REQUIREMENT)) == 2
    assert (await many.sync()).writes == 0


async def test_a_spoke_that_comes_back_with_other_names_is_rebased_before_it_is_judged(many: Many) -> None:
    many.kinds["right"]["status"] = {"new": "New", "in_progress": "In Progress", "otherwise": {"write": "Review"}}
    one = many["left"].add(title="One", status="In Progress")
    await many.sync()
    table = leave(many, "right")
    many["left"].edit(one, status="Delivered")
    await many.sync()
    table["status"] = {"new": "New", "delivered": "In Progress", "otherwise": {"write": "Review"}}
    many.kinds["right"] = table
    report = await many.sync()
    assert (report.outcome, report.writes) == ("done", 0)
    assert shows(many, "left", "status") == ["Delivered"]


async def test_a_conflict_with_a_spoke_that_left_is_settled_among_those_that_stayed(many: Many) -> None:
    many.rules = {"title": "ask"}
    one = many["left"].add(title="One")
    await many.sync()
    many["middle"].edit("1", title="By middle", by="ann")
    many["right"].edit("1", title="By right", by="bo")
    assert (await many.sync()).outcome == "problems"
    table = leave(many, "right")
    report = await many.sync()
    assert (report.outcome, shows(many, "left")) == ("done", ["By middle"])
    with many.hub() as hub:
        assert hub.conflicts() == []
    many["left"].edit(one, title="By left")
    await many.sync()
    many.kinds["right"] = table
    report = await many.sync()
    with many.hub() as hub:
        (hold,) = hub.conflicts()
    assert {each["connection"] for each in hold["candidates"]} == {"left", "right"}


async def test_a_conflict_in_which_only_a_spoke_that_left_contends_waits_for_nobody(many: Many) -> None:
    many.rules = {"title": "ask"}
    one = many["left"].add(title="One")
    await many.sync()
    many["left"].edit(one, title="By left")
    await many.sync()
    table = leave(many, "right")
    many["left"].edit(one, title="By left again")
    await many.sync()
    many["right"].edit("1", title="By right", by="bo")
    many.kinds["right"] = table
    assert (await many.sync()).outcome == "problems"
    leave(many, "right")
    assert (await many.sync()).outcome == "done"
    with many.hub() as hub:
        assert hub.conflicts() == []


# What a spoke takes part in.


async def test_leaving_the_filter_deletes_nothing_and_entering_it_makes_a_copy(many: Many) -> None:
    vip = many["left"].add(title="Vip", labels=["vip"])
    many["left"].add(title="Plain", labels=["plain"])
    await many.sync()
    many.kinds["right"]["requirement"]["where"] = {"labels": ["vip", "gold"]}
    many["left"].edit(vip, title="Very important")
    await many.sync()
    assert shows(many, "right") == ["Plain", "Very important"]
    plain = many["left"].add(title="Silver", labels=["silver"])
    await many.sync()
    assert shows(many, "right") == ["Plain", "Very important"]
    many.kinds["right"]["requirement"]["where"] = {"labels": ["silver"]}
    report = await many.sync()
    assert (ends(report, "right").get("created"), writes_to(report, "left", "middle")) == (1, [0, 0])
    assert shows(many, "right") == ["Plain", "Silver", "Very important"]
    many["left"].edit(vip, title="Not for right any more")
    many["left"].edit(plain, title="Silver again")
    report = await many.sync()
    assert shows(many, "right") == ["Plain", "Silver again", "Very important"]
    assert ends(report, "right")["ignored"] == 1


async def test_a_spoke_that_creates_from_now_on_gets_what_was_there_before(many: Many) -> None:
    many.kinds["right"] = {"requirement": {"originates": True, "creates": False}}
    many["left"].add(title="One")
    await many.sync()
    assert shows(many, "right") == []
    many.kinds["right"] = {"requirement": dict(BOTH_WAYS)}
    report = await many.sync()
    assert (shows(many, "right"), writes_to(report, "left", "middle")) == (["One"], [0, 0])
    many.kinds["right"] = {"requirement": {"originates": True, "creates": False}}
    many["left"].add(title="Two")
    await many.sync()
    assert shows(many, "right") == ["One"]


async def test_a_spoke_that_originates_from_now_on_gives_what_it_had_before(many: Many) -> None:
    many.kinds["right"] = {"requirement": {"originates": False, "creates": True}}
    many["right"].add(title="There before")
    await many.sync()
    assert shows(many, "left") == []
    many.kinds["right"] = {"requirement": dict(BOTH_WAYS)}
    await many.sync()
    assert shows(many, "left") == ["There before"]


async def test_a_wider_filter_gives_what_it_had_left_out_before(many: Many) -> None:
    many.kinds["right"]["requirement"] = {**BOTH_WAYS, "where": {"labels": ["vip"]}}
    many["right"].add(title="Vip", labels=["vip"])
    many["right"].add(title="Gold", labels=["gold"])
    await many.sync()
    assert shows(many, "left") == ["Vip"]
    many.kinds["right"]["requirement"] = {**BOTH_WAYS, "where": {"labels": ["vip", "gold"]}}
    await many.sync()
    assert shows(many, "left") == ["Gold", "Vip"]
