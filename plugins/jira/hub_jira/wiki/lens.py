"""The lens between wiki markup and Markdown.

Laws: `put(get(r), r)` is `r`; `put(c, put(c, r))` is `put(c, r)`; Markdown put into nothing and read back is its
normal form, and the normal form of that is itself; a block that was not edited comes back to the byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub_jira.adf.keep import Keeper
from hub_jira.adf.nodes import Node, clean, element, kind, text_node
from hub_jira.adf.read import read as read_markdown
from hub_jira.adf.show import Memory, show_blocks
from hub_jira.wiki.page import Page, Sources
from hub_jira.wiki.read import read
from hub_jira.wiki.write import Writer

_ROUNDS = 8
_OPEN_ENDED = frozenset({"bulletList", "orderedList", "taskList", "table"})
"""Blocks that a line right below them would go on with."""


class Wiki:
    """The wiki markup of Jira, as a dialect of rich text."""

    name = "wiki"

    def get(self, remote: Any) -> str:
        """The Markdown of a text; None is the empty text."""
        return get(remote)

    def put(self, markdown: str, current: Any) -> str | None:
        """A text with every block of *current* that was not edited."""
        return put(markdown, current)


def get(remote: str | None) -> str:
    """Markup as Markdown: CommonMark with tables, task lists and strikethrough; "" for None or an empty text."""
    return show_blocks(read(remote or "").nodes)


def put(markdown: str, current: str | None) -> str | None:
    """*markdown* as markup that keeps of *current* all that was not edited; None when there is nothing to show.

    Never raises, whatever the texts. A *current* that shows this Markdown already is returned itself.
    """
    shown = get(current)
    if markdown == shown and current is not None:
        return current
    settler = _Settler()
    normal = settler.settle(markdown)
    if current is not None and normal == settler.settle(shown):
        return current
    if not normal:
        return None
    fresh = read_markdown(normal)
    for made in _merged(fresh, current or "", settler):
        if settler.settle(get(made)) == normal:
            return made
    return Writer().blocks(fresh)


class _Settler:
    """Finds the normal form of Markdown, within one call; settles equal text once."""

    def __init__(self) -> None:
        self._normal: dict[str, str] = {}

    def settle(self, markdown: str) -> str:
        """The Markdown that *markdown* has become when it was written as markup and read back, again and again."""
        if markdown not in self._normal:
            normal = _settled(clean(markdown))
            self._normal[markdown] = self._normal[normal] = normal
        return self._normal[markdown]


def _settled(markdown: str) -> str:
    """Nearly always one reading is enough. Text that never came to rest would be kept as code, which says itself."""
    text = markdown
    for _ in range(_ROUNDS):
        blocks = read_markdown(text)
        shown = get(Writer().blocks(blocks))
        if shown == text:
            return text
        text = shown
    return _as_code(markdown)


def _as_code(markdown: str) -> str:
    text = get(Writer().blocks([element("codeBlock", [text_node(markdown)])]))
    return get(Writer().blocks(read_markdown(text)))


class _Replacer(Keeper):
    """Keeps blocks whole or not at all."""

    def block(self, old: Any, new: Node, pool: list[Any]) -> Node:
        """The new block as it is."""
        del old, pool
        return new


def _merged(fresh: list[Node], current: str, settler: _Settler) -> Iterator[str]:
    """*current* edited to show *fresh*: first keeping as much as can be, then less."""
    page = read(current)
    end = "\r\n" if "\r\n" in current else "\n"
    for keeper, within in ((Keeper, True), (Keeper, False), (_Replacer, False)):
        kept = keeper(settler.settle, Memory()).blocks(page.nodes, fresh)
        sources = page.sources if within else _top_sources(page)
        yield _assembled(kept, page, Writer(sources, end), end)


def _top_sources(page: Page) -> Sources:
    sources = Sources()
    for block in page.blocks:
        sources.note(block.node, page.text[block.start : block.stop])
    return sources


def _assembled(kept: list[Any], page: Page, writer: Writer, end: str) -> str:
    """*kept* written, with the white space that stood between blocks where it still fits."""
    places = {id(block.node): number for number, block in enumerate(page.blocks)}
    out, before = "", None
    for node in kept:
        text, place = writer.block(node), places.get(id(node))
        if not text:
            continue
        gap = _gap(page, before, (place, kind(node)), end) if before else ""
        out += gap + text
        before = place, kind(node)
    head = page.text[: page.blocks[0].start] if page.blocks else ""
    tail = page.text[page.blocks[-1].stop :] if page.blocks else ""
    return head + out + tail


Standing = tuple[int | None, str]
"""The number of the old block that a block is (None for another), and its kind."""


def _gap(page: Page, left: Standing, right: Standing, end: str) -> str:
    """What stands between two blocks: what stood there, when one of them did and the other is like its neighbour."""
    blocks = page.blocks
    number = left[0] if left[0] is not None else right[0] - 1 if right[0] is not None else -1
    if 0 <= number < len(blocks) - 1:
        alike = (kind(blocks[number].node), kind(blocks[number + 1].node)) == (left[1], right[1])
        gap = page.text[blocks[number].stop : blocks[number + 1].start]
        if (left[0], right[0]) == (number, number + 1):
            return gap
        if alike and right[0] in {None, number + 1} and _parts(gap, left[1], right[1]):
            return gap
    after = _blanks(page, left[0], 1) if left[0] is not None else ""
    before = _blanks(page, right[0], -1) if right[0] is not None else ""
    return after + end * 2 + before


def _blanks(page: Page, number: int, step: int) -> str:
    """The blanks on the last line of a block behind it (*step* 1), or on its first line before it (-1)."""
    block = page.blocks[number]
    first = at = block.stop if step > 0 else block.start - 1
    while 0 <= at < len(page.text) and page.text[at] in " \t":
        at += step
    if 0 <= at < len(page.text) and page.text[at] not in "\r\n":
        return ""
    return page.text[first:at] if step > 0 else page.text[at + 1 : first + 1]


def _parts(gap: str, left: str, right: str) -> bool:
    """Whether *gap* keeps a block of one kind apart from another, whatever they say."""
    line_ends = gap.replace("\r\n", "\n").replace("\r", "\n").count("\n")
    if left in _OPEN_ENDED or left == right:
        return line_ends > 1
    return line_ends > 0 or bool({left, right} & {"codeBlock", "blockquote", "panel"})
