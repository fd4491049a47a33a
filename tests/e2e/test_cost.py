"""What a run costs, counted by the services themselves: a quiet one next to nothing, a change what it needs and no more."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_trello.sandbox import TrelloSandbox
from hub_zoho_crm.sandbox import ZohoSandbox

from hub.sdk.http import Network
from tests.e2e.bench import Clock, Workbench, done, no_wait, workbench
from tests.e2e.house import House, house

V3 = "/rest/api/3"
SIGN_IN = {
    "jira": Counter({f"GET {V3}/myself": 1}),
    "trello": Counter({"GET /1/batch": 1}),
    "zoho": Counter({"GET /crm/v8/users": 1, "GET /crm/v8/org": 1}),
}
"""What every run begins with: whose account it is, and where it leads. A batch asks Trello both at once. Of Jira no call
tells both; the project's id never changes, so it is asked for once an hour, and until then every query names it."""
ONCE_AN_HOUR = f"GET {V3}/project/{{projectIdOrKey}}"
SEARCH, BULK, FETCH = f"POST {V3}/search/jql", f"POST {V3}/issue/bulk", f"POST {V3}/issue/bulkfetch"
HOP = f"POST {V3}/issue/{{issueIdOrKey}}/transitions"
MODULE, ROW = "/crm/v8/{module_api_name}", "/crm/v8/{module_api_name}/{id}"
POLL = {"jira": SEARCH, "trello": "GET /1/batch"}
READS = {SEARCH, FETCH}
MANY = 500


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as bench:
        bench.network = Network(sleep=no_wait)
        yield bench


def asked(bench: Workbench) -> dict[str, Counter[str]]:
    """The calls of each service since the last time of asking."""
    return {"jira": Counter(bench.calls(bench.jira)), "trello": Counter(bench.calls(bench.trello))}


async def run(bench: Workbench) -> dict[str, Counter[str]]:
    """What one run, which leaves nothing, asks of each service, less what every run begins with."""
    asked(bench)
    report = await bench.sync()
    assert (report.outcome, report.problems) == ("done", ())
    counted = asked(bench)
    assert counted["jira"].pop(ONCE_AN_HOUR, 0) <= 1
    for name, calls in counted.items():
        assert report.spokes[name]["calls"] - calls.total() in (0, 1), "the report counts the same"
        assert calls >= SIGN_IN[name], calls
    return {name: calls - SIGN_IN[name] for name, calls in counted.items()}


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
    # A page of a search shows a hundred issues: an echo of more cannot be known as such without being read.
    assert second["jira"].total() <= 1 + MANY // 100
    assert second["trello"] == QUIET["trello"]
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
    assert await run(bench) == QUIET, f"the echo of {change}"


async def test_the_echo_of_a_write_costs_nothing_however_much_was_written_before(bench: Workbench) -> None:
    """The newest page of Jira is full of what is known: reading ends where that begins."""
    bench.new_issues([f"Order {number}" for number in range(150)])
    await run(bench)
    await run(bench)
    assert await run(bench) == QUIET
    copy = bench.copies()[70]
    bench.edit_card(copy["trello"], name="Parcel")
    changed = await run(bench)
    assert changed["jira"] == {SEARCH: 1, FETCH: 1, f"PUT {V3}/issue/{{issueIdOrKey}}": 1}
    assert changed["trello"] == QUIET["trello"], "a changed card is read with the poll"
    assert await run(bench) == QUIET
    bench.edit_issue(copy["jira"], summary="Packet")
    changed = await run(bench)
    assert changed["jira"] == QUIET["jira"], "a changed issue is read with the poll"
    assert changed["trello"] == {"GET /1/batch": 2, "PUT /1/cards/{id}": 1}
    assert await run(bench) == QUIET


async def test_the_project_is_looked_at_again_after_an_hour(bench: Workbench) -> None:
    clock = bench.clock = Clock()
    for ahead, looks in ((0, 1), (0, 0), (3_700, 1), (0, 0)):
        clock.pass_time(ahead)
        asked(bench)
        await bench.sync()
        assert asked(bench)["jira"][ONCE_AN_HOUR] == looks


# Zoho CRM -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[House]:
    clock = Clock()
    services = {"zoho": ZohoSandbox(now=clock), "trello": TrelloSandbox(now=clock)}
    with house(tmp_path, services, described=False) as home:
        home.clock = clock
        kept = ("requirement", "status")
        home.spokes = {name: {part: table[part] for part in kept} for name, table in home.spokes.items()}
        yield home


async def sales(home: House) -> Counter[str]:
    """What one run, which leaves nothing, asks of Zoho CRM, less what every run begins with."""
    home.calls("zoho")
    report = await home.sync()
    assert (report.outcome, report.problems) == ("done", ())
    calls = Counter(home.calls("zoho"))
    assert calls >= SIGN_IN["zoho"], calls
    return calls - SIGN_IN["zoho"]


async def test_three_hundred_cards_reach_zoho_a_hundred_to_a_call(crm: House) -> None:
    with crm.as_trello() as trello:
        board = crm.services["trello"].connection()["board"]
        (place, *_) = done(trello.get(f"/boards/{board}/lists"))
        cards = [done(trello.post("/cards", json={"name": f"Need {n}", "idList": place["id"]})) for n in range(300)]
    first = await sales(crm)
    assert first[f"POST {MODULE}"] == 3
    assert first[f"GET {MODULE}"] <= 1 + 3, "the poll, and what was made is read back a hundred a call"
    assert _writes(first) - first["POST /oauth/v2/token"] == 3
    # Times count whole seconds: what changed in the last minutes is read again, two hundred a call, and known.
    for _ in range(2):
        assert await sales(crm) == {f"GET {MODULE}": 2}
        crm.clock.pass_time(150)
    assert await sales(crm) == {f"GET {MODULE}": 1}

    # Zoho refuses itself what was changed meanwhile, so nothing is looked at before. The answer to a change shows none of its
    # fields, so it is read back: one call, whatever the number of records. The other reading is the poll.
    with crm.as_trello() as trello:
        done(trello.put(f"/cards/{cards[0]['id']}", json={"name": "Need it"}))
    assert await sales(crm) == {f"GET {MODULE}": 2, f"PUT {ROW}": 1}
    assert await sales(crm) == {f"GET {MODULE}": 1}, "the echo"

    with crm.as_trello() as trello:
        for card in cards[1:51]:
            done(trello.put(f"/cards/{card['id']}", json={"due": "2026-12-24T12:00:00.000Z"}))
    assert await sales(crm) == {f"GET {MODULE}": 2, f"PUT {MODULE}": 1}
    assert await sales(crm) == {f"GET {MODULE}": 1}, "the echo"
