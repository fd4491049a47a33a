"""Reads `[syncs.NAME.guard]` and `[syncs.NAME.breaker]`: how much a run may do before a person is asked."""

from collections.abc import Mapping
from typing import Any

from hub.config.problems import Problems, suggestion
from hub.config.settings import GUARD, Breaker, Limit
from hub.config.tables import BreakerTable, LimitTable

SHAPE = "write { count = 10, share = 0.02 }, or false"


def read_guard(table: Mapping[str, Any], where: str, problems: Problems) -> Mapping[str, Limit]:
    """The limits that *table* sets, and the usual ones of the harms that it passes over."""
    limits = dict(GUARD)
    for harm, given in table.items():
        place = f"{where}.{harm}"
        if harm not in GUARD:
            problems.error(place, "is not a known setting", suggestion(harm, GUARD))
        elif given is False:
            problems.warning(place, f"is off: however many {NAMES[harm]} a run brings, nobody is asked", SHAPE)
            del limits[harm]
        elif not isinstance(given, Mapping):
            problems.error(place, "is no limit", SHAPE)
        elif shape := problems.shaped(LimitTable, given, place):
            usual = GUARD[harm]
            limits[harm] = Limit(
                usual.count if shape.count is None else shape.count,
                usual.share if shape.share is None else shape.share,
            )
    return limits


def read_breaker(table: Mapping[str, Any], where: str, problems: Problems) -> Breaker:
    """How often one copy may be written within a while."""
    shape = problems.shaped(BreakerTable, table, where) or BreakerTable()
    return Breaker(shape.writes, shape.within)


NAMES: Mapping[str, str] = {
    "deletes": "deletions",
    "blanks": "emptied fields",
    "reversals": "statuses set back",
    "remapped": "rewritten fields by a changed mapping",
    "writes": "writes",
}
"""What people call the harms."""
