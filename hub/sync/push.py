"""Push: what a spoke is owed is written there, each write with exactly one effect."""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.config import Sync
from hub.mapping import FieldMap, Unmapped
from hub.model import NOTHING, Kind
from hub.reconcile import Binding, debt
from hub.sdk.connector import Operation
from hub.sdk.records import Absence, Delayed, Draft, Outcome, Patch, Record, Refusal, Unknown, Written
from hub.store import Intent, Store, digest
from hub.store.codec import text
from hub.sync.intake import bound_again, is_owed
from hub.sync.ledger import End, Ledger
from hub.sync.marker import marker_of
from hub.sync.partner import Partner, stumbled
from hub.sync.plan import REFUSED, WHOLE, Create, Planner, Update, planned_write, without_refusals
from hub.sync.progress import Progress
from hub.sync.pull import lose

FETCH = 100


@dataclass
class Push:
    """Writes to one spoke.

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

    @property
    def _planner(self) -> Planner:
        return Planner(self.sync, self.partner, self.store, self.ledger)

    def plan(self) -> list[dict[str, Any]]:
        """What `run` would do, in the shape of a run report's plan."""
        planned: list[dict[str, Any]] = []
        for kind in self.partner.kinds():
            for update in self._planner.updates(kind):
                if update.debt.patch:
                    planned.append(
                        planned_write(self.partner.name, update.entity, "update", update.binding, update.debt)
                    )
                    self.ledger.spokes[self.partner.name].note(kind, update.binding.remote, End.UPDATED)
            for create in self._planner.creates(kind):
                planned.append(planned_write(self.partner.name, create.entity, "create", None, create.debt))
                self.ledger.spokes[self.partner.name].note(kind, create.entity.key, End.CREATED)
        return planned

    async def run(self) -> None:
        """Write everything that is owed, parents first. What goes wrong with the connection stops this spoke only."""
        try:
            for kind in self.partner.kinds():
                await self._find_lost(kind)
                await self._meet_people(kind)
                await self._create(kind, [c for c in self._planner.creates(kind) if self._wanted(c.entity.key)])
                await self._update(kind, [u for u in self._planner.updates(kind) if self._wanted(u.entity.key)])
        except Exception as error:  # noqa: BLE001 - whatever a connector stumbles over stops its own spoke only
            self.partner.error = stumbled(error, self.partner.name)
            self.ledger.problem(str(self.partner.error), spoke=self.partner.name)

    def _wanted(self, key: str) -> bool:
        return self.only is None or key in self.only

    async def _meet_people(self, kind: Kind) -> None:
        """Ask the service for its accounts when somebody is to be shown there whose account is not known yet."""
        planner = self._planner
        wanted = [*(u.entity for u in planner.updates(kind)), *(c.entity for c in planner.creates(kind))]
        if self.partner.strangers(wanted):
            await self.partner.ask_who_is_who()

    # creates

    async def _find_lost(self, kind: Kind) -> None:
        """Look for the copies whose create was never answered, before anything is created again."""
        intents = {k: i for k, i in self.store.intents(self.partner.name, kind).items() if i.refused is None}
        if not intents:
            return
        marked = {marker_of(key, self.hub_id): key for key in intents}
        carriers = await self.partner.connector.find(
            kind, list(marked), since=min(intent.at for intent in intents.values())
        )
        bound = self.store.bindings_at(self.partner.name, kind, [i for ids in carriers.values() for i in ids])
        found = {free[0]: marked[m] for m, ids in carriers.items() if (free := [i for i in ids if i not in bound])}
        records = await self.partner.connector.fetch(kind, list(found)) if found else {}
        with self.store.transaction():
            self.store.drop_intents(self.partner.name, kind, set(intents) - set(found.values()))
            for remote, key in found.items():
                record = records.get(remote)
                if isinstance(record, Record):
                    self._bind_found(kind, remote, record, intents[key])

    def _bind_found(self, kind: Kind, remote: str, record: Record, intent: Intent) -> None:
        """Bound by what was asked for; what it shows now is judged like any edit."""
        self.store.keep_bindings([(bound_again(self.partner, record, intent), False)])
        self.store.drop_intents(self.partner.name, kind, [intent.key])
        self.store.keep_records(self.partner.name, kind, [record], self.clock())
        self.ledger.mend(self.partner.name, kind, intent.key, intent.key)
        self.ledger.spokes[self.partner.name].note(kind, remote, End.CREATED)

    async def _create(self, kind: Kind, creates: Sequence[Create]) -> None:
        size, done = self.partner.connector.kinds[kind].create_batch, 0
        if creates and Operation.CREATE not in self.partner.connector.kinds[kind].operations:
            return
        for start in range(0, len(creates), size):
            some = creates[start : start + size]
            with self.store.transaction():
                self.store.keep_intents(self._intent(kind, create) for create in some)
            drafts = [Draft(marker_of(c.entity.key, self.hub_id), c.debt.patch) for c in some]
            outcomes = await self.partner.connector.create(kind, drafts)
            with self.store.transaction():
                for create, outcome in zip(some, outcomes, strict=True):
                    self._created(kind, create, outcome)
            done += len(some)
            self.progress.at(self.partner.name, kind, "create", done, len(creates))

    def _intent(self, kind: Kind, create: Create) -> Intent:
        return Intent(self.partner.name, kind, create.entity.key, create.debt.patch, create.debt.values, self.clock())

    def _created(self, kind: Kind, create: Create, outcome: Outcome) -> None:
        key, spoke = create.entity.key, self.ledger.spokes[self.partner.name]
        match outcome:
            case Written(record):
                binding = self._new_binding(kind, create, record)
                self.store.keep_bindings([(binding, is_owed(create.entity, binding, ()))])
                self.store.drop_intents(self.partner.name, kind, [key])
                spoke.writes += 1
                self.ledger.mend(self.partner.name, kind, key, key)
                spoke.note(kind, key, End.CREATED)
            case Refusal(message, fields, Record() as record):
                left = self._left(kind, create, record, fields)
                binding = self._new_binding(kind, create, record, left)
                self.store.keep_bindings([(binding, is_owed(create.entity, binding, ()))])
                self.store.drop_intents(self.partner.name, kind, [key])
                spoke.writes += 1
                self._problem(kind, key, key, End.BLOCKED, message)
            case Refusal(message, _, _):
                self.store.keep_intents([replace(self._intent(kind, create), refused=message)])
                self._problem(kind, key, key, End.BLOCKED, message)
            case Unknown(error):
                self._problem(kind, key, key, End.FAILED, f"{error}\n  It is looked for before it is made again.")
            case Delayed(error):
                self.store.drop_intents(self.partner.name, kind, [key])
                self._problem(kind, key, key, End.FAILED, str(error))

    def _left(self, kind: Kind, create: Create, record: Record, fields: Collection[str]) -> set[str]:
        """What a copy that was made in part still lacks: what the refusal names, and all that it does not show."""
        mapping = self.partner.mapping(kind)
        return {
            name
            for name, value in create.debt.values.items()
            if mapping[name].remote in fields
            or not mapping[name].stands_for(record.fields.get(mapping[name].remote), value)
        }

    def _new_binding(self, kind: Kind, create: Create, record: Record, left: Collection[str] = ()) -> Binding:
        """Agreed on what was written; a field that could not be (*left* among them) stands for what the copy shows."""
        mapping = self.partner.mapping(kind)
        values = {name: value for name, value in create.debt.values.items() if name not in left}
        seen = {name: record.fields.get(lens.remote) for name, lens in mapping.items()}
        agreed = {}
        told = {
            name
            for name, lens in mapping.items()
            if name in {*create.debt.values, *create.debt.blocked} or not lens.writable
        }
        for name in told:
            with contextlib.suppress(Unmapped):  # what shows no known value stands for none, and is owed one
                agreed[name] = (
                    values[name]
                    if name in values
                    else mapping[name].to_canonical(seen[name], current=create.entity.value(name))
                )
        return Binding(
            self.partner.name,
            kind,
            record.id,
            create.entity.key,
            {name: seen[name] for name in told},
            agreed,
            {name: mapping.fingerprints()[name] for name in agreed},
            digest=digest(record),
            shown_key=record.key,
            url=record.url,
            at=record.at,
        )

    # updates

    async def _update(self, kind: Kind, updates: Sequence[Update]) -> None:
        self._settle(update for update in updates if not update.debt.patch)
        owed = [update for update in updates if update.debt.patch]
        size, done = self.partner.connector.kinds[kind].update_batch, 0
        for start in range(0, len(owed), size):
            some = await self._still_so(kind, owed[start : start + size])
            self._announce(kind, [update for update, _ in some])
            patches = [Patch(u.binding.remote, u.debt.patch, record) for u, record in some]
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
                    self.store.keep_records(self.partner.name, kind, [record], self.clock())
                else:
                    fresh.append((update, record))
        return self._reckoned(kind, fresh)

    def _reckoned(self, kind: Kind, fresh: Iterable[tuple[Update, Record]]) -> list[tuple[Update, Record]]:
        """The debts against what the copies show this moment, fields beyond the mapping included."""
        mapping = self.partner.mapping(kind)
        reckoned = [
            (replace(u, debt=debt(u.entity, u.binding, mapping, record.fields, u.held)), record) for u, record in fresh
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
                self._problem(kind, remote, key, End.FAILED, str(error))

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
        patch = debt(update.entity, binding, self.partner.mapping(kind), self._shown(kind, binding), update.held).patch
        blocked = {**without_refusals(binding).blocked, WHOLE: said, REFUSED: text(patch)}
        self.store.keep_bindings([(replace(binding, blocked=blocked), True)])
        self._problem(kind, update.binding.remote, update.entity.key, End.BLOCKED, said)

    def _shown(self, kind: Kind, binding: Binding) -> dict[str, Any]:
        mapping = self.partner.mapping(kind)
        return {mapping[name].remote: value for name, value in binding.seen.items() if name in mapping}

    def _owed(self, update: Update, binding: Binding) -> bool:
        holds = self.store.holds([update.entity.key]).get(update.entity.key, [])
        return is_owed(update.entity, binding, holds)

    def _problem(self, kind: Kind, record: str, key: str, end: End, message: str) -> None:
        self.ledger.spokes[self.partner.name].note(kind, record, end)
        self.ledger.problem(message, spoke=self.partner.name, key=key)


def moved(binding: Binding, mapping: FieldMap, shown: Any, held: Collection[str] = ()) -> bool:
    """Whether a copy shows anything else than it last did, in any field that was ever judged and is not *held*."""
    return any(
        name in mapping and name not in held and seen is not NOTHING and shown.get(mapping[name].remote) != seen
        for name, seen in binding.seen.items()
    )
