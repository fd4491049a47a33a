"""Merges of scalars, sets, maps and ordered lists, case by case."""

from typing import Any

import pytest

from hub.model.nothing import NOTHING
from hub.reconcile.merge import Merged, Side, merge_items, merge_map, merge_once, merge_scalar, merge_set, merge_text

OURS, THEIRS = Side.OURS, Side.THEIRS


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        (1, 1, 2, Merged(2)),
        (1, 2, 1, Merged(2)),
        (1, 2, 2, Merged(2)),
        (1, 2, 3, Merged(2, clash=True)),
        (1, None, 3, Merged(None, clash=True)),
        (None, "a", "b", Merged("a", clash=True)),
        (NOTHING, None, "a", Merged("a")),
        (NOTHING, "a", "", Merged("a")),
        (NOTHING, None, "", Merged("")),
        (NOTHING, 0, 1, Merged(0, clash=True)),
    ],
)
def test_a_scalar_is_taken_from_the_side_that_moved(base: Any, ours: Any, theirs: Any, merged: Merged[Any]) -> None:
    assert merge_scalar(base, ours, theirs, OURS) == merged


def test_a_clash_is_settled_for_the_favoured_side() -> None:
    assert merge_scalar(1, 2, 3, THEIRS) == Merged(3, clash=True)


@pytest.mark.parametrize(
    ("ours", "theirs", "merged"),
    [
        ("a", "a", Merged("a")),
        ("a", "b", Merged("a", clash=True)),
        ("", "b", Merged("b")),
        ("a", None, Merged("a")),
    ],
)
def test_what_never_changes_stays_ours(ours: Any, theirs: Any, merged: Merged[Any]) -> None:
    assert merge_once("x", ours, theirs, THEIRS) == merged


def test_a_set_takes_both_sides_adds_and_removes() -> None:
    merged = merge_set(frozenset("abc"), frozenset("bcd"), frozenset("abe"), OURS)
    assert merged == Merged(frozenset("bde"))


def test_sets_that_meet_for_the_first_time_are_united() -> None:
    assert merge_set(NOTHING, frozenset("a"), frozenset("b"), OURS) == Merged(frozenset("ab"))


def test_a_map_merges_key_by_key() -> None:
    base = {"a": 1, "b": 1, "c": 1}
    assert merge_map(base, {"a": 2, "b": 1, "n": 5}, {"a": 1, "b": 2, "c": 1}, OURS) == Merged({"a": 2, "b": 2, "n": 5})


def test_a_key_removed_here_and_changed_there_clashes() -> None:
    assert merge_map({"a": 1, "b": 1}, {"b": 1}, {"a": 2, "b": 1}, OURS) == Merged({"b": 1}, clash=True)
    assert merge_map({"a": 1, "b": 1}, {"b": 1}, {"a": 2, "b": 1}, THEIRS) == Merged({"a": 2, "b": 1}, clash=True)


def test_maps_that_meet_for_the_first_time_clash_only_where_they_differ() -> None:
    assert merge_map(NOTHING, {"a": 1, "b": 1}, {"b": 1, "c": 1}, OURS) == Merged({"a": 1, "b": 1, "c": 1})
    assert merge_map(NOTHING, {"a": 1}, {"a": 2}, THEIRS) == Merged({"a": 2}, clash=True)


Item = tuple[str, int]


def listed(text: str) -> tuple[Item, ...]:
    """`a b1` is the items ("a", 0) and ("b", 1)."""
    return tuple((word[0], int(word[1:] or 0)) for word in text.split())


def merged_items(base: str, ours: str, theirs: str, favour: Side = OURS) -> tuple[str, bool]:
    merged = merge_items(listed(base), listed(ours), listed(theirs), favour, identity=lambda item: item[0])
    return " ".join(name + (str(value) if value else "") for name, value in merged.value), merged.clash


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ("a b c", "a x b c", "a b y c", "a x b y c"),
        ("a b", "a b x", "a b y", "a b x y"),
        ("a b", "a b y", "a b x", "a b x y"),
        ("a b c", "a c", "a b c x", "a c x"),
        ("a b c", "c a b", "a b1 c", "c a b1"),
        ("a b c", "a b1 c", "c a b", "c a b1"),
        ("a b c", "c b a", "b a c x", "c x b a"),
        ("a b", "a1 b", "a b1", "a1 b1"),
        ("a b c", "a c", "a b1 c", "a b1 c"),
        ("a b c", "a b1 c", "a c x", "a b1 c x"),
        ("a a b", "a a b a", "a b", "a b a"),
    ],
)
def test_a_list_takes_adds_removes_edits_and_moves_of_both(base: str, ours: str, theirs: str, expected: str) -> None:
    assert merged_items(base, ours, theirs) == (expected, False)


def test_only_an_item_changed_differently_on_both_sides_clashes() -> None:
    assert merged_items("a b c", "a b1 c1", "a b2 c") == ("a b1 c1", True)
    assert merged_items("a b c", "a b1 c1", "a b2 c", THEIRS) == ("a b2 c1", True)


def test_items_may_merge_by_a_rule_of_their_own() -> None:
    def text(base: Any, ours: str, theirs: str, favour: Side, /) -> Merged[str]:
        return merge_text(base, ours, theirs, favour)

    merged = merge_items(("1 a b",), ("1 A b",), ("1 a B",), OURS, identity=lambda item: item[0], merge_item=text)
    assert merged == Merged(("1 A B",))


def test_lists_that_meet_for_the_first_time_clash_unless_one_is_empty() -> None:
    merged = merge_items(NOTHING, listed("a"), listed("b"), THEIRS, identity=lambda item: item[0])
    assert merged == Merged(listed("b"), clash=True)
    assert merge_items(NOTHING, (), listed("b"), OURS, identity=lambda item: item[0]) == Merged(listed("b"))


def test_nothing_is_falsy_and_names_itself() -> None:
    assert not NOTHING
    assert repr(NOTHING) == "NOTHING"
