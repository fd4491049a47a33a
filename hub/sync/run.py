"""One pass of a sync: read every spoke, judge, write what is owed, until there is nothing left to do."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hub.config import Sync
from hub.errors import PermissionLost, ServiceError, SignInRejected
from hub.model import Kind
from hub.sdk.records import Record
from hub.store import PlanState, Store
from hub.sync.carrying import Carrying
from hub.sync.departed import Departed
from hub.sync.guard import AS_BEFORE, REMAPPED, Breach
from hub.sync.intake import Intake
from hub.sync.ledger import End, Ledger, SpokeLedger
from hub.sync.partner import Partner, stumbled
from hub.sync.progress import Progress, Silence
from hub.sync.pull import Pull
from hub.sync.push import Push
from hub.sync.report import Report
from hub.sync.sparing import sparing_the_search_for_garbage
from hub.sync.unseen import Unseen
from hub.sync.weighing import Weighing

ROUNDS = 4
"""A write may bring up an edit made meanwhile, which is judged and spread in a further round; then it is the next run's."""


@dataclass
class Run:
    """Carries out one run of a sync.

    Args:
        dry: Nothing is written anywhere: the store is a copy, and every connector a rehearsing one.
        telling: Say in the report what was done, in the shape of the plan of a dry run.
        full: Read everything, whatever the cursors say.
        only: Write only what the copies of these entities are owed, and read nothing else first.
        largest: Most bytes of an attachment that is passed on.
        guarded: Weigh what is to be written, and write nothing where that is too much.
    """

    sync: Sync
    partners: Mapping[str, Partner]
    store: Store
    clock: Callable[[], datetime]
    hub_id: str
    dry: bool = False
    telling: bool = False
    full: bool = False
    progress: Progress = field(default_factory=Silence)
    only: frozenset[str] | None = None
    largest: int = 50_000_000
    guarded: bool = True

    async def work(self) -> Report:
        """Do it, and say what was done."""
        begun = time.monotonic()
        started_at = self.clock()
        run = self.store.start_run(self.sync.name, started_at)
        ledger = Ledger({name: SpokeLedger() for name in self.partners}, plan=[] if self.dry or self.telling else None)
        try:
            with sparing_the_search_for_garbage():
                await self._pass(ledger, run, started_at)
        except BaseException:
            # Whatever broke it off, the run is over; what it had done is kept, and the next one goes on from there.
            self.store.end_run(run, self.clock(), "failed", {"problems": [{"message": "broken off"}]})
            raise
        with self.store.transaction():
            self._note_connections()
            self._keep_plan(run, ledger)
            report = self._report(run, ledger, time.monotonic() - begun)
            self.store.end_run(run, self.clock(), report.outcome, report.as_json(plan=not ledger.breaches))
        return report

    async def _pass(self, ledger: Ledger, run: str, started_at: datetime) -> None:
        await self._open(ledger)
        ledger.owed_before = {name: self.store.count_owed(name) for name in self.partners}
        if self.only is None:
            await self._pull(ledger, started_at, run)
        await self.settle(ledger, run)

    async def _open(self, ledger: Ledger) -> None:
        """Prove every connection, side by side; one that fails takes no further part in this run."""

        async def opened(partner: Partner) -> None:
            try:
                partner.identity = await partner.connector.open()
                self._same_place(partner)
                partner.learn([partner.identity.account])
            except Exception as error:  # noqa: BLE001 - whatever a connector stumbles over stops its own spoke only
                partner.error = stumbled(error, partner.name)
                ledger.problem(str(partner.error), spoke=partner.name)

        async with asyncio.TaskGroup() as group:
            for partner in self.partners.values():
                group.create_task(opened(partner))

    def _same_place(self, partner: Partner) -> None:
        known = self.store.connection(partner.name)
        place = partner.identity.place if partner.identity else None
        if known and known["place"] and place and known["place"] != place:
            raise PermissionLost(
                f"leads to {place} now, and led to {known['place']} before: its records are others",
                connection=partner.name,
                fix="point it back, or give the new place a connection of its own name; then: hub check --live",
            )

    async def _pull(self, ledger: Ledger, now: datetime, run: str) -> None:
        def look(partner: Partner, kind: Kind, records: Sequence[Record]) -> None:
            Unseen(partner, self.store, ledger, run, now).look(kind, records)

        where = (self.store, ledger, self.progress, now, self.sync.name, self._intake(ledger, run).welcome, look)
        await self._side_by_side(lambda partner: Pull(partner, *where, self.full, self.sync.full_every).run())

    async def settle(self, ledger: Ledger, run: str) -> None:
        """Judge what was read and write what follows from it, until nothing is left to do or the run is held."""
        departed = Departed(self.sync, self.partners, self.store, ledger, run, self.clock)
        looked = False
        for turn in range(ROUNDS):
            await self._side_by_side(lambda partner: self._push(partner, ledger, run).find_lost())
            if not turn:
                ledger.found_out = sum(self.store.count_done(run, name) for name in self.partners)
            departed.look()
            moved, before = self._intake(ledger, run).work(), ledger.stirred
            if self.only is None:
                departed.work()
            await Carrying(self.partners, self.store, ledger, run, self.clock(), self.largest).work()
            breaches = self._breaches(ledger, run)
            if breaches and not looked:
                # Nobody is asked about what is gone by now, or was changed since: that is judged first.
                looked = True
                await self._side_by_side(lambda partner: self._push(partner, ledger, run).look())
                continue
            if breaches and await self._hold(ledger, run, breaches):
                return
            looked = False
            await self._side_by_side(lambda partner: self._push(partner, ledger, run).work())
            if not moved and before == ledger.stirred:
                return

    def _breaches(self, ledger: Ledger, run: str) -> list[Breach]:
        """What is too much to be done unasked. What a person has asked for by name is not weighed."""
        if ledger.breaches or not self.guarded or self.only is not None:
            return []
        return Weighing(self.sync, self.partners, self.store, ledger, run, self.clock()).breaches()

    async def _hold(self, ledger: Ledger, run: str, breaches: list[Breach]) -> bool:
        """Hold the run: it goes on to the end only on paper, so that a person can see and approve its plan.

        A dry run is on paper anyhow, and shows all of it.
        """
        ledger.breaches = breaches
        if self.dry:
            return False
        ledger.plan = [*(ledger.plan or ()), *await self._rehearsed(ledger, run)]
        return True

    async def _rehearsed(self, ledger: Ledger, run: str) -> list[Mapping[str, Any]]:
        """What the run would write from here on."""
        with self.store.copy() as store:
            partners = {name: partner.rehearsing(store) for name, partner in self.partners.items()}
            imagined = Ledger({name: SpokeLedger() for name in partners}, plan=[])
            like = replace(self, partners=partners, store=store, dry=True, guarded=False, progress=Silence())
            await like.settle(imagined, run)
        for name, partner in partners.items():
            if partner.error and self.partners[name].working:
                self.partners[name].error = partner.error
                ledger.problem(str(partner.error), spoke=name)
        return imagined.plan or []

    async def _side_by_side(self, work: Callable[[Partner], Coroutine[None, None, None]]) -> None:
        async with asyncio.TaskGroup() as group:
            for partner in self._working():
                group.create_task(work(partner))

    def _intake(self, ledger: Ledger, run: str) -> Intake:
        return Intake(self.sync, self.partners, self.store, ledger, run, self.hub_id, self.clock())

    def _push(self, partner: Partner, ledger: Ledger, run: str) -> Push:
        where = (self.sync, partner, self.store, ledger, self.progress, self.hub_id, self.clock, run)
        return Push(*where, self.only, self.full)

    def _working(self) -> list[Partner]:
        return [partner for partner in self.partners.values() if partner.working]

    def _note_connections(self) -> None:
        for partner in self.partners.values():
            identity = partner.identity
            self.store.keep_connection(
                partner.name,
                identity.place if identity and partner.working else None,
                identity.account.id if identity else None,
                state_of(partner.error),
                str(partner.error or ""),
                self.clock(),
            )

    def _keep_plan(self, run: str, ledger: Ledger) -> None:
        """Remember the plan of a held run; what was held before is pointless once a run could do all that it had to."""
        name, kept = self.sync.name, sorted_by_spoke(ledger.plan or (), self.partners)
        if ledger.breaches:
            led = self.store.led_to(run, name, [entry["key"] for entry in kept if entry["operation"] == "update"])
            mapped = {breach.spoke for breach in ledger.breaches if breach.harm == REMAPPED}
            for breach in ledger.breaches:
                instead = AS_BEFORE if breach.spoke in mapped else f"hub undo {led}"
                next_ = "a run would be held for it" if self.dry else f"hub approve {run}, or {instead}"
                ledger.problem(f"{breach}: {next_}", spoke=breach.spoke)
            for entry in () if self.dry else kept:
                ledger.spokes[entry["spoke"]].note(entry["kind"], entry["remote"] or entry["key"], End.HELD)
            self.store.hold_plan(run, name, [str(each) for each in ledger.breaches], kept, self.clock())
        elif self.only is None and len(self._working()) == len(self.partners) and End.FAILED not in ledger.ends:
            self.store.settle_plans(name, [PlanState.HELD], PlanState.SUPERSEDED)
            self.store.settle_plans(name, [PlanState.APPROVED], PlanState.DONE)

    def _report(self, run: str, ledger: Ledger, seconds: float) -> Report:
        for name, partner in self.partners.items():
            ledger.spokes[name].calls = partner.connector.calls
            if partner.working and not ledger.spokes[name].adds_up:
                ledger.problem("its counts do not add up: please report this", spoke=name)
        return Report(
            self.sync.name,
            run,
            self._outcome(ledger),
            self.dry,
            seconds,
            {name: spoke.as_json() for name, spoke in ledger.spokes.items()},
            tuple(problem.as_json() for problem in ledger.problems),
            None if ledger.plan is None else sorted_by_spoke(ledger.plan, self.partners),
        )

    def _outcome(self, ledger: Ledger) -> str:
        if self.partners and not self._working():
            return "failed"
        if ledger.breaches:
            return "held"
        left = ledger.ends & {End.HELD, End.BLOCKED, End.FAILED}
        return "problems" if left or len(self._working()) < len(self.partners) else "done"


def sorted_by_spoke(plan: Iterable[Mapping[str, Any]], spokes: Iterable[str]) -> tuple[Mapping[str, Any], ...]:
    """What is done on each spoke in its order, one spoke after another: they are written side by side."""
    order = list(spokes)
    return tuple(sorted(plan, key=lambda entry: order.index(entry["spoke"])))


def state_of(error: ServiceError | None) -> str:
    """How a connection is said to be: `ok`, `reconnect` (a person must), or `down` (it comes back by itself)."""
    if error is None:
        return "ok"
    return "reconnect" if isinstance(error, SignInRejected | PermissionLost) else "down"
