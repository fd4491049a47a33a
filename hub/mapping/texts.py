"""Lenses for text: one line, and rich text in a service's own dialect."""

from typing import Any

from hub.mapping.cut import MARK, cut, is_beginning, with_rest, with_tail
from hub.mapping.document import own_lines, read, says, with_own
from hub.mapping.layout import InDescription
from hub.mapping.lens import Lens
from hub.mapping.lines import one_line, plain


class Text(Lens):
    """One line of plain text.

    Args:
        remote: The record's field.
        limit: Most characters the service takes; longer texts are shown cut and read back whole.
        untitled: What a service that takes no empty text is given instead; read back as empty while it stands there.
    """

    def __init__(
        self, remote: str, *, limit: int = 1_000_000, untitled: str = "", writable: bool = True, weak: bool = False
    ) -> None:
        super().__init__(remote, writable=writable, weak=weak)
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
        if not current and not self.untitled:
            return self.get(remote)
        if self._shows(current, remote):
            return str(current)
        return with_tail(self.get(remote), one_line(current), self.limit)

    def fingerprint(self) -> str:
        """The limit is part of the meaning, and what stands for no text."""
        return f"{super().fingerprint()}:{self.limit}:{self.untitled}"


class RichText(InDescription):
    """Markdown here, the service's dialect there.

    Args:
        remote: The record's field.
        dialect: How the service writes rich text.
        limit: Most characters of Markdown that are written.
        apart: Headings of sections that are not part of this text, since other lenses look at them. A heading of this
            text's own that would be taken for one is written with a character without width at its end.
    """

    def get(self, remote: Any) -> str:
        """The Markdown of the whole text, the sections left out."""
        return read(own_lines(self._pieces(remote))) if self.apart else self.dialect.get(remote)

    def to_canonical(self, remote: Any, *, current: Any, seen: Any = None) -> str:
        """As the base class, with the hidden end of a cut text put back after an edit."""
        if not current and not self.apart:
            return self.dialect.get(remote)
        if self._shows(current, remote):
            return str(current)
        before = self.get(seen) if self.apart and seen is not None else None
        if before is not None and self._untouched(before, remote):
            return str(current)
        shown, limit = self.get(remote), self._limit(current, remote)
        for whole in (current, plain(current)):
            if before and before.endswith(MARK) and whole.startswith(before.removesuffix(MARK)):
                return with_rest(shown, whole, before)
        return with_tail(shown, current, limit) if limit > 0 else shown

    def _untouched(self, before: str, remote: Any) -> bool:
        """Whether *remote* shows what it showed *before*, but for a section that has changed.

        It is cut further for one that grew, and stays cut, or without some blank lines, where one is gone.
        """
        return self.get(remote) == before or self._shows(plain(before), remote)

    def _set(self, value: str, current: Any) -> Any:
        if current is None and not self.apart:
            return self.dialect.put(cut(value, self.limit), None)
        shown, limit = self.get(current), self._limit(value, current)
        if value == shown or is_beginning(shown, value, limit):
            return current
        if not self.apart:
            return self.dialect.put(cut(value, limit), current)
        if says(value, shown) or is_beginning(shown, plain(value), limit):
            return current
        return self._written(with_own(self._pieces(current), self._cut(value, limit), self.apart), current)

    def _limit(self, value: str, remote: Any) -> int:
        return self._room(value, self._pieces(remote)) if self.apart else self.limit
