"""What Trello accepts as the value of a parameter, and how it stores it."""

import json
import math
from collections.abc import Sequence
from typing import Any

from hub_trello.sandbox.answers import Refusal, invalid
from hub_trello.sandbox.ids import ID, first_id_of, instant, parse_instant

TEXT_LIMIT = 16384
MAX_PAGE = 1000
_HUES = ("green", "yellow", "orange", "red", "purple", "blue", "sky", "lime", "pink", "black")
COLORS = frozenset(f"{hue}{shade}" for hue in _HUES for shade in ("", "_dark", "_light"))
STEP = 65536.0


def name(value: Any, parameter: str = "name", *, empty: bool = False) -> str:
    """A name of 1 to 16384 characters, its outer white space trimmed (the trimming is UNVERIFIED). Raises Refusal."""
    text = "" if value is None else _text(value, parameter).strip()
    if (not text and not empty) or len(text) > TEXT_LIMIT:
        raise invalid(parameter)
    return text


def long_text(value: Any, parameter: str = "desc") -> str:
    """Markdown of at most 16384 characters with `\\n` line ends; JSON null is the empty text. Raises Refusal."""
    text = "" if value is None else _text(value, parameter).replace("\r\n", "\n")
    if len(text) > TEXT_LIMIT:
        raise invalid(parameter)
    return text


def _text(value: Any, parameter: str) -> str:
    if isinstance(value, (dict, list)):
        raise invalid(parameter)
    return value if isinstance(value, str) else json.dumps(value)


def boolean(value: Any, parameter: str) -> bool:
    """`true` or `false`, as JSON or as text. Raises Refusal."""
    match value:
        case bool():
            return value
        case "true" | "1" | 1:
            return True
        case "false" | "0" | 0:
            return False
    raise invalid(parameter)


def moment(value: Any, parameter: str) -> str | None:
    """A moment with milliseconds and `Z`; null, nothing and the text `null` clear it. Raises Refusal."""
    if value in (None, "", "null"):
        return None
    try:
        return instant(parse_instant(value))
    except (TypeError, ValueError, OverflowError):
        raise invalid(parameter) from None


def color(value: Any) -> str | None:
    """One of the thirty colours, or none. Raises Refusal."""
    if value in (None, "", "null"):
        return None
    if not isinstance(value, str) or value not in COLORS:
        raise invalid("color")
    return value


def position(value: Any, others: Sequence[float]) -> float:
    """The place that `top`, `bottom` or a positive number means among *others*. Raises Refusal."""
    if value in (None, "", "bottom"):
        return max(others) + STEP if others else STEP - 1
    if value == "top":
        return min(others) / 2 if others else STEP - 1
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise invalid("pos") from None
    if not (number > 0 and math.isfinite(number)):
        raise invalid("pos")
    return number


def id_list(value: Any, parameter: str, repeated: str) -> list[str]:
    """Ids given as an array or separated by commas. Raises Refusal, with the words *repeated* if one is there twice."""
    if value in (None, "", "null"):
        return []
    ids = value if isinstance(value, list) else str(value).split(",")
    if not all(isinstance(each, str) and ID.fullmatch(each) for each in ids):
        raise invalid(parameter)
    if len(set(ids)) != len(ids):
        raise Refusal(400, repeated)
    return list(ids)


def page_size(value: Any, default: int | None = None) -> int | None:
    """A page's `limit`, 0 to 1000. Raises Refusal."""
    if value in (None, ""):
        return default
    if not str(value).isdecimal() or int(value) > MAX_PAGE:
        raise invalid("limit")
    return int(value)


def cursor(value: Any, parameter: str) -> str | None:
    """`before` or `since`, an id or a date, as an id: both work on creation, to the second. Raises Refusal."""
    if value in (None, "", "null"):
        return None
    if ID.fullmatch(str(value)):
        return str(value)
    try:
        return first_id_of(parse_instant(str(value)))
    except (ValueError, OverflowError):
        raise invalid(parameter) from None


def link(value: Any, parameter: str = "url") -> str:
    """A web address. Raises Refusal."""
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise invalid(parameter)
    return value
