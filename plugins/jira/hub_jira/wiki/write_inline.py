"""Inline nodes written as wiki markup."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from hub_jira.adf.nodes import Node, attr, attr_text, clean, kind, marks_of
from hub_jira.adf.phrases import ATTACHMENT, is_safe, piece_of
from hub_jira.wiki.escapes import Setting, address, escape, guard_line, value
from hub_jira.wiki.marks import ADDRESS, CITE, FILE_NAME, PICTURE, SIGNS, URL

_SIGN_OF = {(name, attrs.get("type", "")): sign for sign, (name, attrs) in SIGNS.items()}
_SAFE_BEFORE = frozenset(" \t\"'(:;,./>，。、：；（「『《“‘—…！？")
_SAFE_AFTER = frozenset(" \t\"').:;,!/<，。、：；）」』》”’—…！？")
_ORDER = ("link", "textColor", "strong", "strike", "em", "underline", "subsup", "cite")


class _Chunk(NamedTuple):
    """Text; or, with a sign, one side of a phrase."""

    text: str
    sign: str = ""
    opens: bool = False


Mark = tuple[str, str]
"""A mark by its name and its JSON."""


class _Word(NamedTuple):
    node: Node
    text: str
    marks: frozenset[Mark]


def write_inline(nodes: Sequence[Any], *, broken: str = "\n", barred: bool = False) -> str:
    """Inline nodes as markup, *broken* between lines; *barred* where a bar would end the text (a table cell)."""
    lines = [guard_line(_line(line, barred=barred).strip()) for line in _lines(nodes)]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    out = ""
    for number, line in enumerate(lines):
        forced = broken == "\\\\" or not line or not lines[number - 1]
        out += ("\\\\" if forced else broken) * bool(number) + line
    return out


def _lines(nodes: Sequence[Any]) -> list[list[_Word]]:
    lines: list[list[_Word]] = [[]]
    for node in nodes:
        if kind(node) == "hardBreak":
            lines.append([])
            continue
        text = clean(str(node.get("text") or "")).replace("\n", " ") if kind(node) == "text" else ""
        marks = frozenset(_key(mark) for mark in marks_of(node) if _is_written(mark))
        if text or kind(node) != "text":
            lines[-1].append(_Word(node, text, marks))
    return lines


def _is_written(mark: Any) -> bool:
    name = kind(mark)
    if name == "link":
        href = attr(mark, "href")
        return isinstance(href, str) and is_safe(clean(href))
    return name in {"code", "cite"} or name == "textColor" or (name, attr_text(mark, "type")) in _SIGN_OF


def _key(mark: Any) -> Mark:
    return kind(mark), json.dumps(mark.get("attrs") or {}, sort_keys=True)


def _line(words: list[_Word], *, barred: bool) -> str:
    signs = [_sign(mark) * 2 for word in words for mark in word.marks]
    said = [word.text or attr_text(word.node, "wiki") for word in words]
    setting = Setting("".join([*signs, *said]), barred=barred)
    return _joined(_Writer(words, setting).chunks(0, len(words), frozenset()))


def _sign(mark: Mark) -> str:
    name, attrs = mark
    return CITE if name == "cite" else _SIGN_OF.get((name, json.loads(attrs).get("type", "")), "")


class _Writer:
    def __init__(self, words: list[_Word], setting: Setting) -> None:
        self._words, self._setting = words, setting

    def chunks(self, start: int, stop: int, worn: frozenset[Mark]) -> list[_Chunk]:
        """words[start:stop]; of the marks that begin at a word, the one that goes on longest is written outermost."""
        out: list[_Chunk] = []
        at = start
        while at < stop:
            spans = [(self._extent(at, stop, mark), -_ORDER.index(mark[0]), mark) for mark in self._new(at, worn)]
            if not spans:
                out.append(_Chunk(self._literal(at, worn)))
                at += 1
                continue
            end, _, mark = max(spans)
            out += self._marked(at, end, mark, worn | {mark})
            at = end
        return out

    def _new(self, at: int, worn: frozenset[Mark]) -> list[Mark]:
        return [mark for mark in self._words[at].marks - worn if mark[0] != "code"]

    def _extent(self, at: int, stop: int, mark: Mark) -> int:
        while at < stop and mark in self._words[at].marks:
            at += 1
        return at

    def _marked(self, start: int, stop: int, mark: Mark, worn: frozenset[Mark]) -> list[_Chunk]:
        if mark[0] == "link":
            return self._link(start, stop, mark, worn)
        inside = self.chunks(start, stop, worn)
        if not "".join(chunk.text for chunk in inside).strip():
            return inside
        before, inside, after = _tight(inside)
        if mark[0] == "textColor":
            color = value(str(json.loads(mark[1]).get("color") or ""))
            return [*before, _Chunk(f"{{color:{color}}}"), *inside, _Chunk("{color}"), *after]
        sign = _sign(mark)
        return [*before, _Chunk("", sign, opens=True), *inside, _Chunk("", sign), *after]

    def _link(self, start: int, stop: int, mark: Mark, worn: frozenset[Mark]) -> list[_Chunk]:
        attrs = json.loads(mark[1])
        href, title = clean(attrs["href"]), value(attrs.get("title") or "")
        text = "".join(word.text for word in self._words[start:stop])
        bare = all(word.text and word.marks <= worn for word in self._words[start:stop])
        if href.startswith(ATTACHMENT):
            within = start > 0 and self._words[start - 1].text[-1:].isalnum()
            return [_Chunk(_file(href.removeprefix(ATTACHMENT), text, within=within))]
        if bare and not title and text == href == address(href) and ADDRESS.fullmatch(href):
            return [_Chunk(f"[{href}]")]
        alias = _joined(self.chunks(start, stop, worn))
        return [_Chunk(f"[{alias or address(href)}|{address(href)}{'|' if title else ''}{title}]")]

    def _literal(self, at: int, worn: frozenset[Mark]) -> str:
        word = self._words[at]
        linked = any(mark[0] == "link" for mark in worn)
        if not word.text:
            return self._opaque(word.node, linked=linked)
        code = any(mark[0] == "code" for mark in word.marks)
        if code:
            return (
                "{{"
                + escape(word.text, Setting(word.text * 2, barred=self._setting.barred), linked=linked, code=True)
                + "}}"
            )
        return escape(word.text, self._setting, linked=linked, first=not at)

    def _opaque(self, node: Node, *, linked: bool) -> str:
        source = attr_text(node, "wiki")
        return source or escape(piece_of(node).text, self._setting, linked=linked)


def _file(name: str, alias: str, *, within: bool) -> str:
    """A file of the issue by its name: shown when it is a picture, else (or *within* a word) a link to it."""
    if not FILE_NAME.fullmatch(name) or name != name.strip():
        return escape(alias, Setting(alias * 2))
    if PICTURE.search(name) and not within:
        return f"!{name}!" if alias in {"", name} else f"!{name}|alt={value(alias)}!"
    return f"[^{name}]" if alias in {"", name} else f"[{escape(alias, Setting(alias * 2), linked=True)}|^{name}]"


def _tight(chunks: list[_Chunk]) -> tuple[list[_Chunk], list[_Chunk], list[_Chunk]]:
    """*chunks* with the white space at their ends set apart."""
    before: list[_Chunk] = []
    after: list[_Chunk] = []
    while chunks and not chunks[0].sign and chunks[0].text[:1].isspace():
        rest = chunks[0].text.lstrip()
        before.append(_Chunk(chunks[0].text[: len(chunks[0].text) - len(rest)]))
        chunks = [_Chunk(rest), *chunks[1:]] if rest else chunks[1:]
    while chunks and not chunks[-1].sign and chunks[-1].text[-1:].isspace():
        rest = chunks[-1].text.rstrip()
        after.insert(0, _Chunk(chunks[-1].text[len(rest) :]))
        chunks = [*chunks[:-1], _Chunk(rest)] if rest else chunks[:-1]
    return before, chunks, after


def _joined(chunks: list[_Chunk]) -> str:
    """The markup; a phrase is written in braces where it stands against a word (or ends in an address)."""
    braced: dict[int, bool] = {}
    opened: list[int] = []
    for at, chunk in enumerate(chunks):
        if chunk.sign and chunk.opens:
            opened.append(at)
        elif chunk.sign:
            start = opened.pop()
            last = chunks[at - 1].text
            ends = list(URL.finditer(last))
            rough = bool(ends) and ends[-1].end() == len(last)
            braced[start] = braced[at] = rough or not (_is_free_before(chunks, start) and _is_free_after(chunks, at))
    return "".join(
        (f"{{{chunk.sign}}}" if braced[at] and chunk.sign != CITE else chunk.sign) if chunk.sign else chunk.text
        for at, chunk in enumerate(chunks)
    )


def _is_free_before(chunks: list[_Chunk], at: int) -> bool:
    while at and chunks[at - 1].sign and chunks[at - 1].opens:
        at -= 1
    if not at:
        return True
    text = chunks[at - 1].text
    found = list(URL.finditer(text))
    return text[-1:] in _SAFE_BEFORE and bool(text) and not (found and found[-1].end() == len(text))


def _is_free_after(chunks: list[_Chunk], at: int) -> bool:
    while at + 1 < len(chunks) and chunks[at + 1].sign and not chunks[at + 1].opens:
        at += 1
    return at + 1 == len(chunks) or (chunks[at + 1].text[:1] in _SAFE_AFTER and bool(chunks[at + 1].text))
