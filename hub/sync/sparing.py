"""While a run goes on, garbage is looked for less often, and not among what was there before it."""

import contextlib
import gc
from collections.abc import Iterator

RARELY = (50_000, 20, 100)
"""How many objects are made between two searches for garbage, and after how many of these older ones are searched too."""

_usual: list[tuple[int, int, int]] = []
"""How often it is looked for otherwise: once for each run that goes on in this process, as several may."""


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
