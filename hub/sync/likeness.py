"""How alike two records look: a number from 0 to 1, and why. Pure; works for words and for Chinese.

Text is compared by its terms: words of alphabetic scripts, pairs of neighbouring characters of scripts without spaces.
Terms that many records share weigh little, and are never used to look for candidates: so 5,000 against 5,000 is quick.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

CANDIDATES = 12
"""How many of the most promising records of the other side are compared closely with each record."""
COMMON = 200
"""A term that more records share than this is no way to look for candidates."""
MENTIONED_IN_TITLE, MENTIONED, SAME_TITLE, LIKE_TITLE = 0.9, 0.7, 0.9, 0.85
NUMBERS_DIFFER = 0.65
"""`Release 2.1` and `Release 2.2` look alike and are not the same."""

_WORDS = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_MENTION = re.compile(r"https?://[^\s<>()\[\]\"']+|[A-Za-z][A-Za-z0-9_]*-\d+")


@dataclass(frozen=True, slots=True)
class Sample:
    """What is compared of a record, in canonical values.

    Args:
        key: What people call it in its service.
        identity: Something that only the same thing shares, such as an e-mail address.
        extras: Further values that support a likeness: name of the field → its value.
    """

    title: str
    text: str = ""
    key: str | None = None
    url: str | None = None
    identity: str | None = None
    extras: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two records, by their places in the two lists, how alike they are, and why."""

    left: int
    right: int
    score: float
    why: str


def normal(title: str) -> str:
    """*title* without what differs between two hands: case, width, punctuation, spacing."""
    return " ".join(_WORDS.findall(unicodedata.normalize("NFKC", title).casefold()))


def terms(text: str) -> frozenset[str]:
    """The terms of a text: words, and neighbouring characters of scripts without spaces."""
    return frozenset(_terms(normal(text)))


def _terms(text: str) -> Iterator[str]:
    for word in text.split():
        for run in _UNSPACED.findall(word):
            yield from (run[i : i + 2] for i in range(len(run) - 1)) if len(run) > 1 else (run,)
        yield from _UNSPACED.sub(" ", word).split()


def mentions(text: str) -> frozenset[str]:
    """Everything in *text* that may be the key or the address of a record, in lower case."""
    return frozenset(found.rstrip(".,;:").rstrip("/").casefold() for found in _MENTION.findall(text))


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A sample with what is derived from it once."""

    sample: Sample
    normal: str
    terms: frozenset[str]
    body: frozenset[str]
    bigrams: frozenset[str]
    numbers: frozenset[str]
    names: frozenset[str]
    in_title: frozenset[str]
    in_text: frozenset[str]


def _prepared(sample: Sample) -> _Prepared:
    plain = normal(sample.title)
    names = frozenset(name.rstrip("/").casefold() for name in (sample.key, sample.url) if name)
    return _Prepared(
        sample,
        plain,
        frozenset(_terms(plain)),
        terms(sample.text[:2000]),
        frozenset(plain[i : i + 2] for i in range(len(plain) - 1)),
        frozenset(re.findall(r"\d+", plain)),
        names,
        mentions(sample.title),
        mentions(sample.text),
    )


def alike(left: Sequence[Sample], right: Sequence[Sample], *, least: float) -> list[Likeness]:
    """Every pair that is at least *least* alike, the most alike first. A record may be in several pairs."""
    lefts, rights = [_prepared(s) for s in left], [_prepared(s) for s in right]
    scale = _Scale(lefts, rights)
    found = [
        Likeness(i, j, score, why)
        for i, one in enumerate(lefts)
        for j in scale.candidates(one)
        for score, why in [scale.compare(one, rights[j])]
        if score >= least
    ]
    return sorted(found, key=lambda each: (-each.score, each.left, each.right))


class _Scale:
    """Weighs terms by how rare they are among all records, and finds candidates by the rare ones."""

    def __init__(self, lefts: Sequence[_Prepared], rights: Sequence[_Prepared]) -> None:
        shared = Counter(term for each in (*lefts, *rights) for term in each.terms)
        total = len(lefts) + len(rights)
        self._weights = {term: math.log(1 + total / count) for term, count in shared.items()}
        self._rights = rights
        self._titles = Counter(each.normal for each in lefts), Counter(each.normal for each in rights)
        self._by_term = _index((term, j) for j, each in enumerate(rights) for term in each.terms)
        self._by_title = _index((each.normal, j) for j, each in enumerate(rights) if each.normal)
        self._by_name = _index((name, j) for j, each in enumerate(rights) for name in each.names)
        self._by_mention = _index((said, j) for j, each in enumerate(rights) for said in each.in_title | each.in_text)
        self._by_identity = _index((each.sample.identity, j) for j, each in enumerate(rights) if each.sample.identity)

    def candidates(self, one: _Prepared) -> set[int]:
        """The records of the right that are worth a close look."""
        sure = set(self._by_title.get(one.normal, ())[:CANDIDATES])
        for said in one.in_title | one.in_text:
            sure.update(self._by_name.get(said, ()))
        for name in one.names:
            sure.update(self._by_mention.get(name, ())[:CANDIDATES])
        if one.sample.identity:
            sure.update(self._by_identity.get(one.sample.identity, ()))
        likely: dict[int, float] = defaultdict(float)
        for term in one.terms:
            places = self._by_term.get(term, ())
            if len(places) <= COMMON:
                for j in places:
                    likely[j] += self._weights[term]
        return sure | set(sorted(likely, key=likely.__getitem__, reverse=True)[:CANDIDATES])

    def compare(self, one: _Prepared, other: _Prepared) -> tuple[float, str]:
        """How alike two records are, and why."""
        if one.sample.identity and one.sample.identity == other.sample.identity:
            return 1.0, f"same {one.sample.identity}"
        close = self._titles_alike(one, other)
        told, why = self._told(one, other, close)
        score, reasons = max((close, self._title_reason(one, other, close)), (told, why))
        boost, supports = _support(one, other)
        top = 1.0 if told else 0.99
        return round(min(top, score + boost), 2), ", ".join([reasons, *supports])

    def _titles_alike(self, one: _Prepared, other: _Prepared) -> float:
        if one.normal and one.normal == other.normal:
            lefts, rights = self._titles
            return SAME_TITLE if lefts[one.normal] == rights[one.normal] == 1 else SAME_TITLE - 0.2
        by_terms = self._weighted(one.terms, other.terms)
        likeness = max(by_terms, 0.95 * _dice(one.bigrams, other.bigrams))
        return LIKE_TITLE * likeness * (1 if one.numbers == other.numbers else NUMBERS_DIFFER)

    def _title_reason(self, one: _Prepared, other: _Prepared, close: float) -> str:
        return "same title" if one.normal == other.normal else f"{close / LIKE_TITLE:.0%} of the title"

    def _told(self, one: _Prepared, other: _Prepared, close: float) -> tuple[float, str]:
        """Whether one names the other: surest in its title, and worth less where it names several."""
        if other.names & one.in_title or one.names & other.in_title:
            return MENTIONED_IN_TITLE + (1 - MENTIONED_IN_TITLE) * close, "names it in its title"
        for speaker, named in ((one, other), (other, one)):
            if named.names & speaker.in_text:
                alone = len(speaker.in_text) == 1
                floor = MENTIONED if alone else MENTIONED / 2
                return floor + (1 - floor) * close, "mentions it"
        return 0.0, ""

    def _weighted(self, one: frozenset[str], other: frozenset[str]) -> float:
        whole = sum(self._weights[term] for term in one) + sum(self._weights[term] for term in other)
        return 2 * sum(self._weights[term] for term in one & other) / whole if whole else 0.0


def _index(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, place in pairs:
        found.setdefault(name, []).append(place)
    return found


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _support(one: _Prepared, other: _Prepared) -> tuple[float, list[str]]:
    """What else the two share: each thing adds a little."""
    reasons = [
        f"same {name}" for name, value in one.sample.extras.items() if value and value == other.sample.extras.get(name)
    ]
    boost = 0.05 * len(reasons)
    if (shared := _dice(one.body, other.body)) >= 0.5:
        reasons.append("like text")
        boost += 0.1 * shared
    return boost, reasons
