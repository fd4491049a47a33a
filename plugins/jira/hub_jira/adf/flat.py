"""Blocks laid out as lines of pieces, for places that hold no blocks: table cells, and tasks with more below them."""

from __future__ import annotations

from hub_jira.adf.nodes import attr, clean, inner, kind, leaf_text, one_line
from hub_jira.adf.phrases import BREAK, Link, Marks, Piece, card_url, is_safe, media_address, media_label, piece_of

_DEEPEST = 12
_INLINE_HOLDERS = frozenset({"paragraph", "heading", "taskItem", "decisionItem", "caption"})

Lines = list[list[Piece]]


def flat_blocks(blocks: list[object]) -> list[Piece]:
    """*blocks* as pieces, a double break between them; blocks that show nothing are passed over."""
    out: list[Piece] = []
    for block in blocks:
        lines = trimmed(flat_block(block))
        if lines:
            out += [BREAK, BREAK] if out else []
            out += run_on(lines)
    return out


def trimmed(lines: Lines) -> Lines:
    """*lines* without those that hold nothing but white space."""
    return [line for line in lines if any(piece.text.strip() for piece in line)]


def run_on(lines: Lines) -> list[Piece]:
    """*lines* as one run of pieces, a break between them."""
    out: list[Piece] = []
    for line in lines:
        out += [BREAK] if out else []
        out += line
    return out


def flat_block(block: object, depth: int = 0) -> Lines:
    """One block as lines; list items carry a bullet, a number or a box."""
    name = kind(block)
    if depth > _DEEPEST:
        return [[Piece(leaf_text(block))]]
    if name in _INLINE_HOLDERS:
        return _split([piece_of(node) for node in inner(block)])
    if name == "codeBlock":
        return [[Piece(line, Marks(code=True))] if line.strip() else [] for line in code_text(block).split("\n")]
    if name == "rule":
        return [[Piece("---")]]
    if name in {"media", "blockCard", "embedCard"}:
        return [[_linked(block)]]
    if name in {"bulletList", "orderedList", "taskList", "decisionList"}:
        start = first_number(attr(block, "order"))
        return [line for at, item in enumerate(inner(block)) for line in _item(name, start + at, item, depth)]
    if inner(block):
        lines = [[Piece(one_line(str(attr(block, "title") or "")))]] if name in {"expand", "nestedExpand"} else []
        return lines + [line for child in inner(block) for line in flat_block(child, depth + 1)]
    return [[piece_of(block)]] if name else []


def code_text(block: object) -> str:
    """The text of a code block."""
    parts = [node.get("text") for node in inner(block) if isinstance(node, dict)]
    return clean("".join(part for part in parts if isinstance(part, str)))


def _linked(block: object) -> Piece:
    text, href = card_url(block), card_url(block)
    if kind(block) == "media":
        text, href = media_label(block), media_address(block)
    return Piece(text or f"({kind(block)})", Marks(link=Link(href) if is_safe(href) else None))


def _split(pieces: list[Piece]) -> Lines:
    lines: Lines = [[]]
    for piece in pieces:
        if piece.breaks:
            lines.append([])
        else:
            lines[-1].append(piece)
    return lines


def _item(name: str, number: int, item: object, depth: int) -> Lines:
    if kind(item) == "taskList":
        return flat_block(item, depth + 1)
    blocks = [item] if kind(item) in _INLINE_HOLDERS else inner(item)
    lines = trimmed([line for block in blocks for line in flat_block(block, depth + 1)])
    sign = "• "
    if name == "orderedList":
        sign = f"{number}. "
    elif name == "taskList":
        sign = "☑ " if attr(item, "state") == "DONE" else "☐ "
    return [[Piece(sign), *lines[0]], *lines[1:]] if lines else [[Piece(sign)]]


def first_number(order: object) -> int:
    """The number an ordered list starts with; Markdown takes nine digits at most (CommonMark 5.2)."""
    if isinstance(order, float) and order.is_integer():
        order = int(order)
    return order if isinstance(order, int) and not isinstance(order, bool) and 0 <= order <= 900_000_000 else 1
