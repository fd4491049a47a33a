"""Which worlds are lived through, and how one that fails is lived through again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from tests.simulation.world import World

W = TypeVar("W", bound=World)


def seeds(usual: int) -> range:
    """`HUB_WORLDS` many from `HUB_SEED` on: one if only a seed is given, *usual* many if nothing is."""
    first = int(os.environ.get("HUB_SEED", "0"))
    return range(first, first + int(os.environ.get("HUB_WORLDS", "1" if "HUB_SEED" in os.environ else str(usual))))


@contextmanager
def replayable(world: W, seed: int, file: str) -> Iterator[W]:
    """A world whose failure tells what happened in it, and the command that makes it happen again."""
    try:
        yield world
    except BaseException as error:
        error.add_note("\n".join([f"replay: HUB_SEED={seed} pytest {file}", *world.told]))
        raise
    finally:
        world.hub.close()
