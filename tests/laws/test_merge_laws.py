"""What holds for every three-way merge, whatever it merges."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hub.mapping.markdown import split_blocks, split_parts
from hub.model.nothing import NOTHING
from hub.reconcile.merge import Merged, Side, merge_items, merge_map, merge_scalar, merge_set, merge_text

Merge3 = Callable[[Any, Any, Any, Side], Merged[Any]]


def items(base: Any, ours: Any, theirs: Any, favour: Side) -> Merged[Any]:
    return merge_items(base, ours, theirs, favour, identity=lambda item: item[0])


scalars = st.one_of(st.none(), st.integers(0, 3), st.sampled_from(["", "a", "b"]))
sets = st.frozensets(st.sampled_from("abcde"))
maps = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 2))
lists = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 2)), max_size=7).map(tuple)
WORDS = ["a", "b", "c", "one", "two", "需", "求", "2025-01-0", "9", ".", " ", " ", "\t"]
MARKS = ["\n", "\n\n", "\n\n", "\r\n", "- ", "\n- ", "\n  - ", "1. ", "[ ] ", "[x] ", "# ", "> ", "*", "    "]
BLOCKS = ["```", "\n```\n", "|", "\n|-|-|\n", "<div>", "---\n"]
pieces = st.sampled_from([*WORDS, *MARKS, *BLOCKS])
texts = st.lists(pieces, max_size=14).map("".join)

KINDS: dict[str, tuple[Merge3, st.SearchStrategy[Any]]] = {
    "scalar": (merge_scalar, scalars),
    "set": (merge_set, sets),
    "map": (merge_map, maps),
    "items": (items, lists),
    "text": (merge_text, texts),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
@settings(deadline=None)
@given(data=st.data())
def test_two_equal_sides_are_taken_as_they_are(kind: str, data: st.DataObject) -> None:
    merge, values = KINDS[kind]
    base, value = data.draw(st.one_of(st.just(NOTHING), values)), data.draw(values)
    for favour in Side:
        assert merge(base, value, value, favour) == Merged(value)


@every_kind
@settings(deadline=None)
@given(data=st.data())
def test_the_only_side_that_moved_wins(kind: str, data: st.DataObject) -> None:
    merge, values = KINDS[kind]
    base, value = data.draw(values), data.draw(values)
    for favour in Side:
        assert merge(base, base, value, favour) == Merged(value)
        assert merge(base, value, base, favour) == Merged(value)


@every_kind
@settings(deadline=None)
@given(data=st.data())
def test_swapping_the_sides_and_the_favour_changes_nothing(kind: str, data: st.DataObject) -> None:
    merge, values = KINDS[kind]
    base = data.draw(st.one_of(st.just(NOTHING), values))
    ours, theirs = data.draw(values), data.draw(values)
    assert merge(base, ours, theirs, Side.OURS) == merge(base, theirs, ours, Side.THEIRS)


@pytest.mark.parametrize("kind", ["scalar", "set", "map", "text"])
@settings(deadline=None)
@given(data=st.data())
def test_without_a_clash_the_favour_has_no_say(kind: str, data: st.DataObject) -> None:
    merge, values = KINDS[kind]
    base = data.draw(st.one_of(st.just(NOTHING), values))
    ours, theirs = data.draw(values), data.draw(values)
    merged = merge(base, ours, theirs, Side.OURS)
    assume(not merged.clash)
    assert merge(base, ours, theirs, Side.THEIRS) == merged


@settings(deadline=None)
@given(base=st.one_of(st.just(NOTHING), sets), ours=sets, theirs=sets)
def test_a_set_keeps_every_add_and_every_remove(base: Any, ours: frozenset[str], theirs: frozenset[str]) -> None:
    agreed = base or frozenset()
    value = merge_set(base, ours, theirs, Side.OURS).value
    assert (ours - agreed) | (theirs - agreed) <= value
    assert not value & ((agreed - ours) | (agreed - theirs))


@settings(deadline=None)
@given(base=maps, ours=maps, theirs=maps, favour=st.sampled_from(Side))
def test_a_map_keeps_every_edit_or_says_that_it_clashed(base: Any, ours: Any, theirs: Any, favour: Side) -> None:
    merged = merge_map(base, ours, theirs, favour)
    sides = {Side.OURS: ours, Side.THEIRS: theirs}
    for side, edited in sides.items():
        for key in base.keys() | edited.keys():
            if base.get(key) != edited.get(key) and merged.value.get(key) != edited.get(key):
                assert merged.clash
                assert side is not favour


@settings(deadline=None)
@given(base=lists, ours=lists, theirs=lists)
def test_a_list_loses_no_new_item(base: Any, ours: Any, theirs: Any) -> None:
    value = items(base, ours, theirs, Side.OURS).value
    names = [name for name, _ in value]
    for side in (ours, theirs):
        assert {name for name, _ in side} - {name for name, _ in base} <= set(names)


@settings(deadline=None)
@given(base=lists, ours=lists, theirs=lists)
def test_a_list_makes_no_twin(base: Any, ours: Any, theirs: Any) -> None:
    value = items(base, ours, theirs, Side.OURS).value
    for name in "abcdef":
        most = max([n for n, _ in side].count(name) for side in (base, ours, theirs))
        assert [n for n, _ in value].count(name) <= most


@settings(deadline=None)
@given(text=st.one_of(texts, st.text(max_size=60)))
def test_the_blocks_of_a_text_are_the_text(text: str) -> None:
    assert "".join(split_blocks(text)) == text
    assert "".join(part.text for part in split_parts(text)) == text


def fresh_runs(base: str, side: str) -> list[str]:
    """Runs of words of a side that the base does not know at all."""
    word = r"[^\W\d\u4e00-\u9fff]+|[\u4e00-\u9fff]"
    known = set(re.findall(word, base))
    return [found for found in re.findall(word, side) if found not in known]


@settings(deadline=None)
@given(base=texts, ours=texts, theirs=texts)
def test_a_text_without_a_clash_holds_what_both_sides_wrote(base: str, ours: str, theirs: str) -> None:
    merged = merge_text(base, ours, theirs, Side.OURS)
    assume(not merged.clash)
    for side in (ours, theirs):
        for run in fresh_runs(base, side):
            assert run in merged.value


@settings(deadline=None)
@given(base=texts, ours=texts, theirs=texts, favour=st.sampled_from(Side))
def test_a_clash_in_a_text_is_settled_for_the_favoured_side(base: str, ours: str, theirs: str, favour: Side) -> None:
    value = merge_text(base, ours, theirs, favour).value
    for run in fresh_runs(base, favour.choose(ours, theirs)):
        assert run in value


@st.composite
def edited_documents(draw: st.DrawFn) -> tuple[list[list[str]], dict[tuple[int, int], Side]]:
    """Blocks of distinct words, and which word which side replaces."""
    sizes = draw(st.lists(st.integers(2, 6), min_size=1, max_size=5))
    blocks = [[f"w{chr(97 + row)}{chr(97 + column)}" for column in range(size)] for row, size in enumerate(sizes)]
    places = [(row, column) for row, size in enumerate(sizes) for column in range(size)]
    chosen = draw(st.dictionaries(st.sampled_from(places), st.sampled_from(Side), max_size=8))
    # A side that replaces all words of a block has rewritten it, and a rewrite meets every other edit of that block.
    for row, size in enumerate(sizes):
        sides = [chosen.get((row, column)) for column in range(size)]
        assume(all(sides.count(side) < size for side in Side))
    # Words of one side on both sides of another's are one edit only if nothing but blanks is between: never here.
    return blocks, chosen


def written(blocks: list[list[str]], chosen: dict[tuple[int, int], Side], sides: set[Side], prefix: str) -> str:
    return "\n\n".join(
        prefix
        + " ".join(
            f"{chosen[row, column]}{word}" if chosen.get((row, column)) in sides else word
            for column, word in enumerate(block)
        )
        for row, block in enumerate(blocks)
    )


@settings(deadline=None)
@given(document=edited_documents(), prefix=st.sampled_from(["", "- ", "- [ ] ", "> ", "## "]))
def test_edits_of_different_words_all_stay(document: Any, prefix: str) -> None:
    blocks, chosen = document
    base, ours, theirs, both = (
        written(blocks, chosen, sides, prefix) for sides in (set(), {Side.OURS}, {Side.THEIRS}, {*Side})
    )
    assert merge_text(base, ours, theirs, Side.OURS) == Merged(both)


@settings(deadline=None)
@given(
    old=st.lists(st.sampled_from(["alpha", "beta", "gamma"]), min_size=1, max_size=5),
    adds=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(Side)), max_size=6),
)
def test_list_items_that_both_sides_add_all_stay(old: list[str], adds: list[tuple[int, Side]]) -> None:
    def side(which: Side) -> str:
        lines = [[f"- {word}"] for word in old]
        for number, (place, who) in enumerate(adds):
            if who is which:
                lines[place % len(lines)].append(f"- new{chr(97 + number)}")
        return "\n".join(line for group in lines for line in group)

    merged = merge_text("\n".join(f"- {word}" for word in old), side(Side.OURS), side(Side.THEIRS), Side.OURS)
    assert not merged.clash
    assert sorted(merged.value.split("\n")) == sorted(
        [*(f"- {word}" for word in old), *(f"- new{chr(97 + number)}" for number in range(len(adds)))]
    )


@st.composite
def shuffled(draw: st.DrawFn, mark: str) -> str:
    """A list of the same few items, moved, dropped, edited and added to."""
    rows = draw(st.permutations(["one x", "two y", "three z", "four", "five w"]))
    kept = rows[: draw(st.integers(2, 5))]
    edited = [f"{row} {mark}{place}" if draw(st.integers(0, 4)) == 0 else row for place, row in enumerate(kept)]
    return "".join(f"- {row}\n" for row in edited)


@settings(deadline=None)
@given(base=shuffled("b"), ours=shuffled("o"), theirs=shuffled("t"))
def test_moved_items_lose_no_edit_and_the_sides_may_be_swapped(base: str, ours: str, theirs: str) -> None:
    merged = merge_text(base, ours, theirs, Side.OURS)
    assert merge_text(base, theirs, ours, Side.THEIRS) == merged
    sides = [ours] if merged.clash else [ours, theirs]
    for side in sides:
        assert all(word in merged.value for word in re.findall(r"[ot]\d", side))
    if not merged.clash:
        assert merge_text(base, ours, theirs, Side.THEIRS) == merged
