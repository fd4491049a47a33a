"""How a long run tells what it is at."""

from typing import Protocol

from hub.model import Kind


class Progress(Protocol):
    """Told what a run does while it does it; what it makes of that is its own affair."""

    def at(self, spoke: str, kind: Kind, stage: str, done: int, total: int | None) -> None:
        """*done* of *total* records have passed *stage* (`read`, `create`, `update`)."""


class Silence:
    """Tells nobody."""

    def at(self, spoke: str, kind: Kind, stage: str, done: int, total: int | None) -> None:
        """Nothing."""
