"""Alignment of sequences and the meeting of hunks."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.reconcile.merge.diff3 import Hunk, gaps, meetings, pairs, replay

letters = st.text("abcd", max_size=30)


@given(old=letters, new=letters)
def test_pairs_are_equal_and_rise_in_both(old: str, new: str) -> None:
    found = pairs(old, new)
    assert all(old[i] == new[j] for i, j in found)
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(found))


@given(old=letters, new=letters)
def test_the_gaps_replayed_on_the_old_give_the_new(old: str, new: str) -> None:
    hunks = list(gaps(pairs(old, new), len(old), len(new)))
    assert "".join(replay(old, new, hunks, 0, len(old))) == new


@given(old=letters, place=st.integers(0, 30))
def test_one_insertion_is_found_as_one_hunk(old: str, place: int) -> None:
    new = old[:place] + "X" + old[place:]
    (hunk,) = gaps(pairs(old, new), len(old), len(new))
    assert hunk.start == hunk.end == min(place, len(old))


@pytest.mark.parametrize(
    ("ours", "theirs", "together"),
    [
        ((0, 2), (1, 3), True),
        ((0, 2), (2, 3), False),
        ((0, 2), (1, 1), True),
        ((0, 2), (2, 2), False),
        ((0, 2), (0, 0), False),
        ((1, 1), (1, 1), True),
        ((1, 1), (2, 2), False),
    ],
)
def test_hunks_meet_only_where_they_overlap(ours: tuple[int, int], theirs: tuple[int, int], *, together: bool) -> None:
    mine, yours = Hunk(*ours, 0, 1), Hunk(*theirs, 0, 1)
    assert len(list(meetings([mine], [yours]))) == (1 if together else 2)
    assert len(list(meetings([yours], [mine]))) == (1 if together else 2)


def test_a_hunk_that_reaches_out_meets_what_it_touches() -> None:
    assert len(list(meetings([Hunk(0, 2, 0, 1)], [Hunk(2, 2, 0, 1)], lambda hunk: hunk.end == 2))) == 1
    assert len(list(meetings([Hunk(1, 2, 0, 1)], [Hunk(1, 1, 0, 1)], lambda hunk: hunk.start < hunk.end))) == 1
