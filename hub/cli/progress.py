"""How a run shows what it is at: bars on a terminal, a line for each stage otherwise."""

import contextlib
from collections.abc import Iterator

from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from hub.cli.screen import Screen
from hub.model import Kind
from hub.sync import Progress

DOING = {"read": "reading", "create": "creating", "update": "updating"}
Stage = tuple[str, Kind, str]


class BarProgress:
    """A bar for each spoke, kind and stage."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[Stage, TaskID] = {}

    def at(self, spoke: str, kind: Kind, stage: str, done: int, total: int | None) -> None:
        """Move the bar."""
        where = (spoke, kind, stage)
        if where not in self._tasks:
            self._tasks[where] = self._bars.add_task(f"{spoke}: {DOING.get(stage, stage)} {kind}s", total=total)
        self._bars.update(self._tasks[where], completed=done, total=total)


class LineProgress:
    """One line for each spoke, kind and stage, when it begins."""

    def __init__(self, screen: Screen, sync: str) -> None:
        self._screen, self._sync = screen, sync
        self._told: set[Stage] = set()

    def at(self, spoke: str, kind: Kind, stage: str, done: int, total: int | None) -> None:
        """Say so the first time, if there is anything to do."""
        where = (spoke, kind, stage)
        if where not in self._told and (done or total):
            self._told.add(where)
            self._screen.note(f"{self._sync}: {DOING.get(stage, stage)} {kind}s of {spoke}")


@contextlib.contextmanager
def shown(screen: Screen, sync: str) -> Iterator[Progress]:
    """Progress that is shown while the block runs, and leaves nothing behind on a terminal."""
    if not screen.notes.is_terminal:
        yield LineProgress(screen, sync)
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, console=screen.notes, transient=True) as bars:
        yield BarProgress(bars)
