"""Who really wrote a comment that the hub's own account had to post: a line above its text.

A service shows the hub's account as the author of everything the hub writes. The line says whose words they are, and
is taken off again when the comment is read, so that a comment is the same wherever it travels.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_LINE = re.compile(
    r"^\*\*(?P<name>(?:\\.|[^*\\\n]){1,220})\*\*(?: · \d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC)?:[ \t]*(?:\n|$)"
)
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#+\-!|~&])")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]<>#+\-!|~&])")


def signature(author: Mapping[str, Any], at: str | None) -> str:
    """The line as Markdown: `**Li Wei** · 2026-11-22 08:30 UTC:`.

    Args:
        author: As a record shows one: `{"name", "email"?}`.
        at: When it was written, RFC 3339.
    """
    name = " ".join(str(author.get("name") or author.get("email") or "").split())[:100]
    shown = _SPECIAL.sub(r"\\\1", name)
    when = datetime.fromisoformat(at).astimezone(UTC).strftime(" · %Y-%m-%d %H:%M UTC") if at else ""
    return f"**{shown}**{when}:"


def signed(markdown: str, author: Mapping[str, Any] | None, at: str | None) -> str:
    """*markdown* under the line that says who wrote it; as it is where nobody is named."""
    if not author or not (author.get("name") or author.get("email")):
        return markdown
    return f"{signature(author, at)}\n\n{markdown}"


def unsigned(markdown: str) -> tuple[str, dict[str, Any] | None]:
    """What `signed` was given: the text, and its author's name; None where no line says who wrote it."""
    found = _LINE.match(markdown)
    if found is None:
        return markdown, None
    name = _ESCAPED.sub(r"\1", found["name"])
    return markdown[found.end() :].lstrip("\n"), {"name": name}
