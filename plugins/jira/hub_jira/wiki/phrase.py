"""Where a phrase of wiki markup (`*so*`) may begin, and where it ends."""

from __future__ import annotations

import re
from typing import Final

from hub_jira.wiki.marks import FILE_NAME, IMAGE, LINK, MONO, PICTURE, SIGNS, TAG, URL

NEXT: Final = re.compile(URL.pattern + r"|[\\{\[!*_\-+^~?&\n]")
"""Whatever may be more than text."""
_WHOLE: Final = {"{": (MONO, TAG), "[": (LINK,), "!": (IMAGE,)}


def opens(text: str, at: int, stop: int, sign: str) -> bool:
    """Whether the sign at a place may open a phrase: it stands before a word and not behind one."""
    end = at + len(sign)
    before = text[at - 1] if at else " "
    after = text[end] if end < stop else " "
    stands_free = not before.isalnum() and not after.isspace() and sign[0] not in {before, after}
    return stands_free and text.startswith(sign, at)


def closing(text: str, at: int, stop: int, sign: str) -> int | None:
    """Where in text[at:stop] the phrase closes that began before *at*, None when it does not."""
    first = at
    while found := NEXT.search(text, at, stop):
        place, at = found.start(), found.end()
        if found[0] == sign[0] and place > first and _closes(text, place, stop, sign):
            return place
        if found[0] in {"\\", "{", "[", "!"}:
            at = _past(text, place, stop)
    return None


def _closes(text: str, at: int, stop: int, sign: str) -> bool:
    end = at + len(sign)
    before = text[at - 1]
    after = text[end] if end < len(text) else " "
    stands_free = not before.isspace() and not after.isalnum() and sign[0] not in {before, after}
    return stands_free and end <= stop and text.startswith(sign, at)


def _past(text: str, at: int, stop: int) -> int:
    """The end of what stands at a sign, where phrases are not looked for within."""
    sign = text[at]
    if sign == "\\":
        return at + 2
    if sign == "{" and text[at + 1 : at + 2] in SIGNS and text[at + 2 : at + 3] == "}":
        return at + 3
    for pattern in _WHOLE[sign]:
        found = pattern.match(text, at, stop)
        if found:
            return found.end() if pattern is not IMAGE or is_image(found) else at + 1
    return at + 1


def is_image(found: re.Match[str]) -> bool:
    """Whether what stands between two `!` names a picture."""
    name = found[1].strip()
    return bool(PICTURE.search(name) and FILE_NAME.fullmatch(name)) or bool(URL.match(name) and " " not in name)
