"""What every module here knows of an ADF node: how to look into one without trusting it, and how to make one.

Documents come from a service that adds node types at will, so the readers below answer an empty value
for anything that has not the expected shape, and never raise.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Node: TypeAlias = dict[str, Any]

LISTS = frozenset({"bulletList", "orderedList", "taskList"})
TEXT_BLOCKS = frozenset({"paragraph", "heading", "taskItem", "decisionItem"})
MARKDOWN_MARKS = frozenset({"link", "strong", "em", "strike", "code"})

_NAMESPACE = uuid.UUID("8a0d6f52-5e0e-5c3b-9a55-0f3a1f4c7c11")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BREAKS = re.compile(r"\r\n?|\n")


def kind(node: object) -> str:
    """The type of a node; "" when it has none."""
    name = node.get("type") if isinstance(node, dict) else None
    return name if isinstance(name, str) else ""


def inner(node: object) -> list[Any]:
    """The children of a node, whatever they are."""
    content = node.get("content") if isinstance(node, dict) else None
    return content if isinstance(content, list) else []


def attrs_of(node: object) -> Mapping[str, Any]:
    """The attributes of a node; empty when it has none."""
    attrs = node.get("attrs") if isinstance(node, dict) else None
    return attrs if isinstance(attrs, dict) else {}


def attr(node: object, name: str) -> Any:
    """One attribute of a node, None when it is away."""
    return attrs_of(node).get(name)


def attr_text(node: object, name: str) -> str:
    """One attribute as clean text; "" when it is away or no string."""
    value = attr(node, name)
    return clean(value) if isinstance(value, str) else ""


def marks_of(node: object) -> list[Any]:
    """The marks of a node."""
    marks = node.get("marks") if isinstance(node, dict) else None
    return marks if isinstance(marks, list) else []


def clean(text: str) -> str:
    """*text* as Markdown can carry it: `\\n` line ends, and U+FFFD for NUL and lone surrogates (as CommonMark 2.3 asks)."""
    if "\r" in text:
        text = _BREAKS.sub("\n", text)
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def one_line(text: str) -> str:
    """*text* cleaned, with every run of white space as one space and none at the ends."""
    return " ".join(clean(text).split())


def same(left: object, right: object) -> bool:
    """Whether two nodes are the same JSON, key order aside."""
    return json.dumps(left, sort_keys=True, default=str) == json.dumps(right, sort_keys=True, default=str)


def element(name: str, content: Iterable[Node] | None = None, **attrs: Any) -> Node:
    """A new node; attributes that are None and missing content are left out."""
    node: Node = {"type": name}
    known = {key: value for key, value in attrs.items() if value is not None}
    if known:
        node["attrs"] = known
    if content is not None:
        node["content"] = list(content)
    return node


def paragraph(content: Iterable[Node] = ()) -> Node:
    """A new paragraph."""
    return element("paragraph", content)


def text_node(text: str, marks: Iterable[Node] = ()) -> Node:
    """A new text node; *text* must not be empty."""
    listed = list(marks)
    return {"type": "text", "text": text, "marks": listed} if listed else {"type": "text", "text": text}


def new_id(*parts: object) -> str:
    """An id that the same parts always give, so that converting twice gives the same document."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(str(part) for part in parts)))


def leaf_text(node: object) -> str:
    """All text below *node*, its pieces parted by single spaces; deep trees are walked without recursion."""
    found: list[str] = []
    waiting: list[object] = [node]
    while waiting:
        here = waiting.pop()
        text = here.get("text") if isinstance(here, dict) else None
        if isinstance(text, str):
            found.append(text)
        elif attr_text(here, "text"):
            found.append(attr_text(here, "text"))
        waiting.extend(reversed(inner(here)))
    return one_line(" ".join(found))
