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
        only: Entity keys to write; None for all that are owed.
    """

    sync: Sync
    partner: Partner
    store: Store
    ledger: Ledger
    progress: Progress
    hub_id: str
    clock: Callable[[], datetime]
    only: frozenset[str] | None = None

    def problem(self, kind: Kind, record: str, key: str, end: End, message: str) -> None:
        """A write that was not done, or not wholly."""
        self.ledger.spokes[self.partner.name].note(kind, record, end)
        self.ledger.problem(message, spoke=self.partner.name, key=key)
