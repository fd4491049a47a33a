"""What a run costs, counted by the services themselves: a quiet one next to nothing, a change what it needs and no more."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.sdk.http import Network
from tests.e2e.bench import Workbench, no_wait, workbench

V3 = "/rest/api/3"
SIGN_IN = {
    "jira": {f"GET {V3}/myself", f"GET {V3}/project/{{projectIdOrKey}}"},
    "trello": {"GET /1/members/{id}", "GET /1/boards/{id}"},
}
"""Two calls of every run: whose account it is, and where it leads."""
SEARCH, BULK, FETCH = f"POST {V3}/search/jql", f"POST {V3}/issue/bulk", f"POST {V3}/issue/bulkfetch"
HOP = f"POST {V3}/issue/{{issueIdOrKey}}/transitions"
POLL = {"jira": SEARCH, "trello": "GET /1/batch"}
READS = {SEARCH, FETCH}
MANY = 500


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as bench:
        bench.network = Network(sleep=no_wait)
        yield bench


def asked(bench: Workbench) -> dict[str, Counter[str]]:
    """The calls of each service since the last time of asking, less those that every run begins with."""
    counted = {"jira": bench.calls(bench.jira), "trello": bench.calls(bench.trello)}
    for name, calls in counted.items():
        assert all(calls.get(call, 1) == 1 for call in SIGN_IN[name]), calls
    return {
        name: Counter({c: n for c, n in calls.items() if c not in SIGN_IN[name]}) for name, calls in counted.items()
    }


async def run(bench: Workbench) -> dict[str, Counter[str]]:
    """What one run asks of each service, which leaves nothing."""
    asked(bench)
    report = await bench.sync()
    assert (report.outcome, report.problems) == ("done", ())
    counted = asked(bench)
    for name, calls in counted.items():
        assert report.spokes[name]["calls"] == calls.total() + len(SIGN_IN[name]), "the report counts the same"
    return counted


QUIET = {name: Counter({call: 1}) for name, call in POLL.items()}


def test_a_write_of_trello_is_known_by_its_method() -> None:
    assert _writes(Counter({"POST /1/cards": 2, "GET /1/batch": 1, SEARCH: 1, HOP: 1})) == 3


def _writes(calls: Counter[str]) -> int:
    return sum(n for call, n in calls.items() if not call.startswith("GET ") and call not in READS)


async def in_step(bench: Workbench) -> dict[str, str]:
    """A requirement on both sides, in step and quiet: its ids."""
    for number in range(3):
        bench.new_issue(f"Order {number}", labels=["erp"], duedate="2026-12-01")
    await run(bench)
    bench.label("client")
    await run(bench)
    assert await run(bench) == QUIET
    return bench.copies()[0]


async def test_a_quiet_run_costs_one_call_on_each_side_however_often_it_comes(bench: Workbench) -> None:
    await in_step(bench)
    for _ in range(3):
        assert await run(bench) == QUIET


async def test_five_hundred_issues_reach_trello_with_one_write_each(bench: Workbench) -> None:
    bench.new_issues([f"Order {number}" for number in range(MANY)])
    begun = time.monotonic()
    first = await run(bench)
    assert time.monotonic() - begun < 60
    assert first["jira"] == {SEARCH: MANY // 100}
    assert _writes(first["trello"]) == first["trello"]["POST /1/cards"] == MANY
    assert first["trello"].total() <= MANY + 4
    await comes_to_rest(bench)
    assert len(bench.copies()) == MANY


async def test_five_hundred_cards_reach_jira_in_ten_creates_and_the_transitions_that_are_needed(
    bench: Workbench,
) -> None:
    bench.new_cards([f"Order {number}" for number in range(MANY - 20)])
    bench.new_cards([f"Order {number}" for number in range(MANY - 20, MANY)], list_name="Doing")
    first = await run(bench)
    assert first["jira"][BULK] <= 10
    assert first["jira"][HOP] == 20
    assert _writes(first["jira"]) == first["jira"][BULK] + 20
    assert first["jira"].total() <= 10 + 20 + 10 + 6
    assert first["trello"].total() <= 3
    await comes_to_rest(bench)
    assert len(bench.copies()) == MANY


async def comes_to_rest(bench: Workbench) -> None:
    """The run after many creates reads, by the page, what it does not know yet, and writes nothing; the next is quiet."""
    second = await run(bench)
    assert _writes(second["jira"]) == _writes(second["trello"]) == 0
    assert second["jira"].total() <= 1 + MANY // 100
    assert second["trello"].total() <= 3
    assert await run(bench) == QUIET


IN_JIRA: list[dict[str, Any]] = [
    {"summary": "Order 0!"},
    {"description": {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": []}, {"type": "rule"}]}},
    {"duedate": "2026-12-24"},
    {"duedate": None},
    {"labels": ["erp", "client"]},
    {"labels": []},
    {"summary": "Order 0!", "duedate": "2026-12-24", "labels": ["client"]},
]
IN_TRELLO: list[dict[str, Any]] = [
    {"name": "Order 0!"},
    {"desc": "It **fails**"},
    {"due": "2026-12-24T12:00:00.000Z"},
    {"due": None},
    {"names": ["erp", "client"]},
    {"names": []},
    {"list": "Doing"},
    {"name": "Order 0!", "desc": "It **fails**", "due": None, "names": ["client"]},
]


async def test_a_field_changed_in_jira_costs_a_fresh_read_and_a_write_in_trello(bench: Workbench) -> None:
    copy = await in_step(bench)
    for fields in IN_JIRA:
        bench.edit_issue(copy["jira"], **fields)
        await costs_two_calls(bench, "trello", fields)
    bench.move_issue(copy["jira"], "Start work")
    await costs_two_calls(bench, "trello", "status")


async def test_a_field_changed_in_trello_costs_a_fresh_read_and_a_write_in_jira(bench: Workbench) -> None:
    copy = await in_step(bench)
    for fields in IN_TRELLO:
        bench.edit_card(copy["trello"], **fields)
        await costs_two_calls(bench, "jira", fields)


async def costs_two_calls(bench: Workbench, side: str, change: object) -> None:
    calls = (await run(bench))[side]
    calls.subtract({POLL[side]: 1})
    assert _writes(calls) == 1, (change, calls)
    assert calls.total() == 2, (change, calls)
    again = await run(bench)
    assert _writes(again["jira"]) == _writes(again["trello"]) == 0
    assert await run(bench) == QUIET, change
