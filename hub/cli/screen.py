"""What a person or a script sees: tables and sentences, or one JSON document. The only place that prints."""

import io
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hub.model.counting import counted

PIPE_WIDTH = 2000
"""Columns where there is no terminal: nothing is folded for a reader that is a program."""
KEPT = frozenset("\n\t\u200c\u200d")
"""Control characters that belong to text: line ends, tabs, and the joiners of Persian, Hindi and emoji."""
UNITS = ((86400 * 2, 86400, "day"), (7200, 3600, "hour"), (120, 60, "minute"))


def clean(value: Any) -> str:
    """*value* as text that cannot steer a terminal: control characters become visible, invisible ones are left out."""
    return "".join(shown for char in str(value) if (shown := _visible(char)))


def _visible(char: str) -> str:
    match unicodedata.category(char):
        case "Cc" if char not in KEPT:
            return "\ufffd"
        case "Cf" if char not in KEPT:
            return ""
        case _:
            return char


def short(value: Any, width: int = 60) -> str:
    """A value of any JSON type on one line of at most *width* characters; None is `-`."""
    if value is None or value in ("", [], {}):
        return "-"
    match value:
        case str():
            shown = value
        case list():
            shown = ", ".join(short(each, width) for each in value)
        case {"email": mail, "name": name}:
            shown = str(name or mail or value.get("account") or "-")
        case {"text": text, "met": met}:
            shown = f"[{'x' if met else ' '}] {text}"
        case bool() | int() | float():
            shown = json.dumps(value)
        case _:
            shown = json.dumps(value, ensure_ascii=False)
    line = " ".join(clean(shown).split())
    return line if len(line) <= width else line[: width - 1] + "…"


def ago(then: str | datetime | None, now: datetime) -> str:
    """How long *then* is past: `3 minutes ago`."""
    if then is None:
        return "never"
    at = datetime.fromisoformat(then) if isinstance(then, str) else then
    seconds = max(0, int((now - at.astimezone(UTC)).total_seconds()))
    for least, unit, name in UNITS:
        if seconds >= least:
            return f"{counted(seconds // unit, name)} ago"
    return f"{counted(seconds, 'second')} ago"


def moment(at: str | None) -> str:
    """An RFC 3339 time to the second: `2026-05-04 09:30:00Z`."""
    return re.sub(r"(\d)T(\d\d:\d\d:\d\d)(\.\d+)?", r"\1 \2", at or "")


def listed(words: Iterable[str]) -> str:
    """*words* as a sentence has them: `a, b and c`."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last


class Screen:
    """Where a command shows what it has to say.

    Args:
        json: One JSON document on standard output, and everything for people on standard error.
    """

    def __init__(self, *, json: bool = False) -> None:
        self.json = json
        self._notes = _console(sys.stderr)
        self._main = _console(sys.stdout)

    @property
    def main(self) -> Console:
        """The console for people: standard output, or standard error where that belongs to the JSON document."""
        return self._notes if self.json else self._main

    @property
    def notes(self) -> Console:
        """The console for what is not the answer: progress, errors, advice."""
        return self._notes

    def document(self, data: Any) -> None:
        """The one JSON document."""
        click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str).encode())

    def line(self, text: str = "", style: str = "") -> None:
        """A line of the answer."""
        _print(self.main, Text(clean(text), style=style))

    def note(self, text: str, style: str = "") -> None:
        """A line beside the answer."""
        _print(self._notes, Text(clean(text), style=style))

    def heading(self, text: str) -> None:
        """A line above what follows."""
        self.line(text, "bold")

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, numbers: Sequence[str] = ()) -> None:
        """A table; its cells are shown as they are, whatever they contain."""
        console = self.main
        box = SIMPLE_HEAD if console.is_terminal else None
        shown = Table(box=box, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
        for column in columns:
            shown.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
        for row in rows:
            shown.add_row(*(Text("-" if cell in (None, "") else clean(cell)) for cell in row))
        _print(console, shown)

    def pairs(self, facts: Mapping[str, Any]) -> None:
        """Names and values, one a line."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(style="dim")
        grid.add_column(overflow="fold")
        for name, value in facts.items():
            grid.add_row(Text(name), Text("-" if value in (None, "") else clean(value)))
        _print(self.main, grid)


def _console(file: Any) -> Console:
    terminal = bool(getattr(file, "isatty", lambda: False)())
    return Console(
        file=file, markup=False, highlight=False, emoji=False, soft_wrap=False, width=None if terminal else PIPE_WIDTH
    )


def _print(console: Console, what: Text | Table) -> None:
    if console.is_terminal:
        console.print(what)
    elif isinstance(what, Text):
        click.echo(what.plain, file=console.file)
    else:
        paper = io.StringIO()
        Console(file=paper, markup=False, highlight=False, emoji=False, width=PIPE_WIDTH, no_color=True).print(what)
        click.echo("\n".join(line.rstrip() for line in paper.getvalue().splitlines()), file=console.file)
