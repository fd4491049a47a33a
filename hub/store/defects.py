"""What is wrong with a store: found by checks, mended where it follows from what is still there, told to a person.

A **check** is a function that reads a store and yields **defects**. A defect that can be derived from the rest carries
the deed that mends it; of any other it says what a person can do.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.errors import StoreError
from hub.store import codec
from hub.store.database import RECOVERING, speaking_of
from hub.store.store import Store

MEND = "hub doctor --repair"
UNREADABLE = (StoreError, *codec.UNREADABLE)
PASSES = 3
"""What is mended may bring up what could not be seen before."""

Mend = Callable[[Store], None]


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong.

    Args:
        what: The check that found it.
        level: `error` where something is lost or kept from people, else `warning`.
        message: What it is, as a sentence that names what it is about.
        fix: The next step.
        mend: Puts it right, from what is still there; None where that cannot be derived.
    """

    what: str
    level: str
    message: str
    fix: str = MEND
    mend: Mend | None = None

    @property
    def same(self) -> tuple[str, str]:
        """What tells it from others, before and after a repair."""
        return self.what, self.message


Check = Callable[[Store], Iterable[Defect]]


def examined(store: Store, checks: Sequence[Check]) -> list[Defect]:
    """What *checks* find. A check that cannot even read what it looks at is itself a finding."""
    found: list[Defect] = []
    for check in checks:
        try:
            found += check(store)
        except UNREADABLE as error:
            said = error.message if isinstance(error, StoreError) else f"{type(error).__name__}: {error}"
            found.append(Defect(check.__name__, "error", f"cannot be read: {said}", restore(store)))
    return found


def mended(store: Store, checks: Sequence[Check], found: Sequence[Defect]) -> list[Defect]:
    """Mend what can be derived of what was *found*; what is wrong after that. Raises StoreError: nothing was mended."""
    left = list(found)
    with store.transaction():
        for _ in range(PASSES):
            deeds = [defect.mend for defect in left if defect.mend]
            if not deeds:
                break
            for deed in deeds:
                deed(store)
            run(store, "DELETE FROM considered")  # what lacks a copy is looked for among all, whatever was known of it
            left = examined(store, checks)
    return left


def backup(store: Store, now: datetime) -> Path:
    """Copy the database as it is, page by page, to a file beside it, and answer where that is. Raises StoreError."""
    name = f"{store.path}.backup-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    places = (Path(f"{name}{suffix}") for suffix in ("", *(f"-{i}" for i in range(2, 1000))))
    place = next(each for each in places if not each.exists())
    with speaking_of(str(place)):
        copy = sqlite3.connect(place)
        try:
            store.db.conn.backup(copy)
        finally:
            copy.close()
    return place


def backups(path: str) -> list[Path]:
    """The copies that `backup` made of the database at *path*, the newest first."""
    place = Path(path)
    return sorted((each for each in place.parent.glob(f"{place.name}.backup-*") if each.is_file()), reverse=True)


def restore(store: Store) -> str:
    """What to do about something that cannot be derived."""
    known = backups(store.path)
    newest = f"restore a backup (there is {known[0].name})" if known else "restore a backup"
    return f"{newest}; how to go on, also without one: {RECOVERING}"


def rows(store: Store, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows of a query that nobody else asks. Raises StoreError."""
    with speaking_of(store.path):
        return store.db.conn.execute(sql, values).fetchall()


def run(store: Store, sql: str, values: Sequence[Any] = ()) -> None:
    """Carry out a statement that only a repair needs. Raises StoreError."""
    with speaking_of(store.path):
        store.db.conn.execute(sql, values)
