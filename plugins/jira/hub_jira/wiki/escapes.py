"""Writing literal text into wiki markup so that it is read back as the same text.

Only what would be read as markup is escaped: text stays readable for those who edit it there.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import partial

from hub_jira.wiki.marks import ENTITY, ESCAPABLE, SIGNS, URL

_SIGN = re.compile(r"[\\{}\[\]!|*_\-+^~?&]")
_SIGN_OR_URL = re.compile(f"{URL.pattern}|{_SIGN.pattern}")
_LINE_START = re.compile(
    r"(?P<word>h[1-6]|bq)(?P<dot>\.)(?=\s|$)|(?=(?:-|[*#][*#-]*)\s)|(?=-{4,}\s*$)|(?=\|)|(?=\((?:/|x)\)(?:\s|$))"
)


class Setting:
    """What else stands on a line, as far as escaping must know.

    Args:
        line: All text of the line, signs of marks included.
        barred: Whether a bar would end the text: in a table cell, or a link's alias.
    """

    def __init__(self, line: str, *, barred: bool = False) -> None:
        self.counts = Counter(line)
        self.barred = barred


def escape(text: str, setting: Setting, *, linked: bool = False, code: bool = False, first: bool = False) -> str:
    """*text* (a part of one line) as markup; *linked*: in a link's alias, *code*: in `{{ }}`, *first*: of the line."""
    pattern = _SIGN if code else _SIGN_OR_URL
    return pattern.sub(partial(_escaped, setting=setting, linked=linked, code=code, first=first), text)


def _escaped(found: re.Match[str], *, setting: Setting, linked: bool, code: bool, first: bool) -> str:
    sign, text = found.group(), found.string
    if len(sign) > 1:
        return sign
    at = found.start()
    before = text[at - 1] if at else " " if first else ""
    after = text[at + 1] if at + 1 < len(text) else ""
    match sign:
        case "\\":
            return "&#92;" if not after or after in ESCAPABLE or after == "\\" else sign
        case "&":
            return "&amp;" if ENTITY.match(text, at) else sign
    return "\\" + sign if _means(sign, before, after, setting, linked=linked, code=code) else sign


def _means(sign: str, before: str, after: str, setting: Setting, *, linked: bool, code: bool) -> bool:
    """Whether a sign would be read as one; *before* and *after* are "" where that cannot be known."""
    lonely = setting.counts[sign] < 2
    match sign:
        case "{":
            return code or not after or after in "{*_-+^~?" or (after.isascii() and after.isalpha())
        case "}":
            return code
        case "[":
            return True
        case "]":
            return linked or code
        case "|":
            return setting.barred or linked
        case "!":
            return not lonely and not (after.isspace() or before.isalnum())
        case "?":
            return not lonely and (after == "?" or not after)
        case _ if sign in SIGNS:
            opens = not before.isalnum() and not after.isspace() and sign not in {before, after}
            closes = not before.isspace() and not after.isalnum() and sign not in {before, after}
            return not lonely and (opens or closes)
    return False


def guard_line(line: str) -> str:
    """A finished line, escaped where its start would be read as another kind of block."""
    found = _LINE_START.match(line)
    if not found:
        return line
    if found["dot"]:
        return f"{found['word']}&#46;{line[found.end() :]}"
    return "\\" + line


def address(href: str) -> str:
    """A link's address, what would end it percent-encoded (RFC 3986, 2.1)."""
    return re.sub(r"[\s|\[\]{}^\\\"<>]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), href)


def image_address(href: str) -> str:
    """An image's address, what would end it percent-encoded: it stands between two `!`."""
    return re.sub(r"[!()'*]", lambda found: f"%{ord(found[0]):02X}", address(href))


def value(text: str) -> str:
    """A parameter, what would end it written as an entity."""
    return re.sub(r"[|\[\]{}!,=\"\\&]", lambda found: f"&#{ord(found[0])};", " ".join(text.split()))
