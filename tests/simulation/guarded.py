"""Worlds in which next to nothing is harmed unasked: a run that is about to is held, and people approve, or go on working.

What the hub has done is told from what services show, record by record, and held against the plans that people approved.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.mapping import Unmapped
from hub.model import entity_class, fields_of
from hub.sdk.records import Absence
from hub.sync import Report
from hub.testing import MemoryService
from hub.testing.service import CHOICES, State
from tests.simulation.families import Families
from tests.simulation.life import Life, Second
from tests.simulation.plain import Plain
from tests.simulation.seen import Seen
from tests.simulation.spokes import by_hub
from tests.simulation.world import World

EMPTY = (None, "", [], {})
REFERENCES = frozenset({"client", "requester", "parent"})


@dataclass(frozen=True)
class Stroke:
    """What the hub made of one record in one go, or (None) that it deleted it."""

    before: State
    after: State | None

    @property
    def fields(self) -> list[str]:
        """What it changed."""
        after = self.after.fields if self.after else {}
        return [name for name, value in after.items() if value != self.before.fields.get(name)]

    def harms(self, field: str) -> Iterator[str]:
        """What harm it does in a field."""
        yield "writes"
        before, after = self.before.fields.get(field), self.after and self.after.fields.get(field)
        if before not in EMPTY and after in EMPTY:
            yield "blanks"
        order = CHOICES.get(self.before.kind, {}).get("status", ())[
            :-1
        ]  # without the one that means nothing to the hub
        if field == "status" and before in order and after in order and order.index(after) < order.index(before):
            yield "reversals"


class Guarded(World):
    """Any world, with a guard that takes next to everything for too much."""

    def __init__(self, life: Life, folder: Path) -> None:
        self.limits: Mapping[str, int] = {}
        super().__init__(life, folder)
        self.known: dict[tuple[str, str], int] = {}
        """By service and record: how many of its states have been looked at."""
        self.gone: set[tuple[str, str]] = set()
        self.yes: dict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
        """By service, record and operation: what each plan that was approved said of its fields."""
        self.unasked: list[str] = []
        """What was done though nobody had said yes to it."""

    def _tables(self) -> dict[str, Any]:
        self.settings.pop("shared", None)  # a name for several statuses goes neither on nor back
        tables = super()._tables()
        self.limits = dict(self.settings.get("guard", ()))
        limits = {harm: {"count": count, "share": 0.0} for harm, count in self.limits.items()}
        tables["syncs"]["all"]["guard"] = limits
        return tables

    async def approve(self) -> Report | None:
        plan = self.store.held_plan("all")
        for entry in self.store.entries_of(plan.run) if plan else ():
            self.yes[entry["spoke"], entry["remote"] or "", entry["operation"]].append(entry["fields"])
        return await super().approve()

    async def rest(self, *, full: bool = False) -> None:
        """Runs until one writes nothing; whatever waits is approved, and then it does not wait again."""
        for _ in range(8):
            report = await self.run(full=full)
            if report and report.outcome == "held":
                report = await self.approve()
                assert report is not None
                assert report.outcome != "held", f"{report.run} is held, though all of it was approved"
            assert report is not None
            self.later(600)
            if not report.writes and not self.waiting():
                return
        raise AssertionError("it never comes to rest")

    async def _through(self, work: Callable[[], Awaitable[Report]]) -> Report | None:
        runs = 1 + sum(isinstance(part, Second) for part in self.prepared)
        self._known_till_now()
        report = await super()._through(work)
        done: dict[tuple[str, str], set[str]] = defaultdict(set)
        for service in self.services:
            for stroke in [*self._strokes(service), *self._deletions(service)]:
                for harm in self._unasked(service, stroke):
                    done[service.name, harm].add(stroke.before.id)
        for (service_name, harm), records in done.items():
            if len(records) > runs * self.limits.get(harm, 200):
                self.unasked.append(f"{harm} in {service_name}: {sorted(records)}")
        return report

    def _known_till_now(self) -> None:
        for service in self.services:
            self.known |= {(service.name, record): len(states) for record, states in service.states.items()}

    def _strokes(self, service: MemoryService) -> Iterator[Stroke]:
        """What the hub wrote since, with whatever it wrote to a record between two edits of people in one."""
        for record, states in service.states.items():
            first = self.known.get((service.name, record), 1)
            start: State | None = None
            for before, after in zip(states[first - 1 :], states[first:], strict=False):
                start = (start or before) if by_hub(after.touched) else None
                following = states[states.index(after) + 1] if after is not states[-1] else None
                if start and not (following and by_hub(following.touched)):
                    yield Stroke(start, after)

    def _deletions(self, service: MemoryService) -> Iterator[Stroke]:
        for record, (why, _) in service.absent.items():
            place = (service.name, record)
            if why is Absence.DELETED and place not in self.taken and place not in self.gone:
                self.gone.add(place)
                yield Stroke(service.states[record][-1], None)

    def _unasked(self, service: MemoryService, stroke: Stroke) -> set[str]:
        """The harm that nobody has said yes to. That something refers to what was just made is part of making it."""
        record = stroke.before.id
        if stroke.after is None:
            return set() if (service.name, record, "delete") in self.yes else {"deletes", "writes"}
        plans = self.yes[service.name, record, "update"]
        return {
            harm
            for field in stroke.fields
            if (service.name, str(stroke.after.fields[field])) in self.known or field not in REFERENCES
            if not any(self._is_meant(service, stroke, field, plan) for plan in plans)
            for harm in stroke.harms(field)
        }

    def _is_meant(self, service: MemoryService, stroke: Stroke, remote: str, plan: Mapping[str, Any]) -> bool:
        """Whether a plan says that a field of a record is to become what it became, or what it is on its way to."""
        kind, before = stroke.before.kind, stroke.before.fields.get(remote)
        mapping = self.hub._idle_partners(self.hub.config.syncs["all"])[service.name].mapping(kind)
        for name, change in plan.items():
            if name in mapping and mapping[name].remote == remote and stroke.after is not None:
                value = fields_of(entity_class(kind))[name].from_json(change["to"])
                try:
                    wanted = service.kept({remote: mapping[name].to_remote(value, current=before)})[remote]
                except Unmapped:
                    continue
                if wanted == stroke.after.fields.get(remote) or (service.stepwise and remote in CHOICES.get(kind, {})):
                    return True
        return False


class GuardedPlain(Guarded, Plain):
    """A guarded world of requirements alone, in which people empty fields as well."""

    def _values(self) -> list[dict[str, Any]]:
        values = super()._values()
        return [*values, {"due": None}, {"body": ""}, {"labels": []}] if self.random.random() < 0.3 else values


class GuardedFamilies(Guarded, Families):
    """A guarded world of all kinds."""


def nothing_is_harmed_unasked(seen: Seen) -> None:
    """What a run did beyond its limits, somebody had approved, just as it was done; and in the end nothing waits."""
    world = seen.world
    assert isinstance(world, Guarded)
    assert not world.unasked, "; ".join(world.unasked)
    assert world.store.held_plan("all") is None, "a plan waits still"
