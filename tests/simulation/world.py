"""A small world: two or three services, people who work in them, and a hub between; all of it is told by a `Life`.

Everything may go wrong while it runs: answers get lost before or after the deed, records are refused, services go down,
lists come in pieces, the process dies at any request or commit, indexes lag, clocks are wrong and jump, and a second hub
comes in between. Then it heals, and is looked at.
"""

import asyncio
import random
import shutil
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from hub.app import Hub
from hub.errors import AnswerLost, Refused, ServiceDown, StoreError
from hub.model import Kind
from hub.reconcile import Contender, Hold
from hub.sdk.http import Network
from hub.sync import Report
from hub.testing import Fault, MemoryService
from hub.testing.service import Call, Paging
from tests.simulation.dying import Process, is_crash, open_store
from tests.simulation.life import (
    NAMES,
    Act,
    Approve,
    Decide,
    Dies,
    During,
    Fresh,
    Go,
    Jump,
    Life,
    Paged,
    Part,
    Pause,
    Reconfigure,
    Second,
    Setting,
    Trait,
    Trouble,
    Undo,
)
from tests.simulation.spokes import REGISTRY, configured, plugin_of

ERRORS: Mapping[str, Callable[[], Exception]] = {
    "down": lambda: ServiceDown("down"),
    "lost": lambda: AnswerLost("lost"),
    "no": lambda: Refused("no"),
}
BEGINNING = datetime(2026, 3, 1, 9, tzinfo=UTC)


class World:
    """Everything that follows from *life*.

    Args:
        folder: For what has to be in files: configurations, locks, attachments.
    """

    kinds: ClassVar[tuple[Kind, ...]]
    """What is looked at."""
    met_anew: ClassVar[frozenset[str]] = frozenset({"audience"})
    """Fields of which the hub's own words may count: a mark that a person decided on, or what is met anew."""

    def __init__(self, life: Life, folder: Path) -> None:
        self.life, self.folder = life, folder
        self.now = BEGINNING
        self.told: list[str] = []
        """What happened, for whoever looks into a failure."""
        self.reports: list[Report] = []
        self.taken: set[tuple[str, str]] = set()
        """By service and id: the records that were away at some time, and so may have been made again."""
        self.struck = self.crashes = self.turned_away = self.runs = self.edits = 0
        self.count, self.request, self.running = 0, 0, False
        self.random, self.pace = random.Random(0), random.Random(0)
        self.settings: dict[str, Any] = {part.name: part.value for part in life if isinstance(part, Setting)}
        self.clocks = dict.fromkeys((*NAMES, ""), 0.0)
        """By service, and for the hub's own under the empty name: how many seconds a clock is ahead of the truth."""
        self.traits: dict[str, dict[str, Any]] = {name: {} for name in NAMES}
        for part in life:
            if isinstance(part, Trait):
                self.traits[NAMES[part.service]][part.name] = part.value
        self.services = [self._service(name) for name in NAMES[: self.settings.get("services", 2)]]
        self.made: dict[str, list[str]] = {service.name: [] for service in self.services}
        """By service: the records that people made or copied."""
        self.faults: dict[str, list[Fault]] = {service.name: [] for service in self.services}
        self.prepared: list[Part] = []
        self.second: asyncio.Task[None] | None = None
        self.process = Process()
        self.path = str(folder / f"{id(self)}.db")
        self.config = configured(self._tables(), folder)
        self.store = open_store(self.path, self.process)
        self.hub = self._hub()

    # What a world is made of.

    @property
    def recreates(self) -> bool:
        """Whether a copy that was deleted is made again."""
        return bool(self.settings.get("on_delete") == "recreate")

    @property
    def jumps(self) -> bool:
        """Whether clocks are set."""
        return any(isinstance(part, Jump) for part in self.life)

    @property
    def misleading(self) -> bool:
        """Whether lists of changes may leave something out for good: clocks are set, or a list ends before its end."""
        return self.jumps or any(isinstance(part, Paged) and part.how == "ends" for part in self.life)

    def trait(self, service: str, name: str) -> Any:
        """What was said of a service; None if nothing was."""
        return self.traits[service].get(name)

    def _service(self, name: str) -> MemoryService:
        traits = dict(self.traits[name])
        self.clocks[name] = traits.pop("skew_s", 0)
        traits = {trait: value for trait, value in traits.items() if trait not in ("appends", "keeps")}
        if "unmarked" in traits:
            traits["unmarked"] = frozenset(Kind(each) for each in traits["unmarked"])
        service = MemoryService(name, clock=lambda: self.now + timedelta(seconds=self.clocks[name]), **traits)
        service.on_call = lambda call: self._during(service, call)
        service.on_answer = lambda call: self.process.boundary(f"after {call.method} at {name}")
        service.on_page = lambda _kind: self._paging(service)
        return service

    def _tables(self) -> dict[str, Any]:
        plugins = {s.name: plugin_of(s.conditional, self.traits[s.name]) for s in self.services}
        return {
            "connections": {name: {"plugin": plugin, "service": name} for name, plugin in plugins.items()},
            "syncs": {
                "all": {"spokes": self.spokes(), "rules": {"default": self._rule()}},
            },
        }

    def _rule(self) -> str:
        rule = str(self.settings.get("rule", "latest"))
        return f"prefer:{self.services[-1].name}" if rule == "prefer the last" else rule

    def spokes(self) -> dict[str, Any]:
        """The `spokes` table of the sync."""
        raise NotImplementedError

    def _hub(self) -> Hub:
        return Hub(self.config, REGISTRY, self.store, self.clock, Network(sleep=self._sleep))

    def close(self) -> None:
        """Leave nothing behind."""
        self.process.born_again()
        self.hub.close()
        Path(f"{self.path}.lock").unlink(missing_ok=True)
        shutil.rmtree(f"{self.path}.files", ignore_errors=True)

    def tell(self, what: str) -> None:
        self.told.append(f"{self.now:%H:%M:%S} {what}")

    def clock(self) -> datetime:
        return self.now + timedelta(seconds=self.clocks[""])

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def _sleep(self, seconds: float) -> None:
        self.later(seconds)
        await asyncio.sleep(0)

    async def _doze(self, seconds: float) -> None:
        self.later(seconds)  # nobody else comes any further

    def fresh(self) -> int:
        """A number that nobody used yet."""
        self.count += 1
        return self.count

    # What happens.

    async def live(self) -> None:
        """Work and trouble, part by part."""
        for part in self.life:
            match part:
                case Setting() | Trait():
                    pass
                case Act(service, dice):
                    self.throw(dice)
                    self.act(self.services[service % len(self.services)])
                case Pause(seconds):
                    self.later(seconds)
                case Decide(dice):
                    self.throw(dice)
                    self.decide()
                case Jump(whose, seconds):
                    name = "" if whose is None else NAMES[whose]
                    self.clocks[name] += seconds
                    self.tell(f"the clock of {name or 'the hub'} is set by {seconds} s")
                case Go(dice, full):
                    self.pace = random.Random(dice)
                    await self.run(full=full)
                case Undo(dice, back, everywhere):
                    self.pace = random.Random(dice)
                    await self.undo(back, everywhere=everywhere)
                case Reconfigure(names, away):
                    self.reconfigure(names=names, away=away)
                case Approve(dice):
                    self.pace = random.Random(dice)
                    await self.approve()
                case _:
                    self.prepared.append(part)

    def throw(self, dice: int) -> None:
        """What is chosen next follows from *dice*."""
        self.random = random.Random(dice)

    def act(self, service: MemoryService) -> None:
        """One thing that somebody does in a service."""
        raise NotImplementedError

    def reconfigure(self, **said: Any) -> None:
        """The hub is started anew, with another configuration."""
        self.settings |= said
        self.tell(f"the configuration says {said}")
        self.config = configured(self._tables(), self.folder)
        self._restart()

    def decide(self) -> None:
        """Somebody settles a conflict."""
        if holds := self.store.open_holds():
            hold = self.random.choice(holds)
            taken = self.random.choice(hold.contenders)
            if self.may_decide(hold, taken):
                self.hub.resolve(hold.id, take=taken.connection)
                self.tell(f"{hold.id} {hold.key} {hold.field}: {taken.connection} is right")

    def may_decide(self, hold: Hold, taken: Contender) -> bool:
        """Whether people would decide that way."""
        return True

    def _during(self, service: MemoryService, call: Call) -> Fault | None:
        """People go on working during a run; nobody edits in the moment between the last look and the write."""
        self.process.boundary(f"before {call.method} at {service.name}")
        self.later(self.pace.choice((0.01, 0.5, 3)))
        self.request += 1
        if call.method != "delete" and (service.conditional or call.method != "update"):
            for part in self._due(During):
                self.throw(part.dice)
                self.act(service)
        for part in self._due(Second):
            if self.second is None:
                self.second = asyncio.get_running_loop().create_task(self._another_hub(patient=part.patient))
        return self._struck(service, call)

    def _due(self, what: type[Any]) -> list[Any]:
        """What was prepared for a request that is reached by now."""
        due = [part for part in self.prepared if isinstance(part, what) and part.request <= self.request]
        self.prepared = [part for part in self.prepared if part not in due]
        return due

    def _struck(self, service: MemoryService, call: Call) -> Fault | None:
        fault = next((fault for fault in self.faults[service.name] if fault.strikes(call)), None)
        self.struck += fault is not None
        return fault

    def _paging(self, service: MemoryService) -> Paging:
        paged = next((p for p in self.prepared if isinstance(p, Paged) and NAMES[p.service] == service.name), None)
        if paged is None:
            return Paging.PLAIN
        self.prepared.remove(paged)
        if paged.page:
            self.prepared.insert(0, Paged(paged.service, paged.page - 1, paged.how))
            return Paging.PLAIN
        self.struck += 1
        self.tell(f"{service.name}: a page comes {paged.how}")
        return Paging(paged.how)

    async def run(self, *, full: bool = False) -> Report | None:
        """One run with what was prepared for it; None if the process died."""
        self.tell(f"run{' full' if full else ''}")
        return await self._through(lambda: self.hub.sync("all", full=full))

    async def undo(self, back: int, *, everywhere: bool) -> Report | None:
        """The last run but *back* is taken back; None if there is no such, or the process died."""
        run = f"R-{max((int(report.run[2:]) for report in self.reports), default=0) - back}"
        if self.store.run_named(run) is None:
            return None
        self.tell(f"undo {run}{' everywhere' if everywhere else ''}")
        return await self._through(lambda: self.hub.undo(run, everywhere=everywhere))

    async def approve(self) -> Report | None:
        """The plan that waits is carried out; None if none waits, or the process died."""
        plan = self.store.held_plan("all")
        if plan is None:
            return None
        self.tell(f"approve {plan.run}")
        return await self._through(lambda: self.hub.approve(plan.run))

    async def _through(self, work: Callable[[], Awaitable[Report]]) -> Report | None:
        """Do it with what was prepared for it."""
        prepared, self.prepared = self.prepared, []
        for part in prepared:
            self._prepare(part)
        self.request, self.running = 0, True
        self.runs += 1
        try:
            report = await self._alive(work)
        finally:
            if self.second is not None:
                await self.second
                self.second = None
        self.running, self.prepared, self.process.dies_in = False, [], None
        if self.process.dead:
            self.tell(f"died {self.process.died_at}")
            self.crashes += 1
            self._restart()
        elif report:
            said = [(p["spoke"], p["key"], p["message"]) for p in report.problems]
            self.tell(f"{report.outcome}, {report.writes} writes {said}")
            self.reports.append(report)
        return report

    def _prepare(self, part: Part) -> None:
        match part:
            case Trouble(service, method, error, after, skip, times):
                fault = Fault(method, ERRORS[error](), after, skip, times)
                if service < len(self.services):
                    self.faults[self.services[service].name].append(fault)
            case Dies(boundary):
                self.process.dies_in = boundary
            case Fresh():
                self._restart()
            case _:
                self.prepared.append(part)

    def _restart(self) -> None:
        """A new process: nothing is remembered but what is in the database."""
        self.process.born_again()
        self.store = open_store(self.path, self.process, self.store)
        self.hub = self._hub()

    async def _alive(self, work: Callable[[], Awaitable[Report]]) -> Report | None:
        try:
            return await work()
        except BaseException as error:
            if not is_crash(error):
                raise
            return None

    async def _another_hub(self, *, patient: bool) -> None:
        """It is turned away, or waits until the first is done."""
        self.tell("a second hub begins a run")
        network = Network(sleep=self._sleep if patient else self._doze)
        try:
            report = await Hub(self.config, REGISTRY, self.store, self.clock, network).sync("all")
        except StoreError as error:
            if "another run" not in str(error):
                raise
            self.turned_away += 1
            self.tell("the second hub was turned away")
        except BaseException as error:
            if not is_crash(error):
                raise
        else:
            self.reports.append(report)
            self.tell(f"the second hub: {report.outcome}, {report.writes} writes")

    # How it ends.

    def heal(self) -> None:
        """Nothing goes wrong from now on, and nobody works."""
        self.tell("healed")
        self.prepared.clear()
        self.faults = {service.name: [] for service in self.services}
        self.later(3600)

    async def rest(self, *, full: bool = False) -> None:
        """Runs until one writes nothing and judges nothing. Raises AssertionError if none does."""
        for _ in range(8):
            report = await self.run(full=full)
            assert report is not None
            self.later(600)
            if not report.writes and not self.waiting():
                return
        raise AssertionError("it never comes to rest")

    def waiting(self) -> list[Any]:
        """What is in the inbox and waits for no person."""
        names = [service.name for service in self.services]
        kept = [each for kind in self.kinds for each in self.store.inbox(names, kind)]
        if not kept:
            return []
        held = {(c, h.key) for h in self.store.open_holds() for c in h.connections}
        found = []
        for each in kept:
            remote = each.record.id
            tie = self.store.bindings_at(each.connection, each.kind, [remote]).get(remote)
            if tie is None or ((tie.connection, tie.key) not in held and not tie.blocked):
                found.append(each)
        return found
