"""The simulation itself: the same seed is the same world, a failing life is cut short, and no planted bug goes unseen."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.simulation.life import KINDS, Go, Part, life_of
from tests.simulation.looking import live, live_through
from tests.simulation.mutants import MUTANTS
from tests.simulation.running import main, print_of
from tests.simulation.shrinking import Shrinking

ROOT = Path(__file__).resolve().parent.parent.parent
NEAR = 100
"""So many worlds from the recorded seed on."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
async def test_a_seed_is_one_world(kind: str, seed: int, tmp_path: Path) -> None:
    one, again = [await live(seed, kind, tmp_path) for _ in range(2)]
    assert one.told == again.told


@pytest.mark.parametrize("kind", KINDS)
def test_a_world_does_not_depend_on_the_process_that_it_is_in(kind: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.simulation", "--seed", "3", "--kind", kind]
    other = {**os.environ, "PYTHONHASHSEED": "77"}
    told = subprocess.run(command, cwd=ROOT, env=other, capture_output=True, text=True, check=True).stdout
    assert f"transcript {print_of(asyncio.run(live(3, kind, tmp_path)))}" in told


@pytest.mark.parametrize("kind", KINDS)
async def test_any_part_of_a_life_can_be_left_out(kind: str, tmp_path: Path) -> None:
    chance = random.Random(1)
    for seed in range(8):
        some = tuple(part for part in life_of(seed, kind) if chance.random() < 0.6)
        assert (await live_through(some, kind, tmp_path)).violation is None


async def violated(seeds: range, kind: str, folder: Path) -> AsyncIterator[int]:
    for seed in seeds:
        if (await live(seed, kind, folder)).violation:
            yield seed


@pytest.mark.parametrize("name", MUTANTS)
async def test_a_planted_bug_is_found(name: str, tmp_path: Path) -> None:
    """Near the seed that is known to find it; and it is the bug that is found: without it the same world is well."""
    mutant = MUTANTS[name]
    with mutant.planted():
        seeds = range(mutant.found_at, mutant.found_at + NEAR)
        found = await anext(violated(seeds, mutant.kind, tmp_path), None)
    assert found is not None
    assert (await live(found, mutant.kind, tmp_path)).violation is None


async def test_only_what_matters_is_left_of_a_life() -> None:
    """Of 40 parts, the two that it takes together; and then no part can be left out."""
    parts: list[Part] = [Go(dice) for dice in range(40)]

    async def fails(some: tuple[Part, ...]) -> bool:
        return parts[7] in some and parts[31] in some

    assert await Shrinking(fails).shrink(parts) == [7, 31]


async def test_cutting_a_life_short_ends_when_its_time_is_over() -> None:
    ticks = iter(range(100))

    async def fails(some: tuple[Part, ...]) -> bool:
        return len(some) > 2

    shrinking = Shrinking(fails, patience_s=3, clock=lambda: next(ticks))
    left = await shrinking.shrink([Go(dice) for dice in range(1000)])
    assert shrinking.tried < 5
    assert len(left) > 2


def test_a_violation_is_told_as_a_short_story_that_can_be_lived_again(capsys: pytest.CaptureFixture[str]) -> None:
    mutant = MUTANTS["marker not looked for after a lost answer"]
    with mutant.planted():
        assert main(["--seed", str(mutant.found_at)]) == 1
        told = capsys.readouterr().out
        whole = len(life_of(mutant.found_at))
        (shorter,) = [line for line in told.splitlines() if "the short story:" in line]
        only = shorter.split("ONLY=")[1]
        assert len(only.split(",")) < whole / 4
        assert main(["--seed", str(mutant.found_at), "--only", only]) == 1
    assert "is violated by seed" in told


def test_many_worlds_end_in_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--worlds", "11", "--jobs", "1"]) == 0
    told = capsys.readouterr().out
    assert "16 worlds" in told
    assert "0 violations" in told
