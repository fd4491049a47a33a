"""Lenses for what lives under a heading of the description: a text, and a list of criteria."""

from collections.abc import Sequence
from typing import Any

from hub.mapping.dialects import Dialect
from hub.mapping.document import Piece, Pieces, closed, kept, read, says, section, with_section
from hub.mapping.headings import SECTIONS, Heading
from hub.mapping.layout import InDescription
from hub.mapping.lens import Unmapped
from hub.mapping.lines import one_line, plain
from hub.mapping.listing import criteria, with_criteria
from hub.model import Criterion


class _UnderHeading(InDescription):
    """What lenses of sections share.

    Args:
        remote: The record's field, the same as the description's.
        heading: The section's, one of *apart*.
        dialect: How the service writes rich text.
        limit: Most characters of Markdown that are written, of the whole text.
        apart: Every section of that text, in the order in which new ones are written; the description's lens has the same.
    """

    def __init__(
        self,
        remote: str,
        heading: Heading,
        *,
        dialect: Dialect | None = None,
        limit: int = 1_000_000,
        apart: Sequence[Heading] = SECTIONS,
        writable: bool = True,
        weak: bool = False,
    ) -> None:
        super().__init__(remote, dialect=dialect, limit=limit, apart=apart, writable=writable, weak=weak)
        self.heading = heading

    def fingerprint(self) -> str:
        """The heading is part of the meaning, and the language in which a new one is written."""
        return f"{super().fingerprint()}:{self.heading.meaning}:{self.heading.name(self.language)}"

    def _section(self, remote: Any) -> Piece | None:
        return section(self._pieces(remote), self.heading)

    def _with(self, text: str, current: Any) -> Pieces:
        return with_section(self._pieces(current), self.heading, text, self.apart, self.language)


class SectionText(_UnderHeading):
    """The text under a heading. A heading within the text that would end the section is written with a mark, as
    `RichText` does."""

    def get(self, remote: Any) -> str:
        """The text; empty without the heading."""
        found = self._section(remote)
        return read(found.content) if found else ""

    def _set(self, value: str, current: Any) -> Any:
        if says(value, self.get(current)):
            return current
        found = self._section(current)
        others = [each for each in self.apart if each != self.heading]
        text = kept(closed(plain(value)), others, level=found.level if found else 2, again=True)
        return self._written(self._with(text, current), current)


class SectionItems(_UnderHeading):
    """The criteria listed under a heading: `- [x] met`, or `- plain`. Everything else under it stays where it is."""

    def get(self, remote: Any) -> tuple[Criterion, ...]:
        """The items of the section's lists; nested ones belong to the item that they are under."""
        found = self._section(remote)
        return criteria(found.content) if found else ()

    def _set(self, value: Sequence[Criterion], current: Any) -> Any:
        if tuple(value) == self.get(current):
            return current
        found = self._section(current)
        wanted = tuple(Criterion(text=text, met=each.met) for each in value if (text := one_line(each.text)))
        text = with_criteria(found.content if found else "", wanted)
        if criteria(text) != wanted:
            raise Unmapped(f"{self.remote} cannot hold these criteria under {self.heading.english}")
        return self._written(self._with(text, current), current)
