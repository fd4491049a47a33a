"""One project of one site, as this connection sees it: who we are, where it is, and what was lately read or written."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.sdk import Account, Kind, NotFound, Record, Setup
from hub_jira.client import Client
from hub_jira.config import JiraConfig, JiraOptions
from hub_jira.records import ASKED, MARKER, account, record

BULK_READ = 100
"""Most issues of one `POST /issue/bulkfetch`."""


@dataclass(frozen=True, slots=True)
class Place:
    """The account in use, and the project."""

    account: Account
    id: str
    key: str


class Recent:
    """Records that were read from the store or written, so that a lagging index cannot bring older states back.

    Args:
        most: How many are remembered.
    """

    def __init__(self, most: int = 5_000) -> None:
        self._most = most
        self._known: OrderedDict[str, tuple[int, Record]] = OrderedDict()
        self._written: OrderedDict[str, int] = OrderedDict()

    def note(self, shown: Record, *, written_ms: int | None = None) -> None:
        """Remember *shown*; *written_ms* is when this connection wrote it, if it did."""
        at = shown.extra.get("updated")
        if at is not None:
            self._known[shown.id] = (int(at), shown)
            self._known.move_to_end(shown.id)
        if written_ms is not None:
            self._written[shown.id] = written_ms
            self._written.move_to_end(shown.id)
        for table in (self._known, self._written):
            if len(table) > self._most:
                table.popitem(last=False)

    def freshest(self, shown: Record) -> Record:
        """*shown*, or what is known to be newer than it."""
        at, known = self._known.get(shown.id, (0, shown))
        return known if at > int(shown.extra.get("updated", at)) else shown

    def written_since(self, since_ms: int, most: int) -> list[int]:
        """The numeric ids of the newest writes, at most *most*."""
        ids = [number for number, at in reversed(self._written.items()) if at >= since_ms and number.isdigit()]
        return sorted(int(number) for number in ids[:most])


class Site:
    """What every part of the connector works on."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.config: JiraConfig = setup.config
        self.client = Client(setup.connection, self.config.url, self.config.auth.header(), setup.network)
        self.recent = Recent()
        self._place: Place | None = None

    def now_ms(self) -> int:
        """The present moment by the service's clock, in milliseconds since 1970."""
        return round((self.setup.clock().timestamp() + self.client.http.clock_offset_s) * 1000)

    def options(self, kind: Kind) -> JiraOptions:
        """Jira's own settings for *kind*."""
        settings = self.setup.kinds.get(kind)
        return settings.options if settings and isinstance(settings.options, JiraOptions) else JiraOptions()

    async def place(self) -> Place:
        """Who and where we are, asked once. Raises SignInRejected, NotFound."""
        if self._place is None:
            self._place = await self._look()
        return self._place

    async def prove(self) -> Account:
        """The account in use. Reading without one is answered as for anybody, so this alone shows bad credentials."""
        return account(await self.client.get("/myself"))

    async def _look(self) -> Place:
        """Both calls at once; refused credentials are told before a project that nobody can see."""
        project_call = self.client.get(f"/project/{self.config.project}")
        asked: Sequence[Any] = await asyncio.gather(self.prove(), project_call, return_exceptions=True)
        me, project = asked
        if isinstance(me, BaseException):
            raise me
        if isinstance(project, NotFound):
            raise self._no_project("is not there, or this account may not see it") from project
        if isinstance(project, BaseException):
            raise project
        if project.get("archived") or project.get("deleted"):
            raise self._no_project("is archived" if project.get("archived") else "is in the trash")
        return Place(me, str(project["id"]), str(project["key"]))

    def _no_project(self, why: str) -> NotFound:
        return NotFound(
            f"project {self.config.project!r} {why}",
            connection=self.setup.connection,
            fix=f"set connections.{self.setup.connection}.project to the key of a project"
            " that the account may browse, or give it the permission",
        )

    async def bulk(self, ids: Sequence[str], *, transitions: bool = True) -> dict[str, dict[str, Any]]:
        """Issues by id (or key, for keys) from the store, at most 100 a call; what is not there is left out."""
        expand = ["changelog", "transitions"] if transitions else ["changelog"]
        chunks = [list(ids[n : n + BULK_READ]) for n in range(0, len(ids), BULK_READ)]
        asked = {"fields": list(ASKED), "expand": expand, "properties": [MARKER]}
        answers = await asyncio.gather(
            *(self.client.read("/issue/bulkfetch", {"issueIdsOrKeys": chunk, **asked}) for chunk in chunks)
        )
        return {str(issue["id"]): issue for answer in answers for issue in answer.get("issues") or ()}

    async def one(self, number: str) -> dict[str, Any]:
        """One issue from the store. Raises NotFound, PermissionLost."""
        shown = await self.client.get(
            f"/issue/{number}", fields=",".join(ASKED), expand="changelog,transitions", properties=MARKER
        )
        return dict(shown)

    def record(self, issue: Mapping[str, Any], *, written: bool = False) -> Record:
        """The record of an issue read from the store, remembered."""
        shown = record(issue, self.config)
        self.recent.note(shown, written_ms=self.now_ms() if written else None)
        return shown

    def foreign(self, issues: Iterable[Mapping[str, Any]], place: Place) -> set[str]:
        """The ids of those that are in another project now."""
        return {str(i["id"]) for i in issues if str((i["fields"].get("project") or {}).get("id", place.id)) != place.id}
