"""A hub.toml that changes while a sync runs, over real protocols: names, fields and the places that connections lead to."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hub_jira.sandbox import JiraSandbox
from hub_zoho_crm.sandbox import ZohoSandbox

from hub.sync import Report
from tests.e2e import editions
from tests.e2e.bench import Workbench, done, workbench
from tests.e2e.house import House, house

EXTERNAL_KEY, TEXT_AREA = "customfield_10201", "customfield_10202"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as opened:
        yield opened


def site(desk: Workbench) -> Any:
    assert isinstance(desk.jira.sandbox, JiraSandbox)
    return desk.jira.sandbox.site


def rename_status(desk: Workbench, old: str, new: str) -> None:
    """An administrator of Jira calls a status otherwise: its issues show it, and were not edited."""
    statuses = site(desk).statuses
    (number,) = [number for number, status in statuses.items() if status.name == old]
    statuses[number] = replace(statuses[number], name=new)


def rename_list(desk: Workbench, old: str, new: str) -> None:
    """Somebody at Trello calls a list otherwise."""
    with desk.as_trello() as trello:
        done(trello.put(f"/lists/{desk.lists()[old]}", params={"name": new}))


def history(desk: Workbench) -> list[Any]:
    with desk.hub() as hub:
        return [hub.history(each["key"]) for each in hub.listing("requirement")]


def statuses(desk: Workbench) -> set[tuple[str, str]]:
    """What each requirement shows in Jira, and in Trello."""
    return {(desk.issue(each["jira"])["status"]["name"], desk.card(each["trello"])["list"]) for each in desk.copies()}


async def test_statuses_and_lists_renamed_there_and_in_the_configuration_are_nobodys_edit(desk: Workbench) -> None:
    issue = desk.new_issue("From Jira")
    desk.move_issue(issue, "Start work")
    desk.new_card("From Trello", list_name="Doing")
    await desk.sync()
    told = history(desk)
    assert statuses(desk) == {("In Progress", "Doing")}
    rename_status(desk, "In Progress", "Implementing")
    rename_list(desk, "Doing", "Working on it")
    desk.jira_spoke["status"]["in_progress"] = "Implementing"
    desk.trello_spoke["status"]["in_progress"] = "Working on it"
    report = await desk.sync()
    assert (report.outcome, report.writes, history(desk)) == ("done", 0, told)
    assert statuses(desk) == {("Implementing", "Working on it")}
    desk.edit_card(desk.copies()[0]["trello"], list="Backlog")
    await desk.sync()
    desk.edit_card(desk.copies()[0]["trello"], list="Working on it")
    assert (await desk.sync()).outcome == "done"
    assert statuses(desk) == {("Implementing", "Working on it")}
    assert (await desk.sync()).writes == 0


async def test_a_status_renamed_in_jira_alone_waits_for_the_configuration(desk: Workbench) -> None:
    del desk.jira_spoke["status"]["otherwise"]["read"]
    issue = desk.new_issue("From Jira")
    desk.move_issue(issue, "Start work")
    await desk.sync()
    rename_status(desk, "In Progress", "Implementing")
    desk.edit_issue(issue, summary="From Jira, edited")
    report = await desk.sync()
    assert report.outcome == "problems"
    assert "name 'Implementing' in syncs.delivery.spokes.jira.status" in report.problems[0]["message"]
    (copy,) = desk.copies()
    assert (desk.card(copy["trello"])["name"], statuses(desk)) == ("From Jira, edited", {("Implementing", "Doing")})
    desk.jira_spoke["status"]["in_progress"] = "Implementing"
    mended = await desk.sync()
    assert (mended.outcome, mended.writes, statuses(desk)) == ("done", 0, {("Implementing", "Doing")})


async def test_names_that_mean_something_else_now_are_written_only_once_somebody_has_seen_it(desk: Workbench) -> None:
    issue = desk.new_issue("From Jira")
    desk.move_issue(issue, "Start work")
    await desk.sync()
    desk.trello_spoke["status"] |= {"in_progress": "Review", "review": "Doing"}
    preview = await desk.sync(dry_run=True)
    (write,) = preview.plan or ()
    assert (write["spoke"], write["fields"]) == ("trello", {"status": {"from": "review", "to": "in_progress"}})
    held = await desk.sync()
    assert (held.outcome, held.writes, statuses(desk)) == ("held", 0, {("In Progress", "Doing")})
    with desk.hub() as hub:
        assert (await hub.approve(held.run)).outcome == "done"
    assert statuses(desk) == {("In Progress", "Review")}
    assert (await desk.sync()).writes == 0


async def test_a_custom_field_replaced_by_another_is_filled_and_the_old_one_is_left_alone(desk: Workbench) -> None:
    desk.jira_spoke["requirement"]["custom"] = {"contract": EXTERNAL_KEY}
    issue = desk.new_issue("With a contract", **{EXTERNAL_KEY: "K-77"})
    desk.new_issue("Without one")
    await desk.sync()
    told = history(desk)
    desk.jira_spoke["requirement"]["custom"] = {"contract": TEXT_AREA}
    held = await desk.sync()
    assert (held.outcome, desk.issue(issue)[TEXT_AREA]) == ("held", None)
    with desk.hub() as hub:
        assert (await hub.approve(held.run)).writes == 1
        assert [hub.detail(each["key"])["fields"]["custom"] for each in hub.listing("requirement")] == [
            {"contract": "K-77"},
            {},
        ]
    assert "K-77" in str(desk.issue(issue)[TEXT_AREA])
    assert desk.issue(issue)[EXTERNAL_KEY] == "K-77"
    assert ((await desk.sync()).writes, history(desk)) == (0, told)


async def test_a_section_that_gets_a_field_of_its_own_moves_there(desk: Workbench) -> None:
    text = "What.\n\n## Background\n\nWhy."
    card = desk.new_card("From Trello", desc=text)
    await desk.sync()
    (copy,) = desk.copies()
    told = history(desk)
    desk.jira_spoke["requirement"]["background"] = TEXT_AREA
    held = await desk.sync()
    assert held.outcome == "held"
    with desk.hub() as hub:
        await hub.approve(held.run)
    shown = desk.issue(copy["jira"])
    assert "Why." in str(shown[TEXT_AREA])
    assert "Why." not in str(shown["description"])
    assert (desk.card(card)["desc"], history(desk)) == (text, told)
    assert (await desk.sync()).writes == 0


async def test_types_left_out_from_now_on_delete_nothing_and_types_taken_in_bring_what_was_there(
    desk: Workbench,
) -> None:
    desk.jira_spoke["requirement"]["types"] = ["Story"]
    desk.new_issue("A story")
    task = desk.new_issue("A task", issuetype={"name": "Task"})
    await desk.sync()
    assert [desk.card(each["trello"])["name"] for each in desk.copies()] == ["A story"]
    desk.jira_spoke["requirement"]["types"] = ["Story", "Task"]
    report = await desk.sync()
    assert (report.outcome, report.spokes["jira"]["writes"]) == ("done", 0)
    (card,) = [each["trello"] for each in desk.copies() if each["jira"] == task]
    desk.jira_spoke["requirement"]["types"] = ["Story"]
    report = await desk.sync()
    assert (report.outcome, report.writes, len(desk.copies())) == ("done", 0, 2)
    assert (desk.card(card)["closed"], desk.issue(task)["summary"]) == (False, "A task")


# Places.


def refused(report: Report, connection: str) -> str:
    """What was said of a connection that leads elsewhere; it took no part."""
    assert report.outcome == "problems"
    assert report.spokes[connection]["writes"] == 0
    (said,) = [problem["message"] for problem in report.problems if problem["spoke"] == connection]
    return str(said)


async def test_another_project_of_jira_is_refused_with_both_places(desk: Workbench) -> None:
    desk.new_card("From Trello")
    await desk.sync()
    (known,) = site(desk).projects.values()
    other = replace(known, id="10777", key="OTHER", name="Another project", last_number=0)
    site(desk).projects[other.id] = other
    desk.jira_connection["project"] = "OTHER"
    desk.new_card("Meanwhile")
    said = refused(await desk.sync(), "jira")
    assert f"leads to {desk.jira.url}/10777 now" in said
    assert f"led to {desk.jira.url}/{known.id} before" in said
    assert "point it back, or give the new place a connection of its own name; then: hub check --live" in said
    assert len(site(desk).issues) == 1
    del desk.jira_connection["project"]
    assert (await desk.sync()).outcome == "done"
    assert len(site(desk).issues) == 2


async def test_another_board_of_trello_is_refused_with_both_places(desk: Workbench) -> None:
    desk.new_issue("From Jira")
    await desk.sync()
    board = desk.trello.connection()["board"]
    with desk.as_trello() as trello:
        other = done(trello.post("/boards/", params={"name": "Another board"}))["id"]
        for member in done(trello.get(f"/boards/{board}/members")):
            trello.put(f"/boards/{other}/members/{member['id']}", params={"type": "admin"})
    desk.trello_connection["board"] = other
    said = refused(await desk.sync(), "trello")
    assert f"/{other} now" in said
    assert f"/{board} before" in said
    del desk.trello_connection["board"]
    report = await desk.sync()
    assert (report.outcome, report.writes) == ("done", 0)


async def test_another_module_of_zoho_is_refused_with_both_places(tmp_path: Path) -> None:
    with house(tmp_path, {"zoho": ZohoSandbox(), "jira": editions.fresh()}) as opened:
        for name, spoke in opened.spokes.items():
            opened.spokes[name] = {part: spoke[part] for part in ("requirement", "status")}
        await elsewhere(opened)


async def elsewhere(opened: House) -> None:
    """Another module of Zoho CRM, and back again."""
    for name in ("client", "requester"):
        del opened.spokes["zoho"]["requirement"]["fields"][name]
    with opened.as_zoho() as zoho:
        done(zoho.post("/Requirements", json={"data": [{"Name": "From Zoho"}]}))
    await opened.sync()
    before = opened.spokes["zoho"]["requirement"]
    opened.spokes["zoho"]["requirement"] = {"originates": True, "creates": True, "module": "Cases"}
    said = refused(await opened.sync(), "zoho")
    assert "/Cases now" in said
    assert "/Requirements before" in said
    opened.spokes["zoho"]["requirement"] = before
    report = await opened.sync()
    assert (report.outcome, report.writes) == ("done", 0)
