"""Any number of services held in memory and a hub between them, for tests of what a run did and how it is taken back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.app import Hub
from hub.config import load_config
from hub.model import Kind
from hub.store import Store
from hub.sync import Report
from hub.sync.deeds import Choice
from hub.testing import MemoryService
from tests.unit.sync.two import REGISTRY, Clock, toml

BOTH_WAYS = {"originates": True, "creates": True}


@dataclass
class Many:
    """Services by name, kept one.

    Args:
        kinds: What each spoke does with each kind.
    """

    folder: Path
    names: Sequence[str] = ("left", "right")
    clock: Clock = field(default_factory=Clock)
    kinds: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.services = {name: MemoryService(name, clock=self.clock, tells_history=True) for name in self.names}
        for name in self.names:
            self.kinds.setdefault(name, {"requirement": dict(BOTH_WAYS)})

    def __getitem__(self, name: str) -> MemoryService:
        return self.services[name]

    @contextmanager
    def hub(self) -> Iterator[Hub]:
        """The hub, as one process has it."""
        tables = {
            "connections": {name: {"plugin": "memory", "service": name} for name in self.names},
            "syncs": {"all": {"spokes": self.kinds, "rules": self.rules}},
        }
        file = self.folder / "hub.toml"
        file.write_text("\n".join(f"{name} = {toml(table)}" for name, table in tables.items()), encoding="utf-8")
        config = load_config(file, REGISTRY)
        hub = Hub(config, REGISTRY, Store.open(config.store), self.clock)
        try:
            yield hub
        finally:
            hub.close()

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
