"""What search sees: the states records had some seconds ago."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from hub_zoho_crm.sandbox.records import Record

KEPT = timedelta(minutes=15)


class Index:
    """The past states of every record of every module, as far back as search may lag (`KEPT`)."""

    def __init__(self) -> None:
        self._modules: defaultdict[str, dict[str, list[tuple[datetime, Record | None]]]] = defaultdict(dict)

    def note(self, module: str, record_id: str, state: Record | None, now: datetime) -> None:
        """Remember that the record is in this *state* (None: deleted) from *now* on."""
        states = self._modules[module].setdefault(record_id, [])
        states.append((now, state.copy() if state else None))
        del states[: max(_count(states, now - KEPT) - 1, 0)]

    def at(self, module: str, moment: datetime) -> Iterator[Record]:
        """Every record of *module* as it was at *moment*, or at the oldest moment before it that is known."""
        for states in self._modules[module].values():
            count = _count(states, moment)
            state = states[count - 1][1] if count else None
            if state:
                yield state


def _count(states: list[tuple[datetime, Record | None]], moment: datetime) -> int:
    """How many states had begun at *moment*."""
    return bisect_right(states, moment, key=lambda pair: pair[0])
