"""How many calls it takes to keep a board in step with all that hangs on it."""

from collections.abc import Iterator
from typing import Any

import pytest
from hub_trello import reading
from hub_trello.connector import TrelloConnector
from hub_trello.sandbox import making

from hub.sdk import Cursor, Kind, KindSettings
from plugins.trello.tests.trello_at_work import EVERY_KIND, AtWork, at_work, gone, one, read, records

CARDS = 500


@pytest.fixture(scope="module")
def work() -> Iterator[AtWork]:
    with pytest.MonkeyPatch.context() as monkeypatch, at_work(monkeypatch) as work:
        fill(work)
        yield work


def fill(work: AtWork) -> None:
    """500 cards, each with three comments, two checklists, a file and a value: put there without a call."""
    work.ana.custom_field(work.board, "Area", "text")
    world: Any = work.server.sandbox.world  # type: ignore[attr-defined]
    (field,) = world.fields
    first, member = work.ana.card(work.board, "Card 0"), next(iter(world.members))
    home = world.cards[first]["idList"]
    for n in range(1, CARDS):
        number = world.ids.new()
        place = {"board_id": work.board, "list_id": home, "short_id": n + 1, "name": f"Card {n}"}
        world.cards[number] = making.card(number, world.ids.short_link(), **place)
    for card in world.cards.values():
        for at, name in enumerate(("Tasks", "Acceptance criteria")):
            made = making.checklist(world.ids.new(), card, name, at + 1.0)
            made["checkItems"] = [making.check_item(world.ids.new(), made["id"], f"{name} {i}", i) for i in (1, 2)]
            world.checklists[made["id"]] = made
            card["idChecklists"].append(made["id"])
        file = {"isUpload": True, "bytes": 3, "mimeType": "text/plain", "fileName": "a.txt"}
        card["attachments"].append(making.attachment(world.ids.new(), member, "a.txt", "https://x/a.txt", **file))
        value = {"id": world.ids.new(), "idCustomField": field, "value": {"text": "x"}, "idValue": None}
        card["customFieldItems"].append({**value, "idModel": card["id"], "modelType": "card"})
        for at in range(3):
            about = {"card": {"id": card["id"]}, "board": {"id": work.board}, "text": f"Comment {at}"}
            said = {"id": world.ids.new(), "type": "commentCard", "idMemberCreator": member, "date": world.stamp()}
            world.add_action({**said, "data": about, "appCreator": None, "limits": None, "_listed": True})


def connector(work: AtWork) -> TrelloConnector:
    return work.connect({**EVERY_KIND, Kind.REQUIREMENT: KindSettings(custom={"area": "Area"})})


async def run(trello: TrelloConnector, cursors: dict[Kind, Cursor | None]) -> tuple[dict[Kind, int], int]:
    """One run's reading of all kinds, parents first: how many records of each, and how many calls."""
    await trello.open()
    before, found = trello.calls, dict[Kind, int]()
    for kind in EVERY_KIND:
        pages = await read(trello, kind, cursors.get(kind))
        cursors[kind] = pages[-1].cursor
        found[kind] = len(records(pages)) + len(gone(pages))
    return found, trello.calls - before


async def test_a_board_of_500_cards_is_read_in_five_calls_and_then_in_one(work: AtWork) -> None:
    trello, cursors = connector(work), dict[Kind, Cursor | None]()
    found, calls = await run(trello, cursors)
    assert found == {
        Kind.REQUIREMENT: CARDS,
        Kind.TASK: 2 * CARDS,
        Kind.COMMENT: 3 * CARDS,
        Kind.ATTACHMENT: CARDS,
    }
    assert calls == 5  # two for the cards, one for what hangs on them, two for 1,500 comments
    for _ in range(2):
        assert await run(trello, cursors) == (dict.fromkeys(EVERY_KIND, 0), 1)
    await trello.close()


async def test_each_kind_read_alone_costs_one_call_too(work: AtWork) -> None:
    for kind in EVERY_KIND:
        trello = work.connect({kind: KindSettings()})
        cursor = (await read(trello, kind))[-1].cursor
        before = trello.calls
        assert records(await read(trello, kind, cursor)) == []
        assert trello.calls - before == 1
        await trello.close()


async def test_a_day_of_work_on_one_card_costs_no_call_more(work: AtWork) -> None:
    trello, cursors = connector(work), dict[Kind, Cursor | None]()
    await run(trello, cursors)
    card = work.ana.card(work.board, "Busy")
    work.ana.checklist(card, "Tasks", "One", "Two")
    work.ana.says(card, "Hello")
    work.ana.attaches(card, "b.txt", b"b")
    found, calls = await run(trello, cursors)
    assert found == {Kind.REQUIREMENT: 1, Kind.TASK: 2, Kind.COMMENT: 1, Kind.ATTACHMENT: 1}
    assert calls == 1
    assert await run(trello, cursors) == (dict.fromkeys(EVERY_KIND, 0), 1)
    await trello.close()


async def test_a_board_with_long_descriptions_is_polled_without_them(
    work: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LIGHT", 10)
    card = work.ana.card(work.board, "Long", desc="All of it. " * 10)
    trello, cursors = connector(work), dict[Kind, Cursor | None]()
    await run(trello, cursors)
    await run(trello, cursors)
    work.ana.does("PUT", f"/cards/{card}", {"name": "Longer"})
    assert await run(trello, cursors) == ({**dict.fromkeys(EVERY_KIND, 0), Kind.REQUIREMENT: 1}, 2)
    assert await run(trello, cursors) == (dict.fromkeys(EVERY_KIND, 0), 1)
    await trello.close()


async def test_what_was_written_between_two_kinds_is_not_overlooked(work: AtWork) -> None:
    trello, cursors = connector(work), dict[Kind, Cursor | None]()
    await run(trello, cursors)
    cards = await read(trello, Kind.REQUIREMENT, cursors[Kind.REQUIREMENT])
    assert records(cards) == []
    task = records(await read(trello, Kind.TASK))[0]
    await read(trello, Kind.REQUIREMENT, cursors[Kind.REQUIREMENT])
    await trello.delete(Kind.TASK, [task.id])
    assert gone(await read(trello, Kind.TASK, cursors[Kind.TASK])) == [task.id]
    assert (await one(trello, Kind.REQUIREMENT, str(task.fields["parent"]))).id == task.fields["parent"]
    await trello.close()
