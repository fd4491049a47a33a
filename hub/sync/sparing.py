"""While a run goes on, garbage is looked for less often, and not among what was there before it."""

import contextlib
import gc
import itertools
from collections.abc import Iterator

RARELY = (200_000, 10, 100)
"""How many objects are made between two searches for garbage, and after how many of these older ones are searched too."""

RUNS = 1_000
"""After so many runs garbage is looked for everywhere: what they leave counts for old, and is not missed by itself."""

_usual: list[tuple[int, int, int]] = []
"""How often it is looked for otherwise: once for each run that goes on in this process, as several may."""
_over = itertools.count(1)


@contextlib.contextmanager
def sparing_the_search_for_garbage() -> Iterator[None]:
    """The block makes much, and hardly anything of it is in a circle: the search would take a fourth of its time.

    What it has made is old when it ends, and is looked through with all that is.
    """
    _usual.append(_usual[0] if _usual else gc.get_threshold())
    gc.freeze()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        usual = _usual.pop()
        if not _usual:
            gc.freeze()
            gc.set_threshold(*usual)
            gc.unfreeze()
            if next(_over) % RUNS == 0:
                gc.collect()
