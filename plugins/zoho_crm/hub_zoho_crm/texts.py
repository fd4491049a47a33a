"""Long texts: plain ones that hold Markdown as it is written, and notes with a title and mentions. Pure.

Facts: zoho.com/crm/developer/docs/api/v8/create-notes.html; a mention is `crm[user#USER_ID#ZUID]crm` in the text.
"""

import re
from collections.abc import Mapping
from typing import Any

TEXT_LIMIT = 32_000
NOTE_LIMIT = 65_535
"""The line that says who wrote it counts as well."""
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?")
_MENTION = re.compile(r"crm\[user#(\d+)#[^\]]*\]crm")
_SHOWN_MENTION = re.compile(r"@user:(\d+)")


def clean(text: str) -> str:
    """*text* with Unix line ends and no control characters, trimmed."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)).strip()


class PlainText:
    """A field of plain text: people see Markdown as it is written."""

    name = "zoho-text"

    def get(self, remote: Any) -> str:
        """The text with Unix line ends; None is the empty text."""
        return _LINE_ENDS.sub("\n", str(remote or ""))

    def put(self, markdown: str, current: Any) -> str | None:
        """The text without control characters and white space around it."""
        shown = clean(markdown)
        if markdown == self.get(current) or shown == self.get(current):
            return current  # type: ignore[no-any-return]
        return shown or None


class Note:
    """A note, `{"title", "text"}`: its title stands above its text in bold, a mention is shown as `@user:ID`."""

    name = "zoho-note"

    def get(self, remote: Any) -> str:
        """Title and text as Markdown."""
        note = remote if isinstance(remote, Mapping) else {}
        text = _MENTION.sub(r"@user:\1", _LINE_ENDS.sub("\n", str(note.get("text") or "")))
        return "\n\n".join(part for part in (_bold(note), text) if part)

    def put(self, markdown: str, current: Any) -> Any:
        """The note with another text; it keeps its title while that stands above, and mentions while they are there."""
        if markdown == self.get(current):
            return current
        note = current if isinstance(current, Mapping) else {}
        heading, text = _bold(note), clean(markdown)
        titled = bool(heading) and (text == heading or text.startswith(f"{heading}\n\n"))
        body = text[len(heading) :].strip() if titled else text
        mentions = {found[1]: found[0] for found in _MENTION.finditer(str(note.get("text") or ""))}
        body = _SHOWN_MENTION.sub(lambda found: mentions.get(found[1], found[0]), body)
        shown = {"title": note.get("title") if titled else None, "text": body}
        return current if self.get(shown) == self.get(current) else shown


def _bold(note: Mapping[str, Any]) -> str:
    title = " ".join(str(note.get("title") or "").split())
    return f"**{title}**" if title else ""
