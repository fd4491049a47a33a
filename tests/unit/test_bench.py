"""The bench runs, and tells what it is asked for; no test holds its seconds."""

import io
import json
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from bench.__main__ import WIDTH, main
from bench.profiling import profiled

TINY = ("--size", "20", "--copies", "3")


@pytest.fixture(scope="module")
def told() -> dict[str, list[dict[str, Any]]]:
    """What `python -m bench --json` tells of tiny sizes: rows by title."""
    ended = CliRunner().invoke(main, [*TINY, "--json"], catch_exceptions=False)
    assert ended.exit_code == 0
    return {figures["title"]: figures["rows"] for figures in json.loads(ended.stdout)}


def test_each_record_is_written_once_and_a_quiet_run_writes_nothing(told: dict[str, list[dict[str, Any]]]) -> None:
    steps = {row["step"]: row for row in told["The engine: two services in memory"]}
    assert (steps["first sync"]["records"], steps["first sync"]["writes per record"]) == (20, 1)
    assert (steps["1 % changed"]["records"], steps["1 % changed"]["writes per record"]) == (1, 1)
    assert {steps[name]["writes"] for name in ("the run after", "quiet run", "its echo", "full compare")} == {0}


def test_the_store_keeps_two_copies_of_each_requirement(told: dict[str, list[dict[str, Any]]]) -> None:
    (row,) = told["The store after all steps"]
    assert {"bindings 2", "entities 1"} <= set(row["rows by table"].split(", "))
    assert row["bytes each"] > 0


def test_a_changed_field_costs_one_write_whichever_it_is_and_has_no_echo(told: dict[str, list[dict[str, Any]]]) -> None:
    rows = told["One field changed"]
    fields = {"title", "description", "due", "labels", "assignees", "status"}
    for side in ("jira", "trello"):
        assert {row["field"] for row in rows if row["changed in"] == side} == fields
    assert {(row["write"], row["echo: writes"]) for row in rows} == {(1, 0)}
    assert all(row["all"] == row["poll"] + row["write"] + row["sign-in"] + row["fresh read"] for row in rows)


def test_calls_are_counted_by_operation(told: dict[str, list[dict[str, Any]]]) -> None:
    created = {(row["what"], row["operation"]): row["calls"] for row in told["Creating copies, by operation"]}
    assert created["3 issues to Trello", "POST /1/cards"] == 3
    assert created["3 cards to Jira", "POST /rest/api/3/issue/bulk"] == 1
    assert {row["calls"] for row in told["A quiet run"]} == {1}


async def test_the_profile_names_functions_of_the_hub_and_is_shown_as_a_table() -> None:
    shown = io.StringIO()
    (await profiled(5)).show(Console(file=shown, width=WIDTH))
    assert "hub/sync/run.py" in shown.getvalue()
