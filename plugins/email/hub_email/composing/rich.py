"""Markdown for mail readers: as HTML with its styles inline, and as plain text that needs no Markdown to be read."""

import re
from collections.abc import Sequence
from itertools import chain
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from hub_email.composing.wrapping import VERBATIM

_READER: Final = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_RULE = "* * *"
"""A line between paragraphs; rows of dashes would look like the beginning of a quoted mail."""
_LINE = "#8a8a8a"
"""Grey that can be seen on white and on black."""
_CELL = f"border:1px solid {_LINE};padding:4px 8px;text-align:left"
_MONO = "font-family:Consolas,Menlo,monospace;font-size:13px"
_STYLES: Final = {
    "p": "margin:0 0 12px",
    "blockquote": f"margin:0 0 12px;padding:0 0 0 12px;border-left:3px solid {_LINE}",
    "ul": "margin:0 0 12px;padding-left:24px",
    "ol": "margin:0 0 12px;padding-left:24px",
    "table": "border-collapse:collapse;margin:0 0 12px",
    "th": _CELL,
    "td": _CELL,
    "hr": f"border:0;border-top:1px solid {_LINE};margin:12px 0",
    "code": _MONO,
    **{f"h{level}": f"margin:16px 0 8px;font-size:{size}px" for level, size in enumerate((20, 18, 17, 16, 15, 15), 1)},
}
_BOX = re.compile(r"^\[([ xX])\]\s+")
_HAN_BREAK = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uff60])\n(?=[\u2e80-\u9fff\uff00-\uff60])")
"""A line break inside a Chinese sentence, where no blank belongs."""


def to_html(markdown: str) -> str:
    """HTML of *markdown*: tags in it are shown as they are written, and pictures become links.

    Pictures are links because most readers do not load them, and those that do tell somebody that the mail was read.
    """
    tokens = _READER.parse(markdown)
    for token in tokens:
        token.children = _without_pictures(token.children) if token.children else token.children
        _put_box(token)
    for each in chain(tokens, *(token.children or () for token in tokens)):
        _style(each)
    return str(_READER.renderer.render(tokens, _READER.options, {})).strip()


def _style(token: Token) -> None:
    if token.nesting == -1 or token.tag not in _STYLES or token.type == "fence":
        return
    given = token.attrGet("style")  # the alignment of a table's column
    token.attrSet("style", f"{_STYLES[token.tag]};{given}" if given else _STYLES[token.tag])


def _put_box(token: Token) -> None:
    """Show the `[x]` of a task list as a box."""
    first = token.children[0] if token.children else None
    if first and first.type == "text" and (box := _BOX.match(first.content)):
        first.content = f"{'☐' if box[1] == ' ' else '☑'} {first.content[box.end() :]}"


def _without_pictures(children: list[Token]) -> list[Token]:
    shown: list[Token] = []
    inside_link = 0
    for child in children:
        inside_link += child.nesting if child.type in ("link_open", "link_close") else 0
        if child.type != "image":
            shown.append(child)
            continue
        address = str(child.attrGet("src") or "")
        text = Token("text", "", 0, content=child.content or address)
        link = [Token("link_open", "a", 1, attrs={"href": address}), text, Token("link_close", "a", -1)]
        shown += [text] if inside_link else link
    return shown


def to_text(markdown: str) -> str:
    """Plain text of *markdown*: one line for each paragraph, to be wrapped later; lists, quotations and code marked."""
    return _blocks(SyntaxTreeNode(_READER.parse(markdown)).children)


def _blocks(nodes: Sequence[SyntaxTreeNode], *, apart: str = "\n\n") -> str:
    return apart.join(filter(None, (_block(node) for node in nodes)))


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "bullet_list" | "ordered_list":
            return _list(node)
        case "blockquote":
            return _led(_blocks(node.children), "> ")
        case "fence" | "code_block":
            return _led(node.content.rstrip("\n"), VERBATIM)
        case "table":
            return _table(node)
        case "hr":
            return _RULE
        case _:
            return _HAN_BREAK.sub("", _inline(node.children)).replace("\n", " ").replace("\f", "\n")


def _led(text: str, lead: str, further: str = "") -> str:
    """*text* with *lead* before its first line, and *further*, or the lead again, before the others."""
    first, *rest = text.split("\n")
    return "\n".join([lead + first, *((further or lead) + line for line in rest)])


def _list(node: SyntaxTreeNode) -> str:
    loose = any(child.type == "paragraph" and not child.hidden for item in node.children for child in item.children)
    start = int(node.attrs.get("start", 1))
    items = []
    for number, item in enumerate(node.children, start):
        mark = "- " if node.type == "bullet_list" else f"{number}. "
        items.append(_led(_blocks(item.children, apart="\n\n" if loose else "\n"), mark, " " * len(mark)))
    return ("\n\n" if loose else "\n").join(items)


def _table(node: SyntaxTreeNode) -> str:
    rows = [row for part in node.children for row in part.children]
    shown = [" | ".join(_inline(cell.children).replace("\f", " ") for cell in row.children) for row in rows]
    return "\n".join(f"{VERBATIM}{row}" for row in shown)


def _inline(nodes: Sequence[SyntaxTreeNode]) -> str:
    """Words without their emphasis. A break that the author wanted is a form feed, one that does not matter a line
    feed, until the paragraph is complete."""
    return "".join(_span(node) for node in nodes)


def _span(node: SyntaxTreeNode) -> str:
    match node.type:
        case "softbreak":
            return "\n"
        case "hardbreak":
            return "\f"
        case "s":
            return f"~~{_inline(node.children)}~~"
        case "link":
            return _reference(_inline(node.children), str(node.attrs.get("href", "")))
        case "image":
            return _reference(node.content, str(node.attrs.get("src", "")))
        case "text" | "code_inline":
            return node.content
        case _:
            return _inline(node.children)


def _reference(words: str, address: str) -> str:
    bare = address.removeprefix("mailto:")
    return address if not words.strip() else words if words.strip() in (address, bare) else f"{words} ({address})"
