"""A text of wiki markup as blocks, each with the stretch of text it was read from."""

from __future__ import annotations

from typing import Any, NamedTuple

from hub_jira.adf.nodes import Node


class Block(NamedTuple):
    """A block and where it stands: text[start:stop]."""

    node: Node
    start: int
    stop: int


class Sources:
    """The markup that nodes were read from, by the very node: a node made anew has none."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, str]] = {}

    def note(self, node: Node, source: str) -> Node:
        """Remember where *node* came from; answers the node."""
        self._known[id(node)] = node, source
        return node

    def of(self, node: Any) -> str | None:
        """The markup of *node*, None when it was not read."""
        found = self._known.get(id(node))
        return found[1] if found else None


class Page(NamedTuple):
    """A whole text: what stands between its blocks is white space."""

    text: str
    blocks: list[Block]
    sources: Sources

    @property
    def nodes(self) -> list[Node]:
        """The blocks as ADF."""
        return [block.node for block in self.blocks]
