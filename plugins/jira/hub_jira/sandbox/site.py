"""The site: everything it holds, and how things are found in it."""

import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from hub_jira.sandbox.documents import is_document
from hub_jira.sandbox.fields import Field
from hub_jira.sandbox.index import Index
from hub_jira.sandbox.problems import ISSUE_ABSENT, ISSUE_MISSING, missing
from hub_jira.sandbox.records import (
    Account,
    Edit,
    Edition,
    Issue,
    IssueLink,
    IssueType,
    Json,
    LinkType,
    Named,
    Project,
    Sprint,
    Status,
    Version,
)
from hub_jira.sandbox.times import in_milliseconds

_FIRST_ID = 10000


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


NamedT = TypeVar("NamedT", bound=_HasName)


def by_name(things: Mapping[str, NamedT], name: str) -> NamedT | None:
    """The thing with this name, letter case aside."""
    wanted = name.casefold()
    return next((thing for thing in things.values() if thing.name.casefold() == wanted), None)


@dataclass
class Site:
    """A Jira site in memory.

    Args:
        clock: The present moment, UTC.
        lag_s: By how many seconds search lags now.
        indexed_properties: Keys of issue properties that an app has declared searchable.
        required: Ids of fields without which no issue is created, beside the summary.
        check_document: A stricter check of ADF documents.
        edition: Which of Atlassian's two editions this is.
        upload_limit: Most bytes of an attachment.
    """

    clock: Callable[[], datetime]
    lag_s: Callable[[], float]
    random: random.Random
    indexed_properties: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    check_document: Callable[[Any], bool] | None = None
    edition: Edition = "cloud"
    upload_limit: int = 100_000_000
    url: str = "https://acme.atlassian.net"
    accounts: dict[str, Account] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    types: dict[str, IssueType] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)
    priorities: dict[str, Named] = field(default_factory=dict)
    resolutions: dict[str, Named] = field(default_factory=dict)
    link_types: dict[str, LinkType] = field(default_factory=dict)
    groups: dict[str, Named] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    sprints: dict[str, Sprint] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    issues: dict[str, Issue] = field(default_factory=dict)
    links: dict[str, IssueLink] = field(default_factory=dict)
    hooks: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = Index()
        self.listeners: list[Callable[[str, Issue, Json], None]] = []
        self._ids: dict[str, str] = {}
        self._parents: dict[str, str | None] = {}
        self._children: defaultdict[str | None, set[str]] = defaultdict(set)
        self.wrong_passwords: Counter[str] = Counter()
        self._last_id: Counter[str] = Counter()
        self._used: defaultdict[str, set[str]] = defaultdict(set)

    @property
    def is_server(self) -> bool:
        """Whether this is Data Center, which calls itself a Server."""
        return self.edition == "datacenter"

    @property
    def owner(self) -> Account:
        """The first account, the hub's own."""
        return next(iter(self.accounts.values()))

    def now(self) -> datetime:
        """The present moment in the milliseconds Jira keeps."""
        return in_milliseconds(self.clock())

    def search_moment(self) -> datetime:
        """The moment whose state search shows now."""
        return self.clock() - timedelta(seconds=self.lag_s())

    def next_id(self, kind: str, taken: Callable[[str], bool] = lambda _: False) -> str:
        """A new numeric id for a thing of this *kind*."""
        while True:
            self._last_id[kind] += 1
            number = str(_FIRST_ID - 1 + self._last_id[kind])
            if not taken(number) and number not in self._used[kind]:
                self._used[kind].add(number)
                return number

    def take_id(self, kind: str, wanted: str) -> str:
        """*wanted*, if it is a number that no thing of this kind has; else a new id."""
        if not wanted.isdigit() or wanted in self._used[kind]:
            return self.next_id(kind)
        self._used[kind].add(wanted)
        return wanted

    def release(self, issue: Issue) -> None:
        """Let the ids of the parts of *issue* be taken again, because it is about to be replaced."""
        self._used["comment"] -= {comment.id for comment in issue.comments}
        self._used["attachment"] -= {attachment.id for attachment in issue.attachments}
        self._used["edit"] -= {edit.id for edit in issue.history}

    def local_id(self) -> str:
        """A new id for a part of a document."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def accepts(self, document: Any) -> bool:
        """Whether Jira takes *document* as rich text."""
        return is_document(document) and (self.check_document is None or self.check_document(document))

    def save(self, issue: Issue) -> None:
        """Keep *issue* as it is now, and show it to search in its time."""
        self.issues[issue.id] = issue
        self._ids[issue.key.upper()] = issue.id
        self._place(issue.id, issue.values.get("parent"))
        self.index.note(issue.id, None if issue.archived else issue, self.clock())

    def _place(self, issue_id: str, parent: str | None) -> None:
        """Note whose child an issue is now."""
        self._children[self._parents.get(issue_id)].discard(issue_id)
        self._parents[issue_id] = parent
        if parent:
            self._children[parent].add(issue_id)

    def remove(self, issue: Issue) -> None:
        """Delete *issue* with its links."""
        del self.issues[issue.id]
        self._place(issue.id, None)
        self._ids = {key: found for key, found in self._ids.items() if found != issue.id}
        self.links = {key: link for key, link in self.links.items() if issue.id not in {link.inward, link.outward}}
        self.index.note(issue.id, None, self.clock())

    def find(self, id_or_key: str) -> Issue | None:
        """The issue with this id, key, or key it once had."""
        text = id_or_key.upper()
        return self.issues.get(text) or self.issues.get(self._ids.get(text, ""))

    def issue(self, id_or_key: str) -> Issue:
        """As `find`, but a missing issue is a 404."""
        if found := self.find(id_or_key):
            return found
        raise missing(ISSUE_ABSENT if self.is_server else ISSUE_MISSING)

    def user(self, name_or_key: str) -> Account | None:
        """The account with this login name or key; Data Center only. Names are told apart in lower case."""
        wanted = name_or_key.lower()
        named = (one for one in self.accounts.values() if wanted and one.username.lower() == wanted)
        return next(named, None) or self.accounts.get(name_or_key)

    def find_project(self, id_or_key: str) -> Project | None:
        """The project with this id or key."""
        key = id_or_key.upper()
        return self.projects.get(id_or_key) or next((p for p in self.projects.values() if p.key == key), None)

    def project_of(self, issue: Issue) -> Project:
        """The project an issue is in."""
        return self.projects[issue.project]

    def catalogue(self, kind: str) -> Mapping[str, Any]:
        """The things by id that a field of this *kind* names."""
        things: dict[str, Mapping[str, Any]] = {
            "priority": self.priorities,
            "resolution": self.resolutions,
            "issuetype": self.types,
            "status": self.statuses,
            "group": self.groups,
            "version": self.versions,
            "versions": self.versions,
            "sprint": self.sprints,
        }
        return things[kind]

    def type_of(self, issue: Issue) -> IssueType:
        """The type of an issue."""
        return self.types[issue.values["issuetype"]]

    def children(self, issue: Issue) -> Iterator[Issue]:
        """The issues whose parent *issue* is."""
        return (self.issues[one] for one in sorted(self._children[issue.id], key=int))

    def move(self, issue: Issue, project: Project) -> None:
        """Give *issue* the next key of *project*; its id stays and its old key goes on finding it."""
        issue.project = project.id
        project.last_number += 1
        issue.key = f"{project.key}-{project.last_number}"

    def record(self, issue: Issue, author: str | None, items: list[Json]) -> Edit | None:
        """Note *items* in the history of *issue*, touch it and save it; None where nothing changed."""
        now = self.now()
        edit = Edit(self.next_id("edit"), author, now, tuple(items)) if items else None
        if edit:
            issue.history = (*issue.history, edit)
            issue.updated = now
            if any(item["fieldId"] == "status" for item in items):
                issue.category_changed = now
        self.save(issue)
        return edit

    def touch(self, issue: Issue) -> None:
        """Save *issue*, updated now, without an entry in its history."""
        issue.updated = self.now()
        self.save(issue)

    def tell(self, event: str, issue: Issue, **more: Any) -> None:
        """Tell the listeners (webhooks) of an event."""
        for listener in self.listeners:
            listener(event, issue, more)
