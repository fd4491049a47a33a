"""Without a secret nobody signs in anywhere; whatever is only asked of the hub's own database is answered all the same."""

import sqlite3
from contextlib import closing
from typing import Any, ClassVar

import pytest

from hub.plugins import Registry
from hub.sdk import ConnectionConfig, Secret
from hub.testing.memory import MemoryConnector

Office = Any

SECRETS = ("LEFT_KEY", "RIGHT_KEY")


class Guarded(MemoryConnector):
    """The service in memory, with a secret."""

    name: ClassVar[str] = "guarded"

    class Config(ConnectionConfig):
        """A connection."""

        service: str
        key: Secret
        token: str = "good"


@pytest.fixture
def waiting(office: Office, with_conflict: Any, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office in which H-1 waits for a person, and whose secrets have been forgotten since."""
    office.registry = Registry({"guarded": Guarded})
    text = office.file.read_text(encoding="utf-8")
    for side, secret in zip(("left", "right"), SECRETS, strict=True):
        key = f'plugin = "guarded"\nkey = {{ env = "{secret}" }}\nservice = "{side}"'
        text = text.replace(f'plugin = "memory"\nservice = "{side}"', key)
        monkeypatch.setenv(secret, "hush")
    office.file.write_text(text, encoding="utf-8")
    assert with_conflict() == "H-1"
    for secret in SECRETS:
        monkeypatch.delenv(secret)
    return office


def _kept(waiting: Office) -> list[str]:
    """Everything that the hub's database holds."""
    with closing(sqlite3.connect(waiting.folder / "hub.db")) as database:
        return list(database.iterdump())


@pytest.mark.parametrize(
    "command",
    ["status", "list", "show REQ-1", "history REQ-1", "history --verify", "blame REQ-1", "conflicts", "doctor"],
)
def test_what_is_only_looked_at_needs_no_secret(waiting: Office, command: str) -> None:
    result = waiting.run(*command.split())
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    "command", ["sync", "sync --dry-run", "undo R-1", "undo R-1 --dry-run", "match delivery", "link REQ-1 left 1"]
)
def test_what_signs_in_names_every_secret_that_is_not_there_and_does_nothing(waiting: Office, command: str) -> None:
    before = _kept(waiting)
    result = waiting.run(*command.split())
    assert result.exit_code == 2
    needed = SECRETS[:1] if command.startswith("link") else SECRETS
    assert all(f"the environment variable {name} is not set" in result.output for name in needed)
    assert _kept(waiting) == before


def test_a_decision_stands_and_says_what_it_needs_to_be_spread(waiting: Office) -> None:
    result = waiting.run("resolve", "H-1", "--take", "left")
    assert result.exit_code == 0
    assert "Not everywhere yet" in result.output
    assert "RIGHT_KEY is not set" in result.output
    assert "Nothing waits" in waiting.run("conflicts").output


def test_check_tells_every_secret_that_is_not_there(waiting: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    found = waiting.json("check", code=2)
    told = {finding["where"]: finding["message"] for finding in found["findings"] if finding["level"] == "error"}
    assert told == {
        f"connections.{side}.key": f"the environment variable {name} is not set"
        for side, name in zip(("left", "right"), SECRETS, strict=True)
    }
    monkeypatch.setenv("LEFT_KEY", "hush")
    assert waiting.json("check", "--live", code=2)["connections"].keys() == {"left"}
