"""The four services of the story, found by name among what is installed, and served on loopback."""

import contextlib
import dataclasses
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.demo import texts
from hub.demo.clock import StoryClock
from hub.errors import UsageError
from hub.plugins import Registry
from hub.sdk.http import Http, Network
from hub.sdk.sandbox import Sandbox, SandboxServer

SEED = 7
LOOPBACK = ("127.0.0.1", "localhost")
"""Where services are found; some send on to the one from the other for files, as clouds do."""
CONNECTORS = {"mail": "email", "zoho": "zoho_crm", "jira": "jira", "trello": "trello"}
"""Which connector is behind which connection of the story."""


@dataclass(frozen=True)
class Services:
    """All services while they run, by connection, and the folder for the hub's files."""

    folder: Path
    clock: StoryClock
    served: Mapping[str, SandboxServer]

    def __getitem__(self, connection: str) -> SandboxServer:
        """The service behind a connection."""
        return self.served[connection]


@contextlib.contextmanager
def all_services(registry: Registry, folder: Path) -> Iterator[Services]:
    """The services, running while the block does. Raises UsageError where a connector is not installed."""
    clock = StoryClock()
    sandboxes = {name: dataclasses.replace(each, now=clock) for name, each in _sandboxes(registry).items()}
    with _without_proxy(), contextlib.ExitStack() as ends:
        served = {name: ends.enter_context(SandboxServer(sandbox)) for name, sandbox in sandboxes.items()}
        yield Services(folder, clock, served)


def _sandboxes(registry: Registry) -> dict[str, Sandbox]:
    installed = {name: registry.connectors[known] for name, known in CONNECTORS.items() if known in registry.connectors}
    sandboxes = {name: connector.sandbox(seed=SEED) for name, connector in installed.items()}
    missing = [known for name, known in CONNECTORS.items() if sandboxes.get(name) is None]
    if missing:
        packages = " ".join(f"requirement-hub-{name.replace('_', '-')}" for name in missing)
        said, fix = texts.MISSING.format(names=" and ".join(missing)), texts.MISSING_FIX.format(packages=packages)
        raise UsageError(said, fix=fix)
    return {name: sandbox for name, sandbox in sandboxes.items() if sandbox is not None}


@contextlib.contextmanager
def _without_proxy() -> Iterator[None]:
    """Loopback is never reached through the proxy that the environment may name."""
    before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")}
    os.environ.update({name: ",".join(filter(None, [value, *LOOPBACK])) for name, value in before.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


async def calls_of(server: SandboxServer, *, forget: bool = False) -> int:
    """How many calls a service counted; with *forget* it begins anew."""
    control = Http(server.sandbox.name, server.url, Network())
    try:
        return int((await control.json("DELETE" if forget else "GET", "/_sandbox/calls"))["total"])
    finally:
        await control.close()
