"""A table's cells laid out on its grid of rows and columns, spans taken into account."""

from __future__ import annotations

from typing import Any, NamedTuple

from hub_jira.adf.nodes import attr, inner, kind

_WIDEST = 200


class Grid(NamedTuple):
    """`rows[r][c]` is the cell that starts there, None where a span covers the place or the row is short."""

    rows: list[list[Any]]
    width: int
    spanned: bool


def span(cell: object, name: str) -> int:
    """How many columns or rows a cell covers, at least 1."""
    value = attr(cell, name)
    return max(1, min(int(value), _WIDEST)) if isinstance(value, int | float) and value == value else 1  # noqa: PLR0124 — NaN


def lay_out(table: object) -> Grid:
    """The grid of *table*; a cell goes to the first free place of its row."""
    lines = inner(table)
    rows: list[list[Any]] = [[] for _ in lines]
    taken: set[tuple[int, int]] = set()
    for r, line in enumerate(lines):
        column = 0
        for cell in inner(line) if kind(line) == "tableRow" else [line]:
            while (r, column) in taken:
                column += 1
            wide, high = span(cell, "colspan"), min(span(cell, "rowspan"), len(lines) - r)
            rows[r] += [None] * (column + wide - len(rows[r]))
            rows[r][column] = cell
            taken.update((y, x) for y in range(r, r + high) for x in range(column, column + wide))
            column += wide
    width = max([1, *(len(row) for row in rows), *(x + 1 for _, x in taken)])
    whole = [row + [None] * (width - len(row)) for row in rows]
    return Grid(whole, width, len(taken) != sum(cell is not None for row in whole for cell in row))
