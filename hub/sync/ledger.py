"""Counts what became of every record of a run: each ends in exactly one outcome, and the counts add up."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from hub.model import Kind


class End(IntEnum):
    """How a record ends a run, the weightiest last: a record that meets several ends has the last of them."""

    EQUAL = 0
    IGNORED = 1
    IMPORTED = 2
    CREATED = 3
    UPDATED = 4
    DELETED = 5
    HELD = 6
    BLOCKED = 7
    FAILED = 8


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a person should look at."""

    message: str
    spoke: str | None = None
    key: str | None = None

    def as_json(self) -> dict[str, Any]:
        """In the shape of a run report."""
        return {"key": self.key, "spoke": self.spoke, "message": self.message}


@dataclass
class SpokeLedger:
    """What a run did on one spoke.

    `ends` is by kind and remote id, or entity key where there is no remote id (yet).
    """

    ends: dict[tuple[Kind, str], End] = field(default_factory=dict)
    read: set[tuple[Kind, str]] = field(default_factory=set)
    made: set[tuple[Kind, str]] = field(default_factory=set)
    writes: int = 0
    calls: int = 0

    def saw(self, kind: Kind, remotes: Iterable[str]) -> None:
        """These records were read."""
        for remote in remotes:
            self.read.add((kind, remote))
            self.ends.setdefault((kind, remote), End.EQUAL)

    def note(self, kind: Kind, record: str, end: End) -> None:
        """This became of a record (a remote id, or an entity key where it has no copy)."""
        self.ends[kind, record] = max(end, self.ends.get((kind, record), End.EQUAL))
        if (kind, record) not in self.read:
            self.made.add((kind, record))

    def mend(self, kind: Kind, record: str) -> bool:
        """A record that had failed earlier in this run did not fail after all; whether there was one."""
        if self.ends.get((kind, record)) is not End.FAILED:
            return False
        del self.ends[kind, record]
        self.made.discard((kind, record))
        if (kind, record) in self.read:
            self.ends[kind, record] = End.EQUAL
        return True

    def counts(self) -> dict[str, dict[str, int]]:
        """By kind: how many records met each end."""
        tallies: dict[str, Counter[str]] = {}
        for (kind, _), end in self.ends.items():
            tallies.setdefault(kind.value, Counter())[end.name.lower()] += 1
        return {kind: {end.name.lower(): tally[end.name.lower()] for end in End} for kind, tally in tallies.items()}

    def as_json(self) -> dict[str, Any]:
        """In the shape of a run report."""
        return {"read": len(self.read), "calls": self.calls, "writes": self.writes, "kinds": self.counts()}

    @property
    def adds_up(self) -> bool:
        """Whether every record read or made has met just one end."""
        return set(self.ends) == self.read | self.made


@dataclass
class Ledger:
    """What a run did, on all spokes."""

    spokes: dict[str, SpokeLedger]
    found: dict[Problem, None] = field(default_factory=dict)
    plan: list[Mapping[str, Any]] = field(default_factory=list)
    returned: int = 0
    """How many records went back to be judged, because they had changed since they were."""

    @property
    def stirred(self) -> int:
        """Grows whenever something was written, or went back to be judged."""
        return self.returned + sum(spoke.writes for spoke in self.spokes.values())

    @property
    def problems(self) -> list[Problem]:
        """Each once, in the order they were found."""
        return list(self.found)

    def problem(self, message: str, *, spoke: str | None = None, key: str | None = None) -> None:
        """Note a problem, once."""
        self.found[Problem(message, spoke, key)] = None

    def mend(self, spoke: str, kind: Kind, record: str, key: str) -> None:
        """What had failed earlier in this run has been done since, and is no problem any more."""
        if self.spokes[spoke].mend(kind, record):
            for done in [p for p in self.found if (p.spoke, p.key) == (spoke, key)]:
                del self.found[done]

    @property
    def ends(self) -> set[End]:
        """Every end that some record met."""
        return {end for spoke in self.spokes.values() for end in spoke.ends.values()}
