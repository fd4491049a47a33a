"""How Zoho writes and reads moments: whole seconds, in the zone of the organisation."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def shown(moment: datetime, zone: str) -> str:
    """*moment* in whole seconds with the offset of *zone*, such as `2026-11-01T12:00:00+05:30`."""
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def read_moment(text: str) -> datetime:
    """The moment of an ISO 8601 text with an offset, in UTC and whole seconds; ValueError if it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"'{text}' has no offset from UTC")
    return in_seconds(moment.astimezone(UTC))


def in_seconds(moment: datetime) -> datetime:
    """*moment* without the part of a second, which Zoho does not keep."""
    return moment.replace(microsecond=0)


def is_moment(text: object) -> bool:
    """Whether *text* is a moment with a time and an offset."""
    if not isinstance(text, str) or len(text) < len("2026-11-01T12:00Z"):
        return False
    try:
        read_moment(text)
    except ValueError:
        return False
    return True


def is_day(text: object) -> bool:
    """Whether *text* is a day written yyyy-MM-dd."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
