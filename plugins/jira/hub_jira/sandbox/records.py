"""What a Jira site holds. Parts of an issue are frozen and replaced, so that a copy of an issue is cheap."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Self, TypeAlias

Json = dict[str, Any]
Edition: TypeAlias = Literal["cloud", "datacenter"]
Rich: TypeAlias = Json | str
"""Rich text as it was given: an ADF document on Cloud, wiki markup on Data Center."""


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may act; `token` empty means nobody can sign in as them.

    Args:
        id: The account id on Cloud, the user key on Data Center.
        token: An API token on Cloud, a personal access token on Data Center.
        username: The login name; Data Center only, as `password` is.
    """

    id: str
    name: str
    email: str
    token: str = ""
    email_visible: bool = True
    time_zone: str = "UTC"
    active: bool = True
    kind: str = "atlassian"
    admin: bool = False
    assignable: bool = True
    username: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class IssueType:
    """A type of issue; `level` is 1 for epics, 0 for the usual ones, -1 for sub-tasks."""

    id: str
    name: str
    level: int = 0
    description: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """A status; `category` is new, indeterminate, done or undefined."""

    id: str
    name: str
    category: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A priority or a resolution."""

    id: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a project (by id)."""

    id: str
    name: str
    project: str
    released: bool = False


@dataclass(frozen=True, slots=True)
class Sprint:
    """A sprint; `state` is future, active or closed."""

    id: str
    name: str
    state: str
    board: int = 1


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a select field; a cascading one belongs to a `parent` option."""

    id: str
    value: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class LinkType:
    """A type of link between issues."""

    id: str
    name: str
    inward: str
    outward: str


@dataclass(frozen=True, slots=True)
class Transition:
    """An arrow of a workflow.

    Args:
        sources: Ids of the statuses it starts from; None means any.
        target: Id of the status it leads to.
        screen: Ids of the fields on its screen, and whether each is required.
        needs_assignee: The arrow is only there while the issue has an assignee.
        clears: Ids of fields it empties.
    """

    id: str
    name: str
    sources: frozenset[str] | None
    target: str
    screen: tuple[tuple[str, bool], ...] = ()
    needs_assignee: bool = False
    clears: tuple[str, ...] = ()


@dataclass
class Project:
    """A project with its own issue types, screen and workflow."""

    id: str
    key: str
    name: str
    types: list[str]
    statuses: list[str]
    transitions: list[Transition]
    screen: list[str]
    lead: str
    last_number: int = 0


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A value that came with an export and is shown again as it was."""

    value: Any


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment."""

    id: str
    author: str
    editor: str
    body: Rich
    created: datetime
    updated: datetime
    visibility: Json | None = None
    properties: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file; `data` is None where an export told of it without its bytes."""

    id: str
    author: str | None
    filename: str
    media_type: str
    size: int
    created: datetime
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Edit:
    """One entry of an issue's history; `items` are as the API shows them."""

    id: str
    author: str | None
    at: datetime
    items: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class RemoteLink:
    """A link from an issue to something elsewhere."""

    id: str
    global_id: str | None
    content: Json


@dataclass(frozen=True, slots=True)
class IssueLink:
    """A link between two issues, by id."""

    id: str
    type: str
    inward: str
    outward: str


@dataclass
class Issue:
    """An issue.

    Args:
        values: By field id, in stored form: ids for things that have one, `Rich` for rich text, `Verbatim` for what an
            export brought and the site does not know.
        foreign: What an export tells of issues that are not here: `parent`, `subtasks`, `issuelinks`.
        archived: When it was put away: then it can be read and not changed, and no search finds it.
    """

    id: str
    key: str
    project: str
    values: Json
    created: datetime
    updated: datetime
    creator: str | None
    category_changed: datetime
    comments: tuple[Comment, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    history: tuple[Edit, ...] = ()
    remote_links: tuple[RemoteLink, ...] = ()
    properties: Json = field(default_factory=dict)
    foreign: Json = field(default_factory=dict)
    archived: datetime | None = None

    def copy(self) -> Self:
        """The issue as it is now, whatever is written to it later."""
        return replace(self, values=dict(self.values), properties=dict(self.properties), foreign=dict(self.foreign))

    def value(self, field_id: str) -> Any:
        """The stored value of a field, None if it is empty."""
        stored = self.values.get(field_id)
        return stored.value if isinstance(stored, Verbatim) else stored
