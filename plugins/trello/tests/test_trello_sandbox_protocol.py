"""Credentials, refusals, faults, files and webhooks of the sandbox."""

import base64
import dataclasses
import hashlib
import hmac
import json
import queue
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from hub_trello.sandbox import TrelloSandbox

from hub.sdk.sandbox import Faults, SandboxServer, create_app, serve


@pytest.fixture
def sandbox() -> TrelloSandbox:
    return TrelloSandbox()


@pytest.fixture
async def anonymous(sandbox: TrelloSandbox) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(sandbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://trello.test/1") as client:
        yield client


def header(credentials: Any) -> dict[str, str]:
    return {"Authorization": f'OAuth oauth_consumer_key="{credentials["key"]}", oauth_token="{credentials["token"]}"'}


def bot(sandbox: TrelloSandbox) -> dict[str, str]:
    return {"key": sandbox.bot.key, "token": sandbox.bot.token}


async def test_credentials_come_in_the_query_or_the_header(
    sandbox: TrelloSandbox, anonymous: httpx.AsyncClient
) -> None:
    for request in ({"params": bot(sandbox)}, {"headers": header(bot(sandbox))}):
        assert (await anonymous.get("/members/me", **request)).json()["username"] == "requirementhub"  # type: ignore[arg-type]


async def test_each_person_acts_under_a_name_of_their_own(sandbox: TrelloSandbox, anonymous: httpx.AsyncClient) -> None:
    people = sandbox.people()
    names = [(await anonymous.get("/members/me", params=dict(each.credentials))).json()["fullName"] for each in people]
    assert names == [each.name for each in people] == ["Ana Lima", "Ben Okafor", "李伟"]


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"key": "0" * 32}, "invalid key"),
        ({"token": "ATTA0"}, "invalid token"),
        ({"token": ""}, "unauthorized permission requested"),
    ],
)
async def test_bad_credentials_are_told_apart_by_text(
    sandbox: TrelloSandbox, anonymous: httpx.AsyncClient, wrong: dict[str, str], text: str
) -> None:
    answer = await anonymous.get("/members/me", params=bot(sandbox) | wrong)
    assert (answer.status_code, answer.text) == (401, text)
    assert answer.headers["content-type"].startswith("text/plain")


async def test_a_token_belongs_to_its_own_key(sandbox: TrelloSandbox, anonymous: httpx.AsyncClient) -> None:
    stranger = dict(sandbox.people()[0].credentials)
    answer = await anonymous.get("/members/me", params={"key": stranger["key"], "token": sandbox.bot.token})
    assert answer.text == "invalid token"


async def test_a_token_tells_what_it_is_for_until_it_is_revoked(
    sandbox: TrelloSandbox, anonymous: httpx.AsyncClient
) -> None:
    path = f"/tokens/{sandbox.bot.token}"
    told = (await anonymous.get(path, headers=header(bot(sandbox)))).json()
    assert (told["identifier"], told["idMember"], told["dateExpires"]) == (
        "Requirement Hub",
        sandbox.bot.member["id"],
        None,
    )
    await anonymous.delete(path + "/", headers=header(bot(sandbox)))
    assert (await anonymous.get("/members/me", params=bot(sandbox))).text == "invalid token"


async def test_an_expired_token_is_told_apart_from_a_wrong_one(
    sandbox: TrelloSandbox, anonymous: httpx.AsyncClient
) -> None:
    accounts = sandbox.world.accounts
    accounts[sandbox.bot.token] = dataclasses.replace(sandbox.bot, expires=sandbox.bot.created)
    answer = await anonymous.get("/members/me", params=bot(sandbox))
    assert (answer.status_code, answer.text) == (401, "expired token")


async def test_a_board_of_others_is_refused_as_a_right_that_is_missing(
    sandbox: TrelloSandbox, anonymous: httpx.AsyncClient
) -> None:
    ana = dict(sandbox.people()[0].credentials)
    board = (await anonymous.post("/boards", json={"name": "Private"}, params=ana)).json()["id"]
    lists = (await anonymous.get(f"/boards/{board}/lists", params=ana)).json()
    card = (await anonymous.post("/cards", json={"idList": lists[0]["id"], "name": "A"}, params=ana)).json()["id"]
    answers = [await anonymous.get(path, params=bot(sandbox)) for path in (f"/boards/{board}/cards", f"/cards/{card}")]
    assert [(each.status_code, each.text) for each in answers] == [
        (401, "unauthorized permission requested"),
        (401, "unauthorized card permission requested"),
    ]


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/cards/nonsense-id", 400, "invalid id"),
        ("/cards/" + "0" * 24, 404, "The requested resource was not found."),
        ("/boards/" + "0" * 24, 404, "board not found"),
    ],
)
async def test_ids_that_lead_nowhere_are_refused_in_plain_text(
    sandbox: TrelloSandbox, anonymous: httpx.AsyncClient, path: str, status: int, text: str
) -> None:
    answer = await anonymous.get(path, params=bot(sandbox))
    assert (answer.status_code, answer.text) == (status, text)


async def test_a_path_that_does_not_exist_gets_a_page(sandbox: TrelloSandbox, anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.post("/lists/abc/frobnicate", params=bot(sandbox))
    assert answer.status_code == 404
    assert "Cannot POST /1/lists/abc/frobnicate" in answer.text


async def test_the_rate_limit_answers_without_saying_when_to_come_back(
    sandbox: TrelloSandbox, anonymous: httpx.AsyncClient
) -> None:
    sandbox.faults = Faults.model_validate({"rate_limit": {"requests": 1, "per_s": 60}})
    answers = [await anonymous.get("/members/me", params=bot(sandbox)) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 429]
    assert answers[1].json() == {"error": "API_TOKEN_LIMIT_EXCEEDED", "message": "Rate limit exceeded"}
    assert "retry-after" not in answers[1].headers


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_failures_have_no_json_body(sandbox: TrelloSandbox, anonymous: httpx.AsyncClient, status: int) -> None:
    sandbox.faults = Faults.model_validate({"errors": {"status": status, "share": 1}})
    answer = await anonymous.get("/members/me", params=bot(sandbox))
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/")


async def test_calls_are_counted_by_the_documented_template(
    sandbox: TrelloSandbox, anonymous: httpx.AsyncClient
) -> None:
    board = sandbox.boards["Acme Delivery"]
    for path in (
        f"/boards/{board}/cards/all",
        f"/board/{board}/cards/all",
        f"/boards/{board}/actions",
        "/members/me/boards/",
    ):
        assert (await anonymous.get(path, params=bot(sandbox))).status_code == 200
    calls = (await anonymous.get("http://trello.test/_sandbox/calls")).json()["by_operation"]
    assert calls == {
        "GET /1/boards/{boardId}/actions": 1,
        "GET /1/boards/{id}/cards/{filter}": 2,
        "GET /1/members/{id}/boards": 1,
    }


def test_a_dropped_answer_leaves_the_card_and_its_marker_behind(sandbox: TrelloSandbox) -> None:
    lst = sandbox.state()["boards"][0]["lists"][0]["id"]
    sandbox.faults = Faults.model_validate({"drop_after_commit": {"share": 1}})
    asked = {"idList": lst, "name": "Order 42", "urlSource": "https://hub.example/REQ-1"}
    with serve(sandbox) as server, pytest.raises(httpx.TransportError):
        httpx.post(server.url + "/1/cards", json=asked, headers=header(bot(sandbox)))
    (card,) = sandbox.state()["boards"][0]["cards"]
    assert [each["url"] for each in card["attachments"]] == ["https://hub.example/REQ-1"]


# files ----------------------------------------------------------------------------------------------------------------


async def upload(client: httpx.AsyncClient, sandbox: TrelloSandbox, content: bytes) -> tuple[str, httpx.Response]:
    lists = sandbox.state()["boards"][0]["lists"]
    made = await client.post("/cards", json={"idList": lists[0]["id"], "name": "A"}, headers=header(bot(sandbox)))
    card = made.json()["id"]
    files = {"file": ("合同 v1.pdf", content, "application/pdf")}
    answer = await client.post(
        f"/cards/{card}/attachments", files=files, data={"name": "Contract"}, headers=header(bot(sandbox))
    )
    return card, answer


async def test_an_upload_comes_back_byte_for_byte_but_only_with_the_header(sandbox: TrelloSandbox) -> None:
    content = bytes(range(256)) + b"\r\n--x\r\n"
    with serve(sandbox) as server:
        async with httpx.AsyncClient(base_url=server.url + "/1") as client:
            _, answer = await upload(client, sandbox, content)
            made = answer.json()
            assert (made["name"], made["bytes"], made["mimeType"]) == ("Contract", len(content), "application/pdf")
            assert (made["isUpload"], made["url"].startswith(server.url)) == (True, True)
            refused = await client.get(made["url"], params=bot(sandbox))
            assert (refused.status_code, refused.text) == (401, "unauthorized permission requested")
            told = await client.get(made["url"], headers=header(bot(sandbox)))
            assert told.status_code == 302
            signed = httpx.URL(told.headers["location"]).copy_with(host="127.0.0.1")
            assert (await client.get(signed)).content == content
            assert (await client.get(signed, headers=header(bot(sandbox)))).status_code == 400


async def test_an_upload_over_the_limit_is_refused(sandbox: TrelloSandbox, anonymous: httpx.AsyncClient) -> None:
    card, answer = await upload(anonymous, sandbox, b"x" * (10 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert (await anonymous.get(f"/cards/{card}/attachments", headers=header(bot(sandbox)))).json() == []


async def test_links_are_attached_and_taken_off(sandbox: TrelloSandbox, anonymous: httpx.AsyncClient) -> None:
    card, _ = await upload(anonymous, sandbox, b"x")
    path, secrets = f"/cards/{card}/attachments", header(bot(sandbox))
    made = (await anonymous.post(path, json={"url": "https://a.example/1"}, headers=secrets)).json()
    assert (made["name"], made["isUpload"], made["bytes"]) == ("https://a.example/1", False, None)
    assert (await anonymous.post(path, json={"url": "ftp://a"}, headers=secrets)).text == "invalid value for url"
    await anonymous.delete(f"{path}/{made['id']}", headers=secrets)
    assert (await anonymous.get(f"{path}/{made['id']}", headers=secrets)).status_code == 404


# webhooks -------------------------------------------------------------------------------------------------------------


class Receiver:
    """A server on loopback that keeps what is posted to it."""

    def __init__(self) -> None:
        self.posts: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.send_response(receiver.status)
                self.end_headers()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.posts.put(({key.lower(): value for key, value in self.headers.items()}, body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?c=1"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def server(sandbox: TrelloSandbox) -> Iterator[SandboxServer]:
    with serve(sandbox) as running:
        yield running


@pytest.fixture
def client(sandbox: TrelloSandbox, server: SandboxServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url + "/1", headers=header(bot(sandbox))) as made:
        yield made


def add_card(client: httpx.Client, sandbox: TrelloSandbox) -> str:
    lst = sandbox.state()["boards"][0]["lists"][0]["id"]
    return str(client.post("/cards", json={"idList": lst, "name": "订单 42"}).json()["id"])


def test_what_happens_on_a_board_is_posted_and_signed(
    sandbox: TrelloSandbox, client: httpx.Client, receiver: Receiver
) -> None:
    board = sandbox.boards["Acme Delivery"]
    hook = client.post("/webhooks", json={"callbackURL": receiver.url, "idModel": board, "description": "west"}).json()
    assert client.get(f"/tokens/{sandbox.bot.token}/webhooks").json() == [hook]
    card = add_card(client, sandbox)
    headers, body = receiver.posts.get(timeout=10)
    digest = hmac.new(sandbox.secret.encode(), body + receiver.url.encode(), hashlib.sha1).digest()
    assert headers["x-trello-webhook"] == base64.b64encode(digest).decode()
    told = json.loads(body)
    assert (told["action"]["type"], told["action"]["data"]["card"]["id"]) == ("createCard", card)
    assert (told["model"]["id"], told["webhook"]["id"]) == (board, hook["id"])


def test_label_changes_reach_webhooks_though_no_list_shows_them(
    sandbox: TrelloSandbox, client: httpx.Client, receiver: Receiver
) -> None:
    card = add_card(client, sandbox)
    client.post("/webhooks", json={"callbackURL": receiver.url, "idModel": card})
    label = sandbox.state()["boards"][0]["labels"][0]["id"]
    client.post(f"/cards/{card}/idLabels", json={"value": label})
    told = [json.loads(receiver.posts.get(timeout=10)[1])["action"] for _ in "12"]
    assert [each["type"] for each in told] == ["addLabelToCard", "updateCard"]
    assert told[1]["data"]["old"] == {"idLabels": []}
    assert client.get(f"/cards/{card}/actions", params={"filter": "updateCard"}).json() == []


def test_a_webhook_needs_a_callback_that_answers_and_is_not_made_twice(
    sandbox: TrelloSandbox, client: httpx.Client, receiver: Receiver
) -> None:
    asked = {"callbackURL": receiver.url, "idModel": sandbox.boards["Acme Delivery"]}
    receiver.status = 404
    refused = client.post("/webhooks", json=asked)
    assert (refused.status_code, refused.text) == (400, f"URL ({receiver.url}) did not return 200 status code, got 404")
    receiver.status = 200
    assert client.post(f"/tokens/{sandbox.bot.token}/webhooks", data=asked).status_code == 200
    assert client.post("/webhooks", json=asked).text == "A webhook with that callback, model, and token already exists"


def test_deliveries_come_in_order_until_told_otherwise(
    sandbox: TrelloSandbox, client: httpx.Client, receiver: Receiver
) -> None:
    client.post("/webhooks", json={"callbackURL": receiver.url, "idModel": sandbox.boards["Acme Delivery"]})
    card = add_card(client, sandbox)
    client.put(f"/cards/{card}", json={"name": "A", "desc": "B", "due": "2026-12-01"})
    told = [json.loads(receiver.posts.get(timeout=10)[1])["action"] for _ in range(4)]
    assert [next(iter(each["data"].get("old", {"": 0}))) for each in told] == ["", "name", "desc", "due"]


def test_deliveries_are_repeated_and_lost_as_told(
    sandbox: TrelloSandbox, client: httpx.Client, receiver: Receiver
) -> None:
    client.post("/webhooks", json={"callbackURL": receiver.url, "idModel": sandbox.boards["Acme Delivery"]})
    sandbox.faults = Faults.model_validate({"webhooks": {"repeat": 1}})
    add_card(client, sandbox)
    first, again = (receiver.posts.get(timeout=10)[1] for _ in "12")
    assert first == again
    sandbox.faults = Faults.model_validate({"webhooks": {"lose": 1}})
    add_card(client, sandbox)
    sandbox.faults = Faults()
    lists = sandbox.state()["boards"][0]["lists"]
    client.put(f"/lists/{lists[0]['id']}", json={"name": "Later"})
    assert json.loads(receiver.posts.get(timeout=10)[1])["action"]["type"] == "updateList"
