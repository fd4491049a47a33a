"""Pages: numbered ones for the first 2000 records, and tokens that carry on after a record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nlargest, nsmallest
from typing import Any

from hub_zoho_crm.sandbox.http import MOST_PER_PAGE, Call
from hub_zoho_crm.sandbox.problems import Json, Problem, invalid
from hub_zoho_crm.sandbox.records import Record

DISCRETE, FARTHEST = 2_000, 100_000
TOKEN_LIFE = timedelta(hours=24)
_SORTS = ("id", "Created_Time", "Modified_Time")
_UNBOUND = frozenset({"page", "page_token"})

Key = tuple[Any, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a token carries on.

    Args:
        bound: The user and the parameters it was made for.
        after: The key of the last record of the page before; None for the first page.
        seen: How many records come before it.
    """

    bound: tuple[Any, ...]
    until: datetime
    after: Key | None
    page: int
    seen: int
    before: str | None


@dataclass
class Pager:
    """One list of records, in its order, cut into pages."""

    call: Call

    def __post_init__(self) -> None:
        call = self.call
        self.sort = call.query("sort_by", "id")
        self.order = call.query("sort_order", "desc")
        if self.sort not in _SORTS:
            raise invalid("the value given seems to be invalid", param_name="sort_by", supported_values=list(_SORTS))
        if self.order not in {"asc", "desc"}:
            details = {"param_name": "sort_order", "supported_values": ["asc", "desc"]}
            raise invalid("the value given seems to be invalid", **details)
        self.size = call.number("per_page", MOST_PER_PAGE, MOST_PER_PAGE)
        self.bound = (call.user.id, str(sorted(call.parts.items())), *self._parameters())

    def _parameters(self) -> list[tuple[str, str]]:
        return sorted(pair for pair in self.call.parameters.multi_items() if pair[0] not in _UNBOUND)

    def key(self, record: Record) -> Key:
        """By what records are sorted; ties by id."""
        if self.sort == "id":
            return 0, int(record.id)
        return record.created if self.sort == "Created_Time" else record.modified, int(record.id)

    def page(self, found: Sequence[Record]) -> tuple[list[Record], Json]:
        """The asked-for page of *found*, and its `info`."""
        place, token = self._place()
        backwards = self.order == "desc"
        keyed = [(self.key(record), record) for record in found]
        if token:
            keyed = [pair for pair in keyed if _is_after(pair[0], place.after, backwards=backwards)]
        start = 0 if token else place.seen
        end = start + self.size
        ahead = (nlargest if backwards else nsmallest)(end + 1, keyed, key=_first)
        part, more = ahead[start:end], len(ahead) > end
        return [record for _, record in part], self._info(place, token, part, more=more)

    def _place(self) -> tuple[Place, str]:
        call, token = self.call, self.call.query("page_token")
        if token and "page" in call.parameters:
            details = {"ambiguity_due_to": [{"param_name": "page"}, {"param_name": "page_token"}]}
            raise Problem(400, "AMBIGUITY_DURING_PROCESSING", "ambiguity while processing the request", details)
        if token:
            return self._carried_on(token), token
        page = call.number("page", 1, 1_000_000)
        if page * self.size > DISCRETE and (page - 1) * self.size >= DISCRETE:
            message = "You can only get the first 2000 records without using page_token param."
            raise Problem(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", message, {"limit": DISCRETE})
        start = Place(self.bound, call.org.clock(), None, page, (page - 1) * self.size, None)
        return start, ""

    def _carried_on(self, token: str) -> Place:
        place: Place | None = self.call.service.pages.get(token)
        if not place or place.bound[0] != self.bound[0]:
            raise invalid("The token given seems to be invalid", param_name="page_token")
        if place.until <= self.call.org.clock():
            raise Problem(400, "EXPIRED_VALUE", "The token given has expired", {"param_name": "page_token"})
        if place.bound != self.bound:
            message = "The page_token given seems to be invalid or input param is added, altered, or deleted"
            raise Problem(400, "TOKEN_BOUND_DATA_MISMATCH", message, {"param_name": "page_token"})
        if place.seen >= FARTHEST:
            message = "You can only get up to first 100000 records using page_token param"
            raise Problem(400, "PAGINATION_LIMIT_EXCEEDED", message, {"limit": FARTHEST})
        return place

    def _info(self, place: Place, token: str, part: Sequence[tuple[Key, Record]], *, more: bool) -> Json:
        until = self.call.org.clock() + TOKEN_LIFE
        following = None
        if more:
            after, seen = part[-1][0], place.seen + len(part)
            following = self._new(Place(self.bound, until, after, place.page + 1, seen, token or None))
        return {
            "call": False,
            "per_page": self.size,
            "next_page_token": following,
            "count": len(part),
            "sort_by": self.sort,
            "page": place.page,
            "previous_page_token": place.before,
            "page_token_expiry": self.call.shapes.moment(until) if following else None,
            "sort_order": self.order,
            "email": False,
            "more_records": more,
        }

    def _new(self, place: Place) -> str:
        token = self.call.org.hexadecimal(64)
        self.call.service.pages[token] = place
        return token


def _first(pair: tuple[Key, Record]) -> Key:
    return pair[0]


def _is_after(key: Key, mark: Key | None, *, backwards: bool) -> bool:
    return mark is None or (key < mark if backwards else key > mark)


def plain_page(call: Call, found: Sequence[Any], show: Callable[[Any], Json]) -> tuple[list[Json], Json]:
    """A numbered page of something that has no tokens: what is on it, and its `info`."""
    size, page = call.number("per_page", MOST_PER_PAGE, MOST_PER_PAGE), call.number("page", 1, 1_000_000)
    start = (page - 1) * size
    part = found[start : start + size]
    more = len(found) > start + size
    return [show(one) for one in part], {"per_page": size, "count": len(part), "page": page, "more_records": more}
