"""The leanest service that is still an honest one: records, and a number for every change.

Nothing in it goes wrong, lags or is refused. It counts what it is asked, and knows how long its connector took over it, so
that the rest of a run's time can be told to be the hub's own.
"""

import contextlib
import itertools
import json
import sqlite3
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

Fields = Mapping[str, Any]


class Item(NamedTuple):
    """A record as it is kept; `number` is that of its last change."""

    id: str
    number: int
    marker: str | None
    fields: Fields


@dataclass
class Shelf(ABC):
    """Records of one kind; a new shelf takes over the name, by which a configuration finds it.

    Attributes:
        asked: How often each method of the connector was called, by method and kind: `create requirement`.
        given: How many records were handed out, page by page or by id.
        seconds: How long the connector took.
        processor: The same without the time in which the processor did something else.
    """

    name: str
    asked: Counter[str] = field(default_factory=Counter)
    given: int = 0
    seconds: float = 0.0
    processor: float = 0.0
    number: int = 0
    named: ClassVar[dict[str, "Shelf"]] = {}

    def __post_init__(self) -> None:
        self.named[self.name] = self

    @abstractmethod
    def after(self, number: int, most: int) -> list[Item]:
        """At most so many records that changed after *number*, in the order of their changes."""

    @abstractmethod
    def take(self, ids: Iterable[str]) -> dict[str, Item]:
        """The records of these ids that there are."""

    @abstractmethod
    def put(self, items: Sequence[Item]) -> None:
        """Keep records: new ones, and others in place of those that have their ids."""

    @abstractmethod
    def marked(self, markers: Iterable[str]) -> dict[str, list[str]]:
        """By marker: the ids of the records that carry it, oldest first."""

    def add(self, new: Iterable[tuple[str | None, Fields]]) -> list[Item]:
        """New records, each of a marker and fields; their ids count on."""
        items = [Item(str(number), number, marker, fields) for number, (marker, fields) in self._numbered(new)]
        self.put(items)
        return items

    def change(self, changes: Iterable[tuple[str, Fields]]) -> list[Item]:
        """Set some fields of some records, each given by its id. Raises KeyError."""
        wanted = list(changes)
        known = self.take(remote for remote, _ in wanted)
        items = [
            known[remote]._replace(number=number, fields={**known[remote].fields, **fields})
            for number, (remote, fields) in self._numbered(wanted)
        ]
        self.put(items)
        return items

    def _numbered(self, rows: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        for row in rows:
            self.number += 1
            yield self.number, row

    @contextlib.contextmanager
    def timed(self, call: str) -> Iterator[None]:
        """The block is one request of the connector."""
        begun, begun_in_processor = time.perf_counter(), time.process_time()
        self.asked[call] += 1
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - begun
            self.processor += time.process_time() - begun_in_processor


class MemoryShelf(Shelf):
    """Keeps its records in memory."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._items: dict[str, Item] = {}
        self._changed: list[str] = []
        self._markers: dict[str, list[str]] = {}

    def after(self, number: int, most: int) -> list[Item]:
        """The records whose changes stand in the list behind that one, older states of each left out."""
        states = ((n + 1, self._items[self._changed[n]]) for n in range(number, len(self._changed)))
        return list(itertools.islice((item for n, item in states if item.number == n), most))

    def take(self, ids: Iterable[str]) -> dict[str, Item]:
        """Out of the dictionary."""
        return {remote: self._items[remote] for remote in ids if remote in self._items}

    def put(self, items: Sequence[Item]) -> None:
        """Into the dictionary; the number of a change is its place in the list of changes."""
        for item in items:
            self._changed.append(item.id)
            if item.marker and item.id not in self._items:
                self._markers.setdefault(item.marker, []).append(item.id)
            self._items[item.id] = item

    def marked(self, markers: Iterable[str]) -> dict[str, list[str]]:
        """Out of the index of markers."""
        return {marker: self._markers[marker] for marker in markers if marker in self._markers}


class FileShelf(Shelf):
    """Keeps its records in a file, so that they take none of the memory of the process.

    Args:
        folder: Where the file is made.
    """

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self._file = sqlite3.connect(folder / f"{name}.shelf", isolation_level=None)
        self._file.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE item (id TEXT PRIMARY KEY, number INTEGER, marker TEXT, fields TEXT) WITHOUT ROWID;"
            "CREATE INDEX item_number ON item (number); CREATE INDEX item_marker ON item (marker);"
        )

    def after(self, number: int, most: int) -> list[Item]:
        """By the index of numbers."""
        return self._items("number > ? ORDER BY number LIMIT ?", (number, most))

    def take(self, ids: Iterable[str]) -> dict[str, Item]:
        """All of them by one statement."""
        return {item.id: item for item in self._items("id IN (SELECT value FROM json_each(?))", _listed(ids))}

    def put(self, items: Sequence[Item]) -> None:
        """All of them in one transaction."""
        self._file.execute("BEGIN")
        self._file.executemany(
            "INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?)",
            ((*item[:3], json.dumps(item.fields, ensure_ascii=False)) for item in items),
        )
        self._file.execute("COMMIT")

    def marked(self, markers: Iterable[str]) -> dict[str, list[str]]:
        """By the index of markers."""
        found: dict[str, list[str]] = {}
        for item in self._items(
            "marker IN (SELECT value FROM json_each(?)) ORDER BY CAST(id AS INTEGER)", _listed(markers)
        ):
            found.setdefault(item.marker or "", []).append(item.id)
        return found

    def _items(self, where: str, values: Sequence[Any]) -> list[Item]:
        rows = self._file.execute(f"SELECT id, number, marker, fields FROM item WHERE {where}", values)  # noqa: S608
        return [Item(remote, number, marker, json.loads(fields)) for remote, number, marker, fields in rows]


def _listed(words: Iterable[str]) -> tuple[str]:
    return (json.dumps(list(words)),)
