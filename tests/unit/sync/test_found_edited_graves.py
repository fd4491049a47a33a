"""Comments that were deleted where they were written, while others edited the copies."""

from pathlib import Path
from typing import Any

import pytest

from hub.errors import ServiceDown
from hub.model import Kind
from hub.testing import Fault
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


async def test_what_is_to_be_deleted_outlives_that_though_the_edit_of_it_cannot_be_read(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.spokes["right"]["on_delete"] = "delete"
    one = two.left.add(title="one")
    await two.sync()
    two.right.remove("1")
    two.left.faults.append(Fault("fetch", ServiceDown("down")))
    await two.sync()
    with two.hub() as hub:
        assert hub.store.buried(["REQ-1"])
    two.left.edit(one, status="Somewhere Else")
    report = await two.sync()
    assert any("lives on" in problem["message"] for problem in report.problems)
    with two.hub() as hub:
        assert not hub.store.buried(["REQ-1"])
    assert two.shows(two.left) == ["one"]
