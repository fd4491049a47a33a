"""A person edits in the very moment between our last look and our write: the board's next reading tells what was lost."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hub_trello.connector import TrelloConnector
from hub_trello.history import edits_of

from hub.sdk import NOTHING, Account, Edit, Kind, Network, Patch, Record, Setup, Touch
from hub.sync.overwritten import WrittenField, lost, seen_until, told
from plugins.trello.tests.trello_at_work import EVERY_KIND, AtWork, at_work, no_wait, one, read, records, written
from plugins.trello.tests.trello_conforming import Meanwhile

REQ = Kind.REQUIREMENT


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[AtWork]:
    with at_work(monkeypatch) as work:
        yield work


class Desk:
    """A card that both sides know, and a connector whose writes can be forestalled."""

    def __init__(self, work: AtWork) -> None:
        self.work, self.way = work, Meanwhile()
        config = TrelloConnector.Config.model_validate(work.server.connection())
        network = Network(transport=self.way, sleep=no_wait, jitter=lambda: 0.0)
        self.trello = TrelloConnector(Setup("trello", config, EVERY_KIND, network))
        self.card = work.ana.card(work.board, "Export", desc="As it was", due="2026-12-01T12:00:00.000Z")

    async def forestalled(self, ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[Record, list[WrittenField]]:
        """What the next reading gives of the card, and what was written."""
        cursor = (await read(self.trello, REQ))[-1].cursor
        base = await one(self.trello, REQ, self.card)
        self.way.act = lambda: self.work.ana.does("PUT", f"/cards/{self.card}", theirs)
        (outcome,) = await self.trello.update(REQ, [Patch(self.card, ours, base)])
        after = written(outcome)
        assert self.way.act is None
        (shown,) = records(await read(self.trello, REQ, cursor))
        journal = [
            WrittenField(name, base.fields[name], after.fields[name], datetime.now(UTC), seen_until(base, name))
            for name in ours
        ]
        return shown, journal

    async def me(self) -> str:
        return (await self.trello.open()).account.id


async def test_an_edit_that_a_write_replaced_is_told_with_who_and_when(work: AtWork) -> None:
    desk = Desk(work)
    shown, journal = await desk.forestalled({"name": "Ours"}, {"name": "Ana's words", "due": None})
    assert (shown.fields["name"], shown.fields["due"]) == ("Ours", None)
    (edit,) = lost(shown, await desk.me(), journal)
    assert (edit.field, edit.value, edit.before) == ("name", "Ana's words", "Export")
    assert edit.touch.who.name == work.ana.name
    assert edit.touch.at <= shown.edits[-1].touch.at
    assert told(shown, await desk.me(), journal) == journal
    await desk.trello.close()


async def test_fields_of_every_form_are_told(work: AtWork) -> None:
    desk = Desk(work)
    lists = {each["name"]: each["id"] for each in work.ana.does("GET", f"/boards/{work.board}/lists")}
    member = work.ana.does("GET", "/members/me")["id"]
    theirs = {"desc": "Ana's text", "due": None, "idList": lists["Review"], "idMembers": [member], "dueComplete": True}
    due, bot = "2026-12-24T12:00:00.000Z", {"id": await desk.me(), "name": "Hub"}
    ours = {"desc": "Ours", "due": due, "list": "Doing", "members": [bot], "dueComplete": False}
    shown, journal = await desk.forestalled(ours, theirs)
    assert shown.fields["list"] == "Doing"
    values = {edit.field: edit.value for edit in lost(shown, await desk.me(), journal)}
    assert values == {"desc": "Ana's text", "due": None, "list": "Review", "members": NOTHING, "dueComplete": True}
    await desk.trello.close()


async def test_nothing_is_told_where_nothing_was_replaced(work: AtWork) -> None:
    desk = Desk(work)
    work.ana.does("PUT", f"/cards/{desk.card}", {"name": "Seen"})
    shown, journal = await desk.forestalled({"name": "Ours"}, {"due": None})
    assert lost(shown, await desk.me(), journal) == []
    work.ana.does("PUT", f"/cards/{desk.card}", {"name": "Afterwards"})
    (later,) = records(await read(desk.trello, REQ, full=True))
    assert later.fields["name"] == "Afterwards"
    assert lost(later, await desk.me(), journal) == []
    await desk.trello.close()


async def test_telling_it_costs_no_call_beyond_those_of_a_quiet_poll(work: AtWork) -> None:
    desk = Desk(work)
    cursor = (await read(desk.trello, REQ))[-1].cursor
    base = await one(desk.trello, REQ, desk.card)
    desk.way.act = lambda: work.ana.does("PUT", f"/cards/{desk.card}", {"name": "Ana's words"})
    before = desk.trello.calls
    written((await desk.trello.update(REQ, [Patch(desk.card, {"name": "Ours"}, base)]))[0])
    assert desk.trello.calls - before == 1
    before = desk.trello.calls
    (shown,) = records(await read(desk.trello, REQ, cursor))
    assert [edit.value for edit in shown.edits] == ["Ana's words", "Ours"]
    assert desk.trello.calls - before == 1
    await desk.trello.close()


def test_a_position_and_a_comment_are_no_edits_of_a_field() -> None:
    touch = Touch(Account("5f", "Ana"), datetime(2026, 11, 2, tzinfo=UTC))
    moved = {"type": "updateCard", "data": {"card": {"id": "1", "name": "Export", "pos": 2}, "old": {"pos": 1}}}
    assert edits_of(moved, touch) == []
    assert edits_of({"type": "createCard", "data": {"card": {"id": "1"}}}, touch) == []
    untold = {"type": "updateCard", "data": {"card": {"id": "1"}, "old": {"desc": "was"}}}
    assert edits_of(untold, touch) == [Edit("desc", NOTHING, touch, "was")]
