"""Copies that a run made or deleted, runs that are undone twice, and on paper."""

from pathlib import Path
from typing import Any

import pytest

from hub.errors import AnswerLost, Refused, ServiceDown
from hub.model import Kind
from hub.sdk.records import Absence
from hub.testing import Fault
from tests.unit.sync.many import BOTH_WAYS, Many, clash, messages

FAMILY: dict[str, Any] = {kind.value: BOTH_WAYS for kind in Kind}


class Crash(BaseException):
    """The process ends here."""


@pytest.fixture
def two(tmp_path: Path) -> Many:
    return Many(tmp_path)


@pytest.fixture
def family(tmp_path: Path) -> Many:
    """Two services that hold everything."""
    return Many(tmp_path, kinds={name: dict(FAMILY) for name in ("left", "right")})


# Copies that the run made.


async def test_a_copy_that_nobody_touched_is_deleted_and_not_made_again(two: Many) -> None:
    two["left"].add(title="One")
    run = await two.sync()
    report = await two.undo(run)
    assert two.shows() == {"left": ["One"], "right": []}
    assert (report.outcome, report.writes) == ("done", 1)
    assert await two.is_quiet()
    assert two.value("REQ-1", "title") == "One"


async def test_an_undo_of_that_undo_makes_it_again(two: Many) -> None:
    two["left"].add(title="One")
    undo = await two.undo(await two.sync())
    report = await two.undo(undo)
    assert two.shows() == {"left": ["One"], "right": ["One"]}
    assert (report.outcome, await two.is_quiet()) == ("done", True)
    await two.undo(report)
    assert (two.shows()["right"], await two.is_quiet()) == ([], True)


@pytest.mark.parametrize("synced", [True, False])
async def test_a_copy_that_somebody_worked_on_is_left_and_listed(two: Many, synced: bool) -> None:
    two["left"].add(title="One")
    run = await two.sync()
    two.clock.later()
    two["right"].edit("1", note="mine", labels=["x"])
    if synced:
        await two.sync()
    report = await two.undo(run)
    assert "is left there: somebody has worked on it since" in messages(report)
    assert (report.outcome, len(two.shows()["right"])) == ("problems", 1)
    assert await two.is_quiet() or not synced


async def test_a_copy_that_has_got_a_comment_since_is_left_though_nobody_has_spread_that_yet(family: Many) -> None:
    family["left"].add(title="One")
    run = await family.sync()
    family.clock.later()
    (copy,) = family["right"].present(Kind.REQUIREMENT)
    family["right"].say(copy.id, "Just seen this", by="bo")
    report = await family.undo(run)
    assert "something belongs to it by now" in messages(report)
    assert len(family.shows()["right"]) == 1
    await family.sync()
    assert family.shows("body", Kind.COMMENT)["left"] == ["Just seen this"]


async def test_a_copy_that_is_hidden_for_a_while_is_left_and_told_of(two: Many) -> None:
    two["left"].add(title="One")
    run = await two.sync()
    two["right"].remove("1", why=Absence.HIDDEN)
    report = await two.undo(run)
    assert "is left there: it cannot be seen there at the moment" in messages(report)
    del two["right"].absent["1"]
    two["left"].edit("1", title="Uno")
    await two.sync()
    assert two.shows() == {"left": ["Uno"], "right": ["Uno"]}


async def test_children_are_deleted_before_what_they_belong_to(family: Many) -> None:
    need = family["left"].add(title="One")
    family["left"].say(need, "When?")
    family["left"].attach(need, "a.txt", b"abc")
    run = await family.sync()
    report = await family.undo(run)
    assert [family.shows("body", Kind.COMMENT)["right"], family.shows()["right"]] == [[], []]
    assert (report.outcome, report.writes, await family.is_quiet()) == ("done", 3, True)
    again = await family.undo(report)
    assert family.shows("body", Kind.COMMENT)["right"] == ["When?"]
    assert (again.outcome, again.writes, await family.is_quiet()) == ("done", 3, True)


async def test_a_service_that_refuses_to_delete_is_told_and_the_copy_stays_in_step(two: Many) -> None:
    two["left"].add(title="One")
    run = await two.sync()
    two["right"].faults.append(Fault("delete", Refused("not yours")))
    report = await two.undo(run)
    assert "cannot be deleted: not yours" in messages(report)
    assert (report.outcome, two.shows()["right"]) == ("problems", ["One"])
    assert (await two.undo(run)).outcome == "done"
    assert two.shows()["right"] == []


async def test_a_contact_that_is_added_where_its_copy_was_taken_back_is_the_same_one(family: Many) -> None:
    family["left"].add(Kind.CONTACT, name="Ana", email="ana@example.com")
    await family.undo(await family.sync())
    family["right"].add(Kind.CONTACT, name="Ana", email="Ana@Example.com")
    await family.sync()
    with family.hub() as hub:
        assert len(hub.listing("contact")) == 1
    assert {name: len(family[name].present(Kind.CONTACT)) for name in family.names} == {"left": 1, "right": 1}
    assert await family.is_quiet()


async def test_a_reference_goes_back_to_the_copy_that_was_made_again(family: Many) -> None:
    need = family["left"].add(title="One")
    await family.sync()
    (copy,) = family["right"].present(Kind.REQUIREMENT)
    ana = family["right"].add(Kind.CONTACT, name="Ana", email="ana@example.com")
    family["right"].edit(copy.id, requester=ana)
    run = await family.sync()
    (first,) = family["left"].present(Kind.CONTACT)
    undo = await family.undo(run, everywhere=True)
    assert family["left"].state(need).fields.get("requester") is None
    assert family["left"].present(Kind.CONTACT) == []
    await family.undo(undo)
    await family.sync()
    (again,) = family["left"].present(Kind.CONTACT)
    assert again.id != first.id
    assert family["left"].state(need).fields["requester"] == again.id
    assert family["right"].state(copy.id).fields["requester"] == ana
    assert await family.is_quiet()


async def test_a_reference_to_a_copy_that_is_taken_back_is_kept_here_and_is_nobodys_edit(family: Many) -> None:
    ana = family["left"].add(Kind.CONTACT, name="Ana", email="ana@example.com")
    need = family["left"].add(title="One", requester=ana)
    family["right"].faults.append(Fault("create", AnswerLost("gone")))
    family["right"].faults.append(Fault("find", ServiceDown("away")))
    await family.sync()
    family["right"].faults.clear()
    run = await family.sync()
    for copy in family["right"].present(Kind.REQUIREMENT):
        assert copy.fields["requester"]
    await family.undo(run)
    for _ in range(2):
        await family.sync()
    assert family["left"].state(need).fields["requester"] == ana
    assert family.value("REQ-1", "requester") == "CON-1"
    assert await family.is_quiet()


# Copies that the run deleted.


async def test_a_comment_that_the_run_deleted_is_made_again(family: Many) -> None:
    need = family["left"].add(title="One")
    said = family["left"].say(need, "Oops")
    await family.sync()
    family["left"].remove(said)
    run = await family.sync()
    assert family.shows("body", Kind.COMMENT)["right"] == []
    report = await family.undo(run)
    assert family.shows("body", Kind.COMMENT) == {"left": [], "right": ["Oops"]}
    assert (report.outcome, await family.is_quiet()) == ("done", True)
    with family.hub() as hub:
        assert len(hub.listing("comment")) == 1
    await family.undo(report)
    assert (family.shows("body", Kind.COMMENT)["right"], await family.is_quiet()) == ([], True)
    with family.hub() as hub:
        assert hub.listing("comment") == []


@pytest.mark.parametrize("policy", ["delete", "close"])
async def test_what_followed_elsewhere_from_a_deletion_is_taken_back(two: Many, policy: str) -> None:
    two.kinds["left"]["on_delete"] = policy
    one = two["left"].add(title="One")
    await two.sync()
    two.clock.later()
    two["left"].remove(one)
    run = await two.sync()
    after = two.shows("status")
    assert after == {"left": [], "right": [] if policy == "delete" else ["Rejected"]}
    report = await two.undo(run)
    assert (two.shows("status"), report.outcome) == ({"left": [], "right": ["New"]}, "done")
    assert await two.is_quiet()
    await two.undo(report)
    assert (two.shows("status"), await two.is_quiet()) == (after, True)
    with two.hub() as hub:
        assert len(hub.listing()) == (0 if policy == "delete" else 1)


async def test_a_copy_that_the_run_made_again_is_deleted_again(two: Many) -> None:
    two.kinds["left"]["on_delete"] = "recreate"
    one = two["left"].add(title="One")
    await two.sync()
    two.clock.later()
    two["left"].remove(one)
    run = await two.sync()
    assert two.shows()["left"] == ["One"]
    await two.undo(run)
    assert (two.shows(), await two.is_quiet()) == ({"left": [], "right": ["One"]}, True)


async def test_a_copy_whose_making_again_was_never_answered_is_made_once(family: Many) -> None:
    need = family["left"].add(title="One")
    said = family["left"].say(need, "Oops")
    await family.sync()
    family["left"].remove(said)
    run = await family.sync()
    family["right"].faults.append(Fault("create", AnswerLost("gone"), after=True))
    assert (await family.undo(run)).outcome == "problems"
    await family.undo(run)
    await family.sync()
    assert family.shows("body", Kind.COMMENT)["right"] == ["Oops"]
    assert await family.is_quiet()


# Again, backwards, and on paper.


async def test_a_second_undo_changes_nothing_and_says_so(two: Many) -> None:
    run = await clash(two)
    await two.undo(run)
    before = two.snapshot()
    report = await two.undo(run)
    assert (two.snapshot(), report.writes) == (before, 0)
    assert f"nothing of {run.run} is left to be taken back" in messages(report)
    assert len(two.holds()) == 2


async def test_an_undo_of_an_undo_is_where_it_began(two: Many) -> None:
    run = await clash(two)
    after = two.snapshot()
    undo = await two.undo(run)
    assert two.snapshot() != after
    report = await two.undo(undo)
    assert (two.snapshot(), two.holds(), report.outcome) == (after, [], "done")
    assert two.value("REQ-1", "due") == "2026-03-03"
    assert await two.is_quiet()


async def test_an_undo_everywhere_can_be_undone_as_well(two: Many) -> None:
    run = await clash(two)
    after = two.snapshot()
    undo = await two.undo(run, everywhere=True)
    await two.undo(undo)
    assert (two.snapshot(), two.holds(), await two.is_quiet()) == (after, [], True)


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_dry_run_says_what_an_undo_then_does(family: Many, everywhere: bool) -> None:
    need = family["left"].add(title="One", due="2026-01-01")
    await family.sync()
    family.clock.later()
    family["left"].edit(need, due="2026-02-02")
    family["left"].say(need, "New date")
    run = await family.sync()
    before = family.snapshot()
    dry = await family.undo(run, dry_run=True, everywhere=everywhere)
    assert (family.snapshot(), family.holds(), family.value("REQ-1", "due")) == (before, [], "2026-02-02")
    with family.hub() as hub:
        real = await hub.undo(run.run, everywhere=everywhere)
        did = [(w.connection, w.key, w.operation, dict(w.fields)) for w in hub.store.writes_of(real.run)]
    planned = [(e["spoke"], e["key"], e["operation"], e["fields"]) for e in dry.plan or ()]
    assert sorted(planned, key=str) == sorted(did, key=str)
    assert len(did) == (3 if everywhere else 2)
    assert all(entry["because"].startswith(f"undo {run.run}") for entry in dry.plan or ())
    assert (dry.problems, dry.outcome) == (real.problems, real.outcome)
