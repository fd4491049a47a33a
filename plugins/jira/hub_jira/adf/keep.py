"""Edited Markdown put into a document: whatever was not edited stays as it was, to the byte.

Old and new blocks are matched by the Markdown they show. A matched block is returned as it was; an edited one
takes over from the block it replaces what Markdown cannot say. What is made so must show the same Markdown as the
new block; where it does not, the new block is used bare. That keeps every law of the lens true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hub_jira.adf.alignment import Run, align, pair
from hub_jira.adf.flat import flat_blocks
from hub_jira.adf.keep_inline import keep_inline
from hub_jira.adf.keep_media import keep_media
from hub_jira.adf.keep_table import keep_table
from hub_jira.adf.nodes import TEXT_BLOCKS, Node, attrs_of, inner, kind
from hub_jira.adf.show import Memory
from hub_jira.adf.show_inline import show_pieces

Shown = Callable[[object], str]
_GOVERNED = {
    "codeBlock": {"language"},
    "orderedList": {"order"},
    "expand": {"title"},
    "nestedExpand": {"title"},
    "panel": {"panelIcon", "panelIconId", "panelIconText", "panelColor"},
}
_MAY_LEAD_ITEM = frozenset({"paragraph", "codeBlock", "mediaSingle"})


class Keeper:
    """Merges blocks; *settle* gives the Markdown that some Markdown is read as."""

    def __init__(self, settle: Callable[[str], str], memory: Memory) -> None:
        self._settle = settle
        self._show = memory

    def blocks(self, old: Sequence[Any], new: Sequence[Node], shown: Shown | None = None) -> list[Any]:
        """*new* with what is left of *old* kept; blocks that show nothing stay behind the one they followed."""
        shown = shown or self._show
        tails, seen = _with_tails(old, shown)
        fresh = [block for block in new if shown(block)]
        new_keys = [shown(block) for block in fresh]
        old_keys = self._keys(seen, new_keys, shown)
        out = list(tails[0])
        runs = list(align(old_keys, new_keys))
        moved = _moves(runs, old_keys, new_keys)
        for run in runs:
            for block, number in self._run(run, (seen, old_keys), (fresh, new_keys), moved):
                if block is not None:
                    out.append(block)
                out += tails[number + 1] if number is not None else []
        if not out:
            return list(new)
        if (
            new
            and not shown(new[0])
            and kind(out[0]) not in _MAY_LEAD_ITEM
            and kind(out[0]) != kind((old or [None])[0])
        ):
            out.insert(0, new[0])
        return out

    def _keys(self, seen: list[Any], new_keys: list[str], shown: Shown) -> list[str]:
        """What the old blocks show, as it would be read: where the two differ, the block was no valid one."""
        known = set(new_keys)
        keys = [shown(block) for block in seen]
        return [key if key in known or shown is not self._show else self._settle(key) for key in keys]

    def _run(
        self, run: Run, old: tuple[list[Any], list[str]], new: tuple[list[Node], list[str]], moved: dict[int, int]
    ) -> Iterator[tuple[Any, int | None]]:
        """The blocks of one run, each with the number of the old block whose place it takes (None, n: n has gone)."""
        olds, news = range(run.old_start, run.old_stop), range(run.new_start, run.new_stop)
        if run.kept:
            yield from ((old[0][at], at) for at in olds)
            return
        gone = [at for at in olds if at not in moved.values()]
        left = [at for at in news if at not in moved]
        pairs = pair([old[1][at] for at in gone], [new[1][at] for at in left])
        source = {left[at]: gone[place] for at, place in pairs.items()}
        pool = [node for at in gone for node in _inline_nodes(old[0][at])]
        upto = run.old_start
        for at in news:
            number = source.get(at)
            if at in moved:
                yield old[0][moved[at]], None
            elif number is None:
                yield self.block(None, new[0][at], pool), None
            else:
                yield from ((None, earlier) for earlier in range(upto, number))
                upto = number + 1
                yield self.block(old[0][number], new[0][at], pool), number
        yield from ((None, rest) for rest in range(upto, run.old_stop))

    def block(self, old: Any, new: Node, pool: list[Any]) -> Node:
        """*new*, made from *old* where it can be; *pool* holds the inline nodes of all blocks that gave way."""
        text = self._show(new)
        if old is not None:
            for made in self._made(old, new):
                if self._shows(made, text):
                    return made
        salvaged = _salvaged(new, pool)
        return salvaged if self._show(salvaged) == text else new

    def _shows(self, block: Node, text: str) -> bool:
        shown = self._show(block)
        return shown == text or self._settle(shown) == text

    def _made(self, old: Any, new: Node) -> Iterator[Node]:
        media = keep_media(old, new)
        if media is not None:
            yield media
        if kind(old) != kind(new) or kind(new) == "mediaSingle":
            return
        content = self._content(old, new)
        before, after = dict(attrs_of(old)), dict(attrs_of(new))
        if "localId" in before:
            after.pop("localId", None)
        governed = _GOVERNED.get(kind(new), set())
        free = {key: value for key, value in before.items() if key not in governed}
        for attrs in (before, {**free, **after}):
            yield _with(old, attrs, content)

    def _content(self, old: Any, new: Node) -> list[Any] | None:
        name = kind(new)
        if name in TEXT_BLOCKS:
            return keep_inline(inner(old), inner(new))
        if name == "table":
            return inner(keep_table(old, new, self._cell_blocks))
        if name in {"codeBlock", "rule"}:
            return new.get("content")
        return self.blocks(inner(old), inner(new))

    def _cell_blocks(self, old: list[Any], new: list[Node]) -> list[Any]:
        return self.blocks(old, new, _show_in_cell)


def _with(old: Any, attrs: Node, content: list[Any] | None) -> Node:
    """*old* with other attributes and content; a part is left out where there is nothing to hold."""
    node = {key: value for key, value in old.items() if key not in {"attrs", "content"}}
    order = [key for key in old if key in {"attrs", "content"}]
    order += [key for key in ("attrs", "content") if key not in order]
    for key in order:
        if key == "attrs" and (attrs or "attrs" in old):
            node[key] = attrs
        elif key == "content" and content is not None:
            node[key] = content
    return node


def _with_tails(blocks: Sequence[Any], shown: Shown) -> tuple[list[list[Any]], list[Any]]:
    """The blocks that show something; and those that do not, by the number of shown blocks before them."""
    tails: list[list[Any]] = [[]]
    seen = []
    for block in blocks:
        if shown(block):
            seen.append(block)
            tails.append([])
        else:
            tails[-1].append(block)
    return tails, seen


def _moves(runs: list[Run], old_keys: list[str], new_keys: list[str]) -> dict[int, int]:
    """For new blocks that show what an old block out of place showed: that old block, as {new: old}."""
    spare: dict[str, list[int]] = {}
    for run in runs:
        for at in range(run.old_start, run.old_stop) if not run.kept else ():
            spare.setdefault(old_keys[at], []).append(at)
    moved: dict[int, int] = {}
    for run in runs:
        for at in range(run.new_start, run.new_stop) if not run.kept else ():
            if spare.get(new_keys[at]):
                moved[at] = spare[new_keys[at]].pop(0)
    return moved


def _show_in_cell(block: object) -> str:
    return show_pieces(flat_blocks([block]), cell=True)


def _inline_nodes(block: Any) -> list[Any]:
    """All inline nodes of a block, in order; deep trees are walked without recursion."""
    found: list[Any] = []
    waiting = [block]
    while waiting:
        here = waiting.pop()
        if kind(here) in TEXT_BLOCKS:
            found += inner(here)
        elif kind(here) != "codeBlock":
            waiting.extend(reversed(inner(here)))
    return found


def _salvaged(new: Node, pool: list[Any]) -> Node:
    if not pool:
        return new
    if kind(new) in TEXT_BLOCKS:
        return {**new, "content": keep_inline(pool, inner(new))} if inner(new) else new
    if kind(new) in {"codeBlock", "mediaSingle"} or "content" not in new:
        return new
    return {**new, "content": [_salvaged(child, pool) for child in inner(new)]}
