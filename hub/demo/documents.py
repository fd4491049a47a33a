"""Jira's document format, as far as the story needs it (developer.atlassian.com/cloud/jira/platform/apis/document)."""

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]


def text(words: str, *marks: str) -> Json:
    """A run of text, `strong` or `em` if *marks* say so."""
    return {"type": "text", "text": words, **({"marks": [{"type": mark} for mark in marks]} if marks else {})}


def block(kind: str, *content: Json, **attrs: Any) -> Json:
    """A node that holds others."""
    return {"type": kind, **({"attrs": attrs} if attrs else {}), "content": list(content)}


def paragraph(*content: str | Json) -> Json:
    """A paragraph of words and inline nodes."""
    return block("paragraph", *(text(part) if isinstance(part, str) else part for part in content))


def bullets(*lines: str) -> Json:
    """A bullet list."""
    return block("bulletList", *(block("listItem", paragraph(line)) for line in lines))


def document(*blocks: Json) -> Json:
    """A whole description."""
    return {"type": "doc", "version": 1, "content": list(blocks)}


def mention(account: str, name: str) -> Json:
    """Somebody called by name."""
    return {"type": "mention", "attrs": {"id": account, "text": f"@{name}", "accessLevel": ""}}


def table(*rows: Sequence[str]) -> Json:
    """A table whose first row is its head."""
    head, *others = rows
    lines = [block("tableRow", *(block("tableHeader", paragraph(cell)) for cell in head))]
    lines += [block("tableRow", *(block("tableCell", paragraph(cell)) for cell in row)) for row in others]
    return block("table", *lines, isNumberColumnEnabled=False, layout="default")
