"""Where the story plays: the people signed in, the hub open, and a look into every service."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hub.app import Hub
from hub.demo import letters
from hub.demo.acting import AtJira, AtMail, AtTrello, AtZoho, File, Seen
from hub.demo.configuring import write_config
from hub.demo.services import Services
from hub.demo.story import COLUMNS, MAILS, STAGES
from hub.plugins import Registry
from hub.sync import Report

SYNC = "delivery"
INSIDE = ("jira", "trello", "zoho")
"""The connections in which the team works."""


@dataclass
class Stage:
    """Everything that a scene works with.

    Args:
        as_jira: The people who have a Jira account, by name.
        as_trello: The people who have a Trello account, by name.
        as_zoho: The people who use the CRM, by name.
        client: The client at her mail program.
        accounts: By service: account ids by name.
        today: The day on which the story begins.
        noted: What one scene leaves for a later one.
    """

    services: Services
    hub: Hub
    as_jira: dict[str, AtJira]
    as_trello: dict[str, AtTrello]
    as_zoho: dict[str, AtZoho]
    client: AtMail
    accounts: dict[str, dict[str, str]]
    today: date
    noted: dict[str, Any] = field(default_factory=dict)

    def later(self, minutes: int) -> None:
        """Let some minutes pass in the story."""
        self.services.clock.later(minutes)

    async def sync(self) -> Report:
        """One `hub sync`."""
        return await self.hub.sync(SYNC)

    def anyone(self, connection: str) -> AtJira | AtTrello | AtZoho:
        """Somebody who can look into a service."""
        everybody: dict[str, Mapping[str, AtJira | AtTrello | AtZoho]]
        everybody = {"jira": self.as_jira, "trello": self.as_trello, "zoho": self.as_zoho}
        return next(iter(everybody[connection].values()))

    async def look(self) -> dict[str, list[Seen]]:
        """What people see in each service."""
        found = await asyncio.gather(*(self.anyone(name).all() for name in INSIDE))
        return dict(zip(INSIDE, found, strict=True))

    async def look_at(self, key: str) -> dict[str, Seen]:
        """What people see of one requirement in each service."""
        return {name: await self.anyone(name).one(self.remote(key, name)) for name in INSIDE}

    async def said_of(self, key: str) -> dict[str, list[str]]:
        """The comments on one requirement in each service, oldest first."""
        return {name: await self.anyone(name).said(self.remote(key, name)) for name in INSIDE}

    async def files_of(self, key: str) -> dict[str, list[File]]:
        """The files of one requirement in each service."""
        return {name: await self.anyone(name).files(self.remote(key, name)) for name in INSIDE}

    def key_of(self, title: str) -> str:
        """The key of the requirement called *title*."""
        return next(str(each["key"]) for each in self.hub.listing("requirement") if each["title"] == title)

    def remote(self, key: str, connection: str) -> str:
        """The id of a requirement's copy."""
        return str(self.hub.detail(key)["bindings"][connection]["id"])


def agree(seen: Mapping[str, Seen]) -> bool:
    """Whether all services show the same requirement."""
    issue, card, row = (seen[name] for name in ("jira", "trello", "zoho"))
    same = {(each.title, each.due, each.labels) for each in seen.values()}
    return len(same) == 1 and (card.status, row.status) == (COLUMNS.get(issue.status), STAGES.get(issue.status))


def same_person(seen: Mapping[str, Seen]) -> bool:
    """Whether who is assigned in Jira or Trello and known to both is assigned in both. An issue has room for one."""
    at_jira, at_trello = (set(seen[name].people) & set(MAILS) for name in ("jira", "trello"))
    return at_jira <= at_trello and bool(at_jira) == bool(at_trello)


@contextlib.asynccontextmanager
async def stage_in(services: Services, registry: Registry) -> AsyncIterator[Stage]:
    """Everybody signed in, hub.toml written, the hub open."""
    board = str(services["trello"].connection()["board"])
    as_jira = {name: AtJira(services["jira"].url, known) for name, known in _people(services, "jira").items()}
    as_trello = {n: AtTrello(services["trello"].url, known, board) for n, known in _people(services, "trello").items()}
    as_zoho = {name: AtZoho(services["zoho"].url, known) for name, known in _people(services, "zoho").items()}
    async with contextlib.AsyncExitStack() as ends:
        everybody: list[AtJira | AtTrello | AtZoho] = [*as_jira.values(), *as_trello.values(), *as_zoho.values()]
        for each in everybody:
            ends.push_async_callback(each.close)
        accounts = {
            "jira": {name: await person.account() for name, person in as_jira.items()},
            "trello": {name: await person.account() for name, person in as_trello.items()},
        }
        people = {mail: {at: known[name] for at, known in accounts.items()} for name, mail in MAILS.items()}
        config = write_config(services.folder, services.served, people)
        hub = dataclasses.replace(Hub.open(config, registry=registry), clock=services.clock)
        ends.callback(hub.close)
        today = services.clock().date()
        yield Stage(services, hub, as_jira, as_trello, as_zoho, _client(services), accounts, today)


def _people(services: Services, connection: str) -> dict[str, Mapping[str, str]]:
    """The people of a service: their credentials by name."""
    return {each.name: each.credentials for each in services[connection].sandbox.people()}


def _client(services: Services) -> AtMail:
    boxes = {known["address"]: known for known in _people(services, "mail").values()}
    hub = str(services["mail"].connection()["address"])
    return AtMail(letters.CLIENT, boxes[letters.ADDRESS], hub, services.clock)
