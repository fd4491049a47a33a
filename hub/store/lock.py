"""One run at a time: two that share a store would both create what neither has seen the other create."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

from hub.errors import StoreError

TRY_EVERY_S = 0.2
PATIENCE_S = 30.0


class _Busy(StoreError):
    """Somebody else has the lock, and may let go of it."""


def lock_file(path: str) -> Path:
    """The file on which the lock of the store at *path* is; it stays when the lock ends, and says that a hub was here."""
    return Path(f"{path}.lock")


def is_taken(path: str) -> bool:
    """Whether a run is going on with the store at *path*. Raises StoreError if the lock cannot be used."""
    if path == ":memory:" or not lock_file(path).exists():
        return False
    lock = _opened(path, 0)
    try:
        _take(lock, path)
    except _Busy:
        return True
    finally:
        lock.close()
    return False


@contextlib.asynccontextmanager
async def only_one(
    path: str, *, patience_s: float = PATIENCE_S, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AsyncIterator[None]:
    """Inside the block no other process (and no other task) runs a sync on the store at *path*.

    The lock is a transaction on a file of its own beside the store, so that it ends with the process, however that ends.

    Raises:
        StoreError: Another run was still going on after *patience_s* seconds.
    """
    if path == ":memory:":
        yield
        return
    lock = _opened(path, 0)
    try:
        await _taken(lock, path, patience_s, sleep)
        yield
    finally:
        lock.close()


@contextlib.contextmanager
def only_one_now(path: str, *, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """As `only_one`, for what is done at once and waits without letting anything else happen."""
    if path == ":memory:":
        yield
        return
    lock = _opened(path, patience_s)
    try:
        _take(lock, path)
        yield
    finally:
        lock.close()


async def _taken(
    lock: sqlite3.Connection, path: str, patience_s: float, sleep: Callable[[float], Awaitable[None]]
) -> None:
    waited = 0.0
    while True:
        try:
            _take(lock, path)
        except _Busy:
            if waited >= patience_s:
                raise
        else:
            return
        await sleep(TRY_EVERY_S)
        waited += TRY_EVERY_S


def _opened(path: str, patience_s: float) -> sqlite3.Connection:
    try:
        return sqlite3.connect(lock_file(path), isolation_level=None, timeout=patience_s)
    except sqlite3.DatabaseError as error:
        raise _unusable(path, error) from error


def _take(lock: sqlite3.Connection, path: str) -> None:
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        if "locked" not in str(error):
            raise _unusable(path, error) from error
        raise _Busy(
            f"another run is still going on with {path}", fix="wait until it is done, then run this again"
        ) from error


def _unusable(path: str, error: sqlite3.DatabaseError) -> StoreError:
    broken = "not a database" in str(error)
    fix = "delete that file while no hub is running" if broken else "check that folder and file may be written to"
    return StoreError(f"{lock_file(path)}: {error}", fix=fix)
