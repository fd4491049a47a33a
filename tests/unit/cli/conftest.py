"""An office for the tests of commands: a configuration, two services in memory, and the command line."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hub.cli import cli
from hub.cli.session import Session
from hub.plugins import Registry
from hub.testing.memory import MemoryConnector, MemoryService

CONFIG = """
[connections.left]
plugin = "memory"
service = "left"

[connections.right]
plugin = "memory"
service = "right"

[syncs.delivery.spokes.left]
requirement = { originates = true, creates = true }

[syncs.delivery.spokes.right]
requirement = { originates = true, creates = true }

[syncs.delivery.rules]
due = "ask"
"""


@dataclass
class Office:
    """A folder with a configuration, two services, and the command line."""

    folder: Path
    left: MemoryService = field(default_factory=lambda: MemoryService(name="left"))
    right: MemoryService = field(default_factory=lambda: MemoryService(name="right"))
    registry: Registry = field(default_factory=lambda: Registry({"memory": MemoryConnector}))

    def __post_init__(self) -> None:
        self.file = self.folder / "hub.toml"
        self.file.write_text(CONFIG, encoding="utf-8")

    def run(self, *arguments: str, text: str | None = None) -> Result:
        """`hub ARGUMENTS`, in this office."""
        session = Session(registry=self.registry)
        given = ["--config", str(self.file), *arguments]
        return CliRunner().invoke(cli, given, obj=session, input=text, catch_exceptions=False)

    def json(self, *arguments: str, code: int = 0) -> Any:
        """What `hub ARGUMENTS --json` prints."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def with_conflict(office: Office) -> Callable[[], str]:
    """Make two people disagree about a due date; the hold's id."""

    def disagree() -> str:
        office.left.add(title="Login page", due="2026-01-01")
        office.json("sync")
        office.left.edit("1", due="2026-02-02")
        office.right.edit("1", due="2026-03-03")
        office.json("sync", code=1)
        (hold,) = office.json("conflicts")
        return str(hold["id"])

    return disagree
