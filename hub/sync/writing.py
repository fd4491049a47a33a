"""What everything that writes to a spoke works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hub.config import Sync
from hub.model import Kind
from hub.store import Store
from hub.sync.ledger import End, Ledger
from hub.sync.partner import Partner
from hub.sync.progress import Progress


@dataclass
class Writing:
    """One spoke of a running sync, and where to note what becomes of each write.

    Args:
        run: Which run this is.
        only: Entity keys to write; None for all that are owed.
        full: Consider everything anew, and not only what has changed since that was last done.
    """

    sync: Sync
    partner: Partner
    store: Store
    ledger: Ledger
    progress: Progress
    hub_id: str
    clock: Callable[[], datetime]
    run: str
    only: frozenset[str] | None = None
    full: bool = False

    def problem(self, kind: Kind, record: str, key: str, end: End, message: str) -> None:
        """A write that was not done, or not wholly."""
        self.ledger.spokes[self.partner.name].note(kind, record, end)
        self.ledger.problem(message, spoke=self.partner.name, key=key)
