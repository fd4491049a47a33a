"""Random worlds: whatever happened in one, once it is healed its copies agree, and nobody's work is lost or doubled.

`make simulate` lives through many more of them, and tells the shortest story of whatever goes wrong.
"""

from pathlib import Path

import pytest

from tests.simulation.life import FAMILIES, PLAIN
from tests.simulation.looking import live
from tests.simulation.running import shortest_story

AT_A_TIME = {PLAIN: 40, FAMILIES: 20}
PIECES = [(kind, first * size) for kind, size in AT_A_TIME.items() for first in range(40 if kind == PLAIN else 20)]


@pytest.mark.parametrize(("kind", "first"), PIECES)
async def test_worlds_heal_and_lose_nothing(kind: str, first: int, tmp_path: Path) -> None:
    for seed in range(first, first + AT_A_TIME[kind]):
        violation = (await live(seed, kind, tmp_path)).violation
        assert violation is None, await shortest_story(kind, seed, violation, tmp_path)
