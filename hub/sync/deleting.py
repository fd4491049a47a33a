"""Deletes: copies of what was deleted elsewhere, each after a look whether somebody edited it since."""

from collections.abc import Sequence
from dataclasses import replace

from hub.model import Kind
from hub.reconcile import Binding
from hub.sdk.connector import Operation
from hub.sdk.records import Absence, Record, Refusal
from hub.store import Write
from hub.sync.ledger import End
from hub.sync.plan import planned_delete
from hub.sync.pull import FOLLOWS, let_rest
from hub.sync.updating import moved
from hub.sync.writing import Writing

BATCH = 50


class Deleting(Writing):
    """Deletes the copies that a spoke has of what is gone."""

    async def delete(self, kind: Kind, doomed: Sequence[Binding]) -> None:
        """Delete these copies where the service can; where it cannot, they are left, and no longer kept in step.

        What belonged to a copy that was deleted is deleted as well, where the service has not done that by itself.
        """
        able = Operation.DELETE in self.partner.connector.kinds[kind].operations
        for start in range(0, len(doomed), BATCH):
            due = self._due(doomed[start : start + BATCH])
            some = await self._untouched(kind, due) if able else due
            outcomes = await self.partner.connector.delete(kind, [b.remote for b in some]) if able and some else ()
            with self.store.transaction():
                for binding, outcome in zip(some, outcomes or [None] * len(some), strict=True):
                    if outcome is None:
                        self._gone(binding, deleted=able)
                    else:
                        said = outcome.message if isinstance(outcome, Refusal) else str(getattr(outcome, "error", ""))
                        self.problem(kind, binding.remote, binding.key, End.FAILED, f"cannot be deleted: {said}")

    async def look(self, kind: Kind, doomed: Sequence[Binding]) -> None:
        """Look whether these copies are there, and as they were; an edited one is judged, and lives on."""
        if Operation.DELETE in self._operations(kind):
            for start in range(0, len(doomed), BATCH):
                await self._untouched(kind, self._due(doomed[start : start + BATCH]))

    def _due(self, doomed: Sequence[Binding]) -> list[Binding]:
        """Those that are gone for themselves, or whose owner's copy is deleted by now and was not spared."""
        keys = [binding.key for binding in doomed]
        buried, spared = self.store.buried(keys), set(self.store.owned_here(self.partner.name, keys))
        return [binding for binding in doomed if binding.key in buried or binding.key not in spared]

    async def _untouched(self, kind: Kind, doomed: Sequence[Binding]) -> list[Binding]:
        """Those that nobody edited since they were last seen; an edited one is judged first, and lives on."""
        found = await self.partner.connector.fetch(kind, [binding.remote for binding in doomed]) if doomed else {}
        buried = self.store.buried(binding.key for binding in doomed)
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
                    # What went with the copy that it belonged to was deleted by us, and somebody may want it back.
                    self._gone(binding, deleted=binding.key not in buried and record is Absence.DELETED)
        return left

    def _gone(self, binding: Binding, *, deleted: bool) -> None:
        spoke, because = self.ledger.spokes[self.partner.name], self._because(binding)
        self.store.keep_bindings([(replace(binding, state=Absence.DELETED.value, digest="", at=None), False)])
        self.store.drop_records([(self.partner.name, binding.kind, binding.remote)])
        let_rest(self.store, binding.key)
        if deleted:
            where = (self.partner.name, binding.kind, binding.remote, binding.key)
            self.store.keep_writes([Write(self.run, *where, "delete", self.clock())])
            self.ledger.tell(lambda: {**planned_delete(self.partner.name, binding), "because": because})
            spoke.writes += 1
        elif binding.kind not in FOLLOWS and Operation.DELETE not in self._operations(binding.kind):
            said = "was deleted elsewhere; it cannot be deleted here, and is no longer kept in step"
            self.ledger.problem(
                f"{binding.shown_key or binding.remote} {said}", spoke=self.partner.name, key=binding.key
            )
        spoke.note(binding.kind, binding.remote, End.DELETED)

    def _operations(self, kind: Kind) -> frozenset[Operation]:
        return self.partner.connector.kinds[kind].operations

    def _because(self, binding: Binding) -> str:
        if self.store.buried([binding.key]):
            return "it was deleted where it was written" if binding.kind in FOLLOWS else "it was deleted elsewhere"
        return "what it belonged to was deleted"
