"""Wiki markup read into blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hub_jira.adf.nodes import Node, clean, element, paragraph, text_node
from hub_jira.wiki.marks import BOX, COLORS, HEADING, ITEM, PANELS, QUOTE, ROW, RULE, SHORT_QUOTE, VERBATIM
from hub_jira.wiki.page import Block, Page, Sources
from hub_jira.wiki.read_inline import read_inline
from hub_jira.wiki.read_list import Entry, lists_of
from hub_jira.wiki.read_table import cells_of
from hub_jira.wiki.spans import Line, Macro, lines, macros

_LANGUAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+#._-]*")


def read(text: str) -> Page:
    """*text* as a page; never raises, whatever the text."""
    sources = Sources()
    return Page(text, _Reader(text, sources).blocks(), sources)


class _Reader:
    """Reads the blocks of one text: a whole one, the body of a macro, or a cell."""

    def __init__(self, text: str, sources: Sources, *, in_cell: bool = False) -> None:
        self._text, self._sources, self._in_cell = text, sources, in_cell
        self._macros = macros(text)
        self._at_macro = 0
        self._lines = lines(text, self._macros)

    def blocks(self) -> list[Block]:
        """The blocks in order."""
        found: list[Block] = []
        number = 0
        while number < len(self._lines):
            line = self._lines[number]
            if not self._said(line).strip():
                number += 1
                continue
            read, number = self._block(number, self._kind(line))
            found += read
        for block in found:
            self._sources.note(block.node, self._text[block.start : block.stop])
        return found

    def _said(self, line: Line) -> str:
        return self._text[line.start : line.stop]

    def _kind(self, line: Line) -> str:
        """What begins at a line that is not blank."""
        said = self._said(line)
        if ITEM.match(said):
            return "list"
        if ROW.match(said) and not self._in_cell:
            return "table"
        if "\n" in said or "\r" in said:
            return "prose"
        if HEADING.match(said):
            return "heading"
        if RULE.match(said):
            return "rule"
        return "quote" if SHORT_QUOTE.match(said) else "prose"

    def _block(self, number: int, kind: str) -> tuple[list[Block], int]:
        line = self._lines[number]
        said = self._said(line)
        match kind:
            case "list":
                return self._list(number)
            case "table":
                return self._table(number)
            case "heading":
                found = HEADING.match(said)
                level = int(found[1]) if found else 1
                node = element("heading", read_inline(said[found.end() if found else 0 :].strip()), level=level)
            case "rule":
                node = element("rule")
            case "quote":
                node = element("blockquote", [paragraph(read_inline(SHORT_QUOTE.sub("", said, count=1).strip()))])
            case _:
                return self._prose(number)
        start, stop = self._trimmed(line.start, line.stop)
        return [Block(node, start, stop)], number + 1

    def _trimmed(self, start: int, stop: int) -> tuple[int, int]:
        said = self._text[start:stop]
        return start + len(said) - len(said.lstrip()), stop - len(said) + len(said.rstrip())

    # Prose and macros

    def _prose(self, number: int) -> tuple[list[Block], int]:
        last = number + 1
        while last < len(self._lines) and self._goes_on(self._lines[last]):
            last += 1
        return self._pieces(self._lines[number].start, self._lines[last - 1].stop), last

    def _goes_on(self, line: Line) -> bool:
        return bool(self._said(line).strip()) and self._kind(line) == "prose"

    def _pieces(self, start: int, stop: int) -> list[Block]:
        """text[start:stop] as macros and the paragraphs between them."""
        found: list[Block] = []
        for macro in self._macros_in(start, stop):
            found += self._paragraph(start, macro.start)
            found.append(Block(self._macro(macro), macro.start, macro.stop))
            start = macro.stop
        return found + self._paragraph(start, stop)

    def _macros_in(self, start: int, stop: int) -> Iterator[Macro]:
        """The macros between two places; places are asked for in order."""
        while self._at_macro < len(self._macros) and self._macros[self._at_macro].start < stop:
            macro = self._macros[self._at_macro]
            self._at_macro += 1
            if macro.start >= start:
                yield macro

    def _paragraph(self, start: int, stop: int) -> list[Block]:
        start, stop = self._trimmed(start, stop)
        return [Block(_picture_or_paragraph(self._text[start:stop]), start, stop)] if start < stop else []

    def _macro(self, macro: Macro) -> Node:
        body = self._text[macro.first : macro.last]
        if macro.name in VERBATIM:
            return _code(macro, body)
        content = _Reader(body, self._sources).blocks()
        nodes = [block.node for block in content] or [paragraph()]
        if macro.name == QUOTE:
            return element("blockquote", nodes)
        params = _params(macro.params)
        name = COLORS.get(params.get("bgcolor", "").lower(), PANELS[macro.name])
        if params.get("title"):
            nodes.insert(0, paragraph([text_node(clean(params["title"]), [{"type": "strong"}])]))
        return element("panel", nodes, panelType=name, wiki=self._text[macro.start : macro.first], close=macro.name)

    # Lists

    def _list(self, number: int) -> tuple[list[Block], int]:
        entries: list[Entry] = []
        while number < len(self._lines):
            line = self._lines[number]
            found = ITEM.match(self._said(line))
            if not found:
                break
            last = number + 1
            while last < len(self._lines) and self._belongs(self._lines[last]):
                last += 1
            start, stop = line.start + found.end(), self._lines[last - 1].stop
            span = line.start, self._trimmed(line.start, stop)[1]
            entries.append(Entry(found[1], self._content(start, stop), span))
            number = last
        return lists_of(entries), number

    def _belongs(self, line: Line) -> bool:
        """Whether a line goes on with the list item above it."""
        return self._goes_on(line) and not any(
            self._said(line).lstrip().lower().startswith("{" + name) for name in (QUOTE, *PANELS)
        )

    def _content(self, start: int, stop: int) -> list[Node]:
        nodes: list[Node] = []
        for macro in list(self._macros_in(start, stop)):
            if macro.name in VERBATIM:
                nodes += (self._words if nodes else self._boxed)(start, macro.start)
                code = _code(macro, self._text[macro.first : macro.last])
                nodes.append(self._sources.note(code, self._text[macro.start : macro.stop]))
                start = macro.stop
        return nodes + (self._words if nodes else self._boxed)(start, stop)

    def _words(self, start: int, stop: int) -> list[Node]:
        start, stop = self._trimmed(start, stop)
        said = self._text[start:stop]
        return [self._sources.note(paragraph(read_inline(said)), said)] if said else []

    def _boxed(self, start: int, stop: int) -> list[Node]:
        """As `_words`, at the start of an item: with a box there, if there is one."""
        start, stop = self._trimmed(start, stop)
        said = self._text[start:stop]
        found = BOX.match(said)
        if not found:
            return self._words(start, stop)
        box = {"type": "box", "attrs": {"text": found[1], "wiki": found[1]}}
        rest = said[len(found[1]) :]
        return [self._sources.note(paragraph([box, *read_inline(rest)]), said)]

    # Tables

    def _table(self, number: int) -> tuple[list[Block], int]:
        first, rows = number, []
        while number < len(self._lines) and ROW.match(self._said(self._lines[number])):
            start = self._lines[number]
            while not self._is_closed(self._lines[number]) and self._is_open(number + 1):
                number += 1
            stop = self._lines[number].stop
            inside = [macro for macro in self._macros_in(start.start, stop) if macro.name in VERBATIM]
            rows.append(self._row(start.start, stop, inside))
            number += 1
        begin, end = self._trimmed(self._lines[first].start, self._lines[number - 1].stop)
        return [Block(element("table", rows), begin, end)], number

    def _is_closed(self, line: Line) -> bool:
        return self._said(line).rstrip().endswith("|")

    def _is_open(self, number: int) -> bool:
        said = self._said(self._lines[number]) if number < len(self._lines) else ""
        return bool(said.strip()) and not ROW.match(said)

    def _row(self, start: int, stop: int, inside: list[Macro]) -> Node:
        cells = []
        for cell in cells_of(self._text, start, stop, inside):
            source = self._text[cell.start : cell.stop]
            content = [block.node for block in _Reader(source, self._sources, in_cell=True).blocks()]
            node = element("tableHeader" if cell.head else "tableCell", content or [paragraph()])
            cells.append(self._sources.note(node, source))
        return element("tableRow", cells)


def _picture_or_paragraph(said: str) -> Node:
    nodes = read_inline(said)
    if len(nodes) == 1 and nodes[0]["type"] == "mediaInline" and nodes[0]["attrs"]["type"] == "external":
        attrs, marks = nodes[0]["attrs"], nodes[0].get("marks", [])
        links = [mark for mark in marks if mark["type"] == "link"]
        media = element("media", type="external", url=attrs["url"], alt=attrs["alt"] or None, wiki=attrs["wiki"])
        caption = [element("caption", [text_node(attrs["title"])])] if attrs["title"] else []
        return element("mediaSingle", [{**media, **({"marks": links} if links else {})}, *caption], layout="center")
    return paragraph(nodes)


def _code(macro: Macro, body: str) -> Node:
    text = _body(clean(body))
    language, others = _language(macro)
    content = [text_node(text)] if text else None
    return element("codeBlock", content, language=language or None, wiki=others or None, macro=macro.name)


def _body(text: str) -> str:
    """The body of a macro without the line ends that set it apart from the tags."""
    if "\n" not in text:
        return text.strip()
    head, _, rest = text.partition("\n")
    text = text if head.strip() else rest
    head, newline, rest = text.rpartition("\n")
    return head if newline and not rest.strip() else text


def _language(macro: Macro) -> tuple[str, str]:
    """The language of a block of code, and its other parameters."""
    if macro.name != "code":
        return ("html" if macro.name == "html" else ""), macro.params
    first, _, rest = macro.params.partition("|")
    if _LANGUAGE.fullmatch(first):
        return first, rest
    for name in ("language=", "lang="):
        if first.startswith(name) and _LANGUAGE.fullmatch(first.removeprefix(name)):
            return first.removeprefix(name), rest
    return "", macro.params


def _params(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split("|"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
