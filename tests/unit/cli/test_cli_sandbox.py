"""`hub sandbox`: one line when it is ready, and a clean end."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.plugins import discover

Office = Any


def some_sandbox() -> str:
    """Any installed connector that brings one."""
    found = [name for name, connector in sorted(discover().connectors.items()) if connector.sandbox() is not None]
    if not found:
        pytest.skip("no connector with a sandbox is installed")
    return found[0]


@contextmanager
def served(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-c", "from hub.cli import main; main()", "sandbox", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_how_to_use_it_and_ends_well(number: signal.Signals) -> None:
    with served(some_sandbox(), "--seed", "3") as (process, ready):
        assert set(ready) == {"name", "url", "environment", "connection", "people"}
        assert httpx.get(f"{ready['url']}/_sandbox/calls").json()["total"] == 0
        process.send_signal(number)
        assert process.wait(timeout=10) == 0


def test_a_port_in_use_is_told_in_words() -> None:
    name = some_sandbox()
    with served(name) as (_, ready):
        port = ready["url"].rpartition(":")[2]
        second = subprocess.run(
            [sys.executable, "-c", "from hub.cli import main; main()", "sandbox", name, "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )
    assert second.returncode == 3
    assert f"port {port} cannot be used" in second.stderr


def test_what_brings_no_sandbox_is_a_usage_error(office: Office) -> None:
    assert "brings no sandbox" in office.run("sandbox", "memory").stderr
    assert "there is no connector" in office.run("sandbox", "nothing").stderr


@pytest.mark.parametrize("content", ["{", '{"nothing": "of the kind"}'])
def test_a_file_that_is_no_export_is_a_usage_error(office: Office, tmp_path: Path, content: str) -> None:
    file = tmp_path / "bad.json"
    file.write_text(content)
    office.registry = discover()
    result = office.run("sandbox", some_sandbox(), "--load", str(file))
    assert result.exit_code == 2
    assert "cannot be loaded" in result.stderr
