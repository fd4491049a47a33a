"""Proposed pairs as a table that people edit with their spreadsheet, and back again."""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hub.cli.spreadsheets import SPREADSHEETS, Row, read_table
from hub.errors import UsageError
from hub.model import Kind
from hub.sync.matching import Pair, Side

COLUMNS = (
    *("take", "score", "why", "kind"),
    *("left connection", "left id", "left key", "left title"),
    *("right connection", "right id", "right key", "right title"),
)
SURE = 0.85
"""Pairs from this score on are taken unless somebody says no."""
FORMULAS = frozenset("=+-@")
YES = frozenset({"yes", "y", "1", "true", "是"})
NO = frozenset({"no", "n", "0", "false", "否", "不", ""})
NEEDED = ("take", "kind", "left connection", "left id", "right connection", "right id")
SHOWN_DIGITS = 11
"""Longer numbers Excel shows, and saves, as `5.54023E+17`."""
ROUNDED = re.compile(r"\d([.,]\d+)?[eE]\+\d+")


def save_pairs(file: Path, pairs: Sequence[Mapping[str, Any]]) -> None:
    """Write the table. Raises UsageError."""
    try:
        with file.open("w", encoding=SPREADSHEETS, newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(COLUMNS)
            writer.writerows(_row(pair) for pair in pairs)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}", fix="name another file") from None


def _row(pair: Mapping[str, Any]) -> list[str]:
    take = "yes" if pair["score"] >= SURE else "no"
    sides = [_plain(pair[side][name]) for side in ("left", "right") for name in ("connection", "id", "key", "title")]
    return [take, f"{pair['score']:.2f}", pair["why"], pair["kind"], *sides]


def _plain(value: str | None) -> str:
    """*value* so that no spreadsheet takes it for a formula or a number."""
    text = value or ""
    return f"'{text}" if _is_guarded(text) else text


def _is_guarded(text: str) -> bool:
    """Whether a spreadsheet would make something else of *text*: a formula, or a number without its last digits."""
    return text[:1] in FORMULAS or (len(text) > SHOWN_DIGITS and text.isdecimal())


def read_pairs(file: Path) -> list[Pair]:
    """The pairs that the table says are to be taken. Raises UsageError, which names the line."""
    return [_pair(row, number) for number, row in read_table(file, NEEDED) if _taken(row, number)]


def _taken(row: Row, number: int) -> bool:
    said = row["take"].strip().casefold()
    if said not in YES | NO:
        raise UsageError(f"line {number}: take is {row['take'].strip()!r}", fix="write yes or no")
    return said in YES


def _pair(row: Row, number: int) -> Pair:
    kind = row["kind"].strip().casefold()
    if kind not in set(Kind):
        raise UsageError(f"line {number}: {kind!r} is no kind", fix=f"there are: {', '.join(Kind)}")
    return Pair(Kind(kind), _side(row, "left", number), _side(row, "right", number))


def _side(row: Row, side: str, number: int) -> Side:
    cells = {name: _bare(row.get(f"{side} {name}", "")) for name in ("connection", "id", "key", "title")}
    for name in ("connection", "id"):
        if not cells[name]:
            raise UsageError(f"line {number}: {side} {name} is empty", fix="fill it, or say no in that line")
    if ROUNDED.fullmatch(cells["id"]):
        raise UsageError(
            f"line {number}: {side} id is {cells['id']!r}, which a spreadsheet made of a long number",
            fix="set that column to text before it is filled, or make the table anew with: hub match SYNC --save FILE",
        )
    return Side(cells["connection"], cells["id"], cells["key"], cells["title"])


def _bare(cell: str) -> str:
    """What `_plain` was given."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and _is_guarded(text[1:]) else text
