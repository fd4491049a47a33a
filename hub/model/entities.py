"""The entities: frozen models whose fields say how they merge."""

import functools
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict
from pydantic import Field as Default

from hub.model.data import frozen
from hub.model.fields import Merge, fields_of
from hub.model.kinds import Kind
from hub.model.values import (
    Audience,
    Criterion,
    CustomValue,
    Person,
    Priority,
    RequirementStatus,
    RequirementType,
    TaskStatus,
)

_put_values, _put_given, _put_extra, _put_private = (
    BaseModel.__dict__[name].__set__
    for name in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")
)
"""What a model consists of, set without being checked: every entity that is read or changed is made so."""

Title = Annotated[str, Merge.SCALAR]
Text = Annotated[str, Merge.TEXT]
People = Annotated[frozenset[Person], Merge.SET]
CustomFields = Annotated[Mapping[str, CustomValue], Merge.MAP]


@frozen
class Stamp:
    """Who set a value, where, when, and by what right. Raises ValueError for a moment without a time zone."""

    who: str
    connection: str
    at: datetime
    because: str = "edit"

    def __post_init__(self) -> None:
        """Refuse a moment of which nobody could say when it was."""
        if self.at.tzinfo is None:
            raise ValueError(f"{self.at} has no time zone")


class Entity(BaseModel):
    """The canonical object of a kind, with a key that never changes and a stamp for every field somebody set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[Kind]
    title_field: ClassVar[str] = "title"
    owner_field: ClassVar[str | None] = None
    """The field that says what an entity belongs to, for kinds that are nothing by themselves."""
    identity_field: ClassVar[str | None] = None
    """The field that only one and the same thing can have in common, whatever service it is seen in."""

    key: str
    stamps: Mapping[str, Stamp] = Default(default_factory=dict)

    @classmethod
    def restored(cls, key: str, values: Mapping[str, Any], stamps: Mapping[str, Stamp]) -> Self:
        """The entity with *values*, of which it is known that they are such: out of the store, or out of a lens."""
        return cls._of({**defaults_of(cls), **values, "key": key, "stamps": stamps})

    @classmethod
    def _of(cls, named: dict[str, Any]) -> Self:
        entity = object.__new__(cls)
        _put_values(entity, named)
        _put_given(entity, _all_set(cls))
        _put_extra(entity, None)
        _put_private(entity, None)
        return entity

    def value(self, field: str) -> Any:
        """The present value of *field*."""
        return getattr(self, field)

    def values(self) -> dict[str, Any]:
        """Every mergeable field's value, by name."""
        return {name: getattr(self, name) for name in fields_of(type(self))}

    def changed(self, values: Mapping[str, Any], stamps: Mapping[str, Stamp]) -> Self:
        """This entity with *values*, of which it is known that they are such, put in and stamped."""
        return self._of({**vars(self), **values, "stamps": {**self.stamps, **stamps}})

    @property
    def belongs_to(self) -> str | None:
        """The key of what it belongs to."""
        return getattr(self, self.owner_field) if self.owner_field else None

    @property
    def identity(self) -> str | None:
        """What it is known by everywhere, in lower case: a domain, an e-mail address, the hash of a file."""
        known = getattr(self, self.identity_field) if self.identity_field else None
        return str(known).strip().lower() or None if known else None

    @property
    def label(self) -> str:
        """What people call it: its title, name or first words."""
        return str(getattr(self, self.title_field)).strip().partition("\n")[0][:200]


@functools.cache
def _all_set(kind: type[Entity]) -> set[str]:
    """That every field was given, in one set for all: pydantic copies it before it changes it."""
    return set(kind.model_fields)


@functools.cache
def defaults_of(kind: type[Entity]) -> Mapping[str, Any]:
    """What every mergeable field of a new entity is."""
    return {name: field.default for name, field in fields_of(kind).items()}


class Client(Entity):
    """A company that requirements come from."""

    kind = Kind.CLIENT
    title_field = "name"
    identity_field = "domain"

    name: Title = ""
    domain: Annotated[str | None, Merge.SCALAR] = None
    phone: Annotated[str | None, Merge.SCALAR] = None
    owner: Annotated[Person | None, Merge.SCALAR] = None
    tier: Annotated[str | None, Merge.SCALAR] = None
    description: Text = ""
    custom: CustomFields = Default(default_factory=dict)


class Contact(Entity):
    """A person at a client."""

    kind = Kind.CONTACT
    title_field = "name"
    identity_field = "email"

    name: Title = ""
    email: Annotated[str | None, Merge.SCALAR] = None
    phone: Annotated[str | None, Merge.SCALAR] = None
    role: Annotated[str | None, Merge.SCALAR] = None
    client: Annotated[str | None, Merge.REF, Kind.CLIENT] = None


class Requirement(Entity):
    """What a client needs, as every tool of the team should show it."""

    kind = Kind.REQUIREMENT

    title: Title = ""
    description: Text = ""
    background: Text = ""
    acceptance: Annotated[tuple[Criterion, ...], Merge.ITEMS] = ()
    type: Annotated[RequirementType, Merge.SCALAR] = RequirementType.FEATURE
    status: Annotated[RequirementStatus, Merge.SCALAR] = RequirementStatus.NEW
    priority: Annotated[Priority | None, Merge.SCALAR] = None
    due: Annotated[date | None, Merge.SCALAR] = None
    start: Annotated[date | None, Merge.SCALAR] = None
    estimate_hours: Annotated[float | None, Merge.SCALAR] = None
    client: Annotated[str | None, Merge.REF, Kind.CLIENT] = None
    requester: Annotated[str | None, Merge.REF, Kind.CONTACT] = None
    assignees: People = frozenset()
    labels: Annotated[frozenset[str], Merge.SET] = frozenset()
    parent: Annotated[str | None, Merge.REF, Kind.REQUIREMENT] = None
    custom: CustomFields = Default(default_factory=dict)


class Task(Entity):
    """A piece of work that serves a requirement."""

    kind = Kind.TASK
    owner_field = "requirement"

    title: Title = ""
    description: Text = ""
    status: Annotated[TaskStatus, Merge.SCALAR] = TaskStatus.TODO
    assignees: People = frozenset()
    due: Annotated[date | None, Merge.SCALAR] = None
    position: Annotated[float | None, Merge.SCALAR] = None
    requirement: Annotated[str | None, Merge.REF, Kind.REQUIREMENT] = None


class Comment(Entity):
    """What somebody said about an entity."""

    kind = Kind.COMMENT
    title_field = "body"
    owner_field = "parent"

    body: Text = ""
    author: Annotated[Person | None, Merge.ONCE] = None
    at: Annotated[AwareDatetime | None, Merge.ONCE] = None
    audience: Annotated[Audience, Merge.SCALAR] = Audience.INTERNAL
    parent: Annotated[str | None, Merge.ONCE] = None


class Attachment(Entity):
    """A file that belongs to an entity; its bytes are kept apart, by hash."""

    kind = Kind.ATTACHMENT
    title_field = "name"
    owner_field = "parent"
    identity_field = "sha256"

    name: Title = ""
    media_type: Annotated[str, Merge.ONCE] = "application/octet-stream"
    size: Annotated[int | None, Merge.ONCE] = None
    sha256: Annotated[str | None, Merge.ONCE] = None
    author: Annotated[Person | None, Merge.ONCE] = None
    at: Annotated[AwareDatetime | None, Merge.ONCE] = None
    audience: Annotated[Audience, Merge.SCALAR] = Audience.INTERNAL
    parent: Annotated[str | None, Merge.ONCE] = None


_CLASSES: Mapping[Kind, type[Entity]] = {
    each.kind: each for each in (Client, Contact, Requirement, Task, Comment, Attachment)
}


def entity_class(kind: Kind) -> type[Entity]:
    """The model of *kind*."""
    return _CLASSES[kind]
