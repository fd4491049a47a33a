"""How a conformance suite reaches a service: what a subclass gives, and what the tests share."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.mapping import FieldMap, People, References, Terms
from hub.model import (
    Attachment,
    Comment,
    Contact,
    Entity,
    Kind,
    Person,
    Priority,
    Requirement,
    Task,
    entity_class,
)
from hub.reconcile import OPEN, draft
from hub.sdk.connector import Connector, Description, Identity, KindSpec, Operation, TellsReplaced
from hub.sdk.content import Content
from hub.sdk.records import Cursor, Draft, Edit, Outcome, Page, Patch, Record, Written
from hub.sync.overwritten import WrittenField, lost, seen_until

OWNER = "REQ-77"
"""The requirement that children belong to."""
WRITTEN = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


class ConformanceHooks:
    """How the tests reach a service; the first four have to be given.

    Attributes:
        kind: The kind under test.
        person: The account id, as `Touch.who.id` has it, of whoever `add` and `edit` act as; None if the service
            does not say who changed something.
        many: How many records make more than one page; let the sandbox have small pages if it can.
        key: The marker that created records carry.
    """

    kind: Kind = Kind.REQUIREMENT
    person: str | None = None
    many: int = 5
    key: str = "REQ-1"

    async def make_connector(self) -> Connector:
        """A connector for a fresh and empty place in the sandbox, with good credentials; not opened yet."""
        raise NotImplementedError

    async def add(self, fields: Mapping[str, Any]) -> str:
        """A person makes a record through the service's own API, with fields in its own values; its id."""
        raise NotImplementedError

    async def edit(self, record: str, fields: Mapping[str, Any]) -> None:
        """A person changes a record through the service's own API."""
        raise NotImplementedError

    async def remove(self, record: str) -> None:
        """A person deletes a record for good."""
        raise NotImplementedError

    async def make_owner(self) -> str:
        """For tasks, comments and attachments: a person makes a requirement for them; its id."""
        return _without("make_owner")  # type: ignore[no-any-return]

    async def bad_connector(self) -> Connector:
        """A connector to the same place whose credentials the service refuses."""
        return _without("bad_connector")  # type: ignore[no-any-return]

    async def archive(self, record: str) -> None:
        """A person puts a record away, so that it is still there."""
        _without(f"archive, asked for {record}")

    async def lose_next_answer(self) -> None:
        """The service carries the next create out, and breaks off without an answer."""
        _without("lose_next_answer")

    async def edit_meanwhile(self, record: str, fields: Mapping[str, Any]) -> None:
        """A person edits a record in the moment before the connector's next update of it arrives at the service."""
        _without(f"edit_meanwhile, asked for {record} and {', '.join(fields)}")

    async def cut_census(self) -> None:
        """The next whole reading is shown fewer records than there are, as far as the service's own words betray it."""
        _without("cut_census")

    async def settle(self) -> None:
        """Let the service's index catch up, and its clock tick; by default neither lags."""

    def entity(self, number: int) -> Entity:
        """A made-up entity; different numbers give different titles."""
        if self.kind is Kind.REQUIREMENT:
            return Requirement(
                key=self.key,
                title=f"Export of orders, part {number}",
                description=f"As a client I want **part {number}**.\n\n- one\n- 两个",
                priority=Priority.HIGH,
                due=date(2026, 12, 1) + timedelta(days=number),
                labels=frozenset({"urgent", "出口"}),
            )
        if self.kind is Kind.TASK:
            return Task(key=self.key, title=f"Write part {number}", description="All of it.", requirement=OWNER)
        if self.kind is Kind.COMMENT:
            said = {"author": Person(name="Ann Lee", email="ann@example.com"), "at": WRITTEN, "parent": OWNER}
            return Comment(key=self.key, body=f"We need **part {number}**.\n\n- 两个", **said)
        if self.kind is Kind.ATTACHMENT:
            known = {"name": f"part {number}.txt", "media_type": "text/plain", "size": len(self.bytes_of(number))}
            return Attachment(key=self.key, parent=OWNER, **known)
        if self.kind is Kind.CONTACT:
            return Contact(key=self.key, name=f"Li Number{number}", email=f"li{number}@acme.example")
        name = entity_class(self.kind).title_field
        return entity_class(self.kind)(key=self.key, **{name: f"Number {number}"})

    def edited(self, number: int) -> Mapping[str, Any]:
        """Fields that a person changes; different numbers give different values. By default the title."""
        lens = self.mapping()[entity_class(self.kind).title_field]
        return {lens.remote: lens.to_remote(f"Edited {number}", current=None)}

    def refused(self) -> Mapping[str, Any]:
        """Fields of a draft that the service refuses, to be put over good ones."""
        return _without("refused")  # type: ignore[no-any-return]

    def unmapped(self) -> Mapping[str, Any]:
        """Fields that no lens looks at, as a person would set them."""
        return _without("unmapped")  # type: ignore[no-any-return]

    def vocabularies(self) -> dict[str, Any]:
        """By canonical field: the `Vocabulary` under which values are written; by default the lens's own."""
        return {}

    def mapping(self) -> FieldMap:
        """The mapping of the kind, bound as a sync would bind it."""
        people = People(self.connector.setup.connection, {}, self.description.people)
        terms = Terms(self.connector.setup.connection, self.vocabularies(), people, OneOwner(self.owner))
        return self.connector.mapping(self.kind).bound(terms)

    def bytes_of(self, number: int) -> bytes:
        """What an attachment holds."""
        return f"part {number} ".encode() * 100

    # For the tests themselves.

    connector: Connector
    identity: Identity
    description: Description
    owner: str = ""
    """The id of the requirement that tasks, comments and attachments under test belong to."""
    folder: Path

    @property
    def spec(self) -> KindSpec:
        """How the connector holds the kind."""
        return self.connector.kinds[self.kind]

    def needs(self, operation: Operation) -> None:
        """Pass over unless the connector can do *operation*."""
        if operation not in self.spec.operations:
            pytest.skip(f"{self.connector.name} does not {operation} a {self.kind}")

    def tells_replaced(self) -> None:
        """Pass over unless the connector says that it tells of replaced edits."""
        self.needs(Operation.UPDATE)
        if self.spec.tells_replaced is TellsReplaced.NEVER:
            pytest.skip(f"{self.connector.name} tells of no edit of a {self.kind} that a write replaced")

    def fields(self, number: int = 1) -> dict[str, Any]:
        """The fields of a new record, in the service's own values."""
        return dict(draft(self.entity(number), self.mapping(), OPEN).patch)

    async def added(self, count: int) -> list[str]:
        """So many records made by a person."""
        made = [await self.add(self.fields(number)) for number in range(count)]
        await self.settle()
        return made

    async def created(self, count: int = 1) -> list[Record]:
        """So many records made by the connector, with markers `KEY-0`, `KEY-1` …"""
        self.needs(Operation.CREATE)
        drafts = self.drafts(count)
        outcomes = await self.connector.create(self.kind, drafts)
        return [written(outcome) for outcome in outcomes]

    def drafts(self, count: int) -> list[Draft]:
        """Drafts of so many records, with markers `KEY-0`, `KEY-1` …"""
        return [self.draft(f"{self.key}{number}", number) for number in range(count)]

    def draft(self, marker: str, number: int) -> Draft:
        """A draft, with its bytes if it is one of an attachment."""
        return Draft(marker, self.fields(number), self._content(number) if self.kind is Kind.ATTACHMENT else None)

    def _content(self, number: int) -> Content:
        content, file = self.bytes_of(number), self.folder / f"{number}"
        file.write_bytes(content)
        return Content(file, len(content), hashlib.sha256(content).hexdigest())

    async def replaced(self, patch: Patch, outcome: Outcome, cursor: Cursor) -> Sequence[Edit]:
        """What a write is told to have replaced: at once, or by the next reading from *cursor*."""
        after = written(outcome)
        if self.spec.tells_replaced is TellsReplaced.AT_ONCE:
            assert isinstance(outcome, Written)
            return outcome.replaced
        await self.settle()
        shown = {record.id: record for page in await self.pages(cursor) for record in page.records}
        at = self.connector.setup.clock() + timedelta(seconds=self.connector.clock_offset_s)
        wrote = [
            WrittenField(name, patch.base.fields.get(name), after.fields.get(name), at, seen_until(patch.base, name))
            for name in patch.fields
        ]
        return lost(shown[patch.id], self.identity.account.id, wrote)

    async def pages(self, cursor: Cursor | None = None, *, full: bool = False) -> list[Page]:
        """A whole reading."""
        return [page async for page in self.connector.changes(self.kind, cursor, full=full)]

    async def one(self, record: str) -> Record:
        """What a record is now."""
        found = (await self.connector.fetch(self.kind, [record]))[record]
        assert isinstance(found, Record), f"{record} is {found}"
        return found


class OneOwner(References):
    """The one requirement that has a copy in the service."""

    def __init__(self, remote: str) -> None:
        self._remote = remote

    def key_of(self, kind: str, remote: str) -> str | None:
        """The key under which tests know it."""
        return OWNER if kind == Kind.REQUIREMENT and remote == self._remote else None

    def remote_of(self, kind: str, key: str) -> str | None:
        """Its id."""
        return self._remote if kind == Kind.REQUIREMENT and key == OWNER else None


def _without(hook: str) -> Any:
    return pytest.skip(f"no hook: {hook}")


def written(outcome: Any) -> Record:
    """The record of an outcome that went well."""
    assert isinstance(outcome, Written), outcome
    return outcome.record


def ids(pages: Sequence[Page]) -> list[str]:
    """The ids that pages give, in their order."""
    return [record.id for page in pages for record in page.records]
