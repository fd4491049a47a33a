"""Figures, and how they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

Cell = str | int | float


@dataclass(frozen=True)
class Figures:
    """A table of figures.

    Args:
        columns: What the cells of a row mean; those called `s` or `ms`, or per one of these, are seconds of this machine,
            for information only.
        note: What a reader must know to judge the figures.
    """

    title: str
    columns: Sequence[str]
    rows: list[Sequence[Cell]] = field(default_factory=list)
    note: str = ""

    def empty(self) -> "Figures":
        """The same table, without rows."""
        return Figures(self.title, self.columns, note=self.note)

    def as_json(self) -> dict[str, Any]:
        """The table, each row an object."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"title": self.title, "note": self.note, "rows": rows}

    def show(self, console: Console) -> None:
        """Print the table; texts to the left, numbers to the right."""
        table = Table(title=self.title, caption=self.note or None, title_justify="left", caption_justify="left")
        for number, name in enumerate(self.columns):
            words = all(isinstance(row[number], str) for row in self.rows)
            table.add_column(name, justify="left" if words else "right")
        for row in self.rows:
            table.add_row(*map(_written, row))
        console.print(table)
        console.print()


def ratio(part: float, whole: float) -> float:
    """*part* of each of *whole*, with as many digits as mean something; 0 if there is no whole."""
    return round(part / whole, 2) if whole else 0.0


def _written(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.2f}"
    return f"{cell:,}" if isinstance(cell, int) else cell
