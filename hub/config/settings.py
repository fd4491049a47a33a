"""What a hub.toml says, once it has been read and found right. Frozen; no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

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
    """One configured account of a connector."""

    name: str
    connector: type[Connector]
    config: ConnectionConfig


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
class Sync:
    """A named set of connections kept consistent."""

    name: str
    spokes: Mapping[str, Spoke]
    rules: Rules
    every: timedelta | None = None
    cron: str | None = None
    full_every: timedelta | None = None

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
