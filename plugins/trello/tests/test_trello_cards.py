"""Cards as records, markers and histories: pure."""

from typing import Any

import pytest
from hub_trello.board import Board, color_called
from hub_trello.cards import card_record, digest, is_requirement
from hub_trello.history import histories
from hub_trello.mapping import REQUIREMENT
from hub_trello.marker import PREFIX, marker_link, marker_of
from hypothesis import given
from hypothesis import strategies as st

TODO, DONE = {"id": "b1", "name": "To Do", "pos": 2}, {"id": "b2", "name": "Done", "pos": 1, "closed": True}
LABELS: list[dict[str, Any]] = [
    {"id": "c1", "name": "bug", "color": "red"},
    {"id": "c2", "name": "bug", "color": "blue"},
    {"id": "c3", "name": "", "color": "green"},
    {"id": "c4", "name": "", "color": None},
]
BOARD = Board.of("a1", [TODO, DONE], LABELS, [{"id": "f1", "fullName": "Ana", "username": "ana"}])


def card(**changed: Any) -> dict[str, Any]:
    shown = {"id": "d1", "idBoard": "a1", "idList": "b1", "name": "n", "desc": "", "idMembers": [], "idLabels": []}
    return {**shown, "dateLastActivity": "2026-11-01T10:02:33.123Z", "pos": 1, **changed}


def action(number: int, kind: str, who: str = "f1", **data: Any) -> dict[str, Any]:
    at = f"2026-11-01T10:00:{number:02d}.000Z"
    about = {"card": {"id": "d1"}, **data}
    return {"id": f"{number:024x}", "type": kind, "date": at, "idMemberCreator": who, "data": about}


def test_every_remote_field_of_the_mapping_is_a_field_of_the_record() -> None:
    assert REQUIREMENT.remotes() <= card_record(card(), BOARD, marker=None).fields.keys()


def test_labels_of_one_name_are_one_and_unnamed_ones_are_shown_by_colour() -> None:
    shown = card_record(card(idLabels=["c3", "c2", "c4", "c1"]), BOARD, marker=None).fields["labels"]
    assert shown == [":green:", ":none:", "bug"]


@given(st.permutations(["c1", "c2", "c3"]), st.permutations(["f1", "f2", "f3"]), st.floats(0, 1e6))
def test_the_order_in_which_the_service_lists_things_is_no_change(
    labels: list[str], members: list[str], pos: float
) -> None:
    usual = card(idLabels=["c1", "c2", "c3"], idMembers=["f1", "f2", "f3"])
    shuffled = card(idLabels=labels, idMembers=members, pos=pos)
    assert card_record(shuffled, BOARD, marker=None).fields == card_record(usual, BOARD, marker=None).fields
    assert card_record(shuffled, BOARD, marker=None).version == card_record(usual, BOARD, marker=None).version
    assert digest(shuffled, BOARD) == digest(usual, BOARD)


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "m"},
        {"idList": "b2"},
        {"idLabels": ["c1"]},
        {"idMembers": ["f1"]},
        {"due": "2026-12-01T09:00:00.000Z"},
        {"start": "2026-12-01T09:00:00.000Z"},
        {"closed": True},
        {"dueComplete": True},
    ],
)
def test_whatever_a_record_shows_changes_both_version_and_digest(changed: dict[str, Any]) -> None:
    assert card_record(card(**changed), BOARD, marker=None).version != card_record(card(), BOARD, marker=None).version
    assert digest(card(**changed), BOARD) != digest(card(), BOARD)


def test_a_renamed_list_changes_the_digest_of_its_cards() -> None:
    renamed = Board.of("a1", [{**TODO, "name": "Ready"}, DONE], LABELS, [])
    assert digest(card(), renamed) != digest(card(), BOARD)


def test_a_card_on_an_archived_list_is_archived() -> None:
    assert card_record(card(idList="b2"), BOARD, marker=None).archived
    assert card_record(card(closed=True), BOARD, marker=None).archived
    assert not card_record(card(), BOARD, marker=None).archived


@pytest.mark.parametrize("changed", [{"cardRole": "mirror"}, {"cardRole": "separator"}, {"isTemplate": True}])
def test_mirrors_separators_and_templates_are_no_requirements(changed: dict[str, Any]) -> None:
    assert not is_requirement(card(**changed))
    assert is_requirement(card(cardRole=None, isTemplate=False))
    assert is_requirement(card(cardRole="link"))


def test_of_lists_with_one_name_the_leftmost_is_taken_unless_the_card_is_on_another() -> None:
    twins = Board.of("a1", [{"id": "b3", "name": "Do", "pos": 9}, {"id": "b4", "name": "Do", "pos": 8}], [], [])
    assert twins.list_called("Do") == "b4"
    assert twins.list_called("Do", staying="b3") == "b3"


@pytest.mark.parametrize(("name", "color"), [(":green:", "green"), (":sky_dark:", "sky_dark"), (":mauve:", None)])
def test_a_colour_between_colons_is_an_unnamed_label(name: str, color: str | None) -> None:
    assert color_called(name) == color


@given(st.text(min_size=1))
def test_a_marker_is_read_as_it_was_written(key: str) -> None:
    assert marker_of({"attachments": [{"id": "1", "url": marker_link(key)}]}) == key


def test_of_several_markers_the_oldest_counts_and_other_links_do_not() -> None:
    links = [("3", PREFIX + "REQ-3"), ("1", "https://example.org/REQ-1"), ("2", PREFIX + "REQ-2")]
    assert marker_of({"attachments": [{"id": number, "url": url} for number, url in links]}) == "REQ-2"
    assert marker_of({}) is None


def test_each_field_is_told_with_who_changed_it_last() -> None:
    actions = [
        action(4, "updateCard", "f3", old={"pos": 1}),
        action(3, "addMemberToCard", "f2", idMember="f1"),
        action(2, "updateCard", "f2", old={"name": "x", "idList": "b2"}),
        action(1, "createCard", "f1"),
    ]
    told = histories(actions, BOARD.name_of)["d1"]
    assert told.last == told.fields["members"]
    assert {name: touch.who.id for name, touch in told.fields.items()} == {
        "name": "f2",
        "list": "f2",
        "members": "f2",
        "desc": "f1",
        "due": "f1",
        "start": "f1",
        "closed": "f1",
        "dueComplete": "f1",
    }
    assert told.fields["desc"].who.name == "Ana"


def test_actions_about_no_field_tell_nothing() -> None:
    assert histories([action(1, "updateCard", old={"pos": 3}), action(2, "commentCard")], BOARD.name_of) == {}
