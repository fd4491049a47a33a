"""`hub match --from`: a table is read as any spreadsheet saves it, or the line is told that cannot be."""

import codecs
from pathlib import Path
from typing import Any

import pytest

from hub.cli.pairs import read_pairs, save_pairs
from hub.errors import UsageError
from hub.model import Kind
from hub.sync.matching import Pair, Side

Office = Any

HEAD = ["take", "kind", "left connection", "left id", "left title", "right connection", "right id", "right title"]
ROW = ["yes", "requirement", "jira", "10012", "导出, 到 Excel; 快", "trello", "5f0c", "Größe"]
PAIR = Pair(Kind.REQUIREMENT, Side("jira", "10012", "", "导出, 到 Excel; 快"), Side("trello", "5f0c", "", "Größe"))
BARE = "take,kind,left connection,left id,right connection,right id\n"


def table(*rows: list[str], separator: str = ",", ends: str = "\r\n") -> str:
    def cell(text: str) -> str:
        return f'"{text}"' if any(sign in text for sign in ',;\t\n"') else text

    return "".join(separator.join(map(cell, row)) + ends for row in rows)


def read(folder: Path, content: str | bytes) -> list[Pair]:
    file = folder / "pairs.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_pairs(file)


def refused(folder: Path, content: str | bytes) -> str:
    with pytest.raises(UsageError) as error:
        read(folder, content)
    return str(error.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_separator_and_encoding_of_a_spreadsheet_is_read(tmp_path: Path, separator: str, encoding: str) -> None:
    assert read(tmp_path, table(HEAD, ROW, separator=separator).encode(encoding)) == [PAIR]


def test_unicode_text_of_the_other_order_of_bytes_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, codecs.BOM_UTF16_BE + table(HEAD, ROW).encode("utf-16-be")) == [PAIR]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_any_end_of_lines_is_read(tmp_path: Path, ends: str) -> None:
    assert read(tmp_path, table(HEAD, ROW, ends=ends)) == [PAIR]


def test_names_of_columns_are_taken_in_capitals_and_empty_lines_passed_over(tmp_path: Path) -> None:
    shouted = [name.upper() + " " for name in HEAD]
    assert read(tmp_path, table([""], shouted, ["", " "], ROW, [""] * 12)) == [PAIR]


def test_a_first_line_that_only_tells_the_separator_is_passed_over(tmp_path: Path) -> None:
    assert read(tmp_path, "sep=;\r\n" + table(HEAD, ROW, separator=";")) == [PAIR]


def test_a_title_of_two_lines_does_not_shift_the_lines_that_are_told(tmp_path: Path) -> None:
    two = [*ROW[:4], "one\ntwo", *ROW[5:]]
    wrong = ["yes", "requirment", *ROW[2:]]
    assert "line 4: 'requirment' is no kind" in refused(tmp_path, table(HEAD, two, wrong))
    assert "line 5: 'requirment' is no kind" in refused(tmp_path, "sep=,\r\n" + table(HEAD, two, wrong))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty; its first line has to name the columns take, kind, left connection"),
        ("a|b|c\n1|2|3\n", "line 1: no column has a known name"),
        (BARE.replace(",", "|"), "a comma, a semicolon or a tab between them"),
        (BARE.replace("kind,", ""), "line 1: there is no column 'kind'"),
        (BARE + "yes,requirement,a,1,b,2,3\n", "line 2 has 7 cells, and the first line names 6 columns"),
        (BARE + "no,,,,,\nmaybe,requirement,a,1,b,2\n", "line 3: take is 'maybe'"),
        (BARE + "yes,requirement,a,,b,2\n", "line 2: left id is empty"),
        (BARE + "yes,requirement,a,1\n", "line 2: right connection is empty"),
        (BARE + "yes,requirement,a,5.54023E+17,b,2\n", "line 2: left id is '5.54023E+17', which a spreadsheet made"),
        (BARE + 'yes,requirement,a,1,b,2\nyes,requirement,"a,1,b,2\n', "line 3 cannot be read"),
        (BARE.encode() + b"yes,requirement,a,1,b,\xff\xff\n", "line 2: this is no text in UTF-8, UTF-16 or GB18030"),
        (BARE.encode("utf-16-le"), "line 1: this is no text in"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line_and_what_is_expected(
    tmp_path: Path, content: str | bytes, told: str
) -> None:
    assert told in refused(tmp_path, content)


def test_a_file_that_is_not_there_is_an_error_and_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_pairs(tmp_path / "nowhere.csv")


def test_a_long_number_is_saved_so_that_no_spreadsheet_rounds_it(tmp_path: Path) -> None:
    sides = [Side("zoho", "554023000000101021", "", "=1+1"), Side("jira", "10012", "", "123456789012")]
    save_pairs(tmp_path / "pairs.csv", [Pair(Kind.REQUIREMENT, *sides, score=0.9, why="same title").as_json()])
    assert "'554023000000101021" in (tmp_path / "pairs.csv").read_text("utf-8-sig")
    (pair,) = read_pairs(tmp_path / "pairs.csv")
    assert (pair.left, pair.right) == (sides[0], sides[1])


def test_a_table_that_takes_nothing_says_so(office: Office) -> None:
    file = office.folder / "pairs.csv"
    file.write_text(BARE + "no,requirement,left,1,right,1\n")
    assert f"No line of {file} says yes." in office.run("match", "delivery", "--from", str(file)).stderr


def test_a_table_that_a_chinese_spreadsheet_saved_ties_its_pairs(office: Office) -> None:
    office.left.add(title="导出到 Excel")
    office.right.add(title="导出到 Excel")
    file = office.folder / "pairs.csv"
    office.run("match", "delivery", "--save", str(file))
    text = file.read_text("utf-8-sig").replace("yes,", "是,").replace(",", ";")
    file.write_bytes(text.encode("gb18030"))
    (pair,) = office.json("match", "delivery", "--from", str(file), "--apply")
    assert pair["left"]["title"] == "导出到 Excel"
