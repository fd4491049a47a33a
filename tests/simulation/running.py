"""The runner: many worlds in several processes, a summary, and the shortest story of each violation."""

import argparse
import asyncio
import hashlib
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import click

from tests.simulation.life import KINDS, PLAIN, Life, life_of, story
from tests.simulation.looking import Lived, Violation, live, live_through
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.shrinking import Shrinking

PIECE = 20
"""Worlds that a process lives through at a time."""
TOLD_IN_A_LOG = 1_000
"""After so many worlds a log is told how far it is."""
MOST_STORIES = 3
PATIENCE_S = 30.0
"""Longest time to look for a short story."""
ENOUGH = 2000
"""Within so many worlds every planted bug has to be found."""


def live_all(kind: str, seeds: Sequence[int]) -> list[tuple[int, Lived]]:
    """Several worlds, one after the other."""

    async def lives() -> list[tuple[int, Lived]]:
        return [(seed, await live(seed, kind, Path(folder))) for seed in seeds]

    with tempfile.TemporaryDirectory(prefix="worlds-") as folder:
        return asyncio.run(lives())


def print_of(lived: Lived) -> str:
    """A fingerprint of everything that happened."""
    return hashlib.sha256("\n".join(lived.told).encode()).hexdigest()[:12]


# Many worlds.


def run_worlds(kinds: Sequence[str], seeds: range, jobs: int) -> int:
    """Live through all of them; 1 if any invariant was violated."""
    begun, counts = time.monotonic(), Counter[str]()
    found: list[tuple[str, int, Violation]] = []
    pieces = [(kind, seeds[start : start + PIECE]) for start in range(0, len(seeds), PIECE) for kind in kinds]
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        for (kind, _), lived in zip(pieces, pool.map(live_all, *zip(*pieces, strict=True)), strict=True):
            for seed, each in lived:
                counts.update(each.counts)
                if each.violation:
                    found.append((kind, seed, each.violation))
            _progress(counts, len(seeds) * len(kinds), begun)
    click.echo(err=True)
    for kind, seed, violation in found[:MOST_STORIES]:
        click.echo(_shortest_story(kind, seed, violation))
    for kind, seed, violation in found[MOST_STORIES:]:
        click.echo(f"also {violation.invariant}: {command(kind, seed)}")
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items())
    click.echo(f"{told} in {time.monotonic() - begun:.0f} s")
    return int(bool(found))


def _progress(counts: Counter[str], worlds: int, begun: float) -> None:
    """One line that changes on a screen; in a log, a line now and then."""
    on_screen = sys.stderr.isatty()
    if not on_screen and counts["worlds"] % TOLD_IN_A_LOG:
        return
    speed = counts["worlds"] / (time.monotonic() - begun)
    told = f"{counts['worlds']:,} of {worlds:,} worlds, {speed:.0f} a second, {counts['violations']} violations"
    click.echo(f"\r{told} " if on_screen else told, nl=not on_screen, err=True)


def command(kind: str, seed: int, only: Sequence[int] = ()) -> str:
    """What lives through one world again."""
    parts = f" ONLY={','.join(map(str, only))}" if only else ""
    return f"make simulate KIND={kind} SEED={seed}{parts}"


async def shortest_story(
    kind: str, seed: int, violation: Violation, folder: Path, patience_s: float = PATIENCE_S
) -> str:
    """The few parts of a life that it takes to violate the same invariant, and how to live through them again."""
    life = life_of(seed, kind)

    async def fails(parts: Life) -> bool:
        found = (await live_through(parts, kind, folder)).violation
        return found is not None and found.invariant == violation.invariant

    kept = await Shrinking(fails, patience_s).shrink(life)
    parts = tuple(life[place] for place in kept)
    lived = await live_through(parts, kind, folder)
    told = [
        *(f"{violation.invariant} is violated by seed {seed} of {kind} worlds.", ""),
        *(f"It takes {len(kept)} of {len(life)} parts:", story(parts), ""),
        *("What happened:", *(f"  {each}" for each in lived.told), ""),
        *((lived.violation or violation).message, ""),
        f"  the short story: {command(kind, seed, kept)}",
        f"  the whole life:  {command(kind, seed)}",
    ]
    return "\n".join(told)


def _shortest_story(kind: str, seed: int, violation: Violation) -> str:
    with tempfile.TemporaryDirectory(prefix="worlds-") as folder:
        return f"\n{asyncio.run(shortest_story(kind, seed, violation, Path(folder)))}\n"


def run_one(kind: str, seed: int, only: Sequence[int]) -> int:
    """Tell a whole life, or that part of it; 1 if an invariant was violated."""
    life = life_of(seed, kind)
    chosen = tuple(life[place] for place in only) if only else life
    with tempfile.TemporaryDirectory(prefix="worlds-") as folder:
        lived = asyncio.run(live_through(chosen, kind, Path(folder)))
    click.echo("\n".join([story(chosen), *lived.told]))
    click.echo(f"{kind} seed {seed}: transcript {print_of(lived)}")
    if lived.violation is None:
        click.echo("every invariant holds")
        return 0
    click.echo(f"\n{lived.violation.invariant}: {lived.violation.message}\n")
    if not only:
        click.echo(_shortest_story(kind, seed, lived.violation))
    return 1


# Planted bugs.


def first_find(name: str, first: int = 0, most: int = ENOUGH) -> tuple[int, Violation] | None:
    """The first seed that finds a planted bug, where all is well without it, and the invariant that it violates."""
    planted: Mutant = MUTANTS[name]
    seeds = range(first, first + most)
    for start in range(0, most, PIECE):
        with planted.planted():
            lives = live_all(planted.kind, seeds[start : start + PIECE])
        for seed, lived in lives:
            if lived.violation and not live_all(planted.kind, [seed])[0][1].violation:
                return seed, lived.violation
    return None


def run_mutants(jobs: int) -> int:
    """Look for every planted bug from seed 0 on; 1 if one is not found."""
    blind = 0
    click.echo(f"{'planted bug':48} {'kind':9} {'seed':>5} {'worlds':>6}  found by")
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        for name, find in zip(MUTANTS, pool.map(first_find, MUTANTS), strict=True):
            blind += find is None
            seed, worlds, by = (find[0], find[0] + 1, find[1].invariant) if find else ("-", ENOUGH, "NOT FOUND")
            click.echo(f"{name:48} {MUTANTS[name].kind:9} {seed:>5} {worlds:>6}  {by}")
    return int(bool(blind))


def main(given: Sequence[str] | None = None) -> int:
    """The command line; its exit code."""
    parser = argparse.ArgumentParser("python -m tests.simulation", description="Lives through simulated worlds.")
    parser.add_argument("--worlds", type=int, default=2000, help="how many, of all kinds together (2000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--seed", type=int, help="only this one, and tell all of it")
    parser.add_argument("--only", type=_places, default=(), help="with --seed: only these parts of its life: 3,17,40")
    parser.add_argument("--kind", choices=KINDS, help="of which kind of worlds (of all; with --seed: plain)")
    parser.add_argument("--jobs", type=int, default=2, help="in how many processes (2)")
    parser.add_argument("--mutants", action="store_true", help="plant bugs, and say how soon each is found")
    asked = parser.parse_args(given)
    if asked.mutants:
        return run_mutants(asked.jobs)
    if asked.seed is not None:
        return run_one(asked.kind or PLAIN, asked.seed, asked.only)
    kinds = (asked.kind,) if asked.kind else KINDS
    each = -(-asked.worlds // len(kinds))
    return run_worlds(kinds, range(asked.first, asked.first + each), asked.jobs)


def _places(text: str) -> tuple[int, ...]:
    return tuple(int(place) for place in text.split(",") if place)
