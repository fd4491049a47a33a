"""The things an organisation holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hub_zoho_crm.sandbox.fields import Field
from hub_zoho_crm.sandbox.problems import Json


@dataclass(frozen=True, slots=True)
class User:
    """Somebody of the organisation.

    Args:
        refresh_token: With which an app acts as this user; "" for one who never let an app in.
        access_token: One for scripts, which does not expire.
    """

    id: str
    name: str
    email: str
    refresh_token: str = ""
    access_token: str = ""
    active: bool = True
    admin: bool = True
    told: Json = field(default_factory=dict)


@dataclass(slots=True)
class Module:
    """A module: its fields by API name, in order.

    Args:
        title: The field whose value names a record; in lookups, in the recycle bin.
        checked: The system fields by which an upsert finds duplicates.
    """

    name: str
    singular: str
    id: str
    fields: dict[str, Field]
    title: str
    layout: str
    custom: bool = False
    checked: tuple[str, ...] = ()
    told: Json = field(default_factory=dict)


@dataclass(slots=True)
class Record:
    """A record of a module.

    Args:
        values: By field; lookups and owners as ids, moments as aware datetimes, several values as tuples, tags as ids.
        se_module: For a lookup that names its module beside (Tasks, Notes): which.
        told: What an export told of keys that the module has no fields for, or cannot keep; shown as it was told.
        active: The time of the last activity, which related things move too.
    """

    id: str
    module: str
    values: Json
    created: datetime
    modified: datetime
    creator: str
    modifier: str
    active: datetime | None = None
    se_module: str = ""
    told: Json = field(default_factory=dict)

    def copy(self) -> "Record":
        """The record as it is now."""
        return replace(self, values=dict(self.values))


@dataclass(frozen=True, slots=True)
class Deleted:
    """A record in the recycle bin, or, once gone from there, the trace of one.

    Args:
        record: What can be restored; None when it was removed for good.
    """

    id: str
    module: str
    title: str
    by: str
    creator: str
    at: datetime
    record: Record | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a record, or the address of one.

    Args:
        data: None for those of an export, and for links.
        link: The address; "" for files.
    """

    id: str
    parent: str
    module: str
    name: str
    size: int
    created: datetime
    owner: str
    media_type: str = "application/octet-stream"
    data: bytes | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of one module."""

    id: str
    module: str
    name: str
    colour: str | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A process of one module, in which one field moves only along transitions.

    Args:
        field: The field that it guards.
        transitions: By value of the field: the values that may come next.
    """

    id: str
    field: str
    transitions: Mapping[str, Sequence[str]]

    def holds(self, record: Record) -> bool:
        """Whether *record* is in the process."""
        return record.values.get(self.field) in self.transitions

    def numbered(self, record: Record) -> list[tuple[str, str]]:
        """The transitions open to *record*: an id, and the value each leads to."""
        values = [*dict.fromkeys(value for following in self.transitions.values() for value in following)]
        now = record.values.get(self.field)
        return [(str(int(self.id) + 1 + values.index(one)), one) for one in self.transitions.get(str(now), ())]
