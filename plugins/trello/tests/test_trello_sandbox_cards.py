"""What happens to cards in the sandbox, and what history it leaves."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hub_trello.sandbox import TrelloSandbox

from hub.sdk.sandbox import create_app

SINGLE = ("name", "desc", "due", "closed")


class Clock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 8, 0, 0, 123000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def tick(self, seconds: float = 60) -> None:
        self.moment += timedelta(seconds=seconds)


class World:
    """The sandbox with its clock, seen by the bot and by people."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.sandbox = TrelloSandbox(now=self.clock)
        self.board = self.sandbox.boards["Acme Delivery"]
        app = create_app(self.sandbox)
        environment = self.sandbox.environment()
        secrets = {"bot": {"key": environment["TRELLO_KEY"], "token": environment["TRELLO_TOKEN"]}}
        secrets |= {person.name: dict(person.credentials) for person in self.sandbox.people()}
        self.clients = {
            name: httpx.AsyncClient(
                transport=httpx.ASGITransport(app),
                base_url="http://trello.test/1",
                headers={"Authorization": f'OAuth oauth_consumer_key="{each["key"]}", oauth_token="{each["token"]}"'},
            )
            for name, each in secrets.items()
        }

    async def call(self, method: str, path: str, body: Any = None, *, by: str = "bot", **params: Any) -> Any:
        answer = await self.try_to(method, path, body, by=by, **params)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def try_to(
        self, method: str, path: str, body: Any = None, *, by: str = "bot", **params: Any
    ) -> httpx.Response:
        self.clock.tick(1)
        return await self.clients[by].request(method, path, json=body, params=params)

    async def lists(self) -> dict[str, str]:
        return {each["name"]: each["id"] for each in await self.call("GET", f"/boards/{self.board}/lists")}

    async def card(self, **more: Any) -> dict[str, Any]:
        lists = await self.lists()
        made: dict[str, Any] = await self.call(
            "POST", "/cards", {"idList": lists["Backlog"], "name": "Order 42", **more}
        )
        return made

    async def history(self, card: str, **params: Any) -> list[Any]:
        params = {"filter": "all", **params}
        found: list[Any] = await self.call("GET", f"/cards/{card}/actions", **params)
        return found

    async def activity(self, card: str) -> str:
        return str((await self.call("GET", f"/cards/{card}"))["dateLastActivity"])


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    for client in made.clients.values():
        await client.aclose()


async def test_a_new_card_has_an_id_that_tells_when_it_was_made(world: World) -> None:
    card = await world.card()
    assert datetime.fromtimestamp(int(card["id"][:8], 16), UTC) == world.clock().replace(microsecond=0)
    assert len(card["id"]) == 24
    assert len(card["shortLink"]) == 8
    assert card["idShort"] == 1
    assert (await world.call("GET", f"/cards/{card['shortLink']}"))["id"] == card["id"]


async def test_the_same_seed_gives_the_same_ids_whatever_the_time_is() -> None:
    early, late = TrelloSandbox(now=lambda: datetime(2024, 1, 1, tzinfo=UTC)), TrelloSandbox()
    assert early.state() == late.state()
    assert early.environment() == late.environment()
    assert early.environment() != TrelloSandbox(seed=1).environment()


async def test_url_source_attaches_a_link_in_the_same_call_as_the_creation(world: World) -> None:
    card = await world.card(urlSource="https://hub.example/REQ-1")
    assert [(each["url"], each["isUpload"]) for each in card["attachments"]] == [("https://hub.example/REQ-1", False)]
    assert card["name"] == "Order 42"


async def test_a_json_body_overrules_the_query_and_forms_are_read_too(world: World) -> None:
    card = await world.card()
    changed = await world.call(
        "PUT", f"/cards/{card['id']}", {"name": "from body"}, name="from query", desc="from query"
    )
    assert (changed["name"], changed["desc"]) == ("from body", "from query")
    answer = await world.clients["bot"].put(f"/cards/{card['id']}", data={"name": "from form"})
    assert answer.json()["name"] == "from form"


async def test_names_are_trimmed_and_line_ends_made_plain(world: World) -> None:
    card = await world.card(name="  Order 42\n", desc="one\r\ntwo  ")
    assert (card["name"], card["desc"]) == ("Order 42", "one\ntwo  ")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 16385),
        ("desc", "x" * 16385),
        ("due", "soon"),
        ("pos", -1),
        ("pos", "middle"),
        ("idList", "0" * 24),
        ("idMembers", ["0" * 24]),
        ("closed", "maybe"),
        ("dueComplete", "maybe"),
    ],
)
async def test_a_bad_value_is_refused_in_one_line_of_text_and_changes_nothing(
    world: World, field: str, value: Any
) -> None:
    card = await world.card()
    answer = await world.try_to("PUT", f"/cards/{card['id']}", {"start": "2026-01-01", field: value})
    assert (answer.status_code, answer.text) == (400, f"invalid value for {field}")
    assert answer.headers["content-type"].startswith("text/plain")
    assert (await world.call("GET", f"/cards/{card['id']}"))["start"] is None


async def test_a_card_needs_a_name_and_a_list(world: World) -> None:
    backlog = (await world.lists())["Backlog"]
    assert (await world.try_to("POST", "/cards", {"idList": backlog, "name": " "})).text == "invalid value for name"
    assert (await world.try_to("POST", "/cards", {"name": "A"})).text == "invalid value for idList"


async def test_dates_come_back_with_milliseconds_and_null_clears_them(world: World) -> None:
    card = await world.card(due="2026-12-01T10:00:00+01:00", start="2026-11-01")
    assert (card["due"], card["start"]) == ("2026-12-01T09:00:00.000Z", "2026-11-01T00:00:00.000Z")
    cleared = await world.call("PUT", f"/cards/{card['id']}", {"due": None, "start": ""})
    assert (cleared["due"], cleared["start"]) == (None, None)


async def test_null_as_text_writes_the_word_and_as_json_clears(world: World) -> None:
    card = await world.card(desc="something")
    assert (await world.call("PUT", f"/cards/{card['id']}", None, desc="null"))["desc"] == "null"
    assert (await world.call("PUT", f"/cards/{card['id']}", {"desc": None}))["desc"] == ""


async def test_a_change_of_many_fields_leaves_one_action_for_each(world: World) -> None:
    card, lists = await world.card(), await world.lists()
    await world.call("PUT", f"/cards/{card['id']}", {"name": "New", "desc": "text", "idList": lists["Doing"]})
    changes = [each for each in await world.history(card["id"]) if each["type"] == "updateCard"]
    assert [each["data"]["old"] for each in changes] == [
        {"idList": lists["Backlog"]},
        {"desc": ""},
        {"name": "Order 42"},
    ]
    assert changes[0]["data"]["listAfter"] == {"id": lists["Doing"], "name": "Doing"}
    assert changes[1]["data"]["card"]["desc"] == "text"


async def test_a_change_that_changes_nothing_leaves_no_trace(world: World) -> None:
    card = await world.card(due="2026-12-01")
    before, was = await world.history(card["id"]), await world.activity(card["id"])
    await world.call(
        "PUT", f"/cards/{card['id']}", {key: card[key] for key in (*SINGLE, "idLabels", "idMembers", "pos")}
    )
    assert await world.history(card["id"]) == before
    assert await world.activity(card["id"]) == was


async def test_labels_positions_and_custom_values_do_not_move_the_activity_stamp(world: World) -> None:
    card = await world.card()
    labels = await world.call("GET", f"/boards/{world.board}/labels")
    field = await world.call("POST", "/customFields", {"idModel": world.board, "name": "Size", "type": "number"})
    was = await world.activity(card["id"])
    await world.call("PUT", f"/cards/{card['id']}", {"idLabels": [labels[0]["id"]], "pos": 7})
    await world.call("PUT", f"/cards/{card['id']}/customField/{field['id']}/item", {"value": {"number": "4"}})
    assert await world.activity(card["id"]) == was
    await world.call("PUT", f"/cards/{card['id']}", {"name": "moves it"})
    assert await world.activity(card["id"]) > was


async def test_labels_and_members_given_in_a_change_replace_the_whole_set(world: World) -> None:
    labels = [each["id"] for each in await world.call("GET", f"/boards/{world.board}/labels")]
    members = [each["id"] for each in await world.call("GET", f"/boards/{world.board}/members")]
    card = await world.card(idLabels=labels[:2], idMembers=members[0])
    changed = await world.call("PUT", f"/cards/{card['id']}", {"idLabels": labels[2:3], "idMembers": members[1:2]})
    assert (changed["idLabels"], changed["idMembers"]) == (labels[2:3], members[1:2])
    assert [each["color"] for each in changed["labels"]] == ["orange"]
    kinds = [each["type"] for each in await world.history(card["id"])]
    assert kinds == ["addMemberToCard", "removeMemberFromCard", "addMemberToCard", "createCard"]


async def test_repeated_ids_are_refused(world: World) -> None:
    label = (await world.call("GET", f"/boards/{world.board}/labels"))[0]["id"]
    card = await world.card()
    answer = await world.try_to("PUT", f"/cards/{card['id']}", {"idLabels": [label, label]})
    assert (answer.status_code, answer.text) == (400, "label not found")


async def test_one_label_or_member_can_come_and_go(world: World) -> None:
    label = (await world.call("GET", f"/boards/{world.board}/labels"))[0]["id"]
    member = (await world.call("GET", "/members/me"))["id"]
    card = f"/cards/{(await world.card())['id']}"
    assert await world.call("POST", f"{card}/idLabels", {"value": label}) == [label]
    assert (await world.try_to("POST", f"{card}/idLabels", {"value": label})).status_code == 400
    assert [each["id"] for each in await world.call("POST", f"{card}/idMembers", {"value": member})] == [member]
    await world.call("DELETE", f"{card}/idLabels/{label}")
    await world.call("DELETE", f"{card}/idMembers/{member}")
    shown = await world.call("GET", card)
    assert (shown["idLabels"], shown["idMembers"]) == ([], [])


async def test_positions_are_words_or_numbers(world: World) -> None:
    first, second = await world.card(name="1"), await world.card(name="2")
    top, between = await world.card(name="0", pos="top"), await world.card(name="1½", pos=70000.5)
    backlog = (await world.lists())["Backlog"]
    shown = await world.call("GET", f"/lists/{backlog}/cards", fields="name")
    assert [each["name"] for each in shown] == ["0", "1", "1½", "2"]
    assert (first["pos"], second["pos"], top["pos"], between["pos"]) == (65535, 131071, 32767.5, 70000.5)


async def test_neighbours_are_renumbered_when_the_gaps_close(world: World) -> None:
    for index in range(40):
        await world.card(name=str(index), pos="top")
    backlog = (await world.lists())["Backlog"]
    shown = await world.call("GET", f"/lists/{backlog}/cards")
    assert [each["name"] for each in shown] == [str(index) for index in reversed(range(40))]
    assert all(each["pos"] > 1e-3 for each in shown)


async def test_one_field_can_be_written_and_read_by_its_own_route(world: World) -> None:
    card, lists = f"/cards/{(await world.card())['id']}", await world.lists()
    for field, value in {
        "name": "N",
        "desc": "D",
        "closed": "true",
        "idList": lists["Done"],
        "due": "2026-01-01",
    }.items():
        await world.call("PUT", f"{card}/{field}", {"value": value})
    shown = await world.call("GET", card)
    assert (shown["name"], shown["desc"], shown["closed"], shown["idList"]) == ("N", "D", True, lists["Done"])
    assert await world.call("GET", f"{card}/due") == {"_value": "2026-01-01T00:00:00.000Z"}


async def test_a_deleted_card_leaves_one_action_and_is_not_found_in_plain_text(world: World) -> None:
    card = await world.card()
    await world.call("POST", f"/cards/{card['id']}/actions/comments", {"text": "soon gone"})
    assert await world.call("DELETE", f"/cards/{card['id']}") == {"limits": {}}
    answer = await world.try_to("GET", f"/cards/{card['id']}")
    assert (answer.status_code, answer.text) == (404, "The requested resource was not found.")
    about = [each for each in await world.call("GET", f"/boards/{world.board}/actions") if "card" in each["data"]]
    assert [each["type"] for each in about] == ["deleteCard"]
    assert about[0]["data"]["card"] == {key: card[key] for key in ("id", "idShort", "shortLink")}


async def test_cards_on_an_archived_list_stay_open_but_are_not_visible(world: World) -> None:
    card, lists = await world.card(), await world.lists()
    await world.call("PUT", f"/lists/{lists['Backlog']}/closed", {"value": True})
    assert [each["id"] for each in await world.call("GET", f"/boards/{world.board}/cards")] == [card["id"]]
    assert await world.call("GET", f"/boards/{world.board}/cards/visible") == []
    assert "Backlog" not in await world.lists()


async def test_a_move_to_another_board_keeps_the_id_and_loses_custom_values(world: World) -> None:
    label = (await world.call("GET", f"/boards/{world.board}/labels"))[0]["id"]
    field = await world.call("POST", "/customFields", {"idModel": world.board, "name": "Ref", "type": "text"})
    card = await world.card(idLabels=[label], urlSource="https://hub.example/REQ-1")
    await world.call("PUT", f"/cards/{card['id']}/customField/{field['id']}/item", {"value": {"text": "REQ-1"}})
    other = await world.call("POST", "/boards", {"name": "Elsewhere"})
    target = (await world.call("GET", f"/boards/{other['id']}/lists"))[0]
    refused = await world.try_to("PUT", f"/cards/{card['id']}", {"idList": target["id"]})
    assert refused.text == "invalid value for idList"
    await world.call("PUT", f"/cards/{card['id']}", {"idBoard": other["id"], "idList": target["id"]})
    shown = await world.call("GET", f"/cards/{card['id']}", attachments="true", customFieldItems="true")
    assert (shown["idBoard"], shown["idLabels"], shown["customFieldItems"]) == (other["id"], [], [])
    assert len(shown["attachments"]) == 1
    left = await world.call("GET", f"/boards/{world.board}/actions", filter="moveCardFromBoard")
    came = await world.call("GET", f"/boards/{other['id']}/actions", filter="moveCardToBoard")
    assert [each["data"]["card"]["id"] for each in left + came] == [card["id"]] * 2


async def test_only_its_author_edits_a_comment(world: World) -> None:
    card = await world.card()
    comment = await world.call("POST", f"/cards/{card['id']}/actions/comments", {"text": "first"}, by="Ana Lima")
    assert (comment["type"], comment["memberCreator"]["username"]) == ("commentCard", "analima")
    refused = await world.try_to("PUT", f"/actions/{comment['id']}", {"text": "mine"}, by="李伟")
    assert (refused.status_code, refused.text) == (401, "unauthorized permission requested")
    path = f"/cards/{card['id']}/actions/{comment['id']}/comments"
    edited = await world.call("PUT", path, {"text": "second"}, by="Ana Lima")
    assert edited["data"]["text"] == "second"
    assert edited["data"]["dateLastEdited"] > comment["date"]
    await world.call("DELETE", path, by="Ana Lima")
    assert await world.history(card["id"], filter="commentCard") == []


async def test_a_closed_board_is_read_but_not_written(world: World) -> None:
    card = await world.card()
    await world.call("PUT", f"/boards/{world.board}", {"closed": True})
    assert (await world.try_to("PUT", f"/cards/{card['id']}", {"name": "x"})).status_code == 400
    assert (await world.call("GET", f"/cards/{card['id']}"))["name"] == "Order 42"


async def test_an_action_names_the_application_that_wrote_it(world: World) -> None:
    card = await world.card()
    await world.call("PUT", f"/cards/{card['id']}", {"name": "by a person"}, by="Ben Okafor")
    person, bot = await world.history(card["id"])
    assert bot["appCreator"] == {"id": world.sandbox.bot.app}
    assert person["appCreator"] not in (None, bot["appCreator"])
    assert person["memberCreator"]["fullName"] == "Ben Okafor"


async def test_a_copy_has_ids_of_its_own_but_carries_the_same_links(world: World) -> None:
    card = await world.card(urlSource="https://hub.example/REQ-1", desc="text", due="2026-12-01")
    await world.call("POST", f"/cards/{card['id']}/checklists", {"name": "Todo"})
    await world.call("POST", f"/cards/{card['id']}/actions/comments", {"text": "hello"})
    lists = await world.lists()
    copy = await world.call("POST", "/cards", {"idList": lists["Doing"], "idCardSource": card["id"], "due": "null"})
    assert copy["id"] != card["id"]
    assert (copy["name"], copy["desc"], copy["due"]) == (card["name"], "text", card["due"])
    assert [each["url"] for each in copy["attachments"]] == ["https://hub.example/REQ-1"]
    assert copy["attachments"][0]["id"] != card["attachments"][0]["id"]
    assert len(copy["idChecklists"]) == 1
    assert [each["type"] for each in await world.history(copy["id"])] == ["copyCommentCard", "copyCard"]
    bare = {"idList": lists["Doing"], "idCardSource": card["id"], "keepFromSource": "due"}
    assert (await world.call("POST", "/cards", bare))["attachments"] == []
