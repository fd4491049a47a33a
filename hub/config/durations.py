"""Lengths of time as people write them: `30s`, `2m`, `6h`, `1d`."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")


def parse_duration(given: Any) -> Any:
    """*given* as a length of time. Raises ValueError in words for a person."""
    if isinstance(given, timedelta):
        return given
    match = _DURATION.fullmatch(given.strip()) if isinstance(given, str) else None
    if match is None or float(match[1]) == 0:
        raise ValueError(f'{given!r} is no length of time: write "30s", "2m", "6h" or "1d"')
    return timedelta(**{_UNITS[match[2]]: float(match[1])})


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
