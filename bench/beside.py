"""The hub beside vdirsyncer, on the same machine, in the same run, step by step in turns.

vdirsyncer keeps two collections of calendar items or contacts in step. It is the nearest relative that can be put to the
same work without a server: an item has an id and a version, and a file remembers what both sides last showed. It copies
items as a whole. The hub reads their fields, merges them one by one, and keeps who set them and when.
"""

import gc
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vdirsyncer.storage.memory import MemoryStorage  # type: ignore[import-untyped]
from vdirsyncer.sync import sync  # type: ignore[import-untyped]
from vdirsyncer.sync.status import SqliteStatus  # type: ignore[import-untyped]
from vdirsyncer.vobject import Item  # type: ignore[import-untyped]

from bench.stand import Stand, written_by_people
from bench.tables import Figures, ratio

TIMES = 3
"""So often everything is played; of each step counts the time of the quickest, of either: others use the machine as well."""
SPEED = Figures(
    "Beside vdirsyncer: time",
    (
        "requirements",
        "step",
        "vdirsyncer s",
        "hub s",
        "theirs / ours",
        "in processor time",
        "hub's own s",
        "vdirsyncer records/s",
        "hub records/s",
    ),
    note=(
        f"The best of {TIMES}, each with new services and new files.\n"
        "s: all of it, both services and the opening of the files included; hub's own: without the services.\n"
        "theirs / ours: above 1 the hub is the faster; in processor time others on the machine count less.\n"
        "records/s: those the step is about; where nothing changed, all."
    ),
)
ASKED = Figures(
    "Beside vdirsyncer: what is asked and kept",
    (
        "requirements",
        "step",
        "vdirsyncer calls",
        "hub calls",
        "vdirsyncer records seen",
        "hub records seen",
        "vdirsyncer bytes each",
        "hub bytes each",
    ),
    note=(
        "calls: one for a list, a page or a batch; vdirsyncer writes items one by one, the hub up to 500 at once.\n"
        "records seen: those of a list or page, and those read by id. bytes each: what is kept on disk for a requirement;\n"
        "vdirsyncer keeps ids, versions and hashes, the hub every field and who set it when."
    ),
)
FIRST, NOTHING, SOME, ALL = "first sync", "nothing to do", "1 % changed", "full compare"
"""vdirsyncer looks at everything in every pass; the hub only in a full compare."""


@dataclass(frozen=True)
class Pass:
    """What one pass of either took.

    Args:
        processor: The seconds in which the processor was at work on it.
        calls: What both services were asked.
        seen: How many records they showed.
        state: The bytes kept on disk afterwards.
        own: The seconds without those of the services, where they are known.
    """

    seconds: float
    processor: float
    calls: int
    seen: int
    state: int
    own: float = 0.0


class CountedStorage(MemoryStorage):  # type: ignore[misc]  # it has no types
    """vdirsyncer's own storage in memory, which counts what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()
        self.seen = 0

    async def list(self) -> AsyncIterator[tuple[str, str]]:
        """One call, which shows the id and version of every item."""
        self.asked["list"] += 1
        async for each in super().list():
            self.seen += 1
            yield each

    async def get_multi(self, hrefs: Sequence[str]) -> AsyncIterator[tuple[str, Any, str]]:
        """One call, however many items."""
        self.asked["get_multi"] += 1
        async for each in super().get_multi(hrefs):
            self.seen += 1
            yield each

    async def upload(self, item: Any) -> Any:
        """One call for each item."""
        self.asked["upload"] += 1
        return await super().upload(item)

    async def update(self, href: str, item: Any, etag: str) -> Any:
        """One call for each item."""
        self.asked["update"] += 1
        return await super().update(href, item, etag)


@dataclass
class Pair:
    """Two storages of vdirsyncer, and the file in which it keeps their status."""

    folder: Path
    left: CountedStorage = field(default_factory=CountedStorage)
    right: CountedStorage = field(default_factory=CountedStorage)

    async def fill(self, size: int) -> None:
        """People enter to-dos on one side."""
        for number in range(size):
            await self.left.upload(todo(number))

    async def edit(self, how_many: int) -> None:
        """People change the summaries of so many."""
        for number in range(how_many):
            changed = todo(number, f"Order {number} shows the right total")
            etag, _ = self.left.items[changed.ident]
            await self.left.update(changed.ident, changed, etag)

    async def sync(self) -> None:
        """One pass, from opening the status to closing it."""
        with closing(SqliteStatus(str(self.file))) as status:
            await sync(self.left, self.right, status)

    async def passed(self) -> Pass:
        """One pass, measured."""
        before = self._counted()
        times = await _timed(self.sync)
        calls, seen = (now - then for now, then in zip(self._counted(), before, strict=True))
        return Pass(*times, calls, seen, self.file.stat().st_size)

    def _counted(self) -> tuple[int, int]:
        both = (self.left, self.right)
        return sum(each.asked.total() for each in both), sum(each.seen for each in both)

    @property
    def file(self) -> Path:
        """Where the status is kept."""
        return self.folder / "status.db"


def todo(number: int, title: str = "") -> Any:
    """The same that a requirement says, as a to-do of iCalendar (RFC 5545)."""
    says = written_by_people(number)
    body = says["body"].replace("\n", "\\n")
    return Item(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//hub//bench//EN\r\nBEGIN:VTODO\r\n"
        f"UID:order-{number}\r\nDTSTAMP:20260301T090000Z\r\nSUMMARY:{title or says['title']}\r\n"
        f"DESCRIPTION:{body}\r\nSTATUS:IN-PROCESS\r\nDUE;VALUE=DATE:{says['due'].replace('-', '')}\r\n"
        f"CATEGORIES:{','.join(says['labels'])}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    )


async def beside(sizes: Sequence[int]) -> list[Figures]:
    """The figures of both, for each number of requirements in *sizes*."""
    speed, asked = SPEED.empty(), ASKED.empty()
    for size in sizes:
        plays = [[step async for step in played(size)] for _ in range(TIMES)]
        for step, records, theirs, ours in map(_best, *plays):
            faster = ratio(theirs.seconds, ours.seconds), ratio(theirs.processor, ours.processor)
            rates = records / theirs.seconds, records / ours.seconds
            speed.rows.append((size, step, theirs.seconds, ours.seconds, *faster, ours.own, *rates))
            states = round(theirs.state / size), round(ours.state / size)
            asked.rows.append((size, step, theirs.calls, ours.calls, theirs.seen, ours.seen, *states))
    return [speed, asked]


def _best(*played: tuple[str, int, Pass, Pass]) -> tuple[str, int, Pass, Pass]:
    """One step, played several times."""
    step, records, *_ = played[0]
    theirs, ours = (min((each[place] for each in played), key=lambda one: one.seconds) for place in (2, 3))
    return step, records, theirs, ours


async def played(size: int) -> AsyncIterator[tuple[str, int, Pass, Pass]]:
    """Each step, how many records it is about, and what it took each of the two."""
    some = max(1, size // 100)
    with tempfile.TemporaryDirectory() as folder:
        pair, stand = Pair(Path(folder)), Stand(Path(folder))
        await pair.fill(size)
        stand.fill(size)
        yield FIRST, size, await pair.passed(), await _ours(stand)
        await pair.sync()
        await stand.sync()
        yield NOTHING, size, await pair.passed(), await _ours(stand)
        await pair.edit(some)
        stand.edit(some)
        yield SOME, some, await pair.passed(), await _ours(stand)
        yield ALL, size, await pair.passed(), await _ours(stand, full=True)


async def _ours(stand: Stand, **more: Any) -> Pass:
    cost = await stand.sync(**more)
    return Pass(cost.seconds, cost.all_processor, cost.calls, cost.given, stand.database.stat().st_size, cost.hub)


async def _timed(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """The seconds of some work, by the clock and of the processor."""
    gc.collect()
    begun, in_processor = time.perf_counter(), time.process_time()
    await work()
    return time.perf_counter() - begun, time.process_time() - in_processor
