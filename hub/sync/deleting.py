"""Deletes: copies of what was deleted where it was written, each after a look whether somebody edited it since."""

from collections.abc import Sequence
from dataclasses import replace

from hub.model import Kind
from hub.reconcile import Binding
from hub.sdk.connector import Operation
from hub.sdk.records import Record, Refusal
from hub.sync.ledger import End
from hub.sync.pull import let_rest
from hub.sync.updating import moved
from hub.sync.writing import Writing

BATCH = 50


class Deleting(Writing):
    """Deletes the copies that a spoke has of what is gone."""

    async def delete(self, kind: Kind, doomed: Sequence[Binding]) -> None:
        """Delete these copies where the service can; where it cannot, they are left, and no longer kept in step."""
        able = Operation.DELETE in self.partner.connector.kinds[kind].operations
        for start in range(0, len(doomed), BATCH):
            some = await self._untouched(kind, doomed[start : start + BATCH]) if able else doomed[start : start + BATCH]
            outcomes = await self.partner.connector.delete(kind, [b.remote for b in some]) if able and some else ()
            with self.store.transaction():
                for binding, outcome in zip(some, outcomes or [None] * len(some), strict=True):
                    if outcome is None:
                        self._gone(binding, deleted=able)
                    else:
                        said = outcome.message if isinstance(outcome, Refusal) else str(getattr(outcome, "error", ""))
                        self.problem(kind, binding.remote, binding.key, End.FAILED, f"cannot be deleted: {said}")

    async def _untouched(self, kind: Kind, doomed: Sequence[Binding]) -> list[Binding]:
        """Those that nobody edited since they were last seen; an edited one is judged first, and lives on."""
        found = await self.partner.connector.fetch(kind, [binding.remote for binding in doomed])
        left: list[Binding] = []
        with self.store.transaction():
            for binding in doomed:
                record = found.get(binding.remote)
                if isinstance(record, Record) and moved(binding, self.partner.mapping(kind), record.fields):
                    self.ledger.returned += 1
                    self.store.keep_records(self.partner.name, kind, [record], self.clock())
                elif isinstance(record, Record):
                    left.append(binding)
                else:
                    self._gone(binding, deleted=False)
        return left

    def _gone(self, binding: Binding, *, deleted: bool) -> None:
        spoke = self.ledger.spokes[self.partner.name]
        self.store.keep_bindings([(replace(binding, state="deleted", digest="", at=None), False)])
        self.store.drop_records([(self.partner.name, binding.kind, binding.remote)])
        let_rest(self.store, binding.key)
        spoke.writes += deleted
        spoke.note(binding.kind, binding.remote, End.DELETED)
