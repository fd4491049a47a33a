"""Two runs never share a store at the same time."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from hub.errors import StoreError
from hub.store.lock import only_one, only_one_now


async def at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


async def test_a_second_run_waits_and_then_says_that_another_goes_on(tmp_path: Path) -> None:
    store = str(tmp_path / "hub.db")
    async with only_one(store):
        with pytest.raises(StoreError, match="another run is still going on"):
            async with only_one(store, patience_s=1, sleep=at_once):
                pass
    async with only_one(store, patience_s=0):
        pass


async def test_who_waits_says_so_once_and_only_then(tmp_path: Path) -> None:
    store, said = str(tmp_path / "hub.db"), list[float]()
    async with only_one(store, waits=said.append):
        assert said == []
        with pytest.raises(StoreError):
            async with only_one(store, patience_s=1, sleep=at_once, waits=said.append):
                pass
        with pytest.raises(StoreError), only_one_now(store, patience_s=2, sleep=lambda _: None, waits=said.append):
            pass
    assert said == [1, 2]


async def test_what_waits_goes_on_as_soon_as_it_can(tmp_path: Path) -> None:
    store, slept = str(tmp_path / "hub.db"), list[float]()
    holder = only_one_now(store)
    holder.__enter__()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            holder.__exit__(None, None, None)

    with only_one_now(store, sleep=sleep):
        assert len(slept) == 3


async def test_the_lock_ends_with_the_process_that_holds_it(tmp_path: Path) -> None:
    store = str(tmp_path / "hub.db")
    holder = (
        "import asyncio, os, sys\nfrom hub.store.lock import only_one\n"
        "async def main():\n    async with only_one(sys.argv[1]):\n        os._exit(9)\nasyncio.run(main())\n"
    )
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", holder, store], check=False)
    assert done.returncode == 9
    async with only_one(store, patience_s=0):
        pass


async def test_two_tasks_take_turns(tmp_path: Path) -> None:
    store, order = str(tmp_path / "hub.db"), list[str]()

    async def turn(name: str) -> None:
        async with only_one(store, sleep=at_once):
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    await asyncio.gather(turn("a"), turn("b"))
    assert order == ["a begins", "a ends", "b begins", "b ends"]
