"""Reverting: copies are given back what they showed before a run, in the service's own values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub.mapping import Unmapped
from hub.model import Kind
from hub.reconcile import Binding
from hub.sdk.records import Delayed, Outcome, Record, Refusal, Unknown, Written
from hub.sync.ledger import End
from hub.sync.plan import Update
from hub.sync.updating import Updating


@dataclass
class Reverting(Updating):
    """Writes what an undo has decided, just as it is.

    Args:
        looked_at: By remote id: the record on which that was decided, read a moment ago.
    """

    looked_at: Mapping[str, Record] = field(default_factory=dict)
    _unanswered: list[tuple[Update, Record]] = field(default_factory=list)

    async def write(self, kind: Kind, updates: Sequence[Update]) -> None:
        """Write these, and look what became of those that were never answered: what is contested must be certain."""
        await super().write(kind, updates)
        lost, self._unanswered = self._unanswered, []
        found = await self.partner.connector.fetch(kind, [u.binding.remote for u, _ in lost]) if lost else {}
        with self.store.transaction():
            for update, base in lost:
                record = found.get(update.binding.remote)
                if isinstance(record, Record):
                    self._found(kind, update, base, record)

    def _found(self, kind: Kind, update: Update, base: Record, now: Record) -> None:
        patch = update.debt.patch
        if all(now.fields.get(remote) == value for remote, value in patch.items()):
            self._conclude(kind, [(update, base)], [Written(now)])
        elif all(now.fields.get(remote) == base.fields.get(remote) for remote in patch):
            self.store.drop_intents(self.partner.name, kind, [update.entity.key])
            self._contest(kind, update, now)

    async def _still_so(self, kind: Kind, updates: Sequence[Update]) -> list[tuple[Update, Record]]:
        del kind
        return [(update, self.looked_at[update.binding.remote]) for update in updates]

    def _conclude(self, kind: Kind, some: Sequence[tuple[Update, Record]], outcomes: Sequence[Outcome]) -> None:
        super()._conclude(kind, some, outcomes)
        for (update, base), outcome in zip(some, outcomes, strict=True):
            match outcome:
                case Written(record) | Refusal(_, _, Record() as record):
                    self._contest(kind, update, record)
                case Refusal() | Delayed():
                    self._contest(kind, update, base)
                case Unknown():
                    self._unanswered.append((update, base))

    def _showing(self, kind: Kind, update: Update, record: Record, values: Mapping[str, Any]) -> Binding:
        """What shares a field of the record with what was written is where it was, too."""
        mapping, written = self.partner.mapping(kind), {self.partner.mapping(kind)[name].remote for name in values}
        beside = {
            name: value
            for name, value in update.binding.agreed.items()
            if name in mapping and name in update.binding.seen and name not in values
            if mapping[name].remote in written
            if mapping[name].stands_for(record.fields.get(mapping[name].remote), value)
        }
        return super()._showing(kind, update, record, {**beside, **_agreed(update, values)})

    def _contest(self, kind: Kind, update: Update, record: Record) -> None:
        """What a copy shows besides the entity's value waits for a person: it is neither agreed nor overwritten."""
        if not update.held:
            return
        name, key, mapping = self.partner.name, update.entity.key, self.partner.mapping(kind)
        (tie,) = self.store.bindings_at(name, kind, [update.binding.remote]).values()
        for hold in self.store.holds([key]).get(key, []):
            if hold.field in update.held:
                shown = record.fields.get(mapping[hold.field].remote)
                value = update.debt.values[hold.field]
                try:
                    value = mapping[hold.field].to_canonical(shown, current=value)
                except Unmapped:
                    continue
                contenders = tuple(
                    replace(c, value=value, shown=shown) if c.connection == name and not c.own else c
                    for c in hold.contenders
                )
                self.store.keep_holds([replace(hold, contenders=contenders)])
        tie = replace(
            tie,
            seen={n: shown for n, shown in tie.seen.items() if n not in update.held},
            agreed={**tie.agreed, **{n: update.entity.value(n) for n in update.held}},
        )
        self._keep([(update, tie)])
        self.store.keep_records(name, kind, [record], self.clock())
        self.ledger.spokes[name].note(kind, tie.remote, End.HELD)


def _agreed(update: Update, values: Mapping[str, Any]) -> dict[str, Any]:
    """The part of *values* that the copy and the entity have in common."""
    return {name: value for name, value in values.items() if name not in update.held}
