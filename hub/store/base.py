"""What every group of tables shares: running a statement, and telling SQLite's errors as the hub's."""

import functools
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from sqlite_utils import Database

from hub.store.database import speaking_of
from hub.store.rows import marks

BLOCK = 100
"""So many rows are put by one statement: to run one for each takes a fourth longer."""


class Tables:
    """Some tables of one database. Every method may raise StoreError."""

    def __init__(self, database: Database, path: str) -> None:
        self.db, self.path = database, path

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with speaking_of(self.path):
            return self.db.conn.execute(sql, values).fetchall()

    def _run(self, sql: str, values: Sequence[Any] = ()) -> int:
        with speaking_of(self.path):
            return int(self.db.conn.execute(sql, values).rowcount)

    def _many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        with speaking_of(self.path):
            return int(self.db.conn.executemany(sql, rows).rowcount)

    def _insert(self, into: str, rows: Sequence[Sequence[Any]]) -> int:
        """Run an INSERT for all *rows*, which are of the same length; the number of those that were put."""
        if not rows:
            return 0
        width, whole = len(rows[0]), len(rows) - len(rows) % BLOCK
        put = 0
        for start in range(0, whole, BLOCK):
            block = chain.from_iterable(rows[start : start + BLOCK])
            put += self._run(_insertion(into, width, BLOCK), list(block))
        return put + self._many(_insertion(into, width, 1), rows[whole:])


@functools.cache
def _insertion(into: str, width: int, rows: int) -> str:
    return f"{into} VALUES {', '.join([f'({marks(range(width))})'] * rows)}"
