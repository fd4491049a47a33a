"""Comments that were deleted where they were written, while others edited the copies."""

from pathlib import Path
from typing import Any

import pytest

from hub.model import Kind
from tests.unit.sync.two import Two

ALL: dict[str, Any] = {kind.value: {"originates": True, "creates": True} for kind in Kind}


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path, spokes={"left": {**ALL}, "right": {**ALL}}, rules={"default": "ask"})


async def test_a_comment_over_which_people_disagree_outlives_its_deletion(two: Two) -> None:
    need = two.left.add(title="Export")
    said = two.left.say(need, "One")
    await two.sync()
    (copy,) = two.right.present(Kind.COMMENT)
    two.left.edit(said, body="Two")
    two.right.edit(copy.id, body="Three")
    await two.sync()
    two.left.remove(said)
    for _ in range(2):
        report = await two.sync()
    assert [state.fields["body"] for state in two.right.present(Kind.COMMENT)] == ["Three"]
    with two.hub() as hub:
        assert len(hub.listing("comment")) == 1
        (hold,) = hub.conflicts()
        hub.resolve(hold["id"], take="right")
    report = await two.sync()
    assert report.outcome == "done", report.problems
    assert (await two.sync()).writes == 0
    assert [state.fields["body"] for state in two.right.present(Kind.COMMENT)] == ["Three"]


@pytest.mark.parametrize("first", ["left", "right"])
async def test_nobody_is_asked_about_a_comment_that_is_gone_everywhere(two: Two, first: str) -> None:
    said = two.left.say(two.left.add(title="Export"), "One")
    await two.sync()
    (copy,) = two.right.present(Kind.COMMENT)
    two.left.edit(said, body="Two")
    two.right.edit(copy.id, body="Three")
    await two.sync()
    for side in ("left", "right") if first == "left" else ("right", "left"):
        if side == "left":
            two.left.remove(said)
        else:
            two.right.remove(copy.id)
        await two.sync()
    with two.hub() as hub:
        assert hub.conflicts() == []
    assert (await two.sync()).outcome == "done"
