"""Plain text in lines that every mail reader shows well, whichever script it is written in."""

import re
import unicodedata

WIDTH = 76
"""Columns; a Chinese character takes two."""

_WIDE = (
    r"\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f"
    r"\uff00-\uff60\uffe0-\uffe6\U0001f300-\U0003fffd"
)
_CLOSING = r"，。、；：！？）】》」』〉〕％…—”’,.;:!?)\]}%"
_OPENING = r"（【《「『〈〔“‘(\[{"
_WORD = re.compile(
    rf"""(?P<space>\s*)(?P<word>
      [{_OPENING}]*(?:[A-Za-z][A-Za-z0-9+.-]*://|www\.)[^\s{_WIDE}<>]+[{_CLOSING}]*  # an address
    | [{_OPENING}]*[{_WIDE}][{_CLOSING}]*                                            # a character, with its marks
    | (?:(?![{_WIDE}])\S)+[{_CLOSING}]*                                              # a word
    | \S)""",
    re.VERBOSE,
)
_LEAD = re.compile(r"(?:\s|[-*•]\s+|\d{1,9}[.)]\s+|\[[ xX]\]\s+|>\s?)*")
"""What stands before the words of a line: blanks, the mark of a list, of a criterion, of a quotation."""
VERBATIM = "| "
"""What lines of code and tables begin with: they would lose their sense in other lines."""


def columns(text: str) -> int:
    """How many columns *text* takes in a fixed-width font."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )


def _hanging(lead: str) -> str:
    """What further lines begin with: blanks where the first had a mark, the same quotation marks."""
    return "".join(each if each in "> " else " " for each in lead)


def wrap_line(line: str, width: int = WIDTH) -> list[str]:
    """One line as several; words and addresses stay whole even where they are longer than *width* columns."""
    if columns(line) <= width or line.lstrip("> ").startswith(VERBATIM):
        return [line]
    lead = found.group() if (found := _LEAD.match(line)) else ""
    lines, now, room = [], lead, width
    for each in _WORD.finditer(line, len(lead)):
        space, word = each["space"], each["word"]
        if now.strip() and now not in (lead, _hanging(lead)) and columns(now + space + word) > room:
            lines.append(now)
            now, space = _hanging(lead), ""
        now += space + word
    return [*lines, now]


def wrap(text: str, width: int = WIDTH) -> str:
    """*text* in lines of at most *width* columns, without blanks at their ends, and never two empty lines together.

    The line `-- ` keeps its blank: it divides off a signature (RFC 3676, 4.3).
    """
    lines = (line if line == "-- " else line.replace("\t", "    ").rstrip() for line in text.splitlines())
    wrapped = (short if short == "-- " else short.rstrip() for line in lines for short in wrap_line(line, width))
    joined = re.sub(r"\n{3,}", "\n\n", "\n".join(wrapped)).strip("\n")
    return f"{joined}\n" if joined else ""
