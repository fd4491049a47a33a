"""HTML as Markdown: what a reader saw, without what only machines see."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.element import Comment, NavigableString
from markdownify import MarkdownConverter

from hub_email.reading.html_quotes import cut
from hub_email.reading.lines import is_quoted

LONGEST_HTML, MOST_TAGS, MOST_DEPTH = 600_000, 20_000, 100

_INVISIBLE = [
    "script",
    "style",
    "head",
    "title",
    "meta",
    "link",
    "template",
    "noscript",
    "object",
    "embed",
    "iframe",
    "svg",
]
_HIDDEN = re.compile(
    r"display\s*:\s*none|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt)?\s*(?:;|\Z)|max-height\s*:\s*0", re.IGNORECASE
)
_BLOCKS = ["p", "ul", "ol", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "dl"]
_DATA_URL = re.compile(r"data:[\w/+.-]{0,60};base64,[A-Za-z0-9+/=%\s]*")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_DECLARATION = re.compile(r"<[!?][^>]*(?:>|\Z)")
_NO_TAG = re.compile(r"<(?!/?[A-Za-z][^<>]{0,10000}>)")
_UNSEEN = re.compile(r"<(script|style|head)\b[^>]*>[^<]*(?:<(?!/\1)[^<]*)*", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>?")
_SAFE_LINK = re.compile(r"(?:https?|mailto|tel|ftp|cid):", re.IGNORECASE)
_LINE_BLOCK = re.compile(r"\s*(?:[-*+] |\d{1,9}\. |#{1,6} |>|\||```|---\s*\Z)")
_LINKED_IN_BRACKETS = re.compile(r"\\<(<[^<>\s]{1,320}>)>")
_ONE_SPACE = re.compile(r"^ (?=\S)")
_FENCE = re.compile(r"\s*(?:> ?)*```")

_Change = Callable[[BeautifulSoup], None]


class _Converter(MarkdownConverter):
    """Markdown as the hub writes it: `**`, `-` lists, ATX headings; lines of a mail stay lines."""

    def escape(self, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - markdownify passes it
        return re.sub(r"([\\`*_\[\]<]|(?<=\n)[#>+-]|\A[#>](?=\s)|&(?=#?\w{1,31};))", r"\\\1", text)

    def convert_div(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "_inline" in parent_tags:
            return f" {text.strip()} "
        words = text.strip("\n ")
        if not words:
            return "\n\n" if el.find("br") else ""
        return f"\n\n{words}\n\n" if el.find(_BLOCKS) else f"\n{words}\n"

    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        words = text.strip()
        if not words:
            return "\n"
        sign = f"{el.get('data-number')}. " if el.get("data-number") else "- "
        return sign + re.sub(r"\n(?=[^\n])", "\n" + " " * len(sign), words) + "\n"

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        href = str(el.get("href") or "").strip()
        shown = re.sub(r"\\(.)", r"\1", text).strip()
        if not _SAFE_LINK.match(href) or not shown:
            return text
        if shown in (href, href.removeprefix("mailto:")):
            return f"<{shown}>" if not re.search(r"[\s<>]", shown) else text
        target = re.sub(r"[()<>\s]", lambda m: f"%{ord(m[0]):02X}", href)
        return f"[{text.strip()}]({target})"

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        """An image of the mail is an attachment, one from outside may be watching: only the words about it are kept."""
        return self.escape(str(el.get("alt") or "").strip(), parent_tags)


def whole(html: str) -> str:
    """All of an HTML body as Markdown."""
    return _markdown(html, [])


def without_quotes(html: str) -> str:
    """An HTML body as Markdown, its quotes cut out or shown as quotes."""
    return _markdown(html, [cut])


def _markdown(html: str, changes: list[_Change]) -> str:
    html = _well_formed(html)
    if not 0 < html.count("<") <= MOST_TAGS:  # of text without any tag the parser thinks that it is a file name
        return words_only(html)
    try:
        soup = BeautifulSoup(html, "html.parser")
        if _depth(soup) > MOST_DEPTH:
            return words_only(html)
        for change in (_visible, *changes, _evened, _untabled, _numbered):
            change(soup)
        return tidy(str(_Converter(**_OPTIONS).convert_soup(soup)))
    except (
        RecursionError,
        ValueError,
        LookupError,
        AttributeError,
        TypeError,
        AssertionError,
    ):  # html.parser has sharp corners
        return words_only(html)


_OPTIONS: dict[str, Any] = {"heading_style": "atx", "bullets": "-", "autolinks": False, "table_infer_header": True}


def _depth(soup: BeautifulSoup) -> int:
    depths = {id(soup): 0}
    for tag in soup.find_all(True):
        depths[id(tag)] = depths.get(id(tag.parent), 0) + 1
    return max(depths.values())


def _well_formed(html: str) -> str:
    """HTML without comments, and with every `<` that begins no tag escaped: the parser takes very long over those."""
    html = _DECLARATION.sub("", _COMMENT.sub("", _DATA_URL.sub("data:", html)[:LONGEST_HTML]))
    return _NO_TAG.sub("&lt;", html)


def words_only(html: str) -> str:
    """The words of HTML that is too deep, too long or too broken for more."""
    html = html[:LONGEST_HTML]
    text = unescape(_ANY_TAG.sub("\n", _UNSEEN.sub("", html)))
    return tidy("\n".join(" ".join(line.split()) for line in text.split("\n") if line.strip()).replace("<", "\\<"))


def _visible(soup: BeautifulSoup) -> None:
    for comment in soup.find_all(string=lambda s: isinstance(s, Comment)):
        comment.extract()
    for tag in soup.find_all(_INVISIBLE):
        tag.decompose()
    for tag in soup.find_all(style=_HIDDEN):
        if not tag.decomposed:
            tag.decompose()


def _evened(soup: BeautifulSoup) -> None:
    """In HTML a line end is a space, except in `pre`."""
    for text in soup.find_all(string=True):
        if re.search(r"[\n\r\xa0]", text) and text.find_parent("pre") is None:
            text.replace_with(NavigableString(re.sub(r"[ \t\r\n\xa0]+", " ", text)))


def _untabled(soup: BeautifulSoup) -> None:
    """Turn tables that only lay out a page (one column, or tables in tables) into lines."""
    for table in soup.find_all("table"):
        rows = table.find_all("tr")
        wide = any(
            len([c for c in row.find_all(["td", "th"], recursive=False) if c.get_text(strip=True)]) > 1 for row in rows
        )
        if table.find("table") is None and wide and table.get("role") != "presentation":
            continue
        for tag in [
            table,
            *(t for t in table.find_all(["tbody", "thead", "tr", "td", "th"]) if t.find_parent("table") is table),
        ]:
            tag.name = "div"


def _numbered(soup: BeautifulSoup) -> None:
    for items in soup.find_all("ol"):
        start = str(items.get("start") or "")
        for number, item in enumerate(items.find_all("li", recursive=False), int(start) if start.isdecimal() else 1):
            item["data-number"] = str(number)


def tidy(markdown: str) -> str:
    """Even out empty lines, and make the end of each line a hard break where Markdown would join it to the next."""
    lines = [line.rstrip() for line in _LINKED_IN_BRACKETS.sub(r"\1", markdown).split("\n")]
    found: list[str] = []
    fenced = False
    for each, following in zip(lines, [*lines[1:], ""], strict=True):
        fenced ^= bool(_FENCE.match(each))
        if not fenced and not each and found and not found[-1]:
            continue
        line = each if fenced else _ONE_SPACE.sub("", each)
        found.append(line + ("  " if not fenced and _joins(line, following) else ""))
        if is_quoted(line) and following and not is_quoted(following):
            found.append("")
    return "\n".join(found).strip()


def _joins(line: str, following: str) -> bool:
    inner, below = (re.sub(r"^(?:> ?)+", "", each) for each in (line, following))
    if not inner.strip() or not below.strip() or is_quoted(line) != is_quoted(following):
        return False
    return not _LINE_BLOCK.match(below) and not re.match(r"\s*(?:\||```|#{1,6} |---\s*\Z)", inner)
