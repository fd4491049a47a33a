"""Lenses for numbers: an amount in the service's own unit, and a place in an order."""

import math
from typing import Any

from hub.mapping.lens import Lens, Unmapped

EXACT = 2.0**53
"""Up to here every whole number is a float of its own."""


class Number(Lens):
    """A number: hours here, perhaps seconds there. The number there stays as it is written while it says the same.

    Args:
        remote: The record's field.
        per: How many of the service's unit make one of ours: 3600 for seconds there and hours here.
    """

    def __init__(self, remote: str, *, per: float = 1, writable: bool = True, weak: bool = False) -> None:
        super().__init__(remote, writable=writable, weak=weak)
        self.per = per

    def get(self, remote: Any) -> float | None:
        """The number in our unit, or None. Raises Unmapped for what is no finite number."""
        if remote is None or remote == "":
            return None
        return self._finite(remote) / self.per

    def put(self, value: float | None, current: Any) -> Any:
        """The number in the service's unit, whole where it can be. Raises Unmapped for what is no finite number."""
        if self._same(value, current):
            return current
        if value is None:
            return None
        amount = self._finite(self._finite(value) * self.per)
        return int(amount) if amount.is_integer() and abs(amount) <= EXACT else amount

    def _same(self, value: float | None, current: Any) -> bool:
        try:
            return self.get(current) == value
        except Unmapped:
            return False

    def _finite(self, number: Any) -> float:
        try:
            if not isinstance(number, bool) and "_" not in str(number) and math.isfinite(found := float(number)):
                return found
        except (TypeError, ValueError, OverflowError):
            pass
        raise Unmapped(f"{self.remote} {number!r} is no number")

    def fingerprint(self) -> str:
        """The unit is part of the meaning."""
        return f"{super().fingerprint()}:{self.per}"


class Position(Number):
    """A place in an order; None is any place, so that nobody is moved for it."""

    def put(self, value: float | None, current: Any) -> Any:
        """The place; *current* where any will do."""
        return current if value is None else super().put(value, current)

    def to_canonical(self, remote: Any, *, current: Any, seen: Any = None) -> Any:
        """As the base class; a place that somebody gave it since *seen* is read even where any would have done."""
        if current is None and seen is not None and remote != seen:
            return self.get(remote)
        return super().to_canonical(remote, current=current)
