"""One pass of a sync: read every spoke, judge, write what is owed, until there is nothing left to do."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hub.config import Sync
from hub.errors import PermissionLost, ServiceError, SignInRejected
from hub.store import Store
from hub.sync.carrying import Carrying
from hub.sync.intake import Intake
from hub.sync.ledger import End, Ledger, SpokeLedger
from hub.sync.partner import Partner, stumbled
from hub.sync.progress import Progress, Silence
from hub.sync.pull import Pull
from hub.sync.push import Push
from hub.sync.report import Report

ROUNDS = 4
"""A write may bring up an edit made meanwhile, which is judged and spread in a further round; then it is the next run's."""


@dataclass
class Run:
    """Carries out one run of a sync.

    Args:
        dry: Plan only, on a copy of the store: nothing is written anywhere.
        full: Read everything, whatever the cursors say.
        only: Write only what the copies of these entities are owed, and read nothing else first.
        largest: Most bytes of an attachment that is passed on.
    """

    sync: Sync
    partners: Mapping[str, Partner]
    store: Store
    clock: Callable[[], datetime]
    hub_id: str
    dry: bool = False
    full: bool = False
    progress: Progress = field(default_factory=Silence)
    only: frozenset[str] | None = None
    largest: int = 50_000_000

    async def work(self) -> Report:
        """Do it, and say what was done."""
        begun = time.monotonic()
        started_at = self.clock()
        run = self.store.start_run(self.sync.name, started_at)
        ledger = Ledger({name: SpokeLedger() for name in self.partners})
        try:
            await self._pass(ledger, run, started_at)
        except BaseException:
            # Whatever broke it off, the run is over; what it had done is kept, and the next one goes on from there.
            self.store.end_run(run, self.clock(), "failed", {"problems": [{"message": "broken off"}]})
            raise
        self._note_connections()
        report = self._report(run, ledger, time.monotonic() - begun)
        self.store.end_run(run, self.clock(), report.outcome, report.as_json())
        return report

    async def _pass(self, ledger: Ledger, run: str, started_at: datetime) -> None:
        await self._open(ledger)
        if self.only is None:
            await self._pull(ledger, started_at)
        if self.dry:
            self._plan(ledger, run)
        else:
            await self._settle(ledger, run)

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
                fix="point it back, or give the new place a connection of its own name",
            )

    async def _pull(self, ledger: Ledger, now: datetime) -> None:
        await self._side_by_side(
            lambda partner: Pull(
                partner, self.store, ledger, self.progress, now, self.sync.name, self.full, self.sync.full_every
            ).run()
        )

    def _plan(self, ledger: Ledger, run: str) -> None:
        self._intake(ledger, run).work()
        for partner in self._working():
            ledger.plan.extend(self._push(partner, ledger).plan())

    async def _settle(self, ledger: Ledger, run: str) -> None:
        for _ in range(ROUNDS):
            await self._side_by_side(lambda partner: self._push(partner, ledger).find_lost())
            moved, before = self._intake(ledger, run).work(), ledger.stirred
            await Carrying(self.partners, self.store, ledger, run, self.clock(), self.largest).work()
            await self._side_by_side(lambda partner: self._push(partner, ledger).run())
            if not moved and before == ledger.stirred:
                return

    async def _side_by_side(self, work: Callable[[Partner], Coroutine[None, None, None]]) -> None:
        async with asyncio.TaskGroup() as group:
            for partner in self._working():
                group.create_task(work(partner))

    def _intake(self, ledger: Ledger, run: str) -> Intake:
        return Intake(self.sync, self.partners, self.store, ledger, run, self.hub_id)

    def _push(self, partner: Partner, ledger: Ledger) -> Push:
        return Push(self.sync, partner, self.store, ledger, self.progress, self.hub_id, self.clock, self.only)

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

    def _report(self, run: str, ledger: Ledger, seconds: float) -> Report:
        for name, partner in self.partners.items():
            ledger.spokes[name].calls = partner.connector.calls
            if not ledger.spokes[name].adds_up:
                ledger.problem("its counts do not add up: please report this", spoke=name)
        return Report(
            self.sync.name,
            run,
            self._outcome(ledger),
            self.dry,
            seconds,
            {name: spoke.as_json() for name, spoke in ledger.spokes.items()},
            tuple(problem.as_json() for problem in ledger.problems),
            tuple(ledger.plan) if self.dry else None,
        )

    def _outcome(self, ledger: Ledger) -> str:
        if self.partners and not self._working():
            return "failed"
        left = ledger.ends & {End.HELD, End.BLOCKED, End.FAILED}
        return "problems" if left or len(self._working()) < len(self.partners) else "done"


def state_of(error: ServiceError | None) -> str:
    """How a connection is said to be: `ok`, `reconnect` (a person must), or `down` (it comes back by itself)."""
    if error is None:
        return "ok"
    return "reconnect" if isinstance(error, SignInRejected | PermissionLost) else "down"
