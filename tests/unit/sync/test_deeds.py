"""What a run did is read from its journal and its events: what belongs together, and what was somebody else's in between."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.mapping import FieldMap, Same, Text
from hub.model import Kind, Requirement, Stamp
from hub.reconcile import OPEN, Binding, Event, Observation
from hub.sdk.records import Record
from hub.store import Store, Write
from hub.sync.deeds import Choice, Deeds, Step, Stretch, deeds_of
from hub.sync.restoring import Copy, Restoring

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ANN = Stamp(who="Ann", connection="jira", at=NOW)
UNDO = Stamp(who="me", connection="hub", at=NOW + timedelta(hours=1), because="undo R-2")
MAPPING = FieldMap(title=Text("summary"), description=Same("body"), background=Same("body"))


@pytest.fixture
def store() -> Store:
    """One requirement that was known before R-2."""
    store = Store.open(":memory:")
    store.keep_entities([Requirement(key="REQ-1", title="One")])
    store.keep_events([Event("REQ-1", "title", "", "One", ANN)], "R-1", NOW)
    return store


def write(fields: Mapping[str, tuple[Any, Any]], before: Any, after: Any, run: str = "R-2") -> Write:
    remote = MAPPING[next(iter(fields))].remote
    told = {name: {"from": old, "to": new} for name, (old, new) in fields.items()}
    where = ("trello", Kind.REQUIREMENT, "7", "REQ-1")
    return Write(run, *where, "update", NOW, told, {remote: before}, {remote: after})


def deeds(store: Store, **part: str) -> Deeds:
    return deeds_of(store, "R-2", Choice(**part), lambda *_: MAPPING)["REQ-1"]


def test_several_writes_of_a_run_are_one_stretch_from_the_first_to_the_last(store: Store) -> None:
    store.keep_writes(
        [write({"title": ("One", "Two")}, "One", "Two"), write({"title": ("Two", "Three")}, "Two", "Three")]
    )
    assert deeds(store).stretches["trello", "7"] == {"summary": Stretch("One", "Three", {"title": "One"})}


def test_an_edit_between_two_writes_of_a_run_is_what_the_copy_goes_back_to(store: Store) -> None:
    first = write({"title": ("One", "Two")}, "One", "Two")
    store.keep_writes([first, write({"title": ("Mine", "Three")}, "Mine", "Three")])
    assert deeds(store).stretches["trello", "7"] == {"summary": Stretch("Mine", "Three", {"title": "Mine"})}


def test_fields_that_stand_in_one_field_of_a_record_go_together(store: Store) -> None:
    store.keep_events([Event("REQ-1", "description", "", "words", ANN)], "R-2", NOW)
    store.keep_events([Event("REQ-1", "background", "", "why", ANN)], "R-2", NOW)
    store.keep_events([Event("REQ-1", "title", "One", "Two", ANN)], "R-2", NOW)
    store.keep_writes([write({"description": ("", "words"), "background": ("", "why")}, "", "words why")])
    assert deeds(store, field="background").names == {"background", "description"}
    assert deeds(store, field="title").names == {"title"}


def test_what_a_run_imported_has_no_steps_to_take_back(store: Store) -> None:
    store.keep_events([Event("REQ-2", "title", "", "New", ANN)], "R-2", NOW)
    store.keep_events([Event("REQ-1", "title", "One", "Two", ANN)], "R-2", NOW)
    found = deeds_of(store, "R-2", Choice(), lambda *_: MAPPING)
    assert list(found) == ["REQ-1"]
    assert found["REQ-1"].steps == {"title": Step("One", "Two")}


def test_an_overruled_value_was_never_the_entitys_and_is_no_step(store: Store) -> None:
    store.keep_events([Event("REQ-1", "title", "Lost", "One", ANN, overruled=True)], "R-2", NOW)
    assert (deeds(store).names, deeds(store).steps) == ({"title"}, {})


def test_a_field_stays_if_what_stands_with_it_was_changed_since() -> None:
    entity = Requirement(key="REQ-1", title="One", description="newer", background="why")
    steps = {"description": Step("", "words"), "background": Step("", "why")}
    stretches = {("trello", "7"): {"body": Stretch("", "words why", {"description": "", "background": ""})}}
    plan = Restoring(entity, Deeds("REQ-1", set(steps), steps, stretches), [copy("newer why")], {}, UNDO)
    plan.decide()
    assert (plan.targets, plan.events, plan.updates) == ({}, [], {})
    assert [(left.field, left.connection) for left in plan.left] == [("description", None), ("background", None)]


def test_both_fields_go_back_by_one_write_of_what_stood_there() -> None:
    entity = Requirement(key="REQ-1", title="One", description="words", background="words")
    steps = {"description": Step("", "words"), "background": Step("", "words")}
    stretches = {("trello", "7"): {"body": Stretch("", "words", {"description": "", "background": ""})}}
    plan = Restoring(entity, Deeds("REQ-1", set(steps), steps, stretches), [copy("words", "words")], {}, UNDO)
    plan.decide()
    assert plan.updates["trello"].debt.patch == {"body": ""}
    assert plan.updates["trello"].debt.values == {"description": "", "background": ""}
    assert (plan.opens, plan.left) == ([], [])


def copy(body: str, left: str = "words why") -> Copy:
    """The copy in trello, of which the hub has seen what the run left there."""
    seen = {"description": left, "background": left}
    tie = Binding("trello", Kind.REQUIREMENT, "7", "REQ-1", seen, {"description": "words", "background": "why"})
    return Copy(tie, Record("7", {"body": body}), Observation({"body": body}, ANN), MAPPING, OPEN)
