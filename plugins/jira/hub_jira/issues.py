"""Requirements and tasks: issues that are read, fetched, written and looked for."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from hub.sdk import (
    Absence,
    Cursor,
    Draft,
    Kind,
    NotFound,
    Outcome,
    Patch,
    PermissionLost,
    Record,
)
from hub_jira.creating import Creates
from hub_jira.edition import Json
from hub_jira.jql import kind_of
from hub_jira.looking import Looking
from hub_jira.meta import Meta
from hub_jira.outcomes import deletions
from hub_jira.reading import RESCAN_WINDOW_MS
from hub_jira.records import MARKER, milliseconds
from hub_jira.site import Site
from hub_jira.transitions import Transitions
from hub_jira.updating import Updates

MANY = 10
"""From so many issues on, of which none can be seen, it is more likely that they are hidden than that all were deleted."""
MOST_MARKED = 1_000
"""Ids that a cursor remembers."""


class Issues:
    """The issues of one project."""

    def __init__(self, site: Site, meta: Meta) -> None:
        self._site = site
        self._updates = Updates(site, Transitions(site))
        self._creates = Creates(site, meta, self._updates)
        self._looking = Looking(site)

    def part(self, kind: Kind, cursor: Cursor | None) -> "IssuePart":
        """What a reading from *cursor* finds of *kind*."""
        return IssuePart(self._site, kind, cursor or {})

    async def fetch(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """Issues from the store; each that is missing there is asked for alone.

        Jira answers 404 both for what was deleted and for what this account may no longer see. The project must be there
        to be seen, else it is the permission that was lost; and where not one of many can be seen, as after a change of
        an issue security scheme, they are HIDDEN. Raises PermissionLost.
        """
        place, wanted = await self._site.place(), list(dict.fromkeys(ids))
        shown = await self._site.issues(wanted)
        missing = [number for number in wanted if number not in shown]
        alone = dict(zip(missing, await asyncio.gather(*map(self._alone, missing)), strict=True))
        if Absence.DELETED in alone.values():
            await self._site.check_project()
        issues = {**shown, **{number: issue for number, issue in alone.items() if not isinstance(issue, Absence)}}
        gone = Absence.DELETED if issues or len(wanted) < MANY else Absence.HIDDEN
        foreign = self._site.foreign(issues.values(), place)
        found: dict[str, Record | Absence] = {
            number: gone if state is Absence.DELETED else state
            for number, state in alone.items()
            if isinstance(state, Absence)
        }
        for number, issue in issues.items():
            is_foreign = str(issue["id"]) in foreign
            found[number] = Absence.MOVED if is_foreign else await self._site.record(kind, issue)
        return found

    async def _alone(self, number: str) -> Json | Absence:
        try:
            return await self._site.one(number)
        except NotFound:
            return Absence.DELETED
        except PermissionLost:
            return Absence.HIDDEN

    async def create(self, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """New issues, 50 a call, with their markers."""
        return await self._creates.create(kind, drafts)

    async def update(self, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """One call for the changed fields of each issue, one for each step of its status."""
        return await self._updates.update(kind, patches)

    async def delete(self, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """Delete issues, and their sub-tasks with them; None for each that is gone."""
        return await deletions(self._site.client.delete(f"/issue/{each}", deleteSubtasks="true") for each in ids)

    async def find(
        self, kind: Kind, drafts: Sequence[Draft], *, since: datetime | None = None
    ) -> Mapping[str, Sequence[str]]:
        """The ids of issues that carry the drafts' markers, oldest first."""
        return await self._looking.find(kind, [draft.marker for draft in drafts], since=since)


class IssuePart:
    """What one reading finds of a kind of issues.

    Args:
        cursor: Where it goes on from; `marked` has the ids of issues whose markers were asked for one by one, and need not
            be again. Issues that were made well before it have shown theirs to an earlier reading.
    """

    def __init__(self, site: Site, kind: Kind, cursor: Cursor) -> None:
        self._site, self._kind = site, kind
        self._since = int(cursor["mark"]) - RESCAN_WINDOW_MS if cursor else 0
        self._marked = dict.fromkeys(cursor.get("marked") or ())

    async def find(self, issues: Sequence[Json]) -> tuple[Sequence[Record], Sequence[str]]:
        """Their records; none are known to be gone."""
        kinds = self._site.setup.kinds
        mine = [issue for issue in issues if kind_of(issue, kinds) is self._kind]
        if not mine:
            return (), ()
        await self._show_markers([i for i in mine if milliseconds(i["fields"]["created"]) >= self._since])
        shape = await self._site.catalogue.shape(self._kind)
        return [self._site.recent.freshest(shape.record(issue)) for issue in mine], ()

    async def _show_markers(self, issues: Sequence[Json]) -> None:
        unmarked = []
        for issue in issues:
            if marker := self._site.recent.marker(str(issue["id"])):
                issue["properties"] = {MARKER: {"key": marker}}
            elif "properties" not in issue and str(issue["id"]) not in self._marked:
                unmarked.append(issue)
        if unmarked:
            me = (await self._site.place()).account.id
            asked = await self._site.edition.with_marker(self._site.client, unmarked, MARKER, me)
            self._marked |= dict.fromkeys(asked)

    def cursor(self, cursor: Cursor) -> Cursor:
        """*cursor* with the ids of the newest issues whose markers were asked for."""
        marked = sorted(self._marked, key=lambda number: int(number) if number.isdigit() else 0)[-MOST_MARKED:]
        return {**cursor, "marked": marked} if marked else cursor
