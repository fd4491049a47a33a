"""What the engine itself costs: two services held in memory, and a real store in a file."""

import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.tables import Figures, ratio
from hub.model import Kind
from hub.sync import Report
from hub.testing import MemoryService, State
from tests.unit.sync.two import Two

STEPS = Figures(
    "The engine: two services in memory",
    (
        "requirements",
        "step",
        "records",
        "calls",
        "writes",
        "writes per record",
        "calls per record",
        "hub ms",
        "records/s",
    ),
    note=(
        "records: those the step is about. Each record written is one call of these services; a page of reading holds "
        "500.\nms, records/s: the hub's own time on this machine, without the services'; for information."
    ),
)
STORE = Figures(
    "The store after all steps",
    ("requirements", "rows each", "bytes each", "rows by table"),
    note="A requirement has two copies; a hundredth of them was edited once.",
)
PAGE = 500


@dataclass
class TimedService(MemoryService):
    """A service that knows how long it took itself, so that this is not taken for the hub's time."""

    seconds: float = 0.0

    def add(self, *given: Any, **fields: Any) -> str:
        """A new record; its id."""
        with self._timed():
            return super().add(*given, **fields)

    def update(self, record: str, fields: Mapping[str, Any], version: str) -> State:
        """The hub's edit."""
        with self._timed():
            return super().update(record, fields, version)

    def listed(self, kind: Kind, after: int) -> tuple[list[State], bool]:
        """A page of all records."""
        with self._timed():
            return super().listed(kind, after)

    def changed(
        self, kind: Kind, since: datetime, after: tuple[datetime, str] | None = None
    ) -> tuple[list[State], bool]:
        """A page of what changed."""
        with self._timed():
            return super().changed(kind, since, after)

    @contextlib.contextmanager
    def _timed(self) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - begun


@dataclass(frozen=True)
class Step:
    """One run, and what it was to do: `records` is the number that it is about, `seconds` the hub's own."""

    name: str
    records: int
    report: Report
    seconds: float

    def row(self, size: int) -> tuple[int, str, int, int, int, float, float, float, float]:
        """The figures of the run."""
        calls = sum(int(spoke["calls"]) for spoke in self.report.spokes.values())
        writes = self.report.writes
        each = ratio(writes, self.records), ratio(calls, self.records)
        return (size, self.name, self.records, calls, writes, *each, self.seconds * 1000, self.records / self.seconds)


async def engine(sizes: Sequence[int]) -> list[Figures]:
    """The figures of the engine, for each number of requirements in *sizes*."""
    steps, store = (
        Figures(STEPS.title, STEPS.columns, note=STEPS.note),
        Figures(STORE.title, STORE.columns, note=STORE.note),
    )
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            steps.rows.extend([step.row(size) for step in await played(filled(Path(folder), size), size)])
            store.rows.append(kept(Path(folder) / "hub.db", size))
    return [steps, store]


def filled(folder: Path, size: int) -> Two:
    """Two services, of which the left one has *size* requirements as people write them."""
    two = Two(folder)
    two.left = TimedService("left", clock=two.clock, tells_history=True, page_size=PAGE)
    two.right = TimedService("right", clock=two.clock, tells_history=True, page_size=PAGE)
    for number in range(size):
        two.left.add(
            title=f"Order {number} shows the wrong total",
            body=f"The total of order {number} leaves out the **discount**.\n\n- look at the invoice\n- mend the sum\n",
            status="In Progress" if number % 3 else "New",
            priority=("High", "Medium", "Low")[number % 3],
            due=f"2026-0{number % 9 + 1}-15",
            labels=["erp", f"team {number % 7}"],
            assignees=[{"id": "ann"}] if number % 2 else [],
        )
    return two


async def played(two: Two, size: int) -> list[Step]:
    """The life of a sync: empty, settled, quiet, slightly changed, compared as a whole."""
    some = max(1, size // 100)
    steps = [
        await _step(two, "first sync", size),
        await _step(two, "the run after", size),
        await _step(two, "quiet run", 0),
    ]
    for number in range(1, some + 1):
        two.left.edit(str(number), title=f"Order {number} shows the right total")
    return [
        *steps,
        await _step(two, "1 % changed", some),
        await _step(two, "its echo", some),
        await _step(two, "quiet run", 0),
        await _step(two, "full compare", 2 * size, full=True),
    ]


async def _step(two: Two, name: str, records: int, *, full: bool = False) -> Step:
    before, begun = _in_services(two), time.perf_counter()
    report = await two.sync(full=full)
    return Step(name, records, report, time.perf_counter() - begun - (_in_services(two) - before))


def _in_services(two: Two) -> float:
    return sum(each.seconds for each in (two.left, two.right) if isinstance(each, TimedService))


def kept(file: Path, size: int) -> tuple[int, float, float, str]:
    """How many rows and bytes the store keeps for each of *size* requirements."""
    database = sqlite3.connect(file)
    try:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608
    finally:
        database.close()
    shares = {name: ratio(count, size) for name, count in sorted(rows.items()) if ratio(count, size)}
    by_table = ", ".join(f"{name} {share:g}" for name, share in shares.items())
    return size, ratio(sum(rows.values()), size), file.stat().st_size / size, by_table
