"""Where the blocks of a Markdown text begin: the text is cut, never rewritten.

The dialect is CommonMark with tables and strikethrough. Only the block structure is read, so that cutting stays fast.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

_READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_READER.core.ruler.enableOnly(["normalize", "block"])

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class PartKind(StrEnum):
    """What a part is, as far as a merge must know."""

    PLAIN = "plain"
    ITEM = "item"
    ROW = "row"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of whole lines: a block, or one item of a list, or one row of a table.

    Attributes:
        text: The lines with everything that follows them up to the next part, blank lines included.
        kind: `ITEM` and `ROW` for the pieces of lists and tables, `CODE` for a top-level fence or indented code.
    """

    text: str
    kind: PartKind


def split_blocks(text: str) -> tuple[str, ...]:
    """The top-level blocks of *text*; joined they are *text* again, to the byte.

    Blank lines and link definitions belong to the block before them; what stands before the first block belongs to it.
    """
    starts = [line for line, token in _openings(text) if token.level == 0]
    return tuple(_cut(text, starts))


def split_parts(text: str) -> tuple[Part, ...]:
    """The blocks of *text*, with lists cut into items (at any depth) and tables into rows; joined they are *text*.

    The delimiter row of a table belongs to the row before it.
    """
    kinds: dict[int, PartKind] = {}
    for line, token in _openings(text):
        kind = _kind(token)
        if token.level == 0 or kind is not PartKind.PLAIN:
            kinds[line] = kind if kinds.get(line, PartKind.PLAIN) is PartKind.PLAIN else kinds[line]
    starts = sorted(kinds)
    pieces = _cut(text, starts)
    return tuple(
        Part(piece, kinds.get(start, PartKind.PLAIN)) for piece, start in zip(pieces, starts or [0], strict=False)
    )


def ends_open(text: str) -> str | None:
    """What would end the code that *text* ends with, unclosed; empty for unclosed HTML, None where nothing is open."""
    if not any(sign in text for sign in ("```", "~~~", "<")):
        return None
    lines = len(split_lines(text.rstrip()))
    last = [token for token in _READER.parse(text.rstrip() + "\n\n# end") if token.level == 0 and token.nesting >= 0]
    if last[-1].type == "heading_open" and last[-1].map == [lines + 1, lines + 2]:
        return None
    return last[-1].markup if last[-1].type == "fence" else ""


@dataclass(frozen=True, slots=True)
class Title:
    """A top-level heading: its first line (from 0), the one after its last, its level and its words as they stand."""

    first: int
    end: int
    level: int
    words: str


def split_lines(text: str) -> list[str]:
    """The lines of *text* with their ends, as Markdown counts them; joined they are *text* again."""
    return _LINE.findall(text)


def titles(text: str) -> Iterator[Title]:
    """The headings of *text* that are not inside a list or a quotation."""
    tokens = _READER.parse(text)
    for token, inside in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map is not None:
            yield Title(token.map[0], token.map[1], int(token.tag[1:]), inside.content.strip())


def blocks_and_items(text: str) -> list[tuple[str, str | None, int]]:
    """The blocks of *text*, its top-level bullet lists in items: the lines, the words of an item, how many lines they take.

    The words are those of the paragraph that an item begins with; None for a block that is none, or does not begin so.
    """
    tokens = _READER.parse(text)
    found: dict[int, tuple[str | None, int]] = {}
    bullets = False
    for place, token in enumerate(tokens):
        if token.map is None or token.nesting < 0:
            continue
        if token.level == 0:
            bullets = token.type == "bullet_list_open"
            found.setdefault(token.map[0], (None, 0))
        elif bullets and token.level == 1 and token.type == "list_item_open":
            found[token.map[0]] = _words(token, *tokens[place + 1 : place + 3])
    starts = sorted(found)
    pieces = _cut(text, starts)
    return [(piece, *found.get(start, (None, 0))) for piece, start in zip(pieces, starts or [0], strict=False)]


def _words(item: Token, first: Token, inside: Token | None = None) -> tuple[str | None, int]:
    """What the paragraph says that an item begins with, and in how many lines."""
    if first.type != "paragraph_open" or inside is None or not item.map or not first.map or first.map[0] != item.map[0]:
        return None, 0
    return inside.content, first.map[1] - first.map[0]


def _openings(text: str) -> Iterator[tuple[int, Token]]:
    """Every block token that knows its first line (counted from 0), in the order of the text."""
    for token in _READER.parse(text):
        if token.map is not None and token.nesting >= 0:
            yield token.map[0], token


def _kind(token: Token) -> PartKind:
    if token.type == "list_item_open":
        return PartKind.ITEM
    if token.type == "tr_open":
        return PartKind.ROW
    if token.level == 0 and token.type in {"fence", "code_block"}:
        return PartKind.CODE
    return PartKind.PLAIN


def _cut(text: str, starts: list[int]) -> list[str]:
    """Cut *text* before the given lines; what precedes the first of them stays with it."""
    if not text:
        return []
    lines = split_lines(text)
    return ["".join(lines[first:last]) for first, last in pairwise([0, *sorted(set(starts))[1:], len(lines)])]
