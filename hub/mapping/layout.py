"""Where a description and its sections stand in one rich text of a service, and how much room each has there."""

from abc import abstractmethod
from collections.abc import Sequence
from copy import copy
from typing import Any, Self

from hub.mapping.cut import MARK, cut
from hub.mapping.dialects import Dialect, Markdown
from hub.mapping.document import (
    Pieces,
    closed,
    kept,
    own_lines,
    put_together,
    read,
    take_apart,
    with_own,
)
from hub.mapping.headings import Heading
from hub.mapping.lens import Lens, Terms, Unmapped
from hub.mapping.lines import plain, printable, with_unix_ends
from hub.mapping.markdown import ends_open, split_blocks

_GAP = 2
"""Characters of the blank line between two pieces."""
_MOST_ENDS = 1_000
"""More than marks and ends take that a text is written with, if it has no more characters itself."""


class InDescription(Lens):
    """What lenses have in common that look at parts of one rich text.

    Args:
        remote: The record's field.
        dialect: How the service writes rich text.
        limit: Most characters of Markdown that are written, all parts together.
        apart: The headings of the sections, in the order in which new ones are written; all lenses of a text name them.
    """

    language = "en"

    def __init__(
        self,
        remote: str,
        *,
        dialect: Dialect | None = None,
        limit: int = 1_000_000,
        apart: Sequence[Heading] = (),
        writable: bool = True,
        weak: bool = False,
    ) -> None:
        super().__init__(remote, writable=writable, weak=weak)
        self.dialect, self.limit, self.apart = dialect or Markdown(), limit, tuple(apart)

    def put(self, value: Any, current: Any) -> Any:
        """The whole text with this part set; untouched blocks of *current* stay what they are.

        Raises Unmapped if the sections do not fit, or if the text there could not be told apart any more.
        """
        written = self._set(value, current)
        if not self.apart or written == current or self._set(value, written) == written:
            return written
        raise Unmapped(f"{self.remote} cannot be written without being read as something else")

    def _shows(self, value: Any, remote: Any) -> bool:
        try:
            return bool(self._set(value, remote) == remote)
        except Unmapped:
            return False

    @abstractmethod
    def _set(self, value: Any, current: Any) -> Any:
        """As `put`, without a second look."""

    def bound(self, field: str, terms: Terms) -> Self:
        """This lens with the language of the connection."""
        del field
        bound = copy(self)
        bound.language = terms.language
        return bound

    def fingerprint(self) -> str:
        """Dialect, limit and sections are part of the meaning."""
        names = "".join(f":{each.meaning}" for each in self.apart)
        return f"{super().fingerprint()}:{self.dialect.name}:{self.limit}{names}"

    def _pieces(self, remote: Any) -> Pieces:
        return take_apart(printable(self.dialect.get(remote)), self.apart)

    def _written(self, pieces: Pieces, current: Any) -> Any:
        """The text of *pieces* in the service's dialect, the description cut where all together is too long."""
        text = put_together(pieces, self.apart)
        if text is not None and len(plain(text)) > self.limit:
            own = read(own_lines(pieces))
            text = put_together(with_own(pieces, self._cut(own, self._room(own, pieces)), self.apart), self.apart)
        if text is None:
            raise Unmapped(f"{self.remote} cannot be written without being read as something else")
        if len(plain(text)) > self.limit:
            raise Unmapped(f"{self.remote} has no room for all its sections: {self.limit} characters")
        return self.dialect.put(text, current)

    def _cut(self, value: str, room: int) -> str:
        """The beginning of the description that there is room for. Raises Unmapped if there is none."""
        if value and room < len(MARK):
            raise Unmapped(f"{self.remote} has no room for all its sections: {self.limit} characters")
        return cut(value, room)

    def _room(self, value: str, pieces: Pieces) -> int:
        """How much of the description *value* can be shown beside the sections; nothing where it is less than 1.

        Line ends count as they are written: more room afterwards, and what was cut would be too short for a beginning.
        """
        sections = tuple(piece for piece in pieces if piece.heading)
        taken = sum(len(with_unix_ends(each.title.rstrip() + each.content)) + 3 * _GAP for each in sections)
        if taken + 2 * len(value) + _MOST_ENDS < self.limit:
            return self.limit - taken
        signs = kept(plain(value), self.apart, again=True)
        more = len(closed(signs) if sections else signs) - len(plain(value))
        room = self.limit - taken - max(0, more)
        least = room // 2  # what is cut shorter would no longer be known for a beginning
        while sections and len(value) > room > least and ends_open(cut(value, room)) is not None:
            room = min(room - 1, sum(len(block) for block in split_blocks(cut(value, room))[:-1]) + len(MARK))
        return room if room > least else 0
