"""A desk at which a store is broken: two services in memory, the command line, and hands that break things."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner, Result

from hub.cli import cli
from hub.cli.session import Session
from hub.model import Kind
from hub.plugins import Registry
from hub.sdk.connector import KindSpec
from hub.testing.memory import MemoryConnector, MemoryService

BOTH = "{ originates = true, creates = true }"
SPOKE = "\n".join(f"{kind} = {BOTH}" for kind in ("requirement", "attachment"))
CONFIG = f"""
[hub]
store = "sqlite:///%s"

[connections.left]
plugin = "memory"
service = "left"

[connections.right]
plugin = "memory"
service = "right"

[syncs.delivery.spokes.left]
{SPOKE}

[syncs.delivery.spokes.right]
{SPOKE}
"""
Opening = Callable[[sqlite3.Connection], None]


class Roomy(MemoryConnector):
    """Takes files of any size."""

    kinds: ClassVar[Mapping[Kind, KindSpec]] = {
        **MemoryConnector.kinds,
        Kind.ATTACHMENT: replace(MemoryConnector.kinds[Kind.ATTACHMENT], largest=None),
    }


@dataclass
class Desk:
    """A folder with a configuration, and two services between which it keeps the peace."""

    folder: Path
    left: MemoryService = field(default_factory=lambda: MemoryService(name="left"))
    right: MemoryService = field(default_factory=lambda: MemoryService(name="right"))
    count: int = 0

    def __post_init__(self) -> None:
        self.file = self.folder / "hub.toml"
        self.store_at("hub.db")

    def store_at(self, place: str) -> None:
        """Keep the store elsewhere."""
        self.file.write_text(CONFIG % place, encoding="utf-8")
        self.store = self.folder / place

    def run(self, *arguments: str) -> Result:
        """`hub ARGUMENTS`."""
        session = Session(registry=Registry({"memory": Roomy}))
        return CliRunner().invoke(cli, ["--config", str(self.file), *arguments], obj=session, catch_exceptions=False)

    def works(self) -> None:
        """Somebody works in each service."""
        self.count += 1
        self.left.add(title=f"From left {self.count}", body="Please\n" * 40)
        self.right.add(title=f"From right {self.count}", body="If you can\n" * 40)

    def refused(self, *arguments: str) -> str:
        """What `hub ARGUMENTS` says when it could not run: one error, without a trace of the program's own."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == 3, result.output
        assert not any(word in result.output for word in ("Traceback", "Unexpected", "please report")), result.output
        error = json.loads(result.stdout)["error"]
        assert self.store.name in error["message"], error
        assert error["fix"], error
        return f"{error['message']}\n{error['fix']}"

    def all_is_well(self) -> None:
        """Everything is in both services, once, and there is nothing left to do; the memory is sound."""
        for _ in range(3):
            result = self.run("sync", "--json")
            assert result.exit_code == 0, result.output
        (report,) = json.loads(result.stdout)
        assert [spoke["writes"] for spoke in report["spokes"].values()] == [0, 0], report
        wanted = sorted(f"From {side} {n + 1}" for side in ("left", "right") for n in range(self.count))
        assert self.titles(self.left) == self.titles(self.right) == wanted
        assert json.loads(self.run("doctor", "--json").stdout) == {"ok": True, "findings": []}

    def titles(self, service: MemoryService) -> list[str]:
        """What is there, sorted."""
        return sorted(str(state.fields["title"]) for state in service.present(Kind.REQUIREMENT))

    def at_rest(self) -> bytes:
        """The database as one file, with all that was written."""
        with sqlite3.connect(self.store) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        return self.store.read_bytes()


@contextmanager
def opening(patch: pytest.MonkeyPatch, prepare: Opening) -> Iterator[None]:
    """Inside the block every database is opened with something done to it."""
    really = sqlite3.connect

    def opened(*arguments: Any, **more: Any) -> sqlite3.Connection:
        connection = really(*arguments, **more)
        prepare(connection)
        return connection

    with patch.context() as patched:
        patched.setattr(sqlite3, "connect", opened)
        yield


def pages(connection: sqlite3.Connection) -> int:
    """How many pages a database has."""
    return int(connection.execute("PRAGMA page_count").fetchone()[0])
