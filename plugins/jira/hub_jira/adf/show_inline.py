"""Inline content written as Markdown.

Emphasis cannot be written everywhere (CommonMark 6.2: a delimiter must touch a word on the right side). Where it
cannot, the mark is drawn in from that edge, letter by letter, until it can; text is never changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace

from hub_jira.adf.escapes import code_span, destination, escape, guard_line, quoted
from hub_jira.adf.phrases import ATTACHMENT, Link, Marks, Piece, joined, pieces_of
from hub_jira.adf.read_inline import InlineReader

_SIGNS = {"strong": "**", "strike": "~~", "em": "*"}
_KINDS = ("link", "strong", "strike", "em")
_TRIES = 200


class _Chunk(NamedTuple):
    """A bit of output; for a delimiter, the mark it writes and the pieces (from, to) it spans."""

    text: str
    mark: str = ""
    opens: bool = False
    start: int = 0
    stop: int = 0


def show_inline(nodes: Iterable[object], *, cell: bool = False) -> str:
    """Inline nodes as Markdown: lines of a paragraph, or one line with `<br>` for a table cell (*cell*) or heading."""
    return show_pieces(pieces_of(nodes), cell=cell)


def show_pieces(pieces: Iterable[Piece], *, cell: bool = False) -> str:
    """Pieces as Markdown; white space and breaks at the ends are left out, for Markdown has no place for them."""
    lines = [_line(line) for line in _lines(joined(pieces))]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    if cell:
        return "<br>".join(lines)
    return "\\\n".join(guard_line(line) for line in lines)


def _lines(pieces: Iterable[Piece]) -> list[list[Piece]]:
    lines: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece.breaks:
            lines.append([])
        else:
            lines[-1].append(piece)
    return [_trimmed(line) for line in lines]


def _trimmed(line: list[Piece]) -> list[Piece]:
    """*line* without white space at its ends (code keeps its own)."""
    while line and not line[0].marks.code:
        rest = line[0].text.lstrip()
        if rest:
            line[0] = line[0]._replace(text=rest)
            break
        line.pop(0)
    while line and not line[-1].marks.code:
        rest = line[-1].text.rstrip()
        if rest:
            line[-1] = line[-1]._replace(text=rest)
            break
        line.pop()
    return line


def _linked_words(pieces: list[Piece]) -> list[Piece]:
    """*pieces* with links taken off that hold only white space: they would be read as links without text."""
    out = []
    for at, piece in enumerate(pieces):
        link = piece.marks.link
        if link and not piece.text.strip():
            around = pieces[at - 1 : at] + pieces[at + 1 : at + 2]
            if not any(other.marks.link == link and other.text.strip() for other in around):
                piece = piece._replace(marks=piece.marks._replace(link=None))  # noqa: PLW2901 — the same piece, unlinked
        out.append(piece)
    return out


def _line(pieces: list[Piece]) -> str:
    if all(piece.marks == Marks() for piece in pieces):
        return escape("".join(piece.text for piece in pieces))
    text, pieces = _flanked([part for piece in _linked_words(pieces) for part in _tight(piece)])
    if "***" not in text and "~~~" not in text and "****" not in text:
        return text
    for mark in ("em", "strike", "strong"):
        if _reads_as(text, pieces):
            return text
        text, pieces = _flanked([piece._replace(marks=piece.marks.set_to(mark, False)) for piece in pieces])
    return text


def _reads_as(text: str, pieces: list[Piece]) -> bool:
    return InlineReader().pieces(text) == joined(pieces)


def _tight(piece: Piece) -> list[Piece]:
    """A marked piece with the white space at its ends set apart, unmarked save for its link."""
    bare = piece.marks._replace(strong=False, strike=False, em=False)
    if piece.marks == bare or not piece.text.strip():
        return [piece._replace(marks=bare)]
    left = len(piece.text) - len(piece.text.lstrip())
    right = len(piece.text.rstrip())
    parts = (piece.text[:left], bare), (piece.text[left:right], piece.marks), (piece.text[right:], bare)
    return [Piece(text, marks) for text, marks in parts if text]


def _flanked(pieces: list[Piece]) -> tuple[str, list[Piece]]:
    """The Markdown of *pieces*, and the pieces as they could be marked in it."""
    for _ in range(_TRIES):
        pieces = joined(pieces)
        chunks = _chunks(pieces, 0, len(pieces), _KINDS)
        wrong = _misplaced(chunks)
        if wrong is None:
            return "".join(chunk.text for chunk in chunks), pieces
        pieces = _drawn_in(pieces, wrong)
    pieces = joined(piece._replace(marks=Marks(link=piece.marks.link, code=piece.marks.code)) for piece in pieces)
    return "".join(chunk.text for chunk in _chunks(pieces, 0, len(pieces), _KINDS)), pieces


def _chunks(
    pieces: list[Piece], start: int, stop: int, kinds: tuple[str, ...], *, linked: bool = False
) -> list[_Chunk]:
    """Write pieces[start:stop]; of the marks that begin at a piece, the one that goes on longest is written outermost."""
    out: list[_Chunk] = []
    at = start
    while at < stop:
        spans = [(_extent(pieces, at, stop, name), name) for name in kinds if getattr(pieces[at].marks, name)]
        if not spans:
            out.append(_Chunk(_literal(pieces[at], linked=linked)))
            at += 1
            continue
        end, name = max(spans, key=lambda span: (span[0], -_KINDS.index(span[1])))
        rest = tuple(other for other in kinds if other != name)
        if name == "link":
            out += _linked(pieces, at, end, rest)
        else:
            out.append(_Chunk(_SIGNS[name], name, opens=True, start=at, stop=end))
            out += _chunks(pieces, at, end, rest, linked=linked)
            out.append(_Chunk(_SIGNS[name], name, start=at, stop=end))
        at = end
    return out


def _extent(pieces: list[Piece], at: int, stop: int, name: str) -> int:
    value, end = getattr(pieces[at].marks, name), at
    while end < stop and getattr(pieces[end].marks, name) == value:
        end += 1
    return end


def _literal(piece: Piece, *, linked: bool) -> str:
    return code_span(piece.text) if piece.marks.code else escape(piece.text, linked=linked)


def _linked(pieces: list[Piece], start: int, stop: int, kinds: tuple[str, ...]) -> list[_Chunk]:
    link = pieces[start].marks.link
    if link is None:
        return _chunks(pieces, start, stop, kinds)
    if stop - start == 1 and _is_autolink(pieces[start], link, kinds):
        return [_Chunk(f"<{link.href}>")]
    body = _chunks(pieces, start, stop, kinds, linked=True)
    image = "!" if link.href.startswith(ATTACHMENT) else ""
    return [_Chunk(image + "["), *body, _Chunk(f"]({target(link)})")]


def _is_autolink(piece: Piece, link: Link, kinds: tuple[str, ...]) -> bool:
    if piece.text != link.href or link.title or any(getattr(piece.marks, name) for name in kinds) or piece.marks.code:
        return False
    tokens = InlineReader().tokens(f"<{link.href}>")
    return tokens[0].type == "link_open" and not link.href.startswith(ATTACHMENT)


def target(link: Link) -> str:
    """The part of a link between its round brackets."""
    return f"{destination(link.href)} {quoted(link.title)}" if link.title else destination(link.href)


def _misplaced(chunks: list[_Chunk]) -> _Chunk | None:
    """The first delimiter that would not be read as one."""
    text = "".join(chunk.text for chunk in chunks)
    at = 0
    for chunk in chunks:
        if chunk.mark and not _flanks(text, at, chunk):
            return chunk
        at += len(chunk.text)
    return None


def _flanks(text: str, at: int, chunk: _Chunk) -> bool:
    sign, first, last = chunk.text[0], at, at + len(chunk.text)
    while first and text[first - 1] == sign and not (first > 1 and text[first - 2] == "\\"):
        first -= 1
    while last < len(text) and text[last] == sign:
        last += 1
    before, after = text[first - 1] if first else " ", text[last] if last < len(text) else " "
    near, far = (after, before) if chunk.opens else (before, after)
    return not _is_space(near) and (not _is_sign(near) or _is_space(far) or _is_sign(far))


def _is_space(char: str) -> bool:
    return isWhiteSpace(ord(char))


def _is_sign(char: str) -> bool:
    return isMdAsciiPunct(ord(char)) or isPunctChar(char)


def _drawn_in(pieces: list[Piece], wrong: _Chunk) -> list[Piece]:
    """*pieces* with one mark taken off the letter (or the code span) at the edge where it cannot be written."""
    at = wrong.start if wrong.opens else wrong.stop - 1
    piece = pieces[at]
    bare = piece._replace(marks=piece.marks.set_to(wrong.mark, False))
    if wrong.opens:
        parts = [bare._replace(text=piece.text[:1]), piece._replace(text=piece.text[1:])]
    else:
        parts = [piece._replace(text=piece.text[:-1]), bare._replace(text=piece.text[-1:])]
    return pieces[:at] + [part for split in parts for part in _tight(split)] + pieces[at + 1 :]
