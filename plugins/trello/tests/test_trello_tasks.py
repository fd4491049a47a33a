"""Checklist items as tasks, over real connections."""

from collections.abc import AsyncIterator, Iterator

import pytest
from hub_trello.connector import TrelloConnector
from hub_trello.options import TaskOptions

from hub.sdk import Absence, Draft, Kind, KindSettings, Patch, Refusal
from plugins.trello.tests.trello_at_work import EVERY_KIND, AtWork, at_work, gone, one, read, records, written

NEW = {"name": "Write it", "state": "incomplete"}


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[AtWork]:
    with at_work(monkeypatch) as work:
        yield work


@pytest.fixture
async def trello(work: AtWork) -> AsyncIterator[TrelloConnector]:
    connector = work.connect()
    yield connector
    await connector.close()


async def test_the_items_of_all_checklists_but_the_criteria_are_tasks(work: AtWork, trello: TrelloConnector) -> None:
    card = work.ana.card(work.board)
    work.ana.checklist(card, "验收标准", "Opens in Excel")
    work.ana.checklist(card, "Before", "One", "Two")
    work.ana.checklist(card, "After", "Three")
    shown = records(await read(trello, Kind.TASK))
    assert [each.fields["name"] for each in shown] == ["One", "Two", "Three"]
    assert {each.fields["parent"] for each in shown} == {card}
    assert [each.id for each in shown] == [f"{card}/{work.ana.items(card)[n]['id']}" for n in ("One", "Two", "Three")]


async def test_only_the_checklists_that_are_named_hold_tasks_and_new_ones_go_to_the_first(work: AtWork) -> None:
    options = TaskOptions.model_validate({"checklists": "To build"})
    trello = work.connect({**EVERY_KIND, Kind.TASK: KindSettings(options=options)})
    card = work.ana.card(work.board)
    work.ana.checklist(card, "Groceries", "Milk")
    mine = work.ana.checklist(card, "to  build", "One")
    written(*await trello.create(Kind.TASK, [Draft("TSK-1", {**NEW, "parent": card})]))
    assert [each.fields["name"] for each in records(await read(trello, Kind.TASK))] == ["One", "Write it"]
    assert work.ana.items(card)["Write it"]["idChecklist"] == mine
    await trello.close()


@pytest.mark.parametrize(("language", "name"), [("en", "Tasks"), ("zh-CN", "任务")])
async def test_new_tasks_of_a_card_go_to_one_checklist_made_for_them_in_order(
    work: AtWork, language: str, name: str
) -> None:
    trello = work.connect(language=language)
    card = work.ana.card(work.board)
    drafts = [Draft(f"TSK-{n}", {"name": f"Part {n}", "state": "incomplete", "parent": card}) for n in range(3)]
    made = [written(outcome) for outcome in await trello.create(Kind.TASK, drafts)]
    (checklist,) = work.ana.does("GET", f"/cards/{card}/checklists")
    assert checklist["name"] == name
    assert [each["name"] for each in checklist["checkItems"]] == ["Part 0", "Part 1", "Part 2"]
    assert records(await read(trello, Kind.TASK)) == made
    await trello.close()


async def test_a_task_without_its_card_is_refused(trello: TrelloConnector) -> None:
    (outcome,) = await trello.create(Kind.TASK, [Draft("TSK-1", {**NEW, "parent": "66d000000000000000000001"})])
    assert isinstance(outcome, Refusal)
    assert "parent" in outcome.fields


async def test_who_ticked_an_item_is_told_and_who_renamed_it_is_not(work: AtWork, trello: TrelloConnector) -> None:
    card = work.ana.card(work.board)
    work.ana.checklist(card, "Before", "One", "Two")
    cursor = (await read(trello, Kind.TASK))[-1].cursor
    items = work.ana.items(card)
    work.ana.does("PUT", f"/cards/{card}/checkItem/{items['One']['id']}", {"state": "complete"})
    work.bot.does("PUT", f"/cards/{card}/checkItem/{items['Two']['id']}", {"name": "Second"})
    ticked, renamed = records(await read(trello, Kind.TASK, cursor))
    assert (ticked.fields["state"], ticked.touches["state"].who.name) == ("complete", work.ana.name)
    assert (renamed.fields["name"], renamed.touched, renamed.touches) == ("Second", None, {})


async def test_an_item_that_is_moved_to_another_checklist_of_its_card_is_the_same_task(
    work: AtWork, trello: TrelloConnector
) -> None:
    card = work.ana.card(work.board)
    work.ana.checklist(card, "Before", "One")
    after = work.ana.checklist(card, "After")
    before = await read(trello, Kind.TASK)
    item = work.ana.items(card)["One"]["id"]
    work.ana.does("PUT", f"/cards/{card}/checkItem/{item}", {"idChecklist": after})
    assert work.ana.items(card)["One"]["idChecklist"] == after
    pages = await read(trello, Kind.TASK, before[-1].cursor)
    assert gone(pages) == []
    assert (await one(trello, Kind.TASK, f"{card}/{item}")).fields["name"] == "One"


async def test_an_item_that_is_deleted_or_becomes_a_criterion_is_gone(work: AtWork, trello: TrelloConnector) -> None:
    card = work.ana.card(work.board)
    work.ana.checklist(card, "Before", "One", "Two")
    after = work.ana.checklist(card, "After", "Three")
    cursor = (await read(trello, Kind.TASK))[-1].cursor
    numbers = {name: f"{card}/{item['id']}" for name, item in work.ana.items(card).items()}
    work.ana.does("DELETE", f"/cards/{numbers['One'].replace('/', '/checkItem/')}")
    work.ana.does("PUT", f"/checklists/{after}", {"name": "Acceptance criteria"})
    pages = await read(trello, Kind.TASK, cursor)
    assert sorted(gone(pages)) == sorted([numbers["One"], numbers["Three"]])
    found = await trello.fetch(Kind.TASK, list(numbers.values()))
    assert found[numbers["One"]] is Absence.DELETED
    assert found[numbers["Three"]] is Absence.MOVED
    cursor = pages[-1].cursor
    work.ana.does("DELETE", f"/cards/{card}")
    assert gone(await read(trello, Kind.TASK, cursor)) == [numbers["Two"]]
    assert await trello.fetch(Kind.TASK, [numbers["Two"]]) == {numbers["Two"]: Absence.DELETED}


async def test_due_day_member_and_place_are_written(work: AtWork, trello: TrelloConnector) -> None:
    card = work.ana.card(work.board)
    work.ana.checklist(card, "Tasks", "One", "Two")
    number = f"{card}/{work.ana.items(card)['Two']['id']}"
    member = (await trello.describe()).people[0]
    base = await one(trello, Kind.TASK, number)
    wanted = {"due": "2026-12-01T12:00:00.000Z", "member": {"id": member.id}, "pos": 1.0, "state": "complete"}
    shown = written((await trello.update(Kind.TASK, [Patch(number, wanted, base)]))[0])
    assert shown.fields == {**base.fields, **wanted, "member": {**shown.fields["member"], "id": member.id}}
    assert shown.fields["member"]["name"] == member.name
    assert [each.fields["name"] for each in records(await read(trello, Kind.TASK))] == ["Two", "One"]
    cleared = written((await trello.update(Kind.TASK, [Patch(number, {"due": None, "member": None}, shown)]))[0])
    assert (cleared.fields["due"], cleared.fields["member"]) == (None, None)
