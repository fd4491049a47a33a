"""The breaker: a copy that is written again and again is left alone until a person has another try."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.config import Breaker
from hub.model import Kind
from hub.store import Write
from hub.sync.breaker import counts_from, is_fought_over, sentence
from tests.unit.sync.two import Two, ends

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEN = timedelta(minutes=10)


def write(minute: int, before: Any, after: Any) -> Write:
    fields = {"status": {"from": before, "to": after}}
    return Write("R-1", "left", Kind.REQUIREMENT, "1", "REQ-1", "update", NOON + timedelta(minutes=minute), fields)


def test_the_ninth_write_within_ten_minutes_is_one_too_many() -> None:
    assert [is_fought_over(Breaker(), count) for count in (0, 7, 8, 20)] == [False, False, True, True]


@pytest.mark.parametrize(("forgotten", "expected"), [(None, NOON - TEN), (NOON - 2 * TEN, NOON - TEN), (NOON, NOON)])
def test_what_was_written_before_another_try_does_not_count(forgotten: datetime | None, expected: datetime) -> None:
    assert counts_from(Breaker(), NOON, forgotten) == expected


def test_the_sentence_tells_the_last_writes_and_the_way_out() -> None:
    writes = [write(n, "new", "x" * 60) for n in range(5)]
    said = sentence(Breaker(), "REQ-1", writes)
    assert said.startswith("was written 5 times within 10 minutes")
    assert "12:00:00" not in said
    assert f"12:01:00 status new → {'x' * 39}…; 12:02:00" in said
    assert said.endswith("hub retry REQ-1")


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


async def quarrel(two: Two) -> None:
    """Two automations that fight over the title until the breaker falls."""
    two.left.add(title="Zero")
    await two.sync()
    for number in range(8):
        two.right.edit("1", title=f"Right {number}", by="robot")
        assert (await two.sync()).writes == 1


async def test_a_fight_is_stopped_shown_and_goes_on_only_when_somebody_says_so(two: Two) -> None:
    await quarrel(two)
    two.right.edit("1", title="Right again", by="robot")
    report = await two.sync()
    assert (report.outcome, report.writes, ends(report, "left")) == ("problems", 0, {"blocked": 1})
    (problem,) = report.problems
    assert (problem["key"], problem["spoke"]) == ("REQ-1", "left")
    assert "was written 8 times within 10 minutes" in problem["message"]
    assert "09:09:00 title Right 6 → Right 7" in problem["message"]
    with two.hub() as hub:
        assert hub.status()["syncs"]["both"]["blocked"] == 1
    two.clock.later(3600)
    two.right.edit("1", title="Right an hour later", by="robot")
    assert (await two.sync()).writes == 0
    with two.hub() as hub:
        (tried,) = hub.retry("REQ-1")
    assert (tried["what"], tried["connection"]) == ("write", "left")
    assert ((await two.sync()).outcome, two.shows(two.left)) == ("done", ["Right an hour later"])
    with two.hub() as hub:
        assert (hub.status()["syncs"]["both"]["blocked"], hub.retry()) == (0, [])


async def test_after_another_try_only_later_writes_count(two: Two) -> None:
    await quarrel(two)
    two.right.edit("1", title="Right again", by="robot")
    assert (await two.sync()).writes == 0
    with two.hub() as hub:
        hub.retry("REQ-1")
    assert [(await _renamed(two, n)) for n in range(9)] == [1] * 8 + [0]


async def _renamed(two: Two, number: int) -> int:
    two.right.edit("1", title=f"Once more {number}", by="robot")
    two.clock.later(-30)
    return (await two.sync()).writes


async def test_edits_of_a_stopped_copy_are_still_taken_in(two: Two) -> None:
    await quarrel(two)
    two.right.edit("1", title="Right again", by="robot")
    await two.sync()
    two.left.edit("1", body="By hand")
    assert (await two.sync()).outcome == "problems"
    assert two.shows(two.right, "body") == ["By hand"]


async def test_slow_work_and_other_copies_are_no_fight(two: Two) -> None:
    for number in range(20):
        two.left.add(title=f"T{number}")
    await two.sync()
    for number in range(12):
        two.clock.later(60)
        two.right.edit("1", title=f"Slowly {number}", by="bo")
        two.right.edit(str(number + 2), title=f"Another {number}", by="bo")
        assert (await two.sync()).outcome == "done"


async def test_the_limits_are_those_of_the_sync(two: Two) -> None:
    two.breaker = {"writes": 2, "within": "1h"}
    two.left.add(title="Zero")
    await two.sync()
    assert [await _renamed(two, n) for n in range(3)] == [1, 1, 0]
    two.breaker = {"writes": 20, "within": "1h"}
    with two.hub() as hub:
        hub.retry()
    assert (await two.sync()).writes == 1


async def test_counting_costs_one_query_a_batch(two: Two) -> None:
    for number in range(60):
        two.left.add(title=f"T{number}")
    await two.sync()
    for state in two.right.present(Kind.REQUIREMENT):
        two.right.edit(state.id, title=f"New {state.id}", by="bo")
    two.clock.later()
    with two.hub() as hub:
        asked: list[str] = []
        hub.store.db.conn.set_trace_callback(lambda sql: asked.append(sql) if "FROM writes" in sql else None)
        report = await hub.sync("both")
    assert report.writes == 60
    assert len([sql for sql in asked if "GROUP BY remote" in sql]) <= 2
    assert not [sql for sql in asked if "ORDER BY at, id" in sql]
