"""What hangs on cards in the sandbox: checklists, custom field values, labels."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hub_trello.sandbox import TrelloSandbox

from hub.sdk.sandbox import create_app


class World:
    """The sandbox as the bot sees it, at one moment."""

    def __init__(self) -> None:
        self.sandbox = TrelloSandbox(now=lambda: datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
        self.board = self.sandbox.boards["Acme Delivery"]
        secrets = f'OAuth oauth_consumer_key="{self.sandbox.bot.key}", oauth_token="{self.sandbox.bot.token}"'
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(self.sandbox)),
            base_url="http://trello.test/1",
            headers={"Authorization": secrets},
        )

    async def try_to(self, method: str, path: str, body: Any = None, **params: Any) -> httpx.Response:
        return await self.client.request(method, path, json=body, params=params)

    async def call(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        answer = await self.try_to(method, path, body, **params)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def card(self, **more: Any) -> Any:
        lists = self.sandbox.state()["boards"][0]["lists"]
        return await self.call("POST", "/cards", {"idList": lists[0]["id"], "name": "Order 42", **more})

    async def history(self, card: str) -> Any:
        return await self.call("GET", f"/cards/{card}/actions", filter="all")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.client.aclose()


async def test_checklists_live_on_cards_and_only_states_are_listed_in_the_history(world: World) -> None:
    card = await world.card()
    checklist = await world.call("POST", f"/cards/{card['id']}/checklists", {"name": "Todo"})
    one, two = [
        await world.call("POST", f"/checklists/{checklist['id']}/checkItems", {"name": name}) for name in ("one", "two")
    ]
    await world.call("PUT", f"/cards/{card['id']}/checkItem/{one['id']}", {"state": "complete", "name": "uno"})
    await world.call("DELETE", f"/checklists/{checklist['id']}/checkItems/{two['id']}")
    shown = await world.call("GET", f"/cards/{card['id']}", checklists="all")
    assert [(each["name"], each["state"]) for each in shown["checklists"][0]["checkItems"]] == [("uno", "complete")]
    assert (shown["badges"]["checkItems"], shown["badges"]["checkItemsChecked"]) == (1, 1)
    kinds = [each["type"] for each in await world.history(card["id"])]
    assert kinds == ["updateCheckItemStateOnCard", "addChecklistToCard", "createCard"]
    await world.call("DELETE", f"/cards/{card['id']}/checklists/{checklist['id']}")
    assert (await world.try_to("GET", f"/checklists/{checklist['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("text", {"text": "x"}, {"number": "1"}),
        ("number", {"number": "42.5"}, {"number": 42.5}),
        ("date", {"date": "2026-12-01T09:00:00.000Z"}, {"date": "soon"}),
        ("checkbox", {"checked": "true"}, {"checked": True}),
    ],
)
async def test_custom_values_are_strings_of_their_kind(world: World, kind: str, good: Any, bad: Any) -> None:
    card = await world.card()
    field = await world.call("POST", "/customFields", {"idModel": world.board, "name": "F", "type": kind})
    item = f"/cards/{card['id']}/customField/{field['id']}/item"
    refused = await world.try_to("PUT", item, {"value": bad})
    assert (refused.status_code, refused.json()["error"]) == (400, "ERROR")
    await world.call("PUT", item, {"value": good})
    values = await world.call("GET", f"/cards/{card['id']}/customFieldItems")
    assert [(each["value"], each["idValue"]) for each in values] == [(good, None)]
    await world.call("PUT", item, {"value": "", "idValue": ""})
    assert await world.call("GET", f"/cards/{card['id']}/customFieldItems") == []


async def test_list_fields_hold_the_id_of_an_option(world: World) -> None:
    card = await world.card()
    options = [{"value": {"text": "High"}}, {"value": {"text": "Low"}}]
    field = await world.call(
        "POST", "/customFields", {"idModel": world.board, "name": "Priority", "type": "list", "options": options}
    )
    high = field["options"][0]["id"]
    many = {"customFieldItems": [{"idCustomField": field["id"], "idValue": high}]}
    await world.call("PUT", f"/cards/{card['id']}/customFields", many)
    shown = await world.call("GET", f"/boards/{world.board}/cards", customFieldItems="true")
    assert [(each["value"], each["idValue"]) for each in shown[0]["customFieldItems"]] == [(None, high)]


async def test_two_labels_may_be_alike_and_colours_are_checked(world: World) -> None:
    twins = [
        await world.call("POST", "/labels", {"idBoard": world.board, "name": "a", "color": "lime_dark"}) for _ in "12"
    ]
    assert twins[0]["id"] != twins[1]["id"]
    refused = await world.try_to("POST", f"/boards/{world.board}/labels", {"name": "b", "color": "beige"})
    assert refused.text == "invalid value for color"
    unnamed = await world.call("POST", f"/boards/{world.board}/labels", {"name": "", "color": None})
    assert (unnamed["name"], unnamed["color"]) == ("", None)
    card = await world.card(idLabels=[twins[0]["id"]])
    await world.call("DELETE", f"/labels/{twins[0]['id']}")
    assert (await world.call("GET", f"/cards/{card['id']}"))["idLabels"] == []


async def test_values_that_do_not_fit_leave_all_of_a_card_as_it_was(world: World) -> None:
    card = await world.card()
    fields = [
        await world.call("POST", "/customFields", {"idModel": world.board, "name": kind, "type": kind})
        for kind in ("text", "number")
    ]
    values = [{"text": "x"}, {"number": "many"}]
    items = [{"idCustomField": field["id"], "value": value} for field, value in zip(fields, values, strict=True)]
    refused = await world.try_to("PUT", f"/cards/{card['id']}/customFields", {"customFieldItems": items})
    assert refused.status_code == 400
    assert await world.call("GET", f"/cards/{card['id']}/customFieldItems") == []


async def test_a_deleted_custom_field_takes_its_values_along(world: World) -> None:
    card = await world.card()
    field = await world.call("POST", "/customFields", {"idModel": world.board, "name": "Ref", "type": "text"})
    await world.call("PUT", f"/cards/{card['id']}/customField/{field['id']}/item", {"value": {"text": "x"}})
    await world.call("DELETE", f"/customFields/{field['id']}")
    assert await world.call("GET", f"/cards/{card['id']}/customFieldItems") == []
    assert await world.call("GET", f"/boards/{world.board}/customFields") == []
