"""Updates: copies that are written, each after a look at what it shows this moment."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from hub.mapping import FieldMap
from hub.model import NOTHING, Kind
from hub.reconcile import Binding, debt
from hub.sdk.records import Absence, Delayed, Outcome, Patch, Record, Refusal, Unknown, Written
from hub.store import Intent, digest
from hub.store.codec import text
from hub.sync.intake import is_owed
from hub.sync.ledger import End
from hub.sync.plan import REFUSED, WHOLE, Update, without_refusals
from hub.sync.pull import lose
from hub.sync.writing import Writing

FETCH = 100


class Updating(Writing):
    """Writes what the copies of a spoke are owed."""

    async def write(self, kind: Kind, updates: Sequence[Update]) -> None:
        """Write what these copies are owed, batch by batch, the intents of each batch noted first."""
        self._settle(update for update in updates if not update.debt.patch)
        owed = [update for update in updates if update.debt.patch]
        size, done = self.partner.connector.kinds[kind].update_batch, 0
        for start in range(0, len(owed), size):
            some = await self._still_so(kind, owed[start : start + size])
            self._announce(kind, [update for update, _ in some])
            patches = [Patch(u.binding.remote, u.debt.patch, record, u.entity.key) for u, record in some]
            outcomes = await self.partner.connector.update(kind, patches) if patches else []
            with self.store.transaction():
                for (update, record), outcome in zip(some, outcomes, strict=True):
                    self._updated(kind, update, record, outcome)
            done += len(some)
            self.progress.at(self.partner.name, kind, "update", done, len(owed))

    def _announce(self, kind: Kind, updates: Iterable[Update]) -> None:
        """Note what is about to be written: if no answer comes, what the copy shows is told from an edit by it."""
        name, now = self.partner.name, self.clock()
        with self.store.transaction():
            self.store.keep_intents(
                Intent(name, kind, u.entity.key, u.debt.patch, u.debt.values, now, operation="update") for u in updates
            )

    def _settle(self, updates: Iterable[Update]) -> None:
        """Copies that show already what they are owed: nothing to write, only to note."""
        with self.store.transaction():
            for update in updates:
                binding = replace(update.binding, agreed={**update.binding.agreed, **update.debt.settled})
                self.store.keep_bindings([(binding, self._owed(update, binding))])

    async def _still_so(self, kind: Kind, updates: Sequence[Update]) -> list[tuple[Update, Record]]:
        """Read what is about to be written to; copies that changed meanwhile go back to be judged first."""
        found = await self._fetch(kind, [u.binding.remote for u in updates])
        fresh: list[tuple[Update, Record]] = []
        with self.store.transaction():
            for update in updates:
                record = found.get(update.binding.remote, Absence.HIDDEN)
                if not isinstance(record, Record):
                    lose(self.store, self.ledger, self.partner, update.binding, record)
                elif moved(update.binding, self.partner.mapping(kind), record.fields, update.held):
                    self.ledger.returned += 1
                    self.store.keep_records(self.partner.name, kind, [record], self.clock())
                else:
                    fresh.append((update, record))
        return self._reckoned(kind, fresh)

    def _reckoned(self, kind: Kind, fresh: Iterable[tuple[Update, Record]]) -> list[tuple[Update, Record]]:
        """The debts against what the copies show this moment, fields beyond the mapping included."""
        mapping, disclosure = self.partner.mapping(kind), self.partner.disclosure(kind)
        reckoned = [
            (replace(u, debt=debt(u.entity, u.binding, mapping, record.fields, u.held, disclosure)), record)
            for u, record in fresh
        ]
        self._settle(update for update, _ in reckoned if not update.debt.patch)
        return [(update, record) for update, record in reckoned if update.debt.patch]

    async def _fetch(self, kind: Kind, ids: Sequence[str]) -> dict[str, Record | Absence]:
        pieces = [ids[start : start + FETCH] for start in range(0, len(ids), FETCH)]
        answers = await asyncio.gather(*(self.partner.connector.fetch(kind, piece) for piece in pieces))
        self.ledger.spokes[self.partner.name].saw(kind, ids)
        return {remote: record for answer in answers for remote, record in answer.items()}

    def _updated(self, kind: Kind, update: Update, base: Record, outcome: Outcome) -> None:
        remote, key, spoke = update.binding.remote, update.entity.key, self.ledger.spokes[self.partner.name]
        if not isinstance(outcome, Unknown):
            self.store.drop_intents(self.partner.name, kind, [key])
        match outcome:
            case Written(record):
                self._wrote(kind, update, record, {**update.debt.values, **update.debt.settled})
                spoke.writes += 1
                self.ledger.mend(self.partner.name, kind, remote, key)
                spoke.note(kind, remote, End.UPDATED)
            case Refusal(message, fields, record):
                if record is not None:
                    self._wrote(kind, update, record, self._done(kind, update, base, record))
                    spoke.writes += 1
                self._refused(kind, update, message, fields)
            case Unknown(error) | Delayed(error):
                self.problem(kind, remote, key, End.FAILED, str(error))

    def _wrote(self, kind: Kind, update: Update, record: Record, values: dict[str, Any]) -> None:
        """The copy stands for what was written; where it shows a stranger's edit beside that, it is judged."""
        mapping = self.partner.mapping(kind)
        seen = {name: record.fields.get(mapping[name].remote) for name in values}
        binding = without_refusals(
            replace(
                update.binding,
                seen={**update.binding.seen, **seen},
                agreed={**update.binding.agreed, **values},
                digest=digest(record),
                shown_key=record.key or update.binding.shown_key,
                url=record.url or update.binding.url,
                at=record.at,
            )
        )
        self.store.keep_bindings([(binding, self._owed(update, binding))])
        waits = self.store.inbox_of([(self.partner.name, kind.value, record.id)])
        if waits or moved(binding, mapping, record.fields):
            self.ledger.returned += 1
            self.store.keep_records(self.partner.name, kind, [record], self.clock())

    def _done(self, kind: Kind, update: Update, base: Record, record: Record) -> dict[str, Any]:
        """The part of a refused write that was carried out all the same."""
        mapping = self.partner.mapping(kind)
        return {
            name: value
            for name, value in update.debt.values.items()
            if record.fields.get(mapping[name].remote) == update.debt.patch[mapping[name].remote]
            and base.fields.get(mapping[name].remote) != record.fields.get(mapping[name].remote)
        }

    def _refused(self, kind: Kind, update: Update, message: str, fields: Any) -> None:
        said = message or "; ".join(f"{name}: {why}" for name, why in fields.items())
        (binding,) = self.store.bindings_at(self.partner.name, kind, [update.binding.remote]).values()
        mapping, shown = self.partner.mapping(kind), self._shown(kind, binding)
        patch = debt(update.entity, binding, mapping, shown, update.held, self.partner.disclosure(kind)).patch
        blocked = {**without_refusals(binding).blocked, WHOLE: said, REFUSED: text(patch)}
        self.store.keep_bindings([(replace(binding, blocked=blocked), True)])
        self.problem(kind, update.binding.remote, update.entity.key, End.BLOCKED, said)

    def _shown(self, kind: Kind, binding: Binding) -> dict[str, Any]:
        mapping = self.partner.mapping(kind)
        return {mapping[name].remote: value for name, value in binding.seen.items() if name in mapping}

    def _owed(self, update: Update, binding: Binding) -> bool:
        holds = self.store.holds([update.entity.key]).get(update.entity.key, [])
        return is_owed(update.entity, binding, holds, self.partner.disclosure(binding.kind))


def moved(binding: Binding, mapping: FieldMap, shown: Any, held: Collection[str] = ()) -> bool:
    """Whether a copy shows anything else than it last did, in any field that was ever judged and is not *held*."""
    return any(
        name in mapping and name not in held and seen is not NOTHING and shown.get(mapping[name].remote) != seen
        for name, seen in binding.seen.items()
    )
