"""Chance as tests want it."""

import random


class Dice(random.Random):
    """Falls as it is told, and then so that no share of faults is ever met: for `Sandbox.random`."""

    def __init__(self, *falls: float) -> None:
        super().__init__(1)
        self.falls = list(falls)

    def random(self) -> float:
        """The next fall, in [0, 1)."""
        return self.falls.pop(0) if self.falls else 0.99
