"""The bench measures what it says it does; no test holds its seconds, only counts and what follows from them."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from bench.__main__ import WIDTH, main
from bench.apis import APIS, why
from bench.beside import Pair
from bench.memory import AIM, peak
from bench.profiling import profiled
from bench.rest import SPOKES
from bench.shelf import FileShelf, MemoryShelf, Shelf
from bench.stand import Stand

SMALL, LARGE, COPIES = 50, 200, 3
TINY = ("--size", str(SMALL), "--size", str(LARGE), "--copies", str(COPIES))
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def told() -> dict[str, Rows]:
    """What `python -m bench --json` tells of tiny sizes: rows by title."""
    ended = CliRunner().invoke(main, [*TINY, "--json"], catch_exceptions=False)
    assert ended.exit_code == 0
    return {figures["title"]: figures["rows"] for figures in json.loads(ended.stdout)}


def of(rows: Rows, column: str, value: object) -> Rows:
    return [row for row in rows if row[column] == value]


# Beside vdirsyncer.


async def test_both_carry_everything_to_the_other_side_and_no_change_is_left_behind(tmp_path: Path) -> None:
    pair, stand = Pair(tmp_path), Stand(tmp_path)
    await pair.fill(SMALL)
    stand.fill(SMALL)
    for _ in range(2):
        await pair.sync()
        await stand.sync()
        items = [{href: item.raw for href, (_, item) in side.items.items()} for side in (pair.left, pair.right)]
        assert (len(items[0]), items[0]) == (SMALL, items[1])
        shown = [[item.fields for item in shelf.after(0, 2 * SMALL)] for shelf in stand.shelves]
        titles = [sorted(fields["title"] for fields in side) for side in shown]
        assert (len(titles[0]), titles[0]) == (SMALL, titles[1])
        await pair.edit(5)
        stand.edit(5)


def test_vdirsyncer_looks_at_everything_in_every_pass_and_the_hub_only_at_what_changed(told: dict[str, Rows]) -> None:
    rows = {(row["requirements"], row["step"]): row for row in told["Beside vdirsyncer: what is asked and kept"]}
    for size in (SMALL, LARGE):
        first, quiet, some, full = (
            rows[size, step] for step in ("first sync", "nothing to do", "1 % changed", "full compare")
        )
        assert (first["vdirsyncer calls"], first["vdirsyncer records seen"]) == (size + 3, 2 * size)
        assert (first["hub calls"], first["hub records seen"]) == (5, size)
        assert (quiet["vdirsyncer calls"], quiet["vdirsyncer records seen"]) == (2, 2 * size)
        assert (quiet["hub calls"], quiet["hub records seen"]) == (4, 0)
        changed = max(1, size // 100)
        assert (some["vdirsyncer calls"], some["vdirsyncer records seen"]) == (3 + changed, 2 * size + changed)
        assert (some["hub calls"], some["hub records seen"]) == (6, 2 * changed)
        assert full["vdirsyncer records seen"] == full["hub records seen"] == 2 * size
        assert min(first["vdirsyncer bytes each"], first["hub bytes each"]) > 0


def test_a_ratio_above_one_means_that_the_hub_was_the_faster(told: dict[str, Rows]) -> None:
    for row in told["Beside vdirsyncer: time"]:
        assert row["theirs / ours"] == pytest.approx(row["vdirsyncer s"] / row["hub s"], abs=0.01)
        assert 0 < row["hub's own s"] <= row["hub s"]


# Three spokes at rest.


def test_each_copy_is_written_once_and_a_quiet_run_asks_each_spoke_once_and_writes_nothing(
    told: dict[str, Rows],
) -> None:
    steps = told["Three spokes at rest"]
    assert [row["writes per record"] for row in of(steps, "step", "first sync")] == [1, 1]
    assert {(row["calls"], row["writes per record"]) for row in of(steps, "step", "quiet run")} == {(1, 0)}
    for step in ("the run after", "full compare"):
        assert {(row["calls"], row["writes per record"]) for row in of(steps, "step", step)} == {(1, 0)}
    assert [row["records"] for row in of(steps, "step", "full compare")] == [3 * SMALL, 3 * LARGE]


def test_a_quiet_run_and_a_full_compare_keep_as_many_rows_of_few_requirements_as_of_many(told: dict[str, Rows]) -> None:
    steps = told["Three spokes at rest"]
    for step in ("quiet run", "full compare"):
        assert len({row["rows"] for row in of(steps, "step", step)}) == 1


def test_a_change_costs_the_same_calls_and_rows_among_few_requirements_and_among_many(told: dict[str, Rows]) -> None:
    rows = told["Cost grows with changes, not with size"]
    for changed in (1, 10):
        same = of(rows, "changed", changed)
        assert len({(row["calls"], row["rows"]) for row in same}) == 1
        assert {row["writes"] for row in same} == {2 * changed}
    assert {row["echo: writes"] for row in rows} == {0}
    one, ten = (of(rows, "changed", changed)[0] for changed in (1, 10))
    assert ten["calls"] == one["calls"]
    assert ten["rows per change"] < one["rows per change"]
    assert {row["times the smallest"] for row in of(rows, "requirements", SMALL)} == {1}


def test_the_store_keeps_a_tie_for_each_copy_of_a_requirement(told: dict[str, Rows]) -> None:
    for row in told["The store after a first sync"]:
        assert {f"bindings {len(SPOKES)}", "entities 1"} <= set(row["rows by table"].split(", "))
        assert row["bytes each"] > 0


# Memory.


def test_the_peak_of_memory_never_falls_and_is_that_of_the_child_alone(told: dict[str, Rows]) -> None:
    few, many = told["Peak memory"]
    for row in (few, many):
        steps = [row[name] for name in ("after import", "first sync", "quiet run", "full compare", "10 % changed")]
        assert steps == sorted(steps)
        assert 0 < steps[0] < peak() + 1
        assert row["aim"] == AIM


# The services.


def test_a_changed_field_costs_a_look_and_a_write_whichever_it_is_and_has_no_echo(told: dict[str, Rows]) -> None:
    rows = told["One field changed"]
    assert {(row["changed in"], row["field"]) for row in rows} >= {
        (at, field) for at in APIS for field in ("title", "description", "due", "status")
    }
    assert {(row["writes"], row["echo: writes"]) for row in rows} == {(1, 0)}
    for service, reads in {"jira": 1, "trello": 1, "zoho": 1}.items():
        assert {row["reads"] for row in of(rows, "calls to", service)} == {reads}
    assert all(row["why"] for row in rows)


def test_the_parts_of_what_a_service_is_asked_add_up(told: dict[str, Rows]) -> None:
    for title in ("Creating copies", "One field changed", "Many changed at once, one field each"):
        for row in told[title]:
            parts = ("every run", "reads", "writes", "other")
            assert row["all"] == sum(row[part] for part in parts)
            assert all(row[part] >= 0 for part in parts)


def test_copies_are_made_by_the_batch_where_the_service_takes_one(told: dict[str, Rows]) -> None:
    made = {(row["made in"], row["calls to"]): row["writes"] for row in told["Creating copies"]}
    assert made["trello", "jira"] == made["zoho", "jira"] == 1
    assert made["trello", "zoho"] == 1
    assert made["jira", "zoho"] == 2, "and one for the labels"
    assert made["zoho", "trello"] == COPIES
    assert made["jira", "trello"] == COPIES + 1, "and one to make the label"


def test_a_quiet_run_looks_once_at_what_changed_and_otherwise_asks_only_who_and_where(told: dict[str, Rows]) -> None:
    rows = told["A quiet run"]
    for service in ("jira", "trello", "zoho"):
        asked = {row["operation"]: row["calls"] for row in of(rows, "calls to", service)}
        assert sum(asked.values()) <= 3
        assert len(asked.keys() & APIS[service].looks) == 1
        assert not [call for call in asked if APIS[service].is_write(call)]


def test_what_nobody_has_named_is_a_look_at_what_can_be_chosen() -> None:
    assert why("GET /rest/api/3/priority/search") == "what can be chosen there"
    assert why("POST /1/cards") == "a card a call"


def test_a_client_gets_one_mail_for_each_record_and_none_when_nothing_happened(told: dict[str, Rows]) -> None:
    rows = told["A mailbox, and an issue tracker behind it"]
    assert [(row["records"], row["mails out"]) for row in rows] == [(COPIES, COPIES), (0, 0), (1, 1), (0, 0)]
    quiet, echo = rows[1], rows[3]
    assert quiet["by command"] == echo["by command"]
    assert "FETCH" not in quiet["by command"]


# The shelf.


def in_memory(folder: Path) -> Shelf:
    return MemoryShelf("shelf")


def in_a_file(folder: Path) -> Shelf:
    return FileShelf("shelf", folder)


@pytest.fixture(params=[in_memory, in_a_file])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    make: Callable[[Path], Shelf] = request.param
    return make(tmp_path)


def test_a_shelf_shows_what_changed_since_in_the_order_of_the_changes_and_only_its_last_state(shelf: Shelf) -> None:
    shelf.add((None, {"title": title}) for title in "abcd")
    shelf.change([("2", {"title": "B"}), ("1", {"title": "A"}), ("2", {"title": "BB"})])
    assert [(item.id, item.fields["title"]) for item in shelf.after(0, 9)] == [
        ("3", "c"),
        ("4", "d"),
        ("1", "A"),
        ("2", "BB"),
    ]
    assert [item.id for item in shelf.after(0, 2)] == ["3", "4"]
    assert [item.id for item in shelf.after(4, 9)] == ["1", "2"]
    assert shelf.after(shelf.number, 9) == []


def test_a_shelf_changes_only_the_fields_that_are_named_and_gives_a_new_version(shelf: Shelf) -> None:
    (made,) = shelf.add([(None, {"title": "a", "body": "b"})])
    (changed,) = shelf.change([(made.id, {"title": "A"})])
    assert shelf.take([made.id, "77"]) == {made.id: changed}
    assert changed.fields == {"title": "A", "body": "b"}
    assert changed.number > made.number


def test_a_shelf_finds_records_by_their_markers_oldest_first(shelf: Shelf) -> None:
    shelf.add([("m", {}), (None, {}), ("m", {}), ("n", {})])
    shelf.change([("1", {"title": "later"})])
    assert shelf.marked(["m", "x"]) == {"m": ["1", "3"]}


# The profile, and tables.


async def test_the_profiles_name_functions_of_the_hub_and_are_shown_as_tables() -> None:
    shown = io.StringIO()
    for figures in await profiled(5):
        assert any(str(function).startswith("hub/sync/") for function, *_ in figures.rows)
        figures.show(Console(file=shown, width=WIDTH))
    assert "hub/sync/" in shown.getvalue()


def test_a_single_part_is_shown_as_tables() -> None:
    ended = CliRunner().invoke(main, ["--part", "rest", "--size", "5"], catch_exceptions=False)
    assert "Three spokes at rest" in ended.output
    assert "vdirsyncer" not in ended.output
