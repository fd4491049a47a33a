"""Inline wiki markup read into ADF inline nodes.

What ADF has no node for becomes a node that shows readable text and carries its markup in the attribute `wiki`.
Every kind of mark is looked for at most once at each place, and never within itself, so that reading takes time in
proportion to the length.
"""

from __future__ import annotations

import html
import re
from typing import Any

from hub_jira.adf.nodes import Node, clean
from hub_jira.adf.phrases import ATTACHMENT, is_safe
from hub_jira.wiki.marks import (
    ADDRESS,
    CITE,
    ENTITY,
    ESCAPABLE,
    IMAGE,
    LINK,
    MONO,
    SIGNS,
    TAG,
    VERBATIM,
)
from hub_jira.wiki.phrase import NEXT, closing, is_image, opens

_MOST_PHRASES = 100
"""How many marked phrases one line may hold; signs after them are text. No person writes so many, and the time that
showing marks takes grows with them."""
_BREAK: Node = {"type": "hardBreak"}
Marks = tuple[Node, ...]


def read_inline(text: str) -> list[Node]:
    """*text* (the lines of one paragraph, heading or cell) as inline nodes; a line end is a break."""
    reader = _Reader(clean(text))
    reader.read(0, len(reader.text), ())
    return reader.out


def literal(text: str) -> str:
    """*text* with escapes and entities read."""
    text = re.sub(r"\\(.)", lambda found: found[1] if found[1] in ESCAPABLE else found[0], text)
    return ENTITY.sub(lambda found: html.unescape(found[0]), text)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.out: list[Node] = []
        self._phrases = 0

    def read(self, at: int, stop: int, marks: Marks) -> None:
        """Put the nodes of text[at:stop] into `out`."""
        dead: dict[str, int] = {}
        while found := NEXT.search(self.text, at, stop):
            self._say(self.text[at : found.start()], marks)
            at = self._sign(found, stop, marks, dead)
        self._say(self.text[at:stop], marks)

    def _say(self, text: str, marks: Marks) -> None:
        if not text:
            return
        last = self.out[-1] if self.out else {}
        if last.get("type") == "text" and tuple(last.get("marks", ())) == marks:
            last["text"] += text
        else:
            self.out.append({"type": "text", "text": text, **({"marks": list(marks)} if marks else {})})

    def _sign(self, found: re.Match[str], stop: int, marks: Marks, dead: dict[str, int]) -> int:
        """Read what stands at a sign; where reading goes on."""
        at, sign = found.start(), found[0]
        match sign:
            case "\n":
                self._phrases = 0
                self.out.append(dict(_BREAK))
                return at + 1
            case "\\":
                return self._backslash(at, stop, marks)
            case "&":
                end = self._entity(at, stop, marks)
            case "{":
                end = self._brace(at, stop, marks, dead)
            case "[":
                end = self._link(at, stop, marks)
            case "!":
                end = self._image(at, stop, marks)
            case "?":
                end = self._phrase(at, stop, CITE, {"type": "cite"}, marks, dead)
            case _ if sign in SIGNS:
                end = self._phrase(at, stop, sign, _mark(sign), marks, dead)
            case _:
                end = None
        if end is None:
            self._say(sign, marks)
            return found.end()
        return end

    def _backslash(self, at: int, stop: int, marks: Marks) -> int:
        after = self.text[at + 1] if at + 1 < stop else ""
        if after == "\\":
            self.out.append(dict(_BREAK))
            return at + 3 if self.text[at + 2 : at + 3] == "\n" and at + 2 < stop else at + 2
        self._say(after if after in ESCAPABLE and after else "\\", marks)
        return at + 2 if after in ESCAPABLE and after else at + 1

    def _entity(self, at: int, stop: int, marks: Marks) -> int | None:
        found = ENTITY.match(self.text, at, stop)
        if not found:
            return None
        self._say(clean(html.unescape(found[0])).replace("\n", " "), marks)
        return found.end()

    # Phrases

    def _phrase(self, at: int, stop: int, sign: str, mark: Node, marks: Marks, dead: dict[str, int]) -> int | None:
        if (
            self._phrases > _MOST_PHRASES
            or dead.get(sign, -1) >= at
            or mark in marks
            or not opens(self.text, at, stop, sign)
        ):
            return None
        end = self._line_stop(at, stop)
        close = closing(self.text, at + len(sign), end, sign)
        if close is None:
            dead[sign] = end
            return None
        self._phrases += 1
        self.read(at + len(sign), close, (*marks, mark))
        return close + len(sign)

    def _line_stop(self, at: int, stop: int) -> int:
        end = self.text.find("\n", at, stop)
        return stop if end < 0 else end

    # Braces

    def _brace(self, at: int, stop: int, marks: Marks, dead: dict[str, int]) -> int | None:
        sign = self.text[at + 1 : at + 2]
        if sign in SIGNS and self.text.startswith(f"{{{sign}}}", at):
            return self._braced(at, stop, sign, marks, dead)
        mono = MONO.match(self.text, at, stop)
        if mono:
            self._say(literal(mono[1]), (*marks, {"type": "code"}))
            return mono.end()
        tag = TAG.match(self.text, at, stop)
        return self._tag(tag, stop, marks, dead) if tag else None

    def _braced(self, at: int, stop: int, sign: str, marks: Marks, dead: dict[str, int]) -> int | None:
        tag, end = f"{{{sign}}}", self._line_stop(at, stop)
        if self._phrases > _MOST_PHRASES or dead.get(tag, -1) >= at or _mark(sign) in marks:
            return None
        close = self.text.find(tag, at + 3, end)
        if close < 0:
            dead[tag] = end
            return None
        self._phrases += 1
        self.read(at + 3, close, (*marks, _mark(sign)))
        return close + 3

    def _tag(self, tag: re.Match[str], stop: int, marks: Marks, dead: dict[str, int]) -> int:
        name = tag[1].lower()
        close = f"{{{tag[1]}}}"
        if (name == "color" and tag[2] and not any(m["type"] == "textColor" for m in marks)) or name in VERBATIM:
            end = -1 if dead.get(close, -1) >= tag.start() else self.text.find(close, tag.end(), stop)
            if end >= 0 and name == "color":
                self.read(tag.end(), end, (*marks, {"type": "textColor", "attrs": {"color": tag[2]}}))
                return end + len(close)
            if end >= 0:
                self._verbatim(self.text[tag.end() : end], marks)
                return end + len(close)
            dead[close] = stop
        self._opaque("placeholder", tag[0], marks, text=tag[0])
        return tag.end()

    def _verbatim(self, text: str, marks: Marks) -> None:
        for number, line in enumerate(text.strip().split("\n")):
            if number:
                self.out.append(dict(_BREAK))
            self._say(line, (*marks, {"type": "code"}))

    def _opaque(self, name: str, source: str, marks: Marks, **attrs: Any) -> None:
        self.out.append({"type": name, "attrs": {**attrs, "wiki": source}, **({"marks": list(marks)} if marks else {})})

    # Links and images

    def _link(self, at: int, stop: int, marks: Marks) -> int | None:
        found = LINK.match(self.text, at, stop)
        if not found or any(mark["type"] == "link" for mark in marks):
            return None
        inside = found[1]
        if inside[0] in "^~" and "|" not in inside and inside[1:].strip():
            self._named(inside[0], inside[1:], found[0], marks)
            return found.end()
        image = IMAGE.match(inside)
        first = image.end() if image and inside[image.end() : image.end() + 1] == "|" else inside.find("|")
        if first < 0:
            return self._bare_link(found, marks)
        address, _, title = inside[first + 1 :].partition("|")
        return self._aliased(found, at + 1 + first, address.strip(), title, marks)

    def _named(self, sign: str, name: str, source: str, marks: Marks) -> None:
        if sign == "~":
            self._opaque("mention", source, marks, text=f"@{name}")
        else:
            self._opaque("mediaInline", source, marks, type="file", id=name, alt=name)

    def _bare_link(self, found: re.Match[str], marks: Marks) -> int | None:
        address = found[1]
        if not ADDRESS.fullmatch(address) or not is_safe(address):
            return None
        self._say(address, (*marks, {"type": "link", "attrs": {"href": address}}))
        return found.end()

    def _aliased(self, found: re.Match[str], upto: int, address: str, title: str, marks: Marks) -> int | None:
        alias = self.text[found.start() + 1 : upto]
        if address.startswith("^") and address[1:].strip() and alias.strip():
            words = literal(alias).strip()
            self._opaque("mediaInline", found[0], marks, type="file", id=address[1:], alt=words)
            return found.end()
        if not address or not is_safe(address) or re.search(r"\s", address) or address.startswith(ATTACHMENT):
            return None
        link: Node = {"href": address, **({"title": literal(title).strip()} if title.strip() else {})}
        mark = {"type": "link", "attrs": link}
        if alias.strip():
            self.read(found.start() + 1, upto, (*marks, mark))
        else:
            self._say(address, (*marks, mark))
        return found.end()

    def _image(self, at: int, stop: int, marks: Marks) -> int | None:
        found = IMAGE.match(self.text, at, stop)
        before = self.text[at - 1] if at else " "
        if not found or before.isalnum() or not is_image(found):
            return None
        name, params = found[1].strip(), _params(found[2] or "")
        alt = literal(params.get("alt", "")).strip('"')
        if ADDRESS.fullmatch(name):
            title = literal(params.get("title", "")).strip('"')
            self._opaque("mediaInline", found[0], marks, type="external", url=name, alt=alt, title=title)
        else:
            self._opaque("mediaInline", found[0], marks, type="file", id=name, alt=alt or name)
        return found.end()


def _params(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(","))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _mark(sign: str) -> Node:
    name, attrs = SIGNS[sign]
    return {"type": name, "attrs": dict(attrs)} if attrs else {"type": name}
