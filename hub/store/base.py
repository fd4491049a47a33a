"""What every group of tables shares: running a statement, and telling SQLite's errors as the hub's."""

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from sqlite_utils import Database

from hub.store.database import speaking_of
from hub.store.rows import marks

BLOCK = 50
"""So many rows are put by one statement, and a value that all of them have is given once: half as long as one by one."""


class Tables:
    """Some tables of one database. Every method may raise StoreError."""

    def __init__(self, database: Database, path: str) -> None:
        self.db, self.path = database, path
        self.named = path  # in errors: for a copy, what it is a copy of

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with speaking_of(self.named):
            return self.db.conn.execute(sql, values).fetchall()

    def _run(self, sql: str, values: Sequence[Any] = ()) -> int:
        with speaking_of(self.named):
            return int(self.db.conn.execute(sql, values).rowcount)

    def _many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        with speaking_of(self.named):
            return int(self.db.conn.executemany(sql, rows).rowcount)

    def _insert(self, into: str, rows: Sequence[Sequence[Any]]) -> int:
        """Run an INSERT for all *rows*, which are of the same length; the number of those that were put."""
        whole = len(rows) - len(rows) % BLOCK
        put = sum(self._insert_block(into, rows[start : start + BLOCK]) for start in range(0, whole, BLOCK))
        return put + (self._many(f"{into} VALUES ({marks(rows[0])})", rows[whole:]) if rows[whole:] else 0)

    def _insert_block(self, into: str, rows: Sequence[Sequence[Any]]) -> int:
        columns = list(zip(*rows, strict=True))
        same = tuple(n for n, column in enumerate(columns) if column.count(column[0]) == BLOCK)
        own = [value for n, column in enumerate(columns) if n not in same for value in column]
        return self._run(_insertion(into, len(columns), same), [*(columns[n][0] for n in same), *own])


@functools.lru_cache(maxsize=64)
def _insertion(into: str, width: int, same: tuple[int, ...]) -> str:
    """An INSERT of a block of rows: one value for each column of *same*, then those of each other column, row by row."""
    own = [n for n in range(width) if n not in same]
    first = {n: place for place, n in enumerate(same, 1)} | {n: len(same) + 1 + k * BLOCK for k, n in enumerate(own)}
    rows = ([f"?{first[n] + (0 if n in same else row)}" for n in range(width)] for row in range(BLOCK))
    return f"{into} VALUES ({'), ('.join(', '.join(row) for row in rows)})"
