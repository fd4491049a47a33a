"""One run at a time: two that share a store would both create what neither has seen the other create."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from hub.errors import StoreError

TRY_EVERY_S = 0.2
PATIENCE_S = 30.0


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
    lock = sqlite3.connect(f"{path}.lock", isolation_level=None, timeout=0)
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
    lock = sqlite3.connect(f"{path}.lock", isolation_level=None, timeout=patience_s)
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
        except StoreError:
            if waited >= patience_s:
                raise
        else:
            return
        await sleep(TRY_EVERY_S)
        waited += TRY_EVERY_S


def _take(lock: sqlite3.Connection, path: str) -> None:
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise StoreError(f"{path}.lock: {error}", fix="check that the folder may be written to") from error
        raise StoreError(
            f"another run is still going on with {path}", fix="wait until it is done, then run this again"
        ) from error
