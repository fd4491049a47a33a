"""Ids and moments as Trello writes them: an id's first eight hex digits are its creation time in seconds."""

import random
import re
import string
from collections.abc import Callable
from datetime import UTC, datetime

ID = re.compile(r"[0-9a-fA-F]{24}")
SHORT_LINK = re.compile(r"[0-9a-zA-Z]{8}")


def instant(moment: datetime) -> str:
    """*moment* as Trello shows it: UTC, milliseconds, `Z`."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def parse_instant(text: str) -> datetime:
    """An ISO 8601 date or date-time as an aware moment; one without a zone is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def first_id_of(moment: datetime) -> str:
    """The smallest id that an object made in *moment*'s second can have."""
    return f"{int(moment.timestamp()):08x}" + "0" * 16


def created(identifier: str) -> datetime:
    """When the object with this id was made, to the second."""
    return datetime.fromtimestamp(int(identifier[:8], 16), UTC)


class Ids:
    """Gives ids that sort in the order of their making, and short links; same seed, same sequence.

    Its randomness is its own, so that drawing faults does not change which ids come next.
    """

    def __init__(self, seed: int, now: Callable[[], datetime]) -> None:
        self._random = random.Random(f"trello ids {seed}")  # noqa: S311 - imitation, not security
        self._machine = self.hex(10)
        self._counter = self._random.randrange(0x100000)
        self._now = now

    def new(self, at: datetime | None = None) -> str:
        """A fresh id, made *at* that moment or now."""
        self._counter += 1
        return f"{int((at or self._now()).timestamp()):08x}{self._machine}{self._counter:06x}"

    def hex(self, digits: int) -> str:
        """Random hex digits, as in keys."""
        return f"{self._random.getrandbits(4 * digits):0{digits}x}"

    def short_link(self) -> str:
        """Eight letters and digits."""
        return "".join(self._random.choices(string.ascii_letters + string.digits, k=8))
