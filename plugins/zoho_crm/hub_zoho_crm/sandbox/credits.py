"""The credits an organisation may spend on calls in any 24 hours."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(hours=24)


@dataclass
class Credits:
    """How many credits there are, and what was spent of them when."""

    most: int
    spent: int = 0
    entries: deque[tuple[datetime, int]] = field(default_factory=deque)

    def left(self, now: datetime) -> int:
        """How many are left at *now*."""
        while self.entries and self.entries[0][0] <= now - WINDOW:
            self.spent -= self.entries.popleft()[1]
        return self.most - self.spent

    def spend(self, now: datetime, cost: int) -> None:
        """Take *cost* credits."""
        self.entries.append((now, cost))
        self.spent += cost

    def told(self, now: datetime) -> dict[str, str]:
        """The header that tells what is left: only once half is spent."""
        left = self.left(now)
        return {"X-API-CREDITS-REMAINING": str(left)} if left * 2 < self.most else {}
