"""Opens the database file, brings its schema up to date, and turns its errors into the hub's."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database

from hub.errors import StoreError
from hub.store.migrations import migrations

BUSY_TIMEOUT_MS = 10_000


def open_database(path: str) -> Database:
    """The database at *path* (`:memory:` for one that is not kept). Raises StoreError."""
    with speaking_of(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        database = Database(connection)
        migrations.apply(database)
        return database


def copy_of(database: Database) -> Database:
    """A copy in memory, on which anything can be tried without a trace."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    database.conn.backup(connection)
    return Database(connection)


@contextlib.contextmanager
def speaking_of(path: str) -> Iterator[None]:
    """Inside the block, SQLite's errors are told as StoreErrors about *path*."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{Path(path).name}: {error}", fix=_advice(str(error))) from error


def _advice(said: str) -> str:
    if "locked" in said:
        return "another hub is writing; wait for it, or stop it"
    if "readonly" in said or "unable to open" in said:
        return "check that the folder exists and may be written to"
    if "not a database" in said or "malformed" in said:
        return "restore the file from a backup, or name another in [hub] store"
    if "full" in said:
        return "make room on the disk, then run the same command again"
    return "look at the file and its folder, then run the same command again"
