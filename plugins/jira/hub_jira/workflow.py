"""What has been learned of workflows: which transitions lead from which status, for each issue type. Pure."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

RANKS = {"new": 0, "undefined": 0, "indeterminate": 1, "done": 2}
"""Status categories in the order in which work goes through them."""


@dataclass(frozen=True, slots=True)
class Status:
    """A status: its id, its name, the key of its category."""

    id: str
    name: str
    category: str = "undefined"

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> "Status":
        """From the API's form."""
        category = (shown.get("statusCategory") or {}).get("key") or "undefined"
        return cls(str(shown["id"]), str(shown["name"]), str(category))

    def distance(self, other: "Status") -> int:
        """How many categories lie between the two."""
        return abs(RANKS.get(self.category, 0) - RANKS.get(other.category, 0))


@dataclass(frozen=True, slots=True)
class Hop:
    """One transition.

    Args:
        id: The transition's id.
        name: What people call it.
        to: Where it leads.
        has_screen: Whether people are asked for more on the way.
        fields: What its screen asks, as far as Jira was asked for that.
    """

    id: str
    name: str
    to: Status
    has_screen: bool = False
    fields: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> "Hop":
        """From the API's form."""
        return cls(
            str(shown["id"]),
            str(shown.get("name") or ""),
            Status.of(shown["to"]),
            bool(shown.get("hasScreen")),
            shown.get("fields"),
        )


def hops_of(transitions: Iterable[Mapping[str, Any]]) -> tuple[Hop, ...]:
    """The transitions that can be taken now, without those that Jira shows though they cannot."""
    return tuple(Hop.of(shown) for shown in transitions if shown.get("to") and shown.get("isAvailable") is not False)


@dataclass
class Workflow:
    """The workflow of one issue type, as far as it was seen; `from_status` has the hops by status id."""

    from_status: dict[str, dict[str, Hop]] = field(default_factory=dict)

    def learn(self, status: str, hops: Sequence[Hop]) -> tuple[Hop, ...]:
        """Keep *hops* of *status*; answers them with what was known of their fields before."""
        known = self.from_status.setdefault(status, {})
        merged = tuple(self._merged(known.get(hop.id), hop) for hop in hops)
        known.update({hop.id: hop for hop in merged})
        return merged

    def _merged(self, old: Hop | None, new: Hop) -> Hop:
        return replace(new, fields=old.fields) if old and new.fields is None else new

    def path(self, start: str, goal: str, first: Sequence[Hop], barred: set[str]) -> list[Hop]:
        """The shortest known way from status *start* to the status named *goal*; empty if none is known.

        Args:
            first: The hops from *start*.
            barred: Ids of statuses that are not to be passed again.
        """
        queue: deque[list[Hop]] = deque([hop] for hop in first)
        passed = {start, *barred}
        while queue:
            way = queue.popleft()
            end = way[-1].to
            if end.name == goal:
                return way
            if end.id not in passed:
                passed.add(end.id)
                queue.extend([*way, hop] for hop in self.from_status.get(end.id, {}).values())
        return []

    def unknown(self, start: str, first: Sequence[Hop], barred: set[str]) -> list[Status]:
        """Statuses that can be reached, and of which it is not known where they lead; the nearest first."""
        queue, passed, found = deque(first), {start, *barred}, list[Status]()
        while queue:
            to = queue.popleft().to
            if to.id in passed:
                continue
            passed.add(to.id)
            if to.id in self.from_status:
                queue.extend(self.from_status[to.id].values())
            else:
                found.append(to)
        return found
