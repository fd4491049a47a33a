"""Merge inside one block: by words, or by lines where the block is code."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from hub.mapping.markdown import PartKind
from hub.reconcile.merge.diff3 import Hunk, gaps, meetings, pairs, replay
from hub.reconcile.merge.outcome import Merged, Side, fast_forward

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = rf"[^\W{_CJK}]"
# Addresses, numbers, dates and versions are one token each: half of one side's date and half of the other's is nobody's.
_TOKEN = re.compile(
    rf"https?://[!-'*-;=?-Z\\^-~]+|{_WORD}*\d{_WORD}*(?:[.,:/-]{_WORD}*\d{_WORD}*)+|{_WORD}+|[{_CJK}]|\s+|.", re.DOTALL
)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_SPEAKS = re.compile(r"\w")


def tokens(text: str, kind: PartKind = PartKind.PLAIN) -> list[str]:
    """*text* in the smallest pieces that may change on their own; joined they are *text*.

    Words, numbers, addresses, single CJK characters, runs of blanks and single signs; whole lines where it is code.
    """
    return (_LINE if kind is PartKind.CODE else _TOKEN).findall(text)


def similarity(one: Counter[str], other: Counter[str]) -> float:
    """How many of their tokens two texts share, in any order, from 0 to 1."""
    return (one & other).total() / max(one.total(), other.total(), 1)


def merge_words(base: str, ours: str, theirs: str, favour: Side, kind: PartKind = PartKind.PLAIN) -> Merged[str]:
    """Both sides' edits of one block; a clash only where they overlap.

    An edit that leaves no word of the block reaches to its edges: what the other side wrote there clashes with it.
    """
    if settled := fast_forward(base, ours, theirs):
        return settled
    was, mine, yours = (tokens(text, kind) for text in (base, ours, theirs))
    my_hunks, your_hunks = edits(was, mine), edits(was, yours)
    words = [index for index, token in enumerate(was) if _SPEAKS.search(token)]

    def rewrites(hunk: Hunk) -> bool:
        return hunk.start < hunk.end and (not words or (hunk.start <= words[0] and words[-1] < hunk.end))

    done: list[str] = []
    at, clash = 0, False
    for meeting in meetings(my_hunks, your_hunks, rewrites):
        done += was[at : meeting.start]
        at = meeting.end
        my_version = replay(was, mine, meeting.ours, meeting.start, meeting.end)
        your_version = replay(was, yours, meeting.theirs, meeting.start, meeting.end)
        if not meeting.theirs or my_version == your_version:
            done += my_version
        elif not meeting.ours:
            done += your_version
        else:
            done += favour.choose(my_version, your_version)
            clash = True
    return Merged("".join([*done, *was[at:]]), clash)


def edits(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """What changed, with changes that only blanks keep apart taken as one: a rewritten sentence is one edit."""
    joined: list[Hunk] = []
    for hunk in _slid(old, new):
        if joined and not "".join(old[joined[-1].end : hunk.start]).strip():
            last = joined.pop()
            joined.append(Hunk(last.start, hunk.end, last.new_start, hunk.new_end))
        else:
            joined.append(hunk)
    return joined


def _slid(old: Sequence[str], new: Sequence[str]) -> Iterator[Hunk]:
    """What changed, whatever was only added or only removed as far to the front as it can stand.

    A word that was put between two blanks may be said to stand with the one or with the other; what else was edited would
    decide that, and the same word from both sides would not be known for the same.
    """
    last = Hunk(0, 0, 0, 0)
    for found in gaps(pairs(old, new), len(old), len(new)):
        hunk = found
        while _may_stand_before(hunk, last, old, new):
            hunk = Hunk(hunk.start - 1, hunk.end - 1, hunk.new_start - 1, hunk.new_end - 1)
        yield hunk
        last = hunk


def _may_stand_before(hunk: Hunk, last: Hunk, old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether what was only added, or only removed, may be said to stand one token further to the front."""
    added, removed = hunk.new_start < hunk.new_end, hunk.start < hunk.end
    if added == removed or hunk.start == last.end or hunk.new_start == last.new_end:
        return False
    its_last = new[hunk.new_end - 1] if added else old[hunk.end - 1]
    return old[hunk.start - 1] == new[hunk.new_start - 1] == its_last
