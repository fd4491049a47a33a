"""A copy that a person has copied, marker and all, while it is made again without an answer."""

from pathlib import Path

from hub.errors import AnswerLost, ServiceDown
from hub.testing import Fault
from tests.unit.sync.two import Two


async def test_of_two_with_the_same_marker_the_hub_takes_the_one_that_it_made(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.spokes["left"]["on_delete"] = "recreate"
    two.right.add(title="One")
    await two.sync()
    two.left.lag_s = 300  # so long, no list tells of the copy
    theirs = two.left.copy("1", by="bo")
    two.left.remove("1")
    two.left.faults.append(Fault("create", AnswerLost("gone"), after=True))
    two.left.faults.append(Fault("find", ServiceDown("down"), times=9))
    await two.sync()
    two.left.faults.clear()
    await two.sync()
    two.clock.later(600)
    await two.sync()
    with two.hub() as hub:
        (first,) = [t.remote for t in hub.store.bindings_of(["REQ-1"])["REQ-1"] if t.connection == "left"]
        (second,) = [t.remote for t in hub.store.bindings_of(["REQ-2"])["REQ-2"] if t.connection == "left"]
    assert (first != theirs, second) == (True, theirs)
