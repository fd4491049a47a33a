"""What is different between the two editions of Jira: all of it is said here, and nowhere else is an edition asked for."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from hub.sdk import NotFound
from hub_jira.client import Client
from hub_jira.dialects import Parted

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be shown of issues.

    Args:
        fields: By id.
        expand: Names of what is added, such as `changelog`.
        properties: Keys of issue properties.
    """

    fields: tuple[str, ...]
    expand: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A search.

    Args:
        jql: Restricted and sorted.
        asked: What is shown of each issue.
        most: Most issues of a page.
        reconcile: Numeric ids of issues that were just written, to be shown as they are now where that can be asked.
    """

    jql: str
    asked: Asked
    most: int = 100
    reconcile: tuple[int, ...] = ()

    def only(self, most: int) -> "Query":
        """The same search with smaller pages."""
        return replace(self, most=most)


class Edition(ABC):
    """One of Atlassian's two editions of Jira, as the connector speaks to it."""

    name: ClassVar[str]
    api: ClassVar[str]
    """Where the API stands below the site's address."""
    dialect: ClassVar[Parted]
    probe: ClassVar[int]
    """How many keys beyond the newest are looked under at once for issues that no index shows yet."""
    look_back_ms: ClassVar[int]
    """How far before a lost create its issue may have been made by the service's clock."""
    edited: ClassVar[Mapping[str, str]]
    """What is asked for with an edit, so that its answer shows the issue."""

    @abstractmethod
    def person(self, login: str) -> Json:
        """How a field names the account that has this *login* (see `login`)."""

    @abstractmethod
    async def login(self, client: Client, account: str) -> str:
        """By what the account with this id is named in fields."""

    @abstractmethod
    async def named(self, client: Client, words: str) -> Sequence[Json]:
        """Users that match *words*: an e-mail address, or a name."""

    @abstractmethod
    async def page(self, client: Client, query: Query, token: str | None) -> tuple[list[Json], str | None]:
        """A page of a search, and the token of the next one, if there is one."""

    @abstractmethod
    async def issues(self, client: Client, ids: Sequence[str], asked: Asked) -> list[Json]:
        """Issues by id or key from the store; those that are not there, or cannot be seen, are left out."""

    @abstractmethod
    async def with_marker(self, client: Client, issues: Sequence[Json], key: str, me: str) -> Sequence[str]:
        """Let those of *issues* that account *me* made show their property *key*, where a search leaves it out.

        Answers the ids of those that had to be asked for.
        """

    @abstractmethod
    async def comments(self, client: Client, ids: Sequence[tuple[str, str]]) -> dict[str, Json]:
        """Comments by id, of (issue, comment) pairs; those that are not there are left out."""

    @abstractmethod
    def priorities(self, client: Client, project: str) -> AsyncIterator[Json]:
        """The priorities of a project."""

    @abstractmethod
    async def content(self, client: Client, url: str, attachment: str) -> tuple[str, int | None]:
        """Where the bytes of an attachment are, below *url* or absolute, and how many; None if that is not known."""


async def one_issue(client: Client, number: str, asked: Asked) -> Json:
    """One issue from the store, the same in both editions. Raises NotFound, PermissionLost."""
    lists = {"fields": asked.fields, "expand": asked.expand, "properties": asked.properties}
    params = {name: ",".join(values) for name, values in lists.items() if values}
    return dict(await client.get(f"/issue/{number}", **params))


async def one_comment(client: Client, issue: str, comment: str) -> Json | None:
    """One comment from the store, the same in both editions; None if it is not there."""
    try:
        return dict(await client.get(f"/issue/{issue}/comment/{comment}", expand="properties"))
    except NotFound:
        return None


async def thread(client: Client, issue: str) -> list[Json]:
    """All comments of an issue with their properties, oldest first, the same in both editions. Raises NotFound."""
    listed = client.listed(f"/issue/{issue}/comment", "comments", orderBy="created", expand="properties")
    return [comment async for comment in listed]
