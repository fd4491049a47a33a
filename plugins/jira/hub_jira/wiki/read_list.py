"""Lists of wiki markup: items with signs like `*`, `**` and `*#`, made into nested lists."""

from __future__ import annotations

from typing import Any, NamedTuple

from hub_jira.adf.nodes import Node, element, inner, kind, paragraph
from hub_jira.wiki.marks import DONE
from hub_jira.wiki.page import Block


class Entry(NamedTuple):
    """One item: its sign, the blocks in it (no lists yet), and where it stands."""

    sign: str
    content: list[Node]
    span: tuple[int, int]


class _Open(NamedTuple):
    sign: str
    node: Node


def lists_of(entries: list[Entry]) -> list[Block]:
    """The lists that *entries* make: a change of sign begins another list, as does an item further out."""
    found: list[Block] = []
    stack: list[_Open] = []
    for entry in entries:
        item = element("listItem", entry.content or [paragraph()])
        while stack and not _takes(stack[-1], entry.sign):
            stack.pop()
        if stack and len(stack[-1].sign) == len(entry.sign):
            inner(stack[-1].node).append(item)
        else:
            node = element("orderedList" if entry.sign[-1] == "#" else "bulletList", [item])
            if stack:
                inner(inner(stack[-1].node)[-1]).append(node)
            else:
                found.append(Block(node, *entry.span))
            stack.append(_Open(entry.sign, node))
        found[-1] = found[-1]._replace(stop=entry.span[1])
    return [block._replace(node=_with_tasks(block.node)) for block in found]


def _takes(one: _Open, sign: str) -> bool:
    """Whether an item belongs into an open list, or into a new list below its last item."""
    if len(one.sign) == len(sign):
        return one.sign[-1] == sign[-1]
    return len(one.sign) < len(sign)


def _with_tasks(node: Node) -> Node:
    """*node* with lists of nothing but boxes made lists of tasks."""
    for item in inner(node):
        item["content"] = [_with_tasks(block) if _is_list(block) else block for block in inner(item)]
    if kind(node) != "bulletList" or not all(map(_is_task, inner(node))):
        return node
    content: list[Node] = []
    for item in inner(node):
        first, *others = inner(item)
        content += [_task(first), *others]
    return element("taskList", content, localId="")


def _is_list(block: Any) -> bool:
    return kind(block) in {"bulletList", "orderedList"}


def _is_task(item: Node) -> bool:
    first, *others = inner(item)
    return _box(first) is not None and all(kind(block) == "taskList" for block in others) and len(others) < 2


def _box(block: Any) -> str | None:
    nodes = inner(block) if kind(block) == "paragraph" else []
    if not nodes or kind(nodes[0]) != "box":
        return None
    return str(nodes[0]["attrs"]["wiki"])


def _task(first: Node) -> Node:
    state = "DONE" if (_box(first) or "") in DONE else "TODO"
    nodes = inner(first)[1:]
    return element("taskItem", nodes, localId="", state=state)
