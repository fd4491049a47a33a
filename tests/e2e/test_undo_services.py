"""An undo over real protocols: an issue and a card show again what they showed before the run, in their own values."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_jira.sandbox import JiraSandbox
from hub_trello.sandbox import TrelloSandbox

from hub.sync import Report
from tests.e2e.bench import Clock, Workbench, workbench
from tests.e2e.test_concurrent_edits import PANEL, document, pair, pass_time

BOTH_EDITIONS = True


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    clock = Clock()
    with workbench(tmp_path, JiraSandbox(now=clock), TrelloSandbox(now=clock)) as bench:
        bench.clock = clock
        yield bench


async def undo(bench: Workbench, run: Report, **how: Any) -> Report:
    pass_time(bench)
    with bench.hub() as hub:
        return await hub.undo(run.run, **how)


async def is_quiet(bench: Workbench) -> bool:
    pass_time(bench)
    return [(await bench.sync(full=full)).writes for full in (False, True)] == [0, 0]


def shown_card(bench: Workbench, number: str) -> dict[str, Any]:
    card = bench.card(number)
    return {name: card[name] for name in ("name", "desc", "due", "names", "list")}


def shown_issue(bench: Workbench, number: str) -> dict[str, Any]:
    issue = bench.issue(number)
    return {
        **{name: issue[name] for name in ("summary", "description", "labels", "duedate")},
        "status": issue["status"]["name"],
    }


async def test_a_card_goes_back_to_what_it_was_before_an_issue_was_edited(bench: Workbench) -> None:
    issue, card = await pair(bench, labels=["erp"], duedate="2026-12-01", description=document("It fails"))
    bench.edit_card(card, due="2026-12-01T16:45:00.000Z")
    await bench.sync()
    pass_time(bench)
    before = shown_card(bench, card)
    bench.edit_issue(issue, summary="Order 43", description=document("Always"), labels=["shop"], duedate=None)
    bench.move_issue(issue, "Start work")
    run = await bench.sync()
    assert shown_card(bench, card) != before
    assert (await undo(bench, run)).outcome == "problems"
    assert shown_card(bench, card) == before
    assert bench.issue(issue)["summary"] == "Order 43"
    assert await is_quiet(bench)
    await undo(bench, run, everywhere=True)
    assert bench.issue(issue)["summary"] == "Order 42 fails"
    assert bench.issue(issue)["status"]["name"] == "To Do"
    assert await is_quiet(bench)


async def test_an_issue_goes_back_with_its_panel_and_its_status(bench: Workbench) -> None:
    issue, card = await pair(bench, labels=["erp"], description=document("It fails", PANEL))
    before = shown_issue(bench, issue)
    bench.edit_card(card, name="Order 43", desc="Something else", names=["client"], due="2026-12-24T09:30:00.000Z")
    bench.edit_card(card, list="Done")
    run = await bench.sync()
    assert shown_issue(bench, issue) != before
    report = await undo(bench, run)
    assert shown_issue(bench, issue) == before, report.problems
    assert await is_quiet(bench)


async def test_a_card_that_the_run_made_is_deleted(bench: Workbench) -> None:
    bench.new_issue("Order 42 fails")
    run = await bench.sync()
    (copy,) = bench.copies()
    report = await undo(bench, run)
    assert (report.outcome, report.writes) == ("done", 1), report.problems
    assert "trello" not in bench.copies()[0] or bench.copies()[0]["trello"] != copy["trello"]
    assert await is_quiet(bench)
