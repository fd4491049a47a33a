"""People edit both copies of a requirement between two runs: nothing is lost, and where they disagree a rule or a person decides."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_jira.sandbox import JiraSandbox
from hub_trello.sandbox import TrelloSandbox

from tests.e2e.bench import Clock, Workbench, workbench

PANEL = {
    "type": "panel",
    "attrs": {"panelType": "warning"},
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Only for the EU"}]}],
}

BOTH_EDITIONS = True


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    clock = Clock()
    with workbench(tmp_path, JiraSandbox(now=clock), TrelloSandbox(now=clock)) as bench:
        bench.clock = clock
        yield bench


async def pair(bench: Workbench, summary: str = "Order 42 fails", **fields: Any) -> tuple[str, str]:
    """A requirement on both sides, in step: the ids of its issue and of its card."""
    issue = bench.new_issue(summary, **fields)
    await settled(bench)
    (copy,) = [each for each in bench.copies() if each["jira"] == issue]
    bench.label("client")
    pass_time(bench)
    return issue, copy["trello"]


def pass_time(bench: Workbench) -> None:
    assert bench.clock
    bench.clock.pass_time(60)


async def settled(bench: Workbench) -> None:
    """A run that leaves nothing, after which there is nothing to do."""
    report = await bench.sync()
    assert (report.outcome, report.problems) == ("done", ())
    again = await bench.sync()
    assert (again.outcome, again.writes) == ("done", 0), again.problems


def document(*blocks: str | dict[str, Any]) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": [paragraph(b) if isinstance(b, str) else b for b in blocks]}


def paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


def words(node: Any) -> list[str]:
    """Every text in a document, in order."""
    if isinstance(node, dict):
        return [node["text"]] if "text" in node else words(node.get("content") or [])
    return [text for each in node for text in words(each)]


async def test_a_title_in_one_place_and_labels_in_the_other_both_survive(bench: Workbench) -> None:
    issue, card = await pair(bench, labels=["erp"])
    bench.edit_issue(issue, summary="Order 43 fails")
    bench.edit_card(card, names=["erp", "client"])
    await settled(bench)
    shown = bench.issue(issue)
    assert (shown["summary"], sorted(shown["labels"])) == ("Order 43 fails", ["client", "erp"])
    assert (bench.card(card)["name"], bench.card(card)["names"]) == ("Order 43 fails", ["client", "erp"])


async def test_every_field_that_is_edited_in_jira_shows_in_trello(bench: Workbench) -> None:
    issue, card = await pair(bench, labels=["erp"], duedate="2026-12-01")
    bench.edit_issue(
        issue,
        summary="Order 43 fails",
        description=document("It fails", "Always"),
        labels=["shop", "erp"],
        duedate="2026-12-24",
        priority={"name": "Highest"},
    )
    bench.move_issue(issue, "Start work", "Ask for review", "Finish")
    await settled(bench)
    shown = bench.card(card)
    assert (shown["name"], shown["desc"], shown["list"]) == ("Order 43 fails", "It fails\n\nAlways", "Done")
    assert (shown["names"], shown["due"][:10]) == (["erp", "shop"], "2026-12-24")
    with bench.hub() as hub:
        fields = hub.detail("REQ-1")["fields"]
    assert (fields["priority"], fields["status"], fields["due"]) == ("critical", "delivered", "2026-12-24")
    bench.edit_issue(issue, duedate=None, description=None, labels=[])
    await settled(bench)
    assert [bench.card(card)[name] for name in ("due", "desc", "names")] == [None, "", []]


async def test_every_field_that_is_edited_in_trello_shows_in_jira(bench: Workbench) -> None:
    issue, card = await pair(bench, labels=["erp"], duedate="2026-12-01")
    bench.edit_card(
        card,
        name="Order 43 fails",
        desc="It **fails**\n\nAlways",
        names=["client"],
        due="2026-12-24T09:30:00.000Z",
        start="2026-12-20T09:30:00.000Z",
        list="Done",
    )
    await settled(bench)
    shown = bench.issue(issue)
    assert (shown["summary"], words(shown["description"])) == ("Order 43 fails", ["It ", "fails", "Always"])
    assert (shown["labels"], shown["duedate"]) == (["client"], "2026-12-24")
    assert (shown["status"]["name"], shown["resolution"]["name"]) == ("Done", "Done")
    with bench.hub() as hub:
        assert hub.detail("REQ-1")["fields"]["start"] == "2026-12-20"
    bench.edit_card(card, due=None, desc="", names=[], list="Backlog")
    await settled(bench)
    shown = bench.issue(issue)
    assert (shown["duedate"], shown["labels"], shown["status"]["name"]) == (None, [], "To Do")
    assert words(shown["description"] or {}) == []


@pytest.mark.parametrize(
    ("rule", "first", "winner"),
    [
        ("latest", "jira", "trello"),
        ("latest", "trello", "jira"),
        ("owner:jira", "jira", "jira"),
        ("owner:trello", "trello", "trello"),
        ("prefer:trello,jira", "trello", "trello"),
        ("prefer:jira,trello", "jira", "jira"),
    ],
)
async def test_two_titles_are_judged_by_the_rule(bench: Workbench, rule: str, first: str, winner: str) -> None:
    bench.rules["title"] = rule
    issue, card = await pair(bench)
    await both_entitled(bench, issue, card, first)
    await settled(bench)
    assert bench.issue(issue)["summary"] == bench.card(card)["name"] == f"By {winner}"
    with bench.hub() as hub:
        told = hub.history("REQ-1", "title")
        blame = hub.blame("REQ-1")["title"]
    assert (blame["who"], blame["connection"], blame["value"]) == (NAMES[winner], winner, f"By {winner}")
    assert blame["because"] == f"rule {rule}"
    assert told[-1]["new"] == f"By {winner}"
    assert f"By {OTHER[winner]}" in {each["old"] for each in told}, "the overruled value can be brought back"


NAMES = {"jira": "李伟", "trello": "Ben Okafor"}
OTHER = {"jira": "trello", "trello": "jira"}


async def both_entitled(bench: Workbench, issue: str, card: str, first: str = "jira") -> None:
    """李伟 renames the issue, Ben the card, a minute apart."""
    for side in (first, OTHER[first]):
        if side == "jira":
            bench.edit_issue(issue, 1, summary="By jira")
        else:
            bench.edit_card(card, 1, name="By trello")
        pass_time(bench)


async def a_conflict(bench: Workbench) -> tuple[str, str, dict[str, Any]]:
    """Two titles that a person must choose from, while another field goes its way."""
    bench.rules["title"] = "ask"
    issue, card = await pair(bench)
    await both_entitled(bench, issue, card)
    bench.edit_issue(issue, duedate="2026-12-24")
    report = await bench.sync()
    assert (report.outcome, report.exit_code) == ("problems", 1)
    (problem,) = report.problems
    assert problem["key"] == "REQ-1"
    assert "title" in problem["message"]
    assert "hub conflicts" in problem["message"]
    assert (bench.issue(issue)["summary"], bench.card(card)["name"]) == ("By jira", "By trello")
    assert bench.card(card)["due"].startswith("2026-12-24")
    again = await bench.sync()
    assert (again.outcome, again.writes) == ("problems", 0)
    with bench.hub() as hub:
        (conflict,) = hub.conflicts()
    return issue, card, conflict


async def test_a_conflict_says_who_wants_what_and_a_choice_is_spread_at_once(bench: Workbench) -> None:
    issue, card, conflict = await a_conflict(bench)
    said = {each["connection"]: (each["who"], each["value"]) for each in conflict["candidates"]}
    assert said == {"jira": ("李伟", "By jira"), "trello": ("Ben Okafor", "By trello")}
    assert (conflict["base"], conflict["field"]) == ("Order 42 fails", "title")
    with bench.hub() as hub:
        hub.resolve(conflict["id"], take="trello")
        report = await hub.spread(conflict["key"])
        assert (report.outcome, report.writes) == ("done", 1)
        assert hub.conflicts() == []
        assert hub.blame("REQ-1")["title"]["because"] == f"resolved {conflict['id']}"
    assert bench.issue(issue)["summary"] == bench.card(card)["name"] == "By trello"
    await settled(bench)


async def test_a_conflict_is_settled_with_a_third_value(bench: Workbench) -> None:
    issue, card, conflict = await a_conflict(bench)
    with bench.hub() as hub:
        hub.resolve(conflict["id"].lower(), value="By both")
        assert (await hub.spread(conflict["key"])).writes == 2
    assert bench.issue(issue)["summary"] == bench.card(card)["name"] == "By both"
    await settled(bench)


@pytest.mark.parametrize("side", ["jira", "trello"])
async def test_a_conflict_that_people_settle_by_hand_closes_itself(bench: Workbench, side: str) -> None:
    issue, card, _ = await a_conflict(bench)
    if side == "jira":
        bench.edit_issue(issue, summary="By trello")
    else:
        bench.edit_card(card, name="By jira")
    await settled(bench)
    with bench.hub() as hub:
        assert hub.conflicts() == []
        assert hub.detail("REQ-1")["fields"]["title"] == f"By {OTHER[side]}"
    assert bench.issue(issue)["summary"] == bench.card(card)["name"]


async def test_the_history_names_people_places_and_reasons(bench: Workbench) -> None:
    issue, card = await pair(bench)
    bench.edit_issue(issue, 1, summary="Order 43 fails")
    await settled(bench)
    pass_time(bench)
    bench.edit_card(card, 1, list="Doing")
    await settled(bench)
    with bench.hub() as hub:
        *_, title = hub.history("REQ-1", "title")
        *_, status = hub.history("req-1", "status")
        blame = hub.blame("REQ-1")
    assert {n: title[n] for n in ("old", "new", "who", "connection", "because")} == {
        "old": "Order 42 fails",
        "new": "Order 43 fails",
        "who": "李伟",
        "connection": "jira",
        "because": "edit",
    }
    assert (status["new"], status["who"], status["connection"]) == ("in_progress", "Ben Okafor", "trello")
    assert (status["because"], status["run"][:2]) == ("edit", "R-")
    assert {n: blame["title"][n] for n in ("who", "connection")} == {"who": "李伟", "connection": "jira"}
    assert blame["status"]["who"] == "Ben Okafor"


async def test_paragraphs_edited_on_both_sides_merge_and_a_panel_between_them_stays(bench: Workbench) -> None:
    before = document("It fails", PANEL, "Since May", "Call Ana")
    issue, card = await pair(bench, description=before)
    text = bench.card(card)["desc"]
    assert "Only for the EU" in text
    bench.edit_issue(issue, description=document("It fails always", PANEL, "Since May", "Call Ana"))
    bench.edit_card(card, desc=text.replace("Call Ana", "Call Ana or Ben"))
    await settled(bench)
    shown = bench.issue(issue)["description"]
    assert words(shown) == ["It fails always", "Only for the EU", "Since May", "Call Ana or Ben"]
    assert shown["content"][1] == PANEL
    assert bench.card(card)["desc"] == text.replace("It fails", "It fails always").replace(
        "Call Ana", "Call Ana or Ben"
    )
    with bench.hub() as hub:
        assert hub.conflicts() == []
        assert hub.blame("REQ-1")["description"]["because"] == "merge"


async def test_labels_added_and_removed_on_both_sides_all_count(bench: Workbench) -> None:
    issue, card = await pair(bench, labels=["erp", "late", "shop"])
    bench.edit_issue(issue, labels=["late", "shop", "from_jira"])
    bench.edit_card(card, names=["erp", "late", "from trello"])
    await settled(bench)
    assert bench.card(card)["names"] == ["from trello", "from_jira", "late"]
    assert len(bench.issue(issue)["labels"]) == 3
    assert {"late", "from_jira"} < set(bench.issue(issue)["labels"])


async def test_a_due_date_keeps_its_time_of_day_in_trello(bench: Workbench) -> None:
    card = bench.new_card("Order 42 fails", due="2026-12-01T15:30:00.000Z")
    await settled(bench)
    (copy,) = bench.copies()
    assert bench.issue(copy["jira"])["duedate"] == "2026-12-01"
    pass_time(bench)
    bench.edit_issue(copy["jira"], duedate="2026-12-05")
    await settled(bench)
    assert bench.card(card)["due"] == "2026-12-05T15:30:00.000Z"


async def test_the_end_of_a_long_title_survives_an_edit_where_it_is_cut(bench: Workbench) -> None:
    long = "Order " + "x" * 289 + " end."
    assert len(long) == 300
    card = bench.new_card(long)
    await settled(bench)
    (copy,) = bench.copies()
    cut = bench.issue(copy["jira"])["summary"]
    assert len(cut) <= 255
    pass_time(bench)
    bench.edit_issue(copy["jira"], summary=cut.replace("Order", "Offer"))
    await settled(bench)
    assert bench.card(card)["name"] == long.replace("Order", "Offer")
    assert bench.issue(copy["jira"])["summary"] == cut.replace("Order", "Offer")


async def test_people_are_assigned_across_by_the_table_of_people(bench: Workbench) -> None:
    ana, li = "5b10ac8d82e05b22cc7d4ef5", "5b10a2844c20165700ede21g"
    members = {each["username"]: each["id"] for each in bench.trello.sandbox.state()["boards"][0]["members"]}
    bench.people = {
        "ana@acme.example": {"jira": ana, "trello": members["analima"]},
        "li.wei@acme.example": {"jira": li, "trello": members["liwei"]},
    }
    issue, card = await pair(bench, assignee={"accountId": ana})
    assert bench.card(card)["idMembers"] == [members["analima"]]
    bench.edit_card(card, idMembers=[members["liwei"]])
    await settled(bench)
    assert bench.issue(issue)["assignee"]["accountId"] == li
    bench.edit_issue(issue, assignee=None)
    await settled(bench)
    assert bench.card(card)["idMembers"] == []


async def test_people_may_be_named_by_their_user_names(bench: Workbench) -> None:
    li = "5b10a2844c20165700ede21g"
    bench.people = {"li.wei@acme.example": {"jira": li, "trello": "liwei"}}
    members = {each["username"]: each["id"] for each in bench.trello.sandbox.state()["boards"][0]["members"]}
    issue, card = await pair(bench, assignee={"accountId": li})
    assert bench.card(card)["idMembers"] == [members["liwei"]]
    bench.edit_card(card, idMembers=[])
    await settled(bench)
    assert bench.issue(issue)["assignee"] is None
    pass_time(bench)
    bench.edit_card(card, idMembers=[members["liwei"]])
    await settled(bench)
    assert bench.issue(issue)["assignee"]["accountId"] == li
