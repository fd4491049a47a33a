"""Lenses for single values: days, moments, other entities, and values that are the same on both sides."""

from collections.abc import Callable
from copy import copy
from datetime import UTC, date, datetime, time
from typing import Any, Self

from hub.mapping.lens import Lens, References, Terms, Unmapped
from hub.model import Kind

NOON = time(12, tzinfo=UTC)


class Day(Lens):
    """A calendar day; the record shows `YYYY-MM-DD`."""

    def get(self, remote: Any) -> date | None:
        """The day, or None. Raises Unmapped for what is no day."""
        try:
            return date.fromisoformat(remote) if remote else None
        except (TypeError, ValueError):
            raise Unmapped(f"{self.remote} {remote!r} is no day") from None

    def put(self, value: date | None, current: Any) -> str | None:
        """The day in ISO form."""
        return current if self.get(current) == value else value.isoformat() if value else None


class DayOfInstant(Lens):
    """A calendar day here, an instant there: `2026-12-01T09:00:00.000Z`. The time of day there is kept.

    A new instant is noon UTC, which is the same day from UTC-12 to UTC+11.
    """

    def get(self, remote: Any) -> date | None:
        """The day of the instant in UTC, or None. Raises Unmapped for what is no instant."""
        try:
            return _instant(remote).date() if remote else None
        except (TypeError, ValueError, OverflowError):
            raise Unmapped(f"{self.remote} {remote!r} is no moment") from None

    def put(self, value: date | None, current: Any) -> str | None:
        """*value* at the time of day that *current* has, else at noon UTC."""
        if self.get(current) == value:
            return current  # type: ignore[no-any-return]
        if value is None:
            return None
        at = _instant(current).timetz() if current else NOON
        return datetime.combine(value, at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Moment(Lens):
    """A moment: an aware datetime here, RFC 3339 text there. Any offset and any fraction is read; none means UTC."""

    def get(self, remote: Any) -> datetime | None:
        """The moment in UTC, or None. Raises Unmapped for what is no moment."""
        try:
            return _instant(remote.strip().upper()) if remote else None
        except (AttributeError, TypeError, ValueError, OverflowError):
            raise Unmapped(f"{self.remote} {remote!r} is no moment") from None

    def put(self, value: datetime | None, current: Any) -> str | None:
        """The moment in UTC, with a fraction only where it has one; *current* if that is the same moment."""
        if self.get(current) == value:
            return current  # type: ignore[no-any-return]
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


class Same(Lens):
    """A JSON value that is the same on both sides."""

    def get(self, remote: Any) -> Any:
        """The value itself."""
        return remote

    def put(self, value: Any, current: Any) -> Any:
        """The value itself."""
        del current
        return value


class Ref(Lens):
    """Another entity: its key here, the id of its copy there. What has no copy there is kept here.

    Args:
        remote: The record's field.
        kinds: What the entity referred to may be; they are tried in this order.
    """

    references: References | None = None

    def __init__(self, remote: str, *kinds: Kind, writable: bool = True, weak: bool = False) -> None:
        super().__init__(remote, writable=writable, weak=weak)
        self.kinds = kinds

    def get(self, remote: Any) -> str | None:
        """The key of the entity whose copy *remote* is; None while that is not known here."""
        return self._first(self.references.key_of, str(remote)) if remote and self.references else None

    def put(self, value: str | None, current: Any) -> str | None:
        """The id of the copy of *value*; *current* where neither side knows the other's."""
        here = self.get(current)
        there = self._first(self.references.remote_of, value) if value and self.references else None
        known = here == value or (there is not None and there == str(current))
        return current if known or (value and here is there is None) else there

    def _first(self, find: Callable[[str, str], str | None], sought: str) -> str | None:
        return next((found for kind in self.kinds if (found := find(kind, sought)) is not None), None)

    def bound(self, field: str, terms: Terms) -> Self:
        """This lens with the ties of the connection."""
        del field
        bound = copy(self)
        bound.references = terms.references
        return bound

    def fingerprint(self) -> str:
        """The kinds are part of the meaning."""
        return f"{super().fingerprint()}:{','.join(self.kinds)}"
