"""What goes wrong with a service stays with it: the report says what happened and what to do, and nothing is lost or doubled."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.sdk.http import Network
from hub.sync import Report
from tests.e2e.bench import Workbench, counts, no_wait, workbench

COUNT = 220
"""More than two pages of Jira's search, and more changed cards than are asked for one by one."""

BOTH_EDITIONS = True


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as bench:
        bench.network = Network(sleep=no_wait, jitter=lambda: 0.0)
        yield bench


async def settled(bench: Workbench) -> None:
    """A run that leaves nothing, after which there is nothing to do."""
    report = await bench.sync()
    assert (report.outcome, report.exit_code, report.problems) == ("done", 0, ())
    again = await bench.sync()
    assert (again.outcome, again.writes) == ("done", 0), again.problems


def problem_of(report: Report, spoke: str) -> str:
    """The only problem of a report, which is that spoke's."""
    (problem,) = report.problems
    assert problem["spoke"] == spoke, report.problems
    return str(problem["message"])


def state_of(bench: Workbench, connection: str) -> str:
    with bench.hub() as hub:
        return str(hub.status()["syncs"]["delivery"]["connections"][connection]["state"])


async def in_step(bench: Workbench, count: int = 3) -> list[dict[str, str]]:
    """Requirements on both sides: their keys and ids."""
    for number in range(count):
        bench.new_issue(f"Order {number}")
    await settled(bench)
    return bench.copies()


def titles(bench: Workbench) -> tuple[list[str], list[str]]:
    """What stands in Jira and on the board, in order."""
    issues = [issue["fields"]["summary"] for issue in bench.jira.sandbox.state()["issues"]]
    cards = [card["name"] for card in bench.trello.sandbox.state()["boards"][0]["cards"]]
    return sorted(issues), sorted(cards)


def one_of_each(bench: Workbench, expected: list[str]) -> None:
    assert titles(bench) == (sorted(expected), sorted(expected))
    with bench.hub() as hub:
        assert sorted(each["title"] for each in hub.listing()) == sorted(expected)
        assert all(set(each["bindings"]) == {"jira", "trello"} for each in hub.listing())


@pytest.mark.parametrize("side", ["jira", "trello"])
async def test_a_wrong_token_stops_its_connection_alone_and_a_right_one_heals_it(
    bench: Workbench, side: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await in_step(bench)
    bench.new_issue("From Jira")
    bench.new_card("From Trello")
    tokens = {"jira": next(iter(bench.jira.sandbox.environment())), "trello": "TRELLO_TOKEN"}
    name = tokens[side]
    with monkeypatch.context() as wrong:
        wrong.setenv(name, "wrong")
        report = await bench.sync()
    assert (report.outcome, report.exit_code) == ("problems", 1)
    assert "Next: make a new" in problem_of(report, side)
    assert "wrong" not in problem_of(report, side), "the token is not shown"
    other = {"jira": "trello", "trello": "jira"}[side]
    assert counts(report, other).get("imported") == 1, "the other side was read all the same"
    assert (report.spokes[side]["writes"], "deleted" in counts(report, other)) == (0, False)
    assert (state_of(bench, side), state_of(bench, other)) == ("reconnect", "ok")
    await settled(bench)
    assert state_of(bench, side) == "ok"
    one_of_each(bench, ["Order 0", "Order 1", "Order 2", "From Jira", "From Trello"])


@pytest.mark.parametrize(
    ("side", "setting", "value", "said"),
    [
        ("trello", "board", "5e12f74c693ab359c2059999", "there is no board '5e12f74c693ab359c2059999'"),
        ("jira", "project", "GONE", "project 'GONE' is not there"),
    ],
)
async def test_a_place_that_is_not_there_is_named_with_the_next_step(
    bench: Workbench, side: str, setting: str, value: str, said: str
) -> None:
    await in_step(bench)
    table: dict[str, Any] = {"jira": bench.jira_connection, "trello": bench.trello_connection}[side]
    table[setting] = value
    report = await bench.sync()
    assert (report.outcome, report.exit_code) == ("problems", 1)
    message = problem_of(report, side)
    assert said in message
    assert f"Next: set {'board' if side == 'trello' else 'connections.jira.project'} to" in message
    del table[setting]
    await settled(bench)
    one_of_each(bench, ["Order 0", "Order 1", "Order 2"])


async def test_a_project_that_was_deleted_takes_nothing_with_it(bench: Workbench) -> None:
    await in_step(bench)
    site = bench.jira.sandbox.site  # type: ignore[attr-defined]
    (number,) = [number for number, project in site.projects.items() if project.key == "ACME"]
    projects, issues = dict(site.projects), dict(site.issues)
    del site.projects[number]
    site.issues.clear()
    report = await bench.sync()
    assert (report.outcome, report.exit_code) == ("problems", 1)
    assert "project 'ACME' is not there" in problem_of(report, "jira")
    assert len(titles(bench)[1]) == 3
    site.projects.update(projects)
    site.issues.update(issues)
    await settled(bench)
    one_of_each(bench, ["Order 0", "Order 1", "Order 2"])


async def test_a_status_without_a_name_blocks_that_field_only_until_the_config_is_mended(bench: Workbench) -> None:
    del bench.trello_spoke["status"]["otherwise"], bench.trello_spoke["status"]["review"]
    (pair, *_) = await in_step(bench, 1)
    bench.edit_issue(pair["jira"], summary="Order 0!")
    bench.edit_card(pair["trello"], list="Review", due="2026-12-01T12:00:00.000Z")
    report = await bench.sync()
    assert (report.outcome, report.exit_code) == ("problems", 1)
    assert problem_of(report, "trello").startswith("status: list 'Review'")
    assert bench.card(pair["trello"])["name"] == "Order 0!"
    assert bench.card(pair["trello"])["list"] == "Review"
    assert (bench.issue(pair["jira"])["duedate"], bench.issue(pair["jira"])["status"]["name"]) == (
        "2026-12-01",
        "To Do",
    )
    again = await bench.sync()
    assert (again.outcome, again.writes) == ("problems", 0)
    bench.trello_spoke["status"]["review"] = "Review"
    await settled(bench)
    assert bench.issue(pair["jira"])["status"]["name"] == "In Review"


async def test_a_status_that_cannot_be_written_blocks_that_field_only(bench: Workbench) -> None:
    del bench.trello_spoke["status"]["otherwise"], bench.trello_spoke["status"]["review"]
    (pair, *_) = await in_step(bench, 1)
    bench.edit_issue(pair["jira"], summary="Order 0!")
    bench.move_issue(pair["jira"], "Start work", "Ask for review")
    report = await bench.sync()
    assert (report.outcome, report.exit_code) == ("problems", 1)
    assert problem_of(report, "trello").startswith("status: review has no")
    assert (bench.card(pair["trello"])["name"], bench.card(pair["trello"])["list"]) == ("Order 0!", "Backlog")
    again = await bench.sync()
    assert (again.outcome, again.writes) == ("problems", 0)
    bench.trello_spoke["status"]["review"] = "Review"
    await settled(bench)
    assert bench.card(pair["trello"])["list"] == "Review"


@pytest.mark.parametrize("side", ["jira", "trello"])
async def test_when_one_service_is_down_the_other_is_read_and_nothing_is_deleted(bench: Workbench, side: str) -> None:
    await in_step(bench)
    bench.new_issue("From Jira")
    bench.new_card("From Trello")
    service, other = (bench.jira, "trello") if side == "jira" else (bench.trello, "jira")
    bench.faults(service, errors={"status": 503, "share": 1.0})
    for imported in (1, None):
        report = await bench.sync(full=imported is None)
        assert (report.outcome, report.exit_code) == ("problems", 1)
        assert "failed with 503" in problem_of(report, side)
        assert "Next: it is tried again with the next sync" in problem_of(report, side)
        assert counts(report, other).get("imported") == imported
        assert not {"deleted", "failed"} & set(counts(report, other))
    assert (state_of(bench, side), state_of(bench, other)) == ("down", "ok")
    bench.faults(service)
    await settled(bench)
    one_of_each(bench, ["Order 0", "Order 1", "Order 2", "From Jira", "From Trello"])


async def test_when_both_services_are_down_the_run_failed(bench: Workbench) -> None:
    await in_step(bench)
    for service in (bench.jira, bench.trello):
        bench.faults(service, errors={"status": 502, "share": 1.0})
    report = await bench.sync()
    assert (report.outcome, report.exit_code, len(report.problems)) == ("failed", 3, 2)
    for service in (bench.jira, bench.trello):
        bench.faults(service)
    await settled(bench)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_storms_over_several_runs_leave_no_duplicate_and_lose_nothing(bench: Workbench, seed: int) -> None:
    expected = [f"Order {number}" for number in range(8)]
    pairs = await in_step(bench, 8)
    for service in (bench.jira, bench.trello):
        service.sandbox.random.seed(seed)
    for round_ in range(4):
        for service in (bench.jira, bench.trello):
            bench.faults(service)
        at = round_ * 2
        bench.edit_issue(pairs[at]["jira"], summary=f"Order {at} by Jira", duedate="2026-12-24")
        bench.edit_card(pairs[at + 1]["trello"], name=f"Order {at + 1} by Trello", list="Doing", names=["client"])
        expected[at], expected[at + 1] = f"Order {at} by Jira", f"Order {at + 1} by Trello"
        for number in range(6):
            expected += [f"Issue {round_}.{number}", f"Card {round_}.{number}"]
            bench.new_issue(f"Issue {round_}.{number}", labels=["erp"])
            bench.new_card(f"Card {round_}.{number}", list_name="Doing")
        for service in (bench.jira, bench.trello):
            bench.faults(
                service,
                errors={"status": 503, "share": 0.1},
                drop_after_commit={"share": 0.1},
                disconnect={"share": 0.05},
            )
        await bench.sync()
    for service in (bench.jira, bench.trello):
        bench.faults(service)
    await bench.sync()
    await settled(bench)
    one_of_each(bench, expected)
    all_equal(bench, pairs)


def all_equal(bench: Workbench, edited: list[dict[str, str]]) -> None:
    for each in bench.copies():
        issue, card = bench.issue(each["jira"]), bench.card(each["trello"])
        assert issue["summary"] == card["name"]
        assert sorted(issue["labels"]) == card["names"]
        assert (issue["status"]["name"], card["list"]) in {("To Do", "Backlog"), ("In Progress", "Doing")}
        assert not card["name"].startswith("Card") or card["list"] == "Doing", "where it was made"
        assert not card["name"].startswith("Issue") or card["names"] == ["erp"]
    for each in edited[0:8:2]:
        assert bench.card(each["trello"])["due"].startswith("2026-12-24")
    for each in edited[1:8:2]:
        assert bench.issue(each["jira"])["status"]["name"] == "In Progress"
        assert bench.issue(each["jira"])["labels"] == ["client"]


async def a_lost_create(bench: Workbench) -> tuple[str, str]:
    """A card on `Doing` whose issue was made without an answer, and so without its status: both ids."""
    await in_step(bench, 1)
    card = bench.new_card("Lost", list_name="Doing")
    bench.faults(bench.jira, errors={"status": 503, "share": 1.0})
    await bench.sync()
    bench.faults(bench.jira, drop_after_commit={"share": 1.0})
    with bench.hub() as hub:
        report = await hub.spread("REQ-2")
    assert (report.outcome, report.exit_code) == ("problems", 1)
    assert "It is looked for before it is made again" in problem_of(report, "jira")
    bench.faults(bench.jira)
    (issue,) = [i["id"] for i in bench.jira.sandbox.state()["issues"] if i["fields"]["summary"] == "Lost"]
    assert bench.issue(issue)["status"]["name"] == "To Do"
    return issue, card


@pytest.mark.parametrize("found_by", ["reading", "looking"])
async def test_a_create_that_was_broken_off_half_way_is_found_and_completed(bench: Workbench, found_by: str) -> None:
    issue, card = await a_lost_create(bench)
    if found_by == "looking":
        with bench.hub() as hub:
            await hub.spread("REQ-2")
    assert (await bench.sync()).outcome == "done"
    await settled(bench)
    assert bench.issue(issue)["status"]["name"] == "In Progress"
    assert bench.card(card)["list"] == "Doing"
    one_of_each(bench, ["Order 0", "Lost"])
    with bench.hub() as hub:
        assert [each["who"] for each in hub.history("REQ-2")] == ["Ana Lima"] * len(hub.history("REQ-2"))


@pytest.mark.parametrize("found_by", ["reading", "looking"])
async def test_what_people_edited_in_a_lost_copy_before_it_was_found_is_an_edit(
    bench: Workbench, found_by: str
) -> None:
    issue, card = await a_lost_create(bench)
    bench.edit_issue(issue, 1, summary="Lost and found", labels=["erp"])
    bench.move_issue(issue, "Start work", "Ask for review", person=1)
    if found_by == "looking":
        with bench.hub() as hub:
            await hub.spread("REQ-2")
    assert (await bench.sync()).outcome == "done"
    await settled(bench)
    shown = bench.card(card)
    assert (shown["name"], shown["names"], shown["list"]) == ("Lost and found", ["erp"], "Review")
    assert bench.issue(issue)["status"]["name"] == "In Review"
    with bench.hub() as hub:
        assert hub.blame("REQ-2")["status"]["who"] == "李伟"


@pytest.mark.parametrize("side", ["jira", "trello"])
async def test_a_reading_that_breaks_off_half_way_is_completed_by_the_next_run(bench: Workbench, side: str) -> None:
    bench.network = Network(sleep=no_wait, jitter=lambda: 0.0, attempts=1)
    expected = [f"Order {number}" for number in range(COUNT)]
    (bench.new_issues if side == "jira" else bench.new_cards)(expected)
    service = bench.jira if side == "jira" else bench.trello
    service.sandbox.random.seed(5)
    broken = 0
    for _ in range(12):
        bench.faults(service, disconnect={"share": 0.4})
        report = await bench.sync()
        broken += report.outcome == "problems"
    assert broken > 2
    bench.faults(service)
    await bench.sync()
    await settled(bench)
    one_of_each(bench, expected)
