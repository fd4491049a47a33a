"""Criteria in the lists of a Markdown text, among blocks of other kinds."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.mapping.criteria import matched
from hub.mapping.document import closed
from hub.mapping.lines import one_line
from hub.mapping.markdown import blocks_and_items, split_lines
from hub.model import Criterion

_BOX = re.compile(r"\[(?P<sign>[ xX])\](?:\s+|$)")
_BULLET = re.compile(r" {0,3}[-*+][ \t]+")


@dataclass(frozen=True, slots=True)
class _Bit:
    """An item or another block: its lines without the blank ones behind, those, and the criterion that it is."""

    text: str
    gap: str
    item: Criterion | None = None
    head: int = 0
    """Of an item, how many lines hold its words."""


def criteria(text: str) -> tuple[Criterion, ...]:
    """The items of the top-level bullet lists, with the words of their first paragraphs; empty ones left out."""
    return tuple(bit.item for bit in _bits(text) if bit.item)


def with_criteria(text: str, wanted: Sequence[Criterion]) -> str:
    """*text* with other items: those that stay keep what is nested under them, and other blocks their places."""
    bits = _bits(text)
    slots = [bit for bit in bits if bit.item]
    partners = matched([each.text for each in wanted], [bit.item.text for bit in slots if bit.item])
    bullet = _bullet(slots[-1].text) if slots else "- "
    items = [
        _ticked(each, slots[partner]) if partner is not None else f"{bullet}{_box(each)} {each.text}"
        for each, partner in zip(wanted, partners, strict=True)
    ]
    return _joined(bits, list(_placed(bits, items)))


def _bits(text: str) -> list[_Bit]:
    bits = []
    for lines, words, head in blocks_and_items(text):
        bare = lines.rstrip()
        found = _BOX.match(words) if words is not None else None
        said = one_line(" ".join((words or "")[found.end() if found else 0 :].split("\n")))
        item = Criterion(text=said, met=bool(found and found["sign"] in "xX")) if said else None
        bits.append(_Bit(bare, lines[len(bare) :], item, head))
    return bits


def _placed(bits: Sequence[_Bit], items: Sequence[str]) -> Iterator[tuple[str, int, bool]]:
    """The texts in their order: items in the places of items, those left over after the last. With place, and kind."""
    waiting = iter(items)
    left = sum(bit.item is not None for bit in bits)
    for place, bit in enumerate(bits):
        if bit.item is None:
            yield bit.text, place, False
            continue
        left -= 1
        if (text := next(waiting, None)) is not None:
            yield text, place, True
        if left == 0:
            yield from ((text, -1, True) for text in waiting)
    yield from ((text, -1, True) for text in waiting)


def _joined(bits: Sequence[_Bit], placed: Sequence[tuple[str, int, bool]]) -> str:
    """Those that stood one after the other keep what parted them; items follow each other, a blank line parts others."""
    text, last, listed = "", -2, False
    for piece, place, is_item in placed:
        if text:
            text = closed(text) if place < 0 and not listed else text
            text += bits[last].gap if place == last + 1 > 0 else "\n" if is_item and listed else "\n\n"
        text, last, listed = text + piece, place if place >= 0 else -2, is_item
    return text


def _bullet(item: str) -> str:
    found = _BULLET.match(item)
    return found[0] if found else "- "


def _box(item: Criterion) -> str:
    return "[x]" if item.met else "[ ]"


def _ticked(wanted: Criterion, bit: _Bit) -> str:
    """The lines of an item with other words, or another sign, and all that is nested under it."""
    if wanted == bit.item:
        return bit.text
    bullet = _bullet(bit.text)
    words = bit.text[len(bullet) :]
    if bit.item and wanted.text == bit.item.text:
        return f"{bullet}{_box(wanted)} {_BOX.sub('', words, count=1) if _BOX.match(words) else words}"
    rest = "".join(split_lines(bit.text)[bit.head :])
    return f"{bullet}{_box(wanted)} {wanted.text}" + (f"\n{rest}" if rest else "")
