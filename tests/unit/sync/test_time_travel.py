"""Looking back: replaying the history tells what the hub knew at any moment, and who had set it."""

import random
from pathlib import Path
from typing import Any

import pytest

from hub.errors import UsageError
from tests.unit.sync.many import Many
from tests.unit.sync.test_undo_worlds import add, edit, known, world

DEFAULTS = {"status", "audience", "type"}
"""Whoever made a record with these as they are by default has no event of that, if somebody changed them later."""


@pytest.fixture
def two(tmp_path: Path) -> Many:
    return Many(tmp_path)


def blamed(many: Many) -> dict[str, dict[str, Any]]:
    with many.hub() as hub:
        return {row["key"]: hub.blame(row["key"]) for row in hub.listing()}


async def something_happens(many: Many, dice: random.Random, runs: list[str]) -> None:
    holds = many.holds()
    if holds and dice.random() < 0.4:
        hold = dice.choice(holds)
        await many.resolve(hold["id"], take=dice.choice(hold["candidates"])["connection"])
    elif runs and dice.random() < 0.25:
        runs.append((await many.undo(dice.choice(runs), everywhere=dice.random() < 0.3)).run)
    else:
        add(many, dice) if dice.random() < 0.2 else None
        for _ in range(dice.randint(0, 4)):
            edit(many, dice)
        runs.append((await many.sync()).run)


@pytest.mark.parametrize("seed", range(12))
async def test_every_moment_is_as_it_was_known_then(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    many, runs = world(tmp_path, dice), list[str]()
    add(many, dice)
    snapshots = []
    for _ in range(8):
        before, already = known(many), len(runs)
        await something_happens(many, dice, runs)
        many.clock.later(1)
        moment = many.clock().isoformat()
        snapshots.append((moment, known(many), blamed(many)))
        snapshots += [(run, before, None) for run in runs[already:]]
        many.clock.later(1)
    many.clock.later()
    snapshots.append((many.clock().isoformat(), known(many), blamed(many)))
    looked_at = 0
    with many.hub() as hub:
        for at, entities, blame in snapshots:
            for key, fields in entities.items():
                then = hub.detail_at(key, at)
                assert then["fields"] == fields, f"{key} at {at}, seed {seed}"
                told = then["blame"]
                for name, said in (blame or {key: {}})[key].items():
                    was_default = name not in told and name in DEFAULTS
                    assert was_default or told[name] == said, f"{key} {name} at {at}, seed {seed}"
                looked_at += 1
    assert looked_at >= 8


async def test_a_run_stands_for_the_moment_just_before_it(two: Many) -> None:
    two["left"].add(title="One")
    await two.sync()
    two["left"].edit("1", title="Two")
    run = await two.sync()
    with two.hub() as hub:
        assert hub.detail_at("req-1", run.run.lower())["fields"]["title"] == "One"
        assert hub.detail("REQ-1")["fields"]["title"] == "Two"


async def test_a_date_stands_for_the_end_of_that_day_in_utc(two: Many) -> None:
    two["left"].add(title="One")
    await two.sync()
    two.clock.later(86_400)
    two["left"].edit("1", title="Two")
    await two.sync()
    with two.hub() as hub:
        assert [hub.detail_at("REQ-1", day)["title"] for day in ("2026-03-01", "2026-03-02")] == ["One", "Two"]


async def test_a_time_of_any_zone_is_understood(two: Many) -> None:
    two["left"].add(title="One")
    await two.sync()
    two["left"].edit("1", title="Two")
    two.clock.later(600)
    await two.sync()
    with two.hub() as hub:
        for same in ("2026-03-01T09:05:00Z", "2026-03-01T17:05:00+08:00"):
            assert hub.detail_at("REQ-1", same)["title"] == "One"


async def test_who_had_set_a_value_is_told_as_of_then(two: Many) -> None:
    two["left"].add(title="One")
    await two.sync()
    moment = two.clock()
    two.clock.later()
    two["right"].edit("1", title="Two", by="bo")
    await two.sync()
    with two.hub() as hub:
        then = hub.detail_at("REQ-1", moment.isoformat())["blame"]["title"]
        now = hub.blame("REQ-1")["title"]
    assert ((then["value"], then["who"]), (now["value"], now["who"])) == (("One", "Ann"), ("Two", "Bo"))


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-02-30", "is no time"),
        ("yesterday", "is no time"),
        ("2026-03-01T09:00:00", "does not say in which time zone"),
        ("R-99", "there is no run R-99"),
        ("R-1", "nothing was known of REQ-1 yet"),
        ("2025-12-31", "nothing was known of REQ-1 yet"),
    ],
)
async def test_a_moment_that_cannot_be_looked_at_is_explained(two: Many, at: str, said: str) -> None:
    two["left"].add(title="One")
    await two.sync()
    with two.hub() as hub, pytest.raises(UsageError, match=said):
        hub.detail_at("REQ-1", at)
