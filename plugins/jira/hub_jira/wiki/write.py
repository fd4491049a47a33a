"""Blocks written as wiki markup.

A block that markup cannot say in a place gives way to one it can: panels do not nest, so an inner one gives up its
frame; an expand becomes a panel with its title; a cell holds lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hub_jira.adf.flat import code_text, flat_blocks
from hub_jira.adf.nodes import LISTS, Node, attr, attr_text, inner, kind, leaf_text, one_line, text_node
from hub_jira.adf.phrases import ATTACHMENT, Piece, media_address, nodes_of
from hub_jira.wiki.escapes import address, image_address, value
from hub_jira.wiki.marks import COLORS, FILE_NAME, PANELS, VERBATIM
from hub_jira.wiki.page import Sources
from hub_jira.wiki.write_inline import write_inline

_LANGUAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+#._-]*")
_LISTED = {"bulletList": "*", "taskList": "*", "orderedList": "#", "decisionList": "*"}
_DEEPEST = 9
_COLOR_OF = {name: color for color, name in COLORS.items()}
_NOWHERE = Sources()


class Writer:
    """Writes blocks; those that *sources* knows are written as they were read."""

    def __init__(self, sources: Sources = _NOWHERE, end: str = "\n") -> None:
        self._sources, self._end = sources, end

    def blocks(self, blocks: Sequence[Any], *, framed: bool = False) -> str:
        """*blocks* with a blank line between them; *framed* says that a panel is around them."""
        written = (self.block(block, framed=framed) for block in blocks)
        return (self._end * 2).join(text for text in written if text)

    def block(self, block: Any, *, framed: bool = False) -> str:
        """One block, "" when there is nothing to write."""
        source = self._sources.of(block)
        if source is not None:
            return source
        return self._fresh(block, framed=framed).replace("\r\n", "\n").replace("\n", self._end)

    def _fresh(self, block: Any, *, framed: bool) -> str:
        match kind(block):
            case "paragraph":
                return write_inline(inner(block))
            case "heading":
                return f"h{attr(block, 'level')}. {write_inline(inner(block), broken=_BREAK)}"
            case "codeBlock":
                return write_code(block)
            case "table":
                return "\n".join(self._row(row) for row in inner(block))
            case name if name in _LISTED:
                return "\n".join(self._list(block, ""))
            case "blockquote":
                return self._quote(block)
            case "panel" | "expand" | "nestedExpand":
                return self._panel(block, framed=framed)
        return self._rarer(block, framed=framed)

    def _rarer(self, block: Any, *, framed: bool) -> str:
        if kind(block) == "rule":
            return "----"
        if kind(block) == "mediaSingle":
            return _picture(block)
        if kind(block) in {"layoutSection", "layoutColumn"}:
            return self.blocks(inner(block), framed=framed)
        return write_inline(nodes_of(flat_blocks([block])))

    def _quote(self, block: Any) -> str:
        nodes = inner(block)
        if len(nodes) == 1 and kind(nodes[0]) == "paragraph":
            text = self.block(nodes[0])
            if text and "\n" not in text and "\r" not in text and text == text.strip():
                return f"bq. {text}"
        return f"{{quote}}\n{self.blocks(nodes)}\n{{quote}}"

    def _panel(self, block: Any, *, framed: bool) -> str:
        title, nodes = _title(block)
        if framed:
            heading = [_bold(title)] if title else []
            return self.blocks([*heading, *nodes], framed=True)
        opening, name = _opening(block, title)
        return f"{opening}\n{self.blocks(nodes, framed=True)}\n{{{name}}}"

    # Lists

    def _list(self, block: Any, sign: str) -> list[str]:
        sign = (sign + _LISTED[kind(block)])[:_DEEPEST]
        found: list[str] = []
        for item in inner(block):
            if kind(item) in LISTS:
                found += self._list(item, sign)
            elif kind(item):
                found += self._item(item, sign)
        return found

    def _item(self, item: Any, sign: str) -> list[str]:
        if kind(item) != "listItem":
            box = {"DONE": "(/) ", "TODO": "[ ] "}.get(str(attr(item, "state")), "")
            return [f"{sign} {box}{write_inline(inner(item), broken=_BREAK)}"]
        found = [f"{sign} "]
        before = ""
        for block in inner(item):
            if kind(block) in _LISTED:
                found += self._list(block, sign)
            elif kind(block) == "codeBlock":
                found[-1] += ("\n" if before else "") + self.block(block)
            else:
                text = self._words(block)
                gap = {"": "", "codeBlock": "\n"}.get(before, _BREAK * 2)
                found[-1] += gap + text if text else ""
            before = kind(block)
        return found

    def _words(self, block: Any) -> str:
        """A block as words on one line; what is no paragraph loses its form."""
        if kind(block) == "mediaSingle":
            return _picture(block)
        source = self._sources.of(block)
        if source is not None and kind(block) == "paragraph":
            return source
        nodes = inner(block) if kind(block) == "paragraph" else nodes_of(flat_blocks([block]))
        return write_inline(nodes, broken=_BREAK)

    # Tables

    def _row(self, row: Any) -> str:
        source = self._sources.of(row)
        if source is not None:
            return source
        out, bar = "", "|"
        for cell in inner(row):
            bar = "||" if kind(cell) == "tableHeader" else "|"
            source = self._sources.of(cell)
            out += bar + (self._cell(cell) if source is None else source)
        return out + bar

    def _cell(self, cell: Any) -> str:
        parts: list[str] = []
        for block in inner(cell):
            source = self._sources.of(block)
            if kind(block) == "mediaSingle":
                parts.append(source or _picture(block))
            elif source is not None:
                parts.append(source)
            else:
                nodes = inner(block) if kind(block) == "paragraph" else nodes_of(flat_blocks([block]))
                parts.append(write_inline(nodes, broken=_BREAK, barred=True))
        return (_BREAK * 2).join(part for part in parts if part) or " "


_BREAK = "\\\\"


def write_code(block: Any) -> str:
    """A block of code, in a macro whose closing tag it does not hold."""
    text, language, others = code_text(block), attr_text(block, "language"), attr_text(block, "wiki")
    language = next(iter(language.split()), "")
    if not _LANGUAGE.fullmatch(language):
        language = ""
    wanted = attr_text(block, "macro")
    if wanted not in VERBATIM or (wanted == "html") != (language == "html" and wanted == "html"):
        wanted = "code"
    if not language and not others and wanted != "html":
        wanted = "noformat"
    if language and wanted == "noformat":
        wanted = "code"
    free = [name for name in (wanted, "code", "noformat") if f"{{{name}}}" not in text.lower()]
    if not free:
        text = re.sub(r"\{(noformat|code)\}", "{\u200b\\1}", text, flags=re.IGNORECASE)
    name = free[0] if free else wanted
    params = "|".join(part for part in (language if name == "code" else "", others) if part)
    opening = f"{{{name}:{params}}}" if params else f"{{{name}}}"
    return f"{opening}\n{text}\n{{{name}}}" if text else f"{opening}\n{{{name}}}"


def _picture(block: Any) -> str:
    media, caption = inner(block)[0], leaf_text({"content": inner(block)[1:]})
    source, url, alt = attr_text(media, "wiki"), media_address(media), one_line(attr_text(media, "alt"))
    if source and f"!{url}" in source and not source.startswith("["):
        image = source
    elif url.startswith(ATTACHMENT) or not re.match(r"https?://", url):
        link = {"type": "link", "attrs": {"href": url, "title": caption}}
        return write_inline([text_node(alt or url, [link])]) if not url.startswith(ATTACHMENT) else _file_name(url)
    else:
        params = ",".join(f"{name}={value(text)}" for name, text in (("alt", alt), ("title", caption)) if text)
        image = f"!{image_address(url)}{'|' if params else ''}{params}!"
    around = next((attr_text(mark, "href") or attr(mark, "href") for mark in media.get("marks") or []), None)
    return f"[{image}|{address(around)}]" if isinstance(around, str) and around else image


def _file_name(url: str) -> str:
    name = url.removeprefix(ATTACHMENT)
    return f"!{name}!" if FILE_NAME.fullmatch(name) else write_inline(nodes_of([Piece(name)]))


def _title(block: Any) -> tuple[str, list[Any]]:
    """The title of a panel, and the blocks in it without the paragraph that shows it."""
    nodes = inner(block)
    if kind(block) != "panel":
        return attr_text(block, "title"), nodes
    words = inner(nodes[0]) if nodes and kind(nodes[0]) == "paragraph" else []
    if len(nodes) > 1 and len(words) == 1 and [kind(mark) for mark in words[0].get("marks") or []] == ["strong"]:
        return one_line(str(words[0].get("text") or "")), nodes[1:]
    return "", nodes


def _opening(block: Any, title: str) -> tuple[str, str]:
    """The opening tag of a panel, and the name of the macro."""
    source, name = attr_text(block, "wiki"), attr_text(block, "close")
    wanted = attr_text(block, "panelType") if kind(block) == "panel" else "custom"
    params: dict[str, str] = {}
    if name in PANELS:
        said = source.partition(":")[2].removesuffix("}")
        params = {
            key.strip(): text.strip() for key, _, text in (part.partition("=") for part in said.split("|")) if key
        }
        kept = {key.lower(): text for key, text in params.items()}
        if COLORS.get(kept.get("bgcolor", "").lower(), PANELS[name]) == wanted:
            if one_line(kept.get("title", "")) == title:
                return source, name
        else:
            params, name = {}, "panel"
    else:
        name = "panel"
    params = {key: text for key, text in params.items() if key.lower() != "title"}
    if wanted in _COLOR_OF and not params and name == "panel":
        params = {"bgColor": _COLOR_OF[wanted]}
    params = ({"title": value(title)} if title else {}) | params
    listed = "|".join(f"{key}={text}" for key, text in params.items())
    return (f"{{{name}:{listed}}}" if listed else f"{{{name}}}"), name


def _bold(text: str) -> Node:
    return {"type": "paragraph", "content": [text_node(text, [{"type": "strong"}])]}
