"""Requests and answers held against OpenAPI descriptions."""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from hub.testing.openapi import OpenApi, Recorder

ID = {"$ref": "#/components/schemas/Id"}
CARD = {"$ref": "#/components/schemas/Card"}
SPEC: dict[str, Any] = {
    "openapi": "3.0.3",
    "servers": [{"url": "https://api.example.com/1"}],
    "paths": {
        "/cards/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": ID}],
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 50}},
                    {"name": "closed", "in": "query", "schema": {"type": "boolean"}},
                    {"name": "fields", "in": "query", "schema": {"type": "array", "items": {"enum": ["id", "name"]}}},
                    {"name": "keep", "in": "query", "explode": False, "schema": {"type": "string", "enum": ["a", "b"]}},
                    {"name": "X-Page", "in": "header", "required": True, "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {"content": {"application/json": {"schema": CARD}}},
                    "4XX": {"content": {"application/json": {"schema": {"type": "object", "required": ["error"]}}}},
                },
            },
        },
        "/cards/recent": {"get": {"responses": {"default": {"description": "whatever"}}}},
        "/cards": {
            "post": {
                "parameters": [{"name": "name", "in": "query", "required": True, "schema": {"type": "string"}}],
                "responses": {"200": {"content": {"application/json": {"schema": CARD}}}},
            },
            "put": {
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": CARD},
                        "application/x-www-form-urlencoded": {"schema": CARD},
                    },
                },
                "responses": {"204": {"description": "done"}},
            },
        },
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "token"}},
        "schemas": {
            "Id": {"type": "string", "pattern": "^[0-9a-f]{4}$"},
            "Card": {
                "type": "object",
                "required": ["id", "name"],
                "additionalProperties": False,
                "properties": {
                    "id": {"$ref": "#/components/schemas/Id"},
                    "name": {"type": "string", "nullable": True},
                    "pos": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
                    "state": {"type": "string", "enum": ["open", "done"], "nullable": True},
                    "parent": {"$ref": "#/components/schemas/Card", "nullable": True},
                    "cover": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                    "made": {"type": "string", "format": "date-time"},
                },
            },
        },
    },
}
JSON = {"Content-Type": "application/json; charset=utf-8"}
PAGE = {"x-page": "1"}


def write(folder: Path, spec: dict[str, Any]) -> Path:
    path = folder / "spec.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    return path


@pytest.fixture
def openapi(tmp_path: Path) -> OpenApi:
    return OpenApi(write(tmp_path, SPEC))


def put(openapi: OpenApi, **card: Any) -> list[str]:
    body = {"id": "00ff", "name": "A card", **card}
    return openapi.check_request("PUT", "/1/cards", {}, JSON, json.dumps(body).encode())


def test_a_request_as_described_has_no_problem(openapi: OpenApi) -> None:
    query = [("limit", "50"), ("closed", "true"), ("fields", "id,name"), ("keep", "a,b"), ("token", "t")]
    assert openapi.check_request("get", "/1/cards/00ff", query, PAGE, b"") == []


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"limit": "51"}, "query limit: 51 is greater than the maximum of 50"),
        ({"limit": "many"}, 'query limit: "many" is not of type "integer"'),
        ({"closed": "yes"}, 'query closed: "yes" is not of type "boolean"'),
        ({"limit": ["1", "2"]}, "query limit: given 2 times but holds one value"),
        ({"colour": "red"}, "query colour is not a parameter of this operation"),
        ({"fields": "id,size"}, "query fields: 1: "),
        ({"keep": "a,c"}, "query keep: "),
    ],
)
def test_a_query_that_is_not_as_described_is_told(openapi: OpenApi, query: dict[str, Any], problem: str) -> None:
    (said,) = openapi.check_request("GET", "/1/cards/00ff", query, PAGE, b"")
    assert said.startswith(f"GET /cards/{{id}}: {problem}")


def test_a_list_may_be_repeated(openapi: OpenApi) -> None:
    assert openapi.check_request("GET", "/1/cards/00ff", {"fields": ["id", "name"]}, PAGE, b"") == []


def test_a_path_value_is_judged_too(openapi: OpenApi) -> None:
    (said,) = openapi.check_request("GET", "/1/cards/zz", {}, PAGE, b"")
    assert said.startswith("GET /cards/{id}: path id: ")


def test_a_required_parameter_is_missed(openapi: OpenApi) -> None:
    assert openapi.check_request("GET", "/1/cards/00ff", {}, {}, b"") == [
        "GET /cards/{id}: header X-Page is required but missing"
    ]
    assert openapi.check_request("POST", "/1/cards", {}, {}, b"") == ["POST /cards: query name is required but missing"]


def test_the_most_literal_path_answers(openapi: OpenApi) -> None:
    assert openapi.operation("GET", "/1/cards/recent") == "GET /cards/recent"


@pytest.mark.parametrize(("method", "path"), [("GET", "/cards/00ff"), ("GET", "/1/boards"), ("PATCH", "/1/cards")])
def test_an_unknown_operation_is_one_problem(openapi: OpenApi, method: str, path: str) -> None:
    assert openapi.check_request(method, path, {"a": "b"}, {}, b"x") == [f"no such operation: {method} {path}"]
    assert openapi.check_answer(method, path, 200, {}, b"") == [f"no such operation: {method} {path}"]


@pytest.mark.parametrize(
    "card",
    [
        {"name": None},
        {"state": None},
        {"parent": None},
        {"parent": {"id": "0000", "name": "B"}},
        {"pos": 0.5},
        {"cover": 3},
    ],
)
def test_the_dialect_of_three_point_zero_is_understood(openapi: OpenApi, card: dict[str, Any]) -> None:
    assert put(openapi, **card) == []


@pytest.mark.parametrize(
    ("card", "problem"),
    [
        ({"pos": 0}, "body pos: 0 is less than or equal to the minimum of 0"),
        ({"state": "lost"}, "body state: "),
        ({"parent": {"id": "0000"}}, "body parent: "),
        ({"parent": {"id": "0000", "name": 3}}, 'body parent/name: 3 is not of types "null", "string"'),
        ({"cover": []}, "body cover: "),
        ({"made": "yesterday"}, 'body made: "yesterday" is not a "date-time"'),
        ({"size": 1}, "body Additional properties are not allowed"),
    ],
)
def test_a_body_that_is_not_as_described_is_told(openapi: OpenApi, card: dict[str, Any], problem: str) -> None:
    (said,) = put(openapi, **card)
    assert said.startswith(f"PUT /cards: {problem}")


def test_a_body_of_another_type_or_none_is_told(openapi: OpenApi) -> None:
    def said(headers: dict[str, str], body: bytes) -> str:
        (problem,) = openapi.check_request("PUT", "/1/cards", {}, headers, body)
        return problem

    assert said(JSON, b"") == "PUT /cards: a body is required but missing"
    assert said({"content-type": "text/plain"}, b"x").startswith("PUT /cards: body is text/plain, not application/json")
    assert said(JSON, b"{").startswith("PUT /cards: body is not JSON")
    assert said(JSON, b'{"id": NaN}').startswith("PUT /cards: body is not JSON")


def test_a_form_is_read_by_its_schema(openapi: OpenApi) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert openapi.check_request("PUT", "/1/cards", {}, form, b"id=00ff&name=A&pos=1.5") == []
    assert len(openapi.check_request("PUT", "/1/cards", {}, form, b"id=00ff&name=A&pos=first")) == 1


def test_a_body_may_stand_for_the_query_where_the_service_takes_it(tmp_path: Path) -> None:
    openapi = OpenApi(write(tmp_path, SPEC), fields_in_body=True)
    assert openapi.check_request("POST", "/1/cards", {}, JSON, b'{"name": "A"}') == []
    assert openapi.check_request("POST", "/1/cards", {}, JSON, b'{"name": "A", "size": 1}') == [
        "POST /cards: query size is not a parameter of this operation"
    ]


def test_an_answer_is_judged_by_its_status(openapi: OpenApi) -> None:
    def said(status: int, body: bytes, kind: str = "application/json") -> list[str]:
        return openapi.check_answer("GET", "/1/cards/00ff", status, {"content-type": kind}, body)

    assert said(200, b'{"id": "00ff", "name": "A"}') == []
    assert said(404, b'{"error": "gone"}') == []
    assert said(200, b"plain", "text/plain") == []
    assert len(said(404, b"{}")) == 1
    assert said(200, b"") == ["GET /cards/{id}: 200: an answer with a body is described, this one has none"]
    assert said(500, b"") == ["GET /cards/{id}: 500: this status is not described, only 200, 4XX"]
    assert openapi.check_answer("GET", "/1/cards/recent", 503, {}, b"") == []


def test_known_faults_of_the_description_are_counted_and_not_told(tmp_path: Path) -> None:
    openapi = OpenApi(write(tmp_path, SPEC), allow={r"^GET /cards/\{id\}: 5\d\d: ": "it may be down"})
    assert openapi.check_answer("GET", "/1/cards/00ff", 503, {}, b"") == []
    assert openapi.deviations == {r"^GET /cards/\{id\}: 5\d\d: ": 1}


async def test_the_recorder_judges_what_passes_and_changes_nothing(openapi: OpenApi) -> None:
    async def card(request: Request) -> Response:
        return JSONResponse({"id": request.path_params["id"]})

    async def change(request: Request) -> Response:
        return PlainTextResponse(await request.body())

    routes = [
        Route("/1/cards/{id}", card),
        Route("/1/cards", change, methods=["PUT"]),
        Route("/_sandbox/calls", change, methods=["PUT"]),
    ]
    recorder = Recorder(Starlette(routes=routes), openapi)

    async def pieces() -> Any:
        for piece in (b'{"id": "00ff", ', b'"name": "A"}'):
            yield piece

    transport = httpx.ASGITransport(recorder)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        assert (await client.get("/1/cards/00ff", params={"limit": "x"}, headers=PAGE)).json() == {"id": "00ff"}
        assert (await client.put("/1/cards", content=pieces(), headers=JSON)).text == '{"id": "00ff", "name": "A"}'
        assert (await client.put("/_sandbox/calls", content=b"anything")).text == "anything"
        assert (await client.get("/1/nowhere")).status_code == 404
    assert recorder.problems == [
        'GET /cards/{id}: query limit: "x" is not of type "integer"',
        'GET /cards/{id}: 200: answer "name" is a required property',
        "PUT /cards: 200: this status is not described, only 204",
        "no such operation: GET /1/nowhere",
    ]
    assert recorder.operations == {"GET /cards/{id}": 1, "PUT /cards": 1}


def described_by(name: str) -> Path:
    shared = Path(os.environ.get("HUB_SHARED") or Path(__file__).resolve().parents[4] / "shared")
    path = shared / "specs" / f"{name}.openapi.json"
    if not path.is_file():
        pytest.skip(f"the description of {name} is not here: {path}")
    return path


@pytest.fixture(scope="module")
def jira() -> OpenApi:
    return OpenApi(described_by("jira"))


@pytest.fixture(scope="module")
def trello() -> OpenApi:
    return OpenApi(described_by("trello"), fields_in_body=True)


ISSUE = "/rest/api/3/issue"
CREATE = {"fields": {"summary": "A summary", "project": {"id": "10000"}, "issuetype": {"id": "10001"}}}
CREATED = {"id": "10042", "key": "PROJ-1", "self": "https://example.atlassian.net/rest/api/3/issue/10042"}


@pytest.mark.data
def test_good_exchanges_with_jira_pass(jira: OpenApi) -> None:
    assert jira.check_request("POST", ISSUE, {}, JSON, json.dumps(CREATE).encode()) == []
    assert jira.check_answer("POST", ISSUE, 201, JSON, json.dumps(CREATED).encode()) == []
    query = {"jql": "project = PROJ", "fields": "summary,status", "maxResults": "100"}
    found = {"issues": [{"id": "10042", "key": "PROJ-1", "fields": {"summary": "A summary"}}], "isLast": True}
    assert jira.check_request("GET", "/rest/api/3/search/jql", query, {}, b"") == []
    assert jira.check_answer("GET", "/rest/api/3/search/jql", 200, JSON, json.dumps(found).encode()) == []


@pytest.mark.data
def test_bad_exchanges_with_jira_are_told(jira: OpenApi) -> None:
    body = json.dumps({**CREATE, "field": {}}).encode()
    assert len(jira.check_request("POST", ISSUE, {"notify": "no"}, JSON, body)) >= 1
    assert len(jira.check_answer("POST", ISSUE, 201, JSON, json.dumps({**CREATED, "id": 10042}).encode())) == 1
    assert len(jira.check_request("GET", "/rest/api/3/search/jql", {"maxResults": "all", "startAt": "5"}, {}, b"")) == 2
    assert len(jira.check_answer("GET", "/rest/api/3/search/jql", 200, JSON, b'{"issues": {}}')) == 1


CARD_ID = "5abbe4b7ddc1b351ef961414"


@pytest.mark.data
def test_good_exchanges_with_trello_pass(trello: OpenApi) -> None:
    query = {
        "idList": CARD_ID,
        "name": "A card",
        "pos": "top",
        "idLabels": f"{CARD_ID},{CARD_ID}",
        "key": "k",
        "token": "t",
    }
    card = json.dumps({"id": CARD_ID, "name": "A card", "idList": CARD_ID, "closed": False}).encode()
    assert trello.check_request("POST", "/1/cards", query, {}, b"") == []
    assert trello.check_answer("POST", "/1/cards", 200, JSON, card) == []
    assert (
        trello.check_request("GET", f"/1/cards/{CARD_ID}", {"fields": "name,desc", "attachments": "cover"}, {}, b"")
        == []
    )
    assert trello.check_answer("GET", f"/1/cards/{CARD_ID}", 200, JSON, card) == []


@pytest.mark.data
def test_bad_exchanges_with_trello_are_told(trello: OpenApi) -> None:
    assert len(trello.check_request("POST", "/1/cards", {"name": "A card", "pos": "middle"}, {}, b"")) == 2
    assert trello.check_answer("GET", f"/1/cards/{CARD_ID}", 200, JSON, b'{"id": "short"}') != []
    assert len(trello.check_request("GET", "/1/cards/short", {"colour": "red"}, {}, b"")) == 2
    assert len(trello.check_answer("GET", f"/1/cards/{CARD_ID}", 200, JSON, b'{"closed": "no"}')) == 1
