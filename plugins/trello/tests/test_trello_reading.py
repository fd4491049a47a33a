"""Reading boards of any size: how many calls it takes, and what a cursor remembers."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
import pytest
from hub_trello import reading
from hub_trello.config import TrelloConfig
from hub_trello.connector import TrelloConnector
from hub_trello.marker import marker_link
from pydantic import SecretStr

from hub.sdk import Absence, BadAnswer, Cursor, Kind, Network, Page, Record, ServiceDown, Setup
from hub.testing import marked

BOARD, LIST, ANA = "66a000000000000000000001", "66b000000000000000000001", "5f0000000000000000000001"


def number(n: int) -> str:
    return f"66d0{n:020x}"


class ReadOnlyTrello:
    """Just enough of the service to be read: one board, `limit`, `before` and `since` on ids, and batches."""

    def __init__(self, cards: int) -> None:
        self.cards: dict[str, dict[str, Any]] = {}
        self.actions: list[dict[str, Any]] = []
        self.list_name = "Backlog"
        self.broken: str | None = None
        self.hidden: dict[str, str] = {}
        self.most = 1_000_000
        self.spoilt: Any = ()
        """What stands on the second page of cards, if that is not as it should be; "again" for the first page."""
        for n in range(cards):
            self.put(n)

    def put(self, n: int, **changed: Any) -> str:
        plain: dict[str, Any] = {
            "id": number(n),
            "idBoard": BOARD,
            "idList": LIST,
            "name": f"card {n}",
            "desc": "",
            "idLabels": [],
        }
        plain |= {"idMembers": [], "closed": False, "due": None, "start": None, "dueComplete": False, "attachments": []}
        self.cards[number(n)] = {**plain, "dateLastActivity": "2026-11-01T10:00:00.000Z", **changed}
        return number(n)

    def tell(self, kind: str, n: int, **data: Any) -> None:
        about = {"card": {"id": number(n)}, **data}
        told = {"id": f"66f0{len(self.actions):020x}", "type": kind, "date": "2026-11-02T10:00:00.000Z"}
        self.actions.append({**told, "idMemberCreator": ANA, "data": about})

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/1/batch":
            urls = request.url.query.decode().removeprefix("urls=").split(",")
            return httpx.Response(200, json=[self.part(unquote(url)) for url in urls])
        part = self.part(request.url.raw_path.decode().removeprefix("/1"))
        ((status, data),) = part.items()
        return httpx.Response(int(status), text=data if isinstance(data, str) else json.dumps(data))

    def part(self, address: str) -> dict[str, Any]:
        path, _, query = address.partition("?")
        params = dict(parse_qsl(query))
        if path == self.broken:
            return {"500": "Internal Server Error"}
        if path.removeprefix("/cards/") in self.hidden:
            return {"401": self.hidden[path.removeprefix("/cards/")]}
        if path.startswith("/cards/"):
            found = self.cards.get(path.removeprefix("/cards/"))
            return {"200": found} if found else {"404": "The requested resource was not found."}
        return {"200": self.collection(path, params)}

    def collection(self, path: str, params: Mapping[str, str]) -> Any:
        match path.split("/")[1:]:
            case ["members", "me"]:
                return {"id": ANA, "fullName": "Ana"}
            case ["boards", _]:
                return {"id": BOARD, "name": "Dev", "closed": False}
            case [*_, "lists"]:
                return [{"id": LIST, "name": self.list_name, "closed": False, "pos": 1}]
            case [*_, "members"]:
                return [{"id": ANA, "fullName": "Ana", "username": "ana"}]
            case [*_, "cards", "all"] if "before" in params and self.spoilt != ():
                first = {key: value for key, value in params.items() if key != "before"}
                return self.paged([*self.cards.values()], first) if self.spoilt == "again" else self.spoilt
            case [*_, "cards", "all"]:
                return self.paged([*self.cards.values()], params)
            case [*_, "actions"]:
                return self.paged([a for a in self.actions if a["type"] in params["filter"].split(",")], params)
        return []

    def paged(self, things: list[dict[str, Any]], params: Mapping[str, str]) -> list[dict[str, Any]]:
        between = [t for t in things if params.get("since", "") < t["id"] < params.get("before", "~")]
        return sorted(between, key=lambda t: str(t["id"]), reverse=True)[: min(int(params["limit"]), self.most)]


class Poll:
    """A connector on such a service, and how many calls its last reading took."""

    def __init__(self, service: ReadOnlyTrello) -> None:
        network = Network(transport=httpx.MockTransport(service.answer), sleep=no_wait, attempts=1)
        config = TrelloConfig(plugin="trello", key=SecretStr("k"), token=SecretStr("t"), board=BOARD)
        self.connector, self.calls = TrelloConnector(Setup("trello", config, network=network)), 0

    async def pages(self, cursor: Cursor | None = None, *, full: bool = False) -> list[Page]:
        await self.connector.open()
        before = self.connector.calls
        pages = [page async for page in self.connector.changes(Kind.REQUIREMENT, cursor, full=full)]
        self.calls = self.connector.calls - before
        assert json.loads(json.dumps(pages[-1].cursor)) == pages[-1].cursor
        return pages


async def no_wait(seconds: float) -> None:
    """Time flies."""


def ids(pages: list[Page]) -> list[str]:
    return [record.id for page in pages for record in page.records]


@pytest.mark.parametrize(("cards", "calls"), [(0, 2), (999, 2), (1000, 3), (2500, 4)])
async def test_a_first_reading_gives_every_card_a_thousand_to_a_call(cards: int, calls: int) -> None:
    poll = Poll(ReadOnlyTrello(cards))
    pages = await poll.pages()
    assert sorted(ids(pages)) == [number(n) for n in range(cards)]
    assert poll.calls == calls
    assert pages[0].total == (cards if cards < 1000 else None)


@pytest.mark.parametrize(("cards", "calls"), [(0, 1), (999, 1), (1500, 2), (2500, 3)])
async def test_a_quiet_poll_is_one_call_for_each_thousand_cards(cards: int, calls: int) -> None:
    poll = Poll(ReadOnlyTrello(cards))
    first = await poll.pages()
    pages = await poll.pages(first[-1].cursor)
    assert (ids(pages), [list(page.gone) for page in pages], poll.calls) == ([], [[]], calls)
    assert pages[-1].cursor == first[-1].cursor


async def test_changed_and_new_cards_are_read_with_the_poll() -> None:
    service = ReadOnlyTrello(50)
    poll = Poll(service)
    first = await poll.pages()
    changed = [service.put(n, name="new name") for n in range(5, 15)] + [service.put(77)]
    pages = await poll.pages(first[-1].cursor)
    assert sorted(ids(pages)) == sorted(changed)
    assert poll.calls == 1
    assert ids(await poll.pages(pages[-1].cursor)) == []


@pytest.fixture
def heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No board is light enough to be polled with its descriptions."""
    monkeypatch.setattr(reading, "LIGHT", -1)


@pytest.mark.usefixtures("heavy")
async def test_changed_and_new_cards_of_a_heavy_board_are_read_ten_to_a_call() -> None:
    service = ReadOnlyTrello(50)
    poll = Poll(service)
    first = await poll.pages()
    changed = [service.put(n, name="new name") for n in range(5, 15)] + [service.put(77)]
    pages = await poll.pages(first[-1].cursor)
    assert sorted(ids(pages)) == sorted(changed)
    assert poll.calls == 1 + 2
    assert ids(await poll.pages(pages[-1].cursor)) == []


async def test_a_label_that_moves_no_date_is_seen_all_the_same() -> None:
    service = ReadOnlyTrello(3)
    poll = Poll(service)
    first = await poll.pages()
    service.put(1, idMembers=[ANA])
    assert ids(await poll.pages(first[-1].cursor)) == [number(1)]


@pytest.mark.usefixtures("heavy")
async def test_a_renamed_list_changes_its_cards_and_many_are_read_by_the_page() -> None:
    service = ReadOnlyTrello(900)
    poll = Poll(service)
    first = await poll.pages()
    service.list_name = "Ready"
    pages = await poll.pages(first[-1].cursor)
    assert len(ids(pages)) == 900
    assert {record.fields["list"] for page in pages for record in page.records} == {"Ready"}
    assert poll.calls == 2


async def test_who_changed_a_field_comes_with_the_record() -> None:
    service = ReadOnlyTrello(2)
    poll = Poll(service)
    first = await poll.pages()
    service.put(1, name="renamed")
    service.tell("updateCard", 1, old={"name": "card 1"})
    (record,) = [r for page in await poll.pages(first[-1].cursor) for r in page.records]
    assert record.touched is not None
    assert (record.touched.who.name, sorted(record.touches)) == ("Ana", ["name"])


async def test_an_action_that_came_after_its_card_was_read_brings_the_card_again() -> None:
    service = ReadOnlyTrello(2)
    poll = Poll(service)
    first = await poll.pages()
    service.tell("updateCard", 1, old={"name": "before"})
    pages = await poll.pages(first[-1].cursor)
    assert ids(pages) == [number(1)]
    assert ids(await poll.pages(pages[-1].cursor)) == []


async def test_more_than_a_thousand_actions_are_paged() -> None:
    service = ReadOnlyTrello(1)
    poll = Poll(service)
    first = await poll.pages()
    service.tell("updateCard", 0, old={"desc": ""})
    for _ in range(1500):
        service.tell("updateCard", 0, old={"name": "x"})
    (record,) = [r for page in await poll.pages(first[-1].cursor) for r in page.records]
    assert sorted(record.touches) == ["desc", "name"]


async def test_a_deleted_card_is_gone_without_a_further_call() -> None:
    service = ReadOnlyTrello(3)
    poll = Poll(service)
    first = await poll.pages()
    del service.cards[number(1)]
    service.tell("deleteCard", 1)
    pages = await poll.pages(first[-1].cursor)
    assert (list(pages[-1].gone), poll.calls) == ([number(1)], 1)
    assert list((await poll.pages(pages[-1].cursor))[-1].gone) == []


async def test_a_deleted_card_is_told_of_even_if_the_reading_was_broken_off_before() -> None:
    service = ReadOnlyTrello(3)
    poll = Poll(service)
    first = await poll.pages()
    del service.cards[number(1)]
    service.tell("deleteCard", 1)
    service.put(2, name="changed")
    changed, _ = await poll.pages(first[-1].cursor)
    assert list((await poll.pages(changed.cursor))[-1].gone) == [number(1)]


async def test_a_card_that_moved_away_is_not_gone() -> None:
    service = ReadOnlyTrello(3)
    poll = Poll(service)
    first = await poll.pages()
    del service.cards[number(1)]
    service.tell("moveCardFromBoard", 1)
    assert list((await poll.pages(first[-1].cursor))[-1].gone) == []


async def test_half_a_look_is_an_error_and_nobody_is_gone() -> None:
    service = ReadOnlyTrello(3)
    poll = Poll(service)
    first = await poll.pages()
    service.broken = f"/boards/{BOARD}/cards/all"
    with pytest.raises(ServiceDown):
        await poll.pages(first[-1].cursor)


async def test_a_reading_that_was_broken_off_goes_on_from_its_last_page() -> None:
    poll = Poll(ReadOnlyTrello(1200))
    first, *_ = await poll.pages()
    rest = await poll.pages(first.cursor)
    assert sorted(ids([first, *rest])) == [number(n) for n in range(1200)]


async def test_a_full_reading_gives_what_did_not_change_too() -> None:
    poll = Poll(ReadOnlyTrello(3))
    first = await poll.pages()
    assert len(ids(await poll.pages(first[-1].cursor, full=True))) == 3


async def test_templates_mirrors_and_separators_are_passed_over() -> None:
    service = ReadOnlyTrello(2)
    poll = Poll(service)
    service.put(5, isTemplate=True)
    service.put(6, cardRole="mirror")
    first = await poll.pages()
    service.put(7, cardRole="separator")
    assert sorted(ids(first)) == [number(0), number(1)]
    assert ids(await poll.pages(first[-1].cursor)) == []


async def test_markers_are_found_oldest_first_on_archived_cards_too() -> None:
    service = ReadOnlyTrello(1500)
    link = [{"id": "1", "url": marker_link("REQ-1")}]
    service.put(1400, attachments=link, closed=True)
    service.put(3, attachments=link)
    found = await Poll(service).connector.find(Kind.REQUIREMENT, marked(["REQ-1", "REQ-2"]))
    assert found == {"REQ-1": [number(3), number(1400)]}


async def test_why_a_card_cannot_be_read_is_told_apart() -> None:
    service = ReadOnlyTrello(1)
    service.tell("deleteCard", 20)
    service.tell("moveCardFromBoard", 21)
    service.hidden[number(22)] = "unauthorized card permission requested"
    service.put(23, idBoard="66a00000000000000000000f")
    service.put(24, isTemplate=True)
    asked = [*(number(n) for n in (20, 21, 22, 23, 24, 25)), "no id"]
    found = await Poll(service).connector.fetch(Kind.REQUIREMENT, asked)
    moved, hidden = Absence.MOVED, Absence.HIDDEN  # of the last but one the board tells nothing
    assert list(found.values()) == [Absence.DELETED, moved, hidden, moved, moved, hidden, Absence.DELETED]


async def test_cards_that_a_page_leaves_out_are_not_gone() -> None:
    service = ReadOnlyTrello(50)
    poll = Poll(service)
    first = await poll.pages()
    service.most = 20
    pages = await poll.pages(first[-1].cursor)
    assert (ids(pages), pages[-1].gone) == ([], [])
    missed = [number(n) for n in range(30)]
    assert all(isinstance(each, Record) for each in (await poll.connector.fetch(Kind.REQUIREMENT, missed)).values())


@pytest.mark.parametrize("spoilt", [{}, None, [{"name": "no id"}], "again"])
async def test_a_page_of_cards_that_is_none_is_an_error(spoilt: Any) -> None:
    service = ReadOnlyTrello(1500)
    poll = Poll(service)
    cursor = (await poll.pages())[-1].cursor
    service.spoilt = spoilt
    for full in (True, False):
        with pytest.raises(BadAnswer):
            await poll.pages(cursor, full=full)


async def test_a_card_that_is_missing_after_a_list_left_the_board_is_no_proof_of_a_delete() -> None:
    service = ReadOnlyTrello(0)
    service.tell("deleteCard", 1)
    service.tell("moveListFromBoard", 0, card=None)
    found = await Poll(service).connector.fetch(Kind.REQUIREMENT, [number(1), number(2)])
    assert found == {number(1): Absence.DELETED, number(2): Absence.MOVED}


async def test_ten_cards_are_fetched_in_one_call() -> None:
    poll = Poll(ReadOnlyTrello(10))
    await poll.pages()
    before = poll.connector.calls
    assert len(await poll.connector.fetch(Kind.REQUIREMENT, [number(n) for n in range(10)])) == 10
    assert poll.connector.calls - before == 1


async def test_the_author_of_a_single_card_comes_with_it() -> None:
    service = ReadOnlyTrello(1)
    service.tell("updateCard", 0, old={"due": None})
    service.cards[number(0)]["actions"] = service.actions
    record = (await Poll(service).connector.fetch(Kind.REQUIREMENT, [number(0)]))[number(0)]
    assert isinstance(record, Record)
    assert list(record.touches) == ["due"]
