"""Exports that others made, loaded into the services and synced: everything arrives, counts add up, then all is quiet."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_jira.sandbox import JiraSandbox
from hub_trello.sandbox import TrelloSandbox

from hub.app import Hub
from hub.model import Kind
from hub.sdk.http import Network
from hub.sync import Report
from tests.e2e import editions
from tests.e2e.bench import STATUSES, Workbench, counts, shared, workbench

CHECKED = ("title", "description", "labels", "due", "status")
CANONICAL_OF_JIRA = {
    "new": ["Open", "Reopened", "To Do", "Backlog", "New", "Selected for Development"],
    "in_progress": ["In Progress", "In QE Test", "In Review"],
    "delivered": ["Resolved", "Done"],
    "accepted": ["Closed"],
    "otherwise": {"write": "Open", "read": "new"},
}

BOTH_EDITIONS = True


def boards() -> list[Path]:
    """Every export of a whole board; a list of comments beside them is not one."""
    try:
        files = sorted(shared("data/trello/boards").glob("*.json"))
    except pytest.skip.Exception:
        return []
    return [file for file in files if file.read_text(encoding="utf-8").lstrip().startswith("{")]


@pytest.mark.data
@pytest.mark.editions("cloud")
@pytest.mark.parametrize("board", boards(), ids=lambda path: path.stem)
async def test_every_card_of_a_real_board_becomes_an_issue_and_the_second_run_is_quiet(
    board: Path, tmp_path: Path
) -> None:
    await every_card_becomes_an_issue(board, tmp_path)


@pytest.mark.data
@pytest.mark.editions("datacenter")
@pytest.mark.parametrize("board", boards()[::4], ids=lambda path: path.stem)
async def test_every_card_of_some_real_boards_becomes_an_issue_of_data_center(board: Path, tmp_path: Path) -> None:
    """The other edition has other words for the same texts: some boards tell whether these survive."""
    await every_card_becomes_an_issue(board, tmp_path)


async def every_card_becomes_an_issue(board: Path, folder: Path) -> None:
    trello = TrelloSandbox()
    export = document(board)
    trello.load(export)
    with workbench(folder, trello=trello) as bench:
        bench.network = Network(sleep=at_once)
        bench.trello_connection["board"] = export["id"]
        bench.trello_spoke["status"] = by_turns([each["name"] for each in export["lists"]])
        first = await bench.sync()
        adds_up(first)
        assert counts(first, "trello").get("imported") == synced_cards(export)
        assert counts(first, "jira") == {"created": synced_cards(export)}
        await is_quiet(bench)
        await reads_back_equal(bench)


@pytest.mark.editions("cloud")
def test_there_are_real_boards_to_try() -> None:
    shared("data/trello/boards")
    assert len(boards()) >= 10


@pytest.mark.data
async def test_every_real_issue_becomes_a_card_and_the_second_run_is_quiet(tmp_path: Path) -> None:
    jira = editions.fresh()
    loaded = sum(load(jira, file) for file in issue_files())
    assert loaded >= 252 + 20
    issues = [issue["fields"] for issue in jira.state()["issues"]]
    projects = {fields["project"]["key"] for fields in issues}
    for project in sorted(projects):
        room = tmp_path / project
        room.mkdir()
        with workbench(room, jira=jira) as bench:
            theirs = [fields for fields in issues if fields["project"]["key"] == project]
            mine = [fields for fields in theirs if not fields["issuetype"]["subtask"]]  # the others are tasks
            bench.network = Network(sleep=at_once)
            bench.jira_connection["project"] = project
            bench.jira_spoke = {"requirement": {"originates": True, "creates": True}, "status": CANONICAL_OF_JIRA}
            first = await bench.sync()
            adds_up(first)
            assert first.outcome == "done", first.problems
            told = {"imported": len(mine)} if mine else {}
            assert counts(first, "jira") == told
            assert counts(first, "trello") == ({"created": len(mine)} if mine else {})
            await is_quiet(bench)
            await reads_back_equal(bench)


async def at_once(_seconds: float) -> None:
    """Waits for nothing: the calls of a whole export are more than the service's allowance of a few seconds."""
    await asyncio.sleep(0)


def issue_files() -> Iterator[Path]:
    for folder in ("data/jira/public_issues", "data/jira/rest_issues"):
        yield from sorted(file for file in shared(folder).iterdir() if file.suffix in {".json", ".log"})


def load(jira: JiraSandbox, file: Path) -> int:
    """How many issues a file brought; what is no export of issues is refused in a sentence."""
    before = len(jira.site.issues)
    try:
        jira.load(document(file))
    except ValueError as refused:
        assert len(str(refused)) > 20  # noqa: PT017 - most files hold issues, and a few are meant to be refused
        assert "public_issues" not in str(file)
    return len(jira.site.issues) - before


def document(file: Path) -> Any:
    """An answer of the service; of a stream of records, those that are issues as the service shows them."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".json":
        return json.loads(text)
    records = [json.loads(line).get("record") or {} for line in text.splitlines() if line.startswith("{")]
    return [each["data"] for each in records if each.get("stream", "").endswith("__jira__issues")]


def by_turns(names: list[str]) -> dict[str, Any]:
    """A vocabulary that gives every list a canonical status."""
    table: dict[str, list[str]] = {}
    for place, name in enumerate(dict.fromkeys(names)):
        table.setdefault(STATUSES[place % len(STATUSES)], []).append(name)
    return {**table, "otherwise": {"write": names[0], "read": "new"}}


def synced_cards(export: dict[str, Any]) -> int:
    passed_over = {"mirror", "separator"}
    return sum(c.get("cardRole") not in passed_over and not c.get("isTemplate") for c in export["cards"])


def adds_up(report: Report) -> None:
    for name, spoke in report.spokes.items():
        ends = counts(report, name)
        assert sum(ends.values()) == spoke["read"] + ends.get("created", 0), (name, spoke)
        assert not {"failed", "blocked", "held"} & set(ends), report.problems


async def is_quiet(bench: Workbench) -> None:
    for _ in range(2):
        again = await bench.sync()
        assert again.outcome == "done", again.problems
        assert again.writes == 0
    full = await bench.sync(full=True)
    assert full.writes == 0


async def reads_back_equal(bench: Workbench) -> None:
    """Every copy, read afresh, stands for its entity, field by field through the lens."""
    with bench.hub() as hub:
        sync = hub.sync_named("delivery")
        for name, partner in hub._idle_partners(sync).items():
            mapping = partner.mapping(Kind.REQUIREMENT)
            await partner.connector.open()
            ids = hub.store.remotes(name, Kind.REQUIREMENT)
            records = await fetch_all(partner.connector, list(ids))
            entities = hub.store.entities(ids.values())
            for remote, key in ids.items():
                for field in CHECKED:
                    lens, value = mapping[field], entities[key].value(field)
                    shown = records[remote].fields.get(lens.remote)
                    assert lens.to_canonical(shown, current=value) == value, (name, key, field, shown)
            await partner.connector.close()
        plain_titles_are_literally_the_same(hub)


async def fetch_all(connector: Any, ids: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for start in range(0, len(ids), 100):
        found |= await connector.fetch(Kind.REQUIREMENT, ids[start : start + 100])
    return found


def plain_titles_are_literally_the_same(hub: Hub) -> None:
    for entity in hub.store.entities_of(Kind.REQUIREMENT):
        ties = hub.store.bindings_of([entity.key])[entity.key]
        shown = {tie.connection: tie.seen["title"] for tie in ties}
        if (
            entity.title
            and len(entity.title) <= 255
            and "\n" not in entity.title
            and entity.title.strip() == entity.title
        ):
            assert " ".join(shown["jira"].split()) == " ".join(shown["trello"].split())
