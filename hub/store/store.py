"""The hub's memory: one transaction per fact."""

import contextlib
import functools
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

from hub.reconcile import Adoption, Binding
from hub.store import codec
from hub.store.blobs import Blobs
from hub.store.database import copy_of, open_database, speaking_of
from hub.store.importing import imported
from hub.store.intents import Intents
from hub.store.journal import Journal
from hub.store.lacking import Lacking
from hub.store.plans import Plans
from hub.store.waiting import Waiting
from hub.store.writes import Writes

IN_MEMORY = ":memory:"


class Store(Lacking, Waiting, Intents, Journal, Writes, Plans):
    """Everything the hub knows between two runs, in one SQLite database. Every method may raise StoreError."""

    @classmethod
    def open(cls, path: str) -> Self:
        """The store at *path*, made if there is none."""
        return cls(open_database(path), path)

    @functools.cached_property
    def blobs(self) -> Blobs:
        """The bytes of attachments, beside the database; those of one in memory are kept no longer than it."""
        return Blobs(None if self.path == IN_MEMORY else Path(f"{self.path}.files"))

    @contextlib.contextmanager
    def copy(self) -> Iterator[Self]:
        """A copy, for trying: whatever becomes of it is forgotten at the end of the block."""
        with speaking_of(self.named), tempfile.TemporaryDirectory(prefix="hub-") as folder:
            copied = type(self)(copy_of(self.db, f"{folder}/hub.db"), IN_MEMORY)
            copied.named, copied.blobs = self.named, Blobs(None, beside=self.blobs)
            try:
                yield copied
            finally:
                copied.close()

    def keep_imports(self, imports: Sequence[tuple[Adoption, Binding, bool]], run: str | None, noted: datetime) -> None:
        """Put new entities, each with its one tie, its beginning, and whether its copy is owed something."""
        prints = self._keep_prints(tie.maps for _, tie, _ in imports)
        rows = [imported(found, tie, prints[id(tie.maps)], owed=owed) for found, tie, owed in imports]
        begun = self._keep_beginnings({row.entity[codec.KEY]: row.beginning for row in rows}, run, noted)
        self._keep_entities([row.entity for row in rows], begun)
        for (found, _, _), row in zip(imports, rows, strict=True):
            self._remember(found.entity, row.entity[codec.DOC], found.said)
        self._put_bindings([row.binding for row in rows])

    def close(self) -> None:
        """Let go of the file."""
        self.blobs.close()
        self.db.conn.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything in the block is kept together or not at all."""
        with speaking_of(self.named), self.db.atomic():
            yield

    @contextlib.contextmanager
    def lasting(self) -> Iterator[None]:
        """A transaction that is on the disk itself when the block is left, so that not even a power cut undoes it."""
        with speaking_of(self.named):
            self.db.conn.execute("PRAGMA synchronous = FULL")
        try:
            with self.transaction():
                yield
        finally:
            with speaking_of(self.named):
                self.db.conn.execute("PRAGMA synchronous = NORMAL")
