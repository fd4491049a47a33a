"""The clock of the story."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LENGTH = timedelta(hours=4)
"""The story begins so long before it is told, so that its people can act minutes apart while nobody waits."""


@dataclass
class StoryClock:
    """The clock of the services and the hub: behind the real one, and catching up whenever time passes in the story."""

    behind: timedelta = LENGTH

    def __call__(self) -> datetime:
        """The present moment of the story, aware, UTC."""
        return datetime.now(UTC) - self.behind

    def later(self, minutes: int) -> None:
        """Let some minutes pass; the story never overtakes the real time."""
        self.behind = max(timedelta(0), self.behind - timedelta(minutes=minutes))

    def catch_up(self) -> None:
        """The story is over: it is now."""
        self.behind = timedelta(0)
