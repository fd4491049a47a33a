"""Which stretches of a sequence changed, and which changes of two sides meet.

Alignment looks first for what occurs exactly once on both sides (as "patience" diffs do): it is fast on long texts,
where words repeat, and does not tie unrelated passages together by their blanks.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias, TypeVar

from hub.reconcile.merge.outcome import Side

T = TypeVar("T", bound=Hashable)

Pair: TypeAlias = tuple[int, int]
"""The index of an element in one sequence and in the other."""

_RUNS = (1, 3, 8)
"""Lengths of the runs tried as landmarks: single elements first, then runs, for texts that repeat themselves."""

_EXACT = 2_500
"""Up to this product of lengths a stretch without landmarks is compared element by element."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Elements `start:end` of the base became elements `new_start:new_end` of a side."""

    start: int
    end: int
    new_start: int
    new_end: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """Hunks that touch the same elements `start:end` of the base; one side's tuple is empty where only the other moved."""

    start: int
    end: int
    ours: tuple[Hunk, ...]
    theirs: tuple[Hunk, ...]


def pairs(old: Sequence[T], new: Sequence[T]) -> list[Pair]:
    """Equal elements of both sequences, rising in both.

    All of a common head and tail; between them as many as possible in short stretches, fewer in long ones that repeat
    themselves.
    """
    found: list[Pair] = []
    ranges = [(0, len(old), 0, len(new))]
    while ranges:
        low, high, new_low, new_high = ranges.pop()
        while low < high and new_low < new_high and old[low] == new[new_low]:
            found.append((low, new_low))
            low, new_low = low + 1, new_low + 1
        while low < high and new_low < new_high and old[high - 1] == new[new_high - 1]:
            high, new_high = high - 1, new_high - 1
            found.append((high, new_high))
        if low == high or new_low == new_high:
            continue
        short = (high - low) * (new_high - new_low) <= _EXACT
        if landmarks := _landmarks(old[low:high], new[new_low:new_high], _RUNS[:1] if short else _RUNS):
            cuts = [(low, new_low), *((low + i, new_low + j) for i, j in landmarks), (high, new_high)]
            ranges += [(a, c, b, d) for (a, b), (c, d) in pairwise(cuts)]
        elif short:
            found += ((low + i, new_low + j) for i, j in _compared(old[low:high], new[new_low:new_high]))
    return sorted(found)


def _landmarks(old: Sequence[T], new: Sequence[T], lengths: Sequence[int]) -> list[Pair]:
    """Starts of runs that occur once in each, as many as rise in both; of the first of *lengths* that has any."""
    for length in lengths:
        places, new_places = _single(old, length), _single(new, length)
        shared = sorted((place, new_places[run]) for run, place in places.items() if run in new_places)
        if shared:
            return _rising(shared)
    return []


def _single(elements: Sequence[T], length: int) -> dict[tuple[T, ...], int]:
    """Where each run that occurs exactly once begins."""
    places: dict[tuple[T, ...], int] = {}
    again: set[tuple[T, ...]] = set()
    for place, run in enumerate(zip(*(elements[shift:] for shift in range(length)), strict=False)):
        if places.setdefault(run, place) != place:
            again.add(run)
    for run in again:
        del places[run]
    return places


def _rising(shared: Sequence[Pair]) -> list[Pair]:
    """The longest part of *shared* (sorted by its first) whose second numbers rise too."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(shared):
        at = bisect_left(tails, place)
        before.append(ends[at - 1] if at else -1)
        tails[at : at + 1], ends[at : at + 1] = [place], [index]
    chain: list[Pair] = []
    index = ends[-1]
    while index >= 0:
        chain.append(shared[index])
        index = before[index]
    return chain[::-1]


def _compared(old: Sequence[T], new: Sequence[T]) -> Iterator[Pair]:
    """The most equal elements that rise in both, the earliest of *new* where there is a choice.

    The most, not the longest runs: a side that only inserted is then seen to have removed nothing.
    """
    most = [[0] * (len(new) + 1)]
    for element in reversed(old):
        below, row = most[-1], [0] * (len(new) + 1)
        for j in range(len(new) - 1, -1, -1):
            row[j] = below[j + 1] + 1 if element == new[j] else max(below[j], row[j + 1])
        most.append(row)
    most.reverse()
    i = j = 0
    while i < len(old) and j < len(new):
        if old[i] == new[j]:
            yield i, j
            i, j = i + 1, j + 1
        elif most[i + 1][j] >= most[i][j + 1]:
            i += 1
        else:
            j += 1


def gaps(matched: Sequence[Pair], length: int, new_length: int) -> Iterator[Hunk]:
    """The stretches between matched elements, empty ones left out."""
    for (i, j), (next_i, next_j) in pairwise([(-1, -1), *matched, (length, new_length)]):
        if next_i - i > 1 or next_j - j > 1:
            yield Hunk(i + 1, next_i, j + 1, next_j)


def meetings(
    ours: Sequence[Hunk], theirs: Sequence[Hunk], reaches_out: Callable[[Hunk], bool] = lambda _: False
) -> Iterator[Meeting]:
    """All hunks in the order of the base, those that overlap together.

    Two hunks overlap if they share an element, if one inserts inside the other, or if both insert at one point. Hunks
    that only touch do not, unless one *reaches_out*.
    """
    moved = sorted(
        [*((hunk, Side.OURS) for hunk in ours), *((hunk, Side.THEIRS) for hunk in theirs)],
        key=lambda pair: (pair[0].start, pair[0].end),
    )
    group: list[tuple[Hunk, Side]] = []
    for hunk, side in moved:
        if group and not _meets(group, hunk, reaches_out):
            yield _meeting(group)
            group = []
        group.append((hunk, side))
    if group:
        yield _meeting(group)


def _meets(group: Sequence[tuple[Hunk, Side]], hunk: Hunk, reaches_out: Callable[[Hunk], bool]) -> bool:
    end = max(other.end for other, _ in group)
    if hunk.start < end or hunk.start > end:
        return hunk.start < end
    both_insert = hunk.end == end == group[0][0].start
    return both_insert or reaches_out(hunk) or any(reaches_out(other) and other.end == end for other, _ in group)


def _meeting(group: Sequence[tuple[Hunk, Side]]) -> Meeting:
    ours, theirs = (tuple(hunk for hunk, at in group if at is side) for side in Side)
    return Meeting(group[0][0].start, max(hunk.end for hunk, _ in group), ours, theirs)


def replay(base: Sequence[T], side: Sequence[T], hunks: Sequence[Hunk], start: int, end: int) -> list[T]:
    """What elements `start:end` of *base* became on a side that made *hunks* there."""
    became: list[T] = []
    for hunk in hunks:
        became += [*base[start : hunk.start], *side[hunk.new_start : hunk.new_end]]
        start = hunk.end
    return [*became, *base[start:end]]
