"""The lens between a document and its Markdown.

Laws: `put(get(r), r)` is `r`; `put(c, put(c, r))` is `put(c, r)`; Markdown put into nothing and read back is its
normal form, and the normal form of that is itself; a block that was not edited comes back to the byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markdown_it.token import Token

from hub_jira.adf.keep import Keeper
from hub_jira.adf.nodes import Node, clean, element, inner, text_node
from hub_jira.adf.read import read
from hub_jira.adf.show import Memory, show_blocks

_ROUNDS = 6


def get(doc: Mapping[str, Any] | None) -> str:
    """A document as Markdown: CommonMark with tables, task lists and strikethrough; "" for None or an empty one."""
    return show_blocks(inner(dict(doc or {})))


def put(markdown: str, current: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """*markdown* as a document that keeps of *current* all that was not edited; None when there is nothing to show.

    Never raises, whatever the text. A *current* that shows this Markdown already is returned itself, even
    when it is no valid document; from a valid *current* (or None) the result is valid against the ADF
    schema, version 1 (https://go.atlassian.com/adf-json-schema).
    """
    memory = Memory()
    old = inner(dict(current or {}))
    shown = show_blocks(old, write=memory)
    if current is not None and markdown == shown:
        return _same(current)
    settler = _Settler()
    fresh, normal = settler.settled(clean(markdown))
    if current is None:
        return {"version": 1, "type": "doc", "content": fresh} if normal else None
    if normal == shown:
        return _same(current)
    keeper = Keeper(settler.settle, memory)
    kept = keeper.blocks(old, fresh)
    if _are_same(kept, old):
        return _same(current)
    if not normal:
        return None
    text = show_blocks(kept, write=memory)
    # A kept block that is no valid one may read otherwise than it shows: then see that all would stay as it is.
    if text != normal and not (settler.settle(text) == normal and _are_same(keeper.blocks(kept, fresh), kept)):
        kept = fresh
    return {"version": 1, "type": "doc", **current, "content": kept}


def _same(current: Mapping[str, Any]) -> dict[str, Any]:
    return current if isinstance(current, dict) else dict(current)


def _are_same(left: list[Any], right: list[Any]) -> bool:
    return len(left) == len(right) and all(one is other for one, other in zip(left, right, strict=True))


class _Settler:
    """Finds the normal form of Markdown, within one call; reads equal text once."""

    def __init__(self) -> None:
        self._tokens: dict[str, list[Token]] = {}
        self._normal: dict[str, str] = {}

    def settle(self, markdown: str) -> str:
        """The normal form of *markdown*."""
        if markdown not in self._normal:
            normal = self.settled(clean(markdown))[1]
            self._normal[markdown] = self._normal[normal] = normal
        return self._normal[markdown]

    def settled(self, markdown: str) -> tuple[list[Node], str]:
        """The blocks of *markdown* and their Markdown, which reads as the same Markdown again.

        Nearly always that is so at once; some odd input takes a second reading. Should it ever not come to
        rest, the text is kept as a code block, which says itself.
        """
        text = markdown
        for _ in range(_ROUNDS):
            blocks = read(text, self._tokens)
            shown = show_blocks(blocks)
            if shown == text:
                return blocks, shown
            text = shown
        blocks = [element("codeBlock", [text_node(markdown)])]
        return blocks, show_blocks(blocks)
