"""Taking back a held run: what it would have deleted lives on, and is made again where somebody had deleted it."""

from pathlib import Path

from hub.sync import Report
from tests.unit.sync.two import Two


async def _deleted(two: Two, count: int) -> list[str]:
    """Two services in step with 40 records each, where a deletion goes on to the other; *count* are deleted in one."""
    for spoke in two.spokes.values():
        spoke["on_delete"] = "delete"
    records = [two.left.add(title=f"need {number}") for number in range(40)]
    await two.sync()
    for record in records[:count]:
        two.left.remove(record)
    return records


def _nothing_left(report: Report) -> list[str]:
    return [problem["message"] for problem in report.problems if "is left to be taken back" in problem["message"]]


async def test_deletions_that_were_held_are_taken_back_instead_of_carried_out(tmp_path: Path) -> None:
    two = Two(tmp_path)
    await _deleted(two, 30)
    held = await two.sync(full=True)
    assert held.outcome == "held"
    with two.hub() as hub:
        undone = await hub.undo(held.run)
    assert not _nothing_left(undone)
    for _ in range(2):
        last = await two.sync()
    assert (last.outcome, last.writes) == ("done", 0)
    assert sorted(two.shows(two.left)) == sorted(two.shows(two.right)) == sorted(f"need {n}" for n in range(40))


async def test_a_plan_that_a_later_one_has_taken_the_place_of_can_still_be_taken_back(tmp_path: Path) -> None:
    two = Two(tmp_path)
    records = await _deleted(two, 20)
    first = await two.sync(full=True)
    for record in records[20:35]:
        two.left.remove(record)
    later = await two.sync(full=True)
    assert (first.outcome, later.outcome) == ("held", "held")
    with two.hub() as hub:
        undone = await hub.undo(first.run)
    assert [problem["message"] for problem in undone.problems] == [
        "20 that were to be deleted live on, and are made again where they were: hub sync both"
    ]
    again = await two.sync()
    assert again.outcome == "held", "what was deleted since still waits"
    assert {entry["operation"] for entry in again.plan or ()} == {"delete", "create"}
    with two.hub() as hub:
        await hub.undo(later.run)
        assert _nothing_left(await hub.undo(later.run))
    last = await two.sync()
    assert last.outcome == "done"
    assert sorted(two.shows(two.left)) == sorted(two.shows(two.right)) == sorted(f"need {n}" for n in range(40))


async def test_what_was_approved_and_deleted_is_not_brought_back_by_a_plan_that_was_held_before(tmp_path: Path) -> None:
    two = Two(tmp_path)
    records = await _deleted(two, 20)
    first = await two.sync(full=True)
    two.left.remove(records[20])
    later = await two.sync(full=True)
    with two.hub() as hub:
        await hub.approve(later.run)
        assert _nothing_left(await hub.undo(first.run))
    await two.sync()
    assert sorted(two.shows(two.right)) == sorted(f"need {n}" for n in range(21, 40))
