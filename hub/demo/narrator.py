"""Tells the story: headings, sentences, tables and claims, in 80 columns where the terminal gives no width."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hub.demo import texts

WIDTH, WIDEST = 80, 100
GREETINGS = ("Hello", "Dear")


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that the story says, and whether it was found to be so."""

    ok: bool
    said: str


class Narrator:
    """Writes for people to *file*: with colours on a terminal, as plain text elsewhere."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._console = Console(file=file, markup=False, highlight=False, emoji=False)
        terminal = self._console.is_terminal
        self._console.width = min(self._console.width, WIDEST) if terminal else WIDTH

    def title(self, words: str) -> None:
        """The head of everything."""
        self._print(Text(words, style="bold"))
        self._print(Text("═" * cell_len(words), style="dim"))

    def scene(self, number: int, name: str) -> None:
        """The head of a scene."""
        self.heading(texts.SCENE.format(number=number, title=texts.TITLES[name]), "bold cyan")

    def say(self, words: str) -> None:
        """Some sentences."""
        self._print(Text(words))

    def heading(self, words: str, style: str = "bold") -> None:
        """A line above what belongs together."""
        self._print(Text(f"\n{words}", style=style))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, whole: Sequence[str] = ()) -> None:
        """A table; columns in *whole* are never folded."""
        shown = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold", padding=(0, 1))
        for column in columns:
            shown.add_column(column, overflow="fold", no_wrap=column in whole)
        for row in rows:
            shown.add_row(*(Text("-" if cell in (None, "") else str(cell)) for cell in row))
        self._print(Padding(shown, (1, 0, 1, 2)))

    def letter(self, sender: str, subject: str, words: str) -> None:
        """A mail as its reader sees it, from its greeting to its signature."""
        shown = [f"{texts.FROM}: {sender}", f"{texts.SUBJECT}: {subject}", "", *body_of(words)]
        grid = Table.grid()
        for line in shown:
            grid.add_row(Text("│ ", "dim"), Text(line))
        self._print(Padding(grid, (1, 0, 1, 2)))

    def commands(self, commands: Mapping[str, str]) -> None:
        """Commands to type, and what each is for."""
        grid = Table.grid(padding=(0, 2))
        for command, purpose in commands.items():
            grid.add_row(Text(command, style="green", overflow="fold"), Text(purpose, style="dim"))
        self._print(Padding(grid, (0, 0, 0, 2)))

    def command(self, line: str) -> None:
        """One command on a line of its own, never broken, so that it can be copied."""
        self._print(Text(f"  {line}", style="green"), soft_wrap=True)

    def claim(self, claim: Claim) -> None:
        """What was said, and whether it is so."""
        grid = Table.grid()
        if claim.ok:
            grid.add_row(Text("✓ ", "green"), Text(claim.said))
        else:
            grid.add_row(Text("✗ ", "bold red"), Text(texts.CLAIM_FAILED.format(said=claim.said), "bold red"))
        self._print(Padding(grid, (0, 0, 0, 2)))

    def end(self, words: str, *, ok: bool) -> None:
        """The last sentence."""
        self.heading(words, "bold green" if ok else "bold red")

    def _print(self, what: Text | Padding, *, soft_wrap: bool = False) -> None:
        """Print; where it goes into a file, without the blanks that fill up lines."""
        if self._console.is_terminal:
            self._console.print(what, soft_wrap=soft_wrap)
            return
        with self._console.capture() as captured:
            self._console.print(what, soft_wrap=soft_wrap)
        self._file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
        self._file.flush()


def body_of(words: str) -> list[str]:
    """The lines of a mail from its greeting to its signature."""
    lines = re.split(r"^-- ?$", words, maxsplit=1, flags=re.MULTILINE)[0].strip().splitlines()
    greeting = next((n for n, line in enumerate(lines) if line.startswith(GREETINGS)), 0)
    return lines[greeting:]


def told_in(words: str) -> str:
    """What a mail tells: its paragraphs between the one that leads to them and the one that says how to answer."""
    paragraphs = [" ".join(each.split()) for each in re.split(r"\n\s*\n", "\n".join(body_of(words)))]
    lead = next((n for n, each in enumerate(paragraphs) if each.endswith(":")), 0)
    return "\n".join(paragraphs[lead + 1 : -1])
