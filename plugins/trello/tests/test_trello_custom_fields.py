"""Custom fields of every type: as values, and as what is sent for them."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hub_trello.board import Board
from hub_trello.connector import TrelloConnector
from hub_trello.custom import NoSuchValue, shown_custom, written_custom
from hub_trello.layout import Layout
from hypothesis import given
from hypothesis import strategies as st

from hub.sdk import Draft, Kind, KindSettings, Patch, Refusal
from plugins.trello.tests.trello_at_work import EVERY_KIND, AtWork, at_work, one, read, records, written

OPTIONS = [{"id": "o1", "value": {"text": "High"}}, {"id": "o2", "value": {"text": "Low"}}]
FIELDS: list[dict[str, Any]] = [
    {"id": "f1", "name": "Text", "type": "text", "pos": 1},
    {"id": "f2", "name": "Number", "type": "number", "pos": 2},
    {"id": "f3", "name": "Tick", "type": "checkbox", "pos": 3},
    {"id": "f4", "name": "Day", "type": "date", "pos": 4},
    {"id": "f5", "name": "List", "type": "list", "pos": 5, "options": OPTIONS},
]
NAMES = tuple(str(each["name"]) for each in FIELDS)
BOARD = Board.of("a1", [], [], [], FIELDS, Layout(custom=NAMES))
VALUES = {
    "Text": st.text(min_size=1),
    "Number": st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False),
    "Tick": st.booleans(),
    "Day": st.dates().map(lambda day: day.isoformat()),
    "List": st.sampled_from(["High", "Low"]),
}


def field(name: str) -> dict[str, Any]:
    return next(each for each in FIELDS if each["name"] == name)


def shown(name: str, item: dict[str, Any] | None) -> Any:
    card = {"customFieldItems": [{"idCustomField": field(name)["id"], **item}] if item else []}
    return shown_custom(card, BOARD)[name]["value"]


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_what_is_written_is_read_as_what_was_meant(name: str, data: st.DataObject) -> None:
    value = data.draw(VALUES[name])
    assert shown(name, {"value": None, "idValue": None, **written_custom(field(name), value, None)}) == value


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_set_is_none_and_none_clears_it(name: str) -> None:
    assert shown(name, None) is None
    assert written_custom(field(name), None, None) == {"value": "", "idValue": ""}


def test_every_type_is_told_even_of_what_is_not_set() -> None:
    types = {name: each["type"] for name, each in shown_custom({}, BOARD).items()}
    assert types == {"Text": "text", "Number": "number", "Tick": "flag", "Day": "day", "List": "text"}


@pytest.mark.parametrize(
    ("name", "item", "value"),
    [
        ("Number", {"value": {"number": "42"}}, 42),
        ("Number", {"value": {"number": "many"}}, "many"),
        ("Day", {"value": {"date": "2026-12-01T23:30:00+01:00"}}, "2026-12-01"),
        ("Day", {"value": {"date": "2026-12-01T09:00:00Z"}}, "2026-12-01"),
        ("Day", {"value": {"date": "soon"}}, "soon"),
        ("Tick", {"value": {"checked": "false"}}, False),
        ("List", {"value": None, "idValue": "o9"}, "o9"),
    ],
)
def test_odd_values_are_shown_and_never_dropped(name: str, item: dict[str, Any], value: Any) -> None:
    assert shown(name, item) == value


def test_a_day_keeps_the_time_of_day_that_it_has_there() -> None:
    item = {"value": {"date": "2026-12-01T09:15:00.000Z"}}
    assert written_custom(field("Day"), "2026-12-24", item) == {"value": {"date": "2026-12-24T09:15:00.000Z"}}
    assert written_custom(field("Day"), "2026-12-24", None) == {"value": {"date": "2026-12-24T12:00:00.000Z"}}


def test_an_option_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(NoSuchValue, match="High, Low"):
        written_custom(field("List"), "Middling", None)


def test_fields_may_be_named_by_id_and_unknown_ones_are_left_out() -> None:
    board = Board.of("a1", [], [], [], FIELDS, Layout(custom=("f5", "Nowhere")))
    held = {"customFieldItems": [{"idCustomField": "f5", "value": None, "idValue": "o2"}]}
    assert shown_custom(held, board) == {"f5": {"type": "text", "value": "Low"}}


# over real connections


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[AtWork]:
    with at_work(monkeypatch) as work:
        for each in FIELDS:
            choices = [option["value"]["text"] for option in each.get("options", ())]
            work.ana.custom_field(work.board, each["name"], each["type"], *choices)
        yield work


@pytest.fixture
async def trello(work: AtWork) -> AsyncIterator[TrelloConnector]:
    settings = KindSettings(custom={name.lower(): name for name in (*NAMES, "Nowhere")})
    connector = work.connect({**EVERY_KIND, Kind.REQUIREMENT: settings})
    yield connector
    await connector.close()


async def test_every_type_is_made_changed_and_cleared(work: AtWork, trello: TrelloConnector) -> None:
    first = {"Text": "A-77", "Number": 42.5, "Tick": True, "Day": "2026-12-01", "List": "High"}
    given = {name: {"type": "?", "value": value} for name, value in first.items()}
    made = written((await trello.create(Kind.REQUIREMENT, [Draft("REQ-1", {"name": "n", "custom": given})]))[0])
    assert {name: each["value"] for name, each in made.fields["custom"].items()} == first
    (listed,) = records(await read(trello, Kind.REQUIREMENT))
    assert (listed.fields, listed.version) == (made.fields, made.version)
    second = {"Text": None, "Number": 7, "Tick": False, "Day": "2026-12-24", "List": "Low"}
    wanted = {name: {**each, "value": second[name]} for name, each in made.fields["custom"].items()}
    cursor = (await read(trello, Kind.REQUIREMENT))[-1].cursor
    shown = written((await trello.update(Kind.REQUIREMENT, [Patch(made.id, {"custom": wanted}, made)]))[0])
    assert {name: each["value"] for name, each in shown.fields["custom"].items()} == second
    (again,) = records(await read(trello, Kind.REQUIREMENT, cursor))
    assert again.fields == shown.fields
    assert again.touches["custom"].who == (await trello.open()).account


async def test_only_what_differs_is_sent(work: AtWork, trello: TrelloConnector) -> None:
    card = work.ana.card(work.board)
    base = await one(trello, Kind.REQUIREMENT, card)
    wanted = {**base.fields["custom"], "Text": {"type": "text", "value": "A-77"}}
    before = trello.calls
    written((await trello.update(Kind.REQUIREMENT, [Patch(card, {"custom": wanted}, base)]))[0])
    assert trello.calls - before == 2  # one value, and the card read again


async def test_a_field_that_is_not_there_is_refused_with_those_that_are(work: AtWork, trello: TrelloConnector) -> None:
    base = await one(trello, Kind.REQUIREMENT, work.ana.card(work.board))
    wanted = {**base.fields["custom"], "Nowhere": {"type": "text", "value": "x"}}
    (outcome,) = await trello.update(Kind.REQUIREMENT, [Patch(base.id, {"custom": wanted, "name": "N"}, base)])
    assert isinstance(outcome, Refusal)
    assert "Text, Number, Tick, Day, List" in outcome.fields["custom"]
    assert outcome.record is not None
    assert outcome.record.fields["name"] == "N"


async def test_the_fields_are_described_with_their_types_and_choices(trello: TrelloConnector) -> None:
    told = {each.name: each for each in (await trello.describe()).fields[Kind.REQUIREMENT]}
    assert [told[name].type for name in NAMES] == ["text", "number", "flag", "day", "choice"]
    assert told["List"].choices == ("High", "Low")
    assert all(told[name].also for name in NAMES), "the settings may give a field by its id"
