"""A process that may die at any boundary: before or after a request is carried out, before or after a commit.

Once it has died nothing more reaches the database or a service, whatever still runs on its way out.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from sqlite_utils import Database

from hub.store import Store

WRITING = ("INSERT", "UPDATE", "DELETE", "REPLAC")


class Crash(BaseException):
    """The process ends here."""


def is_crash(error: BaseException) -> bool:
    """Whether the process died, and nothing else went wrong."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_crash(each) for each in error.exceptions)
    return isinstance(error, Crash)


class Process:
    """Counts boundaries, and dies at one of them."""

    def __init__(self) -> None:
        self.dies_in: int | None = None
        """How many boundaries are still crossed; None for ever."""
        self.dead = False
        self.died_at = ""
        self.crossed = 0
        """At how many boundaries it might have died."""

    def boundary(self, where: str) -> None:
        """Cross it, or die. Raises Crash."""
        self.must_live()
        self.crossed += 1
        if self.dies_in is not None:
            if self.dies_in == 0:
                self.dead, self.died_at = True, where
            self.dies_in -= 1
        self.must_live()

    def must_live(self) -> None:
        """Raises Crash once the process has died."""
        if self.dead:
            raise Crash(self.died_at)

    def born_again(self) -> None:
        """A new process, which lives until it is told to die."""
        self.dead, self.dies_in = False, None


class Connection(sqlite3.Connection):
    """To a database, from a process that may die: every commit, also that of a single statement, is a boundary."""

    process: Process

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        self.process.must_live()
        commits = sql == "COMMIT" if self.in_transaction else sql.lstrip()[:6].upper() in WRITING
        if not commits:
            return super().execute(sql, parameters)
        self.process.boundary("before a commit")
        done = super().execute(sql, parameters)
        self.process.boundary("after a commit")
        return done

    def executemany(self, sql: str, rows: Iterable[Any]) -> sqlite3.Cursor:
        self.process.must_live()
        return super().executemany(sql, rows if self.in_transaction else self._one_by_one(rows))

    def _one_by_one(self, rows: Iterable[Any]) -> Iterator[Any]:
        """Outside a transaction each row is a commit of its own."""
        for row in rows:
            self.process.boundary("before a row")
            yield row


@cache
def _template() -> sqlite3.Connection:
    """An empty database whose schema is up to date."""
    store = Store.open(":memory:")
    store.keep_fact("hub_id", "simulated")
    return store.db.conn


def open_store(path: str, process: Process, like: Store | None = None) -> Store:
    """A store held in memory, as a process finds it: empty, or with what is committed in that of another process.

    Args:
        path: Where its lock and its files are.
    """
    source: sqlite3.Connection = like.db.conn if like else _template()
    if like:
        source.rollback()
    held = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, factory=Connection)
    held.process = process
    source.backup(held)
    held.execute("PRAGMA foreign_keys = ON")
    if like:
        source.close()
    return Store(Database(held), path)
