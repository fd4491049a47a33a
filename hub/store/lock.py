"""One run at a time: two that share a store would both create what neither has seen the other create."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

from hub.errors import StoreError

TRY_EVERY_S = 0.2
PATIENCE_S = 30.0


Waits = Callable[[float], None]


def in_silence(patience_s: float) -> None:
    """Tell nobody."""


class _Busy(StoreError):
    """Somebody else has the lock, and may let go of it."""


def lock_file(path: str) -> Path:
    """The file on which the lock of the store at *path* is; it stays when the lock ends, and says that a hub was here."""
    return Path(f"{path}.lock")


def is_taken(path: str) -> bool:
    """Whether a run is going on with the store at *path*. Raises StoreError if the lock cannot be used."""
    if path == ":memory:" or not lock_file(path).exists():
        return False
    lock = _opened(path)
    try:
        _take(lock, path)
    except _Busy:
        return True
    finally:
        lock.close()
    return False


@contextlib.asynccontextmanager
async def only_one(
    path: str,
    *,
    patience_s: float = PATIENCE_S,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    waits: Waits = in_silence,
) -> AsyncIterator[None]:
    """Inside the block no other process (and no other task) runs a sync on the store at *path*.

    The lock is a transaction on a file of its own beside the store, so that it ends with the process, however that ends.

    Args:
        waits: Told once, before it waits, for how many seconds it will at most.

    Raises:
        StoreError: Another run was still going on after *patience_s* seconds.
    """
    with _lock(path) as lock:
        for pause in _tries(lock, path, patience_s, waits):
            await sleep(pause)
        yield


@contextlib.contextmanager
def only_one_now(
    path: str,
    *,
    patience_s: float = PATIENCE_S,
    sleep: Callable[[float], None] = time.sleep,
    waits: Waits = in_silence,
) -> Iterator[None]:
    """As `only_one`, for what is done at once and waits without letting anything else happen."""
    with _lock(path) as lock:
        for pause in _tries(lock, path, patience_s, waits):
            sleep(pause)
        yield


@contextlib.contextmanager
def _lock(path: str) -> Iterator[sqlite3.Connection | None]:
    """The file of the lock, which ends with the block; None where nobody else can come to the store."""
    if path == ":memory:":
        yield None
        return
    lock = _opened(path)
    try:
        yield lock
    finally:
        lock.close()


def _tries(lock: sqlite3.Connection | None, path: str, patience_s: float, waits: Waits) -> Iterator[float]:
    """Try to take the lock again and again; in between, how many seconds to sleep."""
    waited, tries = 0.0, 0
    while lock is not None:
        try:
            _take(lock, path)
        except _Busy:
            if waited >= patience_s:
                raise
            if tries == 1:  # who only looks whether it is taken has it for a moment
                waits(patience_s)
        else:
            return
        yield TRY_EVERY_S
        waited, tries = waited + TRY_EVERY_S, tries + 1


def _opened(path: str) -> sqlite3.Connection:
    try:
        return sqlite3.connect(lock_file(path), isolation_level=None, timeout=0)
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
