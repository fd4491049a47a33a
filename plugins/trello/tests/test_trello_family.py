"""What hangs on cards travels from one board to another through the hub: once, whole, and in the name of who wrote it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_trello.client import TrelloClient

from hub.app import Hub
from hub.plugins import discover
from hub.sync import Report
from plugins.trello.tests.trello_at_work import AtWork, Somebody, at_work

KINDS = ("task", "comment", "attachment")
STATUS = {"new": "To Do", "in_progress": "Doing", "delivered": "Done", "otherwise": {"write": "To Do", "read": "new"}}


class TwoBoards:
    """Ana works on the left board; the hub keeps the right one in step."""

    def __init__(self, work: AtWork, folder: Path) -> None:
        self.work, self.folder, self.ana, self.bot = work, folder, work.ana, work.bot
        self.left, self.right = (str(self.bot.does("POST", "/boards", {"name": each})["id"]) for each in ("L", "R"))
        members = self.ana.does("GET", "/members/me")["id"]
        for board in (self.left, self.right):
            self.bot.does("PUT", f"/boards/{board}/members/{members}", {"type": "normal"})
            self.bot.custom_field(board, "Area", "list", "North", "South")
            self.bot.custom_field(board, "Cost", "number")
        self.custom = {"area": "Area", "cost": "Cost"}

    async def sync(self, times: int = 1) -> Report:
        hub = Hub.open(self.config(), registry=discover())
        try:
            return [await hub.sync("both") for _ in range(times)][-1]
        finally:
            hub.close()

    def config(self) -> Path:
        spoke: dict[str, Any] = {kind: {"originates": True, "creates": True} for kind in KINDS}
        spoke["requirement"] = {"originates": True, "creates": True, "custom": self.custom}
        spoke["status"] = STATUS
        given = {"key": {"env": "TRELLO_KEY"}, "token": {"env": "TRELLO_TOKEN"}, "url": self.work.server.url}
        sides = {"left": self.left, "right": self.right}
        connections = {name: {"plugin": "trello", "board": board, **given} for name, board in sides.items()}
        tables = {"connections": connections, "syncs": {"both": {"spokes": dict.fromkeys(sides, spoke)}}}
        file = self.folder / "hub.toml"
        file.write_text("\n".join(f"{name} = {toml(table)}" for name, table in tables.items()), encoding="utf-8")
        return file

    def cards(self, board: str) -> list[dict[str, Any]]:
        params = {"checklists": "all", "attachments": "true", "actions": "commentCard", "customFieldItems": "true"}
        return list(self.ana.does("GET", f"/boards/{board}/cards", params=params))


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + " }"
    return str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TwoBoards]:
    with at_work(monkeypatch) as work:
        yield TwoBoards(work, tmp_path)


def files(card: dict[str, Any]) -> list[str]:
    return [each["name"] for each in card["attachments"] if each["isUpload"]]


def comments(card: dict[str, Any]) -> list[str]:
    return [each["data"]["text"] for each in card["actions"]]


def names(card: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    return {each["name"]: [(i["name"], i["state"]) for i in each["checkItems"]] for each in card["checklists"]}


def fill(ana: Somebody, board: str) -> str:
    card = ana.card(board, "Export", desc="All of it.\n\n## Background\n\nThey asked.")
    ana.checklist(card, "Acceptance criteria", "Opens in Excel", "Has all columns")
    ana.checklist(card, "Before the release", "Write it", "Test it")
    item = ana.items(card)["Test it"]["id"]
    ana.does("PUT", f"/cards/{card}/checkItem/{item}", {"state": "complete"})
    ana.says(card, "When **exactly**?")
    ana.attaches(card, "spec.txt", b"all of it")
    return card


async def test_a_card_travels_with_all_that_hangs_on_it_and_then_nothing_more(two: TwoBoards) -> None:
    fill(two.ana, two.left)
    report = await two.sync(2)
    assert (report.outcome, report.writes) == ("done", 0), report.problems
    (copy,) = two.cards(two.right)
    assert names(copy) == {
        "Acceptance criteria": [("Opens in Excel", "incomplete"), ("Has all columns", "incomplete")],
        "Tasks": [("Write it", "incomplete"), ("Test it", "complete")],
    }
    (text,) = comments(copy)
    assert text.startswith(f"**{two.ana.name}** · ")
    assert text.endswith("UTC:\n\nWhen **exactly**?")
    assert files(copy) == ["spec.txt"]
    assert copy["desc"] == "All of it.\n\n## Background\n\nThey asked."
    (origin,) = two.cards(two.left)
    assert names(origin).keys() == {"Acceptance criteria", "Before the release"}


async def test_edits_on_either_board_reach_the_other(two: TwoBoards) -> None:
    card = fill(two.ana, two.left)
    await two.sync(2)
    (copy,) = two.cards(two.right)
    here, there = two.ana.items(card), two.ana.items(copy["id"])
    two.ana.does("PUT", f"/cards/{card}/checkItem/{here['Write it']['id']}", {"name": "Write it all"})
    two.ana.does("PUT", f"/cards/{copy['id']}/checkItem/{there['Opens in Excel']['id']}", {"state": "complete"})
    two.ana.does("PUT", f"/cards/{copy['id']}/checkItem/{there['Test it']['id']}", {"state": "incomplete"})
    report = await two.sync(2)
    assert (report.outcome, report.writes) == ("done", 0), report.problems
    for each in (card, copy["id"]):
        shown = two.ana.items(each)
        assert shown.keys() == {"Opens in Excel", "Has all columns", "Write it all", "Test it"}
        assert [shown[n]["state"] for n in ("Opens in Excel", "Test it")] == ["complete", "incomplete"]


async def test_an_edit_and_a_deletion_of_a_comment_reach_its_copy(two: TwoBoards) -> None:
    card = fill(two.ana, two.left)
    await two.sync()
    (said,) = two.ana.does("GET", f"/cards/{card}/actions", params={"filter": "commentCard"})
    two.ana.does("PUT", f"/actions/{said['id']}", {"text": "On Monday?"})
    await two.sync()
    (copy,) = two.cards(two.right)
    assert comments(copy)[0].startswith(f"**{two.ana.name}** · ")
    assert comments(copy)[0].endswith("UTC:\n\nOn Monday?")
    two.ana.does("DELETE", f"/actions/{said['id']}")
    report = await two.sync(2)
    assert comments(two.cards(two.right)[0]) == []
    assert (report.outcome, report.writes) == ("done", 0), report.problems


async def test_criteria_and_custom_values_are_added_changed_and_taken_away(two: TwoBoards) -> None:
    card = fill(two.ana, two.left)
    fields = {each["name"]: each for each in two.ana.does("GET", f"/boards/{two.left}/customFields")}
    south = next(each["id"] for each in fields["Area"]["options"] if each["value"]["text"] == "South")
    two.ana.does("PUT", f"/cards/{card}/customField/{fields['Area']['id']}/item", {"idValue": south})
    two.ana.does("PUT", f"/cards/{card}/customField/{fields['Cost']['id']}/item", {"value": {"number": "42.5"}})
    await two.sync()
    (copy,) = two.cards(two.right)
    there = {each["id"]: each for each in two.ana.does("GET", f"/boards/{two.right}/customFields")}
    shown = {there[i["idCustomField"]]["name"]: i for i in copy["customFieldItems"]}
    assert shown["Cost"]["value"] == {"number": "42.5"}
    assert shown["Area"]["idValue"] in {o["id"] for o in there[shown["Area"]["idCustomField"]]["options"]}
    items = two.ana.items(card)
    two.ana.does("DELETE", f"/cards/{card}/checkItem/{items['Opens in Excel']['id']}")
    two.ana.does("PUT", f"/cards/{card}/customField/{fields['Cost']['id']}/item", {"value": "", "idValue": ""})
    report = await two.sync(2)
    (copy,) = two.cards(two.right)
    assert names(copy)["Acceptance criteria"] == [("Has all columns", "incomplete")]
    assert [there[i["idCustomField"]]["name"] for i in copy["customFieldItems"]] == ["Area"]
    assert (report.outcome, report.writes) == ("done", 0), report.problems


async def test_answers_that_get_lost_make_nothing_twice_and_lose_nothing(two: TwoBoards) -> None:
    fill(two.ana, two.left)
    two.work.fails(drop_after_commit={"share": 0.3})
    for _ in range(8):
        await two.sync()
    two.work.fails()
    report = await two.sync(3)
    assert (report.outcome, report.writes) == ("done", 0), report.problems
    (origin,), (copy,) = two.cards(two.left), two.cards(two.right)
    for card in (origin, copy):
        lists = names(card)
        assert [name for name, _ in lists["Acceptance criteria"]] == ["Opens in Excel", "Has all columns"]
        assert len(comments(card)) == len(files(card)) == 1
    assert names(copy)["Tasks"] == [("Write it", "incomplete"), ("Test it", "complete")]


async def test_a_quiet_run_of_all_kinds_is_one_call_for_each_board(two: TwoBoards) -> None:
    fill(two.ana, two.left)
    await two.sync(2)
    report = await two.sync()
    assert report.writes == 0
    assert {name: spoke["calls"] for name, spoke in report.spokes.items()} == {"left": 2, "right": 2}  # 1 to sign in


class Killed(BaseException):
    """The process ended."""


@pytest.mark.parametrize("writes", range(1, 8))
async def test_a_hub_that_dies_while_it_writes_makes_nothing_twice_and_loses_nothing(
    two: TwoBoards, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    fill(two.ana, two.left)
    write, done = TrelloClient.write, [0]

    async def last(self: TrelloClient, method: str, path: str, body: Any = None) -> Any:
        if done[0] >= writes:
            raise Killed
        done[0] += 1
        return await write(self, method, path, body)

    monkeypatch.setattr(TrelloClient, "write", last)
    with pytest.raises(BaseExceptionGroup):
        await two.sync()
    monkeypatch.setattr(TrelloClient, "write", write)
    report = await two.sync(3)
    assert (report.outcome, report.writes) == ("done", 0), report.problems
    for (card,) in (two.cards(two.left), two.cards(two.right)):
        assert [name for name, _ in names(card)["Acceptance criteria"]] == ["Opens in Excel", "Has all columns"]
        assert len(comments(card)) == len(files(card)) == 1
    assert names(card)["Tasks"] == [("Write it", "incomplete"), ("Test it", "complete")]
