"""Random worlds: whatever happened in one, once it is healed its copies agree, and nobody's work is lost or doubled.

`make simulate` lives through many more of them, and tells the shortest story of whatever goes wrong.
"""

from pathlib import Path

import pytest

from tests.simulation.life import (
    FAMILIES,
    GUARDED,
    GUARDED_FAMILIES,
    PLAIN,
    RECONFIGURED,
    RECONFIGURED_FAMILIES,
    UNDONE,
    UNDONE_FAMILIES,
)
from tests.simulation.looking import live
from tests.simulation.running import shortest_story

PIECES = {
    PLAIN: (20, 40),
    FAMILIES: (15, 20),
    UNDONE: (10, 40),
    UNDONE_FAMILIES: (8, 20),
    GUARDED: (8, 40),
    GUARDED_FAMILIES: (6, 20),
    RECONFIGURED: (8, 40),
    RECONFIGURED_FAMILIES: (4, 20),
}
"""By kind: how many tests, and of how many worlds each."""
SEEDS = [(kind, range(n * size, (n + 1) * size)) for kind, (count, size) in PIECES.items() for n in range(count)]


@pytest.mark.parametrize(("kind", "seeds"), SEEDS, ids=lambda each: each if isinstance(each, str) else f"{each[0]}")
async def test_worlds_heal_and_lose_nothing(kind: str, seeds: range, tmp_path: Path) -> None:
    for seed in seeds:
        violation = (await live(seed, kind, tmp_path)).violation
        assert violation is None, await shortest_story(kind, seed, violation, tmp_path)


RARE = [
    (UNDONE, 8253),
    *((UNDONE_FAMILIES, seed) for seed in (1323, 2742, 7413, 10002)),
    *((GUARDED, seed) for seed in (951, 1222)),
    *((RECONFIGURED, seed) for seed in (63, 3227, 3670, 6776)),
]


@pytest.mark.parametrize(("kind", "seed"), RARE)
async def test_rare_worlds_that_once_went_wrong_are_well(kind: str, seed: int, tmp_path: Path) -> None:
    """A comment that outlived its card; an empty reference taken for an edit; a list that lagged behind what waited; a
    reference never written again once what it refers to was there again; an empty field of ours taken for an edit; a
    copy copied by a person taken for ours; a copy that came back and was emptied unasked; a copy made anew that seemed
    to go on contending; names that were only tried, a list that ended too early under new names, and a very first run
    that broke off before they changed.
    """
    assert (await live(seed, kind, tmp_path)).violation is None
