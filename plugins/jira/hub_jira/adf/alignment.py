"""Which things of one sequence are still there in another, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_LIKE_ENOUGH = 0.3
_MOST_PAIRS = 2_500
_WORD = re.compile(r"\w")


class Run(NamedTuple):
    """old[old_start:old_stop] stands for new[new_start:new_stop]; `kept` says that they are equal, one by one."""

    kept: bool
    old_start: int
    old_stop: int
    new_start: int
    new_stop: int


def align(old: Sequence[str], new: Sequence[str]) -> Iterator[Run]:
    """Runs that cover both sequences in order.

    Equal ends are matched first: an edit in one place then never shifts what lies before or after it,
    not even among equal neighbours.
    """
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    yield Run(True, 0, head, 0, head)
    old_end, new_end = len(old) - tail, len(new) - tail
    matcher = SequenceMatcher(None, old[head:old_end], new[head:new_end])
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        yield Run(tag == "equal", head + i, head + i_end, head + j, head + j_end)
    yield Run(True, old_end, len(old), new_end, len(new))


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    count = 0
    for one, two in zip(left, right, strict=False):
        if one != two:
            break
        count += 1
    return count


def pair(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """For texts that took each other's place: which old one each new one was made from, as {new: old}."""
    if len(old) == len(new) or len(old) * len(new) > _MOST_PAIRS:
        return {at: at for at in range(min(len(old), len(new)))}
    words_old, words_new = [_grams(text) for text in old], [_grams(text) for text in new]
    pairs: dict[int, int] = {}
    first = 0
    for at, words in enumerate(words_new):
        scores = [(_likeness(words, words_old[i]), -i) for i in range(first, len(old))]
        best, place = max(scores, default=(0.0, 0))
        if best >= _LIKE_ENOUGH:
            pairs[at] = -place
            first = 1 - place
    return pairs


def _grams(text: str) -> frozenset[str]:
    """The letter pairs of a text: they tell likeness in scripts without spaces too."""
    return frozenset(text[at : at + 2] for at in range(len(text) - 1) if _WORD.match(text[at])) or frozenset({text})


def _likeness(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / (len(left | right) or 1)
