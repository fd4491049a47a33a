"""Unmade: what became of deletions by an undo whose answer never came is asked of their copies, before anything is judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from hub.model import Kind
from hub.reconcile import Binding
from hub.sdk.records import Absence, Record
from hub.store import Intent, Write, chunks
from hub.sync.ledger import End
from hub.sync.plan import planned_delete
from hub.sync.pull import UNDONE, UNMADE
from hub.sync.writing import Writing

FETCH = 100
DELETE = "delete"


@dataclass
class Unmade(Writing):
    """Copies of one spoke that an undo deletes: noted before, and let go of once they are known to be gone.

    Args:
        because: Why, for the plan.
    """

    because: str = ""

    async def find_out(self, kind: Kind) -> None:
        """Look at the copies whose deletion was not answered: those that are still there are kept in step again."""
        name, keys = self.partner.name, self.store.intents(self.partner.name, kind, DELETE)
        asked = [t for ties in self.store.bindings_of(keys).values() for t in ties if t.connection == name]
        for some in chunks((tie for tie in asked if tie.state == UNMADE), FETCH):
            found = await self.partner.connector.fetch(kind, [tie.remote for tie in some])
            with self.store.transaction():
                for tie in some:
                    self._found(tie, found.get(tie.remote, Absence.HIDDEN))

    def _found(self, tie: Binding, found: Record | Absence) -> None:
        if found is Absence.DELETED:
            self.let_go(tie, deleted=True)
        elif isinstance(found, Record):
            self.still_there(tie)

    def note(self, kind: Kind, ties: Sequence[Binding]) -> None:
        """These are about to be deleted: should they be gone, and no answer come, nobody else has deleted them."""
        name, now = self.partner.name, self.clock()
        with self.store.lasting():
            self.store.keep_intents(Intent(name, kind, tie.key, {}, None, now, operation=DELETE) for tie in ties)
            self.store.keep_bindings((replace(tie, state=UNMADE), False) for tie in ties)

    def still_there(self, tie: Binding) -> None:
        """It was not deleted."""
        self.store.keep_bindings([(replace(tie, state="bound"), True)])
        self.store.drop_intents(tie.connection, tie.kind, [tie.key])

    def let_go(self, tie: Binding, *, deleted: bool) -> None:
        """It is gone, *deleted* by us or not, and is not made again."""
        name, kind = self.partner.name, tie.kind
        self.store.keep_bindings([(replace(tie, state=UNDONE, digest="", at=None), False)])
        self.store.drop_intents(name, kind, [tie.key])
        self.store.drop_records([(name, kind, tie.remote)])
        holds = self.store.holds([tie.key]).get(tie.key, [])
        self.store.close_holds([hold for hold in holds if hold.connections == {name}], UNDONE)
        others = self.store.bindings_of([tie.key])[tie.key]
        if all(other.state != "bound" for other in others):
            self.store.bury([tie.key])  # it was made again, of something that is nowhere else any more
        if deleted:
            self.store.keep_writes([Write(self.run, name, kind, tie.remote, tie.key, DELETE, self.clock())])
            self.ledger.tell(partial(self._planned, tie))
            self.ledger.spokes[name].writes += 1
        self.ledger.spokes[name].note(kind, tie.remote, End.DELETED)

    def _planned(self, tie: Binding) -> Mapping[str, object]:
        return {**planned_delete(self.partner.name, tie), "because": self.because}
