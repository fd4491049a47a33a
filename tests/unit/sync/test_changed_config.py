"""What a run makes of a hub.toml that has changed since the last one: nobody edited anything."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.errors import ServiceDown
from hub.mapping import Day, FieldMap
from hub.model import Kind
from hub.testing import Fault, MemoryConnector, MemoryService
from hub.testing.service import Paging
from tests.unit.sync.two import Two, ends

STATUS = {
    "new": "New",
    "clarifying": "Clarifying",
    "approved": "Approved",
    "in_progress": "In Progress",
    "review": "Review",
    "delivered": "Delivered",
    "accepted": "Accepted",
    "on_hold": "On Hold",
    "rejected": "Rejected",
}


@pytest.fixture
def two(tmp_path: Path) -> Two:
    made = Two(tmp_path)
    names_in(made, "left")
    return made


def names_in(two: Two, spoke: str, **names: Any) -> None:
    """Call statuses otherwise in the configuration of a spoke."""
    two.spokes[spoke]["status"] = {**STATUS, **names}


def custom_in(two: Two, spoke: str, **fields: str) -> None:
    two.spokes[spoke]["requirement"]["custom"] = fields


def rename(service: MemoryService, old: str, new: str) -> None:
    """An administrator calls a status otherwise: every record shows it, and none was edited."""
    for states in service.states.values():
        if states[-1].fields.get("status") == old:
            states[-1] = replace(states[-1], fields={**states[-1].fields, "status": new})


def text(value: str | None) -> dict[str, Any]:
    return {"type": "text", "value": value}


def values_of(service: MemoryService, field: str) -> list[Any]:
    return [
        (state.fields.get("custom") or {}).get(field, {}).get("value") for state in service.present(Kind.REQUIREMENT)
    ]


def history(two: Two, key: str = "REQ-1") -> list[tuple[str, Any]]:
    with two.hub() as hub:
        return [(event["field"], event["new"]) for event in hub.history(key)]


# Names.


async def test_a_status_renamed_in_the_service_and_in_the_configuration_is_no_edit(two: Two) -> None:
    two.left.add(title="One", status="In Progress")
    await two.sync()
    told = history(two)
    rename(two.left, "In Progress", "Somewhere Else")
    names_in(two, "left", in_progress="Somewhere Else")
    report = await two.sync()
    assert (report.outcome, report.writes, history(two)) == ("done", 0, told)
    assert (await two.sync()).writes == 0
    two.right.edit("1", status="Review", by="bo")
    await two.sync()
    two.right.edit("1", status="In Progress", by="bo")
    await two.sync()
    assert two.shows(two.left, "status") == ["Somewhere Else"]


async def test_a_status_renamed_in_the_service_alone_waits_for_the_configuration(two: Two) -> None:
    one = two.left.add(title="One", status="In Progress")
    await two.sync()
    told = history(two)
    rename(two.left, "In Progress", "Somewhere Else")
    two.left.edit(one, title="One more")
    report = await two.sync()
    assert (ends(report, "left"), two.shows(two.right)) == ({"blocked": 1}, ["One more"])
    assert "name 'Somewhere Else' in syncs.both.spokes.left.status" in report.problems[0]["message"]
    names_in(two, "left", in_progress="Somewhere Else")
    mended = await two.sync()
    assert (mended.outcome, mended.writes) == ("done", 0)
    assert history(two) == [*told, ("title", "One more")]


async def test_a_name_that_means_something_else_now_is_previewed_and_held_and_written_once_approved(two: Two) -> None:
    two.left.add(title="One", status="In Progress")
    two.left.add(title="Other", status="New")
    await two.sync()
    told = history(two)
    names_in(two, "left", in_progress="Review", review="In Progress")
    preview = await two.sync(dry_run=True)
    (write,) = preview.plan or ()
    assert (write["spoke"], write["fields"]) == ("left", {"status": {"from": "review", "to": "in_progress"}})
    held = await two.sync()
    assert (held.outcome, held.writes, two.shows(two.left, "status")) == ("held", 0, ["In Progress", "New"])
    assert held.problems[0]["message"].endswith(f": hub approve {held.run}, or map it in hub.toml as before")
    with two.hub() as hub:
        await hub.approve(held.run)
    assert two.shows(two.left, "status") == ["Review", "New"]
    assert two.shows(two.right, "status") == ["In Progress", "New"]
    assert ((await two.sync()).writes, history(two)) == (0, told)


async def test_what_was_written_since_the_mapping_changed_is_an_ordinary_copy_again(two: Two) -> None:
    one = two.left.add(title="One", status="In Progress")
    two.guard = {"remapped": False}
    await two.sync()
    names_in(two, "left", in_progress="Review", review="In Progress")
    assert (await two.sync()).writes == 1
    two.guard = {}
    two.right.edit("1", status="Delivered", by="bo")
    report = await two.sync()
    assert (report.outcome, two.left.state(one).fields["status"]) == ("done", "Delivered")


async def test_names_changed_there_and_back_write_nothing(two: Two) -> None:
    two.left.add(title="One", status="In Progress")
    await two.sync()
    names_in(two, "left", in_progress="Review", review="In Progress")
    assert (await two.sync()).outcome == "held"
    names_in(two, "left")
    for _ in range(2):
        report = await two.sync()
        assert (report.outcome, report.writes) == ("done", 0)


async def test_an_edit_made_before_the_mapping_changed_is_an_edit_under_the_new_one(two: Two) -> None:
    one = two.left.add(title="One", status="In Progress")
    await two.sync()
    two.left.edit(one, status="Somewhere Else")
    names_in(two, "left", review=["Review", "Somewhere Else"])
    report = await two.sync()
    assert (report.outcome, two.shows(two.right, "status")) == ("done", ["Review"])
    assert history(two)[-1] == ("status", "review")


async def test_records_that_nobody_touched_are_judged_anew_once(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        two.left.add(title=f"T{number}", status="In Progress")
    await two.sync()
    judged: list[str] = []
    real = __import__("hub.sync.intake", fromlist=["reconcile"]).reconcile
    monkeypatch.setattr(
        "hub.sync.intake.reconcile", lambda entity, *more: judged.append(entity.key) or real(entity, *more)
    )
    names_in(two, "left", in_progress=["In Progress", "Working"])
    await two.sync()
    assert judged == ["REQ-1", "REQ-2", "REQ-3"]
    judged.clear()
    await two.sync()
    assert judged == []


async def test_another_order_of_the_table_is_the_same_mapping(two: Two) -> None:
    two.left.add(title="One", status="In Progress")
    await two.sync()
    calls = two.left.calls.total()
    two.spokes["left"]["status"] = dict(reversed(STATUS.items()))
    await two.sync()
    again = two.left.calls.total() - calls
    await two.sync()
    assert two.left.calls.total() - calls == 2 * again


# Fields.


def due_lives_in(monkeypatch: pytest.MonkeyPatch, spoke: str, field: str | None) -> None:
    """An option of the connector, such as Jira's `start`, names another field, or none."""

    def mapping(self: MemoryConnector, kind: Kind) -> FieldMap:
        usual = self.kinds[kind].mapping
        if self.setup.connection != spoke or kind is not Kind.REQUIREMENT:
            return usual
        kept = FieldMap(**{name: lens for name, lens in usual.items() if name != "due"})
        return kept.plus(due=Day(field)) if field else kept

    monkeypatch.setattr(MemoryConnector, "mapping", mapping)


async def test_an_empty_field_in_place_of_another_is_filled_and_empties_nothing(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = two.left.add(title="One", due="2026-05-01")
    two.left.add(title="Without a day")
    await two.sync()
    told = history(two)
    due_lives_in(monkeypatch, "left", "note")
    assert (await two.sync(dry_run=True)).plan
    held = await two.sync()
    assert (held.outcome, two.shows(two.left, "note")) == ("held", [None, None])
    with two.hub() as hub:
        await hub.approve(held.run)
    assert (two.shows(two.left, "note"), two.shows(two.left, "due")) == (["2026-05-01", None], ["2026-05-01", None])
    assert (two.shows(two.right, "due"), history(two)) == (["2026-05-01", None], told)
    two.left.edit(one, note="2026-06-01")
    assert (await two.sync()).outcome == "done"
    assert two.shows(two.right, "due") == ["2026-06-01", None]


async def test_a_field_with_another_value_in_place_of_another_meets_the_rest_for_the_first_time(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.rules = {"due": "ask"}
    two.left.add(title="Same", due="2026-05-01", note="2026-05-01")
    two.left.add(title="Other", due="2026-05-01", note="2026-06-01")
    two.left.add(title="New to all", note="2026-07-01")
    await two.sync()
    due_lives_in(monkeypatch, "left", "note")
    report = await two.sync()
    assert ends(report, "left") == {"equal": 2, "held": 1}
    assert two.shows(two.right, "due") == ["2026-05-01", "2026-05-01", "2026-07-01"]
    with two.hub() as hub:
        (hold,) = hub.conflicts()
        assert hold["field"] == "due"
        hub.resolve(hold["id"], take="left")
        await hub.spread(hold["key"])
    assert (await two.sync()).outcome == "done"
    assert two.shows(two.right, "due") == ["2026-05-01", "2026-06-01", "2026-07-01"]


async def test_an_empty_field_that_is_mapped_from_now_on_empties_nothing(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    due_lives_in(monkeypatch, "right", None)
    two.left.add(title="One", due="2026-05-01")
    await two.sync()
    assert two.shows(two.right, "due") == [None]
    two.right.edit("1", title="One more", by="bo")
    due_lives_in(monkeypatch, "right", "due")
    assert (await two.sync()).outcome == "done"
    assert (two.shows(two.left, "due"), two.shows(two.right, "due")) == (["2026-05-01"], ["2026-05-01"])


async def test_a_field_that_is_mapped_no_more_is_left_alone_and_owes_nothing(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = two.left.add(title="One", due="2026-05-01")
    await two.sync()
    due_lives_in(monkeypatch, "right", None)
    two.left.edit(one, due="2026-06-01")
    assert ((await two.sync()).writes, two.shows(two.right, "due")) == (0, ["2026-05-01"])
    with two.hub() as hub:
        assert hub.store.owed("right", Kind.REQUIREMENT) == []
        assert hub.in_step("both") == {Kind.REQUIREMENT: 1}
    two.right.edit("1", due="2026-09-09", by="bo")
    assert (await two.sync()).writes == 0
    assert two.shows(two.left, "due") == ["2026-06-01"]


async def test_a_field_mapped_again_gets_what_it_missed_and_says_what_was_said_there(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = (two.left.add(title=title, due="2026-05-01") for title in ("One", "Other"))
    await two.sync()
    due_lives_in(monkeypatch, "right", None)
    two.left.edit(one, due="2026-06-01")
    two.right.edit("2", due="2026-09-09", by="bo")
    await two.sync()
    due_lives_in(monkeypatch, "right", "due")
    report = await two.sync()
    assert report.outcome == "done"
    for service in (two.left, two.right):
        assert two.shows(service, "due") == ["2026-06-01", "2026-09-09"]
    assert (await two.sync()).writes == 0


async def test_a_replaced_custom_field_that_is_empty_is_filled_and_the_others_are_as_they_were(two: Two) -> None:
    custom_in(two, "left", area="cf_1", contract="cf_2")
    custom_in(two, "right", area="a", contract="c")
    two.left.add(title="One", custom={"cf_1": text("North"), "cf_2": text("K-1")})
    await two.sync()
    told = history(two)
    custom_in(two, "left", area="cf_9", contract="cf_2")
    held = await two.sync()
    assert held.outcome == "held"
    with two.hub() as hub:
        await hub.approve(held.run)
    assert (values_of(two.left, "cf_9"), values_of(two.left, "cf_2")) == (["North"], ["K-1"])
    assert (values_of(two.right, "a"), history(two)) == (["North"], told)
    assert (await two.sync()).writes == 0


async def test_a_replaced_custom_field_that_says_something_else_waits_for_a_person(two: Two) -> None:
    two.rules = {"custom": "ask"}
    custom_in(two, "left", area="cf_1")
    custom_in(two, "right", area="a")
    two.left.add(title="One", custom={"cf_1": text("North"), "cf_9": text("South")})
    await two.sync()
    custom_in(two, "left", area="cf_9")
    report = await two.sync()
    assert (ends(report, "left"), values_of(two.right, "a")) == ({"held": 1}, ["North"])


async def test_a_custom_field_named_from_now_on_empties_nothing_and_gives_what_it_has(two: Two) -> None:
    custom_in(two, "right", area="a")
    one = two.left.add(title="One", custom={"cf_1": text("North")})
    two.left.add(title="Empty")
    await two.sync()
    two.right.edit("2", custom={"a": text("East")}, by="bo")
    await two.sync()
    custom_in(two, "left", area="cf_1")
    report = await two.sync()
    assert report.outcome == "done", report.problems
    assert (values_of(two.left, "cf_1"), values_of(two.right, "a")) == (["North", "East"], ["North", "East"])
    assert two.left.state(one).fields["custom"]["cf_1"]["value"] == "North"


async def test_what_was_judged_under_names_that_were_only_tried_is_judged_anew(two: Two) -> None:
    """The names are changed, the run breaks off in between, and they are changed back: not all was read under either."""
    names_in(two, "right")
    two.left.add(title="One")
    await two.sync()
    two.right.edit("1", status="Somewhere Else")
    assert "'Somewhere Else' has no canonical value" in (await two.sync()).problems[0]["message"]
    names_in(two, "right", otherwise={"write": "Approved", "read": "approved"})
    two.right.page_size = 1
    two.right.add(title="Two")
    two.right.faults.append(Fault("changes", ServiceDown("down"), skip=1))
    await two.sync()
    assert two.shows(two.left, "status")[0] == "Approved"
    names_in(two, "right")
    assert "'Somewhere Else' has no canonical value" in (await two.sync()).problems[0]["message"]


async def test_a_list_that_ends_too_early_leaves_nothing_under_the_old_names(two: Two) -> None:
    names_in(two, "right")
    two.left.add(title="One", status="In Progress")
    two.left.add(title="Two", status="In Progress")
    await two.sync()
    names_in(two, "right", in_progress="Review", review="In Progress")
    two.right.page_size, two.right.on_page = 1, lambda _kind: Paging.ENDS
    held = await two.sync()
    assert (held.outcome, len(held.plan or ())) == ("held", 2)


async def test_what_the_very_first_run_took_up_before_it_broke_off_is_judged_anew_under_other_names(two: Two) -> None:
    names_in(two, "right")
    two.right.page_size = 1
    two.right.add(title="One", status="In Progress")
    two.right.add(title="Two")
    two.right.faults.append(Fault("changes", ServiceDown("down"), skip=1))
    await two.sync()
    names_in(two, "right", in_progress="Review", review="In Progress")
    two.right.faults.clear()
    held = await two.sync()
    assert (held.outcome, two.shows(two.right, "status")) == ("held", ["In Progress", "New"])
    (entry,) = [each for each in held.plan or () if each["operation"] == "update"]
    assert entry["fields"] == {"status": {"from": "review", "to": "in_progress"}}


async def test_what_clients_wrote_where_no_name_was_is_taken_up_once_there_is_one(two: Two) -> None:
    """They are not shown the field, so that nothing was ever agreed on there."""
    two.spokes["right"]["audience"] = "client"
    custom_in(two, "left", Contract="cf_other", Team="cf_left")
    custom_in(two, "right", Contract="cf_other", Team="cf_right")
    two.left.add(title="One", custom={"cf_other": text("ours")})
    await two.sync()
    two.right.edit("1", custom={"cf_right": text("theirs")})
    custom_in(two, "right", Contract="cf_other")
    await two.sync()
    custom_in(two, "right", Contract="cf_other", Team="cf_right")
    for _ in range(2):
        await two.sync()
    assert values_of(two.left, "cf_left") == ["theirs"]
