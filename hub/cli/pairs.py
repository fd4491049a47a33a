"""Proposed pairs as a table that people edit with their spreadsheet, and back again."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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
SPREADSHEETS = "utf-8-sig"
"""With the mark by which spreadsheets know UTF-8."""


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
    """*value* so that no spreadsheet takes it for a formula."""
    text = value or ""
    return f"'{text}" if text[:1] in FORMULAS else text


def read_pairs(file: Path) -> list[Pair]:
    """The pairs that the table says are to be taken. Raises UsageError, which names the line."""
    try:
        with file.open(encoding=SPREADSHEETS, newline="") as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file} cannot be read: {error}", fix="save it as CSV in UTF-8") from None
    missing = [name for name in ("take", "kind", "left id", "right id") if rows and name not in rows[0]]
    if missing:
        raise UsageError(f"{file} lacks the column {missing[0]!r}", fix="keep the first line as it was saved")
    return [_pair(row, number) for number, row in enumerate(rows, start=2) if _taken(row)]


def _taken(row: Mapping[str, Any]) -> bool:
    return str(row["take"] or "").strip().casefold() in YES


def _pair(row: Mapping[str, Any], number: int) -> Pair:
    kind = str(row["kind"] or "").strip()
    if kind not in set(Kind):
        raise UsageError(f"line {number}: {kind!r} is no kind", fix=f"there are: {', '.join(Kind)}")
    return Pair(Kind(kind), _side(row, "left"), _side(row, "right"))


def _side(row: Mapping[str, Any], side: str) -> Side:
    return Side(*(_bare(str(row.get(f"{side} {name}") or "")) for name in ("connection", "id", "key", "title")))


def _bare(cell: str) -> str:
    """What `_plain` was given."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULAS else text
