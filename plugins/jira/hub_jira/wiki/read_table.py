"""Rows of tables of wiki markup cut into cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from hub_jira.wiki.marks import IMAGE, LINK, MONO, TAG
from hub_jira.wiki.spans import Macro

_SIGN = re.compile(r"[\\{\[!|]")
_WHOLE = {"{": (MONO, TAG), "[": (LINK,), "!": (IMAGE,)}


class Cell(NamedTuple):
    """text[start:stop], and whether it is a head cell."""

    head: bool
    start: int
    stop: int


def cells_of(text: str, start: int, stop: int, inside: list[Macro]) -> list[Cell]:
    """The cells of the row text[start:stop]; what follows its last bar is a cell unless it is blank."""
    bars = list(_bars(text, start, stop, {macro.start: macro.stop for macro in inside}))
    cells = []
    for (first, after), (before, _) in zip(bars, [*bars[1:], (stop, stop)], strict=True):
        cells.append(Cell(after - first == 2, after, before))
    if len(cells) > 1 and not text[cells[-1].start : cells[-1].stop].strip():
        cells.pop()
    return cells


def _bars(text: str, start: int, stop: int, inside: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Where each `|` or `||` between cells starts and ends."""
    at = start
    while found := _SIGN.search(text, at, stop):
        at = found.start()
        if found[0] == "|":
            end = at + 2 if text.startswith("||", at, stop) else at + 1
            yield at, end
            at = end
        elif found[0] == "\\":
            at += 2
        elif at in inside:
            at = inside[at]
        else:
            whole = (pattern.match(text, at, stop) for pattern in _WHOLE[found[0]])
            at = max((each.end() for each in whole if each), default=at + 1)
