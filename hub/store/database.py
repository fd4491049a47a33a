"""Opens the database file, brings its schema up to date, and turns its errors into the hub's."""

import contextlib
import functools
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database

from hub.errors import StoreError
from hub.store.lock import lock_file
from hub.store.migrations import migrations

BUSY_TIMEOUT_MS = 10_000
CACHE_KIB = 16_384
PAGE_SIZE = 8_192
"""Bytes of a page of a new database: a description of usual length, in a row, fills most of a smaller one."""
IN_MEMORY = ":memory:"
FULL = "make room on the disk and see that it is sound, then run the same command again"
RECOVERING = "docs/how-to/recover.md"
RESTORE = f"restore it from a backup; how to go on, also without one: {RECOVERING}"


def open_database(path: str) -> Database:
    """The database at *path* (`:memory:` for one that is not kept), made if there is none and never was.

    Raises:
        StoreError: It cannot be opened, is none, was written by a newer hub, or is gone though a hub has worked with it.
    """
    with speaking_of(path):
        _not_lost(path)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            return _prepared(connection, path)
        except BaseException:
            connection.close()
            raise


def _prepared(connection: sqlite3.Connection, path: str) -> Database:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute("PRAGMA temp_store = MEMORY")  # what a statement of many rows may have to take back is no file
    connection.execute("PRAGMA secure_delete = FAST")  # some builds write every page anew that is given up
    connection.execute("PRAGMA foreign_keys = ON")
    database = Database(connection)
    _not_newer(database, path)
    pending = migrations.pending(database)
    if pending:
        _not_somebodys(database, path)
    if path != IN_MEMORY:
        connection.execute("PRAGMA journal_mode = WAL")
    if pending:
        _bring_up_to_date(database, path)
    return database


def _not_lost(path: str) -> None:
    """An empty database in place of a lost one would have every copy made a second time. Raises StoreError."""
    file, lock = Path(path), lock_file(path)
    if path == IN_MEMORY or not lock.is_file() or (file.is_file() and file.stat().st_size):
        return
    raise StoreError(
        f"{path}: the database is {'empty' if file.is_file() else 'gone'}, though a hub has worked with it",
        fix=f"{RESTORE} (to begin anew although every copy is then made again, delete {lock.name} as well)",
    )


def _not_newer(database: Database, path: str) -> None:
    """Raises StoreError for a schema that this hub does not know: it would not know what it breaks."""
    try:
        unknown = ", ".join(later_steps(database))
    except (KeyError, TypeError) as error:  # of columns that the list of steps should have
        raise StoreError(f"{path}: the steps of its schema cannot be read", fix=RESTORE) from error
    if unknown:
        raise StoreError(
            f"{path}: was written by a newer hub (its schema has {unknown})",
            fix="upgrade requirement-hub, or name another file in [hub] store",
        )


def later_steps(database: Database) -> list[str]:
    """The steps of a database's schema that this hub does not have."""
    return [step.name for step in migrations.applied(database) if step.name not in known_steps()]


@functools.cache
def known_steps() -> frozenset[str]:
    """The steps that lead to the schema of this hub."""
    return frozenset(step.name for step in migrations.pending(Database(memory=True)))


def _bring_up_to_date(database: Database, path: str) -> None:
    """All missing steps at once or none, and by one process only, whoever else opens the same file at that moment."""
    connection = database.conn
    connection.execute("PRAGMA foreign_keys = OFF")  # a table that is referred to can be put in another's place
    connection.execute("BEGIN IMMEDIATE")
    try:
        _not_newer(database, path)
        migrations.apply(database)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("PRAGMA foreign_keys = ON")


def _not_somebodys(database: Database, path: str) -> None:
    """Raises StoreError for a database that is another program's."""
    if (tables := set(database.table_names()) - {migrations.migrations_table}) and not migrations.applied(database):
        raise StoreError(
            f"{path}: is the database of something else (it has {', '.join(sorted(tables)[:3])})",
            fix="name another file in [hub] store",
        )


def copy_of(database: Database, path: str) -> Database:
    """A copy in a file at *path* (or `:memory:`), on which anything can be tried without a trace."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    database.conn.backup(connection)
    connection.execute("PRAGMA synchronous = OFF")  # nobody will miss it after a power cut
    return Database(connection)


@contextlib.contextmanager
def speaking_of(path: str) -> Iterator[None]:
    """Inside the block, SQLite's errors are told as StoreErrors about *path*."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: {error}", fix=_advice(str(error))) from error
    except UnicodeDecodeError as error:  # of the words in which SQLite would have told what is wrong
        raise StoreError(f"{path}: the database is malformed", fix=RESTORE) from error


def _advice(said: str) -> str:
    if "locked" in said:
        return "another hub is writing; wait for it, or stop it"
    if "readonly" in said or "unable to open" in said:
        return "check that the folder exists, and that folder and file may be written to"
    if "decode" in said:
        return "hub doctor"
    if any(word in said for word in ("not a database", "malformed", "no such", "no column")):
        return RESTORE
    if "full" in said or "I/O" in said:
        return FULL
    return "look at the file and its folder, then run the same command again"
