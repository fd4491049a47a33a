"""A description with headed sections in it: taken apart, and put together again, to the byte.

A section begins at the first top-level heading of its name and ends at the next heading of the same or a higher level,
or at that of another section; everything else is the description's own.

A heading that must be neither, because it is part of a text that is put here, is written with `KEEP` at its end: a
character without width. Reading takes one such character away from a heading's end, writing adds one wherever it could
be mistaken and wherever one stands already, so that every text is read back as it was. Only top-level headings count:
what looks like one in code, in a list or in a quotation is left alone.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache

from hub.mapping.headings import Heading
from hub.mapping.lines import plain
from hub.mapping.markdown import Title, ends_open, split_blocks, split_lines, titles

KEEP = "\u2060"
"""WORD JOINER: it has no width, and is no white space that a service would trim."""

_ATX = re.compile(r"(?P<opening> {0,3}#{1,6}(?:[ \t]+|$))(?P<words>.*?)(?P<closing>(?:[ \t]+#+)?[ \t]*)$")
_BLANK_LINES = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n))+")
_NEW_LEVEL = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of whole lines: of the description, or a section.

    Attributes:
        text: The lines; a section's without those of its heading.
        title: The lines of a section's heading.
        level: That heading's level.
        place: Which piece of the text it was; -1 for a new one.
    """

    text: str
    heading: Heading | None = None
    title: str = ""
    level: int = 0
    place: int = -1

    @property
    def content(self) -> str:
        """The lines without blank ones around them."""
        return trimmed(self.text)


Pieces = tuple[Piece, ...]


def trimmed(text: str) -> str:
    """*text* without blank lines before it and white space behind it."""
    return text[_leading(text) :].rstrip()


def _leading(text: str) -> int:
    found = _BLANK_LINES.match(text)
    return found.end() if found else 0


@lru_cache(maxsize=128)
def take_apart(text: str, apart: tuple[Heading, ...]) -> Pieces:
    """The pieces of *text*; joined, titles before texts, they are *text* again."""
    if not _names(text, apart):
        return (Piece(text, place=0),) if text else ()
    lines, left = split_lines(text), list(apart)
    pieces: list[Piece] = []
    piece, start = Piece(""), 0
    for title in titles(text):
        heading = _heading(title, left)
        if title.words.endswith(KEEP) or (heading is None and title.level > (piece.level if piece.heading else 0)):
            continue
        pieces.append(replace(piece, text="".join(lines[start : title.first])))
        if heading is None:
            piece, start = Piece(""), title.first
        else:
            left.remove(heading)
            piece, start = Piece("", heading, "".join(lines[title.first : title.end]), title.level), title.end
    pieces.append(replace(piece, text="".join(lines[start:])))
    return tuple(replace(each, place=place) for place, each in enumerate(p for p in pieces if p.text or p.heading))


def _names(text: str, apart: Iterable[Heading]) -> bool:
    """Whether *text* has a word that a heading begins with: most texts have none, and need no parsing."""
    folded = text.casefold()
    return any(name.split()[0].casefold() in folded for each in apart for name in (each.english, each.chinese))


def _heading(title: Title, among: Iterable[Heading]) -> Heading | None:
    return next((each for each in among if each.matches(title.words)), None)


def put_together(pieces: Pieces, apart: tuple[Heading, ...]) -> str | None:
    """The text of *pieces*; None if there is none that would be taken apart like that again."""
    settled = (*(replace(piece, text=_closed_lines(piece)) for piece in pieces[:-1]), *pieces[-1:])
    for tried in (settled, tuple(p if p.heading else replace(p, text=kept(p.text, apart)) for p in settled)):
        text = _joined(tried)
        if _outline(take_apart(text, apart)) == _outline(tried):
            return text
    return None


def _closed_lines(piece: Piece) -> str:
    if ends_open(piece.text) is None:
        return piece.text
    return piece.text[: _leading(piece.text)] + closed(plain(piece.text)) + "\n\n"


def _joined(pieces: Pieces) -> str:
    """Pieces that stood next to each other keep what parted them; a blank line parts the others."""
    text, last = "", -2
    for piece in pieces:
        if text and (piece.place < 0 or piece.place != last + 1):
            text = text.rstrip() + "\n\n"
        text += piece.title + piece.text
        last = piece.place if piece.place >= 0 else -2
    return text


def _outline(pieces: Pieces) -> tuple[str, list[tuple[Heading, str]]]:
    own = "\n\n".join(piece.content for piece in pieces if piece.heading is None and piece.content)
    return own, [(piece.heading, piece.content) for piece in pieces if piece.heading]


def own_lines(pieces: Pieces) -> str:
    """The description as it is written, without the sections."""
    return pieces[0].text if len(pieces) == 1 and pieces[0].heading is None else _outline(pieces)[0]


def section(pieces: Pieces, heading: Heading) -> Piece | None:
    """The section of that heading."""
    return next((piece for piece in pieces if piece.heading == heading), None)


def with_section(pieces: Pieces, heading: Heading, text: str, apart: Sequence[Heading], language: str) -> Pieces:
    """*pieces* with *text*, as it is to be written, under a heading; without the heading if there is no text."""
    old = section(pieces, heading)
    if old is None:
        new = Piece(text, heading, f"{'#' * _NEW_LEVEL} {heading.name(language)}\n\n", _NEW_LEVEL)
        later = apart[list(apart).index(heading) + 1 :]
        at = next((place for place, each in enumerate(pieces) if each.heading in later), len(pieces))
        return (*pieces[:at], new, *pieces[at:]) if text else pieces
    if text == old.content:
        return pieces
    at = pieces.index(old)
    title = old.title if old.title.endswith(("\n", "\r")) else old.title + "\n"
    changed = [replace(old, text=_in_place(old, text), title=title)] if text else []
    return (*pieces[:at], *changed, *pieces[at + 1 :])


def _in_place(old: Piece, text: str) -> str:
    """*text* with the blank lines that stood around what it replaces."""
    before, after = old.text[: _leading(old.text)], old.text[len(old.text.rstrip()) :]
    blank = not old.content
    return ("\n" if blank else before) + text + ("\n\n" if blank or after.count("\n") < 2 else after)


def with_own(pieces: Pieces, value: str, apart: Sequence[Heading]) -> Pieces:
    """*pieces* with another description. Blocks that it had already stay as they are; sections keep their place among them.

    A section moves down to the next heading that can end it, where what followed it is no longer there.
    """
    sections = [piece for piece in pieces if piece.heading]
    old, before = _own_blocks(pieces)
    new = split_blocks(closed(plain(value)) if sections else plain(value))
    same = _same([read(block).rstrip() for block in old], [block.rstrip() for block in new])
    blocks = [
        (old[same[place]].rstrip() if place in same else kept(block, apart, again=True).rstrip(), block)
        for place, block in enumerate(new)
    ]
    written = [text + block[len(block.rstrip()) :] for text, block in blocks]
    places = _places(sections, before, len(old), {was: now for now, was in same.items()}, written)
    result: list[Piece] = []
    for start, end, each in zip([0, *places], [*places, len(written)], [*sections, None], strict=True):
        result += _stretch(pieces, each, "".join(written[start:end]).rstrip())
        result += [each] if each else []
    return tuple(result)


def _own_blocks(pieces: Pieces) -> tuple[list[str], list[int]]:
    """The blocks of the description, and how many of them stand before each section."""
    blocks: list[str] = []
    before: list[int] = []
    for piece in pieces:
        if piece.heading:
            before.append(len(blocks))
        elif piece.content:
            blocks += split_blocks(piece.content)
    return blocks, before


def _same(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """For blocks of *new* the place of the one of *old* that they are."""
    runs = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {run.b + step: run.a + step for run in runs for step in range(run.size)}


def _places(
    sections: Sequence[Piece], before: Sequence[int], total: int, moved: dict[int, int], written: Sequence[str]
) -> list[int]:
    """Before which block of the new description each section stands; one behind all blocks stays behind all."""
    places: list[int] = []
    for each, count in zip(sections, before, strict=True):
        follower = next((moved[was] for was in range(count, total) if was in moved), None)
        leader = next((moved[was] + 1 for was in reversed(range(count)) if was in moved), len(written))
        at = len(written) if count == total else leader if follower is None else follower
        at = max(at, places[-1] if places else 0)
        while at < len(written) and not _ends(each, written[at]):
            at += 1
        places.append(at)
    return places


def _ends(each: Piece, block: str) -> bool:
    title = next(titles(block), None)
    return title is not None and title.first == 0 and title.level <= each.level and not title.words.endswith(KEEP)


def _stretch(pieces: Pieces, follower: Piece | None, text: str) -> list[Piece]:
    """The description's lines before a section, or at the end: the piece that stood there if it says just that."""
    at = pieces.index(follower) if follower else len(pieces)
    old = pieces[at - 1] if at and pieces[at - 1].heading is None else None
    if old is not None and old.content in (trimmed(text), closed(plain(text)) if follower else text):
        return [old]
    return [Piece(text)] if text.strip() else []


def read(text: str) -> str:
    """*text* as it was before `kept`."""
    if KEEP not in text:
        return text
    return _edited(text, lambda title: title.words.endswith(KEEP), _without_mark)


def kept(text: str, apart: Iterable[Heading], *, level: int = 0, again: bool = False) -> str:
    """*text* with a mark on every heading that would begin a section, or end one of *level*.

    Args:
        again: Whether a heading that has a mark is given another, so that it is read back with the one it has.
    """
    among = tuple(apart)
    if not level and KEEP not in text and not _names(text, among):
        return text

    def needs(title: Title) -> bool:
        if title.words.endswith(KEEP):
            return again
        return title.level <= level or _heading(title, among) is not None

    return _edited(text, needs, _with_mark)


def _edited(text: str, needs: Callable[[Title], bool], edit: Callable[[str], str]) -> str:
    lines = split_lines(text)
    for title in titles(text):
        if needs(title):
            last = title.first if title.end == title.first + 1 else title.end - 2
            ended = lines[last].rstrip("\r\n")
            lines[last] = edit(ended) + lines[last][len(ended) :]
    return "".join(lines)


def _with_mark(line: str) -> str:
    found = _ATX.match(line)
    if found is None:
        return line.rstrip() + KEEP
    opening = found["opening"] if found["opening"].endswith((" ", "\t")) else found["opening"] + " "
    return opening + found["words"] + KEEP + found["closing"]


def _without_mark(line: str) -> str:
    head, _, tail = line.rpartition(KEEP)
    return head + tail


def says(text: str, shown: str) -> bool:
    """Whether *shown* is what *text* is written as, an end for what it leaves open included."""
    one, other = plain(text), plain(shown)
    return one == other or (bool(one) and bool(other) and closed(one) == closed(other))


def closed(text: str) -> str:
    """*text* with an end for code or HTML that would take in whatever follows it."""
    opened = ends_open(text)
    if opened is None:
        return text
    ends = ["\n" + opened] if opened else [f"\n{end}" for end in ("-->", "?>", "]]>", ">", "</script>", "</pre>")]
    ends += [f"\n{end}" for end in ("</style>", "</textarea>")]
    return next((text.rstrip() + end for end in ends if ends_open(text.rstrip() + end) is None), text)
