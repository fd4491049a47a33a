"""Found by worlds with a strict guard: runs held in vain, held twice, or not held at all."""

from pathlib import Path

import pytest

from hub.errors import AnswerLost, ServiceDown
from hub.sdk.records import Absence
from hub.testing import Fault
from tests.unit.sync.test_guard import KIND, approve, filled, on_right
from tests.unit.sync.two import Two


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


async def test_nobody_is_asked_about_copies_that_are_gone(two: Two) -> None:
    """What has been moved elsewhere is told by no list of changes, and a plan without it could never be carried out."""
    await filled(two)
    for state in two.left.present(KIND)[:30]:
        two.left.remove(state.id, why=Absence.MOVED)
    on_right(two, lambda one: two.right.edit(one, status="New", by="bo"), 30)
    report = await two.sync()
    assert (report.outcome, report.writes) == ("done", 0)
    assert "was moved elsewhere, and is no longer kept in step" in report.problems[0]["message"]


async def test_copies_that_can_be_seen_again_are_weighed_with_all_that_happened_meanwhile(two: Two) -> None:
    await filled(two)
    hidden = [state.id for state in two.left.present(KIND)[:30]]
    for one in hidden:
        two.left.remove(one, why=Absence.HIDDEN)
    on_right(two, lambda one: two.right.edit(one, body="", by="bo"), 30)
    assert (await two.sync(full=True)).writes == 0
    two.left.absent.clear()
    report = await two.sync(full=True)
    assert (report.outcome, report.writes) == ("held", 0)
    assert "would empty fields of 30 of 50 copies in left" in report.problems[0]["message"]


async def test_what_is_half_done_of_what_was_approved_is_not_asked_about_again(two: Two) -> None:
    two.left.stepwise = True
    two.guard = {"writes": {"count": 0, "share": 0.0}}
    await filled(two, 1)
    on_right(two, lambda one: two.right.edit(one, status="In Progress", by="bo"), 1)
    held = await two.sync()
    two.left.faults.append(Fault("update", AnswerLost("gone"), skip=1))
    two.left.faults.append(Fault("fetch", ServiceDown("down"), skip=2, times=8))
    assert (await approve(two, held.run)).outcome != "done"
    assert two.shows(two.left, "status") not in (["Delivered"], ["In Progress"])
    two.left.faults.clear()
    assert (await two.sync()).outcome == "done"
    assert two.shows(two.left, "status") == ["In Progress"]
