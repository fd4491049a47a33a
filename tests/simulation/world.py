"""A small world: two or three services, people who work in them, and a hub between; all of it follows from one number.

Everything may go wrong while it runs: answers get lost before or after the deed, records are refused, services go down,
the process dies at a request or at a commit, indexes lag, clocks are coarse and wrong. Then it heals, and is looked at.
"""

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from hub.app import Hub
from hub.config import load_config
from hub.errors import AnswerLost, Refused, ServiceDown
from hub.model import Kind
from hub.plugins import Registry
from hub.sdk.records import Absence
from hub.store import Store
from hub.sync import Report
from hub.testing import ConditionalMemoryConnector, Fault, MemoryConnector, MemoryService
from hub.testing.service import HUB, Call
from tests.unit.sync.two import toml

REGISTRY = Registry({"memory": MemoryConnector, "memory-conditional": ConditionalMemoryConnector})
REQUESTS = ("open", "changes", "fetch", "create", "update", "find")
STATUSES = ("New", "Clarifying", "Approved", "In Progress", "Review", "Delivered", "Somewhere Else")
SHARED = {
    "new": ["New", "Clarifying"],
    "clarifying": "Clarifying",
    "approved": "Approved",
    "in_progress": "In Progress",
    "review": "In Progress",
    "delivered": "Delivered",
    "otherwise": {"write": "Approved", "read": "approved"},
}
"""A spoke where two statuses of the hub share one name, and one has no name of its own."""


class Crash(BaseException):
    """The process ends here."""


class FragileStore(Store):
    """A store during which the process may die: just before a commit, or just after it."""

    dies_in: int | None = None
    """How many commits go well first; None for ever."""
    keeps = False

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        outermost = not self.db.conn.in_transaction
        dies = False
        if outermost and self.dies_in is not None:
            dies, self.dies_in = self.dies_in == 0, self.dies_in - 1
        with super().transaction():
            yield
            if dies and not self.keeps:
                raise Crash("before a commit")
        if dies:
            raise Crash("after a commit")


@dataclass
class World:
    """Everything that follows from *seed*."""

    requests: ClassVar[tuple[str, ...]] = REQUESTS
    """What may go wrong."""

    seed: int
    folder: Path
    steps: int = 8
    now: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)
    told: list[str] = field(default_factory=list)
    """What happened, for whoever looks into a failure."""
    reports: list[Report] = field(default_factory=list)
    made: dict[str, list[str]] = field(default_factory=dict)
    """By service: the records that people made or copied."""
    taken: set[tuple[str, str]] = field(default_factory=set)
    """By service and id: the records that were away at some time, and so may have been made again."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.count = 0
        self.services = [self._service(name) for name in ("left", "right", "third")[: self.random.choice((2, 2, 3))]]
        self.plugins = {s.name: "memory-conditional" if s.conditional else "memory" for s in self.services}
        self.made = {s.name: [] for s in self.services}
        self.acting = False
        self.rule = self.random.choice(("latest", "latest", "ask", f"prefer:{self.services[-1].name}"))
        self.recreates = self.random.random() < 0.2
        self.hub = self._hub()
        self.tell(f"rule {self.rule}, recreates {self.recreates}")

    def tell(self, what: str) -> None:
        self.told.append(f"{self.now:%H:%M:%S} {what}")

    def clock(self) -> datetime:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def _service(self, name: str) -> MemoryService:
        chance = self.random
        skew = timedelta(seconds=chance.choice((0, 0, 0, -40, 300)))
        # A list that lags and cannot tell two states of one minute apart shows an old one as if it were new.
        coarse_s, lag_s = chance.choice(((0, 0), (1, 0), (60, 0), (0, 30), (0, 200)))
        service = MemoryService(
            name,
            clock=lambda: self.now + skew,
            conditional=chance.random() < 0.3,
            normalises=chance.random() < 0.4,
            coarse_s=coarse_s,
            lag_s=lag_s,
            page_size=chance.choice((1, 2, 3, 100)),
            tells_gone=chance.random() < 0.7,
            tells_history=chance.random() < 0.6,
        )
        service.on_call = lambda call: self._during(service, call)
        self.told.append(
            f"{name}: skew {skew}, conditional {service.conditional}, normalises {service.normalises}, coarse "
            f"{service.coarse_s}, lag {service.lag_s}, pages {service.page_size}, gone {service.tells_gone}, "
            f"history {service.tells_history}"
        )
        return service

    def _hub(self) -> Hub:
        file = self.folder / f"hub-{self.seed}.toml"
        spokes: dict[str, Any] = {
            s.name: {
                "requirement": {"originates": True, "creates": True},
                "on_delete": "recreate" if self.recreates else "unlink",
            }
            for s in self.services
        }
        if self.random.random() < 0.4:
            spokes[self.services[-1].name]["status"] = SHARED
        tables = {
            "connections": {name: {"plugin": plugin, "service": name} for name, plugin in self.plugins.items()},
            "syncs": {"all": {"spokes": spokes, "rules": {"default": self.rule}}},
        }
        file.write_text("\n".join(f"{name} = {toml(table)}" for name, table in tables.items()), encoding="utf-8")
        self.store = FragileStore.open(":memory:")
        return Hub(load_config(file, REGISTRY), REGISTRY, self.store, self.clock)

    # what people do

    def fresh(self) -> int:
        self.count += 1
        return self.count

    def act(self, service: MemoryService) -> None:
        """One thing that somebody does in a service."""
        records = [state.id for state in service.present(Kind.REQUIREMENT)]
        does = self.random.choices(
            (self._add, self._edit, self._copy, self._remove, self._archive, self._back), (3, 12, 0.6, 1, 0.5, 1)
        )[0]
        if not records and does != self._back:
            does = self._add
        if does == self._add and len(records) > 6:
            does = self._edit
        does(service, records)

    def _add(self, service: MemoryService, _records: list[str]) -> None:
        fields: dict[str, Any] = {"title": self._title()}
        for value in self.random.sample(self._values(), self.random.randint(0, 3)):
            fields |= value
        self.made[service.name].append(service.add(by=self._who(), **fields))
        self.tell(f"{service.name}: add {self.made[service.name][-1]} {fields}")

    def _title(self) -> str:
        number = self.fresh()
        return f"t{number}" if self.random.random() < 0.7 else f" t{number} "

    def _values(self) -> list[dict[str, Any]]:
        """One value for each field that people edit; each word and day is used but once."""
        due = date(2026, 4, 1) + timedelta(days=self.fresh())
        return [
            {"due": due.isoformat()},
            {"status": self.random.choice(STATUSES)},
            {"labels": [f"l{self.fresh()}"]},
            {"body": f"w{self.fresh()} and w{self.fresh()}\n"},
            {"priority": self.random.choice((None, "High", "Low"))},
        ]

    def _who(self) -> str:
        return self.random.choice(("ann", "bo"))

    def _edit(self, service: MemoryService, records: list[str]) -> None:
        record = self.random.choice(records)
        now = service.state(record).fields
        value: dict[str, Any] = self.random.choice([{"title": self._title()}, *self._values(), {"labels": []}])
        if "labels" in value:
            kept = [label for label in now.get("labels") or () if self.random.random() < 0.8]
            value = {"labels": [*kept, *value["labels"]]}
        if "body" in value and now.get("body"):
            value = {"body": self._reworded(now["body"])}
        service.edit(record, by=self._who(), **value)
        self.tell(f"{service.name}: edit {record} {value}")

    def _reworded(self, body: str) -> str:
        word = f"w{self.fresh()}"
        if self.random.random() < 0.5:
            return f"{body.rstrip()}\n\n{word}\n"
        words = body.split(" ")
        words[self.random.randrange(len(words))] = word
        return " ".join(words)

    def _copy(self, service: MemoryService, records: list[str]) -> None:
        copied = self.random.choice(records)
        self.made[service.name].append(service.copy(copied, by=self._who()))
        self.tell(f"{service.name}: copy {copied} as {self.made[service.name][-1]}")

    def _remove(self, service: MemoryService, records: list[str]) -> None:
        record = self.random.choice(records)
        why = self.random.choice((Absence.DELETED, Absence.DELETED, Absence.HIDDEN, Absence.MOVED))
        if record not in self.made[service.name] and record not in self.store.remotes(service.name, Kind.REQUIREMENT):
            # A copy that vanishes before its lost answer is made up for, and comes back after it was made again, cannot
            # be told from one that a person copied: both carry the marker of a copy that is bound elsewhere.
            why = Absence.DELETED
        service.remove(record, why=why)
        self.taken.add((service.name, record))
        self.tell(f"{service.name}: remove {record}, {why}")

    def _back(self, service: MemoryService, _records: list[str]) -> None:
        hidden = [record for record, (why, _) in service.absent.items() if why is not Absence.DELETED]
        if hidden:
            record = self.random.choice(hidden)
            del service.absent[record]
            self.tell(f"{service.name}: {record} is back")

    def _archive(self, service: MemoryService, records: list[str]) -> None:
        record = self.random.choice(records)
        service.archive(record, archived=not service.state(record).archived)
        self.tell(f"{service.name}: archive {record}")

    def _decide(self) -> None:
        """Somebody settles a conflict, now and then."""
        holds = self.store.open_holds()
        if holds and self.random.random() < 0.3:
            hold = self.random.choice(holds)
            taken = self.random.choice(hold.contenders)
            self.hub.resolve(hold.id, take=taken.connection)
            self.tell(f"{hold.id} {hold.key} {hold.field}: {taken.connection} is right")

    # what goes wrong

    def _during(self, service: MemoryService, call: Call) -> Fault | None:
        """People go on working during a run; nobody edits in the moment between the last look and the write."""
        self.later(self.random.choice((0.01, 0.5, 3)))
        if self.acting and (service.conditional or call.method != "update") and self.random.random() < 0.08:
            self.act(service)
        return None

    def _break_something(self) -> None:
        for service in self.services:
            while self.random.random() < 0.35:
                service.faults.append(self._fault())
                self.tell(f"{service.name}: {service.faults[-1]}")
        if self.random.random() < 0.2:
            self.store.dies_in, self.store.keeps = self.random.randrange(25), self.random.random() < 0.5
            self.tell(f"dies in {self.store.dies_in} commits, keeps {self.store.keeps}")

    def _fault(self) -> Fault:
        method = self.random.choice(self.requests)
        writes = method in ("create", "update", "delete")
        errors: list[Callable[[], BaseException]] = [lambda: ServiceDown("down"), Crash]
        if writes:
            errors += [lambda: AnswerLost("lost"), lambda: AnswerLost("lost"), lambda: Refused("no")]
        error = self.random.choice(errors)()
        after = isinstance(error, AnswerLost | Crash) and self.random.random() < 0.6
        return Fault(method, error, after, self.random.choice((0, 0, 1, 3)), self.random.choice((1, 1, 2)))

    # its life

    async def live(self) -> None:
        """Some steps of work and trouble."""
        for _ in range(self.steps):
            for _ in range(self.random.randint(0, 4)):
                self.act(self.random.choice(self.services))
                self.later(self.random.choice((0, 1, 20)))
            self._decide()
            self._break_something()
            self.acting = self.random.random() < 0.6
            await self.run(full=self.random.random() < 0.15)
            self.later(self.random.choice((1, 60, 600)))

    async def run(self, *, full: bool = False) -> Report | None:
        """One run; None if it died."""
        self.tell(f"run{' full' if full else ''}")
        try:
            report = await self.hub.sync("all", full=full)
        except BaseException as error:
            if not _is_crash(error):
                raise
            self.tell(f"died: {error!r}")
            return None
        self.tell(
            f"{report.outcome}, {report.writes} writes {[(p['spoke'], p['key'], p['message']) for p in report.problems]}"
        )
        self.reports.append(report)
        return report

    def heal(self) -> None:
        """Nothing goes wrong from now on, and nobody works."""
        self.tell("healed")
        self.acting, self.store.dies_in = False, None
        for service in self.services:
            service.faults.clear()
        self.later(3600)

    async def rest(self, *, full: bool = False) -> list[Report]:
        """Runs until one writes nothing and judges nothing."""
        done: list[Report] = []
        for _ in range(8):
            report = await self.run(full=full)
            assert report is not None
            done.append(report)
            self.later(600)
            if len(done) > 1 and not report.writes and not self.waiting():
                return done
        raise AssertionError("it never comes to rest")

    def waiting(self) -> list[Any]:
        """What is in the inbox and waits for no person."""
        kept = self.store.inbox([s.name for s in self.services], Kind.REQUIREMENT)
        held = {(c, h.key) for h in self.store.open_holds() for c in h.connections}
        ties = {(b.connection, b.remote): b for bs in self.ties().values() for b in bs}
        mine = [(k, ties.get((k.connection, k.record.id))) for k in kept]
        return [k for k, b in mine if b is None or ((b.connection, b.key) not in held and not b.blocked)]

    # what it is like

    def entities(self) -> dict[str, Any]:
        return {entity.key: entity for entity in self.store.entities_of(Kind.REQUIREMENT)}

    def ties(self) -> dict[str, list[Any]]:
        return self.store.bindings_of(self.entities())


def _is_crash(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return any(_is_crash(each) for each in error.exceptions)
    return isinstance(error, Crash)


def by_hub(touch: Any) -> bool:
    """Whether the hub did it."""
    return bool(touch.who.id == HUB.id)
