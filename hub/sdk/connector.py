"""The connector contract: what a class must offer to make a service a spoke of a sync."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from hub.mapping import Account, FieldMap
from hub.model import Audience, Kind
from hub.sdk.http import Network
from hub.sdk.records import Absence, Cursor, Draft, Outcome, Page, Patch, Record
from hub.sdk.sandbox import Sandbox
from hub.sdk.vault import MemoryVault, Vault


class Operation(StrEnum):
    """What a connector can do with a kind."""

    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


ALL_OPERATIONS = frozenset(Operation)


class TellsReplaced(StrEnum):
    """When a service without conditional writes tells that a write replaced an edit which nobody had seen."""

    AT_ONCE = "at once"
    """With the write: `Written.replaced`. What its answer cannot show, the next reading does, as for LATER."""
    LATER = "later"
    """With the next reading: `Record.edits`."""
    NEVER = "never"
    """Nowhere. It has no history, or refuses such writes itself."""


@dataclass(frozen=True, slots=True)
class KindSpec:
    """How a connector holds one kind.

    Args:
        mapping: Canonical fields through lenses.
        operations: What can be done.
        create_batch: Most drafts that one call of `create` should get.
        update_batch: Likewise for `update`.
        conditional: Whether an update is refused by the service itself if the record changed meanwhile.
        looks_for: For a conditional kind whose condition is `Record.at` alone: the record's fields for which it must have been
            looked at just before an update all the same. None: it is looked at before every update.
        largest: Most bytes that an attachment may have here; None for no limit of the service's own.
        options: The connector's own settings for this kind, beyond those every kind has.
        tells_replaced: When an edit is noticed that fell between the last look at a record and a write to it.
    """

    mapping: FieldMap
    operations: frozenset[Operation] = ALL_OPERATIONS
    create_batch: int = 50
    update_batch: int = 50
    conditional: bool = False
    looks_for: frozenset[str] | None = None
    largest: int | None = None
    options: type[BaseModel] | None = None
    tells_replaced: TellsReplaced = TellsReplaced.NEVER


class ConnectionConfig(BaseModel):
    """A `[connections.NAME]` table; a connector adds its own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    plugin: str


@dataclass(frozen=True, slots=True)
class KindSettings:
    """What a spoke's configuration says of one kind.

    Args:
        types: The service's own types that are this kind; empty for all.
        create_type: The type a new record gets.
        options: The validated `KindSpec.options`, if there are any.
        custom: Canonical names of custom fields → the service's names of them.
        marks: First words of a comment that say it is for the client; clients are not shown them.
    """

    types: tuple[str, ...] = ()
    create_type: str | None = None
    options: BaseModel | None = None
    custom: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setup:
    """What a connector is made from; everything from outside comes in here."""

    connection: str
    config: Any
    kinds: Mapping[Kind, KindSettings] = field(default_factory=dict)
    network: Network = field(default_factory=Network)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    vault: Vault = field(default_factory=MemoryVault)
    hub_id: str = ""
    """What tells this hub from others in one service."""
    folder: Path = field(default_factory=Path)
    """Where the configuration stands: relative paths in it begin here."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose account a connection uses, and where it leads; a connection that changes `place` is another one."""

    account: Account
    place: str


class Phase(StrEnum):
    """How far a record is that shows a choice, as the service itself says it."""

    TODO = "to do"
    DOING = "doing"
    OPEN = "open"
    """Not ended; more is not said."""
    ENDED = "ended"
    """Done or dropped; which of them is not said."""
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field of the service.

    Args:
        name: Its name there, by which lenses and settings know it.
        label: What people call it.
        choices: What can be chosen there.
        required: Whether a create needs it.
        also: What settings may call it instead, in capitals or not.
        phases: By choice: how far a record is that shows it, where the service says so.
    """

    name: str
    label: str = ""
    type: str = "string"
    choices: tuple[str, ...] = ()
    required: bool = False
    also: tuple[str, ...] = ()
    phases: Mapping[str, Phase] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Description:
    """What a connection has, for `hub init` and `hub check`.

    Args:
        types: The service's own types of a kind.
        fields: Its fields.
        people: Who can be assigned.
        whole: The kinds of which `fields` are all that a lens or a setting may name; any other is a mistake then.
    """

    types: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    fields: Mapping[Kind, tuple[FieldInfo, ...]] = field(default_factory=dict)
    people: tuple[Account, ...] = ()
    whole: frozenset[Kind] = frozenset()

    def choices(self, kind: Kind, name: str) -> tuple[str, ...]:
        """The choices of one field; empty if it has none."""
        return next((f.choices for f in self.fields.get(kind, ()) if f.name == name), ())

    def phases(self, kind: Kind, name: str) -> Mapping[str, Phase]:
        """How far a record is, by the choice that one field shows; without those of which it is not said."""
        return next((f.phases for f in self.fields.get(kind, ()) if f.name == name), {})


class Connector(ABC):
    """Speaks to one kind of service for one connection. Batch-first: lists in, lists out, in the same order.

    Every method may raise `hub.errors.ServiceError`: SignInRejected stops the connection, Transient is tried again
    with the next run, and neither touches other connections. What is wrong with one record only is its `Outcome`.
    """

    name: ClassVar[str]
    """What `plugin = "…"` in a configuration says."""
    Config: ClassVar[type[ConnectionConfig]]
    kinds: ClassVar[Mapping[Kind, KindSpec]]
    audience: ClassVar[Audience] = Audience.INTERNAL
    """Who reads there, where a spoke does not say: clients, if what is written leaves the house."""

    editions: ClassVar[tuple[str, ...]] = ()
    """Variants of the service that its sandbox can imitate, the usual one first."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    def mapping(self, kind: Kind) -> FieldMap:
        """The lenses of a kind as this connection's configuration wants them; by default those of `kinds`."""
        return self.kinds[kind].mapping

    @property
    @abstractmethod
    def calls(self) -> int:
        """How many requests went out so far."""

    @property
    def clock_offset_s(self) -> float:
        """How many seconds the service's clock is ahead of ours, as far as is known."""
        return 0.0

    @abstractmethod
    async def open(self) -> Identity:
        """Prove the credentials, and say whose they are. Raises SignInRejected, NotFound (no such place), Transient."""

    @abstractmethod
    async def describe(self) -> Description:
        """The service's types, fields, choices and people."""

    @abstractmethod
    def changes(self, kind: Kind, cursor: Cursor | None, *, full: bool = False) -> AsyncIterator[Page]:
        """Everything that changed since *cursor*, page by page; without one, or if *full*, everything there is.

        Each page's cursor must be safe to start again from once its records are kept. May give what did not change.
        A full reading that ends without an error has given every record that exists: it is a census. One that cannot be
        sure of that must raise: an empty page in the middle, a missing token, a count that does not agree.
        Raises BadAnswer, Transient.
        """

    @abstractmethod
    async def fetch(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """The present state of each of *ids*, read from the store and never from an index.

        Put away is a record that is `archived`; no longer of a type or list that the spoke takes is a record like any.
        DELETED needs evidence, as others act on it: that the service says so, or that what held the record can be seen
        and shows it no more. MOVED: it is elsewhere now. HIDDEN: whatever is neither, above all a lost permission.

        Raises PermissionLost if the account sees nothing of the whole place any more.
        """

    async def create(self, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Make records that carry their markers from the first moment on."""
        raise NotImplementedError(f"{self.name} makes no {kind}: {len(drafts)} asked for")

    async def update(self, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """Change just the fields named in each patch."""
        raise NotImplementedError(f"{self.name} changes no {kind}: {len(patches)} asked for")

    async def delete(self, kind: Kind, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """Delete records; None for each that is gone now."""
        raise NotImplementedError(f"{self.name} deletes no {kind}: {len(ids)} asked for")

    async def find(
        self, kind: Kind, drafts: Sequence[Draft], *, since: datetime | None = None
    ) -> Mapping[str, Sequence[str]]:
        """By marker: the ids of records that were made from each of *drafts*, oldest first; those of none are left out.

        Must see records whose create was answered or broken off before this call, whatever the index lags. A service
        that takes no marker is asked for what our own account made since then and looks just like the draft.

        Args:
            since: None of them was made before this moment, by our clock; None if that is not known.
        """
        del since
        raise NotImplementedError(f"{self.name} looks for no {kind}: {len(drafts)} asked for")

    def download(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of an attachment, piece by piece. Raises NotFound, Refused (there are none), Transient."""
        raise NotImplementedError(f"{self.name} holds no attachments: {remote} asked for")

    async def close(self) -> None:  # noqa: B027 - most have something to close, and none must
        """Let go of connections."""

    @classmethod
    def sandbox(cls, *, seed: int = 0, edition: str = "") -> Sandbox | None:
        """A local imitation of the service, if this connector brings one.

        Args:
            edition: One of `editions`; empty for the usual one.
        """
        del seed, edition
        return None
