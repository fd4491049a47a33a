"""Writing literal text into Markdown so that it is read back as the same text (CommonMark 2.4, GFM tables)."""

from __future__ import annotations

import re
from functools import partial

_SPECIAL = re.compile(r"[\\`*_\[\]<&~!]")
_ENTITY = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_LINE_START = re.compile(
    r"""(?P<mark>\#{1,6})(?=\s|$)|(?P<quote>>)|(?P<bullet>[-+*])(?=\s|$)
    |(?P<number>\d{1,9})(?P<stop>[.)])(?=\s|$)|(?P<rule>[-=|:])(?=[-=:|\s]*$)""",
    re.VERBOSE,
)


def escape(text: str, *, linked: bool = False) -> str:
    """*text* (one line) for the middle of a line; *linked* says that it stands inside a link's brackets."""
    return _SPECIAL.sub(partial(_escaped, linked=linked), text)


def _escaped(found: re.Match[str], *, linked: bool) -> str:
    sign, text, at = found.group(), found.string, found.start()
    before = text[at - 1] if at else ""
    after = text[at + 1] if at + 1 < len(text) else ""
    return "\\" + sign if _must_escape(sign, before, after, linked=linked) or _starts_entity(text, at) else sign


def _starts_entity(text: str, at: int) -> bool:
    return text[at] == "&" and _ENTITY.match(text, at) is not None


def _must_escape(sign: str, before: str, after: str, *, linked: bool) -> bool:
    match sign:
        case "`" | "*" | "[":
            return True
        case "]":
            return linked
        case "_":
            return not (before.isalnum() and after.isalnum())
        case "\\":
            return not after or after in _PUNCTUATION
        case "<":
            return not after or after in "/!?" or (after.isascii() and after.isalpha())
        case "~":
            return "~" in {before, after} or not before or not after
        case "!":
            return not after
    return False


def guard_line(line: str) -> str:
    """A finished line of a paragraph, escaped where its start would be read as another kind of block."""
    found = _LINE_START.match(line)
    if not found:
        return line
    if found["number"]:
        cut = len(found["number"])
        return f"{line[:cut]}\\{line[cut:]}"
    return "\\" + line


def in_cell(text: str) -> str:
    """Finished inline Markdown for a table cell."""
    return text.replace("|", "\\|")


def destination(href: str) -> str:
    """A link's address for `(…)`: bare where it can be, else in angle brackets."""
    text = _ENTITY.sub(lambda found: "\\" + found.group(), href.replace("\\", "\\\\"))
    if re.search(r"[\s()<>]", text) or not text:
        return "<" + text.replace("<", "\\<").replace(">", "\\>") + ">"
    return text


def quoted(title: str) -> str:
    """A link's title in double quotes."""
    text = _ENTITY.sub(lambda found: "\\" + found.group(), title.replace("\\", "\\\\"))
    return '"' + text.replace('"', '\\"') + '"'


def code_span(text: str) -> str:
    """*text* as a code span, between more backticks than it holds in a row (CommonMark 6.1)."""
    fence = "`" * next(size for size in range(1, len(text) + 2) if not re.search(rf"(?<!`)`{{{size}}}(?!`)", text))
    pad = " " if text[0] == "`" or text[-1] == "`" or (text[0] == text[-1] == " " and text.strip(" ")) else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fenced(text: str, info: str) -> str:
    """*text* as a fenced code block, between a fence longer than any in it."""
    info = _ENTITY.sub(lambda found: "\\" + found.group(), " ".join(info.split()).replace("\\", "\\\\"))
    sign = "~" if "`" in info else "`"
    longest = max((len(run) for run in re.findall(re.escape(sign) + "{3,}", text)), default=2)
    fence = sign * (longest + 1)
    return f"{fence}{info}\n{text}\n{fence}" if text else f"{fence}{info}\n{fence}"
