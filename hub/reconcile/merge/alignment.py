"""Which part of a side a part of the base became: the same, an edited one, or none."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hub.mapping.markdown import Part
from hub.reconcile.merge.diff3 import Hunk, Pair, gaps, pairs
from hub.reconcile.merge.words import similarity, tokens

_ALIKE = 0.5
"""From this similarity on a part counts as an edited copy of another."""

_WEIGHED = 900
"""Up to this product of counts the parts of a changed stretch are compared with one another; beyond, by their order."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """How a side came from the base.

    Attributes:
        partner: For every part of the base its place in the side, or None where it was removed.
        inserted: For every place in the base, the end included, the side's parts that were put in front of it.
        moved: For parts of the base that were removed in one place and inserted as they were in another, which inserted
            part they are.
    """

    partner: tuple[int | None, ...]
    inserted: tuple[tuple[int, ...], ...]
    moved: Mapping[int, int]

    def place_of(self, inserted: int) -> int:
        """In front of which part of the base an inserted part stands."""
        return next(place for place, run in enumerate(self.inserted) if inserted in run)


def align(base: Sequence[Part], side: Sequence[Part]) -> Alignment:
    """Tie equal parts first, then the most alike ones between them, then what is left by its order.

    The last step makes a rewritten part an edit of the one it stands for: two rewrites of one paragraph must meet.
    """
    matched = pairs([part.text for part in base], [part.text for part in side])
    matched = _filled(matched, base, side, _most_alike)
    matched = _filled(matched, base, side, _in_order)
    partner: list[int | None] = [None] * len(base)
    inserted: list[tuple[int, ...]] = [()] * (len(base) + 1)
    for i, j in matched:
        partner[i] = j
    for hunk in gaps(matched, len(base), len(side)):
        inserted[hunk.start] = tuple(range(hunk.new_start, hunk.new_end))
    return Alignment(tuple(partner), tuple(inserted), _moved(base, side, partner, inserted))


def _moved(
    base: Sequence[Part], side: Sequence[Part], partner: Sequence[int | None], inserted: Sequence[Sequence[int]]
) -> dict[int, int]:
    gone = _single((base[i].text, i) for i, found in enumerate(partner) if found is None)
    new = _single((side[j].text, j) for run in inserted for j in run)
    return {i: new[text] for text, i in gone.items() if text in new}


def _single(placed: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Where each text stands that stands in one place only."""
    places: dict[str, list[int]] = {}
    for text, place in placed:
        places.setdefault(text, []).append(place)
    return {text: found[0] for text, found in places.items() if len(found) == 1}


def _filled(
    matched: Sequence[Pair],
    base: Sequence[Part],
    side: Sequence[Part],
    find: Callable[[Sequence[Part], Sequence[Part]], list[Pair]],
) -> list[Pair]:
    """*matched* with what *find* ties together inside each stretch that is unmatched on both sides."""
    more: list[Pair] = [*matched]
    for hunk in gaps(matched, len(base), len(side)):
        more += [
            (hunk.start + i, hunk.new_start + j) for i, j in find(base[hunk.start : hunk.end], _new_parts(side, hunk))
        ]
    return sorted(more)


def _new_parts(side: Sequence[Part], hunk: Hunk) -> Sequence[Part]:
    return side[hunk.new_start : hunk.new_end]


def _in_order(old: Sequence[Part], new: Sequence[Part]) -> list[Pair]:
    return [(index, index) for index in range(min(len(old), len(new)))]


def _most_alike(old: Sequence[Part], new: Sequence[Part]) -> list[Pair]:
    """Pairs of alike parts, rising in both, whose similarities add up to the most."""
    if not 1 < len(old) * len(new) <= _WEIGHED:
        return []
    old_words, new_words = ([_words(part) for part in parts] for parts in (old, new))
    best: list[list[tuple[float, list[Pair]]]] = [[(0.0, [])] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, words in enumerate(old_words, 1):
        for j, others in enumerate(new_words, 1):
            best[i][j] = max(best[i - 1][j], best[i][j - 1], key=_sum)
            alike = similarity(words, others)
            total, chain = best[i - 1][j - 1]
            if alike >= _ALIKE and total + alike > best[i][j][0]:
                best[i][j] = (total + alike, [*chain, (i - 1, j - 1)])
    return best[-1][-1][1]


def _sum(entry: tuple[float, list[Pair]]) -> float:
    return entry[0]


def _words(part: Part) -> Counter[str]:
    """The tokens of a part that are not blank."""
    return Counter(token for token in tokens(part.text, part.kind) if token.strip())
