"""Edits that a write replaced unseen are told by the order of a field's history; what was seen before is not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.mapping import Account
from hub.model import NOTHING
from hub.sdk.records import Edit, Record, Touch
from hub.sync.overwritten import WrittenField, lost, seen_until, told

T0 = datetime(2026, 11, 2, 9, tzinfo=UTC)
HUB = "hub"


def at(second: float) -> datetime:
    return T0 + timedelta(seconds=second)


def step(second: float, who: str, value: Any, before: Any = NOTHING, field: str = "title") -> Edit:
    return Edit(field, value, Touch(Account(who, who.title()), at(second)), before)


def record(*edits: Edit) -> Record:
    return Record("7", {"title": "whatever"}, edits=edits)


def ours(second: float = 10, before: Any = "A", after: Any = "B", **more: Any) -> WrittenField:
    return WrittenField("title", before, after, at(second), **more)


def test_a_write_that_met_what_it_was_decided_on_replaced_nothing() -> None:
    assert lost(record(step(1, "ann", "A"), step(10, HUB, "B", "A")), HUB, [ours()]) == []


def test_an_edit_between_the_look_and_the_write_was_lost() -> None:
    unseen = step(9, "ann", "Z", "A")
    assert lost(record(step(1, "bo", "A"), unseen, step(10, HUB, "B", "Z")), HUB, [ours()]) == [unseen]


def test_of_several_unseen_edits_the_one_that_the_write_met_is_told() -> None:
    last = step(9, "bo", "Z", "Y")
    history = record(step(8, "ann", "Y", "A"), last, step(10, HUB, "B", "Z"))
    assert lost(history, HUB, [ours()]) == [last]


def test_an_edit_after_the_write_is_not_lost() -> None:
    assert lost(record(step(10, HUB, "B", "A"), step(11, "ann", "Z", "B")), HUB, [ours()]) == []


def test_an_edit_that_was_taken_back_before_the_write_is_not_lost() -> None:
    history = record(step(8, "ann", "Z", "A"), step(9, "ann", "A", "Z"), step(10, HUB, "B", "A"))
    assert lost(history, HUB, [ours()]) == []


def test_a_field_nobody_else_edited_is_not_lost_with_another_one() -> None:
    other = step(9, "ann", "2026-12-24", None, field="due")
    assert lost(record(other, step(10, HUB, "B", "A")), HUB, [ours()]) == []


def test_what_a_history_without_values_shows_before_the_look_was_seen() -> None:
    history = record(step(8, "ann", NOTHING), step(10, HUB, NOTHING))
    assert lost(history, HUB, [ours(seen_until=at(8))]) == []
    assert lost(history, HUB, [ours(seen_until=at(7))]) == [step(8, "ann", NOTHING)]


def test_a_value_that_only_our_own_step_tells_is_told() -> None:
    history = record(step(8, "ann", NOTHING), step(10, HUB, "B", "Z"))
    assert lost(history, HUB, [ours(seen_until=at(7))]) == [step(8, "ann", "Z")]


def test_a_write_in_several_steps_is_followed_back_to_where_it_began() -> None:
    hops = step(10, HUB, "M", "A"), step(11, HUB, "B", "M")
    assert lost(record(*hops), HUB, [ours(11)]) == []
    unseen = step(9, "ann", "Z", "A")
    began_elsewhere = replace(hops[0], before="Z")
    assert lost(record(unseen, began_elsewhere, hops[1]), HUB, [ours(11)]) == [unseen]


def test_each_of_two_writes_is_judged_by_its_own_step() -> None:
    unseen = step(15, "ann", "Z", "B")
    history = record(step(10, HUB, "B", "A"), unseen, step(16, HUB, "C", "Z"))
    writes = [ours(10, "A", "B"), ours(16, "B", "C")]
    assert lost(history, HUB, writes) == [unseen]
    assert lost(history, HUB, writes[:1]) == []


def test_the_same_value_written_twice_is_told_apart_by_its_time() -> None:
    unseen = step(29, "ann", "Z", "A")
    history = record(
        step(10, HUB, "B", "A"), step(20, "ann", "A", "B"), unseen, step(30, HUB, "B", "Z"), step(40, "bo", "D", "B")
    )
    assert lost(history, HUB, [ours(10.4)]) == []
    assert lost(history, HUB, [ours(30.4)]) == [unseen]


def test_the_same_value_written_twice_is_told_apart_by_what_had_been_seen_where_our_clock_was_wrong() -> None:
    unseen = step(29, "ann", "Z", "A")
    history = record(step(10, HUB, "B", "A"), step(20, "ann", "A", "B"), unseen, step(30, HUB, "B", "Z"))
    assert lost(history, HUB, [ours(-600, seen_until=at(20))]) == [unseen]
    coarse = record(step(20, "ann", "A"), step(20, HUB, "B", "Z"))
    assert told(coarse, HUB, [ours(-600, seen_until=at(20))]), "what is of the very moment of the look may be the write"


def test_people_are_the_same_by_their_ids() -> None:
    shown = {"id": "5", "name": "Li Wei", "email": "li@acme.example"}
    history = record(step(1, "ann", {"id": "5", "name": "Li"}), step(10, HUB, None))
    assert lost(history, HUB, [ours(before=shown, after=None)]) == []


def test_a_write_is_final_once_it_stands_in_the_history() -> None:
    assert told(record(step(9, "ann", "Z")), HUB, [ours()]) == []
    assert told(record(step(9, "ann", "Z"), step(10, HUB, "B")), HUB, [ours()]) == [ours()]


def test_a_look_has_seen_as_far_as_the_field_or_the_record_says() -> None:
    base = record()
    assert seen_until(base, "title") is None
    assert seen_until(replace(base, at=at(3)), "title") == at(3)
    touched = replace(base, touches={"title": Touch(Account("ann", "Ann"), at(5))}, at=at(3))
    assert seen_until(touched, "title") == at(5)
    assert seen_until(touched, "due") == at(3)


PEOPLE = st.sampled_from(["ann", "bo"])
VALUES = st.sampled_from(list("ACDE"))


@given(
    seen=st.lists(st.tuples(PEOPLE, VALUES), max_size=3),
    unseen=st.lists(st.tuples(PEOPLE, VALUES), max_size=3),
    later=st.lists(st.tuples(PEOPLE, VALUES), max_size=2),
    tells_before=st.booleans(),
)
def test_exactly_what_stood_there_unseen_is_lost(
    seen: Sequence[Any], unseen: Sequence[Any], later: Sequence[Any], tells_before: bool
) -> None:
    """A world with a field that shows one value at a time: the truth is known, and the history must tell it."""
    steps, value = [], "A"
    for number, (who, new) in enumerate([*seen, *unseen, (HUB, "B"), *later]):
        if number == len(seen):
            base = value
        if number == len(seen) + len(unseen):
            met = value
        if new != value:  # services note no step that changes nothing
            steps.append(step(number, who, new, value if tells_before else NOTHING))
            value = new
    write = ours(len(seen) + len(unseen), base, "B", seen_until=at(len(seen) - 1))
    found = lost(record(*steps), HUB, [write])
    assert [edit.value for edit in found] == ([met] if met != base else [])
