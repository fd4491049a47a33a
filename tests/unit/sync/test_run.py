"""A run over two services in memory: what it does when answers get lost, copies vanish and services fail."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.errors import AnswerLost, Refused, ServiceDown, SignInRejected
from hub.model import Kind
from hub.sdk.records import Absence
from hub.testing import Fault
from tests.unit.sync.two import Two, ends


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


class Crash(BaseException):
    """The process ends here."""


async def test_what_is_on_either_side_appears_on_the_other_and_then_all_is_quiet(two: Two) -> None:
    two.left.add(title="From left", labels=["a"], due="2026-04-01")
    two.right.add(title="来自右边", status="Review")
    first = await two.sync()
    assert (ends(first, "left"), ends(first, "right")) == ({"imported": 1, "created": 1},) * 2
    assert sorted(two.shows(two.left)) == sorted(two.shows(two.right)) == ["From left", "来自右边"]
    second = await two.sync()
    assert (second.outcome, second.writes) == ("done", 0)


async def test_edits_of_different_fields_both_survive_on_both_sides(two: Two) -> None:
    one = two.left.add(title="Old")
    await two.sync()
    two.left.edit(one, title="New")
    two.right.edit("1", labels=["urgent"], by="bo")
    report = await two.sync()
    assert report.writes == 2
    for service in (two.left, two.right):
        assert (two.shows(service), two.shows(service, "labels")) == (["New"], [["urgent"]])


async def test_a_create_whose_answer_was_lost_makes_no_twin(two: Two) -> None:
    two.left.add(title="Once")
    two.right.faults.append(Fault("create", AnswerLost("gone"), after=True))
    first = await two.sync()
    assert (first.outcome, ends(first, "right")) == ("done", {"created": 1})
    assert two.shows(two.right) == ["Once"]
    assert [(await two.sync()).writes for _ in range(2)] == [0, 0]


async def test_a_create_that_was_lost_before_it_happened_is_made_after_all(two: Two) -> None:
    two.left.add(title="Once")
    two.right.faults.append(Fault("create", AnswerLost("gone")))
    report = await two.sync()
    assert (report.outcome, two.shows(two.right)) == ("done", ["Once"])
    assert (await two.sync()).writes == 0


@pytest.mark.parametrize("after", [True, False])
async def test_a_crash_around_a_create_makes_no_twin_and_loses_nothing(two: Two, after: bool) -> None:
    two.left.add(title="Once")
    two.right.faults.append(Fault("create", Crash(), after=after))
    with pytest.raises(BaseException):  # noqa: B017, PT011 - a task group wraps it
        await two.sync()
    assert (await two.sync()).outcome == "done"
    assert (two.shows(two.left), two.shows(two.right)) == (["Once"], ["Once"])


async def test_an_edit_made_before_a_lost_create_is_found_again_is_no_part_of_the_agreement(two: Two) -> None:
    two.left.add(title="Once")
    two.right.faults.append(Fault("create", AnswerLost("gone"), after=True))
    await two.sync()
    two.right.edit("1", title="Once more", by="bo")
    await two.sync()
    assert (two.shows(two.left), two.shows(two.right)) == (["Once more"], ["Once more"])


async def test_an_update_whose_answer_was_lost_is_neither_lost_nor_taken_for_an_edit(two: Two) -> None:
    one = two.left.add(title="Old")
    await two.sync()
    two.left.edit(one, title="New")
    two.right.faults.append(Fault("update", AnswerLost("gone"), after=True))
    assert (await two.sync()).outcome == "done", "the same run looks what became of it"
    assert (two.shows(two.right), (await two.sync()).writes) == (["New"], 0)


async def test_a_copied_record_is_a_new_requirement_marker_or_not(two: Two) -> None:
    two.left.add(title="Original")
    await two.sync()
    two.right.copy("1", by="bo")
    await two.sync()
    assert (len(two.shows(two.left)), len(two.shows(two.right))) == (2, 2)


async def test_a_deleted_copy_is_let_go_and_neither_mirrored_nor_made_again(two: Two) -> None:
    one = two.left.add(title="Kept")
    await two.sync()
    two.right.remove("1")
    report = await two.sync()
    assert ends(report, "right") == {"deleted": 1}
    assert (two.shows(two.left), two.shows(two.right)) == (["Kept"], [])
    two.left.edit(one, title="Kept and edited")
    assert (await two.sync()).writes == 0


async def test_a_deleted_copy_is_made_again_where_the_policy_says_so(two: Two) -> None:
    two.left.add(title="Kept")
    two.spokes["right"]["on_delete"] = "recreate"
    await two.sync()
    two.right.remove("1")
    await two.sync()
    assert two.shows(two.right) == ["Kept"]


@pytest.mark.parametrize("why", [Absence.MOVED, Absence.HIDDEN])
async def test_a_copy_that_cannot_be_seen_is_frozen_until_it_is_back(two: Two, why: Absence) -> None:
    one = two.left.add(title="Old")
    await two.sync()
    two.right.remove("1", why=why)
    two.left.edit(one, title="New")
    report = await two.sync(full=True)
    assert report.problems
    del two.right.absent["1"]
    two.right.edit("1", labels=["back"], by="bo")
    for _ in range(2):
        await two.sync(full=True)
    assert (two.shows(two.right), two.shows(two.left, "labels")) == (["New"], [["back"]])


async def test_a_full_reading_that_breaks_off_deletes_nothing(two: Two) -> None:
    for number in range(5):
        two.left.add(title=f"T{number}")
    await two.sync()
    two.left.page_size = 2
    two.left.faults.append(Fault("changes", ServiceDown("broken off"), skip=1))
    report = await two.sync(full=True)
    assert (report.outcome, ends(report, "left")) == ("problems", {"equal": 2})
    again = await two.sync(full=True)
    assert (again.outcome, again.writes, len(two.shows(two.right))) == ("done", 0, 5)


async def test_one_service_that_refuses_the_sign_in_does_not_stop_the_other(two: Two) -> None:
    two.left.add(title="Waiting")
    two.right.faults.append(Fault("open", SignInRejected("bad token")))
    report = await two.sync()
    assert (report.outcome, report.exit_code, ends(report, "left")) == ("problems", 1, {"imported": 1})
    assert "bad token" in report.problems[0]["message"]
    assert (await two.sync()).outcome == "done"
    assert two.shows(two.right) == ["Waiting"]


async def test_a_run_in_which_no_service_answers_could_not_run(two: Two) -> None:
    for service in (two.left, two.right):
        service.faults.append(Fault("open", ServiceDown("closed")))
    report = await two.sync()
    assert (report.outcome, report.exit_code) == ("failed", 3)


async def test_a_refused_record_stops_no_other_and_is_not_asked_for_again_until_it_changes(two: Two) -> None:
    bad = two.left.add(title="Bad")
    two.left.add(title="Good")
    two.right.faults.append(Fault("create", Refused("the title is forbidden"), times=1))
    first = await two.sync()
    assert (ends(first, "right"), two.shows(two.right)) == ({"created": 1, "blocked": 1}, ["Good"])
    creates = two.right.calls["create"]
    second = await two.sync()
    assert (second.outcome, two.right.calls["create"]) == ("problems", creates)
    two.left.edit(bad, title="Better")
    assert (await two.sync()).outcome == "done"
    assert sorted(two.shows(two.right)) == ["Better", "Good"]


async def test_a_refused_edit_is_shown_and_tried_again_when_it_changes(two: Two) -> None:
    one = two.left.add(title="Old")
    await two.sync()
    two.left.edit(one, title="Forbidden")
    two.right.faults.append(Fault("update", Refused("no such title"), times=1))
    assert ends(await two.sync(), "right") == {"blocked": 1}
    updates = two.right.calls["update"]
    assert ends(await two.sync(), "right") == {"blocked": 1}
    assert two.right.calls["update"] == updates
    two.left.edit(one, title="Allowed")
    assert ends(await two.sync(), "right") == {"updated": 1}


async def test_a_value_without_a_name_blocks_its_field_only_and_heals_by_itself(two: Two) -> None:
    one = two.left.add(title="Old", status="Somewhere Else")
    first = await two.sync()
    assert (ends(first, "left"), two.shows(two.right)) == ({"blocked": 1}, ["Old"])
    two.left.edit(one, title="New")
    assert ends(await two.sync(), "left") == {"blocked": 1}
    assert two.shows(two.right) == ["New"]
    assert two.shows(two.left, "status") == ["Somewhere Else"]
    two.left.edit(one, status="Review")
    assert (await two.sync()).outcome == "done"
    assert two.shows(two.right, "status") == ["Review"]


async def test_a_record_outside_the_filter_is_ignored_and_taken_up_once_it_is_inside(two: Two) -> None:
    two.spokes["left"]["requirement"]["where"] = {"labels": ["client"]}
    one = two.left.add(title="Internal")
    assert ends(await two.sync(), "left") == {"ignored": 1}
    two.left.edit(one, labels=["client"])
    assert ends(await two.sync(), "left") == {"imported": 1}
    assert two.shows(two.right) == ["Internal"]


async def test_a_copy_that_leaves_the_filter_is_not_written_any_more(two: Two) -> None:
    two.spokes["right"]["requirement"]["where"] = {"labels": ["client"]}
    one = two.left.add(title="Old", labels=["client"])
    await two.sync()
    two.left.edit(one, labels=[], title="New")
    report = await two.sync()
    assert (ends(report, "right"), two.shows(two.right)) == ({"ignored": 1}, ["Old"])


async def test_a_clash_is_held_where_the_rule_asks_and_other_fields_flow_on(two: Two) -> None:
    two.rules["title"] = "ask"
    one = two.left.add(title="Old")
    await two.sync()
    two.left.edit(one, title="Left", due="2026-05-01")
    two.right.edit("1", title="Right", by="bo")
    report = await two.sync()
    assert (ends(report, "right"), report.exit_code) == ({"held": 1}, 1)
    assert (two.shows(two.left), two.shows(two.right)) == (["Left"], ["Right"])
    assert two.shows(two.right, "due") == ["2026-05-01"]
    with two.hub() as hub:
        (conflict,) = hub.conflicts()
        assert {c["connection"]: (c["value"], c["who"]) for c in conflict["candidates"]} == {
            "left": ("Left", "Ann"),
            "right": ("Right", "Bo"),
        }
        hub.resolve(conflict["id"], take="right")
        await hub.spread(conflict["key"])
    assert (two.shows(two.left), (await two.sync()).writes) == (["Right"], 0)
    with two.hub() as hub:
        assert hub.conflicts() == []
        assert hub.blame("REQ-1")["title"]["because"].startswith("resolved H-")


async def test_a_conflict_that_people_settle_by_hand_closes_itself(two: Two) -> None:
    two.rules["title"] = "ask"
    one = two.left.add(title="Old")
    await two.sync()
    two.left.edit(one, title="Left")
    two.right.edit("1", title="Right", by="bo")
    await two.sync()
    two.right.edit("1", title="Left", by="bo")
    assert (await two.sync()).outcome == "done"
    with two.hub() as hub:
        assert hub.conflicts() == []


async def test_a_dry_run_shows_what_the_run_right_after_does_and_leaves_no_trace(two: Two) -> None:
    two.left.add(title="From left")
    one = two.right.add(title="Old")
    await two.sync()
    two.left.add(title="Another")
    two.right.edit(one, title="New", by="bo")
    dry = await two.sync(dry_run=True)
    with two.hub() as hub:
        before = len(hub.listing())
    wet = await two.sync()
    planned = {(p["spoke"], p["operation"], p["key"]) for p in dry.plan or ()}
    assert planned == {("left", "import", "REQ-3"), ("right", "create", "REQ-3"), ("left", "update", "REQ-2")}
    assert before == 2
    assert {name: ends(dry, name) for name in dry.spokes} == {name: ends(wet, name) for name in wet.spokes}


async def test_an_edit_made_between_reading_and_writing_is_judged_not_overwritten(two: Two) -> None:
    one = two.left.add(title="Old", body="x")
    await two.sync()
    two.left.edit(one, title="New")

    def meanwhile(call: Any) -> None:
        if call.method == "fetch" and "Meanwhile" not in two.shows(two.right, "body"):
            two.right.edit("1", body="Meanwhile", by="bo")

    two.right.on_call = meanwhile
    await two.sync()
    for service in (two.left, two.right):
        assert (two.shows(service), two.shows(service, "body")) == (["New"], ["Meanwhile"])


async def test_what_the_hub_does_not_look_at_is_never_touched(two: Two) -> None:
    one = two.left.add(title="Old", note="mine")
    await two.sync()
    two.right.edit("1", title="New", by="bo")
    await two.sync()
    assert two.left.state(one).fields["note"] == "mine"


async def test_a_tie_that_a_person_undid_stays_undone(two: Two) -> None:
    one = two.left.add(title="Old")
    await two.sync()
    with two.hub() as hub:
        hub.unlink("REQ-1", "right")
    two.left.edit(one, title="New")
    two.right.edit("1", body="alone", by="bo")
    report = await two.sync()
    assert (report.writes, two.shows(two.right), ends(report, "right")) == (0, ["Old"], {"ignored": 1})


async def test_linking_two_records_that_differ_asks_instead_of_letting_one_win(two: Two) -> None:
    two.rules["default"] = "ask"
    two.spokes["right"]["requirement"] = {"originates": False, "creates": False}
    two.left.add(title="Left says")
    two.right.add(title="Right says", body="only here", by="bo")
    await two.sync()
    with two.hub() as hub:
        await hub.link("REQ-1", "right", "1")
    report = await two.sync()
    assert ends(report, "right") == {"held": 1}
    assert (two.shows(two.left), two.shows(two.right)) == (["Left says"], ["Right says"])
    assert two.shows(two.left, "body") == ["only here"]


async def test_the_counts_of_every_run_add_up(two: Two) -> None:
    for number in range(30):
        two.left.add(title=f"L{number}", status="Somewhere Else" if number % 7 == 0 else "New")
        two.right.add(title=f"R{number}")
    two.right.faults.append(Fault("create", Refused("no"), times=3))
    report = await two.sync()
    for name, spoke in report.spokes.items():
        tally: Mapping[str, int] = ends(report, name)
        assert sum(tally.values()) == spoke["read"] + 30, (name, tally)
    assert len(two.left.present(Kind.REQUIREMENT)) == 60


async def test_a_connection_that_leads_elsewhere_is_refused(two: Two) -> None:
    two.left.add(title="Here")
    await two.sync()
    with two.hub() as hub:
        hub.store.keep_connection("right", "memory:another", None, "ok", "", two.clock())
    report = await two.sync()
    assert report.outcome == "problems"
    assert "leads to memory:right now" in report.problems[0]["message"]


async def test_the_only_copy_that_was_deleted_is_made_again_where_the_policy_says_so(two: Two) -> None:
    one = two.left.add(title="Kept")
    two.spokes["left"]["on_delete"] = "recreate"
    two.spokes["right"]["requirement"] = {"originates": False, "creates": False}
    await two.sync()
    two.left.remove(one)
    await two.sync()
    assert two.shows(two.left) == ["Kept"]
    assert (await two.sync()).writes == 0


async def test_an_edit_seen_only_when_about_to_write_is_spread_in_the_same_run(two: Two) -> None:
    one = two.left.add(title="Old", body="x")
    await two.sync()
    two.left.faults.append(Fault("update", ServiceDown("later"), times=9))
    two.right.edit("1", title="New", by="bo")
    assert (await two.sync()).outcome == "problems"
    two.left.faults.clear()
    two.left.lag_s = 600
    two.left.edit(one, body="Meanwhile")
    report = await two.sync()
    assert report.outcome == "done"
    assert (two.shows(two.left), two.shows(two.right, "body")) == (["New"], ["Meanwhile"])


async def test_a_connector_that_breaks_while_it_opens_stops_its_own_spoke_only(two: Two) -> None:
    two.left.add(title="Waiting")
    two.right.on_call = lambda call: Fault("open", RuntimeError("boom")) if call.method == "open" else None
    report = await two.sync()
    assert (report.outcome, ends(report, "left")) == ("problems", {"imported": 1})
    assert "boom" in report.problems[0]["message"]
