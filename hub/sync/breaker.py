"""Breaker: a copy that is written again and again is fought over by two automations; it is left alone. Pure."""

from collections.abc import Sequence
from datetime import datetime

from hub.config import Breaker
from hub.model.counting import counted
from hub.store import Write

SHOWN = 4
WIDTH = 40


def counts_from(breaker: Breaker, now: datetime, forgotten: datetime | None) -> datetime:
    """From when on writes of a copy count: not for ever, and not from before a person had another try.

    Args:
        forgotten: When that was; None if never. If it is still to come, our clock was wrong then, and it says nothing.
    """
    begun = now - breaker.within
    return begun if forgotten is None or forgotten > now else max(begun, forgotten)


def is_fought_over(breaker: Breaker, writes: int) -> bool:
    """Whether another write of a copy that was written so often of late would be too many."""
    return writes >= breaker.writes


def sentence(breaker: Breaker, key: str, writes: Sequence[Write]) -> str:
    """What has happened, with the last *writes* (the oldest first) and the way out."""
    minutes = breaker.within.total_seconds() / 60
    last = "; ".join(_told(write) for write in writes[-SHOWN:])
    return (
        f"was written {counted(len(writes), 'time')} within {counted(minutes, 'minute')}, so something else keeps changing it back. "
        f"The last writes: {last}\n  Next: stop the other automation, then: hub retry {key}"
    )


def _told(write: Write) -> str:
    steps = (f"{name} {_short(step['from'])} → {_short(step['to'])}" for name, step in write.fields.items())
    return f"{write.at:%H:%M:%S} {', '.join(steps)}"


def _short(value: object) -> str:
    shown = "-" if value in (None, "", [], {}) else " ".join(str(value).split())
    return shown if len(shown) <= WIDTH else shown[: WIDTH - 1] + "…"
