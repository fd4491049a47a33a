"""What the lenses of moments, numbers, persons, custom fields, checklists and marks promise beyond the two laws."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.mapping import (
    Account,
    Author,
    Checklist,
    CustomFields,
    FieldMap,
    Marked,
    Moment,
    Number,
    Owner,
    People,
    Position,
    Ref,
    RichText,
    Terms,
    Text,
    Unmapped,
    Unsaid,
    without_mark,
)
from hub.model import Audience, Criterion, Kind, Person, Requirement, fields_of
from tests.laws.strategies import MARKS, Seen, Ties, accounts, custom_fields, one_person

NINE = datetime(2026, 12, 1, 9, tzinfo=UTC)
PEOPLE = People("here", {}, [Account("1", "Ann", "ann@example.com")])
TERMS = Terms("here", {}, PEOPLE, custom={"area": "cf_1", "cost": "cf_2", "go live": "cf_3"})


# Moments and numbers.


@pytest.mark.parametrize(
    "shown",
    ["2026-12-01T09:00:00Z", "2026-12-01T17:00:00.000000000+08:00", "2026-12-01t09:00:00.0z", "2026-12-01 09:00"],
)
def test_a_moment_is_read_in_any_offset_and_left_as_it_is_written(shown: str) -> None:
    lens = Moment("at")
    assert lens.get(shown) == NINE
    assert lens.to_remote(NINE, current=shown) == shown


def test_a_new_moment_is_written_in_utc() -> None:
    assert Moment("at").to_remote(NINE + timedelta(milliseconds=5), current=None) == "2026-12-01T09:00:00.005000Z"
    with pytest.raises(Unmapped, match="no moment"):
        Moment("at").get("soon")


@pytest.mark.parametrize("shown", [5400, 5400.0, "5400"])
def test_a_number_is_in_our_unit_here_and_stays_as_it_is_written_there(shown: Any) -> None:
    lens = Number("seconds", per=3600)
    assert lens.get(shown) == 1.5
    written = lens.to_remote(1.5, current=shown)
    assert (written, type(written)) == (shown, type(shown))
    assert repr(lens.to_remote(2.0, current=shown)) == "7200"


@pytest.mark.parametrize("shown", ["two", "nan", float("inf"), True, [1], "1_0"])
def test_what_is_no_number_is_not_guessed(shown: Any) -> None:
    with pytest.raises(Unmapped, match="no number"):
        Number("hours").get(shown)


def test_any_place_moves_nobody_but_a_place_that_somebody_chose_is_read() -> None:
    lens = Position("pos")
    assert lens.to_remote(None, current=65_536) == 65_536
    assert lens.to_canonical(65_536, current=None) is None
    assert lens.to_canonical(10, current=None, seen=65_536) == 10.0


# Persons and references.


@given(given=one_person(Owner, accounts))
def test_an_owner_who_was_shown_and_is_no_more_is_nobody_even_without_a_known_account(given: Seen) -> None:
    owner = given.lens.get(given.remote)
    assert given.lens.to_canonical(None, current=owner, seen=given.remote) is None


def test_an_owner_without_an_account_there_is_kept_here() -> None:
    lens, stranger = Owner("owner").bound("owner", TERMS), Person(email="bo@example.com")
    assert lens.to_remote(stranger, current={"id": "1"}) is None
    assert lens.to_canonical(None, current=stranger, seen=None) == stranger
    assert lens.to_canonical({"id": "1"}, current=stranger) == Person(email="ann@example.com")


def test_an_author_is_known_by_account_else_by_mail_else_by_name() -> None:
    lens = Author("author").bound("author", TERMS)
    assert lens.get({"id": "1", "name": "A."}) == Person(email="ann@example.com")
    assert lens.get({"name": "Bo", "email": "Bo@Example.com"}) == Person(email="bo@example.com")
    assert lens.get({"name": "李雷"}) == Person(name="李雷")
    assert lens.get(None) is None
    ann = Person(email="ann@example.com", name="Ann")
    assert lens.to_remote(ann, current=None) == {"id": "1", "name": "Ann", "email": "ann@example.com"}
    assert lens.to_remote(Person(name="李雷"), current=None) == {"name": "李雷"}
    assert lens.to_remote(ann, current={"id": "1", "name": "A."}) == {"id": "1", "name": "A."}


def test_a_reference_may_be_to_one_of_several_kinds() -> None:
    class Both(Ties):
        def key_of(self, kind: str, remote: str) -> str | None:
            return {("requirement", "1"): "REQ-1", ("task", "2"): "TSK-2"}.get((kind, remote))

        def remote_of(self, kind: str, key: str) -> str | None:
            return {("requirement", "REQ-1"): "1", ("task", "TSK-2"): "2"}.get((kind, key))

    lens = Ref("parent", Kind.REQUIREMENT, Kind.TASK).bound("parent", Terms("here", {}, PEOPLE, Both({})))
    assert [lens.get(remote) for remote in ("1", 2, "3")] == ["REQ-1", "TSK-2", None]
    assert [lens.to_remote(key, current=None) for key in ("REQ-1", "TSK-2", "TSK-3")] == ["1", "2", None]


# Custom fields.


def test_a_custom_value_keeps_the_type_of_its_field_and_others_are_not_touched() -> None:
    lens = CustomFields("custom").bound("custom", TERMS)
    shown = {
        "cf_1": {"type": "choices", "value": ["red"]},
        "cf_2": {"type": "number", "value": 3},
        "else": {"type": "text", "value": "ours not"},
    }
    assert lens.get(shown) == {"area": ("red",), "cost": 3.0}
    value = {"area": ("red", "红"), "cost": 3.0, "go live": date(2026, 12, 1), "unmapped": "stays"}
    written = lens.to_remote(value, current=shown)
    assert written == {
        **shown,
        "cf_1": {"type": "choices", "value": ["red", "红"]},
        "cf_3": {"type": "day", "value": "2026-12-01"},
    }
    assert repr(written["cf_2"]["value"]) == "3"
    assert lens.to_canonical(written | {"cf_1": {"type": "choices", "value": None}}, current=value) == {
        "cost": 3.0,
        "go live": date(2026, 12, 1),
        "unmapped": "stays",
    }
    assert lens.to_remote({}, current=written)["cf_3"] == {"type": "day", "value": None}


@pytest.mark.parametrize(
    ("value", "kind"), [("x", "number"), (True, "number"), (1.0, "flag"), (float("nan"), "number")]
)
def test_a_custom_value_that_does_not_fit_its_field_is_named(value: Any, kind: str) -> None:
    lens = CustomFields("custom").bound("custom", TERMS)
    with pytest.raises(Unmapped, match=f"area: {value!r} is no {kind}"):
        lens.to_remote({"area": value}, current={"cf_1": {"type": kind, "value": None}})


def test_a_custom_value_that_no_field_can_hold_is_named_also_where_none_is_there_yet() -> None:
    lens = CustomFields("custom").bound("custom", TERMS)
    with pytest.raises(Unmapped, match="area: inf is nothing that a field can hold"):
        lens.to_remote({"area": float("inf")}, current=None)


@given(given=custom_fields())
def test_custom_values_survive_the_store_with_their_types(given: Seen) -> None:
    field = fields_of(Requirement)["custom"]
    value = {name: each for name, each in given.value.items() if each == each}  # noqa: PLR0124 - all but NaN
    again = field.from_json(field.to_json(value))
    assert again == value
    assert {name: type(each) for name, each in again.items()} == {name: type(each) for name, each in value.items()}
    assert list(field.to_json(value)) == sorted(value)


def test_custom_fields_are_mapped_only_where_some_are_named() -> None:
    mapping = FieldMap(title=Text("name"), custom=CustomFields("custom"))
    assert set(mapping.bound(Terms("here", {}, PEOPLE))) == {"title"}
    lens: Any = mapping.bound(TERMS)["custom"]
    assert lens.fields == ("cf_1", "cf_2", "cf_3")


# Checklists.


def test_items_of_a_checklist_keep_their_ids() -> None:
    lens = Checklist("items")
    shown = [{"id": "1", "text": "one", "met": False, "pos": 5}, {"id": "2", "text": "two", "met": False}]
    value = (Criterion(text="two", met=True), Criterion(text="one, but better"), Criterion(text="三"))
    assert lens.to_remote(value, current=shown) == [
        {"id": "2", "text": "two", "met": True},
        {"id": "1", "text": "one, but better", "met": False, "pos": 5},
        {"text": "三", "met": False},
    ]


# Marks.


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("@client Please look", "Please look"),
        ("@Client: please look", "please look"),
        ("**@client** please", "please"),
        ("**@client please** look", "**please** look"),
        ("_@client:_ look", "look"),
        ("@客户：请看", "请看"),
        ("\\@客户\n\n请看", "请看"),
        ("@client", ""),
        ("@client!", "!"),
    ],
)
def test_a_comment_that_begins_with_the_mark_is_for_the_client(text: str, rest: str) -> None:
    lens = Marked(RichText("body"), MARKS)
    assert lens.to_canonical(text, current=Audience.INTERNAL) is Audience.CLIENT
    assert without_mark(text, MARKS) == rest


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Tell @client",
        "@clients are late",
        "@client-side code",
        "@client's fault",
        "@client.example",
        "@客户们",
        "@client_x",
    ],
)
def test_other_comments_are_for_whom_they_were(text: str) -> None:
    lens = Marked(RichText("body"), MARKS)
    assert not lens.writable
    for audience in Audience:
        assert lens.to_canonical(text, current=audience) is audience
    assert without_mark(text, MARKS) == text


# Every lens.


@pytest.mark.parametrize(
    "make", [Text, RichText, Number, Position, Moment, Owner, Author, Checklist, CustomFields, Ref]
)
def test_a_weak_lens_has_a_fingerprint_of_its_own(make: Any) -> None:
    assert make("field", weak=True).weak
    assert make("field", weak=True).fingerprint() != make("field").fingerprint()


def test_a_mapping_can_be_given_more_lenses_and_made_read_only() -> None:
    mapping = FieldMap(title=Text("name"))
    more = mapping.plus(position=Position("pos"), title=Text("summary"))
    assert {field: lens.remote for field, lens in more.items()} == {"title": "summary", "position": "pos"}
    assert not any(lens.writable for lens in more.read_only().values())
    assert all(lens.writable for lens in more.values())
    assert more.read_only().fingerprints() == more.fingerprints()
    assert set(mapping) == {"title"}


def test_what_was_never_said_is_no_value_without_a_name() -> None:
    assert issubclass(Unsaid, Unmapped)


@given(st.data())
def test_a_mark_is_taken_off_once(data: st.DataObject) -> None:
    rest = data.draw(st.sampled_from(["please", "请看", "- a\n- b", "*so*"]))
    assert without_mark(f"{data.draw(st.sampled_from(MARKS))} {rest}", MARKS) == rest
