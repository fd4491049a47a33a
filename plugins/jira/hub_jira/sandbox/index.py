"""What search sees: the states issues had some seconds ago."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub_jira.sandbox.records import Issue

KEPT = timedelta(minutes=15)


@dataclass
class _States:
    """The states of one issue (None: deleted), oldest first, each with its time and its number among all."""

    times: list[datetime] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    states: list[Issue | None] = field(default_factory=list)

    def forget(self, count: int) -> None:
        """Drop the *count* oldest."""
        del self.times[:count], self.numbers[:count], self.states[:count]


class Index:
    """The past states of every issue, as far back as search may lag (`KEPT`).

    Attributes:
        last: The number of the newest state noted; states of one moment are told apart by their numbers.
    """

    def __init__(self) -> None:
        self.last = 0
        self._issues: dict[str, _States] = {}

    def note(self, issue_id: str, state: Issue | None, now: datetime) -> None:
        """Remember that the issue is in this *state* (None: deleted) from *now* on."""
        self.last += 1
        known = self._issues.setdefault(issue_id, _States())
        known.times.append(now)
        known.numbers.append(self.last)
        known.states.append(state.copy() if state else None)
        known.forget(max(bisect_right(known.times, now - KEPT) - 1, 0))

    def at(self, moment: datetime, last: int | None = None) -> Iterator[Issue]:
        """Every issue as it was at *moment*, or before, when *last* was the newest state noted."""
        for known in self._issues.values():
            position = bisect_right(known.times, moment)
            if last is not None:
                position = min(position, bisect_right(known.numbers, last))
            state = known.states[position - 1] if position else None
            if state:
                yield state
