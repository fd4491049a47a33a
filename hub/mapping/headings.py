"""The headings under which a description holds what has no field of its own there."""

import re
from dataclasses import dataclass

_EDGES = re.compile(r"^[\s*_~]+|[\s*_~:：]+$")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a section is called. It is found under either name, in any case, at any level, with a colon or without.

    Args:
        english: Its English name.
        chinese: Its Chinese one.
    """

    english: str
    chinese: str

    def name(self, language: str) -> str:
        """What it is called in *language*: Chinese in `zh` and its variants, else English."""
        return self.chinese if language.lower().partition("-")[0] == "zh" else self.english

    @property
    def meaning(self) -> str:
        """All that it is found by, as text."""
        return f"{self.english.casefold()}/{self.chinese.casefold()}"

    def matches(self, words: str) -> bool:
        """Whether the Markdown *words* of a heading are this one's."""
        return " ".join(_EDGES.sub("", words).split()).casefold() in {self.english.casefold(), self.chinese.casefold()}


BACKGROUND = Heading("Background", "背景")
ACCEPTANCE = Heading("Acceptance criteria", "验收标准")
SECTIONS = (BACKGROUND, ACCEPTANCE)
"""The sections of a description, in the order in which new ones are written."""
