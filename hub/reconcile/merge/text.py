"""Three-way merge of Markdown: by blocks, list items and table rows, then by words inside those that both sides edited.

A text is parts with gaps between them (the blank lines) and a tail behind the last. Parts are merged by what they say,
gaps by what they stand between, so adding a block at the end is no edit of the block before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from hub.mapping.markdown import Part, PartKind, split_parts
from hub.model.nothing import Nothing
from hub.reconcile.merge.alignment import Alignment, align
from hub.reconcile.merge.diff3 import pairs
from hub.reconcile.merge.outcome import Merged, Side, fast_forward
from hub.reconcile.merge.words import merge_words

_BLANK = " \t\r\n"
_TIGHT = frozenset({PartKind.ITEM, PartKind.ROW})

Where: TypeAlias = tuple[int | None, int | None, int | None]
"""A part's place in the base, in ours and in theirs; None where it has none."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A text taken apart: `gaps[i]` stands between `parts[i]` and `parts[i + 1]`."""

    parts: tuple[Part, ...]
    gaps: tuple[str, ...]
    tail: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """A part of the merge and where it came from."""

    part: Part
    where: Where


def merge_text(base: str | Nothing, ours: str, theirs: str, favour: Side) -> Merged[str]:
    """Both sides' edits of a Markdown text; a clash only where they overlap.

    Blocks, list items and table rows that both sides add at one point are all kept, in the order of their text, so that
    the sides may be swapped. A block moved by one side takes the other's edits along. Two words added at one point of a line clash, and so do removing a block and editing it.
    Without a base two different texts clash as a whole.
    """
    if settled := fast_forward(base, ours, theirs):
        return settled
    if isinstance(base, Nothing):
        return Merged(favour.choose(ours, theirs), clash=True)
    return _Documents(base, ours, theirs, favour).merge()


class _Documents:
    """The three texts of one merge."""

    def __init__(self, base: str, ours: str, theirs: str, favour: Side) -> None:
        self._base, self._ours, self._theirs = _take_apart(base), _take_apart(ours), _take_apart(theirs)
        self._favour = favour
        self._newline = "\r\n" if "\r\n" in base or "\r\n" in ours + theirs else "\n"
        self._my: Alignment = align(self._base.parts, self._ours.parts)
        self._your: Alignment = align(self._base.parts, self._theirs.parts)
        self._my_new = _carried(self._base, (self._ours, self._my), (self._theirs, self._your))
        self._your_new = _carried(self._base, (self._theirs, self._your), (self._ours, self._my))
        self._clash = False

    def merge(self) -> Merged[str]:
        entries: list[_Entry] = []
        for place in range(len(self._base.parts) + 1):
            entries += self._inserted(place, entries[-1].part.kind if entries else None)
            if place < len(self._base.parts):
                entries += self._kept(place)
        return Merged(self._put_together(entries), self._clash)

    def _inserted(self, place: int, before: PartKind | None) -> list[_Entry]:
        """What either side put in front of base part *place*; what both put there once."""
        mine = [_Entry(part, (None, j, None)) for j in self._my.inserted[place] if (part := self._my_new[j])]
        yours = [_Entry(part, (None, None, k)) for k in self._your.inserted[place] if (part := self._your_new[k])]
        # An item goes before a paragraph where the list still runs: it would tear the list apart behind it.
        first, second = sorted((mine, yours), key=lambda run: _rank(run, before))
        matched = pairs([entry.part.text for entry in first], [entry.part.text for entry in second])
        together: list[_Entry] = []
        for (i, j), (next_i, next_j) in pairwise([(-1, -1), *matched, (len(first), len(second))]):
            together += [*first[i + 1 : next_i], *second[j + 1 : next_j]]
            if next_i < len(first):
                together.append(_Entry(first[next_i].part, _joined(first[next_i].where, second[next_j].where)))
        return together

    def _kept(self, place: int) -> list[_Entry]:
        """What became of base part *place*: one entry, or none where it was removed."""
        was, where = self._base.parts[place], (place, self._my.partner[place], self._your.partner[place])
        mine = None if where[1] is None else self._ours.parts[where[1]]
        yours = None if where[2] is None else self._theirs.parts[where[2]]
        if mine is not None and yours is not None:
            merged = merge_words(was.text, mine.text, yours.text, self._favour, was.kind)
            self._clash |= merged.clash
            kind = yours.kind if mine.text == was.text else mine.kind if yours.text == was.text else was.kind
            return [_Entry(Part(merged.value, kind), where)]
        left = mine or yours
        if left is None or left.text == was.text or place in self._my.moved or place in self._your.moved:
            return []
        self._clash = True
        chosen = self._favour.choose(mine, yours)
        return [] if chosen is None else [_Entry(chosen, where)]

    def _put_together(self, entries: Sequence[_Entry]) -> str:
        pieces: list[str] = []
        for entry, following in pairwise(entries):
            pieces += [entry.part.text, self._gap(entry, following)]
        pieces += [entry.part.text for entry in entries[-1:]]
        return "".join([*pieces, _merge_blanks(self._base.tail, self._ours.tail, self._theirs.tail)])

    def _gap(self, entry: _Entry, following: _Entry) -> str:
        """What stood between the two where they were neighbours; else what keeps them apart as Markdown."""
        base, mine, yours = (
            text.gaps[i] if i is not None and j == i + 1 else None
            for text, i, j in zip((self._base, self._ours, self._theirs), entry.where, following.where, strict=True)
        )
        if mine is not None and yours is not None:
            return _merge_blanks(base, mine, yours)
        for known in (mine, yours, base):
            if known is not None:
                return known
        return self._new_gap(entry, following)

    def _new_gap(self, entry: _Entry, following: _Entry) -> str:
        kinds = {entry.part.kind, following.part.kind}
        if kinds == {PartKind.ROW}:
            return self._newline
        around = list(self._gaps_around(entry.where, following.where))
        if kinds <= _TIGHT and len(kinds) == 1:
            return min(around, key=lambda gap: (len(gap), gap), default=self._newline)
        widest = max(around, key=lambda gap: (len(gap), gap), default="")
        return widest if len(_lines(widest)) > 1 else self._newline * 2

    def _gaps_around(self, before: Where, after: Where) -> Iterable[str]:
        for text, i, j in zip((self._base, self._ours, self._theirs), before, after, strict=True):
            if i is not None and i < len(text.gaps):
                yield text.gaps[i]
            if j:
                yield text.gaps[j - 1]


def _take_apart(text: str) -> _Text:
    parts = split_parts(text) if text.strip(_BLANK) else ()
    bare = tuple(Part(part.text.rstrip(_BLANK), part.kind) for part in parts)
    blanks = [part.text[len(said.text) :] for part, said in zip(parts, bare, strict=True)] or [text]
    return _Text(bare, tuple(blanks[:-1]), blanks[-1])


def _carried(base: _Text, side: tuple[_Text, Alignment], other: tuple[_Text, Alignment]) -> list[Part | None]:
    """The parts of a side, those it moved as the other side edited them; None where the other moved one further up."""
    (text, mine), (other_text, yours) = side, other
    parts: list[Part | None] = [*text.parts]
    for place, j in mine.moved.items():
        k = yours.partner[place]
        if k is not None and other_text.parts[k].text != base.parts[place].text:
            parts[j] = other_text.parts[k]
        elif place in yours.moved and yours.place_of(yours.moved[place]) < mine.place_of(j):
            parts[j] = None
    return parts


def _rank(run: Sequence[_Entry], before: PartKind | None) -> tuple[bool, list[str]]:
    return bool(run) and run[0].part.kind is not before, [entry.part.text for entry in run]


def _joined(one: Where, other: Where) -> Where:
    """The places of a part that both sides inserted."""
    _, my_one, your_one = one
    _, my_other, your_other = other
    return None, my_other if my_one is None else my_one, your_other if your_one is None else your_one


def _merge_blanks(base: str | None, mine: str, yours: str) -> str:
    """The blanks of the side that changed them; the wider ones if both did: blanks are never worth a clash."""
    if mine == base:
        return yours
    if yours == base:
        return mine
    return max(mine, yours, key=lambda blanks: (len(blanks), blanks))


def _lines(blanks: str) -> list[str]:
    """One entry for each line end in *blanks*."""
    return [line for line in blanks.replace("\r\n", "\n").replace("\r", "\n") if line == "\n"]
