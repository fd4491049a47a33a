"""Updates: copies that are written, each after a look at what it shows this moment."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hub.errors import ChangedMeanwhile
from hub.mapping import FieldMap
from hub.model import NOTHING, PLAIN, Kind
from hub.reconcile import Binding, debt, last_shown, written
from hub.sdk.connector import TellsReplaced
from hub.sdk.records import Absence, Delayed, Outcome, Patch, Record, Refusal, Unknown, Written
from hub.store import Intent, Write, digest
from hub.store.codec import moment, text
from hub.sync.intake import is_owed
from hub.sync.ledger import End
from hub.sync.overwritten import seen_until
from hub.sync.plan import REFUSED, WHOLE, Update, fields_written, planned_write, without_refusals
from hub.sync.pull import lose
from hub.sync.unseen import Unseen
from hub.sync.writing import Writing

FETCH = 100
SETTLED = timedelta(seconds=5)
"""So long after a change, every other one of the same second has been read."""


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
                self._conclude(kind, some, outcomes)
            await self._overtaken(kind, some, outcomes)
            done += len(some)
            self.progress.at(self.partner.name, kind, "update", done, len(owed))

    async def look(self, kind: Kind, updates: Sequence[Update]) -> None:
        """Look whether these copies are there, and as they were; those that are not go back to be judged."""
        await self._still_so(kind, updates)

    async def _overtaken(self, kind: Kind, some: Sequence[tuple[Update, Record]], outcomes: Sequence[Outcome]) -> None:
        """Copies that somebody changed just before they would have been written are read, and go back to be judged."""
        late = [
            update
            for (update, _), outcome in zip(some, outcomes, strict=True)
            if isinstance(outcome, Delayed) and isinstance(outcome.error, ChangedMeanwhile)
        ]
        found = await self._fetch(kind, [update.binding.remote for update in late])
        records = [record for record in found.values() if isinstance(record, Record)]
        with self.store.transaction():
            self.store.keep_records(self.partner.name, kind, records, self.clock())
        self.ledger.returned += len(records)

    def _announce(self, kind: Kind, updates: Iterable[Update]) -> None:
        """Note what is about to be written: if no answer comes, what the copy shows is told from an edit by it."""
        name, now = self.partner.name, self.clock()
        with self.store.lasting():
            self.store.keep_intents(
                Intent(name, kind, u.entity.key, u.debt.patch, u.debt.values, now, operation="update") for u in updates
            )

    def _settle(self, updates: Iterable[Update]) -> None:
        """Copies that show already what they are owed: nothing to write, only to note."""
        settled = [
            (
                u,
                replace(
                    u.binding,
                    agreed={**u.binding.agreed, **u.debt.settled},
                    maps=written(u.binding, self.partner.mapping(u.entity.kind), u.debt.settled),
                ),
            )
            for u in updates
        ]
        if settled:
            with self.store.transaction():
                self._keep(settled)

    def _keep(self, ties: Sequence[tuple[Update, Binding]]) -> None:
        """Put ties as they are now, each with whether its copy is owed something still."""
        holds = self.store.holds(update.entity.key for update, _ in ties)
        owed = [
            is_owed(update.entity, tie, holds.get(tie.key, ()), self.partner.disclosure(tie.kind))
            for update, tie in ties
        ]
        self.store.keep_bindings((tie, each) for (_, tie), each in zip(ties, owed, strict=True))

    async def _still_so(self, kind: Kind, updates: Sequence[Update]) -> list[tuple[Update, Record]]:
        """Read what is about to be written to; copies that changed meanwhile go back to be judged first."""
        found = self._known(kind, updates)
        found |= await self._fetch(kind, [u.binding.remote for u in updates if u.binding.remote not in found])
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

    def _known(self, kind: Kind, updates: Iterable[Update]) -> dict[str, Record | Absence]:
        """Copies that need not be looked at: the service itself refuses a write to what was changed since that time.

        Only if that was some while ago, as it tells whole seconds: what was changed in the same second has been read by now.
        """
        looks_for = self.partner.connector.kinds[kind].looks_for
        if looks_for is None:
            return {}
        ahead = timedelta(seconds=self.partner.connector.clock_offset_s)
        settled = self.clock() + ahead - SETTLED
        return {
            u.binding.remote: Record(
                u.binding.remote,
                last_shown(u.binding, self.partner.mapping(kind), u.held),
                key=u.binding.shown_key,
                url=u.binding.url,
                at=u.binding.at,
            )
            for u in updates
            if u.binding.at is not None and u.binding.at <= settled and not looks_for & u.debt.patch.keys()
        }

    def _reckoned(self, kind: Kind, fresh: Iterable[tuple[Update, Record]]) -> list[tuple[Update, Record]]:
        """The debts against what the copies show this moment, fields beyond the mapping included."""
        mapping, disclosure = self.partner.mapping(kind), self.partner.disclosure(kind)
        reckoned = [
            (u, record)
            if is_as_planned(u, mapping, record.fields)
            else (replace(u, debt=debt(u.entity, u.binding, mapping, record.fields, u.held, disclosure)), record)
            for u, record in fresh
        ]
        self._settle(update for update, _ in reckoned if not update.debt.patch)
        return [(update, record) for update, record in reckoned if update.debt.patch]

    async def _fetch(self, kind: Kind, ids: Sequence[str]) -> dict[str, Record | Absence]:
        pieces = [ids[start : start + FETCH] for start in range(0, len(ids), FETCH)]
        answers = await asyncio.gather(*(self.partner.connector.fetch(kind, piece) for piece in pieces))
        self.ledger.spokes[self.partner.name].saw(kind, ids)
        return {remote: record for answer in answers for remote, record in answer.items()}

    def _conclude(self, kind: Kind, some: Sequence[tuple[Update, Record]], outcomes: Sequence[Outcome]) -> None:
        """Note what became of each update: what the copy stands for now, and what was overwritten."""
        name = self.partner.name
        known = [
            update.entity.key
            for (update, base), outcome in zip(some, outcomes, strict=True)
            if not isinstance(outcome, Unknown) and not is_half_way(update, base, outcome)
        ]
        self.store.drop_intents(name, kind, known)
        ties: list[tuple[Update, Binding]] = []
        writes: list[Write] = []
        now = self.clock()
        for (update, base), outcome in zip(some, outcomes, strict=True):
            tie, done = self._updated(kind, update, base, outcome)
            ties += [(update, tie)] if tie else []
            writes += [self._journal(kind, update, base, *done, now)] if done else []
        self._keep(ties)
        self.store.keep_writes(writes)
        self.ledger.spokes[name].writes += len(writes)
        self._take_up(kind, some, outcomes)
        self._look_again(kind, {update.binding.remote: tie for update, tie in ties}, outcomes)

    def _updated(
        self, kind: Kind, update: Update, base: Record, outcome: Outcome
    ) -> tuple[Binding | None, tuple[Record, Mapping[str, Any]] | None]:
        """The tie as it is now, if anything is known of it; what the copy shows and which values were written."""
        remote, key = update.binding.remote, update.entity.key
        match outcome:
            case Written(record):
                self.ledger.mend(self.partner.name, kind, remote, key)
                self.ledger.spokes[self.partner.name].note(kind, remote, End.UPDATED)
                values, settled = update.debt.values, update.debt.settled
                tie = self._showing(kind, update, record, {**values, **settled} if settled else values)
                return tie, (record, values)
            case Refusal(message, fields, Record() as record):
                values = self._done(kind, update, base, record)
                tie = self._showing(kind, update, record, values)
                return self._refused(kind, update, tie, message, fields), (record, values)
            case Refusal(message, fields, _):
                return self._refused(kind, update, update.binding, message, fields), None
            case Unknown(error) | Delayed(error):
                self.problem(kind, remote, key, End.FAILED, str(error))
        return None, None

    def _journal(
        self, kind: Kind, update: Update, base: Record, record: Record, done: Mapping[str, Any], now: datetime
    ) -> Write:
        """What was overwritten, so that it can be brought back."""
        mapping, name = self.partner.mapping(kind), self.partner.name
        told = (name, update.entity, "update", update.binding)
        self.ledger.tell(lambda: planned_write(*told, replace(update.debt, values=done)))
        remotes = [mapping[field].remote for field in done]
        before = {remote: base.fields.get(remote) for remote in remotes}
        after = {remote: record.fields.get(remote) for remote in remotes}
        until = None
        if self.partner.connector.kinds[kind].tells_replaced is TellsReplaced.LATER:
            until = {remote: moment(at) if (at := seen_until(base, remote)) else None for remote in remotes}
        where = (self.run, name, kind, update.binding.remote, update.entity.key)
        return Write(*where, "update", now, fields_written(update.binding, done), before, after, until)

    def _showing(self, kind: Kind, update: Update, record: Record, values: Mapping[str, Any]) -> Binding:
        """The tie to a copy that stands for what was written."""
        mapping, tie = self.partner.mapping(kind), without_refusals(update.binding)
        shows = {name: record.fields.get(mapping[name].remote) for name in values}
        place = (tie.connection, tie.kind, tie.remote, tie.key)
        judged = ({**tie.seen, **shows}, {**tie.agreed, **values}, written(tie, mapping, values), tie.blocked)
        shown = (digest(record), record.key or tie.shown_key, record.url or tie.url)
        return Binding(*place, *judged, *shown, "bound", record.at)

    def _take_up(self, kind: Kind, some: Sequence[tuple[Update, Record]], outcomes: Sequence[Outcome]) -> None:
        """What the services say has been replaced unseen is for a person to decide."""
        for (update, _), outcome in zip(some, outcomes, strict=True):
            if isinstance(outcome, Written | Refusal) and outcome.replaced:
                unseen = Unseen(self.partner, self.store, self.ledger, self.run, self.clock())
                unseen.contest(kind, update.entity.key, outcome.replaced)

    def _look_again(self, kind: Kind, ties: Mapping[str, Binding], outcomes: Iterable[Outcome]) -> None:
        """Copies that show a stranger's edit beside what was written go back to be judged."""
        mapping, name = self.partner.mapping(kind), self.partner.name
        shown = [record for outcome in outcomes if isinstance(record := getattr(outcome, "record", None), Record)]
        waiting = self.store.are_waiting(name, kind, [record.id for record in shown])
        again = [r for r in shown if r.id in waiting or (r.id in ties and moved(ties[r.id], mapping, r.fields))]
        self.ledger.returned += len(again)
        self.store.keep_records(name, kind, again, self.clock())

    def _done(self, kind: Kind, update: Update, base: Record, record: Record) -> dict[str, Any]:
        """The part of a refused write that was carried out all the same."""
        mapping = self.partner.mapping(kind)
        return {
            name: value
            for name, value in update.debt.values.items()
            if record.fields.get(mapping[name].remote) == update.debt.patch[mapping[name].remote]
            and base.fields.get(mapping[name].remote) != record.fields.get(mapping[name].remote)
        }

    def _refused(self, kind: Kind, update: Update, binding: Binding, message: str, fields: Any) -> Binding:
        """The tie to a copy that its service would not have changed: just that is not asked for again."""
        said = message or "; ".join(f"{name}: {why}" for name, why in fields.items())
        mapping = self.partner.mapping(kind)
        shown = last_shown(binding, mapping, update.held)
        patch = debt(update.entity, binding, mapping, shown, update.held, self.partner.disclosure(kind)).patch
        self.problem(kind, update.binding.remote, update.entity.key, End.BLOCKED, said)
        return replace(binding, blocked={**without_refusals(binding).blocked, WHOLE: said, REFUSED: text(patch)})


def moved(binding: Binding, mapping: FieldMap, shown: Any, held: Collection[str] = ()) -> bool:
    """Whether a copy shows anything else than it last did, in any field that was ever judged and is not *held*."""
    for name, seen in binding.seen.items():
        lens = mapping.get(name)
        if lens is not None and shown.get(lens.remote) != seen and seen is not NOTHING and name not in held:
            return True
    return False


def is_half_way(update: Update, base: Record, outcome: Outcome) -> bool:
    """Whether a refused write left something that is neither what was there nor what was asked for.

    Whose doing that is, a step on our way or an edit that came before it, is told by the history of the copy.
    """
    if not isinstance(outcome, Refusal) or outcome.record is None:
        return False
    shown = outcome.record.fields
    return any(shown.get(name) not in (base.fields.get(name), value) for name, value in update.debt.patch.items())


def is_as_planned(update: Update, mapping: FieldMap, shown: Any) -> bool:
    """Whether a copy shows, in every field that it is owed, just that against which its debt was reckoned.

    Of a document that cannot be said: what is kept of it is equal, but need not have its parts in the same order.
    """
    owing, before = update.debt, update.shown
    if before is None or owing.blocked or owing.unmet:
        return False
    remotes = [mapping[name].remote for some in (owing.values, owing.settled) for name in some]
    return all(shown.get(remote) == before.get(remote) and shown.get(remote).__class__ in PLAIN for remote in remotes)
