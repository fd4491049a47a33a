"""How services write rich text."""

from typing import Any, Protocol

from hub.mapping.lines import plain


class Dialect(Protocol):
    """How a service writes rich text; both laws of a lens hold for its `get` and `put`."""

    name: str

    def get(self, remote: Any) -> str:
        """The Markdown of a text of this dialect."""

    def put(self, markdown: str, current: Any) -> Any:
        """*markdown* in this dialect, with everything of *current* kept that was not edited."""


class Markdown:
    """The dialect of services that store Markdown itself."""

    name = "markdown"

    def get(self, remote: Any) -> str:
        """The text as it stands; None is the empty text."""
        return str(remote or "")

    def put(self, markdown: str, current: Any) -> str | None:
        """The text with Unix line ends and no white space around it, which services drop anyway."""
        before = self.get(current)
        if markdown == before:
            return current  # type: ignore[no-any-return]
        shown = plain(markdown)
        return current if shown == before else shown
