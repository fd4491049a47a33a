"""The hub's memory: one transaction per fact."""

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from hub.store.blobs import Blobs
from hub.store.database import copy_of, open_database, speaking_of
from hub.store.entities import Entities
from hub.store.journal import Journal
from hub.store.waiting import Waiting


class Store(Entities, Waiting, Journal):
    """Everything the hub knows between two runs, in one SQLite database. Every method may raise StoreError."""

    @classmethod
    def open(cls, path: str) -> Self:
        """The store at *path*, made if there is none."""
        return cls(open_database(path), path)

    @functools.cached_property
    def blobs(self) -> Blobs:
        """The bytes of attachments, beside the database; those of one in memory are kept no longer than it."""
        return Blobs(None if self.path == ":memory:" else Path(f"{self.path}.files"))

    def copy(self) -> Self:
        """A copy in memory, for trying."""
        return type(self)(copy_of(self.db), self.path)

    def close(self) -> None:
        """Let go of the file."""
        self.blobs.close()
        self.db.conn.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything in the block is kept together or not at all."""
        with speaking_of(self.path), self.db.atomic():
            yield
