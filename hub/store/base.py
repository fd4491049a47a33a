"""What every group of tables shares: running a statement, and telling SQLite's errors as the hub's."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlite_utils import Database

from hub.store.database import speaking_of


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
