"""Two services held in memory and a hub between them, for tests of the engine."""

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hub.app import Hub
from hub.config import load_config
from hub.model import Kind
from hub.store import Store
from hub.sync import Report
from hub.testing import MemoryService
from tests.unit.sync.connectors import REGISTRY


class Clock:
    """A clock that stands until it is told to go on."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def later(self, seconds: float = 60) -> None:
        self.at += timedelta(seconds=seconds)


@contextmanager
def hub_between(plugins: Mapping[str, str], sync: Mapping[str, Any], folder: Path, clock: Clock) -> Iterator[Hub]:
    """The hub, as one process has it, with one sync of services in memory; *plugins* has by name what speaks to each."""
    tables = {
        "connections": {name: {"plugin": plugin, "service": name} for name, plugin in plugins.items()},
        "syncs": sync,
    }
    file = folder / "hub.toml"
    file.write_text("\n".join(f"{name} = {toml(table)}" for name, table in tables.items()), encoding="utf-8")
    config = load_config(file, REGISTRY)
    hub = Hub(config, REGISTRY, Store.open(config.store), clock)
    try:
        yield hub
    finally:
        hub.close()


@dataclass
class Two:
    """Services `left` and `right`, kept one."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    spokes: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            name: {"requirement": {"originates": True, "creates": True}} for name in ("left", "right")
        }
    )
    rules: dict[str, str] = field(default_factory=dict)
    guard: dict[str, Any] = field(default_factory=dict)
    breaker: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.left = MemoryService("left", clock=self.clock, tells_history=True)
        self.right = MemoryService("right", clock=self.clock, tells_history=True)

    def hub(self) -> AbstractContextManager[Hub]:
        """The hub, as one process has it."""
        sync = {"spokes": self.spokes, "rules": self.rules, "guard": self.guard, "breaker": self.breaker}
        plugins = dict.fromkeys(["left", "right", *self.spokes], "memory")
        return hub_between(plugins, {"both": sync}, self.folder, self.clock)

    async def sync(self, **more: Any) -> Report:
        """One run, a minute after the last."""
        self.clock.later()
        with self.hub() as hub:
            return await hub.sync("both", **more)

    def shows(self, service: MemoryService, name: str = "title") -> list[Any]:
        """What every record of a service shows in one field."""
        return [state.fields.get(name) for state in service.present(Kind.REQUIREMENT)]


def toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def ends(report: Report, spoke: str) -> dict[str, int]:
    """How many records met each end, noughts left out."""
    return {e: n for e, n in report.spokes[spoke]["kinds"].get("requirement", {}).items() if n}
