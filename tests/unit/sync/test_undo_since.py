"""What was changed since a run is left as it is by an undo of it, and told of; also if it is undone once more."""

from pathlib import Path

import pytest

from hub.errors import ServiceDown
from hub.sdk.records import Absence
from hub.testing import Fault
from tests.unit.sync.many import Many, edited, messages


@pytest.fixture
def two(tmp_path: Path) -> Many:
    return Many(tmp_path)


async def test_what_was_changed_since_on_a_copy_is_left_and_listed(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02", "title": "Two"})
    two.clock.later()
    two["right"].edit("1", due="2026-04-04")
    report = await two.undo(run)
    assert two.shows("due") == {"left": ["2026-02-02"], "right": ["2026-04-04"]}
    assert two.shows("title")["right"] == ["One"]
    (listed,) = [p for p in report.problems if p["spoke"] == "right"]
    assert listed["key"] == "REQ-1"
    assert "due is left as it is" in listed["message"]
    assert "2026-02-02" in listed["message"]
    assert "2026-04-04" in listed["message"]
    assert await two.is_quiet()


async def test_everywhere_leaves_what_was_typed_after_the_same_run_had_been_taken_back_before(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    await two.undo(run)
    two["left"].edit("1", due="2026-03-03")
    report = await two.undo(run, everywhere=True)
    assert two.shows("due") == {"left": ["2026-03-03"], "right": ["2026-01-01"]}
    assert "changed to '2026-03-03' since" in messages(report)
    (hold,) = two.holds()
    assert [(c["connection"], c["value"], c["who"]) for c in hold["candidates"]][1:] == [("left", "2026-03-03", "Ann")]


@pytest.mark.parametrize("everywhere", [True, False])
async def test_what_was_typed_again_after_an_undo_is_not_taken_for_what_the_run_wrote(
    two: Many, everywhere: bool
) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    await two.undo(run, everywhere=True)
    assert two.shows("due") == {"left": ["2026-01-01"], "right": ["2026-01-01"]}
    two["right"].edit("1", due="2026-02-02", by="bo")
    report = await two.undo(run, everywhere=everywhere)
    assert two.shows("due") == {"left": ["2026-01-01"], "right": ["2026-02-02"]}
    assert "changed to '2026-02-02' since" in messages(report)


async def test_a_second_undo_leaves_a_copy_in_question_that_cannot_be_seen(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    await two.undo(run)
    two["left"].remove("1", why=Absence.HIDDEN)
    await two.undo(run)
    (hold,) = two.holds()
    assert [c["connection"] for c in hold["candidates"]] == ["hub", "left"]


async def test_a_copy_that_an_undo_makes_differ_is_its_doing_and_nobodys_edit(two: Many) -> None:
    two["left"].add(title="One", due="2026-01-01")
    await two.sync()
    two["right"].faults.append(Fault("update", ServiceDown("down"), times=9))
    two["left"].edit("1", due="2026-02-02")
    await two.sync()
    two["right"].faults.clear()
    spread = await two.sync()
    await two.undo(spread)
    assert two.shows("due") == {"left": ["2026-02-02"], "right": ["2026-01-01"]}
    (hold,) = two.holds()
    (other,) = hold["candidates"][1:]
    assert (other["connection"], other["value"], other["who"]) == ("right", "2026-01-01", hold["candidates"][0]["who"])


async def test_what_was_changed_since_for_all_is_left_everywhere(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02", "title": "Two"})
    two.clock.later()
    two["right"].edit("1", due="2026-04-04")
    await two.sync()
    report = await two.undo(run)
    assert two.shows("due") == {"left": ["2026-04-04"], "right": ["2026-04-04"]}
    assert two.shows("title")["right"] == ["One"]
    assert "due is left as it is: it was set to '2026-02-02', and was changed to '2026-04-04' since" in messages(report)
    assert (report.outcome, await two.is_quiet()) == ("problems", True)


async def test_who_has_edited_it_back_by_hand_already_is_asked_nothing(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    two.clock.later()
    two["left"].edit("1", due="2026-01-01")
    report = await two.undo(run)
    assert two.shows("due") == {"left": ["2026-01-01"], "right": ["2026-01-01"]}
    assert (report.outcome, two.holds(), await two.is_quiet()) == ("done", [], True)


async def test_a_field_that_waits_for_a_person_already_is_left_to_them(two: Many) -> None:
    two.rules["due"] = "ask"
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    two.clock.later()
    two["left"].edit("1", due="2026-03-03")
    two["right"].edit("1", due="2026-04-04")
    await two.sync()
    report = await two.undo(run)
    assert "due is left as it is: it waits for a person: hub resolve H-1" in messages(report)
    assert two.shows("due") == {"left": ["2026-03-03"], "right": ["2026-04-04"]}
