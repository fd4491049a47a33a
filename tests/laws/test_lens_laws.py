"""The two laws of every lens, for values as people and services really give them."""

import inspect
from datetime import date
from typing import Any

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

import hub.mapping
from hub.mapping import Choice, DayOfInstant, LabelSet, Lens, OnePerson, PeopleSet, RichText, Text, Unmapped, Vocabulary
from hub.mapping.lines import one_line
from hub.model import Person, RequirementStatus
from tests.laws.strategies import (
    LENSES,
    MARK,
    Seen,
    Ties,
    choices,
    instants,
    labels,
    lines,
    people,
    references,
    statuses,
    texts,
)

every_lens = pytest.mark.parametrize("name", LENSES)
BARE = {"Text", "RichText", "Choice"}


def test_no_lens_is_left_out() -> None:
    whole = (each for each in vars(hub.mapping).values() if inspect.isclass(each) and not inspect.isabstract(each))
    classes = {each.__name__ for each in whole if issubclass(each, Lens)}
    assert classes == set(LENSES)


@every_lens
@given(data=st.data())
def test_what_we_write_and_read_back_changes_nothing_here(name: str, data: st.DataObject) -> None:
    """Law 1. A value that has no counterpart is said to have none, and nothing is written."""
    given = data.draw(LENSES[name])
    try:
        written = given.lens.to_remote(given.value, current=given.remote)
    except Unmapped:
        event("unmapped")
        return
    assert given.lens.to_canonical(written, current=given.value) == given.value
    for seen in (given.remote, written):
        assert given.lens.to_canonical(written, current=given.value, seen=seen) == given.value


@every_lens
@given(data=st.data())
def test_writing_again_writes_the_same(name: str, data: st.DataObject) -> None:
    given = data.draw(LENSES[name])
    try:
        written = given.lens.to_remote(given.value, current=given.remote)
    except Unmapped:
        return
    assert given.lens.to_remote(given.value, current=written) == written


@pytest.mark.parametrize("name", sorted(LENSES.keys() - BARE))
@given(data=st.data())
def test_what_we_read_and_write_back_changes_nothing_there(name: str, data: st.DataObject) -> None:
    """Law 2, whatever the record showed before. What cannot be read is never written over."""
    given = data.draw(LENSES[name])
    try:
        read = given.lens.to_canonical(given.remote, current=given.value, seen=given.other)
    except Unmapped:
        event("unmapped")
        return
    assert given.lens.to_remote(read, current=given.remote) == given.remote


# Law 2 of texts has one exception: the beginning of a cut text was edited so that now the whole text fits.


@pytest.mark.parametrize("name", ["Text", "RichText"])
@given(data=st.data())
def test_a_text_read_is_not_written_back_unless_it_was_cut_and_now_fits(name: str, data: st.DataObject) -> None:
    given = data.draw(LENSES[name])
    lens: Any = given.lens
    read = lens.to_canonical(given.remote, current=given.value)
    written = lens.to_remote(read, current=given.remote)
    if written != given.remote:
        event("the whole text fits now")
        assert len(given.value) > lens.limit
        assert given.remote.endswith(MARK)
        assert len(read) <= lens.limit
        assert read.startswith(given.remote.removesuffix(MARK))
        assert written == lens.to_remote(read, current=None)


@pytest.mark.parametrize("make", [Text, RichText])
@given(text=lines.map(lambda text: one_line(f"beginning {text}")), limit=st.sampled_from([30, 255]))
def test_an_edit_of_a_cut_text_keeps_what_was_not_shown(make: Any, text: str, limit: int) -> None:
    lens: Lens = make("field", limit=limit)
    shown = lens.to_remote(text, current=None)
    assert len(shown) <= limit
    edited = shown.replace("beginning", "new start", 1)
    assert lens.to_canonical(edited, current=text) == text.replace("beginning", "new start", 1)


@given(text=lines.filter(lambda text: not text.endswith(MARK)), limit=st.sampled_from([10, 255]))
def test_who_removes_the_mark_gives_a_whole_new_text(text: str, limit: int) -> None:
    lens = Text("field", limit=limit)
    old = "long " * 100
    shown = one_line(text)[:limit].rstrip(MARK)
    assert lens.to_canonical(shown, current=old) == shown


def test_an_empty_text_is_shown_as_untitled_where_none_may_be_empty_and_read_back_as_empty() -> None:
    lens = Text("field", untitled="untitled")
    for empty in ("", " \n"):
        assert lens.to_remote(empty, current=None) == "untitled"
        assert lens.to_canonical("untitled", current=empty) == empty
    assert lens.to_canonical("Export", current="") == "Export"


# Law 2 of choices has one exception: "not set" where that is no value, and `otherwise` says how it is read.


@given(given=choices())
def test_a_choice_read_is_not_written_back_unless_nothing_is_set(given: Seen) -> None:
    lens: Any = given.lens
    try:
        read = lens.to_canonical(given.remote, current=given.value)
        written = lens.to_remote(read, current=given.remote)
    except Unmapped:
        return
    if written != given.remote:
        assert given.remote is None
        assert not lens.optional
        assert lens.names.read == read
        assert written == lens.to_remote(read, current=None)


@given(given=choices())
def test_a_choice_that_can_be_read_can_be_written_back(given: Seen) -> None:
    try:
        read = given.lens.to_canonical(given.remote, current=given.value)
    except Unmapped:
        return
    if given.remote is not None:
        assert given.lens.to_remote(read, current=given.remote) == given.remote


@given(one=statuses, other=statuses)
def test_statuses_that_share_a_name_do_not_move_each_other(one: RequirementStatus, other: RequirementStatus) -> None:
    lens = Choice("list", RequirementStatus, names=Vocabulary({str(one): ("Doing",), str(other): ("Doing",)}))
    assert lens.to_canonical("Doing", current=one) is one
    assert lens.to_canonical("Doing", current=other) is other


@given(given=choices(), name=st.sampled_from(["To Do", "unknown"]))
def test_a_name_outside_a_vocabulary_without_otherwise_is_never_guessed(given: Seen, name: str) -> None:
    lens: Any = given.lens
    if lens.names.read is None and not any(name in names for names in lens.names.names.values()):
        with pytest.raises(Unmapped):
            lens.get(name)


@given(remote=instants, day=st.dates())
def test_a_new_day_keeps_the_time_of_day_there(remote: str | None, day: date) -> None:
    lens = DayOfInstant("due")
    try:
        written = lens.to_remote(day, current=remote)
    except Unmapped:
        return
    assert lens.get(written) == day
    if remote and lens.get(remote) != day:
        assert DayOfInstant("due").put(lens.get(remote), written)[10:19] == written[10:19]  # type: ignore[index]


@given(given=labels())
def test_labels_that_nobody_touched_stay_as_they_are_there(given: Seen) -> None:
    lens: Any = given.lens
    before = given.remote or []
    read = lens.to_canonical(before, current=given.value)
    with_one_more = lens.to_remote(read | {"new"}, current=before)
    assert with_one_more[: len(before)] == before


@given(given=labels(), label=st.sampled_from(["a", "b", "标签"]))
def test_a_label_removed_there_is_removed_here_and_no_other(given: Seen, label: str) -> None:
    lens = LabelSet("labels")
    value: frozenset[str] = given.value | {label}
    shown = [name for name in lens.to_remote(value, current=None) if name != label]
    assert lens.to_canonical(shown, current=value) == {each for each in value if each.strip() != label}


@given(given=people(PeopleSet, st.just(None)))
def test_who_has_no_account_there_stays_here(given: Seen) -> None:
    lens: Any = given.lens
    assert lens.to_canonical([], current=given.value) == {
        person for person in given.value if lens.people.account(person) is None
    }


@given(given=people(PeopleSet, st.just(None)), number=st.sampled_from(["left", "1"]))
def test_whoever_was_shown_and_is_no_more_is_removed_even_without_a_known_account(given: Seen, number: str) -> None:
    shown = [{"id": number, "email": "gone@example.com"}]
    value = given.lens.to_canonical(shown, current=frozenset())
    assert given.lens.to_canonical([], current=value, seen=shown) == frozenset()


@given(given=people(OnePerson, st.just(None)), new=st.sampled_from(["1", "2", "3"]))
def test_a_new_person_replaces_only_the_one_who_was_shown(given: Seen, new: str) -> None:
    """With several people assigned, those who were not shown stay; law 2 holds because the new one is kept shown."""
    lens: Any = given.lens
    seen = lens.to_remote(given.value, current=None)
    remote = {"id": new}
    value = lens.to_canonical(remote, current=given.value, seen=seen)
    if lens.to_remote(given.value, current=remote) == remote:
        assert value == given.value
        return
    assert lens.people.person(remote) in value
    shown = {p for p in given.value if (lens.people.account(p) or {}).get("id") == (seen or {}).get("id")}
    shown_too = {p for p in given.value if seen is not None and lens.people.person(seen) == p}
    assert given.value - shown - shown_too <= value


@given(given=people(OnePerson, st.just(None)))
def test_taking_the_one_person_away_leaves_nobody_who_could_be_shown(given: Seen) -> None:
    """Were the others kept, the next of them would be shown at once: unassigning would be impossible there."""
    lens: Any = given.lens
    seen = lens.to_remote(given.value, current=None)
    if seen is not None:
        value = lens.to_canonical(None, current=given.value, seen=seen)
        assert value == {person for person in given.value if lens.people.account(person) is None}


@given(given=references())
def test_a_reference_to_an_unknown_record_is_never_erased_for_one_that_has_no_copy(given: Seen) -> None:
    if given.lens.to_canonical(given.remote, current=None) is None:
        assert given.lens.to_remote("CLI-3", current=given.remote) == given.remote


@given(given=texts(RichText))
@example(Seen(RichText("field"), "\x00", None, None))
def test_nothing_is_written_where_nothing_would_be_shown(given: Seen) -> None:
    if not given.remote and not given.lens.to_remote(given.value, current=None):
        assert given.lens.to_remote(given.value, current=given.remote) == given.remote


def test_two_accounts_of_one_person_are_not_exchanged() -> None:
    both = hub.mapping.People(
        "here", {}, [hub.mapping.Account("1", "Ann", "a@b.c"), hub.mapping.Account("2", "Ann", "a@b.c")]
    )
    terms = hub.mapping.Terms("here", {}, both, Ties({}))
    lens = PeopleSet("assignees").bound("assignees", terms)
    for number in ("1", "2"):
        shown = [{"id": number, "name": "Ann"}]
        assert lens.to_remote(frozenset({Person(email="a@b.c")}), current=shown) == shown


def test_a_text_longer_than_we_write_stays_whole_while_nobody_edits_it() -> None:
    lens, shown = RichText("body", limit=10), "x" * 50
    assert lens.put(lens.get(shown), shown) == shown
    assert lens.to_remote(lens.to_canonical(shown, current=""), current=shown) == shown
