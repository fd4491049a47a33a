"""`kill -9` at every moment of a sync: afterwards nothing is lost, nothing is there twice, and all copies are equal."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.gates import Aim
from tests.e2e.killing import kills_wanted, office

WORLD = 40
"""Most kills before everything is looked at."""
EVERY = 9
"""A first sync is killed at one of so many statements; with `make kill-test`, at each."""


def worlds() -> list[tuple[int, int]]:
    """Seeds, and how many processes are killed under each."""
    wanted = kills_wanted()
    return [(n + 1, min(WORLD, wanted - n * WORLD)) for n in range(-(-wanted // WORLD))]


@pytest.mark.parametrize("faults", [False, True], ids=["healthy", "faulty"])
@pytest.mark.parametrize(("seed", "kills"), worlds())
def test_whenever_a_sync_is_killed_nothing_is_lost_and_nothing_is_double(
    tmp_path: Path, seed: int, kills: int, faults: bool
) -> None:
    with office(tmp_path, seed) as room:
        room.team.work(4)
        try:
            room.faulty = faults
            room.trouble(kills)
            room.all_is_well()
        finally:
            sys.stdout.write(f"{dict(room.kills)}, spared {room.spared}\n" + "\n".join(room.told))


def test_a_first_sync_that_is_killed_while_it_makes_its_store_is_completed_by_the_next(tmp_path: Path) -> None:
    with office(tmp_path, 1) as room:
        step = EVERY if kills_wanted() < WORLD else 1
        for statement in range(1, 1000, step):
            room.write_config(f"store-{statement}.db", names=("jira", "trello"))
            ended = room.hub("sync", statement=statement)
            if not ended.killed:
                break
            looked = room.hub("doctor", "--json")
            assert looked.code == 0, f"killed at statement {statement}: {looked}"
        assert statement > 50, "the schema has more statements than that"
        assert ended.code == 0, ended.errors
        room.write_config()
        room.team.work(6)
        for commit in (1, 2, 3):
            assert room.hub("sync", commit=commit).killed
        room.all_is_well()


def test_two_syncs_at_once_take_turns_and_the_second_goes_on_when_the_first_is_killed(tmp_path: Path) -> None:
    with office(tmp_path, 2) as room:
        room.team.work(6)
        first = room.nursery.start(room.orders("sync"))
        room.door.await_(first, Aim(2, writes=True, moment="held"))
        assert room.door.holding.wait(30)
        hasty = room.nursery.run(room.orders("sync", "--json"))
        assert hasty.code == 3
        assert "another run is still going on" in json.loads(hasty.output)["error"]["message"]
        patient = room.nursery.start(room.orders("sync", "--json", patient=True))
        os.kill(first, signal.SIGKILL)
        room.door.let_go.set()
        assert room.nursery.wait(first).killed
        ended = room.nursery.wait(patient)
        room.door.rest()
        assert (ended.code, json.loads(ended.output)[0]["outcome"]) == (0, "done")
        room.all_is_well()


def test_the_command_itself_is_killed_from_outside_while_it_starts_and_works(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "from hub.cli import main; main()", "sync", "--json"]
    with office(tmp_path, 3) as room:
        chance, ends = random.Random(3), []
        for _ in range(3 if kills_wanted() < WORLD else 30):
            room.team.work(3)
            secrets = room.orders().environment
            with subprocess.Popen(
                program, cwd=tmp_path, env={**os.environ, **secrets}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            ) as child:
                room.door.await_(child.pid, None)
                try:
                    child.wait(chance.uniform(0.3, 1.6))
                except subprocess.TimeoutExpired:
                    os.kill(child.pid, signal.SIGKILL)
                ends.append(child.wait())
            room.door.rest()
        assert -signal.SIGKILL in ends
        assert set(ends) <= {-signal.SIGKILL, 0}
        room.all_is_well()
