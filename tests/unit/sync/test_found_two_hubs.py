"""Two processes on one store at the same time."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from hub.testing import MemoryConnector
from tests.unit.sync.two import Two


async def test_two_runs_at_once_make_no_twins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two, create = Two(tmp_path), MemoryConnector.create

    async def slow(self: MemoryConnector, *given: Any) -> Any:
        for _ in range(100):
            await asyncio.sleep(0)
        return await create(self, *given)

    monkeypatch.setattr(MemoryConnector, "create", slow)
    for number in range(4):
        two.left.add(title=f"T{number}")
    with two.hub() as one, two.hub() as other:
        await asyncio.gather(one.sync("both"), other.sync("both"), return_exceptions=True)
    for _ in range(2):
        await two.sync()
    assert sorted(two.shows(two.right)) == ["T0", "T1", "T2", "T3"]
