"""What passes between the engine and a connector: records, drafts, patches, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from hub.errors import ServiceError
from hub.mapping import Account
from hub.model import NOTHING, frozen
from hub.sdk.content import Content

Cursor = Mapping[str, Any]
"""How far a kind has been read; JSON data that only the connector understands."""


@frozen
class Touch:
    """Who changed something, and when by the service's own clock (aware, UTC)."""

    who: Account
    at: datetime


@dataclass(frozen=True, slots=True)
class Edit:
    """One step in the history of one field, as the service tells it.

    Args:
        field: The record's field.
        value: What it was set to, in the form of `Record.fields`; NOTHING where the history does not tell it exactly.
        touch: Who did it, and when.
        before: What it showed until then, likewise.
    """

    field: str
    value: Any
    touch: Touch
    before: Any = NOTHING


@frozen
class Record:
    """One remote copy, as the connector read it.

    Args:
        id: The service's id that never changes.
        fields: By name, in the service's own values: JSON data. People are `{"id", "name"?, "email"?, "username"?}`.
        version: Changes whenever the record does; opaque. Equal versions mean equal fields.
        key: What people call it there: `ACME-7`.
        url: Where a person can open it.
        touched: Who changed it last, as far as the service says.
        touches: The same per field of `fields`, where the service has a history.
        marker: The entity key left in it at creation, if it can be seen.
        archived: Put away by somebody, and still there.
        at: When the service last noted a change of it, by its own clock, if it says so. A state older than one that is
            known comes from an index that lags, and is passed over.
        extra: What the connector wants back with a patch of this record; never stored.
        edits: Of a record that `changes` gives: the latest steps in its history, everybody's, oldest first, as far as
            this reading has come across them anyway; never stored. See `KindSpec.tells_replaced`.
    """

    id: str
    fields: Mapping[str, Any]
    version: str = ""
    key: str | None = None
    url: str | None = None
    touched: Touch | None = None
    touches: Mapping[str, Touch] = field(default_factory=dict)
    marker: str | None = None
    archived: bool = False
    at: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False)
    edits: Sequence[Edit] = field(default=(), compare=False)


class Absence(StrEnum):
    """Why a record cannot be read."""

    DELETED = "deleted"
    MOVED = "moved"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of what changed, and how far reading has come with it.

    Args:
        records: In any order; a record may come twice.
        cursor: Where the next reading starts once this page is kept.
        gone: Ids that the service says were deleted.
        total: How many records the whole reading will give, where that is known: for progress only.
    """

    records: Sequence[Record]
    cursor: Cursor
    gone: Sequence[str] = ()
    total: int | None = None


@frozen
class Draft:
    """A record to be made.

    Args:
        marker: What it carries, so that it is found again.
        fields: As they are to be shown.
        content: The bytes of an attachment.
    """

    marker: str
    fields: Mapping[str, Any]
    content: Content | None = None


@frozen
class Patch:
    """Fields of a record to be changed, and the record they were decided on.

    Args:
        key: The entity's key, for services that show it to people.
    """

    id: str
    fields: Mapping[str, Any]
    base: Record
    key: str = ""


@frozen
class Written:
    """Done; `record` is what the service shows now.

    Args:
        replaced: Edits by others of fields of the patch, made after its base was read and before this write, which this
            write has replaced unseen, as far as the service's history tells: of each field the last one.
    """

    record: Record
    replaced: Sequence[Edit] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """The service said no, in its own words; `fields` names the record's fields at fault.

    `record` is what it shows now if a part was done before the refusal, and `replaced` what that part has replaced.
    """

    message: str
    fields: Mapping[str, str] = field(default_factory=dict)
    record: Record | None = None
    replaced: Sequence[Edit] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer came: it may or may not have happened. The engine looks for the marker, or reads again."""

    error: ServiceError


@dataclass(frozen=True, slots=True)
class Delayed:
    """Not done, and worth trying again later."""

    error: ServiceError


Outcome = Written | Refusal | Unknown | Delayed
