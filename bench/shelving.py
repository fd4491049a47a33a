"""The connector of a shelf: pages and batches of five hundred, and not a step more than the contract asks for."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import ClassVar

from bench.shelf import Item, Shelf
from hub.model import Kind, RequirementStatus
from hub.plugins import Registry
from hub.sdk import (
    Absence,
    Account,
    Choice,
    ConnectionConfig,
    Connector,
    Cursor,
    Day,
    Description,
    Draft,
    FieldInfo,
    FieldMap,
    Identity,
    KindSpec,
    LabelSet,
    Outcome,
    Page,
    Patch,
    Record,
    RichText,
    Text,
    Vocabulary,
    Written,
)

PAGE = BATCH = 500
HUB = Account("hub", "Hub")
NAMES = {status.value: (status.value.replace("_", " ").title(),) for status in RequirementStatus}
REQUIREMENT = FieldMap(
    title=Text("title"),
    description=RichText("body"),
    status=Choice("status", RequirementStatus, names=Vocabulary(NAMES)),
    due=Day("due"),
    labels=LabelSet("labels"),
)


class ShelfConfig(ConnectionConfig):
    """A `[connections.NAME]` table: the name of its shelf."""

    shelf: str


class ShelfConnector(Connector):
    """Speaks to a `Shelf`, and has it keep account of that."""

    name = "shelf"
    Config = ShelfConfig
    kinds: ClassVar[Mapping[Kind, KindSpec]] = {
        Kind.REQUIREMENT: KindSpec(REQUIREMENT, create_batch=BATCH, update_batch=BATCH)
    }
    _calls = 0

    @property
    def shelf(self) -> Shelf:
        """The shelf that the configuration names."""
        return Shelf.named[self.setup.config.shelf]

    @property
    def calls(self) -> int:
        """How many requests this connector made."""
        return self._calls

    async def open(self) -> Identity:
        """Nobody is turned away."""
        with self._call("open"):
            return Identity(HUB, f"shelf:{self.shelf.name}")

    async def describe(self) -> Description:
        """One type, and the statuses."""
        with self._call("describe"):
            statuses = tuple(name for (name,) in NAMES.values())
            return Description(
                {Kind.REQUIREMENT: ("Requirement",)}, {Kind.REQUIREMENT: (FieldInfo("status", choices=statuses),)}
            )

    async def changes(self, kind: Kind, cursor: Cursor | None, *, full: bool = False) -> AsyncIterator[Page]:
        """Everything in the order of its last change, from a number on: a cursor is `{"after": NUMBER}`."""
        after = 0 if full or cursor is None else int(cursor["after"])
        more = True
        while more:
            with self._call("changes", kind):
                items = self.shelf.after(after, PAGE)
                after = items[-1].number if items else after
                more = after < self.shelf.number
                page = Page(self._records(items), {"after": after})
            yield page

    async def fetch(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """All of them in one request."""
        with self._call("fetch", kind):
            found = {record.id: record for record in self._records(list(self.shelf.take(ids).values()))}
            return {remote: found.get(remote, Absence.DELETED) for remote in ids}

    async def create(self, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """All of them in one request."""
        with self._call("create", kind):
            return [Written(_record(item)) for item in self.shelf.add((each.marker, each.fields) for each in drafts)]

    async def update(self, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """All of them in one request."""
        with self._call("update", kind):
            return [Written(_record(item)) for item in self.shelf.change((each.id, each.fields) for each in patches)]

    async def find(
        self, kind: Kind, drafts: Sequence[Draft], *, since: datetime | None = None
    ) -> Mapping[str, Sequence[str]]:
        """All of them in one request."""
        del since
        with self._call("find", kind):
            return self.shelf.marked(each.marker for each in drafts)

    def _records(self, items: Sequence[Item]) -> list[Record]:
        self.shelf.given += len(items)
        return [_record(item) for item in items]

    def _call(self, method: str, kind: Kind | None = None) -> AbstractContextManager[None]:
        self._calls += 1
        return self.shelf.timed(f"{method} {kind}" if kind else method)


def _record(item: Item) -> Record:
    return Record(item.id, item.fields, str(item.number), marker=item.marker)


REGISTRY = Registry({"shelf": ShelfConnector})
