"""The connector: the contract of `hub.sdk`, carried out by the other modules."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from hub.sdk import (
    Absence,
    Connector,
    Cursor,
    Description,
    Draft,
    FieldMap,
    Identity,
    Kind,
    Outcome,
    Page,
    Patch,
    Record,
    Sandbox,
    Setup,
)
from hub_jira.attachments import Attachments
from hub_jira.comments import Comments
from hub_jira.config import JiraConfig
from hub_jira.describing import Describing
from hub_jira.issues import Issues
from hub_jira.mapping import KINDS, mapping_of
from hub_jira.meta import Meta
from hub_jira.search import Searches
from hub_jira.site import Site


class JiraConnector(Connector):
    """One project of Jira, Cloud or Data Center: issues, their sub-tasks, comments and attachments."""

    name = "jira"
    editions = ("cloud", "datacenter")
    Config = JiraConfig
    kinds = KINDS

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._site = Site(setup)
        meta = Meta(self._site)
        self._files = Attachments(self._site)
        issues, comments = Issues(self._site, meta), Comments(self._site)
        self._parts: Mapping[Kind, Issues | Comments | Attachments] = {
            Kind.REQUIREMENT: issues,
            Kind.TASK: issues,
            Kind.COMMENT: comments,
            Kind.ATTACHMENT: self._files,
        }
        self._searches = Searches(self._site, self._parts)
        self._describing = Describing(self._site, meta)

    def mapping(self, kind: Kind) -> FieldMap:
        """The lenses of a kind, in the dialect of the edition, with the fields that the options name."""
        return mapping_of(kind, self._site.edition.dialect, self._site.settings(kind))

    @property
    def calls(self) -> int:
        """How many requests went out so far."""
        return self._site.client.http.calls

    @property
    def clock_offset_s(self) -> float:
        """How far Jira's clock is ahead, by the `Date` of its answers."""
        return self._site.client.http.clock_offset_s

    async def open(self) -> Identity:
        """One call: who we are; every hour, beside it, one for the project. Raises SignInRejected, NotFound."""
        place = await self._site.place()
        return Identity(place.account, f"{self._site.config.url}/{place.id}")

    async def describe(self) -> Description:
        """Issue types, fields, choices and people of the project."""
        return await self._describing.describe()

    async def changes(self, kind: Kind, cursor: Cursor | None, *, full: bool = False) -> AsyncIterator[Page]:
        """What changed since *cursor*; one call for all kinds of a run if nothing did."""
        async for page in self._searches.changes(kind, cursor, full=full):
            yield page

    async def fetch(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """What there is now, from the store and never from the index."""
        return await self._parts[kind].fetch(kind, ids) if ids else {}

    async def create(self, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """New issues 50 a call, new comments and files one by one."""
        self._site.writes += len(drafts)
        return await self._parts[kind].create(kind, drafts) if drafts else []

    async def update(self, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """One call for the changed fields of each issue or comment, and for each step of an issue's status."""
        self._site.writes += len(patches)
        part = self._parts[kind]
        if isinstance(part, Attachments):
            return await super().update(kind, patches)
        return await part.update(kind, patches) if patches else []

    async def delete(self, kind: Kind, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """Delete issues with their sub-tasks, comments, files; None for each that is gone."""
        self._site.writes += len(ids)
        return await self._parts[kind].delete(ids)

    async def find(
        self, kind: Kind, drafts: Sequence[Draft], *, since: datetime | None = None
    ) -> Mapping[str, Sequence[str]]:
        """The ids of what was made from each draft, oldest first: by markers, of files by what they are."""
        return await self._parts[kind].find(kind, drafts, since=since) if drafts else {}

    def download(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of an attachment. Raises NotFound, ServiceDown."""
        return self._files.download(remote)

    async def close(self) -> None:
        """Let go of connections."""
        await self._site.client.http.close()

    @classmethod
    def sandbox(cls, *, seed: int = 0, edition: str = "") -> Sandbox | None:
        """A local imitation of Jira Cloud, or of Jira Data Center."""
        from hub_jira.sandbox import (  # noqa: PLC0415 - only who asks for it pays for it
            JiraDataCenterSandbox,
            JiraSandbox,
        )

        return JiraDataCenterSandbox(seed=seed) if edition == "datacenter" else JiraSandbox(seed=seed)
