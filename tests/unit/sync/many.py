"""Any number of services held in memory and a hub between them, for tests of what a run did and how it is taken back."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.app import Hub
from hub.model import Kind
from hub.sync import Report
from hub.sync.deeds import Choice
from hub.testing import MemoryService
from tests.unit.sync.two import Clock, hub_between

BOTH_WAYS = {"originates": True, "creates": True}


@dataclass
class Many:
    """Services by name, kept one.

    Args:
        kinds: What each spoke does with each kind.
        plugins: What speaks to a service, if that is not the connector of services in memory.
    """

    folder: Path
    names: Sequence[str] = ("left", "right")
    clock: Clock = field(default_factory=Clock)
    kinds: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    plugins: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.services = {name: MemoryService(name, clock=self.clock, tells_history=True) for name in self.names}
        for name in self.names:
            self.kinds.setdefault(name, {"requirement": dict(BOTH_WAYS)})

    def __getitem__(self, name: str) -> MemoryService:
        return self.services[name]

    def hub(self) -> AbstractContextManager[Hub]:
        """The hub, as one process has it."""
        plugins = {name: self.plugins.get(name, "memory") for name in self.names}
        return hub_between(plugins, {"all": {"spokes": self.kinds, "rules": self.rules}}, self.folder, self.clock)

    async def sync(self, **more: Any) -> Report:
        """One run, a minute after the last."""
        self.clock.later()
        with self.hub() as hub:
            return await hub.sync("all", **more)

    async def undo(self, run: str | Report, *, everywhere: bool = False, dry_run: bool = False, **part: Any) -> Report:
        """Take back a run, a minute after the last."""
        self.clock.later()
        name = run.run if isinstance(run, Report) else run
        with self.hub() as hub:
            return await hub.undo(name, choice=Choice(**part), everywhere=everywhere, dry_run=dry_run)

    async def resolve(self, hold: str, **how: Any) -> None:
        """A person decides, and the decision is spread."""
        self.clock.later()
        with self.hub() as hub:
            await hub.spread(hub.resolve(hold, **how)["key"])

    def holds(self) -> list[dict[str, Any]]:
        """What waits for a person."""
        with self.hub() as hub:
            return hub.conflicts()

    def value(self, key: str, name: str) -> Any:
        """What the hub holds."""
        with self.hub() as hub:
            return hub.detail(key)["fields"][name]

    def shows(self, name: str = "title", kind: Kind = Kind.REQUIREMENT) -> dict[str, list[Any]]:
        """By service: what every record shows in one field."""
        return {at: [each.fields.get(name) for each in s.present(kind)] for at, s in self.services.items()}

    def snapshot(self) -> dict[str, dict[str, Any]]:
        """By service and id: everything that every record shows; what is empty is left out."""
        return {
            at: {
                each.id: {n: v for n, v in each.fields.items() if v is not None} for k in Kind for each in s.present(k)
            }
            for at, s in self.services.items()
        }

    async def is_quiet(self) -> bool:
        """Whether neither of two further runs, one of them full, writes anything."""
        return [(await self.sync(full=full)).writes for full in (False, True)] == [0, 0]


def messages(report: Report) -> str:
    """What a report says went wrong, a line each."""
    return "\n".join(str(problem["message"]) for problem in report.problems)


async def clash(two: Many) -> Report:
    """Two clashing due dates and a new title; the run that settles them."""
    two["left"].add(title="One", due="2026-01-01")
    await two.sync()
    two.clock.later()
    two["left"].edit("1", due="2026-02-02", title="Uno")
    two.clock.later(5)
    two["right"].edit("1", due="2026-03-03", by="bo")
    return await two.sync()


async def edited(many: Many, first: dict[str, Any], **edits: dict[str, Any]) -> Report:
    """One requirement everywhere, then edits by service, a second apart, then the run that brings them together."""
    many[many.names[0]].add(**{"title": "One", **first})
    await many.sync()
    many.clock.later()
    for name, fields in edits.items():
        many.clock.later(5)
        many[name].edit("1", by="bo" if name == "right" else "ann", **fields)
    return await many.sync()
