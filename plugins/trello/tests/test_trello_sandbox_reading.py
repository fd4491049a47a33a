"""How the sandbox is read: nesting, fields, paging, history, search, batches."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hub_trello.sandbox import TrelloSandbox

from hub.sdk.sandbox import Faults, create_app


class Reader:
    """The bot's view of a sandbox whose clock moves a second with every call."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
        self.sandbox = TrelloSandbox(now=lambda: self.moment)
        self.board = self.sandbox.boards["Acme Delivery"]
        self.backlog = self.sandbox.state()["boards"][0]["lists"][0]["id"]
        secrets = f'OAuth oauth_consumer_key="{self.sandbox.bot.key}", oauth_token="{self.sandbox.bot.token}"'
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(self.sandbox)),
            base_url="http://trello.test/1",
            headers={"Authorization": secrets},
        )

    async def __call__(self, path: str, **params: Any) -> Any:
        answer = await self.client.get(path, params=params or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def write(self, method: str, path: str, **body: Any) -> Any:
        self.moment += timedelta(seconds=1)
        answer = await self.client.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def cards(self, count: int) -> list[str]:
        made = [await self.write("POST", "/cards", idList=self.backlog, name=f"Card {each}") for each in range(count)]
        return [each["id"] for each in made]


@pytest.fixture
async def read() -> AsyncIterator[Reader]:
    made = Reader()
    yield made
    await made.client.aclose()


async def test_a_board_is_read_with_all_that_is_on_it_in_one_call(read: Reader) -> None:
    await read.cards(2)
    shown = await read(
        f"/boards/{read.board}",
        fields="name",
        lists="open",
        list_fields="name",
        cards="visible",
        card_fields="name",
        card_customFieldItems="true",
        labels="all",
        members="all",
        customFields="true",
        actions="createCard",
    )
    assert [each["name"] for each in shown["lists"]] == ["Backlog", "Doing", "Review", "Done"]
    assert [set(each) for each in shown["cards"]] == [{"id", "name", "customFieldItems"}] * 2
    assert (shown["labels"][0]["name"], shown["labels"][0]["color"]) == ("client", "green")
    assert "" in {each["name"] for each in shown["labels"]}
    assert {each["fullName"] for each in shown["members"]} == {"Ana Lima", "Ben Okafor", "李伟", "Requirement Hub"}
    assert [each["type"] for each in shown["actions"]] == ["createCard"] * 2
    assert set(shown) == {"id", "name", "lists", "cards", "labels", "members", "customFields", "actions"}


async def test_cards_are_paged_by_their_creation_newest_first(read: Reader) -> None:
    made = await read.cards(7)
    pages, before = [], None
    while True:
        params = {"limit": 3, "fields": "name"} | ({"before": before} if before else {})
        page = [each["id"] for each in await read(f"/boards/{read.board}/cards/all", **params)]
        pages.append(page)
        if len(page) < 3:
            break
        before = min(page)
    assert pages == [made[:3:-1], made[3:0:-1], made[:1]]


async def test_since_and_before_look_at_creation_and_not_at_changes(read: Reader) -> None:
    first, second, third = await read.cards(3)
    await read.write("PUT", f"/cards/{first}", name="changed last")
    assert [each["id"] for each in await read(f"/boards/{read.board}/cards", since=second)] == [third]
    at = datetime.fromtimestamp(int(second[:8], 16), UTC).isoformat()
    assert [each["id"] for each in await read(f"/boards/{read.board}/cards", since=at)] == [third, second]
    assert [each["id"] for each in await read(f"/boards/{read.board}/cards", before=at)] == [first]


@pytest.mark.parametrize("limit", ["1001", "-1", "many"])
async def test_a_page_holds_at_most_a_thousand(read: Reader, limit: str) -> None:
    for path in ("cards", "actions", "labels"):
        answer = await read.client.get(f"/boards/{read.board}/{path}", params={"limit": limit})
        assert (answer.status_code, answer.text) == (400, "invalid value for limit")


async def test_actions_come_fifty_at_a_time_newest_first_and_page_back_by_id(read: Reader) -> None:
    await read.cards(60)
    first = await read(f"/boards/{read.board}/actions")
    assert len(first) == 50
    assert [each["id"] for each in first] == sorted((each["id"] for each in first), reverse=True)
    rest = await read(f"/boards/{read.board}/actions", before=first[-1]["id"], limit=1000)
    assert len(rest) == 10
    newer = await read(f"/boards/{read.board}/actions", since=first[1]["id"])
    assert [each["id"] for each in newer] == [first[0]["id"]]


async def test_the_history_can_be_narrowed_to_one_changed_field(read: Reader) -> None:
    (card,) = await read.cards(1)
    await read.write("PUT", f"/cards/{card}", name="N", desc="D")
    found = await read(f"/boards/{read.board}/actions", filter="updateCard:name, commentCard")
    assert [each["data"]["old"] for each in found] == [{"name": "Card 0"}]
    assert await read(f"/cards/{card}/actions") == []
    assert len(await read(f"/cards/{card}/actions", filter="updateCard")) == 2


async def test_actions_show_who_did_them_whatever_fields_are_asked_for(read: Reader) -> None:
    await read.cards(1)
    (shown,) = await read(f"/boards/{read.board}/actions", fields="type", memberCreator_fields="username")
    assert (shown["type"], shown["memberCreator"]["username"]) == ("createCard", "requirementhub")
    (bare,) = await read(f"/boards/{read.board}/actions", fields="type", memberCreator="false")
    assert set(bare) == {"id", "type"}


async def test_label_checkitem_and_comment_edits_are_never_listed(read: Reader) -> None:
    (card,) = await read.cards(1)
    label = (await read(f"/boards/{read.board}/labels"))[0]["id"]
    await read.write("PUT", f"/cards/{card}", idLabels=[label])
    await read.write("DELETE", f"/cards/{card}/idLabels/{label}")
    checklist = await read.write("POST", f"/cards/{card}/checklists", name="Todo")
    item = await read.write("POST", f"/checklists/{checklist['id']}/checkItems", name="one")
    await read.write("PUT", f"/cards/{card}/checkItem/{item['id']}", name="uno")
    await read.write("DELETE", f"/cards/{card}/checkItem/{item['id']}")
    comment = await read.write("POST", f"/cards/{card}/actions/comments", text="a")
    await read.write("PUT", f"/actions/{comment['id']}", text="b")
    hidden = "addLabelToCard,removeLabelFromCard,createCheckItem,updateCheckItem,deleteCheckItem,updateComment"
    assert await read(f"/boards/{read.board}/actions", filter=hidden) == []
    assert [each["type"] for each in await read(f"/cards/{card}/actions", filter="all")] == [
        "commentCard",
        "addChecklistToCard",
        "createCard",
    ]


async def test_lists_are_filtered_and_can_hold_their_cards(read: Reader) -> None:
    await read.cards(1)
    await read.write("PUT", f"/lists/{read.backlog}", closed=True)
    assert len(await read(f"/boards/{read.board}/lists")) == 3
    closed = await read(f"/boards/{read.board}/lists/closed", cards="open", card_fields="name")
    assert [[card["name"] for card in each["cards"]] for each in closed] == [["Card 0"]]
    assert len(await read(f"/boards/{read.board}/lists", filter="all")) == 4


async def test_a_field_alone_comes_wrapped_as_a_value(read: Reader) -> None:
    assert await read(f"/boards/{read.board}/name") == {"_value": "Acme Delivery"}
    assert (await read(f"/boards/{read.board}", fields="limits"))["limits"]["cards"]["openPerBoard"][
        "disableAt"
    ] == 5000


async def test_a_mail_address_is_shown_to_its_owner_alone(read: Reader) -> None:
    me = await read("/members/me", boards="all", board_fields="name")
    assert me["email"] == "requirementhub@acme.example"
    assert [each["name"] for each in me["boards"]] == ["Acme Delivery"]
    assert (await read("/members/liwei"))["email"] is None
    assert [each["id"] for each in await read("/members/me/boards", filter="open", fields="name")] == [read.board]


async def test_search_finds_whole_words_and_beginnings_when_partial(read: Reader) -> None:
    card = await read.write(
        "POST", "/cards", idList=read.backlog, name="Invoice 支付 fails", desc="see https://a.example"
    )
    found: Callable[..., Any] = lambda **params: read("/search", modelTypes="cards", **params)  # noqa: E731
    assert [each["id"] for each in (await found(query="invoice"))["cards"]] == [card["id"]]
    assert (await found(query="invo"))["cards"] == []
    assert [each["id"] for each in (await found(query="invo FAIL", partial="true"))["cards"]] == [card["id"]]
    assert (await found(query="invoice", idBoards="0" * 24))["cards"] == []
    assert [each["name"] for each in (await read("/search", query="Acme"))["boards"]] == ["Acme Delivery"]


async def test_the_search_index_lags_when_told_to(read: Reader) -> None:
    read.sandbox.faults = Faults(search_lag_s=30)
    await read.cards(1)
    assert (await read("/search", query="Card"))["cards"] == []
    read.moment += timedelta(seconds=31)
    assert len((await read("/search", query="Card"))["cards"]) == 1


async def test_a_batch_answers_each_read_under_its_own_status(read: Reader) -> None:
    (card,) = await read.cards(1)
    urls = [
        f"/cards/{card}?fields={quote('name,closed')}",
        f"/boards/{read.board}/name",
        f"/cards/{'0' * 24}",
        "/nowhere",
    ]
    answers = await read("/batch", urls=",".join(urls))
    assert answers[:2] == [
        {"200": {"id": card, "name": "Card 0", "closed": False}},
        {"200": {"_value": "Acme Delivery"}},
    ]
    assert answers[2] == {
        "404": {"name": "NotFoundError", "message": "The requested resource was not found.", "statusCode": 404}
    }
    assert list(answers[3]) == ["404"]
    refused = await read.client.get("/batch", params={"urls": ",".join(["/members/me"] * 11)})
    assert refused.status_code == 400
