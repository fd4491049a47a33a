"""Tables written as GFM tables: the first row is the head, a cell is one line."""

from __future__ import annotations

from hub_jira.adf.escapes import in_cell
from hub_jira.adf.flat import flat_blocks
from hub_jira.adf.grid import lay_out
from hub_jira.adf.nodes import inner
from hub_jira.adf.show_inline import show_pieces


def show_table(table: object) -> str:
    """A table as Markdown; places covered by a span are empty cells."""
    grid = lay_out(table)
    lines = [show_row(row) for row in grid.rows] or [show_row([None] * grid.width)]
    lines.insert(1, "|" + " --- |" * grid.width)
    return "\n".join(lines)


def show_row(cells: list[object]) -> str:
    """One row as Markdown."""
    return "| " + " | ".join(cell_text(cell) for cell in cells) + " |"


def cell_text(cell: object) -> str:
    """The Markdown of one cell; blocks in it are parted by `<br><br>`."""
    return in_cell(show_pieces(flat_blocks(inner(cell)), cell=True))
