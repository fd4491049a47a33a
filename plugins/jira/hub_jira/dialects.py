"""How each edition of Jira writes rich text: as dialects of the lenses, and parted into its first block and the rest."""

from collections.abc import Mapping
from typing import Any, Protocol

from hub.sdk import Dialect
from hub_jira import adf
from hub_jira.wiki import Wiki
from hub_jira.wiki.read import read


class Parted(Dialect, Protocol):
    """A dialect of which the first block can be taken off and put back, the others staying to the byte."""

    def parted(self, remote: Any) -> tuple[Any, Any]:
        """The first block as a text of its own, and the rest; None for either that is nothing."""

    def joined(self, head: Any, rest: Any) -> Any:
        """A text that is *head*, and *rest* after it."""

    def of_plain(self, text: str) -> Any:
        """Text without any markup as a value of a field of several lines; None for no text."""

    def plain(self, remote: Any) -> str:
        """A value of such a field as text without markup."""


class Adf:
    """The Atlassian Document Format, version 1: rich text in version 3 of the API, that of Cloud."""

    name = "adf"

    def get(self, remote: Any) -> str:
        """The Markdown of a document; None is the empty text."""
        return adf.get(remote)

    def put(self, markdown: str, current: Any) -> Any:
        """A document with every block of *current* that was not edited."""
        return adf.put(markdown, current)

    def parted(self, remote: Any) -> tuple[Any, Any]:
        """The first node as a document, and the document without it."""
        content = remote.get("content") if isinstance(remote, Mapping) else None
        if not isinstance(content, list) or not content:
            return None, remote
        head = {**remote, "content": content[:1]}
        return head, {**remote, "content": content[1:]} if content[1:] else None

    def joined(self, head: Any, rest: Any) -> Any:
        """*rest* with the nodes of *head* before its own."""
        return {**(rest or head), "content": [*head["content"], *((rest or {}).get("content") or ())]}

    def of_plain(self, text: str) -> Any:
        """A document of paragraphs."""
        return adf.from_plain(text)

    def plain(self, remote: Any) -> str:
        """The words of a document."""
        return adf.plain(remote) if isinstance(remote, Mapping) else str(remote or "")


class Markup(Wiki):
    """Wiki markup: rich text in version 2 of the API, that of Data Center."""

    def parted(self, remote: Any) -> tuple[Any, Any]:
        """The text up to its second block, and the text from there on."""
        text = str(remote or "")
        blocks = read(text).blocks
        if not blocks:
            return None, remote
        end = blocks[1].start if len(blocks) > 1 else len(text)
        return text[:end], text[end:] or None

    def joined(self, head: Any, rest: Any) -> Any:
        """Both, with a blank line between them if *head* does not bring one."""
        gap = "" if not rest or str(head).endswith(("\n\n", "\r\n\r\n")) else "\n\n"
        return f"{head}{gap}{rest or ''}"

    def of_plain(self, text: str) -> Any:
        """The text as it is: whoever reads a custom field of the hub reads it so too."""
        return text or None

    def plain(self, remote: Any) -> str:
        """The markup as it is."""
        return str(remote or "")


class Listed:
    """A text that is one section by itself: its heading is shown to the lens, and never written.

    Args:
        dialect: How the text is written.
        heading: The heading that the lens looks for.
    """

    def __init__(self, dialect: Dialect, heading: str) -> None:
        self._dialect, self._title = dialect, f"# {heading}"
        self.name = f"{dialect.name}, listed"

    def get(self, remote: Any) -> str:
        """The Markdown of the text under the heading; empty where there is no text."""
        text = self._dialect.get(remote)
        return f"{self._title}\n\n{text}" if text else ""

    def put(self, markdown: str, current: Any) -> Any:
        """The text without its heading."""
        first, _, rest = markdown.partition("\n")
        headed = first.lstrip("#").strip() == self._title.lstrip("# ")
        return self._dialect.put(rest.lstrip("\n") if headed else markdown, current)
