"""Plain text as Markdown that shows the same.

What people write as lists, emphasis or quotes stays so; what would vanish (tags, rules under words) is escaped; ends of
lines that were meant are hard breaks, those that only wrap a paragraph are not.
"""

import re
import unicodedata

from hub_email.reading.lines import is_quoted

WRAPPED_FROM = 58
"""Columns from which a line's end is taken for wrapping. Clients wrap at 65 to 80, and a word may be long."""

_TAG = re.compile(r"<(?=[A-Za-z/!?])(?!(?:https?://|mailto:|[\w.+-]+@)[^\s<>]*>)")
_ENTITY = re.compile(r"&(?=#?\w{1,31};)")
_UNDERLINE = re.compile(r"\s{0,3}(-+|=+)\s*")
_BLOCK_START = re.compile(r"\s{0,3}(?:[-*+•] |\d{1,9}[.)] |#{1,6} |>|\||```|~~~)")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")


def unflowed(text: str, *, delete_space: bool = False) -> str:
    """Join the soft lines of format=flowed (RFC 3676); with *delete_space* (DelSp=yes) the space at their end goes."""
    found: list[str] = []
    depth_before, open_line = 0, False
    for raw in text.split("\n"):
        depth = len(raw) - len(raw.lstrip(">"))
        line = raw[depth:].removeprefix(" ")
        soft = line.endswith(" ") and line != "-- "
        shown = line[:-1] if soft and delete_space else line
        if open_line and depth == depth_before and line != "-- ":
            found[-1] += shown
        else:
            found.append(">" * depth + (" " if depth else "") + shown)
        depth_before, open_line = depth, soft
    return "\n".join(found)


def markdown(text: str, *, flowed: bool = False) -> str:
    """Plain text as Markdown. With *flowed*, each line's end was meant."""
    lines = _rejoined([line.rstrip().expandtabs(4) for line in text.split("\n")])
    found: list[str] = []
    fenced = False
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        fenced ^= bool(_FENCE.match(line))
        if not fenced and not line and found and not found[-1]:
            continue
        shown = line if fenced or _FENCE.match(line) else _escaped(line, bool(found and found[-1].strip()))
        meant = flowed or _columns(line) < WRAPPED_FROM
        found.append(shown + ("  " if not fenced and meant and _continues(line, following) else ""))
        if is_quoted(line) and following.strip() and not is_quoted(following):
            found.append("")  # else Markdown would take the answer for a part of the quote
    return "\n".join(found).rstrip()


def _continues(line: str, following: str) -> bool:
    """Whether Markdown would join these two lines into one."""
    if not line.strip() or not following.strip() or _UNDERLINE.fullmatch(line):
        return False
    return not _BLOCK_START.match(following) and not is_quoted(line)


def _escaped(line: str, below_words: bool) -> str:
    shown = _ENTITY.sub(r"\\&", _TAG.sub(r"\\<", line))
    if below_words and (rule := _UNDERLINE.fullmatch(shown)):
        at = rule.start(1)
        return f"{shown[:at]}\\{shown[at:]}"
    return shown


def _columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line[: 2 * WRAPPED_FROM])


def _rejoined(lines: list[str]) -> list[str]:
    """Give its `>` back to the end of a quoted line that was wrapped after it had been quoted."""
    found = list(lines)
    for n in range(1, len(lines) - 1):
        above, line, below = found[n - 1], lines[n], lines[n + 1]
        torn = is_quoted(above) and len(above) >= 60 and is_quoted(below)
        if torn and line.strip() and not is_quoted(line):
            found[n] = f"> {line}"
    return found
