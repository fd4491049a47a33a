"""A lens: the two-way mapping of one field between an entity and a record.

The two laws every lens keeps, for all values *c* of the entity and *r* of the record:

1. ``to_canonical(to_remote(c, current=r), current=c) == c``: what we write and read back changes nothing here;
2. ``to_remote(to_canonical(r, current=c), current=r) == r``: what we read and write back changes nothing there.

A subclass gives only `get` and `put`, with ``put(c, put(c, r)) == put(c, r)`` and ``put(get(r), r) == r``. Both laws
follow: `to_canonical` answers the present value whenever writing it would change nothing there, and reads otherwise.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Self

from hub.mapping.people import People
from hub.mapping.vocabulary import Vocabulary


class Unmapped(ValueError):
    """A value has no counterpart on the other side; the field waits until the mapping names it.

    Args:
        message: A sentence that names the value.
        fix: The setting to change.
    """

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message, self.fix = message, fix


class Unsaid(Unmapped):
    """The record says nothing at all yet about a field, as a client who was never told a status.

    It is neither an edit nor a problem: the copy is owed the value.
    """


class References(ABC):
    """Where a lens looks up other entities: the ties between entity keys and remote ids of one connection."""

    @abstractmethod
    def key_of(self, kind: str, remote: str) -> str | None:
        """The key of the entity that *remote* is a copy of, if any."""

    @abstractmethod
    def remote_of(self, kind: str, key: str) -> str | None:
        """The id of the copy that entity *key* has on this connection, if any."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a spoke's configuration and its service add to a mapping."""

    connection: str
    vocabularies: dict[str, Vocabulary]
    """By canonical field: how its values are called there."""
    people: People
    references: References | None = None
    location: str = ""
    """Where these settings stand, for messages: `syncs.delivery.spokes.jira`."""
    custom: Mapping[str, str] = field(default_factory=dict)
    """By the name of a custom value: the field that holds it there."""
    language: str = "en"
    """In which headings are written there: `en` or `zh`."""


class Lens(ABC):
    """One canonical field seen through one field of a record.

    Args:
        remote: The name of the record's field.
        writable: Whether the record takes a value here.
        weak: Whether the record's value only fills a field that nobody has set, as a display name in a mail does.
    """

    def __init__(self, remote: str, *, writable: bool = True, weak: bool = False) -> None:
        self.remote, self.writable, self.weak = remote, writable, weak

    @abstractmethod
    def get(self, remote: Any) -> Any:
        """The canonical value that *remote* alone stands for. Raises Unmapped, and Unsaid where it says nothing yet."""

    @abstractmethod
    def put(self, value: Any, current: Any) -> Any:
        """The remote value that shows *value* and keeps of *current* whatever *value* does not speak of.

        *current* is None where nothing is there yet. Raises Unmapped.
        """

    def to_canonical(self, remote: Any, *, current: Any, seen: Any = None) -> Any:
        """*remote* as a canonical value, *current* being the value it stood for until now.

        Args:
            seen: What it showed then, and by this very mapping; None where that is not known.
        """
        del seen
        return current if self._shows(current, remote) else self.get(remote)

    def stands_for(self, remote: Any, value: Any, *, seen: Any = None) -> bool:
        """Whether *remote* shows just *value*, be it cut or under a name that several values share."""
        try:
            return bool(self.to_canonical(remote, current=value, seen=seen) == value)
        except Unmapped:
            return False

    def to_remote(self, value: Any, *, current: Any) -> Any:
        """*value* as the record should show it, *current* being what it shows now."""
        return self.put(value, current)

    def bound(self, field: str, terms: Terms) -> Self:
        """This lens with what the configuration says of *field*; by default the lens itself."""
        del field, terms
        return self

    @property
    def named(self) -> bool:
        """Whether the configuration says enough of this lens; a field whose lens it leaves unnamed is not mapped."""
        return True

    def read_only(self) -> Self:
        """This lens, never written through."""
        lens = copy(self)
        lens.writable = False
        return lens

    def fingerprint(self) -> str:
        """Changes when, and only when, the meaning of the mapping does."""
        return f"{type(self).__name__}:{self.remote}" + (":weak" if self.weak else "")

    def _shows(self, value: Any, remote: Any) -> bool:
        try:
            return bool(self.put(value, remote) == remote)
        except Unmapped:
            return False
