"""What became of an update is no question any more once its copy was deleted."""

from pathlib import Path

from hub.errors import AnswerLost
from hub.model import Kind
from hub.testing import Fault
from tests.unit.sync.two import Two


async def test_a_copy_that_was_deleted_leaves_no_open_update(tmp_path: Path) -> None:
    two = Two(tmp_path)
    one = two.left.add(title="one")
    await two.sync()
    two.left.edit(one, title="two")
    two.right.faults.append(Fault("update", AnswerLost("gone"), times=8))
    await two.sync()
    two.right.remove("1")
    for _ in range(3):
        await two.sync(full=True)
    with two.hub() as hub:
        assert hub.store.intents("right", Kind.REQUIREMENT, "update") == {}
