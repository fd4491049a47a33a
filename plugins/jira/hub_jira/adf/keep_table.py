"""An edited table, with the rows and cells that were not edited, spans, widths and colours kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub_jira.adf.alignment import align, pair
from hub_jira.adf.grid import Grid, lay_out
from hub_jira.adf.nodes import Node, attrs_of, element, inner, kind, paragraph
from hub_jira.adf.show_table import cell_text, show_row

KeepBlocks = Callable[[list[Any], list[Node]], list[Any]]
_SPANS = ("colspan", "rowspan")


def keep_table(old: Mapping[str, Any], new: Node, keep_blocks: KeepBlocks) -> Node:
    """*new* made of as much of *old* as is still there; *keep_blocks* revises the blocks of one cell."""
    was, now = lay_out(old), lay_out(new)
    if len(was.rows) != len(inner(old)) or any(kind(row) != "tableRow" for row in inner(old)):
        return new
    columns = _columns(was, now)
    pairs = _row_pairs(was, now)
    unchanged_shape = was.width == now.width and len(was.rows) == len(now.rows)
    straight = was.spanned and not (unchanged_shape and _spans_are_empty(was, now))
    rows = []
    for at, cells in enumerate(now.rows):
        number = pairs.get(at)
        if was.spanned and not straight:
            number = at
        if number is None:
            rows.append(inner(new)[at])
            continue
        if not straight and show_row(was.rows[number]) == show_row(cells) and was.width == now.width:
            rows.append(inner(old)[number])
            continue
        content = _row(was.rows[number], cells, columns, keep_blocks, straight=straight)
        rows.append({**inner(old)[number], "content": content})
    return {**old, "content": rows}


def _row_pairs(was: Grid, now: Grid) -> dict[int, int]:
    old_keys, new_keys = [show_row(row) for row in was.rows], [show_row(row) for row in now.rows]
    pairs: dict[int, int] = {}
    for run in align(old_keys, new_keys):
        olds, news = old_keys[run.old_start : run.old_stop], new_keys[run.new_start : run.new_stop]
        found = {at: at for at in range(len(news))} if run.kept else pair(olds, news)
        pairs.update({run.new_start + at: run.old_start + place for at, place in found.items()})
    return pairs


def _columns(was: Grid, now: Grid) -> dict[int, int]:
    """Which old column each new column was, told by the heads when their number changed."""
    if was.width == now.width:
        return {at: at for at in range(now.width)}
    heads = [[cell_text(cell) for cell in (grid.rows[0] if grid.rows else [])] for grid in (was, now)]
    return {
        run.new_start + step: run.old_start + step
        for run in align(*heads)
        for step in range(min(run.old_stop - run.old_start, run.new_stop - run.new_start))
    }


def _spans_are_empty(was: Grid, now: Grid) -> bool:
    """Whether nothing was written into the places that a span covers."""
    return all(
        before is not None or not cell_text(after)
        for old_row, new_row in zip(was.rows, now.rows, strict=True)
        for before, after in zip(old_row, new_row, strict=True)
    )


def _row(
    old: list[Any], new: list[Any], columns: dict[int, int], keep_blocks: KeepBlocks, *, straight: bool
) -> list[Any]:
    """The cells of one row; *straight* gives every cell one place, for spans that fit no longer."""
    cells: list[Any] = []
    for at, cell in enumerate(new):
        place = columns.get(at)
        before = old[place] if place is not None and place < len(old) else None
        if before is not None:
            cells.append(_cell(before, cell, keep_blocks, straight=straight))
        elif straight or place is None or cell_text(cell):
            cells.append(cell)
    return [cell if cell is not None else element("tableCell", [paragraph()]) for cell in cells]


def _cell(old: Any, new: Any, keep_blocks: KeepBlocks, *, straight: bool) -> Any:
    if cell_text(old) != cell_text(new):
        old = {**old, "content": keep_blocks(inner(old), inner(new))}
    if straight and any(name in attrs_of(old) for name in _SPANS):
        attrs = {key: value for key, value in attrs_of(old).items() if key not in {*_SPANS, "colwidth"}}
        old = {**old, "attrs": attrs}
    return old
