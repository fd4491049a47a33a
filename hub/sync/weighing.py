"""Weighing: what a run is about to write is laid on the guard's scales, with what it has written already."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from hub.config import Sync
from hub.reconcile import remapped
from hub.reconcile.rebasing import REMAPPED as MARK
from hub.sdk.connector import Operation
from hub.store import Store, Write
from hub.sync.departed import was_closed
from hub.sync.guard import REMAPPED, WRITES, Act, Approved, Breach, Tally, approved_by
from hub.sync.ledger import Ledger, SpokeLedger
from hub.sync.partner import Partner
from hub.sync.plan import Planner, Update, fields_written


@dataclass
class Weighing:
    """Weighs what a run owes its spokes, before each round of writing.

    Args:
        run: What this run has done in earlier rounds counts as well.
    """

    sync: Sync
    partners: Mapping[str, Partner]
    store: Store
    ledger: Ledger
    run: str
    now: datetime

    def breaches(self) -> list[Breach]:
        """What is too much to be done unasked. Looks closely only where there is enough to be too much."""
        if not self.sync.guard or not any(self._may_be_too_much(partner) for partner in self._working()):
            return []
        tally = Tally(self._copies(), self._approved())
        tally.add(self._done())
        for partner in self._working():
            tally.add(self._planned(partner))
        return list(tally.breaches(self.sync.guard))

    def _working(self) -> list[Partner]:
        return [partner for partner in self.partners.values() if partner.working]

    def _may_be_too_much(self, partner: Partner) -> bool:
        """A cheap look, so that an ordinary run plans nothing twice."""
        guard, name = self.sync.guard, partner.name
        owed = [each for kind in partner.kinds() for each in self.store.owed_under(name, kind)]
        if REMAPPED in guard and any(known.endswith(MARK) for maps, _ in owed for known in maps.values()):
            return True
        due, doomed = sum(count for _, count in owed), self.store.count_doomed(name)
        done = self.store.count_done(self.run, name) if due or doomed else 0
        least = min((limit.count for harm, limit in guard.items() if harm != REMAPPED), default=None)
        return least is not None and due + doomed + done > least and not self._is_gentle(name, due + done, doomed)

    def _is_gentle(self, name: str, writes: int, doomed: int) -> bool:
        """Whether all that is owed follows from what this run has read, and nothing of that empties or sets back much."""
        harm = self.ledger.harmful + doomed
        if self.ledger.owed_before.get(name, 0) or any(
            harm > limit.count for name, limit in self.sync.guard.items() if name not in (REMAPPED, WRITES)
        ):
            return False
        limit, due = self.sync.guard.get(WRITES), writes + doomed
        if limit is None or due <= limit.count:
            return True
        enough = int(due / limit.share) + 1 if limit.share else 0
        return not limit.exceeded(due, self.store.count_bound(name, enough))

    def _copies(self) -> dict[str, int]:
        deleted = [write.connection for write in self._writes() if write.operation == "delete"]
        return {name: self.store.count_bound(name) + deleted.count(name) for name in self.partners}

    def _approved(self) -> Approved:
        plans = self.store.approved_plans(self.sync.name)
        return approved_by(entry for plan in plans for entry in self.store.entries_of(plan.run))

    def _writes(self) -> list[Write]:
        return self.store.writes_of(self.run, creates=False)

    def _done(self) -> Iterator[Act]:
        writes = self._writes()[self.ledger.found_out :]
        entities = self.store.entities({write.key for write in writes if "status" in write.fields})
        for write in writes:
            entity = entities.get(write.key)
            closes = entity is not None and was_closed(entity)
            yield Act(write.connection, write.kind, write.key, write.operation, write.fields, closes)

    def _planned(self, partner: Partner) -> Iterator[Act]:
        ledger = Ledger({partner.name: SpokeLedger()})
        planner = Planner(self.sync, partner, self.store, ledger, self.now)
        for kind in partner.kinds():
            yield from (act_of(update, partner) for update in planner.updates(kind))
            if Operation.DELETE in partner.connector.kinds[kind].operations:
                yield from (Act(partner.name, kind, tie.key, "delete") for tie in planner.deletes(kind))


def act_of(update: Update, partner: Partner) -> Act:
    """An update as the guard sees it."""
    entity, binding = update.entity, update.binding
    fields = fields_written(binding, update.debt.values)
    return Act(partner.name, entity.kind, entity.key, "update", fields, was_closed(entity), remapped(binding))
