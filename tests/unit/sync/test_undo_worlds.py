"""Random worlds: whatever people edited before a run, an undo of it gives every copy back what it showed before."""

import contextlib
import random
from pathlib import Path
from typing import Any

import pytest

from hub.model import Kind
from hub.testing import Fault, MemoryService
from tests.unit.sync.many import BOTH_WAYS, Many

NAMES = ("left", "mid", "right")
RULES = ("latest", "ask", "merge", "owner:mid", "prefer:right,left")
SHARED = {"new": "New", "clarifying": "New", "in_progress": "In Progress", "review": "In Progress"}
REST = {name.lower().replace(" ", "_"): name for name in ("Approved", "Delivered", "Accepted", "On Hold", "Rejected")}
STATUSES = ("New", "Clarifying", "In Progress", "Review", "Approved", "Delivered")
WORDS = (
    "alpha",
    "beta",
    "gamma",
    "delta",
    "长文本",
    "a title that is far longer than the sixty characters it may have",
)


def some_fields(dice: random.Random, at: MemoryService, *, items: bool = True) -> dict[str, Any]:
    """What a person types into some fields of a requirement."""
    text = "\n\n".join(dice.choice(WORDS) for _ in range(dice.randint(0, 3)))
    every = {
        "title": dice.choice(WORDS)[:60],
        "body": text or None,
        "due": dice.choice([None, "2026-05-01", "2026-06-01", "2026-07-01T08:00:00Z"]),
        "labels": dice.sample(["a", "b", "c", "d"], dice.randint(0, 3)),
        "priority": dice.choice([None, "High", "Low"]),
        "assignees": [{"id": who} for who in dice.sample(["ann", "bo"], dice.randint(0, 2))],
        "criteria": [{"text": word, "met": dice.random() < 0.5} for word in dice.sample(WORDS[:4], dice.randint(0, 2))],
        "note": dice.choice(WORDS),
    }
    if not items:
        del every["criteria"]
    if at.name != "right":
        every["status"] = dice.choice(STATUSES)
    return {name: every[name] for name in dice.sample(sorted(every), dice.randint(1, 3))}


def world(folder: Path, dice: random.Random) -> Many:
    kinds = {name: {"requirement": BOTH_WAYS, "comment": BOTH_WAYS} for name in NAMES}
    many = Many(folder, NAMES, kinds=kinds, rules={"default": dice.choice(RULES), "labels": dice.choice(RULES)})
    many.kinds["right"]["status"] = {**SHARED, **REST}
    many["mid"].normalises = dice.random() < 0.5
    many["mid"].tells_history = dice.random() < 0.5
    return many


def add(many: Many, dice: random.Random, *, comments: bool = True) -> None:
    at = dice.choice(NAMES)
    made = many[at].add(**{"title": "new", **some_fields(dice, many[at], items=not many["mid"].normalises)})
    if comments and dice.random() < 0.5:
        many[at].say(made, dice.choice(WORDS))


def edit(many: Many, dice: random.Random) -> None:
    """Somebody edits something somewhere."""
    many.clock.later(dice.choice([0, 1, 30]))
    at, who = dice.choice(NAMES), dice.choice(["ann", "bo"])
    kind = Kind.COMMENT if dice.random() < 0.15 else Kind.REQUIREMENT
    if found := many[at].present(kind):
        fields = (
            {"body": dice.choice(WORDS)}
            if kind is Kind.COMMENT
            else some_fields(dice, many[at], items=not many["mid"].normalises)
        )
        many[at].edit(dice.choice(found).id, by=who, **fields)


def without_new(after: dict[str, dict[str, Any]], before: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {at: {id_: shown for id_, shown in after[at].items() if id_ in before[at]} for at in before}


async def in_step(folder: Path, dice: random.Random) -> Many:
    """A world at rest; where a rule that asks has left copies out of step, that is decided."""
    many = world(folder, dice)
    for _ in range(dice.randint(1, 3)):
        add(many, dice)
    for _ in range(3):
        await many.sync()
    for hold in many.holds():
        await many.resolve(hold["id"], take=dice.choice(hold["candidates"])["connection"])
    await many.sync()
    return many


def edits(many: Many, dice: random.Random, most: int = 6) -> None:
    for _ in range(dice.randint(1, most)):
        edit(many, dice)


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("seed", range(20))
async def test_an_undo_gives_every_copy_back_what_it_showed_before_the_run(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    many = await in_step(tmp_path, dice)
    edits(many, dice)
    if dice.random() < 0.3:
        add(many, dice, comments=False)
    before = many.snapshot()
    run = await many.sync()
    after, waiting = many.snapshot(), [hold["field"] for hold in many.holds()]

    dry = await many.undo(run, dry_run=True)
    assert many.snapshot() == after
    undo = await many.undo(run)
    assert without_new(many.snapshot(), before) == before, f"seed {seed}"
    assert [p["message"] for p in dry.problems] == [p["message"] for p in undo.problems]
    assert len(dry.plan or ()) == undo.writes
    assert await many.is_quiet(), f"seed {seed}"
    assert without_new(many.snapshot(), before) == before

    assert (await many.undo(run)).writes == 0
    await many.undo(undo)
    assert without_new(many.snapshot(), before) == without_new(after, before), f"seed {seed}"
    assert [hold["field"] for hold in many.holds()] == waiting
    assert await many.is_quiet(), f"seed {seed}"
    with many.hub() as hub:
        assert hub.verify_history()["ok"]


@pytest.mark.parametrize("seed", range(10))
async def test_an_undo_that_crashes_again_and_again_gets_there(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    many = await in_step(tmp_path, dice)
    edits(many, dice)
    before = many.snapshot()
    run = await many.sync()
    for _ in range(4):
        service, method = many[dice.choice(NAMES)], dice.choice(["update", "delete", "fetch"])
        service.faults.append(Fault(method, Crash(), after=dice.random() < 0.5, skip=dice.randint(0, 2)))
        with contextlib.suppress(BaseException):  # a task group wraps it
            await many.undo(run)
        service.faults.clear()
    await many.undo(run)
    assert without_new(many.snapshot(), before) == before, f"seed {seed}"
    assert await many.is_quiet(), f"seed {seed}"


@pytest.mark.parametrize("seed", range(10))
async def test_whatever_people_did_since_the_run_survives_its_undo(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    many = await in_step(tmp_path, dice)
    edits(many, dice)
    run = await many.sync()
    after = many.snapshot()
    edits(many, dice, 4)
    since = many.snapshot()
    await many.undo(run, everywhere=dice.random() < 0.5)
    now = many.snapshot()
    for at, records in since.items():
        for id_, shown in records.items():
            for name in shown.keys() | after[at][id_].keys():
                if shown.get(name) != after[at][id_].get(name):
                    assert now[at][id_].get(name) == shown.get(name), f"{at} {id_} {name}, seed {seed}"
    first = await many.sync()
    assert first.outcome in {"done", "problems"}
    assert await many.is_quiet(), f"seed {seed}"


@pytest.mark.parametrize("seed", range(10))
async def test_everywhere_leaves_nobody_apart(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    many = await in_step(tmp_path, dice)
    before = known(many)
    edits(many, dice)
    run = await many.sync()
    asked = {(hold["key"], hold["field"]) for hold in many.holds()}
    await many.undo(run, everywhere=True)
    now = known(many)
    for key, fields in before.items():
        for name, value in fields.items():
            assert now[key][name] == value, f"{key} {name}, seed {seed}"
    assert {(hold["key"], hold["field"]) for hold in many.holds()} == asked
    assert await many.is_quiet(), f"seed {seed}"


def known(many: Many) -> dict[str, dict[str, Any]]:
    """Every entity's fields as they are now."""
    with many.hub() as hub:
        return {row["key"]: hub.detail(row["key"])["fields"] for row in hub.listing()}
