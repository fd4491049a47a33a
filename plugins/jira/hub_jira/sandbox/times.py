"""How Jira writes and reads moments."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def shown(moment: datetime, zone: str) -> str:
    """*moment* as Jira writes it in the profile zone of the caller: milliseconds, offset without a colon."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"


def read_moment(text: str) -> datetime:
    """The moment of an ISO text with an offset, in UTC and whole milliseconds; ValueError if it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"'{text}' has no offset from UTC")
    return in_milliseconds(moment.astimezone(UTC))


def in_milliseconds(moment: datetime) -> datetime:
    """*moment* without the digits Jira does not keep."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def is_day(text: object) -> bool:
    """Whether *text* is a day written yyyy-MM-dd."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
