"""Breaking: stops writing to copies that two automations fight over, until a person has another try."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from hub.model import Kind
from hub.reconcile import Binding
from hub.store import Store
from hub.store.codec import instant, moment
from hub.sync.breaker import counts_from, is_fought_over, sentence
from hub.sync.ledger import End
from hub.sync.plan import ANYTHING, REFUSED, WHOLE, Update
from hub.sync.writing import Writing


class Breaking(Writing):
    """Looks at how often the copies of a spoke were written of late."""

    def calm(self, kind: Kind, updates: Sequence[Update]) -> list[Update]:
        """Those whose copies are not fought over; the others are blocked. One query, where there is nothing to block."""
        breaker, now = self.sync.breaker, self.clock()
        remotes = [update.binding.remote for update in updates if update.debt.patch]
        since = counts_from(breaker, now, None)
        often = {
            remote: count
            for remote, count in self.store.count_updates(self.partner.name, kind, remotes, since).items()
            if is_fought_over(breaker, count)
        }
        fought = {u.binding.remote for u in updates if u.binding.remote in often and self._stopped(kind, u, now)}
        return [update for update in updates if update.binding.remote not in fought]

    def _stopped(self, kind: Kind, update: Update, now: datetime) -> bool:
        """Block a copy, unless its writes are from before a person had another try."""
        tie, breaker = update.binding, self.sync.breaker
        since = counts_from(breaker, now, _forgotten(self.store, tie))
        noted = self.store.updates_since(tie.connection, kind, tie.remote, since)
        writes = [write for write in noted if write.at <= now]  # or our clock was wrong then: they are not of late
        if not is_fought_over(breaker, len(writes)):
            return False
        said = sentence(breaker, tie.key, writes)
        blocked = {**tie.blocked, WHOLE: said, REFUSED: ANYTHING}
        self.store.keep_bindings([(replace(tie, blocked=blocked), True)])
        self.problem(kind, tie.remote, tie.key, End.BLOCKED, said)
        return True


def forget_writes(store: Store, tie: Binding, now: datetime) -> None:
    """Count the writes of a copy from now on."""
    store.keep_fact(_name(tie), moment(now))


def _forgotten(store: Store, tie: Binding) -> datetime | None:
    known = store.fact(_name(tie))
    return instant(known) if known else None


def _name(tie: Binding) -> str:
    return f"writes forgotten: {tie.connection} {tie.kind} {tie.remote}"
