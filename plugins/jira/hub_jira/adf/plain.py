"""ADF from and to text without any markup."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub_jira.adf.flat import flat_blocks
from hub_jira.adf.nodes import Node, clean, inner, paragraph
from hub_jira.adf.phrases import BREAK, Piece, nodes_of


def plain(doc: Mapping[str, Any] | None) -> str:
    """The text of a document for a person to read: no markup, blocks on lines of their own; "" for none."""
    pieces = flat_blocks(inner(dict(doc or {})))
    text = "".join("\n" if piece.breaks else piece.text for piece in pieces)
    return re.sub(r"\n{2,}", "\n", text).strip()


def from_plain(text: str) -> Node | None:
    """Text as a document: a paragraph for each run of lines, a hard break for each line end in it; None for no text.

    The text is taken as it is: neither Markdown nor wiki marks are read.
    """
    blocks = [block for block in re.split(r"\n[ \t]*\n", clean(text)) if block.strip()]
    if not blocks:
        return None
    content = [paragraph(nodes_of(_with_breaks(block.strip("\n")))) for block in blocks]
    return {"version": 1, "type": "doc", "content": content}


def _with_breaks(block: str) -> list[Piece]:
    out: list[Piece] = []
    for line in block.split("\n"):
        out += [BREAK] if out else []
        out.append(Piece(line.strip()))
    return out
