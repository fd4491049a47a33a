"""The guard: what a run may do unasked, and what waits for a person with its plan."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hub.config import GUARD, Limit
from hub.errors import ServiceDown, UsageError
from hub.model import Kind, RequirementStatus
from hub.sync.guard import Act, Tally, approved_by, harms
from hub.testing import Call, Fault, MemoryService
from tests.unit.sync.two import Two

KIND = Kind.REQUIREMENT


def update(**fields: tuple[Any, Any]) -> Act:
    """A write to REQ-1 in `left`."""
    told = {name: {"from": before, "to": after} for name, (before, after) in fields.items()}
    return Act("left", KIND, "REQ-1", "update", told)


# What harms.


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (update(), set()),
        (update(title=("a", "b")), {"writes"}),
        (update(description=({"$": "NOTHING"}, "")), {"writes"}),
        (update(custom=({"$": "NOTHING"}, {})), {"writes"}),
        (update(description=("a", "")), {"writes", "blanks"}),
        (update(description=(None, "a")), {"writes"}),
        (update(labels=(["a"], [])), {"writes", "blanks"}),
        (update(due=("2026-01-01", None)), {"writes", "blanks"}),
        (update(estimate_hours=(0.0, None)), {"writes", "blanks"}),
        (update(custom=({"contract": "K-1", "site": ""}, {"contract": None})), {"writes", "blanks"}),
        (update(custom=({"contract": "K-1", "site": ""}, {"contract": "K-2"})), {"writes"}),
        (update(status=("delivered", "in_progress")), {"writes", "reversals"}),
        (update(status=("in_progress", "delivered")), {"writes"}),
        (update(status=("on_hold", "rejected")), {"writes"}),
        (
            Act("left", KIND, "REQ-1", "update", {"status": {"from": "new", "to": "rejected"}}, closes=True),
            {"writes", "deletes"},
        ),
        (Act("left", KIND, "REQ-1", "update", {"title": {"from": "a", "to": "b"}}, closes=True), {"writes"}),
        (
            Act("left", Kind.TASK, "TSK-1", "update", {"status": {"from": "done", "to": "todo"}}),
            {"writes", "reversals"},
        ),
        (
            Act(
                "left",
                KIND,
                "REQ-1",
                "update",
                {"due": {"from": None, "to": "2026-01-01"}},
                remapped=frozenset({"due", "start"}),
            ),
            {"writes", "remapped"},
        ),
        (Act("left", KIND, "REQ-1", "delete"), {"writes", "deletes"}),
    ],
)
def test_each_write_is_weighed_by_what_it_takes_away(act: Act, expected: set[str]) -> None:
    assert set(harms(act)) == expected


@pytest.mark.parametrize(
    ("harmed", "copies", "exceeded"),
    [(10, 10, False), (11, 100, True), (11, 550, False), (12, 550, True), (0, 0, False)],
)
def test_too_much_is_more_than_both_the_count_and_the_share(harmed: int, copies: int, exceeded: bool) -> None:
    assert Limit(10, 0.02).exceeded(harmed, copies) is exceeded


def test_what_was_approved_does_not_count_and_what_goes_beyond_does() -> None:
    plan = [
        {"spoke": "left", "key": "REQ-1", "operation": "update", "fields": {"description": {"from": "a", "to": ""}}},
        {"spoke": "left", "key": "REQ-2", "operation": "delete", "fields": {}},
    ]
    tally = Tally({"left": 3}, approved_by(plan))
    tally.add(
        [update(description=("b", "")), Act("left", KIND, "REQ-2", "delete"), Act("right", KIND, "REQ-2", "delete")]
    )
    tally.add([update(description=("b", ""), due=("2026-01-01", None))])
    assert {spoke: dict(counts) for spoke, counts in tally.found.items()} == {
        "left": {"blanks": 1, "writes": 1},
        "right": {"deletes": 1, "writes": 1},
    }


def test_a_breach_says_how_many_of_how_many_and_where() -> None:
    tally = Tally({"trello": 1000})
    tally.add(Act("trello", KIND, f"REQ-{n}", "delete") for n in range(999))
    said = [str(breach) for breach in tally.breaches(GUARD)]
    assert said == ["would delete 999 of 1,000 copies in trello", "would write 999 of 1,000 copies in trello"]


# A run.


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


async def filled(two: Two, count: int = 50, **fields: Any) -> None:
    """So many requirements on both sides, all in step."""
    for number in range(count):
        two.left.add(title=f"T{number}", **{"status": "Delivered", "body": "Words", "due": "2026-05-01", **fields})
    assert (await two.sync()).outcome == "done"


def on_right(two: Two, edit: Callable[[str], Any], count: int) -> None:
    """Somebody does the same to so many records on the right."""
    for state in two.right.present(KIND)[:count]:
        edit(state.id)


MASSES: dict[str, tuple[str, Callable[[Two], Callable[[str], Any]]]] = {
    "statuses set back": (
        "would set the status back of 30 of 50 copies in left",
        lambda two: lambda one: two.right.edit(one, status="New", by="bo"),
    ),
    "descriptions emptied": (
        "would empty fields of 30 of 50 copies in left",
        lambda two: lambda one: two.right.edit(one, body="", by="bo"),
    ),
}


@pytest.mark.parametrize("mass", MASSES)
async def test_a_mass_change_is_held_writes_nothing_and_waits_with_its_plan(two: Two, mass: str) -> None:
    said, edit = MASSES[mass]
    await filled(two)
    on_right(two, edit(two), 30)
    before, updates = two.shows(two.left, "body"), two.left.calls["update"]
    report = await two.sync()
    assert (report.outcome, report.exit_code, report.writes, two.left.calls["update"]) == ("held", 1, 0, updates)
    assert [p["message"] for p in report.problems] == [f"{said}: hub approve {report.run}, or hub undo {report.run}"]
    assert report.plan is not None
    assert {(e["spoke"], e["operation"]) for e in report.plan} == {("left", "update")}
    assert (len(report.plan), two.shows(two.left, "body")) == (30, before)
    assert report.spokes["left"]["kinds"]["requirement"]["held"] == 30


THOUSANDS: dict[str, tuple[Callable[[MemoryService, str], Any], int, list[str]]] = {
    "deleted": (
        lambda right, one: right.remove(one),
        999,
        ["would delete 999 of 1,000 copies in left", "would write 999 of 1,000 copies in left"],
    ),
    "set back": (
        lambda right, one: right.edit(one, status="New", by="bo"),
        1000,
        ["would set the status back of 1,000 of 1,000 copies in left", "would write 1,000 of 1,000 copies in left"],
    ),
    "emptied": (
        lambda right, one: right.edit(one, body="", by="bo"),
        1000,
        ["would empty fields of 1,000 of 1,000 copies in left", "would write 1,000 of 1,000 copies in left"],
    ),
    "closed": (
        lambda right, one: right.remove(one),
        999,
        ["would delete 999 of 1,000 copies in left", "would write 999 of 1,000 copies in left"],
    ),
}


@pytest.mark.parametrize("mass", THOUSANDS)
async def test_a_thousand_changes_at_once_reach_nobody_before_they_are_approved(two: Two, mass: str) -> None:
    act, count, said = THOUSANDS[mass]
    two.spokes["right"]["on_delete"] = "close" if mass == "closed" else "delete"
    await filled(two, 1000, status="In Progress")
    before = [dict(state.fields) for state in two.left.present(KIND)]
    on_right(two, lambda one: act(two.right, one), count)
    held = await two.sync()
    assert [problem["message"].partition(":")[0] for problem in held.problems] == said
    assert (held.outcome, held.writes, len(held.plan or ())) == ("held", 0, count)
    assert [dict(state.fields) for state in two.left.present(KIND)] == before
    done = await approve(two, held.run)
    assert (done.outcome, done.writes) == ("done", count)
    after = [dict(state.fields) for state in two.left.present(KIND)]
    assert len(after) == (1 if mass == "deleted" else 1000)
    assert sum(one == other for one, other in zip(before, after, strict=False)) <= 1


async def approve(two: Two, run: str, **more: Any) -> Any:
    two.clock.later()
    with two.hub() as hub:
        return await hub.approve(run, **more)


async def test_what_is_approved_is_carried_out_and_all_is_quiet_then(two: Two) -> None:
    await filled(two)
    on_right(two, lambda one: two.right.edit(one, status="New", by="bo"), 30)
    held = await two.sync()
    shown = await approve(two, held.run, dry_run=True)
    assert (shown.outcome, shown.plan, two.shows(two.left, "status").count("New")) == ("done", held.plan, 0)
    done = await approve(two, held.run.lower())
    assert (done.outcome, done.writes, two.shows(two.left, "status").count("New")) == ("done", 30, 30)
    assert ((await two.sync()).outcome, (await two.sync()).writes) == ("done", 0)
    with pytest.raises(UsageError, match="carried out already"):
        await approve(two, held.run)
    with pytest.raises(UsageError, match="no plan of R-99 waits"):
        await approve(two, "R-99")


async def test_it_is_held_again_until_it_is_approved_and_each_held_run_may_be_approved(two: Two) -> None:
    await filled(two)
    on_right(two, lambda one: two.right.edit(one, status="New", by="bo"), 30)
    first = await two.sync()
    second = await two.sync()
    assert (second.outcome, second.plan) == ("held", first.plan)
    assert second.problems[0]["message"].endswith(f": hub approve {second.run}, or hub undo {first.run}")
    with two.hub() as hub:
        assert hub.store.held_plan("both").run == second.run  # type: ignore[union-attr]
        assert hub.store.entries_of(first.run) == hub.store.entries_of(second.run) != []
    assert (await approve(two, first.run)).outcome == "done"
    with two.hub() as hub:
        assert hub.store.held_plan("both") is None


async def test_more_harm_than_was_approved_is_held_again(two: Two) -> None:
    await filled(two)
    on_right(two, lambda one: two.right.edit(one, status="New", by="bo"), 30)
    held = await two.sync()
    on_right(two, lambda one: two.right.edit(one, body="", by="bo"), 50)
    again = await approve(two, held.run)
    assert (again.outcome, again.writes, len(again.plan)) == ("held", 0, 50)
    assert [p["message"].partition(":")[0] for p in again.problems] == ["would empty fields of 50 of 50 copies in left"]
    assert (await approve(two, again.run)).writes == 50


async def test_a_little_more_than_was_approved_is_carried_out_as_well(two: Two) -> None:
    await filled(two)
    on_right(two, lambda one: two.right.edit(one, status="New", by="bo"), 30)
    held = await two.sync()
    on_right(two, lambda one: two.right.edit(one, body="", by="bo"), 9)
    assert (await approve(two, held.run)).outcome == "done"
    assert two.shows(two.left, "body").count("") == 9


async def test_a_run_with_nothing_harmful_left_goes_on_by_itself(two: Two) -> None:
    await filled(two)
    on_right(two, lambda one: two.right.edit(one, status="New", by="bo"), 30)
    assert (await two.sync()).outcome == "held"
    on_right(two, lambda one: two.right.edit(one, status="Delivered", by="bo"), 30)
    assert (await two.sync()).outcome == "done"
    with two.hub() as hub:
        assert hub.store.held_plan("both") is None


async def test_what_was_approved_stays_so_until_it_could_all_be_done(two: Two) -> None:
    await filled(two)
    on_right(two, lambda one: two.right.edit(one, status="New", by="bo"), 30)
    held = await two.sync()
    two.left.faults.append(Fault("update", ServiceDown("later"), skip=5, times=999))
    assert (await approve(two, held.run)).outcome == "problems"
    assert two.shows(two.left, "status").count("New") == 5
    two.left.faults.clear()
    assert (await two.sync()).outcome == "done"
    assert two.shows(two.left, "status").count("New") == 30


async def test_other_changes_wait_with_a_held_plan_and_what_is_new_is_still_taken_in(two: Two) -> None:
    await filled(two)
    on_right(two, lambda one: two.right.edit(one, status="New", by="bo"), 30)
    two.left.add(title="Fresh")
    held = await two.sync()
    assert held.spokes["left"]["kinds"]["requirement"]["imported"] == 1
    assert {e["operation"] for e in held.plan or ()} == {"update", "create"}
    assert "Fresh" not in two.shows(two.right)
    await approve(two, held.run)
    assert "Fresh" in two.shows(two.right)


async def test_people_may_edit_in_bulk(two: Two) -> None:
    await filled(two, 120)
    for number, state in enumerate(two.right.present(KIND)):
        two.right.edit(state.id, title=f"New {number}", due=str(date(2026, 6, 1)), status="Accepted", by="bo")
    report = await two.sync()
    assert (report.outcome, report.writes) == ("done", 120)


async def test_a_first_sync_is_never_held_however_large(two: Two) -> None:
    for number in range(300):
        two.left.add(title=f"L{number}")
        two.right.add(title=f"R{number}")
    assert (await two.sync()).outcome == "done"


async def test_more_than_two_hundred_writes_of_less_than_a_thousand_copies_are_held(two: Two) -> None:
    await filled(two, 300)
    on_right(two, lambda one: two.right.edit(one, title="Same", by="bo"), 200)
    assert (await two.sync()).outcome == "done"
    on_right(two, lambda one: two.right.edit(one, title="Other", by="bo"), 201)
    assert "would write 201 of 300 copies in left" in (await two.sync()).problems[0]["message"]


async def test_a_dry_run_shows_the_whole_plan_and_that_a_run_would_be_held(two: Two) -> None:
    await filled(two)
    on_right(two, lambda one: two.right.edit(one, status="New", by="bo"), 30)
    dry = await two.sync(dry_run=True)
    assert (dry.outcome, len(dry.plan or ())) == ("held", 30)
    assert (
        dry.problems[0]["message"] == "would set the status back of 30 of 50 copies in left: a run would be held for it"
    )
    assert (await two.sync()).plan == dry.plan


async def test_a_limit_of_ones_own_holds_and_one_that_is_off_does_not(two: Two) -> None:
    two.guard = {"reversals": {"count": 2, "share": 0.0}}
    await filled(two)
    on_right(two, lambda one: two.right.edit(one, status="New", by="bo"), 3)
    assert (await two.sync()).outcome == "held"
    two.guard = {"reversals": False}
    assert (await two.sync()).outcome == "done"


async def test_the_rounds_of_a_run_are_weighed_together(two: Two) -> None:
    """Edits that turn up only while it writes are no way around the limits."""
    two.guard = {"reversals": {"count": 3, "share": 0.0}}
    await filled(two, 10)
    early, late = (ids := [state.id for state in two.right.present(KIND)])[:3], ids[3:5]
    for one in early:
        two.right.edit(one, status="New", by="bo")
    for state in two.left.present(KIND)[3:5]:
        two.left.edit(state.id, title="Meanwhile")

    def meanwhile(call: Call) -> None:
        if call.method == "fetch":
            for one in late:
                two.right.edit(one, status="New", by="bo")

    two.right.on_call = meanwhile
    report = await two.sync()
    assert (report.outcome, len(report.plan or ())) == ("held", 4)
    assert "would set the status back of 5 of 10 copies in left" in report.problems[0]["message"]
    assert (two.shows(two.left, "status").count("New"), two.shows(two.right, "title").count("Meanwhile")) == (3, 0)


async def test_what_only_a_changed_mapping_would_write_is_shown_before_be_it_a_single_copy(two: Two) -> None:
    names = {value: value.replace("_", " ").title() for value in map(str, RequirementStatus)}
    two.spokes["right"]["status"] = dict(names)
    two.left.add(title="Mine", status="In Progress")
    await two.sync()
    two.spokes["right"]["status"] = {**names, "in_progress": "Review", "review": "In Progress"}
    held = await two.sync()
    said = "would rewrite, only because names or fields are mapped otherwise now, 1 of 1 copy in right"
    assert (held.outcome, held.writes, held.problems[0]["message"].partition(":")[0]) == ("held", 0, said)
    assert [entry["fields"] for entry in held.plan or ()] == [{"status": {"from": "review", "to": "in_progress"}}]
    assert (await approve(two, held.run)).outcome == "done"
    assert (two.shows(two.right, "status"), (await two.sync()).writes) == (["Review"], 0)
    two.left.edit("1", status="Delivered")
    assert ((await two.sync()).outcome, two.shows(two.right, "status")) == ("done", ["Delivered"])
