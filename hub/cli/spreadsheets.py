"""Tables as spreadsheets save them: in the encoding and with the separator of whatever country they are set to."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from hub.errors import UsageError

SPREADSHEETS = "utf-8-sig"
"""With the mark by which spreadsheets know UTF-8."""
MARKS = (
    (codecs.BOM_UTF8, SPREADSHEETS),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""How a file begins that says its encoding: "CSV UTF-8" and "Unicode text" of Excel."""
UNMARKED = ("utf-8", "gb18030")
"""What a file may be in that does not say it; GB18030 is what Chinese Windows saves as CSV."""
SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
HINT = "sep="
"""How a first line begins that only tells Excel the separator."""
SAVED = "save it as CSV in UTF-8"

Row = dict[str, str]


def read_table(file: Path, needed: Sequence[str]) -> list[tuple[int, Row]]:
    """The rows of a table that has the columns *needed*, each with the number of its line and its cells by column.

    Which separator it is, the names of the columns say. Empty rows are left out; names of columns are taken whatever
    their capitals.

    Raises:
        UsageError: It cannot be read, or lacks a column, or a row does not fit; all but the first name the line.
    """
    text = _text(file)
    first, _, rest = text.partition("\n")
    before = 1 if first.casefold().startswith(HINT) else 0
    text = rest if before else text
    separator = max(SEPARATORS, key=lambda each: len(set(needed) & set(_columns(text, each))))
    columns = _columns(text, separator)
    if missing := [name for name in needed if name not in columns]:
        raise UsageError(
            _lacking(file, missing, needed, columns), fix="keep the first line as hub match --save wrote it"
        )
    return list(_rows(text, separator, columns, before))


def _text(file: Path) -> str:
    """What a file says. Raises UsageError."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}", fix="name a file that is there") from None
    marked = [encoding for mark, encoding in MARKS if content.startswith(mark)]
    for encoding in marked or UNMARKED:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    line = content[: _end_of_sense(content)].count(b"\n") + 1
    raise UsageError(f"{file}, line {line}: this is no text in UTF-8, UTF-16 or GB18030", fix=SAVED)


def _end_of_sense(content: bytes) -> int:
    """Where what cannot be UTF-8 text begins."""
    try:
        return content.decode().index("\0")
    except UnicodeDecodeError as error:
        return error.start
    except ValueError:
        return 0


def _columns(text: str, separator: str) -> list[str]:
    """The cells of the first row, as names of columns."""
    try:
        first = next((row for row in csv.reader(_lines(text), delimiter=separator) if _says_something(row)), [])
    except csv.Error:
        return []
    return [" ".join(cell.split()).casefold() for cell in first]


def _lacking(file: Path, missing: Sequence[str], needed: Sequence[str], columns: Sequence[str]) -> str:
    if len(missing) < len(needed):
        return f"{file}, line 1: there is no column {missing[0]!r}"
    if not any(columns):
        return f"{file} is empty; its first line has to name the columns {', '.join(needed)}"
    return (
        f"{file}, line 1: no column has a known name; there have to be {', '.join(needed)},"
        f" with {', '.join(list(SEPARATORS.values())[:-1])} or {list(SEPARATORS.values())[-1]} between them"
    )


def _rows(text: str, separator: str, columns: Sequence[str], before: int) -> Iterator[tuple[int, Row]]:
    """Every row below the first that is not empty, with the line on which it begins. Raises UsageError, csv.Error."""
    reader = csv.reader(_lines(text), delimiter=separator, strict=True)
    seen, number = False, before + 1
    try:
        for row in reader:
            begins, number = number, before + reader.line_num + 1
            if seen and _says_something(row):
                yield begins, _by_column(row, columns, begins, separator)
            seen = seen or _says_something(row)
    except csv.Error as error:
        raise UsageError(f"line {number} cannot be read: {error}", fix=SAVED) from None


def _by_column(row: list[str], columns: Sequence[str], number: int, separator: str) -> Row:
    if _says_something(row[len(columns) :]):
        raise UsageError(
            f"line {number} has {len(row)} cells, and the first line names {len(columns)} columns",
            fix=f"put quotes around a cell that has {SEPARATORS[separator]} in it",
        )
    return dict(zip(columns, [*row, *[""] * len(columns)], strict=False))


def _lines(text: str) -> io.StringIO:
    return io.StringIO(text, newline="")


def _says_something(row: Sequence[str]) -> bool:
    return any(cell.strip() for cell in row)
