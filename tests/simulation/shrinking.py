"""Cuts a life in which something went wrong down to the few parts that it takes: delta debugging over a list of parts."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.simulation.life import Part

Fails = Callable[[tuple[Part, ...]], Awaitable[bool]]


@dataclass
class Shrinking:
    """Leaves out parts as long as it still fails.

    Args:
        fails: Whether a life still fails in the same way.
        patience_s: Longest time to spend.
    """

    fails: Fails
    patience_s: float = 30.0
    clock: Callable[[], float] = time.monotonic
    tried: int = field(default=0, init=False)

    async def shrink(self, life: Sequence[Part]) -> list[int]:
        """The places of the parts that are left: of these none can be left out alone, if the time was enough."""
        ends = self.clock() + self.patience_s
        kept = list(range(len(life)))
        size = max(1, len(kept) // 2)
        while self.clock() < ends:
            before = len(kept)
            start = 0
            while start < len(kept) and self.clock() < ends:
                without = kept[:start] + kept[start + size :]
                self.tried += 1
                if await self.fails(tuple(life[place] for place in without)):
                    kept = without
                else:
                    start += size
            if size == 1 and len(kept) == before:
                break
            size = max(1, size // 2)
        return kept
