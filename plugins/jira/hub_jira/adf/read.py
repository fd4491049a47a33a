"""Markdown read into ADF blocks that are valid where they stand.

A Markdown block that ADF forbids in a place gives way to one it allows there (a heading in a list becomes a
paragraph, a quote in a quote is dissolved, a table in a list becomes lines); its text is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import groupby

from markdown_it.common.utils import unescapeAll
from markdown_it.token import Token

from hub_jira.adf import places
from hub_jira.adf.flat import flat_block, run_on, trimmed
from hub_jira.adf.nodes import Node, element, inner, new_id, one_line, paragraph, text_node
from hub_jira.adf.phrases import ATTACHMENT, BREAK, Link, Piece, is_safe, nodes_of
from hub_jira.adf.places import Place
from hub_jira.adf.plain import from_plain
from hub_jira.adf.read_inline import DEEPEST, READER, InlineReader, image_words
from hub_jira.adf.show import COLUMN, DECISIONS, EXPAND, LAYOUT, PANELS

_BOX = re.compile(r"\[([ xX])\](?:[ \t\n]+|$)")
_TAG = re.compile(r"\[!([A-Z]+)\](?:[ \t]+([^\n]*))?(?:\n|$)")
_PANEL_OF = {name.upper(): name for name in PANELS} | {"IMPORTANT": "note", "CAUTION": "error"}
_TAGS = frozenset({*_PANEL_OF, EXPAND, LAYOUT, COLUMN, DECISIONS})


@dataclass(eq=False)
class Branch:
    """One block of the parse: its kind, its opening token, the blocks in it, and its inline text."""

    name: str
    token: Token
    children: list[Branch] = field(default_factory=list)
    text: str = ""


def read(markdown: str, known: dict[str, list[Token]] | None = None) -> list[Node]:
    """Clean Markdown (see `nodes.clean`) as the blocks of a valid document; *known* spares reading equal text again.

    Text nested deeper than any sane document is taken as plain lines.
    """
    inline = InlineReader(known)
    tokens: list[Token] = []
    READER.block.parse(markdown, READER, inline.env, tokens)
    if any(token.level >= DEEPEST - 2 for token in tokens):
        return inner(from_plain(markdown))
    return _BlockReader(inline).blocks(_tree(tokens), places.DOCUMENT)


def _tree(tokens: list[Token]) -> list[Branch]:
    root = Branch("root", Token("root", "", 0))
    open_branches = [root]
    for token in tokens:
        if token.nesting < 0:
            open_branches.pop()
        elif token.type == "inline":
            open_branches[-1].text = token.content
        else:
            branch = Branch(token.type.removesuffix("_open"), token)
            open_branches[-1].children.append(branch)
            if token.nesting > 0:
                open_branches.append(branch)
    return root.children


class _BlockReader:
    """Turns the parse of one document into nodes."""

    def __init__(self, inline: InlineReader) -> None:
        self._inline = inline
        self._count = 0

    def blocks(self, branches: list[Branch], place: Place) -> list[Node]:
        """*branches* as blocks that may stand in *place*."""
        return [node for branch in branches for node in self._block(branch, place)]

    def _filled(self, branches: list[Branch], place: Place) -> list[Node]:
        return self.blocks(branches, place) or [paragraph()]

    def _block(self, branch: Branch, place: Place) -> list[Node]:
        match branch.name:
            case "paragraph":
                return self._paragraph(branch.text)
            case "heading":
                return self._heading(branch, place)
            case "bullet_list":
                return self._bullets(branch.children, place)
            case "ordered_list":
                return [self._numbers(branch)]
            case "fence" | "code_block":
                return [_code(branch.token)]
            case "blockquote":
                return self._quote(branch, place)
            case "hr":
                return [element("rule")] if "rule" in place else []
            case "table":
                return [self._table(branch)] if "table" in place else self._rows_as_lines(branch)
        return []

    def _content(self, text: str) -> list[Node]:
        return nodes_of(self._inline.pieces(text))

    def _paragraph(self, text: str) -> list[Node]:
        picture = self._picture(text)
        if picture:
            return [picture]
        content = self._content(text)
        return [paragraph(content)] if content else []

    def _picture(self, text: str) -> Node | None:
        if "![" not in text:
            return None
        return _picture([token for token in self._inline.tokens(text) if token.content or token.type != "text"])

    def _heading(self, branch: Branch, place: Place) -> list[Node]:
        content = self._content(branch.text)
        if "heading" in place:
            return [element("heading", content, level=int(branch.token.tag[1]))]
        return [paragraph(content)] if content else []

    # Lists

    def _bullets(self, items: list[Branch], place: Place) -> list[Node]:
        out: list[Node] = []
        test = _is_task if all(map(_is_task, items)) else _has_box
        for is_task, run in groupby(items, key=lambda item: "taskList" in place and test(item)):
            members = list(run)
            out.append(self._tasks(members) if is_task else element("bulletList", map(self._item, members)))
        return out

    def _numbers(self, branch: Branch) -> Node:
        start = int(branch.token.attrs.get("start") or 1) if branch.token.attrs.get("start") != 0 else 0
        return element("orderedList", map(self._item, branch.children), order=None if start == 1 else start)

    def _item(self, item: Branch) -> Node:
        content = self._filled(item.children, places.ITEM)
        if content[0]["type"] not in {"paragraph", "codeBlock", "mediaSingle"}:
            content.insert(0, paragraph())
        return element("listItem", content)

    def _tasks(self, items: list[Branch]) -> Node:
        self._count += 1
        place = self._count
        content: list[Node] = []
        for at, item in enumerate(items):
            content += self._task(item, place, at)
        return element("taskList", content, localId=new_id("list", place, items[0].children[0].text))

    def _task(self, item: Branch, place: int, at: int) -> list[Node]:
        first, *others = item.children
        if first.name != "paragraph":
            return [self._tasks(first.children)]
        found = _BOX.match(first.text)
        text = first.text[found.end() :] if found else first.text
        pieces, nested = self._inline.pieces(text), []
        for branch in others:
            tasks = list(filter(_is_task, branch.children)) if branch.name == "bullet_list" else []
            if tasks:
                nested.append(self._tasks(tasks))
            if len(tasks) < len(branch.children) or not branch.children:
                rest = [child for child in branch.children if child not in tasks]
                pieces += self._lines_below(replace(branch, children=rest))
        state = "DONE" if found and found[1] != " " else "TODO"
        task = element("taskItem", nodes_of(pieces), localId=new_id("task", place, at, text), state=state)
        return [task, *nested]

    def _lines_below(self, branch: Branch) -> list[Piece]:
        breaks = [BREAK, BREAK] if branch.name == "paragraph" else [BREAK]
        lines = [line for block in self._block(branch, places.DOCUMENT) for line in trimmed(flat_block(block))]
        return breaks + run_on(lines) if lines else []

    # Quotes and alerts

    def _quote(self, branch: Branch, place: Place) -> list[Node]:
        first = branch.children[0] if branch.children else None
        found = _TAG.match(first.text) if first and first.name == "paragraph" else None
        if not first or not found or found[1] not in _TAGS:
            if "blockquote" not in place:
                return self.blocks(branch.children, place)
            return [element("blockquote", self._filled(branch.children, places.QUOTE))]
        rest = first.text[found.end() :]
        body = [Branch("paragraph", first.token, text=rest)] if rest.strip() else []
        return self._alert(found[1], found[2] or "", body + branch.children[1:], place)

    def _alert(self, tag: str, title: str, body: list[Branch], place: Place) -> list[Node]:
        if tag == EXPAND:
            for name, within in (("expand", places.EXPAND), ("nestedExpand", places.NESTED_EXPAND)):
                if name in place:
                    return [element(name, self._filled(body, within), title=self._words(title))]
        titled = [Branch("paragraph", Token("paragraph_open", "p", 1), text=title.strip())] if title.strip() else []
        body = titled + body
        if tag in _PANEL_OF and "panel" in place:
            return [element("panel", self._filled(body, places.PANEL), panelType=_PANEL_OF[tag])]
        if tag == DECISIONS and "decisionList" in place and _are_decisions(body):
            return [self._decisions(body[0])]
        if tag == LAYOUT and "layoutSection" in place and 2 <= len(body) <= 3 and all(map(_is_column, body)):
            return [element("layoutSection", [self._column(column, len(body)) for column in body])]
        return self.blocks(body, place)

    def _words(self, text: str) -> str:
        return one_line("".join(piece.text or " " for piece in self._inline.pieces(text)))

    def _decisions(self, branch: Branch) -> Node:
        self._count += 1
        items = []
        for at, item in enumerate(branch.children):
            text = item.children[0].text if item.children else ""
            attrs = {"localId": new_id("decision", self._count, at, text), "state": "DECIDED"}
            items.append(element("decisionItem", self._content(text), **attrs))
        return element("decisionList", items, localId=new_id("decisions", self._count))

    def _column(self, branch: Branch, count: int) -> Node:
        first = branch.children[0]
        found = _TAG.match(first.text)
        rest = first.text[found.end() :] if found else first.text
        body = [Branch("paragraph", first.token, text=rest)] if rest.strip() else []
        content = self._filled(body + branch.children[1:], places.COLUMN)
        return element("layoutColumn", content, width=50 if count == 2 else 33.33)

    # Tables

    def _table(self, branch: Branch) -> Node:
        rows = [element("tableRow", [self._cell(cell) for cell in row.children]) for row in _rows(branch)]
        return element("table", rows)

    def _cell(self, cell: Branch) -> Node:
        name = "tableHeader" if cell.name == "th" else "tableCell"
        picture = self._picture(cell.text)
        if picture:
            return element(name, [picture])
        paragraphs = [nodes for nodes in map(nodes_of, _at_gaps(self._inline.pieces(cell.text))) if nodes]
        return element(name, map(paragraph, paragraphs or [[]]))

    def _rows_as_lines(self, branch: Branch) -> list[Node]:
        out = []
        for row in _rows(branch):
            pieces: list[Piece] = []
            for cell in row.children:
                pieces += [Piece(" | ")] if pieces else []
                pieces += self._inline.pieces(cell.text)
            if any(piece.text.strip(" |") for piece in pieces):
                out.append(paragraph(nodes_of(pieces)))
        return out


def _rows(branch: Branch) -> list[Branch]:
    return [row for part in branch.children for row in part.children]


def _at_gaps(pieces: list[Piece]) -> list[list[Piece]]:
    """*pieces* cut at double breaks, single breaks kept within; breaks at the ends are dropped."""
    runs: list[list[Piece]] = [[]]
    for at, piece in enumerate(pieces):
        if not piece.breaks:
            runs[-1].append(piece)
        elif at and pieces[at - 1].breaks:
            if runs[-1] and runs[-1][-1].breaks:
                runs[-1].pop()
            runs.append([])
        elif runs[-1] or len(runs) == 1:
            runs[-1].append(piece)
    return runs


def _has_box(item: Branch) -> bool:
    first = item.children[0] if item.children else None
    return first is not None and first.name == "paragraph" and _BOX.match(first.text) is not None


def _is_task(item: Branch) -> bool:
    """Whether a list item is a task, or holds nothing but a list of tasks."""
    if len(item.children) == 1 and item.children[0].name == "bullet_list":
        return all(map(_is_task, item.children[0].children))
    return _has_box(item)


def _is_column(branch: Branch) -> bool:
    first = branch.children[0] if branch.name == "blockquote" and branch.children else None
    found = _TAG.match(first.text) if first and first.name == "paragraph" else None
    return found is not None and found[1] == COLUMN and not found[2]


def _are_decisions(body: list[Branch]) -> bool:
    return (
        len(body) == 1
        and body[0].name == "bullet_list"
        and all([child.name for child in item.children] in ([], ["paragraph"]) for item in body[0].children)
    )


def _code(token: Token) -> Node:
    text = token.content.removesuffix("\n")
    language = one_line(unescapeAll(token.info)) if token.type == "fence" else ""
    return element("codeBlock", [text_node(text)] if text else None, language=language or None)


def _picture(tokens: list[Token]) -> Node | None:
    """A media node when the tokens are one image of the open web (an attachment cannot be named anew), else None."""
    around = None
    if len(tokens) == 3 and tokens[0].type == "link_open":
        around, tokens = str(tokens[0].attrs.get("href") or ""), tokens[1:2]
    if len(tokens) != 1 or tokens[0].type != "image":
        return None
    source = str(tokens[0].attrs.get("src") or "")
    if not is_safe(source) or source.startswith(ATTACHMENT) or (around is not None and not is_safe(around)):
        return None
    media = element("media", type="external", url=source, alt=image_words(tokens[0]) or None)
    if around:
        media["marks"] = [{"type": "link", "attrs": {"href": Link(around).href}}]
    caption = one_line(str(tokens[0].attrs.get("title") or ""))
    captions = [element("caption", [text_node(caption)])] if caption else []
    return element("mediaSingle", [media, *captions], layout="center")
