"""An update without an answer is looked up before anything is judged, whatever our clock says of what came first."""

from datetime import timedelta
from pathlib import Path

import pytest

from hub.errors import AnswerLost, ServiceDown
from hub.model import Kind
from hub.testing import Fault
from tests.unit.sync.two import Two


async def lose_an_update(two: Two, *, done: bool) -> str:
    """A title that is `one` on the left and `two` by now; what became of it on the right is not known."""
    one = two.left.add(title="one")
    await two.sync()
    two.left.edit(one, title="two")
    two.right.faults.append(Fault("update", AnswerLost("gone"), after=done, times=1 if done else 8))
    two.right.faults.append(Fault("fetch", ServiceDown("down"), skip=1, times=8))
    await two.sync()
    two.right.faults.clear()
    assert open_updates(two) == {"REQ-1"}
    return one


def open_updates(two: Two) -> set[str]:
    with two.hub() as hub:
        return set(hub.store.intents("right", Kind.REQUIREMENT, "update"))


def set_back(two: Two, seconds: float) -> None:
    """Set our clock back; those of the services go on."""
    two.clock.later(-seconds)
    two.left.clock = two.right.clock = lambda: two.clock() + timedelta(seconds=seconds)


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("set_back_s", [0, 600])
async def test_it_is_known_what_became_of_it_though_our_clock_was_set_back(
    tmp_path: Path, done: bool, set_back_s: float
) -> None:
    two = Two(tmp_path)
    await lose_an_update(two, done=done)
    set_back(two, set_back_s)
    await two.sync()
    assert open_updates(two) == set()
    assert two.shows(two.left) == two.shows(two.right) == ["two"]
    with two.hub() as hub:
        told = [(e["connection"], e["new"]) for e in hub.store.history("REQ-1", "title")]
    assert told == [("left", "one"), ("left", "two")], "what we wrote ourselves is nobody's edit"


async def test_what_was_never_carried_out_and_is_not_wanted_any_more_is_forgotten(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.right.tells_history = False
    one = await lose_an_update(two, done=False)
    two.left.edit(one, title="one")
    await two.sync()
    assert open_updates(two) == set()
    two.right.edit("1", title="two")
    await two.sync()
    assert two.shows(two.left) == two.shows(two.right) == ["two"], "somebody wants just that by now"


async def test_what_a_copy_shows_is_not_judged_before_that_is_known(tmp_path: Path) -> None:
    two = Two(tmp_path)
    await lose_an_update(two, done=True)
    two.right.faults.append(Fault("fetch", ServiceDown("down"), times=8))
    set_back(two, 600)
    report = await two.sync()
    assert not [problem for problem in report.problems if "add up" in problem["message"]]
    assert open_updates(two) == {"REQ-1"}
    two.right.faults.clear()
    await two.sync()
    assert open_updates(two) == set()
    with two.hub() as hub:
        told = [(e["connection"], e["new"]) for e in hub.store.history("REQ-1", "title")]
        assert not hub.store.waiting("right", Kind.REQUIREMENT)
    assert told == [("left", "one"), ("left", "two")]
