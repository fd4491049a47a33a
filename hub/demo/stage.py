"""Where the story plays: both services on loopback, the people signed in, the hub open, and a clock."""

import contextlib
import dataclasses
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from hub.app import Hub
from hub.demo import texts
from hub.demo.acting import AtJira, AtTrello, Seen
from hub.demo.configuring import write_config
from hub.demo.story import COLUMNS, MAILS
from hub.errors import UsageError
from hub.plugins import Registry
from hub.sdk.http import Http, Network
from hub.sdk.sandbox import Sandbox, SandboxServer

Person = TypeVar("Person", AtJira, AtTrello)

SEED = 7
SYNC = "delivery"
LENGTH = timedelta(hours=2)
"""The story begins so long before it is told, so that its people can act minutes apart while nobody waits."""


@dataclass
class StoryClock:
    """The clock of the services and the hub: behind the real one, and catching up whenever time passes in the story."""

    behind: timedelta = LENGTH

    def __call__(self) -> datetime:
        """The present moment of the story, aware, UTC."""
        return datetime.now(UTC) - self.behind

    def later(self, minutes: int) -> None:
        """Let some minutes pass; the story never overtakes the real time."""
        self.behind = max(timedelta(0), self.behind - timedelta(minutes=minutes))

    def catch_up(self) -> None:
        """The story is over: it is now."""
        self.behind = timedelta(0)


@dataclass(frozen=True)
class Services:
    """Both services while they run, and the folder for the hub's files."""

    folder: Path
    clock: StoryClock
    jira: SandboxServer
    trello: SandboxServer


@dataclass
class Stage:
    """Everything that a scene works with.

    Args:
        as_jira: The people who have a Jira account, by name.
        as_trello: The people who have a Trello account, by name.
        accounts: By service: account ids by name.
        today: The day on which the story begins.
        noted: What one scene leaves for a later one.
    """

    services: Services
    hub: Hub
    as_jira: dict[str, AtJira]
    as_trello: dict[str, AtTrello]
    accounts: dict[str, dict[str, str]]
    today: date
    noted: dict[str, Any] = field(default_factory=dict)

    def later(self, minutes: int) -> None:
        """Let some minutes pass in the story."""
        self.services.clock.later(minutes)

    async def look(self) -> tuple[list[Seen], list[Seen]]:
        """What a person sees in Jira and in Trello."""
        return await _anyone(self.as_jira).all(), await _anyone(self.as_trello).all()

    async def look_at(self, key: str) -> tuple[Seen, Seen]:
        """What a person sees of one requirement in Jira and in Trello."""
        issue, card = self.remote(key, "jira"), self.remote(key, "trello")
        return await _anyone(self.as_jira).one(issue), await _anyone(self.as_trello).one(card)

    def key_of(self, title: str) -> str:
        """The key of the requirement called *title*."""
        return next(str(each["key"]) for each in self.hub.listing("requirement") if each["title"] == title)

    def remote(self, key: str, connection: str) -> str:
        """The id of a requirement's copy."""
        return str(self.hub.detail(key)["bindings"][connection]["id"])


def _anyone(people: dict[str, Person]) -> Person:
    return next(iter(people.values()))


def agree(issue: Seen, card: Seen) -> bool:
    """Whether both sides show the same requirement."""
    same = (issue.title, issue.due, issue.labels) == (card.title, card.due, card.labels)
    return same and COLUMNS.get(issue.status) == card.status


def same_person(issue: Seen, card: Seen) -> bool:
    """Whether who is assigned on one side and known to both is assigned on the other. An issue has room for one."""
    at_jira, at_trello = set(issue.people) & set(MAILS), set(card.people) & set(MAILS)
    return at_jira <= at_trello and bool(at_jira) == bool(at_trello)


@contextlib.contextmanager
def both_services(registry: Registry, folder: Path) -> Iterator[Services]:
    """Both services, running while the block does. Raises UsageError where a connector is not installed."""
    clock = StoryClock()
    jira, trello = (dataclasses.replace(each, now=clock) for each in _sandboxes(registry))
    with _without_proxy(), SandboxServer(jira) as at_jira, SandboxServer(trello) as at_trello:
        yield Services(folder, clock, at_jira, at_trello)


def _sandboxes(registry: Registry) -> list[Sandbox]:
    names = ("jira", "trello")
    found = [registry.connectors[name].sandbox(seed=SEED) for name in names if name in registry.connectors]
    sandboxes = [sandbox for sandbox in found if sandbox is not None]
    missing = [name for name in names if name not in {sandbox.name for sandbox in sandboxes}]
    if missing:
        packages = " ".join(f"requirement-hub-{name}" for name in missing)
        said, fix = texts.MISSING.format(names=" and ".join(missing)), texts.MISSING_FIX.format(packages=packages)
        raise UsageError(said, fix=fix)
    return sandboxes


@contextlib.contextmanager
def _without_proxy() -> Iterator[None]:
    """Loopback is never reached through the proxy that the environment may name."""
    before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")}
    os.environ.update({name: ",".join(filter(None, [value, "127.0.0.1"])) for name, value in before.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@contextlib.asynccontextmanager
async def stage_in(services: Services, registry: Registry) -> AsyncIterator[Stage]:
    """Everybody signed in, hub.toml written, the hub open."""
    board = str(services.trello.connection()["board"])
    as_jira = {p.name: AtJira(services.jira.url, p.credentials) for p in services.jira.sandbox.people()}
    as_trello = {p.name: AtTrello(services.trello.url, p.credentials, board) for p in services.trello.sandbox.people()}
    async with contextlib.AsyncExitStack() as ends:
        everybody: list[AtJira | AtTrello] = [*as_jira.values(), *as_trello.values()]
        for each in everybody:
            ends.push_async_callback(each.close)
        accounts = {
            "jira": {name: await person.account() for name, person in as_jira.items()},
            "trello": {name: await person.account() for name, person in as_trello.items()},
        }
        people = {mail: {at: known[name] for at, known in accounts.items()} for name, mail in MAILS.items()}
        config = write_config(services.folder, (services.jira, services.trello), people)
        hub = dataclasses.replace(Hub.open(config, registry=registry), clock=services.clock)
        ends.callback(hub.close)
        yield Stage(services, hub, as_jira, as_trello, accounts, services.clock().date())


async def calls_of(server: SandboxServer, *, forget: bool = False) -> int:
    """How many calls a service counted; with *forget* it begins anew."""
    control = Http(server.sandbox.name, server.url, Network())
    try:
        return int((await control.json("DELETE" if forget else "GET", "/_sandbox/calls"))["total"])
    finally:
        await control.close()
