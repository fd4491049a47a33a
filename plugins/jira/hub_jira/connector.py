"""The connector: the contract of `hub.sdk`, carried out by the other modules."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from hub.sdk import (
    Absence,
    Connector,
    Cursor,
    Description,
    Draft,
    Identity,
    Kind,
    NotFound,
    Outcome,
    Page,
    Patch,
    PermissionLost,
    Record,
    Sandbox,
    ServiceError,
    Setup,
)
from hub_jira.config import JiraConfig
from hub_jira.creating import Creates
from hub_jira.describing import Describing
from hub_jira.looking import Looking
from hub_jira.mapping import KINDS
from hub_jira.meta import Meta
from hub_jira.outcomes import outcome_of, stop_if_signed_out
from hub_jira.search import Searches
from hub_jira.site import Site
from hub_jira.transitions import Transitions
from hub_jira.updating import Updates


class JiraConnector(Connector):
    """One project of Jira Cloud."""

    name = "jira"
    Config = JiraConfig
    kinds = KINDS

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._site = Site(setup)
        meta = Meta(self._site)
        self._updates = Updates(self._site, Transitions(self._site))
        self._creates = Creates(self._site, meta, self._updates)
        self._searches, self._looking = Searches(self._site), Looking(self._site)
        self._describing = Describing(self._site, meta)

    @property
    def calls(self) -> int:
        """How many requests went out so far."""
        return self._site.client.http.calls

    @property
    def clock_offset_s(self) -> float:
        """How far Jira's clock is ahead, by the `Date` of its answers."""
        return self._site.client.http.clock_offset_s

    async def open(self) -> Identity:
        """Two calls: who we are, and the project. Raises SignInRejected, NotFound."""
        place = await self._site.place()
        return Identity(place.account, f"{self._site.config.url}/{place.id}")

    async def describe(self) -> Description:
        """Issue types, fields, choices and people of the project."""
        return await self._describing.describe()

    async def changes(self, kind: Kind, cursor: Cursor | None, *, full: bool = False) -> AsyncIterator[Page]:
        """What changed since *cursor*; one call if nothing did."""
        async for page in self._searches.changes(kind, cursor, full=full):
            yield page

    async def fetch(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """Issues from the store, 100 a call; each that is missing there is asked for alone.

        Jira answers 404 both for what was deleted and for what this account may no longer see: both are DELETED.
        """
        del kind
        place = await self._site.place()
        shown = await self._site.bulk(list(dict.fromkeys(ids)))
        missing = [number for number in dict.fromkeys(ids) if number not in shown]
        alone = dict(zip(missing, await asyncio.gather(*map(self._alone, missing)), strict=True))
        if Absence.DELETED in alone.values():
            await self._site.prove()
        issues = {**shown, **{number: issue for number, issue in alone.items() if not isinstance(issue, Absence)}}
        foreign = self._site.foreign(issues.values(), place)
        found: dict[str, Record | Absence] = {n: a for n, a in alone.items() if isinstance(a, Absence)}
        for number, issue in issues.items():
            found[number] = Absence.MOVED if str(issue["id"]) in foreign else self._site.record(issue)
        return found

    async def _alone(self, number: str) -> Mapping[str, object] | Absence:
        try:
            return await self._site.one(number)
        except NotFound:
            return Absence.DELETED
        except PermissionLost:
            return Absence.HIDDEN

    async def create(self, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """New issues, 50 a call, with their markers."""
        return await self._creates.create(kind, drafts) if drafts else []

    async def update(self, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """One call for the changed fields of each issue, one for each step of its status."""
        return await self._updates.update(kind, patches) if patches else []

    async def delete(self, kind: Kind, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """Delete issues, and their sub-tasks with them; None for each that is gone."""
        del kind
        done = await asyncio.gather(*map(self._delete, ids))
        stop_if_signed_out(done)
        return done

    async def _delete(self, number: str) -> Outcome | None:
        try:
            await self._site.client.delete(f"/issue/{number}", deleteSubtasks="true")
        except NotFound:
            return None
        except ServiceError as error:
            return outcome_of(error)
        return None

    async def find(
        self, kind: Kind, drafts: Sequence[Draft], *, since: datetime | None = None
    ) -> Mapping[str, Sequence[str]]:
        """The ids of issues that carry the drafts' markers, oldest first."""
        return await self._looking.find(kind, [draft.marker for draft in drafts], since=since) if drafts else {}

    async def close(self) -> None:
        """Let go of connections."""
        await self._site.client.http.close()

    @classmethod
    def sandbox(cls, *, seed: int = 0) -> Sandbox | None:
        """A local imitation of Jira Cloud."""
        from hub_jira.sandbox import JiraSandbox  # noqa: PLC0415 - only who asks for it pays for it

        return JiraSandbox(seed=seed)
