"""Merges of Markdown, case by case. Every case is checked from both sides."""

import random
import time

import pytest

from hub.model.nothing import NOTHING
from hub.reconcile.merge import Merged, Side, merge_text


def merged(base: str, ours: str, theirs: str) -> Merged[str]:
    found = merge_text(base, ours, theirs, Side.OURS)
    assert merge_text(base, theirs, ours, Side.THEIRS) == found
    return found


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ("foo bar", "FOO bar", "foo BAR", "FOO BAR"),
        ("foo bar baz", "foo baz", "foo bar baz, qux", "foo baz, qux"),
        ("导出需求报表", "导出全部需求报表", "导出需求清单", "导出全部需求清单"),
        ("# T\n\none\n\ntwo\n", "# T\n\nONE\n\ntwo\n", "# T\n\none\n\nTWO\n", "# T\n\nONE\n\nTWO\n"),
        ("a\n\nb", "A\n\nb", "a\n\nb\n\nc", "A\n\nb\n\nc"),
        ("a\n\nb\n\nc", "a\n\nc", "a\n\nb\n\nC", "a\n\nC"),
        ("one two", "one three\n\nnew", "ONE two", "ONE three\n\nnew"),
        ("a\r\n\r\nb\r\n", "A\r\n\r\nb\r\n", "a\r\n\r\nb\r\n\r\nc\r\n", "A\r\n\r\nb\r\n\r\nc\r\n"),
        ("```\na\nb\nc\n```\n", "```\nA\nb\nc\n```\n", "```\na\nb\nC\n```\n", "```\nA\nb\nC\n```\n"),
        ("a\n\n\n\nb  c\n", "A\n\n\n\nb  c\n", "a\n\n\n\nb  C\n", "A\n\n\n\nb  C\n"),
    ],
)
def test_edits_of_different_places_come_together(base: str, ours: str, theirs: str, expected: str) -> None:
    assert merged(base, ours, theirs) == Merged(expected)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ("- [ ] a\n- [ ] b\n", "- [x] a\n- [ ] b\n", "- [ ] a\n- [x] b\n", "- [x] a\n- [x] b\n"),
        ("- a\n- b\n", "- a\n- b\n- c\n", "- a\n- b\n- d\n", "- a\n- b\n- c\n- d\n"),
        ("- a\n- b\n", "- a\n- n\n- b\n", "- A\n- b\n- m\n", "- A\n- n\n- b\n- m\n"),
        ("- a\n- b", "- a\n- b\n\nend", "- a\n- b\n- c", "- a\n- b\n- c\n\nend"),
        (
            "- a\n  - x\n- b\n",
            "- a\n  - x\n  - y\n- b\n",
            "- a\n  - x\n  - z\n- b\n",
            "- a\n  - x\n  - y\n  - z\n- b\n",
        ),
        ("- a\n", "- a\n- new\n", "- a\n- new\n- more\n", "- a\n- new\n- more\n"),
        ("a", "a\n\nc", "a\n\nb", "a\n\nb\n\nc"),
        (
            "| k | v |\n|---|---|\n| 1 | 2 |\n",
            "| k | v |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n",
            "| k | v |\n|---|---|\n| 1 | 9 |\n| 5 | 6 |\n",
            "| k | v |\n|---|---|\n| 1 | 9 |\n| 3 | 4 |\n| 5 | 6 |\n",
        ),
    ],
)
def test_whole_items_rows_and_blocks_are_all_kept(base: str, ours: str, theirs: str, expected: str) -> None:
    assert merged(base, ours, theirs) == Merged(expected)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ("foo bar", "foo nice bar", "foo big bar", "foo nice bar"),
        ("one two three", "one 2 three", "one deux trois", "one 2 three"),
        ("due 2025-01-10", "due 2025-01-11", "due 2025-02-10", "due 2025-01-11"),
        ("see https://x.org/a/b", "see https://x.org/A/b", "see https://x.org/a/B", "see https://x.org/A/b"),
        ("the old words", "all is new here", "the old words, and more", "all is new here"),
        ("a\n\nb", "a", "a\n\nb changed", "a"),
        ("a\n\nb", "a\n\nb changed", "a", "a\n\nb changed"),
        ("```\na\n```\n", "```\na\nb\n```\n", "```\na\nc\n```\n", "```\na\nb\n```\n"),
    ],
)
def test_edits_of_one_place_clash(base: str, ours: str, theirs: str, expected: str) -> None:
    assert merged(base, ours, theirs) == Merged(expected, clash=True)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        ("- a b\n- c\n- d\n", "- c\n- d\n- a b\n", "- A b\n- c\n- d\n", "- c\n- d\n- A b\n"),
        ("- a\n- b\n- c\n", "- c\n- a\n- b\n", "- a\n- c\n- b\n", "- c\n- a\n- b\n"),
        ("x\n\ny\n\nz", "y\n\nz\n\nx", "x\n\nY\n\nz", "Y\n\nz\n\nx"),
    ],
)
def test_a_moved_block_takes_edits_along_and_is_not_doubled(base: str, ours: str, theirs: str, expected: str) -> None:
    assert merged(base, ours, theirs) == Merged(expected)


def test_a_clash_leaves_the_edits_elsewhere_alone() -> None:
    found = merged("one\n\ntwo\n\nthree\n", "ONE\n\nzwei\n\nthree\n", "one\n\ndeux\n\nTHREE\n")
    assert found == Merged("ONE\n\nzwei\n\nTHREE\n", clash=True)


def test_texts_that_meet_for_the_first_time_clash_as_a_whole() -> None:
    assert merge_text(NOTHING, "a\n\nb", "a\n\nc", Side.THEIRS) == Merged("a\n\nc", clash=True)
    assert merge_text(NOTHING, "", "a", Side.OURS) == Merged("a")


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("It is sent by post", "It is never sent by post", "Note: It is never sent by post"),
        ("It is very very late", "It is very late", "Note: It is very late"),
        ("very very late", "very late", "very late, alas"),
        ("导出出报表", "导出报表", "注：导出报表"),
        ("a b c", "a b b c", "x a b b c"),
    ],
)
def test_the_same_correction_from_both_sides_is_made_once(base: str, ours: str, theirs: str) -> None:
    assert merged(base, ours, theirs) == Merged(theirs)


def test_a_long_text_merges_quickly() -> None:
    words = random.Random(7)
    blocks = [" ".join(f"w{words.randrange(1500)}" for _ in range(40)) for _ in range(150)]
    ours = [f"ours {block}" if number % 3 == 0 else block for number, block in enumerate(blocks)]
    theirs = [f"{block} theirs" if number % 2 == 0 else block for number, block in enumerate(blocks)]
    texts = ["\n\n".join(side) for side in (blocks, ours, theirs)]
    assert len(texts[0]) > 30_000
    started = time.process_time()
    found = merged(*texts)
    # Two merges of at most 100 ms each, with room for a busy machine.
    assert time.process_time() - started < 1
    assert not found.clash
    assert (found.value.count("ours"), found.value.count("theirs")) == (50, 75)
