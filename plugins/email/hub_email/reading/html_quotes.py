"""Quotes in HTML, by the marks that mail clients leave in it.

Where a client wraps the earlier mail in a box of its own, the box is cut out with all that follows. Where it uses
`blockquote`, that stays: answers may stand between two of them, and are told from quotes once all is text.
"""

import re

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from hub_email.reading.separators import is_attribution

_EARLIER_IDS = frozenset({
    "appendonsend", "divRplyFwdMsg", "x_appendonsend", "x_divRplyFwdMsg", "OLK_SRC_BODY_SECTION", "original-content", "includetail",
    "yahoo_quoted", "mail-editor-reference-message-container", "ms-outlook-mobile-body-separator-line", "ntes-pcmac-reply", "reply-intro",
})  # fmt: skip
_EARLIER_CLASSES = frozenset({"yahoo_quoted", "ntes-mailmaster-quote"})
_EARLIER_MARKERS = frozenset({"__DIVIDER__", "__HEADERS__"})
_CITED_CLASSES = frozenset({
    "gmail_quote", "gmail_quote_container", "protonmail_quote", "moz-cite", "yahoo_quoted", "zmail_extra", "tutanota_quote",
})  # fmt: skip
_CITED_IDS = frozenset({"isReplyContent", "isForwardContent", "ntes-flashmail-quote", "ntes-pcmail-quote"})
_CONTAINERS = frozenset({"gmail_quote", "protonmail_quote"})
_ATTRIBUTIONS = frozenset({
    "gmail_attr", "moz-cite-prefix", "moz-email-headers-table", "protonmail_quote_header", "yahoo_quote_header",
})  # fmt: skip
_OUTLOOK_LINE = re.compile(
    r"border(?:-top)?\s*:\s*(?:none\s*;\s*border-top\s*:\s*)?solid\s+(?:#)?(?:E1E1E1|B5C4DF|windowtext)"
    r"|border-top-color\s*:\s*rgb\(229, ?229, ?229\)", re.IGNORECASE,
)  # fmt: skip
_NEAR, _MOST_QUOTES = 320, 300


def cut(soup: BeautifulSoup) -> None:
    """Cut out earlier mails, and leave of the other blockquotes only those that quote."""
    for first in _earlier_mails(soup):
        if not first.decomposed and _words_before(first):
            _cut_from(first)
    for quote in soup.find_all("blockquote", limit=_MOST_QUOTES):
        _settle(quote)
    for box in soup.find_all("div"):
        classes = set(box.get_attribute_list("class"))
        if classes & _CONTAINERS:
            _without_announcement(box)
        elif classes & _ATTRIBUTIONS and _quote_follows(box):
            box.clear()


def _earlier_mails(soup: BeautifulSoup) -> list[Tag]:
    return [tag for tag in soup.find_all(True) if _begins_earlier(tag)]


def _begins_earlier(tag: Tag) -> bool:
    marked = tag.get("id") in _EARLIER_IDS or not _EARLIER_CLASSES.isdisjoint(tag.get_attribute_list("class"))
    if marked or tag.name == "includetail" or tag.get("name") == "messageReplySection":
        return True
    if tag.name == "hr":
        return tag.get("data-marker") in _EARLIER_MARKERS
    drawn = tag.name == "div" and _OUTLOOK_LINE.search(str(tag.get("style") or ""))
    return bool(drawn and re.search(r"[:：]", tag.get_text()[:200]))


def _words_before(tag: Tag) -> bool:
    """Whether anything was written above: else the mail is only passed on, and is kept."""
    return any(isinstance(each, NavigableString) and each.strip() for each in tag.previous_elements)


def _cut_from(tag: Tag) -> None:
    """Remove a tag and all that follows it in the document."""
    above = tag
    while above.parent is not None:
        for sibling in list(above.next_siblings):
            sibling.extract()
        above = above.parent
    tag.extract()


def _settle(quote: Tag) -> None:
    """A blockquote that quotes nobody is only indented: it becomes an ordinary box."""
    classes = set(quote.get_attribute_list("class"))
    cited = (
        quote.get("type") == "cite" or quote.get("cite") or classes & _CITED_CLASSES or quote.get("id") in _CITED_IDS
    )
    if cited or quote.find_parent("blockquote") or quote.find_parent(class_="gmail_quote"):
        return
    if not _announced(quote):
        quote.name = "div"


def _announced(quote: Tag) -> bool:
    """Whether the words above tell who wrote the quote."""
    words = ""
    for each in quote.previous_elements:
        if isinstance(each, Tag):
            words = f" {words}" if each.name in ("br", "div", "p") else words
            continue
        words = f"{each}{words}"
        if len(words) > _NEAR:
            return False
        if is_attribution(words):
            return True
    return False


def _without_announcement(container: Tag) -> None:
    """Drop the words that stand before the quote in its box, in whatever language they announce it."""
    quote = container.find("blockquote")
    if not isinstance(quote, Tag):
        return
    before = _before(container, quote)
    words = "".join(before)
    if len(words) <= _NEAR and re.search(r"[\d@:：]", words):
        for each in before:
            each.extract()


def _before(container: Tag, quote: Tag) -> list[NavigableString]:
    found: list[NavigableString] = []
    for each in container.descendants:
        if each is quote:
            break
        if isinstance(each, NavigableString):
            found.append(each)
    return found


def _quote_follows(tag: Tag) -> bool:
    for each in tag.next_elements:
        if isinstance(each, Tag) and each.name == "blockquote":
            return True
        if isinstance(each, NavigableString) and each.strip() and tag not in each.parents:
            return False
    return False
