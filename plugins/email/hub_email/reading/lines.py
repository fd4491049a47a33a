"""Lines of Markdown as they would look in plain words, so that quotes and signatures are found in both alike."""

import re

LONGEST_TESTED = 600

_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,600}(?: \"[^\"]{0,200}\")?\)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!<>|~=])")
_MARKS = re.compile(r"(?<!\w)[*_~]{1,3}(?=\S)|(?<=\S)[*_~]{1,3}(?!\w)")
_QUOTED = re.compile(r"\s{0,3}(?:>|&gt;)")


def plain(line: str) -> str:
    """A line of Markdown without its markup: links by their words, no emphasis, no escapes, single spaces."""
    text = _LINK.sub(r"\1", line[:LONGEST_TESTED])
    if not re.fullmatch(r"\s*[-_*=—–~]+\s*", text):
        text = _MARKS.sub("", text)
    return " ".join(_ESCAPE.sub(r"\1", text).replace("\u200b", "").split())


def is_quoted(line: str) -> bool:
    """Whether a line is quoted with `>`."""
    return bool(_QUOTED.match(line))


def trimmed(lines: list[str]) -> list[str]:
    """The lines without empty ones at the start and the end."""
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return lines[start:end]
