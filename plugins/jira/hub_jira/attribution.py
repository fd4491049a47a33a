"""Whose words a comment of our own account is: said in its first paragraph, which is no part of its text."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from hub.sdk import signature
from hub.sdk import unsigned as read_signature
from hub_jira.dialects import Parted

ENDS_WITH = "UTC:"
"""Every signature of this connector tells the time: a paragraph such as `**Note:**` is never taken for one."""

_MARKS = re.compile(r"[\\`*_~^+|{}\[\]<>!?#-]+")
"""What a dialect may take for markup in a name; left out of one that would be read as another."""


class Signed(NamedTuple):
    """A comment taken apart: its text, its author as a record shows one, and the paragraph that named them."""

    body: Any
    author: dict[str, Any] | None = None
    head: Any = None


def signed(dialect: Parted, body: Any, author: Mapping[str, Any] | None, at: str | None) -> Any:
    """*body* under the paragraph that says who wrote it and when; as it is where either is not known."""
    name = str((author or {}).get("name") or (author or {}).get("email") or "")
    if not name or not at:
        return body
    heads = [dialect.put(signature({"name": each}, at), None) for each in (name, _MARKS.sub(" ", name))]
    head = next((each for each in heads if (unsigned(dialect, each).author or {}).get("name") == name), heads[-1])
    return dialect.joined(head, body)


def unsigned(dialect: Parted, body: Any) -> Signed:
    """What `signed` was given; blocks after the first are the very same. All of *body* where nobody is named in it."""
    head, rest = dialect.parted(body)
    if head is None:
        return Signed(body)
    said = dialect.get(head).strip()
    left, author = read_signature(said)
    if author is None or left.strip() or not said.endswith(ENDS_WITH):
        return Signed(body)
    return Signed(rest, author, head)


def again(dialect: Parted, body: Any, head: Any) -> Any:
    """*body* under the paragraph that stood above it before."""
    return body if head is None else dialect.joined(head, body)
