"""Undo: a run that takes back what an earlier run did, value by value and copy by copy."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.errors import UsageError
from hub.mapping import FieldMap
from hub.model import Kind, Stamp
from hub.model.counting import form
from hub.reconcile import Binding, Hold
from hub.reconcile.undone import UNDO
from hub.sdk.connector import Operation
from hub.sdk.records import Absence, Record
from hub.store import Kept, PlanState, Store, Write, chunks, kind_of
from hub.sync.deeds import Choice, Deeds, add_late, copies, deeds_of
from hub.sync.departed import spare
from hub.sync.intake import is_owed
from hub.sync.ledger import End, Ledger, SpokeLedger
from hub.sync.partner import Partner, stumbled
from hub.sync.plan import Update
from hub.sync.pull import Pull, owner_of
from hub.sync.restoring import Copy, Restoring
from hub.sync.reverting import Reverting
from hub.sync.run import Run
from hub.sync.unmaking import Remaking, Unmaking
from hub.sync.writing import Writing

PIECE = 100
"""So many entities are looked at, decided and written before the next."""

Looks = Mapping[str, Mapping[str, Record | Absence]]
"""By connection and remote id: what there is this moment."""


def run_to_undo(store: Store, run: str, syncs: Collection[str]) -> tuple[str, str]:
    """The name of *run* as the store has it, `R-17`, and its sync. Raises UsageError if nothing of it can be undone."""
    name = run.strip().upper()
    found = store.run_named(name)
    if found is None:
        raise UsageError(f"there is no run {run}", fix="see which run changed what with: hub history KEY")
    if found["sync"] not in syncs:
        said = f"{name} was a run of the sync {found['sync']!r}, which is not configured any more"
        raise UsageError(said, fix=f"configure it again; there are: {', '.join(syncs)}")
    return name, found["sync"]


@dataclass
class Undo(Run):
    """Carries out an undo. It is a run itself, and can be undone in turn.

    Args:
        of: The run that is taken back.
        choice: Which part of it.
        who: Who takes it back.
        everywhere: Set back also what people had typed themselves.
    """

    of: str = ""
    choice: Choice = field(default_factory=Choice)
    who: str = ""
    everywhere: bool = False
    _left: bool = False
    _set_back: int = 0
    _made: Mapping[str, set[str]] = field(default_factory=dict)
    """By connection: the copies that the run or a later one made, of the kind at hand."""

    async def _pass(self, ledger: Ledger, run: str, started_at: datetime) -> None:
        await self._open(ledger)
        self._stamp = Stamp(who=self.who, connection="hub", at=started_at, because=f"{UNDO}{self.of}")
        writes = self.store.writes_of(self.of)
        self._absent_partners(ledger, writes)
        await self._side_by_side(lambda partner: self._push(partner, ledger, run).find_lost())
        await self._unmake(ledger, run, copies(writes, "create", self.choice), started_at)
        deeds = deeds_of(self.store, self.of, self.choice, self._mapping)
        for kind in self.sync.kinds:
            self._made = {name: self.store.made_since(name, kind, self.of) for name in self.partners}
            for some in chunks([key for key in deeds if kind_of(key) is kind], PIECE):
                await self._piece(ledger, run, kind, {key: deeds[key] for key in some})
        await self._remake(ledger, run, copies(writes, "delete", self.choice))
        self._spare(ledger)
        written = sum(spoke.writes for spoke in ledger.spokes.values())
        if not written and not self._set_back and self._working():
            ledger.problem(f"nothing of {self.of} is left to be taken back")

    def _mapping(self, connection: str, kind: Kind) -> FieldMap | None:
        partner = self.partners.get(connection)
        return partner.mapping(kind) if partner and kind in partner.spoke.routes else None

    def _absent_partners(self, ledger: Ledger, writes: Iterable[Write]) -> None:
        for name in sorted({write.connection for write in writes} - self.partners.keys()):
            self._leave(ledger, f"{name} takes no part in {self.sync.name} any more: nothing is set back there")

    def _leave(self, ledger: Ledger, said: str, spoke: str | None = None, key: str | None = None) -> None:
        self._left = True
        ledger.problem(said, spoke=spoke, key=key)

    # Values.

    async def _piece(self, ledger: Ledger, run: str, kind: Kind, deeds: Mapping[str, Deeds]) -> None:
        """Look at these entities' copies, decide, and write."""
        ties = self.store.bindings_of(deeds)
        for tie in (tie for each in ties.values() for tie in each):
            later = self.store.updates_after(tie.connection, kind, tie.remote, self.of)
            add_late(deeds[tie.key], later, self._mapping(tie.connection, kind))
            if tie.remote in self._made.get(tie.connection, ()):
                deeds[tie.key].made.add((tie.connection, tie.remote))
        bound = {k: [t for t in ties.get(k, ()) if t.state == "bound" and self._holds(t)] for k in deeds}
        looks = await self._look(ledger, kind, [tie for each in bound.values() for tie in each])
        plans: list[Restoring] = []
        with self.store.transaction():
            for key, mine in bound.items():
                down = [tie.connection for tie in mine if not self.partners[tie.connection].working]
                if down:
                    self._leave(ledger, "is not taken back while that connection fails: undo again", down[0], key)
                else:
                    plans.append(self._decide(ledger, run, deeds[key], mine, looks))
        updates: dict[str, list[Update]] = {}
        for plan in plans:
            for name, update in plan.updates.items():
                updates.setdefault(name, []).append(update)
        await self._each(updates, lambda p: self._reverting(p, ledger, run, looks).write(kind, updates[p.name]), ledger)

    def _holds(self, tie: Binding) -> bool:
        partner = self.partners.get(tie.connection)
        return partner is not None and tie.kind in partner.spoke.routes

    async def _look(self, ledger: Ledger, kind: Kind, ties: Sequence[Binding]) -> Looks:
        looks: dict[str, Mapping[str, Record | Absence]] = {}

        async def look(partner: Partner) -> None:
            remotes = [tie.remote for tie in ties if tie.connection == partner.name]
            looks[partner.name] = await partner.connector.fetch(kind, remotes)
            ledger.spokes[partner.name].saw(kind, remotes)

        await self._each({tie.connection for tie in ties}, look, ledger)
        return looks

    async def _each(self, names: Iterable[str], work: Callable[[Partner], Awaitable[None]], ledger: Ledger) -> None:
        """Have it done on these spokes, side by side; one that fails stops no other."""

        async def safely(partner: Partner) -> None:
            try:
                await work(partner)
            except Exception as error:  # noqa: BLE001 - whatever a connector stumbles over stops its own spoke only
                partner.error = stumbled(error, partner.name)
                ledger.problem(str(partner.error), spoke=partner.name)

        async with asyncio.TaskGroup() as group:
            for name in sorted(names):
                if self.partners[name].working:
                    group.create_task(safely(self.partners[name]))

    def _decide(self, ledger: Ledger, run: str, deeds: Deeds, ties: Sequence[Binding], looks: Looks) -> Restoring:
        entity = self.store.entities([deeds.key])[deeds.key]
        found = {tie.connection: looks[tie.connection].get(tie.remote, Absence.HIDDEN) for tie in ties}
        here = [self._copy(tie, each) for tie in ties if isinstance(each := found[tie.connection], Record)]
        holds = {hold.field: hold for hold in self.store.holds([deeds.key]).get(deeds.key, [])}
        plan = Restoring(entity, deeds, here, holds, self._stamp, self.everywhere)
        plan.decide()
        self._keep(run, plan)
        self._tell(ledger, plan)
        there = {(copy.tie.connection, copy.tie.remote) for copy in here}
        for name, remote in sorted(deeds.stretches.keys() - there):
            if name in self.partners:
                self._leave(ledger, f"{remote} is no copy of it any more: nothing is set back there", name, deeds.key)
        return plan

    def _copy(self, tie: Binding, record: Record) -> Copy:
        partner = self.partners[tie.connection]
        writable = Operation.UPDATE in partner.connector.kinds[tie.kind].operations
        observation = partner.observation(record, self.clock())
        mapping = partner.mapping(tie.kind)
        return Copy(
            tie, record, observation, mapping, partner.disclosure(tie.kind), writable, _ours(partner, record, mapping)
        )

    def _keep(self, run: str, plan: Restoring) -> None:
        """Remember what was decided, before anything is written: whatever breaks off, the same undo finishes it."""
        key, now = plan.entity.key, self.clock()
        if plan.events:
            self.store.keep_entities([plan.entity])
            self.store.keep_events(plan.events, run, now)
            self._set_back += len(plan.events)
        self.store.close_holds(plan.closes, "settled")
        self.store.keep_holds(plan.opens)
        holds = self.store.holds([key]).get(key, [])
        ties = [plan.bindings.get(tie.connection, tie) for tie in self.store.bindings_of([key])[key]]
        self.store.keep_bindings((tie, self._is_owed(plan, tie, holds)) for tie in ties if tie.state == "bound")
        for copy in plan.copies:
            name = copy.tie.connection
            if any(name in there for there in plan.contending.values()):
                self.store.keep_records(name, copy.tie.kind, [copy.record], now)

    def _is_owed(self, plan: Restoring, tie: Binding, holds: Sequence[Hold]) -> bool:
        partner = self.partners.get(tie.connection)
        if partner is None or tie.kind not in partner.spoke.routes:
            return False
        return is_owed(plan.entity, tie, holds, partner.disclosure(tie.kind))

    def _tell(self, ledger: Ledger, plan: Restoring) -> None:
        key, remotes = plan.entity.key, {copy.tie.connection: copy.tie.remote for copy in plan.copies}
        for left in plan.left:
            self._leave(ledger, f"{left.field} is left as it is: {left.why}", left.connection, key)
            if left.connection:
                ledger.spokes[left.connection].note(plan.entity.kind, remotes[left.connection], End.HELD)
        for name, there in plan.contending.items():
            self._leave(ledger, f"{name} waits for a person: hub conflicts", None, key)
            for connection in there:
                ledger.spokes[connection].note(plan.entity.kind, remotes[connection], End.HELD)

    def _reverting(self, partner: Partner, ledger: Ledger, run: str, looks: Looks) -> Reverting:
        looked_at = {remote: r for remote, r in looks[partner.name].items() if isinstance(r, Record)}
        return Reverting(**self._writing(partner, ledger, run), looked_at=looked_at)

    def _writing(self, partner: Partner, ledger: Ledger, run: str) -> dict[str, Any]:
        where = (self.sync, partner, self.store, ledger, self.progress, self.hub_id, self.clock, run)
        return vars(Writing(*where))

    # Copies.

    async def _unmake(self, ledger: Ledger, run: str, made: Sequence[Write], now: datetime) -> None:
        """Delete what the run made, children first; what has come in since is looked through before."""

        async def unmake(partner: Partner) -> None:
            mine = [write for write in made if write.connection == partner.name]
            await Pull(partner, self.store, _blank(partner), self.progress, now, self.sync.name, self._later).run()
            work = Unmaking(**self._writing(partner, ledger, run), because=self._stamp.because)
            for kind in reversed(partner.kinds()):
                await work.unmake(kind, [write for write in mine if write.kind is kind])
            self._left = self._left or bool(work.left)

        await self._each({write.connection for write in made} & self.partners.keys(), unmake, ledger)

    async def _remake(self, ledger: Ledger, run: str, deleted: Sequence[Write]) -> None:
        """Make again what the run deleted, parents first; what was made without an answer is looked for before."""

        async def remake(partner: Partner) -> None:
            work = Remaking(**self._writing(partner, ledger, run))
            await work.find_lost()
            for kind in partner.kinds():
                mine = [write for write in deleted if (write.connection, write.kind) == (partner.name, kind)]
                await work.remake(kind, mine)

        await self._each({write.connection for write in deleted} & self.partners.keys(), remake, ledger)

    def _later(self, kind: Kind, newcomers: Sequence[Kept]) -> None:
        """What is new is kept for the next run, which takes it up."""
        for kept in newcomers:
            owner = owner_of(self.partners[kept.connection].mapping(kind), kind)
            self.store.keep_records(kept.connection, kind, [kept.record], kept.read_at, owner)

    def _spare(self, ledger: Ledger) -> None:
        """What the run was held for deleting, and what is not deleted yet, lives on."""
        if self.store.plan_of(self.of) is None or self.choice.of_values:
            return
        doomed = self.store.doomed_keys()
        meant = (entry for entry in self.store.entries_of(self.of) if self.choice.key in (None, entry["key"]))
        spared = spare(self.store, [entry for entry in meant if entry["key"] in doomed])
        if spared:
            live = form(
                len(spared), "lives on, and is made again where it was", "live on, and are made again where they were"
            )
            ledger.problem(
                f"{len(spared)} that {form(len(spared), 'was', 'were')} to be deleted {live}: hub sync {self.sync.name}"
            )
        self._set_back += len(spared)

    def _keep_plan(self, run: str, ledger: Ledger) -> None:  # noqa: ARG002 - that of any run
        """What is held waits on, unless all of it was taken back: then there is nothing left to approve."""
        plan = self.store.plan_of(self.of)
        if plan and plan.state is PlanState.HELD and self.choice == Choice():
            self.store.settle_plans(self.sync.name, [PlanState.HELD], PlanState.SUPERSEDED)

    def _outcome(self, ledger: Ledger) -> str:
        outcome = super()._outcome(ledger)
        return "problems" if outcome == "done" and self._left else outcome


def _ours(partner: Partner, record: Record, mapping: FieldMap) -> frozenset[str]:
    """The record's fields that only our own account has written, where the service tells that of each field.

    Of one that nobody has changed there is nothing to tell: it is as whoever made the record left it.
    """
    if not record.touches:
        return frozenset()
    untouched = {lens.remote for lens in mapping.values()} - record.touches.keys()
    written = {name for name in record.touches if partner.is_own(record, name)}
    return frozenset(written | untouched if partner.is_own_work(record) else written)


def _blank(partner: Partner) -> Ledger:
    """Counts that nobody asks for: what is only read ahead is counted by the run that judges it."""
    return Ledger({partner.name: SpokeLedger()})
