"""Counts what became of every record of a run: each ends in exactly one outcome, and the counts add up."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from hub.model import Kind
from hub.sync.guard import Breach


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

    __hash__ = int.__hash__
    """An Enum's own asks for the name, each time that one of many thousand is counted."""


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

    Args:
        ends: By kind, and by remote id, or by entity key where there is no remote id (yet): every end but EQUAL.
        read: By kind: the remote ids of the records that were read.
        open: By kind: the records that were taken in, and of which nobody has said yet what became of them.
    """

    ends: dict[Kind, dict[str, End]] = field(default_factory=lambda: defaultdict(dict))
    read: dict[Kind, set[str]] = field(default_factory=lambda: defaultdict(set))
    open: dict[Kind, set[str]] = field(default_factory=lambda: defaultdict(set))
    writes: int = 0
    calls: int = 0

    def saw(self, kind: Kind, remotes: Iterable[str]) -> None:
        """These records were read."""
        self.read[kind].update(remotes)

    def reads(self, kind: Kind) -> int:
        """How many records of a kind were read."""
        return len(self.read[kind])

    def took_in(self, kind: Kind, remotes: Iterable[str]) -> None:
        """These records are to be judged."""
        self.open[kind].update(remotes)

    def judged(self, kind: Kind, remotes: Iterable[str]) -> None:
        """It is known what became of records that were taken in."""
        self.open[kind].difference_update(remotes)

    def note(self, kind: Kind, record: str, end: End) -> None:
        """This became of a record (a remote id, or an entity key where it has no copy)."""
        met = self.ends[kind]
        if end > met.get(record, End.EQUAL):
            met[record] = end

    def note_all(self, kind: Kind, records: Sequence[str], end: End) -> None:
        """This became of each of several records."""
        met = self.ends[kind]
        if met.keys().isdisjoint(records):
            met.update(dict.fromkeys(records, end))
        else:
            for record in records:
                self.note(kind, record, end)

    def mend(self, kind: Kind, record: str) -> bool:
        """A record that had failed earlier in this run did not fail after all; whether there was one."""
        if self.ends[kind].get(record) is not End.FAILED:
            return False
        del self.ends[kind][record]
        return True

    def counts(self) -> dict[str, dict[str, int]]:
        """By kind: how many records met each end."""
        found = {}
        for kind in sorted({*self.ends, *self.read}, key=list(Kind).index):
            tally = Counter(self.ends[kind].values())
            tally[End.EQUAL] = len(self.read[kind] - self.ends[kind].keys())
            if tally.total():
                found[kind.value] = {end.name.lower(): tally[end] for end in End}
        return found

    def as_json(self) -> dict[str, Any]:
        """In the shape of a run report."""
        read = sum(map(len, self.read.values()))
        return {"read": read, "calls": self.calls, "writes": self.writes, "kinds": self.counts()}

    @property
    def adds_up(self) -> bool:
        """Whether it is known of every record that was taken in what became of it."""
        return not any(self.open.values())


@dataclass
class Ledger:
    """What a run did, on all spokes."""

    spokes: dict[str, SpokeLedger]
    found: dict[Problem, None] = field(default_factory=dict)
    plan: list[Mapping[str, Any]] | None = None
    """What is done, in the shape of a run report's plan; None where nobody asks for it."""
    taken_up: int = 0
    """How many records became entities while they were read."""
    owed_before: dict[str, int] = field(default_factory=dict)
    """By spoke: how many copies were owed something before this run read anything."""
    found_out: int = 0
    """How many updates that an earlier run had written were found out about before this one wrote anything."""
    harmful: int = 0
    """How many changes this run took up by which copies would be emptied or set back."""
    returned: int = 0
    """How many records went back to be judged, because they had changed since they were."""
    breaches: list[Breach] = field(default_factory=list)
    """What was too much to be done unasked, so that it was not done."""

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
        return set[End]().union(*(met.values() for spoke in self.spokes.values() for met in spoke.ends.values()))

    def tell(self, entry: Callable[[], Mapping[str, Any]]) -> None:
        """Add to the plan, if somebody asks for it."""
        if self.plan is not None:
            self.plan.append(entry())
