"""What the hub wrote itself, read back late, cut, or from an old note of its own, is nobody's edit."""

from pathlib import Path

import pytest

from hub.errors import AnswerLost, ServiceDown
from hub.testing import Fault
from tests.unit.sync.two import Two


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


async def test_a_record_that_waits_for_a_name_does_not_undo_what_was_written_to_it_since(two: Two) -> None:
    two.left.add(title="Old", status="Somewhere Else")
    await two.sync()
    two.right.edit("1", title="New", by="bo")
    writes = [(await two.sync()).writes for _ in range(4)]
    assert (writes, two.shows(two.left), two.shows(two.right)) == ([1, 0, 0, 0], ["New"], ["New"])


async def test_a_lost_answer_does_not_make_an_edit_of_what_two_names_share(two: Two) -> None:
    two.spokes["right"]["status"] = {"new": "New", "in_progress": "In Progress", "review": "In Progress"}
    one = two.left.add(title="One", status="New")
    await two.sync()
    two.left.edit(one, status="Review")
    two.right.faults.append(Fault("update", AnswerLost("gone"), after=True))
    for _ in range(3):
        await two.sync()
    assert (two.shows(two.left, "status"), two.shows(two.right, "status")) == (["Review"], ["In Progress"])


async def test_a_lost_answer_does_not_beat_an_edit_made_since(two: Two) -> None:
    two.rules["default"] = "prefer:right,left"
    one = two.left.add(title="One")
    await two.sync()
    two.left.edit(one, title="Two")
    two.right.faults.append(Fault("update", AnswerLost("gone"), after=True))
    await two.sync()
    two.left.edit(one, title="Three")
    two.right.faults.append(Fault("changes", ServiceDown("down")))
    await two.sync()
    assert (await two.sync()).outcome == "done"
    assert (two.shows(two.left), two.shows(two.right)) == (["Three"], ["Three"])
