"""A whole life of a sync, every request and every answer of it held against the services' own descriptions."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.model import Kind
from hub.sdk.http import Network
from tests.e2e.bench import Workbench, no_wait, workbench
from tests.e2e.spec_deviations import (
    JIRA,
    JIRA_FAMILIES,
    JIRA_STRANGERS,
    TRELLO,
    TRELLO_FAMILIES,
    TRELLO_STRANGERS,
    described,
)

pytestmark = pytest.mark.data

NO_ROBOT = "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077"
"""An account of Jira that nothing can be assigned to."""
DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [
        {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "Why"}]},
        {"type": "panel", "attrs": {"panelType": "note"}, "content": [{"type": "paragraph", "content": []}]},
        {"type": "paragraph", "content": [{"type": "text", "text": "Since May"}]},
    ],
}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    if not (described("jira") and described("trello")):
        pytest.skip("the services' own descriptions are not beside the project (set HUB_SHARED)")
    with workbench(tmp_path) as bench:
        bench.network = Network(sleep=no_wait, jitter=lambda: 0.0)
        members = bench.trello.sandbox.state()["boards"][0]["members"]
        number = {each["username"]: each["id"] for each in members}
        bench.people = {
            "ana@acme.example": {"jira": "5b10ac8d82e05b22cc7d4ef5", "trello": number["analima"]},
            "ben@acme.example": {"jira": NO_ROBOT, "trello": number["benokafor"]},
        }
        bench.rules["title"] = "ask"
        yield bench


async def outcome(bench: Workbench, **more: bool) -> str:
    return (await bench.sync(**more)).outcome


async def test_everything_that_is_said_is_as_the_services_describe_it(bench: Workbench) -> None:
    listened = {name: table for name in ("jira", "trello") if (table := described(name))}
    before = {name: Counter(table.deviations) for name, table in listened.items()}
    issue, card = await made_on_both_sides(bench)
    await edited_in_every_field(bench, issue, card)
    await disagreed_and_agreed(bench, issue, card)
    await asked_what_there_is(bench)
    await lost_and_found(bench)
    await gone_wrong(bench, card)
    await deleted(bench, issue, card)
    for name, entries in {"jira": JIRA, "trello": TRELLO}.items():
        needed = set(listened[name].deviations - before[name])
        assert set(entries) - needed == set(), f"entries of {name} that nobody needs any more"
    called = {name: set(recorder.operations) for name, recorder in bench.recorders.items()}
    assert WANTED["jira"] <= called["jira"]
    assert WANTED["trello"] <= called["trello"]


V3 = "/rest/api/3"
WANTED = {
    "jira": {
        f"GET {V3}/myself",
        f"GET {V3}/project/{{projectIdOrKey}}",
        f"POST {V3}/search/jql",
        f"POST {V3}/issue/bulk",
        f"POST {V3}/issue/bulkfetch",
        f"PUT {V3}/issue/{{issueIdOrKey}}",
        f"GET {V3}/issue/{{issueIdOrKey}}",
        f"POST {V3}/issue/{{issueIdOrKey}}/transitions",
        f"GET {V3}/issue/createmeta/{{projectIdOrKey}}/issuetypes/{{issueTypeId}}",
    },
    "trello": {"GET /batch", "POST /cards", "PUT /cards/{id}", "POST /labels", "GET /boards/{id}/cards/{filter}"},
}
"""The operations that a sync lives by; a test that no longer comes by them shows nothing."""


async def made_on_both_sides(bench: Workbench) -> tuple[str, str]:
    full: dict[str, Any] = {
        "description": DOCUMENT,
        "labels": ["erp"],
        "priority": {"name": "High"},
        "duedate": "2026-12-01",
    }
    issue = bench.new_issue("From Jira", assignee={"accountId": "5b10ac8d82e05b22cc7d4ef5"}, **full)
    started = bench.new_issue("Under way")
    bench.move_issue(started, "Start work", "Ask for review", "Finish")
    bench.new_card("From Trello", list_name="Review", desc="A **card**", due="2026-12-01T09:00:00.000Z")
    assert [await outcome(bench), await outcome(bench), await outcome(bench, full=True)] == ["done"] * 3
    assert len(bench.copies()) == 3
    (copy,) = [each for each in bench.copies() if each["jira"] == issue]
    return issue, copy["trello"]


async def edited_in_every_field(bench: Workbench, issue: str, card: str) -> None:
    bench.edit_issue(
        issue,
        summary="From Jira!",
        description=None,
        labels=["shop"],
        priority={"name": "Low"},
        duedate=None,
        assignee=None,
    )
    bench.move_issue(issue, "Start work")
    assert await outcome(bench) == "done"
    assert (bench.card(card)["name"], bench.card(card)["list"]) == ("From Jira!", "Doing")
    due, start = "2026-12-24T09:00:00.000Z", "2026-12-20T09:00:00.000Z"
    members = [bench.trello.sandbox.state()["boards"][0]["members"][0]["id"]]
    bench.edit_card(card, name="From Jira?", desc="1. One\n2. Two", due=due, start=start, names=["client"], list="Done")
    bench.edit_card(card, idMembers=members)
    assert [await outcome(bench), await outcome(bench)] == ["done"] * 2
    assert bench.issue(issue)["status"]["name"] == "Done"
    bench.edit_card(card, desc="", due=None, start=None, names=[], idMembers=[], list="Backlog")
    assert [await outcome(bench), await outcome(bench)] == ["done"] * 2
    assert bench.issue(issue)["status"]["name"] == "To Do"


async def disagreed_and_agreed(bench: Workbench, issue: str, card: str) -> None:
    bench.edit_issue(issue, summary="By Jira", labels=["from_jira"])
    bench.edit_card(card, name="By Trello", names=["from trello"])
    assert await outcome(bench) == "problems"
    with bench.hub() as hub:
        (conflict,) = hub.conflicts()
        hub.resolve(conflict["id"], take="jira")
        assert (await hub.spread(conflict["key"])).outcome == "done"
    assert await outcome(bench) == "done"
    assert bench.card(card)["names"] == ["from trello", "from_jira"]


async def asked_what_there_is(bench: Workbench) -> None:
    with bench.hub() as hub:
        for name, spoke in hub.sync_named("delivery").spokes.items():
            connector = hub.connector(spoke)
            described_ = await connector.describe()
            await connector.close()
            assert described_.fields[Kind.REQUIREMENT], name
            assert described_.people, name


async def lost_and_found(bench: Workbench) -> None:
    """Creates that were carried out and never answered."""
    for service, new in ((bench.jira, bench.new_card), (bench.trello, bench.new_issue)):
        bench.faults(service, errors={"status": 503, "share": 1.0})
        new(f"Lost on the way to {service.sandbox.name}")
        assert await outcome(bench) == "problems"
        bench.faults(service, drop_after_commit={"share": 1.0})
        with bench.hub() as hub:
            key = max((each["key"] for each in hub.listing()), key=lambda key: int(key.partition("-")[2]))
            assert (await hub.spread(key)).outcome == "problems"
        bench.faults(service)
        assert [await outcome(bench), await outcome(bench)] == ["done"] * 2
    assert [each for each in bench.copies() if len(each) < 3] == []
    made = [each["fields"]["summary"] for each in bench.jira.sandbox.state()["issues"]]
    assert len(made) == len(set(made)) == len(bench.copies())


async def gone_wrong(bench: Workbench, card: str) -> None:
    for service in (bench.jira, bench.trello):
        for faults in ({"rate_limit": {"requests": 1, "per_s": 60}}, {"errors": {"status": 500, "share": 1.0}}):
            bench.faults(service, **faults)
            assert await outcome(bench) == "problems"
            bench.faults(service)
    for table, setting, value in (
        (bench.jira_connection, "project", "GONE"),
        (bench.trello_connection, "board", "5e12f74c693ab359c2059999"),
        (bench.trello_connection, "board", "nowhere1"),
    ):
        table[setting] = value
        assert await outcome(bench) == "problems"
        del table[setting]
    members = bench.trello.sandbox.state()["boards"][0]["members"]
    bench.edit_card(card, idMembers=[each["id"] for each in members if each["username"] == "benokafor"])
    report = await bench.sync()
    assert report.outcome == "problems"
    assert "assignee" in report.problems[0]["message"]
    bench.edit_card(card, idMembers=[])
    assert [await outcome(bench), await outcome(bench)] == ["done"] * 2


async def deleted(bench: Workbench, issue: str, card: str) -> None:
    """One copy of each side goes; the next runs find that out."""
    (other, *_) = [each for each in bench.copies() if each["jira"] != issue]
    with bench.as_jira() as jira, bench.as_trello() as trello:
        assert jira.delete(f"/issue/{issue}").status_code == 204
        assert trello.delete(f"/cards/{other['trello']}").status_code == 200
    bench.edit_card(card, name="Still here")
    bench.edit_issue(other["jira"], summary="Still here too")
    await bench.sync()
    await bench.sync(full=True)
    assert (await bench.sync()).writes == 0
    assert bench.card(card)["name"] == "Still here"


def test_every_deviation_is_told_once_and_with_a_reason() -> None:
    for table in (JIRA, TRELLO, JIRA_STRANGERS, TRELLO_STRANGERS, JIRA_FAMILIES, TRELLO_FAMILIES):
        assert all(len(reason) > 10 for reason in table.values())
    assert not JIRA.keys() & JIRA_STRANGERS.keys()
    assert not TRELLO.keys() & TRELLO_STRANGERS.keys()
