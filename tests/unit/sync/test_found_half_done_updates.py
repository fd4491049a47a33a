"""An update that is broken off half-way: what is done of it is nobody's edit, and the rest is still owed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hub.errors import AnswerLost, ServiceDown
from hub.model import Kind
from hub.sdk.records import Outcome, Patch, Refusal
from hub.testing import Fault, MemoryConnector
from hub.testing.service import HUB
from tests.unit.sync.two import Two


async def bound(two: Two, **fields: Any) -> None:
    """One requirement that both have."""
    two.left.add(title="one", **fields)
    await two.sync()


def told(two: Two, field: str) -> list[tuple[str, Any]]:
    """Who set a field to what, by the history."""
    with two.hub() as hub:
        return [(event["connection"], event["new"]) for event in hub.store.history("REQ-1", field)]


async def lose_an_update(two: Two, skip: int = 0) -> None:
    """After so many requests no answer comes any more, and the service is not there to be asked."""
    two.right.faults.append(Fault("update", AnswerLost("gone"), skip=skip))
    two.right.faults.append(Fault("fetch", ServiceDown("down"), skip=1, times=8))
    await two.sync()
    two.right.faults.clear()


@pytest.mark.parametrize("tells_history", [True, False])
@pytest.mark.parametrize("ending", [AnswerLost("gone"), ServiceDown("down"), RuntimeError("killed")])
async def test_a_step_on_the_way_to_a_status_is_not_taken_for_the_status(
    tmp_path: Path, ending: Exception, tells_history: bool
) -> None:
    two = Two(tmp_path)
    two.right.stepwise, two.right.tells_history = True, tells_history
    await bound(two)
    two.left.edit("1", status="Review")
    two.right.faults.append(Fault("update", ending, skip=1))
    for _ in range(2):
        await two.sync()
    assert "Clarifying" in [state.fields["status"] for state in two.right.states["1"]]
    assert two.shows(two.left, "status") == two.shows(two.right, "status") == ["Review"]
    assert told(two, "status") == [("left", "review")]


async def test_a_step_on_the_way_that_has_no_name_here_is_no_problem(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.spokes["right"]["status"] = {"new": "New", "review": "Review"}
    two.right.stepwise = True
    await bound(two)
    two.left.edit("1", status="Review")
    await lose_an_update(two, skip=1)
    assert two.shows(two.right, "status") == ["Clarifying"]
    report = await two.sync()
    assert (two.shows(two.right, "status"), report.problems) == (["Review"], ())


async def test_what_is_wanted_no_more_is_taken_back_though_only_a_step_towards_it_was_done(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.right.stepwise = True
    await bound(two)
    two.left.edit("1", status="Review")
    await lose_an_update(two, skip=1)
    two.left.edit("1", status="New")
    await two.sync()
    assert two.shows(two.left, "status") == two.shows(two.right, "status") == ["New"]


async def test_an_older_value_that_we_wrote_is_not_taken_for_the_newer_one(tmp_path: Path) -> None:
    """The first update arrives only when the second is under way, which itself never does."""
    two = Two(tmp_path)
    await bound(two)
    two.left.edit("1", title="three")
    await lose_an_update(two)
    two.right.edit("1", by=HUB.id, title="two")
    await two.sync()
    assert two.shows(two.left) == two.shows(two.right) == ["three"]
    assert told(two, "title") == [("left", "one"), ("left", "three")]


@pytest.mark.parametrize("done", [["ours", "theirs"], ["ours", "theirs", "old"]])
async def test_a_label_beside_ours_is_somebodys_though_we_wrote_last(tmp_path: Path, done: list[str]) -> None:
    two = Two(tmp_path)
    await bound(two, labels=["old"])
    two.left.edit("1", labels=["ours"])
    await lose_an_update(two)
    two.right.edit("1", labels=["old", "theirs"])
    two.right.edit("1", by=HUB.id, labels=done)
    for _ in range(2):
        await two.sync()
    for service in (two.left, two.right):
        assert set(two.shows(service, "labels")[0]) == {"ours", "theirs"}


async def test_labels_that_were_set_only_in_part_are_completed(tmp_path: Path) -> None:
    two = Two(tmp_path)
    await bound(two, labels=["old"])
    two.left.edit("1", labels=["a", "b"])
    await lose_an_update(two)
    two.right.edit("1", by=HUB.id, labels=["a"])
    for _ in range(2):
        await two.sync()
    for service in (two.left, two.right):
        assert set(two.shows(service, "labels")[0]) == {"a", "b"}


async def test_where_a_refused_way_ended_is_nobodys_edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two = Two(tmp_path)

    async def half_way(self: MemoryConnector, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        (patch,) = patches
        self.service.edit(patch.id, by=HUB.id, status="Clarifying")
        found = await self.fetch(kind, [patch.id])
        return [Refusal("no way leads on from here", {}, found[patch.id])]  # type: ignore[arg-type]

    await bound(two)
    two.left.edit("1", status="Review")
    with monkeypatch.context() as patched:
        patched.setattr(MemoryConnector, "update", half_way)
        await two.sync()
        await two.sync()
    assert two.shows(two.left, "status") == ["Review"]
    assert told(two, "status") == [("left", "review")]
    with two.hub() as hub:
        assert not hub.store.intents("right", Kind.REQUIREMENT, "update")
    two.left.edit("1", status="Delivered")
    await two.sync()
    assert two.shows(two.right, "status") == ["Delivered"]
