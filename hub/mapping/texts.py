"""Lenses for text: one line, and rich text in a service's own dialect."""

import unicodedata
from typing import Any, Protocol

from hub.mapping.cut import cut, is_beginning, with_tail
from hub.mapping.lens import Lens


class Text(Lens):
    """One line of plain text.

    Args:
        remote: The record's field.
        limit: Most characters the service takes; longer texts are shown cut and read back whole.
        untitled: What a service that takes no empty text is given instead; read back as empty while it stands there.
    """

    def __init__(self, remote: str, *, limit: int = 1_000_000, untitled: str = "", writable: bool = True) -> None:
        super().__init__(remote, writable=writable)
        self.limit, self.untitled = limit, untitled

    def get(self, remote: Any) -> str:
        """The text as it stands; None is the empty text."""
        return str(remote or "")

    def put(self, value: str, current: Any) -> str | None:
        """One trimmed line of at most `limit` characters; empty is None where it was None."""
        shown = self.get(current)
        if (value == shown and (value or not self.untitled)) or is_beginning(shown, value, self.limit):
            return current  # type: ignore[no-any-return]
        line = cut(one_line(value), self.limit) or self.untitled
        return current if line == shown else line or None

    def to_canonical(self, remote: Any, *, current: Any, seen: Any = None) -> str:
        """As the base class, with the hidden end of a cut text put back after an edit."""
        del seen
        if self._shows(current, remote):
            return str(current)
        return with_tail(self.get(remote), one_line(current), self.limit)

    def fingerprint(self) -> str:
        """The limit is part of the meaning."""
        return f"{super().fingerprint()}:{self.limit}"


def one_line(text: str) -> str:
    """*text* with line breaks and control characters made spaces, trimmed."""
    clean = "".join(" " if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char for char in text)
    return clean.strip()


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
        if markdown == self.get(current):
            return current  # type: ignore[no-any-return]
        plain = "".join(
            c for c in markdown.replace("\r\n", "\n") if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}
        )
        shown = plain.strip()
        return current if shown == self.get(current) else shown


class RichText(Lens):
    """Markdown here, the service's dialect there.

    Args:
        remote: The record's field.
        dialect: How the service writes rich text.
        limit: Most characters of Markdown that are written.
    """

    def __init__(self, remote: str, *, dialect: Dialect | None = None, limit: int = 1_000_000) -> None:
        super().__init__(remote)
        self.dialect, self.limit = dialect or Markdown(), limit

    def get(self, remote: Any) -> str:
        """The Markdown of the whole text."""
        return self.dialect.get(remote)

    def put(self, value: str, current: Any) -> Any:
        """The text in the service's dialect; untouched blocks of *current* stay what they are."""
        if is_beginning(self.get(current), value, self.limit):
            return current
        return self.dialect.put(cut(value, self.limit), current)

    def to_canonical(self, remote: Any, *, current: Any, seen: Any = None) -> str:
        """As the base class, with the hidden end of a cut text put back after an edit."""
        del seen
        if self._shows(current, remote):
            return str(current)
        return with_tail(self.get(remote), current, self.limit)

    def fingerprint(self) -> str:
        """Dialect and limit are part of the meaning."""
        return f"{super().fingerprint()}:{self.dialect.name}:{self.limit}"
