"""Acceptance criteria: what has to be sent so that a checklist shows them, and that it then does."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

import pytest
from hub_trello.acceptance import Step, arranged, steps
from hub_trello.connector import TrelloConnector
from hub_trello.layout import Layout
from hub_trello.mapping import REQUIREMENT
from hub_trello.options import RequirementOptions
from hypothesis import given
from hypothesis import strategies as st

from hub.sdk import Draft, Kind, KindSettings, Patch
from plugins.trello.tests.trello_at_work import EVERY_KIND, AtWork, at_work, one, read, records, written

CRITERIA = [{"text": "Opens in Excel", "met": False}, {"text": "Has all columns", "met": True}]
places = st.lists(st.none() | st.integers(1, 40).map(float), max_size=12)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[AtWork]:
    with at_work(monkeypatch) as work:
        yield work


@pytest.fixture
async def trello(work: AtWork) -> AsyncIterator[TrelloConnector]:
    connector = work.connect()
    yield connector
    await connector.close()


# what has to be sent


@given(places)
def test_places_grow_and_those_in_order_stay(shown: list[float | None]) -> None:
    found = arranged(shown)
    assert found == sorted(set(found))
    assert all(place > 0 for place in found)
    known = [each for each in shown if each is not None]
    if known == sorted(set(known)):
        assert [place for place, before in zip(found, shown, strict=True) if before is not None] == known


items = st.dictionaries(
    st.sampled_from("abcdef"), st.tuples(st.sampled_from(["x", "y", "z"]), st.booleans(), st.integers(1, 99))
)


@given(items, st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["x", "y"]), st.booleans()), max_size=8))
def test_the_steps_lead_from_what_is_there_to_what_is_wanted(
    there: dict[str, tuple[str, bool, int]], asked: list[tuple[str, str, bool]]
) -> None:
    held = sorted(there.items(), key=lambda each: (each[1][2], each[0]))
    had = [{"id": number, "text": text, "met": met} for number, (text, met, _) in held]
    wanted: list[dict[str, Any]] = []
    for number, text, met in {each[0]: each for each in asked}.values():
        wanted.append({"id": number, "text": text, "met": met} if number in there else {"text": text, "met": met})
    told = steps(had, wanted, {number: float(place) for number, (_, _, place) in there.items()})
    shown = carried_out(there, told)
    assert [(each["text"], each["met"]) for each in shown] == [(each["text"], each["met"]) for each in wanted]
    assert [each["id"] for each in shown if each["id"] in there] == [each["id"] for each in wanted if "id" in each]


def carried_out(there: Mapping[str, tuple[str, bool, int]], told: Sequence[Step]) -> list[dict[str, Any]]:
    """What a service shows after the steps."""
    held = {n: {"id": n, "text": text, "met": met, "pos": float(pos)} for n, (text, met, pos) in there.items()}
    for at, step in enumerate(told):
        if step.body is None:
            del held[str(step.item)]
            continue
        body, number = step.body, step.item or f"new {at}"
        item = held.setdefault(number, {"id": number, "met": False})
        item |= {"text": body.get("name", item.get("text")), "pos": body.get("pos", item.get("pos"))}
        item["met"] = body.get("checked", body["state"] == "complete" if "state" in body else item["met"])
    return sorted(held.values(), key=lambda each: (each["pos"], each["id"]))


def test_nothing_is_sent_where_nothing_differs() -> None:
    had = [{"id": "a", "text": "x", "met": True}, {"id": "b", "text": "y", "met": False}]
    assert steps(had, had, {"a": 1.0, "b": 2.0}) == []
    assert steps(had, [had[0], {**had[1], "met": True}], {"a": 1.0, "b": 2.0}) == [Step("b", {"state": "complete"})]


@pytest.mark.parametrize("name", ["Acceptance criteria", "acceptance  CRITERIA:", "验收标准"])
def test_the_checklist_of_criteria_is_known_by_either_name(name: str) -> None:
    card = {"checklists": [{"id": "1", "name": "Other", "pos": 1}, {"id": "2", "name": name, "pos": 2}]}
    found = Layout().acceptance_of(card)
    assert found is not None
    assert found["id"] == "2"
    assert [each["id"] for each in Layout().tasks_of(card)] == ["1"]


# over real connections


async def test_criteria_are_made_with_a_card_in_their_order(work: AtWork, trello: TrelloConnector) -> None:
    made = written((await trello.create(Kind.REQUIREMENT, [Draft("REQ-1", {"name": "n", "acceptance": CRITERIA})]))[0])
    assert [{name: each[name] for name in ("text", "met")} for each in made.fields["acceptance"]] == CRITERIA
    (checklist,) = work.ana.does("GET", f"/cards/{made.id}/checklists")
    assert checklist["name"] == "Acceptance criteria"
    fetched = await one(trello, Kind.REQUIREMENT, made.id)
    (listed,) = records(await read(trello, Kind.REQUIREMENT))
    assert made.fields == fetched.fields == listed.fields
    assert made.version == fetched.version == listed.version
    assert made.marker == fetched.marker == "REQ-1"


async def test_items_keep_their_ids_while_they_are_edited_moved_and_joined(
    work: AtWork, trello: TrelloConnector
) -> None:
    card = work.ana.card(work.board)
    work.ana.checklist(card, "Acceptance criteria", "One", "Two", "Three")
    base = await one(trello, Kind.REQUIREMENT, card)
    one_, two_, three = base.fields["acceptance"]
    wanted = [three, {"text": "New", "met": True}, {**one_, "text": "First", "met": True}]
    shown = written((await trello.update(Kind.REQUIREMENT, [Patch(card, {"acceptance": wanted}, base)]))[0])
    found = shown.fields["acceptance"]
    assert [(each["text"], each["met"]) for each in found] == [("Three", False), ("New", True), ("First", True)]
    assert [found[0]["id"], found[2]["id"]] == [three["id"], one_["id"]]
    assert two_["id"] not in {each["id"] for each in found}
    now = await one(trello, Kind.REQUIREMENT, card)
    assert (shown.fields, shown.version, shown.extra) == (now.fields, now.version, now.extra)


async def test_a_heading_in_the_description_stays_a_part_of_it(trello: TrelloConnector) -> None:
    text = "All of it.\n\n## Background\n\nThey asked.\n\n## Acceptance criteria\n\n- [ ] Opens"
    made = written((await trello.create(Kind.REQUIREMENT, [Draft("REQ-1", {"name": "n", "desc": text})]))[0])
    assert made.fields["acceptance"] == []
    assert REQUIREMENT["background"].get(made.fields["desc"]) == "They asked."
    assert "Acceptance criteria" in REQUIREMENT["description"].get(made.fields["desc"])


async def test_another_name_may_be_given_to_the_checklist(work: AtWork) -> None:
    options = RequirementOptions(acceptance_checklist="Done when")
    trello = work.connect({**EVERY_KIND, Kind.REQUIREMENT: KindSettings(options=options)})
    card = work.ana.card(work.board)
    work.ana.checklist(card, "Acceptance criteria", "A task here")
    base = await one(trello, Kind.REQUIREMENT, card)
    shown = written((await trello.update(Kind.REQUIREMENT, [Patch(card, {"acceptance": CRITERIA}, base)]))[0])
    assert [each["text"] for each in shown.fields["acceptance"]] == ["Opens in Excel", "Has all columns"]
    assert {each["name"] for each in work.ana.does("GET", f"/cards/{card}/checklists")} == {
        "Acceptance criteria",
        "Done when",
    }
    assert [each.fields["name"] for each in records(await read(trello, Kind.TASK))] == ["A task here"]
    await trello.close()


async def test_a_ticked_criterion_brings_its_card(work: AtWork, trello: TrelloConnector) -> None:
    card = work.ana.card(work.board)
    work.ana.checklist(card, "Acceptance criteria", "One")
    cursor = (await read(trello, Kind.REQUIREMENT))[-1].cursor
    work.ana.does("PUT", f"/cards/{card}/checkItem/{work.ana.items(card)['One']['id']}", {"name": "Renamed"})
    (shown,) = records(await read(trello, Kind.REQUIREMENT, cursor))
    assert [each["text"] for each in shown.fields["acceptance"]] == ["Renamed"]


async def test_who_made_a_card_left_it_without_criteria_until_somebody_adds_a_checklist(
    work: AtWork, trello: TrelloConnector
) -> None:
    (outcome,) = await trello.create(Kind.REQUIREMENT, [Draft("REQ-1", {"name": "n"})])
    card, me = written(outcome).id, (await trello.open()).account
    assert (await one(trello, Kind.REQUIREMENT, card)).touches["acceptance"].who.id == me.id
    checklist = work.ana.checklist(card, "Acceptance criteria")
    work.ana.does("DELETE", f"/checklists/{checklist}")
    assert "acceptance" not in (await one(trello, Kind.REQUIREMENT, card)).touches


async def test_criteria_that_were_begun_and_broken_off_are_known_for_our_own(
    work: AtWork, trello: TrelloConnector
) -> None:
    me = (await trello.open()).account
    ours, hers = work.bot.card(work.board, "Ours"), work.ana.card(work.board, "Hers")
    for card in (ours, hers):
        work.bot.checklist(card, "Acceptance criteria", "One")
    assert (await one(trello, Kind.REQUIREMENT, ours)).touches["acceptance"].who.id == me.id
    assert "acceptance" not in (await one(trello, Kind.REQUIREMENT, hers)).touches
    assert all("acceptance" not in each.touches for each in records(await read(trello, Kind.REQUIREMENT)))
