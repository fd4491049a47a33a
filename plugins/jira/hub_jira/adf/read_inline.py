"""Markdown inline text read into pieces."""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from hub_jira.adf.phrases import BREAK, PLAIN, Link, Marks, Piece, is_safe, joined

DEEPEST = 60
"""How many block levels Markdown may nest; a list takes two."""

_LINE_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)

_MAY_MEAN_MORE = re.compile(r"[\\`*_\[\]<>&~!\n]")


class Reader(MarkdownIt):
    """CommonMark with tables and strikethrough; addresses are taken as written, and HTML is text."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False, "maxNesting": DEEPEST})
        self.enable(["table", "strikethrough"])
        self.inline.ruler.before("autolink", "line_break", _line_break)

    def validateLink(self, url: str) -> bool:  # noqa: N802 — the name is the library's
        """Whether an address may become a link."""
        return not url or is_safe(url)

    def normalizeLink(self, url: str) -> str:  # noqa: N802 — the name is the library's
        """The address as it was written, so that it is written back the same."""
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802 — the name is the library's
        """The text of an autolink: its address."""
        return link


def _line_break(state: StateInline, silent: bool) -> bool:
    """Read `<br>` as a line break: the only way to have one inside a table cell."""
    if state.src[state.pos] != "<":
        return False
    found = _LINE_BREAK.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


READER = Reader()


class InlineReader:
    """Reads inline Markdown of one document: knows its link definitions, and reads equal text once."""

    def __init__(self, known: dict[str, list[Token]] | None = None) -> None:
        self.env: MutableMapping[str, Any] = {}
        self._known = {} if known is None else known

    def tokens(self, text: str) -> list[Token]:
        """*text* as the parser's inline tokens."""
        if self.env.get("references"):
            return READER.inline.parse(text, READER, self.env, [])
        if text not in self._known:
            self._known[text] = READER.inline.parse(text, READER, self.env, [])
        return self._known[text]

    def pieces(self, text: str) -> list[Piece]:
        """*text* as pieces."""
        if not _MAY_MEAN_MORE.search(text):
            return [Piece(text)] if text else []
        return read_pieces(self.tokens(text))


def read_pieces(tokens: Sequence[Token]) -> list[Piece]:
    """Inline tokens as pieces; a link without text shows its address, an image its words as a link."""
    out: list[Piece] = []
    marks, opened = PLAIN, 0
    for token in tokens:
        match token.type:
            case "text" | "text_special":
                out.append(Piece(token.content, marks))
            case "code_inline":
                out.append(Piece(token.content, Marks(link=marks.link, code=True)))
            case "softbreak":
                out.append(Piece(" ", marks))
            case "hardbreak":
                out.append(BREAK)
            case "image":
                out.append(_image_piece(token, marks))
            case "link_open":
                opened = len(out)
                marks = marks._replace(link=_link(token, "href"))
            case "link_close":
                if marks.link and not "".join(piece.text for piece in out[opened:]).strip():
                    out[opened:] = [Piece(marks.link.href, marks)]
                marks = marks._replace(link=None)
            case name:
                marks = _switched(marks, name)
    return joined(out)


def _switched(marks: Marks, name: str) -> Marks:
    field, _, what = name.rpartition("_")
    field = "strike" if field == "s" else field
    return marks.set_to(field, what == "open") if field in {"strong", "em", "strike"} else marks


def _link(token: Token, name: str) -> Link | None:
    href = str(token.attrs.get(name) or "")
    return Link(href, " ".join(str(token.attrs.get("title") or "").split())) if is_safe(href) else None


def _image_piece(token: Token, marks: Marks) -> Piece:
    link = _link(token, "src")
    text = image_words(token) or (link.href if link else "")
    return Piece(text, marks._replace(link=link or marks.link))


def image_words(token: Token) -> str:
    """The alternative text of an image, without marks."""
    return " ".join("".join(piece.text or " " for piece in read_pieces(token.children or [])).split())
