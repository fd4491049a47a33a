"""Three spokes in step: what a run costs when nothing happened, when everything is looked at, and when a little changed."""

import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.stand import Cost, Stand
from bench.tables import Cell, Figures, ratio

SPOKES = ("left", "middle", "right")
CHANGED = (1, 10, 100, 1_000)
STEPS = Figures(
    "Three spokes at rest",
    (
        "requirements",
        "step",
        "records",
        "hub ms",
        "in processor",
        "connector ms",
        "records/s",
        "calls",
        "rows",
        "writes per record",
        "aim",
    ),
    note=(
        "records: those the step is about. hub ms, records/s: the hub's own time, without the connectors'.\n"
        "in processor: the ms of these in which the processor was at work, whatever else the machine did meanwhile.\n"
        "calls: to the connection that is asked most, beyond its opening; a page or a batch holds 500.\n"
        "rows: of the store, written."
    ),
)
GROWTH = Figures(
    "Cost grows with changes, not with size",
    (
        "requirements",
        "changed",
        "writes",
        "hub ms",
        "in processor",
        "calls",
        "rows",
        "ms per change",
        "calls per change",
        "rows per change",
        "times the smallest",
        "echo: writes",
    ),
    note=(
        "Changed on one of three spokes, so two writes each. calls: to all three, less those of a quiet run.\n"
        "times the smallest: of processor time, beside as many changes among the fewest requirements; 1 if size costs nothing.\n"
        "echo: the run after."
    ),
)
STORE = Figures(
    "The store after a first sync",
    ("requirements", "rows each", "bytes each", "rows by table"),
    note="A requirement has three copies here.",
)
AIMS = {"quiet run": "50 ms, 1 call", "full compare": "100,000 records/s"}


async def at_rest(sizes: Sequence[int]) -> list[Figures]:
    """The figures of three spokes, for each number of requirements in *sizes*."""
    steps, growth, store = STEPS.empty(), GROWTH.empty(), STORE.empty()
    smallest: dict[int, Growth] = {}
    for size in sorted(sizes):
        with tempfile.TemporaryDirectory() as folder:
            stand = Stand(Path(folder), SPOKES)
            stand.fill(size)
            steps.rows.extend(await _settling(stand, size))
            store.rows.append(kept(stand.database, size))
            for grown in [await _grown(stand, changed) for changed in _amounts(size)]:
                growth.rows.append(grown.row(size, smallest.setdefault(grown.changed, grown)))
    return [steps, growth, store]


async def _settling(stand: Stand, size: int) -> list[tuple[Cell, ...]]:
    copies = size * (len(SPOKES) - 1)
    steps = [
        ("first sync", copies, await stand.sync()),
        ("the run after", copies, await stand.sync()),
        ("quiet run", 0, await stand.sync()),
        ("full compare", size * len(SPOKES), await stand.sync(full=True)),
        ("quiet run", 0, await stand.sync()),
    ]
    return [_row(size, name, records, cost) for name, records, cost in steps]


def _row(size: int, name: str, records: int, cost: Cost) -> tuple[Cell, ...]:
    rate, written = records / cost.hub, ratio(cost.report.writes, records)
    times = cost.hub * 1000, cost.processor * 1000, cost.connector * 1000
    return size, name, records, *times, rate, most_asked(cost), cost.rows, written, AIMS.get(name, "")


def most_asked(cost: Cost) -> int:
    """The calls beyond its opening to the connection that was asked most."""
    return max(calls.total() - calls["open"] for calls in cost.asked.values())


def _amounts(size: int) -> Iterable[int]:
    """How many to change: some fixed numbers, and a hundredth and a tenth of all; never more than a fifth at once."""
    return sorted({each for each in (*CHANGED, size // 100, size // 10) if 0 < each <= max(1, size // 5)})


@dataclass(frozen=True)
class Growth:
    """What it cost that so many records were changed: the run that carried it, the one after, and a quiet one."""

    changed: int
    cost: Cost
    echo: Cost
    quiet: Cost

    def row(self, size: int, smallest: "Growth") -> tuple[Cell, ...]:
        """The figures, beside those of as many changes at another size."""
        calls, ms = self.cost.calls - self.quiet.calls, (self.cost.hub * 1000, self.cost.processor * 1000)
        each = ms[0] / self.changed, ratio(calls, self.changed), ratio(self.cost.rows, self.changed)
        times, echo = ratio(self.cost.processor, smallest.cost.processor), self.echo.report.writes
        return size, self.changed, self.cost.report.writes, *ms, calls, self.cost.rows, *each, times, echo


async def _grown(stand: Stand, changed: int) -> Growth:
    stand.edit(changed)
    return Growth(changed, await stand.sync(), await stand.sync(), await stand.sync())


def kept(file: Path, size: int) -> tuple[int, float, int, str]:
    """How many rows and bytes the store keeps for each of *size* requirements."""
    database = sqlite3.connect(file)
    try:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608
    finally:
        database.close()
    shares = {name: ratio(count, size) for name, count in sorted(rows.items()) if ratio(count, size)}
    by_table = ", ".join(f"{name} {share:g}" for name, share in shares.items())
    return size, ratio(sum(rows.values()), size), round(file.stat().st_size / size), by_table
