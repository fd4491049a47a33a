"""One project of one site, as this connection sees it: who we are, where it is, and what was lately read or written."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from hub.sdk import Account, Kind, NotFound, PermissionLost, Record, Setup
from hub_jira.catalogue import Catalogue
from hub_jira.client import Client
from hub_jira.config import JiraConfig, JiraOptions
from hub_jira.edition import Asked, Json, Query, one_issue
from hub_jira.editions import EDITIONS
from hub_jira.people import People
from hub_jira.records import MARKER, account

KNOWN_FOR = timedelta(hours=1)
"""How long a project's id is taken as known: until then a run proves its account by one call, and its place by reading."""
_KEPT = "project"


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

    def marker(self, number: str) -> str | None:
        """The marker of an issue, if it was seen."""
        return self._known[number][1].marker if number in self._known else None

    def written_since(self, since_ms: int, most: int) -> tuple[int, ...]:
        """The numeric ids of the newest writes, at most *most*."""
        ids = [number for number, at in reversed(self._written.items()) if at >= since_ms and number.isdigit()]
        return tuple(sorted(int(number) for number in ids[:most]))


class Site:
    """What every part of the connector works on."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.config: JiraConfig = setup.config
        self.edition = EDITIONS[self.config.edition]
        url = self.config.url + self.edition.api
        self.client = Client(setup.connection, url, self.config.auth.header(), setup.network)
        self.people = People(self.client, self.edition)
        self.catalogue = Catalogue(setup, self.client, self.edition.dialect)
        self.recent = Recent()
        self.writes = 0
        """How often something was written: what was read before that may be out of date."""
        self.keys: dict[str, str] = {}
        """By id: the keys of issues that were seen, for addresses of what hangs on them."""
        self._place: Place | None = None

    @property
    def me(self) -> str:
        """The id of the account in use; empty before that is known."""
        return self._place.account.id if self._place else ""

    def now_ms(self) -> int:
        """The present moment by the service's clock, in milliseconds since 1970."""
        return round((self.setup.clock().timestamp() + self.client.http.clock_offset_s) * 1000)

    def options(self, kind: Kind) -> JiraOptions:
        """Jira's own settings for issues of *kind*."""
        options = self.settings(kind)
        return options if isinstance(options, JiraOptions) else JiraOptions()

    def settings(self, kind: Kind) -> BaseModel | None:
        """Jira's own settings for *kind*, if the configuration has any."""
        settings = self.setup.kinds.get(kind)
        return settings.options if settings else None

    async def place(self) -> Place:
        """Who and where we are, asked once. Raises SignInRejected, NotFound."""
        if self._place is None:
            kept = self._kept()
            self._place = Place(await self.prove(), *kept) if kept else await self._look()
        return self._place

    async def check_project(self) -> None:
        """Look whether the project is there and may be seen: what is missing in it says nothing else.

        Raises PermissionLost, SignInRejected.
        """
        try:
            self._place = await self._look()
        except NotFound as error:
            self.setup.vault.keep(_KEPT, "", self._seal)
            raise PermissionLost(error.message, connection=error.connection, fix=error.fix) from error

    @property
    def _seal(self) -> str:
        return self.config.auth.header()

    def _kept(self) -> tuple[str, str] | None:
        """The project's id and key as they were lately told. Queries name the id, which never leads elsewhere."""
        told = self.setup.vault.get(_KEPT, self._seal)
        known = json.loads(told) if told else {}
        until = datetime.fromisoformat(known["until"]) if known else None
        if until is None or known["of"] != self._named or not self.setup.clock() < until:
            return None
        return str(known["id"]), str(known["key"])

    @property
    def _named(self) -> list[str]:
        return [self.config.url, self.config.project]

    def _keep(self, place: Place) -> Place:
        until = (self.setup.clock() + KNOWN_FOR).isoformat()
        told = {"of": self._named, "id": place.id, "key": place.key, "until": until}
        self.setup.vault.keep(_KEPT, json.dumps(told), self._seal)
        return place

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
        return self._keep(Place(me, str(project["id"]), str(project["key"])))

    def _no_project(self, why: str) -> NotFound:
        return NotFound(
            f"project {self.config.project!r} {why}",
            connection=self.setup.connection,
            fix=f"set connections.{self.setup.connection}.project to the key of a project"
            " that the account may browse, or give it the permission",
        )

    async def asked(self, *expand: str) -> Asked:
        """All that records of issues are made of."""
        return Asked(await self.catalogue.asked(), expand, (MARKER,))

    async def issues(self, ids: Sequence[str], asked: Asked | None = None) -> dict[str, Json]:
        """Issues by id (or key, for keys) from the store; what is not there is left out."""
        wanted = asked or await self.asked("changelog", "transitions")
        found = {str(issue["id"]): issue for issue in await self.edition.issues(self.client, ids, wanted)}
        self.keys |= {number: str(issue["key"]) for number, issue in found.items() if issue.get("key")}
        return found

    async def one(self, number: str) -> Json:
        """One issue from the store. Raises NotFound, PermissionLost."""
        return await one_issue(self.client, number, await self.asked("changelog", "transitions"))

    async def first(self, jql: str, *fields: str) -> Json | None:
        """The first issue that a search finds, if it finds any."""
        found, _ = await self.edition.page(self.client, Query(jql, Asked(fields), most=1), None)
        return found[0] if found else None

    async def record(self, kind: Kind, issue: Mapping[str, Any], *, written: bool = False) -> Record:
        """The record of an issue read from the store, remembered."""
        shown = (await self.catalogue.shape(kind)).record(issue)
        self.recent.note(shown, written_ms=self.now_ms() if written else None)
        return shown

    def foreign(self, issues: Iterable[Mapping[str, Any]], place: Place) -> set[str]:
        """The ids of those that are in another project now."""
        return {str(i["id"]) for i in issues if str((i["fields"].get("project") or {}).get("id", place.id)) != place.id}
