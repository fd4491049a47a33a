"""Inline content as a flat run of pieces: the form that Markdown and ADF share.

A piece is text under a set of marks, or a line break. Inline nodes that Markdown has no word for become
a piece of readable text here (their *label*).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from hub_jira.adf.nodes import Node, attr, attr_text, attrs_of, clean, kind, leaf_text, marks_of, one_line, text_node

ATTACHMENT = "attachment:"
_BAD_LINK = re.compile(r"\s*(vbscript|javascript|file|data):", re.IGNORECASE)
_UNFIT = re.compile(r"[\x00-\x1f\x7f\ufffd]")


class Link(NamedTuple):
    """Where a link leads, and its title ("" for none)."""

    href: str
    title: str = ""


class Marks(NamedTuple):
    """The marks that Markdown can show."""

    link: Link | None = None
    strong: bool = False
    strike: bool = False
    em: bool = False
    code: bool = False

    def set_to(self, name: str, value: bool) -> Marks:
        """These marks with one of the plain ones put on or taken off."""
        fields: dict[str, Any] = self._asdict()
        return Marks(**{**fields, name: value})


PLAIN = Marks()


class Piece(NamedTuple):
    """Some text under marks; `breaks` says that it is a line break and has no text."""

    text: str
    marks: Marks = PLAIN
    breaks: bool = False


BREAK = Piece("", breaks=True)


def is_safe(href: str) -> bool:
    """Whether a link may be shown as one: not empty, one line, and no scheme that runs or reads local things."""
    return bool(href) and not _UNFIT.search(href) and not _BAD_LINK.match(href) and href == href.strip()


def marks_shown(node: object) -> Marks:
    """The marks of a text node that Markdown can show; `code` tolerates only a link beside it, as in ADF."""
    found: dict[str, Any] = {}
    for mark in marks_of(node):
        name = kind(mark)
        if name in {"strong", "strike", "em", "code"}:
            found[name] = True
        elif name == "link":
            href = attr(mark, "href")
            if isinstance(href, str) and is_safe(clean(href)):
                found["link"] = Link(clean(href), one_line(attr_text(mark, "title")))
    if found.get("code"):
        return Marks(link=found.get("link"), code=True)
    return Marks(**found)


def piece_of(node: object) -> Piece:
    """One inline node as a piece."""
    name = kind(node)
    if name == "hardBreak":
        return BREAK
    if name == "text" and isinstance(node, dict):
        text = node.get("text")
        text = clean(text).replace("\n", " ") if isinstance(text, str) else ""
        return Piece(text, marks_shown(node))
    text, href = _label(node)
    return Piece(text, Marks(link=Link(href)) if is_safe(href) else PLAIN)


def pieces_of(nodes: Iterable[object]) -> list[Piece]:
    """Inline nodes as pieces, one for each."""
    return [piece_of(node) for node in nodes]


def _label(node: object) -> tuple[str, str]:
    """The readable text of a node without a Markdown form (never empty), and where it leads ("" for nowhere)."""
    name, href = kind(node), ""
    match name:
        case "mention":
            text = attr_text(node, "text") or "@" + attr_text(node, "id")
        case "emoji":
            text = attr_text(node, "text") or attr_text(node, "shortName")
        case "date":
            text = _day(attr(node, "timestamp"))
        case "inlineCard":
            text = href = card_url(node)
        case "mediaInline" | "media":
            text, href = media_label(node), media_address(node)
        case "inlineExtension":
            text = attr_text(node, "text") or attr_text(node, "extensionKey")
        case _:
            text = leaf_text(node)
    return one_line(text) or f"({name or 'unknown'})", href


def card_url(node: object) -> str:
    """The address of a card, "" when it holds only data."""
    url = attr_text(node, "url")
    data = attr(node, "data")
    if not url and isinstance(data, dict) and isinstance(data.get("url"), str):
        url = clean(data["url"])
    return url if url.split() == [url] else ""


def media_label(node: object) -> str:
    """The words for a media node: its alternative text, else its id or address."""
    return one_line(attr_text(node, "alt")) or one_line(attr_text(node, "id")) or attr_text(node, "url") or "attachment"


def media_address(node: object) -> str:
    """Where a media node leads: its address, or `attachment:` and its id."""
    if attr(node, "type") == "external" or "url" in attrs_of(node):
        return attr_text(node, "url")
    return ATTACHMENT + attr_text(node, "id")


def _day(timestamp: object) -> str:
    """The UTC day of a timestamp in milliseconds, `YYYY-MM-DD`; what is no timestamp is shown as it is."""
    try:
        return datetime.fromtimestamp(int(str(timestamp)) / 1000, tz=UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return str(timestamp)


def nodes_of(pieces: Iterable[Piece]) -> list[Node]:
    """Pieces as ADF inline nodes; neighbours under the same marks become one text node."""
    return [
        {"type": "hardBreak"} if piece.breaks else text_node(piece.text, _adf_marks(piece.marks))
        for piece in joined(pieces)
    ]


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """*pieces* with empty ones dropped and equal neighbours made one."""
    out: list[Piece] = []
    for piece in pieces:
        if not piece.breaks and not piece.text:
            continue
        if out and not piece.breaks and not out[-1].breaks and out[-1].marks == piece.marks:
            out[-1] = Piece(out[-1].text + piece.text, piece.marks)
        else:
            out.append(piece)
    return out


def _adf_marks(marks: Marks) -> list[Node]:
    out: list[Node] = []
    if marks.link:
        link: Node = {"type": "link", "attrs": {"href": marks.link.href}}
        if marks.link.title:
            link["attrs"]["title"] = marks.link.title
        out.append(link)
    out += [{"type": name} for name in ("strong", "em", "strike", "code") if getattr(marks, name)]
    return out
