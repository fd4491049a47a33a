"""Unanswered: what became of updates whose answer never came is asked of their copies, before anything is judged.

No clock has a say in it: an update is over once its copy was looked at after it was noted, and the look is taken here.
"""

from collections.abc import Collection

from hub.model import Kind
from hub.reconcile import Binding
from hub.sdk.records import Absence, Record
from hub.store import Intent, Write
from hub.sync.intended import carried_out
from hub.sync.ledger import End
from hub.sync.plan import fields_written
from hub.sync.pull import is_another
from hub.sync.writing import Writing

FETCH = 100
MAY_SHOW_IT = frozenset({"bound", Absence.HIDDEN.value, Absence.MOVED.value})
"""The states of a tie whose copy is there, or may come back."""


class Unanswered(Writing):
    """Finds out what became of the updates of a spoke that are open."""

    async def find_out(self, kind: Kind) -> None:
        """Look at their copies. What was carried out is agreed; whatever else they show is judged like any edit.

        A copy that is not to be seen is left open, and so is what was read of it: it may come back with what was asked for.
        """
        intents = self.store.intents(self.partner.name, kind, "update")
        if not intents:
            return
        ties = self._ties(kind, intents)
        remotes = list(ties)
        for start in range(0, len(remotes), FETCH):
            some = remotes[start : start + FETCH]
            found = await self.partner.connector.fetch(kind, some)
            self.ledger.spokes[self.partner.name].saw(kind, some)
            shown = [record for record in found.values() if isinstance(record, Record)]
            with self.store.transaction():
                waiting = self.store.are_waiting(self.partner.name, kind, some)
                for record in shown:
                    tie = ties[record.id]
                    self._found(tie, record, intents[tie.key], waits=record.id in waiting)

    def _ties(self, kind: Kind, intents: Collection[str]) -> dict[str, Binding]:
        """By remote id: the ties of the copies in question. Without a copy, nothing is in question any more."""
        ties = self.store.bindings_of(intents)
        mine = [tie for key in intents for tie in ties.get(key, ()) if tie.connection == self.partner.name]
        asked = {tie.remote: tie for tie in mine if tie.state in MAY_SHOW_IT}
        over = set(intents) - {tie.key for tie in asked.values()}
        with self.store.transaction():
            for key in over:
                self.store.drop_updates(self.partner.name, kind, key)
        return asked

    def _found(self, tie: Binding, record: Record, intent: Intent, *, waits: bool) -> None:
        name, kind = self.partner.name, tie.kind
        done = carried_out(self.partner, tie, record, intent)
        if done != tie:
            self.store.keep_bindings([(done, True)])
            self.ledger.mend(name, kind, tie.remote, tie.key)
            self.ledger.spokes[name].note(kind, tie.remote, End.UPDATED)
            self.store.keep_writes(self._journal(tie, done, record, intent))
        self.store.drop_updates(name, kind, tie.key)
        if waits or is_another(record, tie.digest):
            self.ledger.returned += 1
            self.store.keep_records(name, kind, [record], self.clock())

    def _journal(self, tie: Binding, done: Binding, record: Record, intent: Intent) -> list[Write]:
        """What was overwritten, as far as the write was carried out, so that it can be brought back."""
        mapping = self.partner.mapping(tie.kind)
        names = [n for n in intent.agreed or () if n in done.agreed and done.seen_of(n) != tie.seen_of(n)]
        if not names:
            return []
        fields = fields_written(tie, {name: done.agreed[name] for name in names})
        before = {mapping[name].remote: tie.seen.get(name) for name in names}
        after = {remote: record.fields.get(remote) for remote in before}
        where = (self.run, self.partner.name, tie.kind, tie.remote, tie.key)
        return [Write(*where, "update", self.clock(), fields, before, after)]
