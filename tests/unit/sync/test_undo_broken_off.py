"""An undo that breaks off, or is not answered: it gets to its end, and nothing half undone is anybody's edit or deletion."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.errors import AnswerLost, ServiceDown, Transient
from hub.model import Kind
from hub.testing import Fault
from tests.unit.sync.many import BOTH_WAYS, Many, clash, messages


class Crash(BaseException):
    """The process ends here."""


@pytest.fixture
def two(tmp_path: Path) -> Many:
    return Many(tmp_path)


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("synced", [True, False])
async def test_the_same_undo_finishes_what_a_crash_broke_off(two: Many, after: bool, skip: int, synced: bool) -> None:
    for title in ("One", "Other"):
        two["left"].add(title=title, due="2026-01-01")
    await two.sync()
    before = two.snapshot()["right"]
    two.clock.later()
    for id_ in ("1", "2"):
        two["left"].edit(id_, due="2026-02-02")
    run = await two.sync()
    two["right"].faults.append(Fault("update", Crash(), after=after, skip=skip))
    with pytest.raises(BaseException):  # noqa: B017, PT011 - a task group wraps it
        await two.undo(run)
    if synced:
        await two.sync()
    await two.undo(run)
    assert two.snapshot()["right"] == before
    assert two.shows("due")["left"] == ["2026-02-02"] * 2
    assert len(two.holds()) == 2
    assert await two.is_quiet()


@pytest.mark.parametrize("after", [True, False])
async def test_a_crash_loses_nothing_that_a_rule_had_overruled(two: Many, after: bool) -> None:
    run = await clash(two)
    two["left"].faults.append(Fault("update", Crash(), after=after))
    with pytest.raises(BaseException):  # noqa: B017, PT011 - a task group wraps it
        await two.undo(run)
    await two.undo(run)
    assert two.shows("due") == {"left": ["2026-02-02"], "right": ["2026-03-03"]}
    assert await two.is_quiet()


def _bodies(two: Many) -> dict[str, str]:
    """By service: the words of its one record."""
    return {name: " ".join(shown.split()) for name, (shown,) in two.shows("body").items()}


@pytest.mark.parametrize("take", ["left", "right", "hub", None])
@pytest.mark.parametrize("after", [True, False])
async def test_after_a_crash_a_conflict_tells_what_each_copy_goes_back_to(
    two: Many, take: str | None, after: bool
) -> None:
    """Whether it is settled before or after the writes that broke off: what the copies still show is nobody's edit."""
    two["left"].add(title="One", body="first\n")
    await two.sync()
    two.clock.later()
    two["left"].edit("1", body="first\n\nleft\n")
    two["right"].edit("1", body="right\n\nfirst\n", by="bo")
    run = await two.sync()
    assert _bodies(two) == dict.fromkeys(("left", "right"), "right first left")
    two["left"].faults.append(Fault("update", Crash(), after=after))
    two["right"].faults.append(Fault("update", Crash(), after=after))
    with pytest.raises(BaseException):  # noqa: B017, PT011 - a task group wraps it
        await two.undo(run)
    wanted = {"left": "first left", "right": "right first", "hub": "first"}
    if take:
        (hold,) = two.holds()
        with two.hub() as hub:
            hub.resolve(hold["id"], take=take)
        await two.sync()
        assert _bodies(two) == dict.fromkeys(("left", "right"), wanted[take])
    else:
        await two.sync()
        await two.undo(run)
        assert _bodies(two) == {name: wanted[name] for name in ("left", "right")}
        assert len(two.holds()) == 1
    assert await two.is_quiet()


@pytest.mark.parametrize(
    ("error", "after"), [(AnswerLost("gone"), True), (AnswerLost("gone"), False), (Transient("later"), False)]
)
async def test_an_answer_that_was_lost_leaves_nothing_half_undone(two: Many, error: Exception, after: bool) -> None:
    run = await clash(two)
    for name in ("left", "right"):
        two[name].faults.append(Fault("update", error, after=after))
    assert (await two.undo(run)).outcome == "problems"
    await two.sync()
    await two.undo(run)
    assert two.shows("due")["right"] == ["2026-03-03"]
    assert two.shows("title") == {"left": ["Uno"], "right": ["One"]}
    assert two.shows("due")["left"] == ["2026-02-02"]
    assert await two.is_quiet()


async def test_a_crash_between_the_deletions_is_finished_too(two: Many) -> None:
    for title in ("One", "Other"):
        two["left"].add(title=title)
    run = await two.sync()
    two["right"].faults.append(Fault("delete", Crash(), after=True, skip=1))
    with pytest.raises(BaseException):  # noqa: B017, PT011 - a task group wraps it
        await two.undo(run)
    await two.undo(run)
    assert (two.shows(), await two.is_quiet()) == ({"left": ["One", "Other"], "right": []}, True)


async def test_what_belongs_to_a_copy_goes_first_and_it_stays_until_that_is_gone(tmp_path: Path) -> None:
    family = Many(tmp_path, kinds={name: {kind.value: BOTH_WAYS for kind in Kind} for name in ("left", "right")})
    family["left"].say(family["left"].add(title="One"), "Well said")
    run = await family.sync()
    family["right"].faults.append(Fault("delete", AnswerLost("gone")))
    await family.undo(run)
    assert [len(family["right"].present(kind)) for kind in (Kind.COMMENT, Kind.REQUIREMENT)] == [1, 1]
    await family.undo(run)
    assert [len(family["right"].present(kind)) for kind in (Kind.COMMENT, Kind.REQUIREMENT)] == [0, 0]
    assert await family.is_quiet()


@pytest.mark.parametrize("policy", ["delete", "close", "recreate", "unlink"])
@pytest.mark.parametrize(("error", "after"), [(Crash(), True), (AnswerLost("gone"), True), (AnswerLost("gone"), False)])
@pytest.mark.parametrize("again", [True, False])
async def test_what_an_undo_deletes_without_an_answer_is_nobodys_deletion(
    two: Many, policy: str, error: BaseException, after: bool, again: bool
) -> None:
    two.kinds["right"]["on_delete"] = policy
    two["left"].add(title="One", status="In Progress")
    run = await two.sync()
    two["right"].faults.append(Fault("delete", error, after=after))
    with contextlib.suppress(BaseExceptionGroup):
        await two.undo(run)
    if again:
        await two.undo(run)
        assert two.shows()["right"] == []
    for _ in range(2):
        await two.sync(full=True)
    there = ["In Progress"] if not (again or after) else []
    assert two.shows("status") == {"left": ["In Progress"], "right": there}
    assert await two.is_quiet()
    if there:
        two["left"].edit("1", title="Uno")
        await two.sync()
        assert two.shows()["right"] == ["Uno"], "what is still there is kept in step"
    if again:
        await two.undo("R-3")
        assert two.shows("status")["right"] == ["In Progress"], "what an undo deleted can be brought back as well"


@pytest.mark.parametrize(
    "fault", [lambda: Fault("open", ServiceDown("away")), lambda: Fault("fetch", ServiceDown("x"))]
)
async def test_what_a_failing_service_holds_is_taken_back_once_it_is_there_again(
    two: Many, fault: Callable[[], Fault]
) -> None:
    run = await clash(two)
    before = two.snapshot()
    two["right"].faults.append(fault())
    report = await two.undo(run)
    assert (report.outcome, two.snapshot(), two.holds()) == ("problems", before, [])
    assert "is not taken back while that connection fails" in messages(report)
    await two.undo(run)
    assert two.shows("due") == {"left": ["2026-02-02"], "right": ["2026-03-03"]}


async def test_a_copy_that_is_gone_is_listed_and_stops_nothing(two: Many) -> None:
    two["left"].add(title="Second")
    run = await clash(two)
    two["right"].remove("1")
    report = await two.undo(run)
    assert "1 is no copy of it any more: nothing is set back there" in messages(report)


async def test_a_list_that_lags_brings_back_no_older_state_than_the_one_that_waits(two: Many) -> None:
    """What came of a write without an answer was looked at by the undo, and is judged by the next run."""
    two["left"].add(title="One")
    await two.sync()
    two["right"].tells_history = True
    two.clock.later(400)
    two["left"].edit("1", title="Uno")
    two["right"].faults.append(Fault("update", AnswerLost("gone"), after=True))
    two["right"].faults.append(Fault("fetch", ServiceDown("away"), skip=1, times=3))
    run = await two.sync()
    two["right"].faults.clear()
    two.clock.later(20)
    two["right"].edit("1", title="Eins", by="bo")
    await two.undo(run, everywhere=True)
    two["right"].lag_s = 130  # the next run, two minutes after the edit, is shown what the lost write did
    for _ in range(2):
        await two.sync()
    with two.hub() as hub:
        told = [(event["new"], event["who"]) for event in hub.store.history("REQ-1", "title")]
    assert told[:2] == [("One", "Ann"), ("Uno", "Ann")]
    assert told[3:] == [("Eins", "Bo")], told
    assert two.shows() == {"left": ["Eins"], "right": ["Eins"]}
