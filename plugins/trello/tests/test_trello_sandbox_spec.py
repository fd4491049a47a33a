"""Every answer of the sandbox is held against the vendor's OpenAPI description, over a tour of all its endpoints."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hub_trello.sandbox import TrelloSandbox

from hub.sdk.sandbox import create_app
from hub.testing.openapi import OpenApi

pytestmark = pytest.mark.data

# Where the vendor's description differs from what the service is known to answer: a pattern of the complaint, the reason.
KNOWN_FAULTS = {
    r'(due|date|dateLast\w+): ".*" is not a "date"': "moments come with time and zone, in every export and recorded answer",
    r"(softLimit|dateLastView|descData|idMemberCreator|idOrganization): null": "null where there is none (exports of all years)",
    r"(avatarHash|avatarUrl|idEnterprise): null": "members without a picture or enterprise (exports of 2019 and 2022)",
    r"prefs/(backgroundImage|backgroundImageScaled): null": "boards with a plain colour have no picture",
    r'prefs/background: "': "a plain colour is named, not given by id",
    r'prefs/permissionLevel: "(private|public)"': "private and public boards exist",
    r'prefs/voting: "members"': "who may vote, in exports of 2015 and 2016",
    r"(idTags|powerUps|memberships): \[": "a list, described as a string",
    r"GET /boards/\{id\}/memberships: 200: answer \[": "all memberships, described as one",
    r"limits: null": "actions without limits say null",
    r'bytes: \d+ is not of types "null", "string"': "sizes are numbers",
    r'edgeColor: "#': "a colour in hexadecimal digits",
    r"previews/\d+: \{": "pictures are objects, described as strings",
    r"POST /cards/\{id\}/attachments: 200: answer \{": "the new attachment, described as a list",
    r"customFieldItems: 200: answer \d+/value: null": "list fields have a null value beside idValue",
    r"checkItemStates/\d+: \{": "objects of item and state, described as strings",
    r"labels/\d+: \{": "whole labels, described as ids",
    r"dueReminder: -?\d+": "minutes, described as a string",
    r"GET /search: 200: answer \{": "an object by kind of model, described as a list",
    r'modelType: "(Board|Organization)"': "permissions name their kind with a capital letter",
    r"nameData: \{": "an object of emoji, described as a string",
    r"pos: [\d.]+ is not of type": "positions are numbers",
}


def shared() -> Path:
    """The folder of real exports and schemas."""
    return Path(os.environ.get("HUB_SHARED") or Path(__file__).parents[4] / "shared")


@pytest.fixture(scope="module")
def openapi() -> OpenApi:
    path = shared() / "specs" / "trello.openapi.json"
    if not path.exists():
        pytest.skip("the vendor's OpenAPI description is not beside the project")
    return OpenApi(path, allow=KNOWN_FAULTS, fields_in_body=True)


class Tour:
    """A client that checks each answer as it comes."""

    def __init__(self, sandbox: TrelloSandbox, openapi: OpenApi) -> None:
        self.sandbox, self._openapi = sandbox, openapi
        self.problems: list[str] = []
        secrets = f'OAuth oauth_consumer_key="{sandbox.bot.key}", oauth_token="{sandbox.bot.token}"'
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(sandbox)),
            base_url="http://trello.test/1",
            headers={"Authorization": secrets},
        )

    async def call(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        answer = await self._client.request(method, path, json=body, params=params)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text}"
        raw = answer.request.url.raw_path.decode().partition("?")[0]
        self.problems += self._openapi.check_answer(method, raw, 200, dict(answer.headers), answer.content)
        return answer.json() if answer.content else None

    async def close(self) -> None:
        await self._client.aclose()


@pytest.fixture
async def tour(openapi: OpenApi) -> AsyncIterator[Tour]:
    made = Tour(TrelloSandbox(), openapi)
    yield made
    await made.close()


async def test_answers_about_fresh_objects_are_as_described(tour: Tour) -> None:
    board = next(iter(tour.sandbox.boards.values()))
    everything = {"fields": "all", "lists": "all", "cards": "all", "labels": "all", "members": "all", "actions": "all"}
    lists = await tour.call("GET", f"/boards/{board}/lists")
    label = await tour.call("POST", "/labels", {"idBoard": board, "name": "blue", "color": "blue"})
    field = await tour.call(
        "POST",
        "/customFields",
        {"idModel": board, "modelType": "board", "name": "Size", "type": "list", "options": [{"value": {"text": "L"}}]},
    )
    card = await tour.call(
        "POST",
        "/cards",
        {"idList": lists[0]["id"], "name": "A", "idLabels": [label["id"]], "urlSource": "https://a.example/1"},
    )
    one = f"/cards/{card['id']}"
    await tour.call("PUT", one, {"due": "2026-12-01", "idList": lists[1]["id"], "dueComplete": True})
    comment = await tour.call("POST", f"{one}/actions/comments", {"text": "hello"})
    checklist = await tour.call("POST", f"{one}/checklists", {"name": "Todo"})
    item = await tour.call("POST", f"/checklists/{checklist['id']}/checkItems", {"name": "one"})
    await tour.call("PUT", f"{one}/checkItem/{item['id']}", {"state": "complete"})
    await tour.call("PUT", f"{one}/checklist/{checklist['id']}/checkItem/{item['id']}", {"name": "uno"})
    await tour.call("PUT", f"{one}/customField/{field['id']}/item", {"idValue": field["options"][0]["id"]})
    await tour.call("POST", f"{one}/attachments", {"url": "https://a.example/2"})
    await tour.call("POST", f"{one}/idMembers", {"value": tour.sandbox.bot.member["id"]})
    for path in ("actions", "attachments", "checklists", "customFieldItems", "members", "pluginData", "board", "list"):
        await tour.call("GET", f"{one}/{path}")
    await tour.call(
        "GET", one, members="true", checklists="all", attachments="true", customFieldItems="true", actions="all"
    )
    await tour.call("GET", f"/boards/{board}", **everything)
    for path in ("actions", "cards", "cards/all", "checklists", "customFields", "labels", "members", "memberships"):
        await tour.call("GET", f"/boards/{board}/{path}")
    for path in (f"/actions/{comment['id']}", f"/checklists/{checklist['id']}", f"/customFields/{field['id']}"):
        await tour.call("GET", path)
    await tour.call("GET", f"/lists/{lists[1]['id']}/cards")
    await tour.call("GET", "/search", query="A")
    for path in ("me", "me/boards", "me/cards"):
        await tour.call("GET", f"/members/{path}")
    await tour.call("GET", f"/tokens/{tour.sandbox.bot.token}")
    await tour.call("GET", f"/tokens/{tour.sandbox.bot.token}/webhooks")
    await tour.call("DELETE", one)
    assert tour.problems == []


@pytest.mark.parametrize(
    "name",
    [
        "fda_recalls_v1",
        "fda_recalls_v2",
        "gocd_comments",
        "gocd_test_drive",
        "nebula_2015-06-17",
        "nebula_2015-06-19",
        "nebula_design_studio",
        "new_words_1_may12",
        "new_words_2_may13",
        "new_words_3_may17",
        "tellybox",
    ],
)
async def test_a_real_export_however_old_is_served_as_described(tour: Tour, name: str) -> None:
    document = json.loads((shared() / "data" / "trello" / "boards" / f"{name}.json").read_text(encoding="utf-8"))
    tour.sandbox.load(document)
    board = list(tour.sandbox.boards.values())[-1]
    cards = await tour.call("GET", f"/boards/{board}/cards/all", attachments="true", customFieldItems="true")
    told = (
        len(document["cards"]) if isinstance(document, dict) else len({each["data"]["card"]["id"] for each in document})
    )
    assert len(cards) == told
    await tour.call("GET", f"/boards/{board}", fields="all", lists="all", labels="all", members="all", checklists="all")
    await tour.call("GET", f"/boards/{board}/lists/all")
    await tour.call("GET", f"/boards/{board}/actions", limit=1000)
    some = max(cards, key=lambda card: (len(card["attachments"]), len(card["idChecklists"]), len(card["labels"])))
    for path in ("", "/actions", "/attachments", "/checklists", "/customFieldItems"):
        await tour.call("GET", f"/cards/{some['id']}{path}")
    assert tour.problems == []


def recorded(name: str) -> Any:
    """An answer that the real service once gave."""
    told = json.loads((shared() / "data" / "trello" / "rest_raw" / f"{name}.json").read_text(encoding="utf-8"))
    return told[0] if isinstance(told, list) else told


async def test_answers_have_every_field_of_recorded_ones(tour: Tour) -> None:
    board = next(iter(tour.sandbox.boards.values()))
    lists = await tour.call("GET", f"/boards/{board}/lists")
    made = await tour.call("POST", "/cards", {"idList": lists[0]["id"], "name": "A"})
    checklist = await tour.call("POST", f"/cards/{made['id']}/checklists", {"name": "Todo"})
    await tour.call("POST", f"/checklists/{checklist['id']}/checkItems", {"name": "one"})
    field = {"idModel": board, "name": "Size", "type": "list", "options": [{"value": {"text": "L"}}]}
    answers = {
        "rwjdk_GetBoardExample": await tour.call("GET", f"/boards/{board}"),
        "rwjdk_GetCardExample": await tour.call("GET", f"/cards/{made['id']}"),
        "rwjdk_GetCustomField": await tour.call("POST", "/customFields", field),
        "rwjdk_GetLabelsExample": (await tour.call("GET", f"/boards/{board}/labels"))[0],
        "rwjdk_Checklists": (await tour.call("GET", f"/cards/{made['id']}/checklists"))[0],
        "rwjdk_Objects_ReturnValueFromAddComment": await tour.call(
            "POST", f"/cards/{made['id']}/actions/comments", {"text": "hello"}
        ),
        "rwjdk_BoardActions": (await tour.call("GET", f"/boards/{board}/actions"))[0],
    }
    missing = {name: set(recorded(name)) - set(answer) for name, answer in answers.items()}
    assert {name: keys for name, keys in missing.items() if keys} == {}
    card = recorded("rwjdk_GetCardExample")
    shown = answers["rwjdk_GetCardExample"]
    assert set(card["badges"]) == set(shown["badges"])
    assert set(card["cover"]) == set(shown["cover"])
    item = recorded("rwjdk_Checklists")["checkItems"][0]
    assert set(item) == set(answers["rwjdk_Checklists"]["checkItems"][0])
