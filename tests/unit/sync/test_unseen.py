"""An edit that one of our writes has replaced unseen becomes a conflict with both values, and none is lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.app import Hub
from hub.mapping import Account
from hub.model import NOTHING, Kind
from hub.sdk.connector import TellsReplaced
from hub.sdk.records import Edit, Outcome, Patch, Touch, Written
from hub.testing import MemoryConnector
from tests.unit.sync.two import Two

BO, HUB = Account("bo", "Bo"), Account("hub", "Hub")


@pytest.fixture
def two(tmp_path: Path) -> Two:
    """A copy on each side, and an edit on the left that is owed to the right."""
    return Two(tmp_path)


def replacing(monkeypatch: pytest.MonkeyPatch, two: Two, value: Any) -> None:
    """The service on the right tells with each write that Bo's *value* of the title was replaced by it."""
    real = MemoryConnector.update

    async def update(self: MemoryConnector, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        outcomes = await real(self, kind, patches)
        edits = [Edit("title", value, Touch(BO, two.clock()))]
        return [replace(each, replaced=edits) if isinstance(each, Written) else each for each in outcomes]

    monkeypatch.setattr(MemoryConnector, "update", update)


async def test_both_values_wait_for_a_person(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    one = two.left.add(title="first")
    await two.sync()
    replacing(monkeypatch, two, "by Bo")
    two.left.edit(one, title="by Ann")
    report = await two.sync()
    assert any("written over" in problem["message"] for problem in report.problems)
    with two.hub() as hub:
        (hold,) = hub.conflicts()
    assert {c["connection"]: c["value"] for c in hold["candidates"]} == {"left": "by Ann", "right": "by Bo"}


async def test_it_keeps_nothing_else_waiting_and_stays_until_it_is_decided(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = two.left.add(title="first")
    await two.sync()
    with monkeypatch.context() as patched:
        replacing(patched, two, "by Bo")
        two.left.edit(one, title="by Ann")
        await two.sync()
    two.left.edit(one, title="by Ann again", due="2026-05-01")
    await two.sync()
    assert (two.shows(two.right), two.shows(two.right, "due")) == (["by Ann again"], ["2026-05-01"])
    with two.hub() as hub:
        (hold,) = hub.conflicts()
        hub.resolve(hold["id"], take="right")
    await two.sync()
    assert two.shows(two.left) == two.shows(two.right) == ["by Bo"]
    with two.hub() as hub:
        assert hub.conflicts() == []


async def test_who_changed_it_stands_in_the_history_where_the_service_does_not_say_to_what(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = two.left.add(title="first")
    await two.sync()
    replacing(monkeypatch, two, NOTHING)
    two.left.edit(one, title="by Ann")
    report = await two.sync()
    assert any("Bo changed it at" in problem["message"] for problem in report.problems)
    with two.hub() as hub:
        assert hub.conflicts() == []
        assert told_by(hub, "Bo") == ["written over unseen"]


async def test_what_only_the_next_reading_tells_becomes_a_conflict_then_and_only_once(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling_later(monkeypatch)
    one = two.left.add(title="first")
    await two.sync()
    two.left.edit(one, title="by Ann")
    await two.sync()
    now = two.clock()
    history = [Edit("title", "by Bo", Touch(BO, now), "first"), Edit("title", "by Ann", Touch(HUB, now), "by Bo")]
    remembering(monkeypatch, two, history)
    for _ in range(2):
        await two.sync(full=True)
        with two.hub() as hub:
            (hold,) = hub.conflicts()
    assert {c["connection"]: c["value"] for c in hold["candidates"]} == {"left": "by Ann", "right": "by Bo"}


async def test_a_write_is_found_in_the_history_of_a_service_whose_clock_is_behind(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling_later(monkeypatch)
    two.right.clock = lambda: two.clock() - timedelta(minutes=5)
    one = two.left.add(title="first")
    await two.sync()
    two.left.edit(one, title="by Ann")
    await two.sync()
    now = two.right.clock()
    history = [
        Edit("title", "by Ann", Touch(HUB, now), "first"),
        Edit("title", "by Bo", Touch(BO, now + timedelta(minutes=3)), "by Ann"),
        Edit("title", "by Ann", Touch(HUB, now + timedelta(minutes=4)), "by Bo"),
    ]
    remembering(monkeypatch, two, history)
    await two.sync(full=True)
    with two.hub() as hub:
        assert hub.conflicts() == []


def telling_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was replaced is told by the next reading."""
    spec = MemoryConnector.kinds[Kind.REQUIREMENT]
    later = {**MemoryConnector.kinds, Kind.REQUIREMENT: replace(spec, tells_replaced=TellsReplaced.LATER)}
    monkeypatch.setattr(MemoryConnector, "kinds", later)


def remembering(monkeypatch: pytest.MonkeyPatch, two: Two, history: Sequence[Edit]) -> None:
    """The service on the right tells this of the past of its record."""
    real = MemoryConnector._record

    def record(self: MemoryConnector, state: Any) -> Any:
        shown = real(self, state)
        return replace(shown, edits=history) if self.service is two.right else shown

    monkeypatch.setattr(MemoryConnector, "_record", record)


def told_by(hub: Hub, who: str) -> list[str]:
    """Why somebody's events stand in the history."""
    return [event["because"] for event in hub.history("REQ-1") if event["who"] == who]
