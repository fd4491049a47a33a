"""ADF blocks written as Markdown: every block that shows anything is exactly one Markdown block.

Containers without a Markdown form (panel, expand, layout) are written as alerts: a quote whose first line is
`[!NAME] title`. What has no readable form is written as a fenced block `adf` with its JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Protocol

from hub_jira.adf.escapes import escape, fenced, guard_line
from hub_jira.adf.flat import code_text, first_number
from hub_jira.adf.nodes import attr, attr_text, clean, inner, kind, leaf_text, marks_of, one_line
from hub_jira.adf.phrases import (
    ATTACHMENT,
    Link,
    Marks,
    Piece,
    card_url,
    is_safe,
    media_address,
    media_label,
    pieces_of,
)
from hub_jira.adf.show_inline import show_inline, show_pieces, target
from hub_jira.adf.show_table import show_table

PANELS = ("info", "note", "tip", "warning", "error", "success", "custom")
EXPAND, LAYOUT, COLUMN, DECISIONS = "EXPAND", "LAYOUT", "COLUMN", "DECISIONS"
DEEPEST = 40
"""How deep blocks are written as blocks; below, only their text is."""

_LISTS = {"bulletList": "bullet", "taskList": "bullet", "orderedList": "number"}
_INLINE = frozenset(
    {"text", "hardBreak", "mention", "emoji", "date", "status", "inlineCard", "mediaInline", "inlineExtension"}
    | {"placeholder"}
)
_PROSE = _INLINE | {"paragraph", "blockCard", "embedCard", "mediaSingle", "mediaGroup"}
_ITEMS = frozenset({"listItem", "taskItem", "blockTaskItem", "decisionItem"})
_TIGHT = re.compile(r"(?:[-*]|1[.)]) +\S")


class Shower(Protocol):
    """Writes one block, as `show` does."""

    def __call__(self, block: object, depth: int = 0, *, other: bool = False) -> str:
        """The Markdown of *block*."""


class Memory:
    """`show` that writes each block only once, for as long as a merge goes on."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, str]] = {}

    def __call__(self, block: object, depth: int = 0, *, other: bool = False) -> str:
        """The Markdown of *block*."""
        if depth or other:
            return show(block, depth, other=other)
        if id(block) not in self._known:
            self._known[id(block)] = block, show(block)
        return self._known[id(block)][1]


def show_blocks(
    blocks: Iterable[object], depth: int = 0, *, other: bool = False, tight: bool = False, write: Shower | None = None
) -> str:
    """Blocks as Markdown. Lists that would run into each other alternate their signs; the first takes the second
    kind of sign when *other*. *tight* sets a list right under the paragraph before it, as within list items."""
    write = write or show
    out = ""
    family, sign, prose = "", not other, False
    for block in blocks:
        belongs = _LISTS.get(kind(block), "")
        use_other = bool(belongs) and (other if not out else family == belongs and not sign)
        text = write(block, depth, other=use_other)
        if not text:
            continue
        close = tight and prose and _TIGHT.match(text)
        out += ("\n" if close else "\n\n" if out else "") + text
        family, sign, prose = belongs, use_other, _is_prose(block, text)
    return out


def _is_prose(block: object, text: str) -> bool:
    """Whether a block that shows *text* is a paragraph to Markdown."""
    return kind(block) in _PROSE and not text.startswith("```")


def show(block: object, depth: int = 0, *, other: bool = False) -> str:
    """One block as Markdown, "" when it shows nothing; *other* picks the second sign for a list."""
    name = kind(block)
    if not name:
        return ""
    if depth > DEEPEST:
        return guard_line(escape(leaf_text(block)))
    if name in _LISTS:
        return _list(block, depth, other=other)
    if name in _ITEMS:
        return item_text(block, "-", depth, other=other)
    return _common(block, name, depth)


def _common(block: object, name: str, depth: int) -> str:
    match name:
        case "paragraph":
            return show_inline(inner(block))
        case "heading":
            return _heading(block)
        case "codeBlock":
            return fenced(code_text(block), attr_text(block, "language"))
        case "blockquote":
            return _quote(show_blocks(inner(block), depth + 1))
        case "rule":
            return "---"
        case "table":
            return show_table(block)
    return show_inline([block]) if name in _INLINE else _rarer(block, name, depth)


def _rarer(block: object, name: str, depth: int) -> str:
    match name:
        case "panel" if attr(block, "panelType") in PANELS:
            return _alert(attr_text(block, "panelType").upper(), "", inner(block), depth)
        case "expand" | "nestedExpand":
            return _alert(EXPAND, attr_text(block, "title"), inner(block), depth)
        case "layoutSection" if _is_layout(block):
            return _alert(LAYOUT, "", inner(block), depth)
        case "layoutColumn":
            return _alert(COLUMN, "", inner(block), depth)
        case "decisionList":
            items = [item_text(item, "-", depth + 1) for item in inner(block)]
            return _quote(f"[!{DECISIONS}]\n\n" + "\n".join(items))
        case "mediaSingle" if _is_single(block):
            return _picture(block)
        case "mediaGroup" if inner(block) and all(kind(node) == "media" for node in inner(block)):
            return show_pieces([part for piece in pieces_of(inner(block)) for part in (Piece(" "), piece)])
        case "blockCard" | "embedCard" if is_safe(card_url(block)):
            return show_pieces([Piece(card_url(block), Marks(link=Link(card_url(block))))])
    return _raw(block)


def _is_layout(block: object) -> bool:
    columns = inner(block)
    return 2 <= len(columns) <= 3 and all(kind(column) == "layoutColumn" for column in columns)


def _is_single(block: object) -> bool:
    nodes = inner(block)
    return bool(nodes) and kind(nodes[0]) == "media" and all(kind(node) == "caption" for node in nodes[1:])


def _heading(block: object) -> str:
    level = attr(block, "level")
    level = max(1, min(6, int(level))) if isinstance(level, int | float) and level == level else 1  # noqa: PLR0124 — NaN
    text = show_inline(inner(block), cell=True)
    if text.endswith("#"):
        text = text[:-1] + "\\#"
    return ("#" * level + " " + text).rstrip()


def _list(block: object, depth: int, *, other: bool) -> str:
    start = first_number(attr(block, "order"))
    items: list[str] = []
    nested = False
    for at, item in enumerate(inner(block)):
        if kind(item) == "":
            continue
        if kind(item) == "taskList" and items and not nested:
            items[-1] += "\n" + _indented("\n" + show(item, depth + 1), 2)[1:]
            nested = True
            continue
        sign = ("*" if other else "-") if kind(block) != "orderedList" else f"{start + at}{')' if other else '.'}"
        items.append(item_text(item, sign, depth, other=other))
        nested = kind(item) == "taskList"
    return "\n".join(items) or ("*" if other else "-")


def item_text(item: object, sign: str, depth: int, *, other: bool = False) -> str:
    """One item of a list, after its sign."""
    name = kind(item)
    if name in {"taskItem", "blockTaskItem"}:
        box = "[x] " if attr(item, "state") == "DONE" else "[ ] "
        text = (box + (show_inline(inner(item)) if name == "taskItem" else _task_blocks(item))).rstrip()
    elif name == "decisionItem":
        text = show_inline(inner(item))
    else:
        text = show_blocks(inner(item) if name == "listItem" else [item], depth + 1, other=not other, tight=True)
    return f"{sign} {_indented(text, len(sign) + 1)}" if text else sign


def _task_blocks(item: object) -> str:
    return "\\\n\\\n".join(text for text in (show_inline(inner(block)) for block in inner(item)) if text)


def _indented(text: str, width: int) -> str:
    pad = " " * width
    return "\n".join(pad + line if at and line else line for at, line in enumerate(text.split("\n")))


def _quote(text: str) -> str:
    return "\n".join("> " + line if line else ">" for line in text.split("\n"))


def _alert(tag: str, title: str, blocks: list[object], depth: int) -> str:
    shown: list[tuple[object, str]] = []

    def write(block: object, depth: int = 0, *, other: bool = False) -> str:
        text = show(block, depth, other=other)
        shown.extend([(block, text)] if text else [])
        return text

    body = show_blocks(blocks, depth + 1, write=write)
    gap = "\n" if shown and _is_prose(*shown[0]) else "\n\n"
    return _quote(f"[!{tag}] {escape(one_line(title))}".rstrip() + (gap + body if body else ""))


def _picture(block: object) -> str:
    """`![words](address "caption")`; an attachment of the service has its media id for an address."""
    media, caption = inner(block)[0], leaf_text({"content": inner(block)[1:]})
    address = media_address(media)
    if address.startswith(ATTACHMENT) or not is_safe(address):
        safe = is_safe(address)
        return show_pieces([Piece(media_label(media), Marks(link=Link(address, caption) if safe else None))])
    words = escape(one_line(attr_text(media, "alt")), linked=True)
    image = f"![{words}]({target(Link(address, caption))})"
    around = next((attr(mark, "href") for mark in [*marks_of(media), *marks_of(block)] if kind(mark) == "link"), None)
    return f"[{image}]({target(Link(clean(around)))})" if isinstance(around, str) and is_safe(around) else image


def _raw(block: object) -> str:
    try:
        text = json.dumps(block, ensure_ascii=False, default=str)
    except RecursionError:
        text = leaf_text(block)
    return fenced(clean(text), "adf")
