"""Our own clock was wrong for a while, and was set right: nothing waits for the time that it had been ahead."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.errors import AnswerLost, ServiceDown
from hub.mapping import Account
from hub.model import Kind
from hub.testing import Fault
from tests.unit.sync.many import Many
from tests.unit.sync.two import Two

ALL: dict[str, Any] = {kind.value: {"originates": True, "creates": True} for kind in Kind}
YEAR_S = 365 * 86_400


def wrong(world: Two | Many, seconds: float) -> None:
    """Our clock goes wrong by so many seconds; those of the services go on."""
    world.clock.later(seconds)
    for service in (world.left, world.right) if isinstance(world, Two) else world.services.values():
        service.clock = lambda clock=service.clock: clock() - timedelta(seconds=seconds)


async def test_a_comment_whose_answer_was_lost_is_not_said_twice(tmp_path: Path) -> None:
    two = Two(tmp_path, spokes={"left": {**ALL}, "right": {**ALL}})
    two.right.unmarked = frozenset({Kind.COMMENT})
    need = two.left.add(title="Export")
    await two.sync()
    two.left.say(need, "+1")
    two.right.faults.append(Fault("create", AnswerLost("gone"), after=True))
    two.right.faults.append(Fault("find", ServiceDown("down"), times=8))
    await two.sync()
    two.right.faults.clear()
    (said,) = two.right.present(Kind.COMMENT)
    two.right.edit(said.id, body="+1 from me")
    wrong(two, -600)
    await two.sync()
    assert len(two.right.present(Kind.COMMENT)) == 1


async def test_everything_is_read_in_full_again_before_a_year_is_over(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.right.tells_gone = False
    two.left.add(title="one")

    async def sync() -> None:
        two.clock.later()
        with two.hub() as hub:
            both = replace(hub.config.syncs["both"], full_every=timedelta(days=1))
            hub.config = replace(hub.config, syncs={"both": both})
            await hub.sync("both")

    wrong(two, YEAR_S)
    await sync()
    wrong(two, -YEAR_S)
    two.right.remove("1")
    await sync()
    with two.hub() as hub:
        assert {tie.state for tie in hub.store.bindings_of(["REQ-1"])["REQ-1"]} == {"bound", "deleted"}


async def test_who_is_who_is_asked_again_before_a_year_is_over(tmp_path: Path) -> None:
    two = Two(tmp_path)
    zoe, shown = Account("zoe", "Zoe", "zoe@example.com"), {"id": "zoe", "name": "Zoe", "email": "zoe@example.com"}
    two.left.people = (*two.left.people, zoe)
    wrong(two, YEAR_S)
    two.left.add(title="one", assignees=[shown])
    await two.sync()
    assert two.right.calls["describe"] == 1
    wrong(two, -YEAR_S)
    two.right.people = (*two.right.people, zoe)
    two.left.add(title="two", assignees=[shown])
    await two.sync()
    assert "zoe" in str(two.shows(two.right, "assignees"))


async def test_what_was_said_in_a_wrong_year_is_told_after_a_quiet_while(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.spokes["right"]["quiet"] = "15m"
    one = two.left.add(title="one")
    await two.sync()
    wrong(two, YEAR_S)
    two.left.edit(one, title="two")
    await two.sync()
    assert two.shows(two.right) == ["one"]
    wrong(two, -YEAR_S)
    two.clock.later(1800)
    await two.sync()
    assert two.shows(two.right) == ["two"]


async def test_writes_of_a_wrong_year_are_not_of_late(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.left.add(title="Zero")
    await two.sync()
    wrong(two, YEAR_S)
    for number in range(8):
        two.right.edit("1", title=f"Right {number}")
        await two.sync()
    wrong(two, -YEAR_S)
    two.right.edit("1", title="Last")
    await two.sync()
    assert two.shows(two.left) == ["Last"]


async def test_another_try_in_a_wrong_year_does_not_have_a_fight_go_on(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.left.add(title="Zero")

    async def fight() -> int:
        writes = 0
        for number in range(12):
            two.right.edit("1", title=f"{two.clock.at.year} {number}")
            writes += (await two.sync()).writes
        return writes

    await two.sync()
    wrong(two, YEAR_S)
    assert await fight() == 8
    with two.hub() as hub:
        assert hub.retry("REQ-1")
    wrong(two, -YEAR_S)
    assert await fight() <= 9


async def test_an_undo_leaves_a_copy_that_was_worked_on_since_whatever_the_time(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.left.add(title="one")
    run = (await two.sync()).run
    wrong(two, -600)
    two.right.edit("1", title="two")
    await two.sync()
    two.left.edit("1", title="three")
    await two.sync()
    with two.hub() as hub:
        await hub.undo(run)
    assert two.shows(two.right) == ["three"]


async def test_an_undo_takes_back_what_a_later_run_had_brought_whatever_the_time(tmp_path: Path) -> None:
    many = Many(tmp_path, ("left", "mid", "right"))
    many["left"].add(title="One", due="2026-01-01")
    await many.sync()
    many["left"].edit("1", due="2026-02-02")
    many["right"].faults.append(Fault("open", ServiceDown("down")))
    run = (await many.sync()).run
    wrong(many, -600)
    await many.sync()
    assert many.shows("due") == {name: ["2026-02-02"] for name in many.names}
    with many.hub() as hub:
        await hub.undo(run)
    assert many.shows("due") == {"left": ["2026-02-02"], "mid": ["2026-01-01"], "right": ["2026-01-01"]}


@pytest.mark.parametrize("back_s", [0, 600])
async def test_a_comment_since_beats_a_delete_whatever_the_time(tmp_path: Path, back_s: float) -> None:
    names = ("left", "mid", "right")
    many = Many(tmp_path, names, kinds={name: dict(ALL) for name in names})
    many.kinds["right"]["on_delete"] = "delete"
    need = many["left"].add(title="One")
    await many.sync()
    many["mid"].faults.append(Fault("open", ServiceDown("down"), times=2))
    many["right"].remove("1")
    await many.sync()
    wrong(many, -back_s)
    many["left"].say(need, "We need this")
    await many.sync()
    await many.sync()
    assert many.shows() == {"left": ["One"], "mid": ["One"], "right": []}
