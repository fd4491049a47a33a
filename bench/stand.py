"""Shelves, and a hub between them: what each run costs."""

import gc
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.shelf import FileShelf, MemoryShelf, Shelf
from bench.shelving import BATCH, REGISTRY
from hub.app import Hub
from hub.config import load_config
from hub.store import Store
from hub.sync import Report

SYNC = "all"
STATUSES = ("New", "In Progress", "Review")


def written_by_people(number: int) -> dict[str, Any]:
    """The fields of a requirement as people write them."""
    return {
        "title": f"Order {number} shows the wrong total",
        "body": f"The total of order {number} leaves out the **discount**.\n\n- look at the invoice\n- mend the sum\n",
        "status": STATUSES[number % 3],
        "due": f"2026-0{number % 9 + 1}-15",
        "labels": ["erp", f"team {number % 7}"],
    }


@dataclass(frozen=True)
class Cost:
    """What one run cost.

    Args:
        seconds: Of the whole run: opening the hub, the run, closing it.
        connector: Of these, what the connectors and shelves took.
        processor: The seconds in which the processor was at work on the run, without those for the connectors.
        all_processor: The same with them.
        asked: By spoke: how often each method of its connector was called.
        given: How many records the shelves handed out.
        rows: How many rows of the store were written.
    """

    report: Report
    seconds: float
    connector: float
    processor: float
    all_processor: float
    asked: Mapping[str, Counter[str]]
    given: int
    rows: int

    @property
    def hub(self) -> float:
        """The hub's own seconds."""
        return self.seconds - self.connector

    @property
    def calls(self) -> int:
        """How many requests were made, opening included."""
        return sum(calls.total() for calls in self.asked.values())


class Stand:
    """Some shelves in a folder, each a spoke of one sync that originates and creates requirements.

    Args:
        in_files: Whether the shelves keep their records in files.
    """

    def __init__(self, folder: Path, names: Sequence[str] = ("left", "right"), *, in_files: bool = False) -> None:
        self.folder, self._edits = folder, 0
        self.shelves: list[Shelf] = [FileShelf(name, folder) if in_files else MemoryShelf(name) for name in names]
        spoke = "{ requirement = { originates = true, creates = true } }"
        lines = [
            *(f'connections.{name} = {{ plugin = "shelf", shelf = "{name}" }}' for name in names),
            *(f"syncs.{SYNC}.spokes.{name} = {spoke}" for name in names),
        ]
        self._config = folder / "hub.toml"
        self._config.write_text("\n".join(lines), encoding="utf-8")

    def fill(self, size: int) -> None:
        """People enter so many requirements on the first shelf, a batch at a time."""
        for start in range(0, size, BATCH):
            numbers = range(start, min(start + BATCH, size))
            self.shelves[0].add((None, written_by_people(number)) for number in numbers)

    def edit(self, how_many: int) -> None:
        """People change the titles of so many requirements on the first shelf."""
        self._edits += 1
        said = f"is wrong for the {self._edits}. time"
        self.shelves[0].change((str(n), {"title": f"Order {n} {said}"}) for n in range(1, how_many + 1))

    def open(self) -> Hub:
        """The hub, as a command would open it."""
        config = load_config(self._config, REGISTRY)
        return Hub(config, REGISTRY, Store.open(config.store))

    async def sync(self, **more: Any) -> Cost:
        """One run, from opening the hub to closing it. Raises RuntimeError if it left anything to do."""
        gc.collect()
        calls = [Counter(shelf.asked) for shelf in self.shelves]
        before, begun, in_processor = self._account(), time.perf_counter(), time.process_time()
        hub = self.open()
        try:
            report = await hub.sync(SYNC, **more)
            rows = hub.store.db.conn.total_changes
        finally:
            hub.close()
        seconds, processor = time.perf_counter() - begun, time.process_time() - in_processor
        if report.outcome != "done":
            raise RuntimeError(f"the run is not done, so its figures mean nothing: {report.outcome}, {report.problems}")
        given, took, took_of_processor = (now - then for now, then in zip(self._account(), before, strict=True))
        asked = {shelf.name: shelf.asked - counted for shelf, counted in zip(self.shelves, calls, strict=True)}
        return Cost(report, seconds, took, processor - took_of_processor, processor, asked, int(given), rows)

    def _account(self) -> tuple[float, ...]:
        """What all shelves together gave so far, and how long that took."""
        return (
            sum(shelf.given for shelf in self.shelves),
            sum(shelf.seconds for shelf in self.shelves),
            sum(shelf.processor for shelf in self.shelves),
        )

    @property
    def database(self) -> Path:
        """Where the hub keeps what it knows."""
        return self.folder / "hub.db"
