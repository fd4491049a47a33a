"""What a hub.toml says, once it has been read and found right. Frozen; no I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from hub.errors import Finding
from hub.mapping import Vocabulary
from hub.model import Audience, Kind
from hub.reconcile import Route, Rules
from hub.sdk.connector import ConnectionConfig, Connector, KindSettings


class OnDelete(StrEnum):
    """What happens to the other copies when a copy was truly deleted."""

    UNLINK = "unlink"
    CLOSE = "close"
    DELETE = "delete"
    RECREATE = "recreate"


@dataclass(frozen=True, slots=True)
class Connection:
    """One configured account of a connector.

    Args:
        absent: The secrets that are not to be found, and so are empty: nobody can sign in there.
    """

    name: str
    connector: type[Connector]
    config: ConnectionConfig
    absent: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Spoke:
    """A connection's part in a sync.

    Args:
        routes: By kind: what it originates and creates.
        kinds: By kind: what its connector is told.
        vocabularies: By canonical field: the service's names of its values.
        audience: Who reads there.
        quiet: How long nobody may have changed an entity before its copy there is brought up to date.
    """

    connection: Connection
    routes: Mapping[Kind, Route]
    kinds: Mapping[Kind, KindSettings]
    vocabularies: Mapping[str, Vocabulary] = field(default_factory=dict)
    audience: Audience = Audience.INTERNAL
    on_delete: OnDelete = OnDelete.UNLINK
    quiet: timedelta | None = None

    @property
    def name(self) -> str:
        """The connection's name; a connection has one part in a sync."""
        return self.connection.name


@dataclass(frozen=True, slots=True)
class Limit:
    """How many copies of a spoke a run may harm in one way, before a person has to say that it is meant.

    Args:
        count: So many are never too many.
        share: Nor is this part of all copies bound on that spoke: 0.02 is one in fifty.
    """

    count: int
    share: float

    def exceeded(self, harmed: int, copies: int) -> bool:
        """Whether *harmed* of *copies* are too many by both measures."""
        return harmed > self.count and harmed > self.share * copies


GUARD: Mapping[str, Limit] = MappingProxyType(
    {
        "deletes": Limit(10, 0.02),
        "blanks": Limit(10, 0.02),
        "reversals": Limit(10, 0.02),
        "remapped": Limit(0, 0.0),
        "writes": Limit(200, 0.2),
    }
)
"""What a run may do unasked, where a sync says nothing of its own."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """How often one copy may be written within a while, before two automations are taken to be fighting over it."""

    writes: int = 8
    within: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Sync:
    """A named set of connections kept consistent.

    Args:
        guard: By harm: what a run may do unasked; a harm without a limit is not looked at.
    """

    name: str
    spokes: Mapping[str, Spoke]
    rules: Rules
    every: timedelta | None = None
    cron: str | None = None
    full_every: timedelta | None = None
    guard: Mapping[str, Limit] = field(default_factory=lambda: GUARD)
    breaker: Breaker = Breaker()

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that any spoke takes part in, parents before children."""
        return tuple(kind for kind in Kind if any(kind in spoke.routes for spoke in self.spokes.values()))


@dataclass(frozen=True, slots=True)
class Config:
    """Everything a hub.toml says.

    Args:
        file: Where it was read.
        store: The URL of the hub's database, its path resolved.
        people: E-mail → connection → account id.
        warnings: What is doubtful, and yet can be worked with.
        largest: Most bytes of an attachment that is passed on.
    """

    file: Path
    store: str
    language: str
    connections: Mapping[str, Connection]
    syncs: Mapping[str, Sync]
    people: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    warnings: tuple[Finding, ...] = ()
    largest: int = 50_000_000

    def absent(self, connections: Iterable[str]) -> list[Finding]:
        """The secrets of these connections that are not to be found."""
        return [finding for name in connections for finding in self.connections[name].absent]
