"""An undo: every copy that a run wrote shows again what it showed before, and nobody's own typing is lost for it."""

from pathlib import Path

import pytest

from hub.errors import UsageError
from hub.model import Kind
from tests.unit.sync.many import Many, edited, messages


@pytest.fixture
def two(tmp_path: Path) -> Many:
    return Many(tmp_path)


@pytest.fixture
def three(tmp_path: Path) -> Many:
    return Many(tmp_path, ("left", "mid", "right"))


# One person's edit.


async def test_the_copies_that_were_written_show_what_they_did_before(three: Many) -> None:
    run = await edited(three, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    report = await three.undo(run)
    assert three.shows("due") == {"left": ["2026-02-02"], "mid": ["2026-01-01"], "right": ["2026-01-01"]}
    assert report.writes == 2
    assert three.value("REQ-1", "due") == "2026-01-01"


async def test_whoever_typed_the_value_keeps_it_and_it_waits_for_a_person(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    report = await two.undo(run)
    assert (report.outcome, "due waits for a person: hub conflicts" in messages(report)) == ("problems", True)
    (hold,) = two.holds()
    assert [(c["connection"], c["value"], c["who"]) for c in hold["candidates"]][1:] == [("left", "2026-02-02", "Ann")]
    assert (hold["candidates"][0]["connection"], hold["candidates"][0]["value"]) == ("hub", "2026-01-01")
    assert hold["base"] == "2026-01-01"
    assert await two.is_quiet()


async def test_the_history_says_who_took_back_what_and_why(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    report = await two.undo(run)
    with two.hub() as hub:
        last = hub.history("REQ-1", "due")[-1]
        assert hub.verify_history()["ok"]
    told = {name: last[name] for name in ("old", "new", "connection", "because", "run")}
    assert told == {
        "old": "2026-02-02",
        "new": "2026-01-01",
        "connection": "hub",
        "because": f"undo {run.run}",
        "run": report.run,
    }
    assert last["who"]


async def test_an_edit_of_another_field_does_not_bring_back_what_was_undone(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    await two.undo(run)
    two["left"].edit("1", labels=["later"])
    await two.sync()
    assert two.shows("labels")["right"] == [["later"]]
    assert two.shows("due") == {"left": ["2026-02-02"], "right": ["2026-01-01"]}
    assert [hold["field"] for hold in two.holds()] == ["due"]
    assert await two.is_quiet()


async def test_the_hold_closes_itself_when_the_person_edits_it_back(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    await two.undo(run)
    two.clock.later()
    two["left"].edit("1", due="2026-01-01")
    report = await two.sync()
    assert (two.holds(), report.outcome, report.writes) == ([], "done", 0)
    assert await two.is_quiet()


async def test_an_edit_made_after_an_undo_counts_like_any_other(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    await two.undo(run)
    two.clock.later()
    two["left"].edit("1", due="2026-03-03")
    await two.sync()
    assert two.shows("due") == {"left": ["2026-03-03"], "right": ["2026-03-03"]}
    assert two.holds() == []


async def test_the_hold_stays_while_somebody_wants_a_third_value(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    await two.undo(run)
    two.clock.later()
    two["right"].edit("1", due="2026-03-03")
    await two.sync()
    assert two.shows("due") == {"left": ["2026-02-02"], "right": ["2026-03-03"]}
    (hold,) = two.holds()
    assert [c["connection"] for c in hold["candidates"]] == ["hub", "left", "right"]
    assert await two.is_quiet()


async def test_the_hold_closes_when_somebody_else_comes_to_want_the_same(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    await two.undo(run)
    two.clock.later()
    two["right"].edit("1", due="2026-02-02")
    await two.sync()
    assert (two.value("REQ-1", "due"), two.holds()) == ("2026-02-02", [])
    assert await two.is_quiet()


@pytest.mark.parametrize(("take", "due"), [("hub", "2026-01-01"), ("left", "2026-02-02")])
async def test_a_person_settles_it_either_way(two: Many, take: str, due: str) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    await two.undo(run)
    await two.resolve("H-1", take=take)
    assert two.shows("due") == {"left": [due], "right": [due]}
    assert two.holds() == []
    assert await two.is_quiet()


async def test_everywhere_means_that_what_people_typed_is_set_back_too(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"})
    report = await two.undo(run, everywhere=True)
    assert two.shows("due") == {"left": ["2026-01-01"], "right": ["2026-01-01"]}
    assert (report.outcome, report.writes, two.holds()) == ("done", 2, [])
    assert await two.is_quiet()


async def test_copies_go_back_to_the_services_own_values_not_to_what_the_hub_would_write(two: Many) -> None:
    two["left"].add(title="One", due="2026-01-01")
    await two.sync()
    two["right"].edit("1", due="2026-01-01T15:30:00Z", title="  One  ")
    await two.sync()
    before = two.snapshot()["right"]
    two["left"].edit("1", due=None, title="Two")
    run = await two.sync()
    await two.undo(run)
    assert two.snapshot()["right"] == before
    assert await two.is_quiet()


# Several people's edits.


async def test_edits_of_different_fields_in_both_are_taken_back_in_both(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"title": "Left"}, right={"due": "2026-02-02"})
    assert two.shows("title") == {"left": ["Left"], "right": ["Left"]}
    await two.undo(run)
    assert two.shows("title") == {"left": ["Left"], "right": ["One"]}
    assert two.shows("due") == {"left": ["2026-01-01"], "right": ["2026-02-02"]}
    assert sorted(hold["field"] for hold in two.holds()) == ["due", "title"]
    assert await two.is_quiet()


async def test_whom_a_rule_overruled_gets_their_own_value_back_and_both_wait(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"}, right={"due": "2026-03-03"})
    assert two.shows("due") == {"left": ["2026-03-03"], "right": ["2026-03-03"]}
    await two.undo(run)
    assert two.shows("due") == {"left": ["2026-02-02"], "right": ["2026-03-03"]}
    (hold,) = two.holds()
    told = [(c["connection"], c["value"], c["who"]) for c in hold["candidates"]]
    assert told[1:] == [("left", "2026-02-02", "Ann"), ("right", "2026-03-03", "Bo")]
    assert two.value("REQ-1", "due") == "2026-01-01"
    assert await two.is_quiet()
    await two.resolve(hold["id"], take="left")
    assert two.shows("due") == {"left": ["2026-02-02"], "right": ["2026-02-02"]}
    assert await two.is_quiet()


async def test_everywhere_sets_winner_and_loser_back(two: Many) -> None:
    run = await edited(two, {"due": "2026-01-01"}, left={"due": "2026-02-02"}, right={"due": "2026-03-03"})
    await two.undo(run, everywhere=True)
    assert two.shows("due") == {"left": ["2026-01-01"], "right": ["2026-01-01"]}
    assert (two.holds(), await two.is_quiet()) == ([], True)


async def test_who_lost_against_the_hubs_own_value_gets_theirs_back(two: Many) -> None:
    two["left"].add(title="One")
    await two.sync()
    two.clock.later()
    two["right"].edit("1", title="Early", by="bo")
    two["right"].token = "changed"
    two.clock.later(600)
    two["left"].edit("1", title="Late")
    await two.sync()
    two["right"].token = "good"
    run = await two.sync()
    assert two.shows() == {"left": ["Late"], "right": ["Late"]}
    await two.undo(run)
    assert two.shows() == {"left": ["Late"], "right": ["Early"]}
    (hold,) = two.holds()
    assert [(c["connection"], c["value"]) for c in hold["candidates"]] == [("hub", "Late"), ("right", "Early")]
    assert await two.is_quiet()
    await two.resolve(hold["id"], take="hub")
    assert two.shows() == {"left": ["Late"], "right": ["Late"]}
    assert await two.is_quiet()


async def test_a_merged_text_falls_apart_into_what_each_had_written(two: Many) -> None:
    body = "Alpha\n\nBeta\n\nGamma"
    run = await edited(
        two, {"body": body}, left={"body": "Alpha one\n\nBeta\n\nGamma"}, right={"body": "Alpha\n\nBeta\n\nGamma two"}
    )
    assert two.shows("body")["left"] == two.shows("body")["right"] == ["Alpha one\n\nBeta\n\nGamma two"]
    await two.undo(run)
    shown = two.shows("body")
    assert shown == {"left": ["Alpha one\n\nBeta\n\nGamma"], "right": ["Alpha\n\nBeta\n\nGamma two"]}
    assert two.value("REQ-1", "description") == body
    assert [hold["field"] for hold in two.holds()] == ["description"]
    assert await two.is_quiet()


async def test_labels_go_back_to_those_that_each_copy_had(three: Many) -> None:
    run = await edited(three, {"labels": ["a"]}, left={"labels": ["a", "x"]}, right={"labels": ["a", "y"]})
    assert three.shows("labels")["mid"] == [["a", "x", "y"]]
    await three.undo(run)
    assert three.shows("labels") == {"left": [["a", "x"]], "mid": [["a"]], "right": [["a", "y"]]}
    assert await three.is_quiet()


async def test_statuses_that_share_a_name_there_are_told_apart_here(two: Many) -> None:
    shared = {"new": "New", "clarifying": "New", "in_progress": "In Progress", "review": "In Progress"}
    rest = {"approved": "Approved", "delivered": "Delivered", "accepted": "Accepted", "on_hold": "On Hold"}
    two.kinds["right"]["status"] = {**shared, **rest, "rejected": "Rejected"}
    run = await edited(two, {"status": "In Progress"}, left={"status": "Review"})
    assert two.value("REQ-1", "status") == "review"
    report = await two.undo(run)
    assert (two.value("REQ-1", "status"), report.writes) == ("in_progress", 0)
    assert two.shows("status") == {"left": ["Review"], "right": ["In Progress"]}
    assert [c["connection"] for c in two.holds()[0]["candidates"]] == ["hub", "left"]
    assert await two.is_quiet()


async def test_a_value_that_a_later_run_brought_to_a_copy_goes_with_it(two: Many) -> None:
    two["left"].add(title="One")
    await two.sync()
    two.clock.later()
    two["left"].edit("1", title="Two")
    two["right"].token = "changed"
    run = await two.sync()
    two["right"].token = "good"
    await two.sync()
    assert two.shows()["right"] == ["Two"]
    await two.undo(run)
    assert two.shows() == {"left": ["Two"], "right": ["One"]}
    assert await two.is_quiet()


async def test_what_clients_may_not_see_is_not_written_to_them_by_an_undo_either(two: Many) -> None:
    two.kinds["right"] |= {"audience": "client"}
    run = await edited(two, {"due": "2026-01-01", "labels": ["a"]}, left={"due": "2026-02-02", "labels": ["b"]})
    assert (two.shows("due")["right"], two.shows("labels")["right"]) == (["2026-02-02"], [None])
    two.kinds["right"]["requirement"] = {**two.kinds["right"]["requirement"], "shows": ["title"]}
    report = await two.undo(run)
    assert two.shows("due")["right"] == ["2026-02-02"]
    assert "due may not be written there any more" in messages(report)
    two.kinds["right"]["requirement"].pop("shows")
    assert two.value("REQ-1", "due") == "2026-01-01"


# Part of a run.


@pytest.mark.parametrize(
    ("part", "back"),
    [
        ({"field": "due"}, {"due"}),
        ({"rule": "latest"}, {"due"}),
        ({"rule": "edit", "field": "title"}, {"title", "second"}),
        ({"actor": "bo"}, {"due"}),
        ({"key": "REQ-1"}, {"due", "title"}),
        ({"key": "REQ-2"}, {"second"}),
    ],
)
async def test_only_what_is_meant_is_taken_back(two: Many, part: dict[str, str], back: set[str]) -> None:
    two["left"].add(title="One", due="2026-01-01")
    two["left"].add(title="Second")
    await two.sync()
    two.clock.later()
    two["left"].edit("1", due="2026-02-02", title="Uno")
    two["left"].edit("2", title="Segundo")
    two.clock.later(5)
    two["right"].edit("1", due="2026-03-03", by="bo")
    run = await two.sync()
    await two.undo(run, **part)
    undone = {
        "due": two.value("REQ-1", "due") == "2026-01-01",
        "title": two.value("REQ-1", "title") == "One",
        "second": two.value("REQ-2", "title") == "Second",
    }
    assert {name for name, is_back in undone.items() if is_back} == back
    assert await two.is_quiet()


# Errors.


@pytest.mark.parametrize("run", ["R-99", "nonsense", "R-"])
async def test_an_unknown_run_is_said_to_be_unknown(two: Many, run: str) -> None:
    with pytest.raises(UsageError, match=f"there is no run {run}"):
        await two.undo(run)


async def test_a_run_of_a_sync_that_is_gone_cannot_be_undone(two: Many) -> None:
    await two.sync()
    with two.hub() as hub:
        old = hub.store.start_run("old", two.clock())
    with pytest.raises(UsageError, match="'old', which is not configured any more"):
        await two.undo(old)


async def test_a_run_that_only_looked_has_nothing_to_take_back(two: Many) -> None:
    two["left"].add(title="One")
    await two.sync()
    report = await two.undo(await two.sync())
    assert (report.outcome, report.writes) == ("done", 0)
    assert "nothing of R-2 is left to be taken back" in messages(report)
    assert len(two.shows(kind=Kind.REQUIREMENT)["right"]) == 1
