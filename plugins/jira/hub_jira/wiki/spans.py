"""Where macros and lines lie in a text of wiki markup: one pass, whatever the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from hub_jira.wiki.marks import PANELS, QUOTE, TAG, VERBATIM

_LINE_END = re.compile(r"\r\n|\r|\n")


class Macro(NamedTuple):
    """`{name:params}body{name}` at text[start:stop], the body at text[first:last]."""

    name: str
    params: str
    start: int
    first: int
    last: int
    stop: int


class Line(NamedTuple):
    """text[start:stop], without its line end; a macro and the line ends in it lie within one line."""

    start: int
    stop: int


def macros(text: str) -> list[Macro]:
    """The macros of *text* that have a body and both tags, in order, outermost only."""
    tags = list(_tags(text))
    closing: dict[str, Macro] = {}
    closes: list[Macro | None] = []
    for tag in reversed(tags):
        closes.append(closing.get(tag.name))
        if not tag.params:
            closing[tag.name] = tag
    closes.reverse()
    found, upto = [], 0
    for tag, close in zip(tags, closes, strict=True):
        if tag.start < upto:
            continue
        if tag.name in VERBATIM:
            found.append(tag)
        elif close and (tag.name == QUOTE or tag.name in PANELS):
            found.append(tag._replace(last=close.start, stop=close.stop))
        else:
            continue
        upto = found[-1].stop
    return found


def _tags(text: str) -> Iterator[Macro]:
    """Every tag; verbatim macros whole. The body of other tags is empty here."""
    at, hopeless = 0, set()
    while tag := TAG.search(text, at):
        name, params = tag[1].lower(), tag[2] or ""
        at = tag.end()
        if name in VERBATIM:
            close = -1 if name in hopeless else text.find(f"{{{tag[1]}}}", at)
            if close < 0:
                hopeless.add(name)
                continue
            first, at = at, close + len(tag[1]) + 2
            yield Macro(name, params, tag.start(), first, close, at)
        else:
            yield Macro(name, params, tag.start(), at, at, at)


def lines(text: str, inside: list[Macro]) -> list[Line]:
    """The lines of *text*, whose macros are *inside*."""
    found, start, at, waiting = [], 0, 0, list(reversed(inside))
    while end := _LINE_END.search(text, at):
        while waiting and waiting[-1].stop <= end.start():
            waiting.pop()
        if waiting and waiting[-1].start < end.start():
            at = waiting[-1].stop
            continue
        found.append(Line(start, end.start()))
        start = at = end.end()
    return [*found, Line(start, len(text))]
