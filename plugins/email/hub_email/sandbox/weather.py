"""What `PUT /_sandbox/faults` does to mail: delays, refusals, broken connections, lost answers."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable

from hub.sdk.sandbox import Faults

SMTP_CODES = {
    421: "4.3.2 Service is shutting down",
    450: "4.2.1 Mailbox is busy",
    451: "4.3.0 Local error in processing",
    452: "4.3.1 Not enough storage",
    550: "5.7.1 Message refused by policy",
    551: "5.1.6 User has moved",
    552: "5.2.2 Mailbox is full",
    553: "5.1.3 Mailbox name is not allowed",
    554: "5.6.0 Transaction failed",
}
"""Statuses that `errors` may have for SMTP alone (RFC 5321 §4.2.3, enhanced codes of RFC 3463)."""


class Broken(Exception):
    """Raised where the connection has to break off without an answer."""


class Weather:
    """The faults of this moment, as a command of IMAP or a message of SMTP meets them.

    `errors` with a status of `SMTP_CODES` answers that to messages, and leaves IMAP alone. Any other status (503, the
    default) is 451 to a message, and NO [UNAVAILABLE] to a command of IMAP. `rate_limit` counts messages of SMTP.
    """

    def __init__(self, faults: Callable[[], Faults], chance: random.Random) -> None:
        self._faults, self._chance = faults, chance
        self._recent: deque[float] = deque()

    async def begin(self) -> None:
        """Wait as long as the service is slow.

        Raises:
            Broken: The connection breaks now, and nothing is carried out.
        """
        faults = self._faults()
        if faults.latency_ms:
            await asyncio.sleep(faults.latency_ms / 1000)
        if faults.disconnect and self._chance.random() < faults.disconnect.share:
            raise Broken

    def refusal(self) -> str | None:
        """SMTP's answer to a message that is not taken; None if it is."""
        faults = self._faults()
        if (wait := self._over_limit()) is not None:
            return f"450 4.7.1 Too many messages, try again in {wait:.0f} seconds"
        if faults.errors and self._chance.random() < faults.errors.share:
            code = faults.errors.status if faults.errors.status in SMTP_CODES else 451
            return f"{code} {SMTP_CODES[code]}"
        return None

    def is_unavailable(self) -> bool:
        """Whether a command of IMAP is refused for now."""
        errors = self._faults().errors
        return bool(errors and errors.status not in SMTP_CODES and self._chance.random() < errors.share)

    def loses_answer(self) -> bool:
        """Whether the connection breaks although the work was done."""
        dropped = self._faults().drop_after_commit
        return bool(dropped and self._chance.random() < dropped.share)

    def _over_limit(self) -> float | None:
        limit = self._faults().rate_limit
        if limit is None:
            return None
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - limit.per_s:
            self._recent.popleft()
        if len(self._recent) >= limit.requests:
            return self._recent[0] + limit.per_s - now
        self._recent.append(now)
        return None
