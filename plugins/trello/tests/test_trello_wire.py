"""What goes over the wire: headers, bodies, batches, and the service's odd ways of saying no."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from hub_trello.config import TrelloConfig
from hub_trello.connector import TrelloConnector
from pydantic import SecretStr

from hub.sdk import (
    AnswerLost,
    BadAnswer,
    Delayed,
    Draft,
    Kind,
    Network,
    NotFound,
    Patch,
    PermissionLost,
    Record,
    Refusal,
    Refused,
    ServiceDown,
    Setup,
    SignInRejected,
    Unknown,
    Written,
)

BOARD = "66a000000000000000000001"
BACKLOG, DOING, OLD = "66b000000000000000000001", "66b000000000000000000002", "66b000000000000000000003"
BUG, GREEN = "66c000000000000000000001", "66c000000000000000000002"
ANA, BOT = "5f0000000000000000000001", "5f0000000000000000000009"
CARD = "66d000000000000000000001"
TABLES: dict[str, Any] = {
    "lists": [
        {"id": DOING, "idBoard": BOARD, "name": "Doing", "closed": False, "pos": 2},
        {"id": BACKLOG, "idBoard": BOARD, "name": "Backlog", "closed": False, "pos": 1},
        {"id": OLD, "idBoard": BOARD, "name": "Old", "closed": True, "pos": 3},
    ],
    "labels": [{"id": BUG, "name": "bug", "color": "red"}, {"id": GREEN, "name": "", "color": "green"}],
    "members": [{"id": ANA, "fullName": "Ana", "username": "ana"}, {"id": BOT, "fullName": "Hub", "username": "hub"}],
}

Answering = Callable[[httpx.Request], httpx.Response | None]


def card(**changed: Any) -> dict[str, Any]:
    told = {"id": CARD, "name": "Order 42 fails", "desc": "**bold**", "due": "2026-12-01T09:00:00.000Z", "start": None}
    placed = {"idBoard": BOARD, "idList": BACKLOG, "idMembers": [ANA], "idLabels": [BUG], "shortLink": "aB3dE5fG"}
    state = {"closed": False, "dueComplete": False, "dateLastActivity": "2026-11-01T10:02:33.123Z"}
    return told | placed | state | changed


class Wire:
    """A Trello of canned answers: *answering* is asked first, then the usual ones are given."""

    def __init__(self, answering: Answering = lambda request: None) -> None:
        self.answering = answering
        self.requests: list[httpx.Request] = []
        self.slept: list[float] = []

    def connector(self, **changed: Any) -> TrelloConnector:
        given = {"plugin": "trello", "key": SecretStr("KEY"), "token": SecretStr("TOKEN"), "board": BOARD, **changed}
        network = Network(transport=httpx.MockTransport(self.answer), sleep=self.sleep, jitter=lambda: 0.0, attempts=3)
        return TrelloConnector(Setup("trello", TrelloConfig.model_validate(given), network=network))

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answering(request) or self.usual(request)

    def usual(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/1/batch":
            return httpx.Response(200, json=[self.in_batch(each) for each in asked_in_batch(request)])
        if path == "/1/labels":
            return httpx.Response(200, json={"id": "66c00000000000000000000f", **json.loads(request.content)})
        if path.startswith("/1/cards"):
            return httpx.Response(200, json=card(**json.loads(request.content or b"{}")))
        return httpx.Response(200, json=[])

    def in_batch(self, path: str) -> Any:
        """A part of a batch; signing in is answered as it would be by itself."""
        signing_in = path.startswith("/members/me") or path.partition("?")[0].count("/") == 2
        told = self.answering(httpx.Request("GET", f"https://api.trello.com/1{path}")) if signing_in else None
        said = told and (told.text if told.is_error else told.json())
        return {str(told.status_code): said} if told else {"200": self.part(path)}

    def part(self, path: str) -> Any:
        plain = path.partition("?")[0]
        if plain.count("/") == 2 and not plain.startswith("/cards/"):
            me = {"id": BOT, "fullName": "Hub", "username": "hub"}
            return me if plain == "/members/me" else {"id": BOARD, "name": "Dev", "closed": False}
        return TABLES.get(plain.rpartition("/")[2], []) if plain.startswith("/boards/") else card()

    def wrote(self) -> list[tuple[str, str, Any]]:
        return [(r.method, r.url.path, json.loads(r.content or b"null")) for r in self.requests if r.method != "GET"]


def asked_in_batch(request: httpx.Request) -> list[str]:
    """The addresses of a batch, as a server reads them: split at the commas, then decoded."""
    raw = request.url.query.decode().removeprefix("urls=")
    return [unquote(each) for each in raw.split(",")]


def says(status: int, text: str, *, path: str = "", method: str = "") -> Answering:
    def answer(request: httpx.Request) -> httpx.Response | None:
        chosen = path in request.url.path and (not method or request.method == method)
        return httpx.Response(status, text=text) if chosen else None

    return answer


def record(**fields: Any) -> Record:
    shown = {"name": "Order 42 fails", "list": "Backlog", "labels": ["bug"], "members": [{"id": ANA, "name": "Ana"}]}
    return Record(CARD, {**shown, **fields}, marker="REQ-1", extra={"idLabels": [BUG], "idList": BACKLOG})


# signing in ---------------------------------------------------------------------------------------------------------


async def test_credentials_travel_in_the_header_and_never_in_an_address() -> None:
    wire = Wire()
    await wire.connector().open()
    for request in wire.requests:
        assert request.headers["authorization"] == 'OAuth oauth_consumer_key="KEY", oauth_token="TOKEN"'
        assert "KEY" not in str(request.url)
        assert "TOKEN" not in str(request.url)


async def test_opening_takes_one_call_and_resolves_a_short_link() -> None:
    connector = Wire().connector(board="aB3dE5fG")
    identity = await connector.open()
    assert connector.calls == 1
    assert identity.account.id == BOT
    assert identity.place == f"https://api.trello.com/{BOARD}"


@pytest.mark.parametrize("text", ["invalid token", "invalid key", "expired token"])
async def test_a_bad_token_stops_the_connection(text: str) -> None:
    with pytest.raises(SignInRejected, match=text):
        await Wire(says(401, text)).connector().open()


async def test_a_board_this_member_may_not_see_is_named() -> None:
    with pytest.raises(PermissionLost, match=BOARD):
        await Wire(says(401, "unauthorized permission requested", path="/boards/")).connector().open()


@pytest.mark.parametrize(("status", "text"), [(404, "board not found"), (400, "invalid id")])
async def test_a_board_that_is_not_there_is_named_with_the_fix(status: int, text: str) -> None:
    with pytest.raises(NotFound, match=BOARD) as told:
        await Wire(says(status, text, path="/boards/")).connector().open()
    assert "short link" in told.value.fix


async def test_a_closed_board_is_refused_in_words() -> None:
    def closed(request: httpx.Request) -> httpx.Response | None:
        board = request.url.path.startswith("/1/boards/")
        return httpx.Response(200, json={"id": BOARD, "name": "Dev", "closed": True}) if board else None

    with pytest.raises(Refused, match="closed"):
        await Wire(closed).connector().open()


# batches ------------------------------------------------------------------------------------------------------------


async def test_addresses_in_a_batch_keep_their_own_commas() -> None:
    wire = Wire()
    await wire.connector().describe()
    asked = asked_in_batch(wire.requests[-1])
    assert [each.partition("?")[0] for each in asked] == [
        f"/boards/{BOARD}/{t}" for t in ("lists", "labels", "members", "customFields")
    ]
    assert all("," not in each for each in asked)
    assert "fields=name%2Cclosed%2Cpos" in asked[0]


async def test_a_part_of_a_batch_that_fails_for_a_moment_is_asked_again() -> None:
    failures = iter([{"429": {"message": "Rate limit exceeded"}}, {"503": "later"}])

    def flaky(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/1/batch" and "/cards/" in asked_in_batch(request)[0]:
            return httpx.Response(200, json=[next(failures, {"200": card()})])
        return None

    wire = Wire(flaky)
    found = await wire.connector().fetch(Kind.REQUIREMENT, [CARD])
    assert isinstance(found[CARD], Record)
    assert wire.slept == [2.0, 4.0]


async def test_a_batch_that_fails_as_a_whole_is_no_absence() -> None:
    with pytest.raises(ServiceDown):
        await Wire(says(503, "Service Unavailable", path="/batch")).connector().fetch(Kind.REQUIREMENT, [CARD])


async def test_a_batch_of_another_shape_cannot_be_read() -> None:
    with pytest.raises(BadAnswer):
        await Wire(says(200, "[]", path="/batch")).connector().fetch(Kind.REQUIREMENT, [CARD])


# errors -------------------------------------------------------------------------------------------------------------


async def test_a_rate_limit_without_any_header_is_waited_out() -> None:
    answers = iter([httpx.Response(429, json={"error": "API_TOKEN_LIMIT_EXCEEDED", "message": "Rate limit exceeded"})])
    wire = Wire(lambda request: next(answers, None))
    await wire.connector().open()
    assert wire.slept == [2.0]


async def test_a_rate_limit_that_names_its_interval_is_waited_out_in_full() -> None:
    headers = {"x-rate-limit-api-token-interval-ms": "10000", "x-rate-limit-api-token-remaining": "0"}
    answers = iter([httpx.Response(429, headers=headers)])
    wire = Wire(lambda request: next(answers, None))
    await wire.connector().open()
    assert wire.slept == [10.0]


@pytest.mark.parametrize("status", [449, 500, 502, 503, 504])
async def test_a_passing_fault_of_a_read_is_tried_again(status: int) -> None:
    answers = iter([httpx.Response(status, text="sub-request failed")])
    await (connector := Wire(lambda request: next(answers, None)).connector()).open()
    assert connector.calls == 2


async def test_a_refusal_names_the_field_at_fault() -> None:
    connector = Wire(says(400, "invalid value for idList", method="PUT")).connector()
    (outcome,) = await connector.update(Kind.REQUIREMENT, [Patch(CARD, {"list": "Doing"}, record())])
    assert outcome == Refusal("Trello says: invalid value for idList", {"list": "invalid value for idList"})


@pytest.mark.parametrize(
    ("status", "text"),
    [(404, "The requested resource was not found."), (401, "unauthorized card permission requested")],
)
async def test_one_card_that_cannot_be_written_stops_no_other(status: int, text: str) -> None:
    other = "66d00000000000000000000f"
    connector = Wire(says(status, text, path=CARD, method="PUT")).connector()
    patches = [Patch(CARD, {"name": "a"}, record()), Patch(other, {"name": "b"}, record())]
    outcomes = await connector.update(Kind.REQUIREMENT, patches)
    assert [type(each) for each in outcomes] == [Refusal, Written]


async def test_a_token_that_expires_while_writing_stops_the_connection() -> None:
    connector = Wire(says(401, "expired token", method="PUT")).connector()
    with pytest.raises(SignInRejected):
        await connector.update(Kind.REQUIREMENT, [Patch(CARD, {"name": "a"}, record())])


# writes -------------------------------------------------------------------------------------------------------------


async def test_a_create_is_one_call_that_carries_the_marker() -> None:
    wire = Wire()
    fields = {"name": "New", "desc": "x & y", "list": "Doing", "labels": ["bug", ":green:"], "members": [{"id": ANA}]}
    (outcome,) = await wire.connector().create(Kind.REQUIREMENT, [Draft("REQ-7", fields)])
    ((method, path, body),) = wire.wrote()
    assert (method, path) == ("POST", "/1/cards")
    given = {"name": "New", "desc": "x & y", "idList": DOING, "idMembers": [ANA], "idLabels": [GREEN, BUG]}
    assert body == given | {"pos": "bottom", "urlSource": "https://requirement-hub.invalid/REQ-7"}
    assert isinstance(outcome, Written)
    assert outcome.record.marker == "REQ-7"
    assert outcome.record.fields["list"] == "Doing"


async def test_a_member_may_be_given_by_user_name() -> None:
    wire = Wire()
    await wire.connector().create(Kind.REQUIREMENT, [Draft("REQ-7", {"name": "n", "members": [{"id": "ana"}]})])
    assert wire.wrote()[0][2]["idMembers"] == [ANA]


async def test_a_missing_label_is_made_once_for_all_cards_that_want_it() -> None:
    wire = Wire()
    drafts = [Draft(f"REQ-{n}", {"name": "n", "labels": ["new", ":red:"]}) for n in range(3)]
    await wire.connector().create(Kind.REQUIREMENT, drafts)
    made = [body for _, path, body in wire.wrote() if path == "/1/labels"]
    assert made == [
        {"name": "", "color": "red", "idBoard": BOARD},
        {"name": "new", "color": None, "idBoard": BOARD},
    ]


async def test_a_label_that_is_refused_refuses_only_the_cards_that_want_it() -> None:
    connector = Wire(says(400, "invalid value for name", path="/labels")).connector()
    drafts = [Draft("REQ-1", {"name": "n", "labels": ["new"]}), Draft("REQ-2", {"name": "n", "labels": ["bug"]})]
    outcomes = await connector.create(Kind.REQUIREMENT, drafts)
    assert [type(each) for each in outcomes] == [Refusal, Written]


@pytest.mark.parametrize("name", ["Nowhere", "Old"])
async def test_an_unknown_or_archived_list_is_refused_with_the_lists_there_are(name: str) -> None:
    wire = Wire()
    (outcome,) = await wire.connector().create(Kind.REQUIREMENT, [Draft("REQ-1", {"name": "n", "list": name})])
    assert isinstance(outcome, Refusal)
    assert "Backlog, Doing" in outcome.fields["list"]
    assert wire.wrote() == []


@pytest.mark.parametrize("answer", [httpx.Response(503), httpx.Response(202), httpx.ReadTimeout("gone")])
async def test_a_create_whose_answer_is_lost_is_unknown_and_not_repeated(answer: Any) -> None:
    def lose(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and isinstance(answer, Exception):
            raise answer
        return answer if request.method == "POST" else None

    wire = Wire(lose)
    (outcome,) = await wire.connector().create(Kind.REQUIREMENT, [Draft("REQ-1", {"name": "n"})])
    assert isinstance(outcome, Unknown)
    assert len(wire.wrote()) == 1


async def test_a_create_that_never_left_is_only_delayed() -> None:
    def unreachable(request: httpx.Request) -> None:
        if request.method == "POST":
            raise httpx.ConnectError("refused")

    (outcome,) = await Wire(unreachable).connector().create(Kind.REQUIREMENT, [Draft("REQ-1", {"name": "n"})])
    assert isinstance(outcome, Delayed)


async def test_an_update_without_an_answer_is_unknown_after_it_was_repeated() -> None:
    wire = Wire(says(504, "Gateway Time-out", method="PUT"))
    (outcome,) = await wire.connector().update(Kind.REQUIREMENT, [Patch(CARD, {"name": "a"}, record())])
    assert isinstance(outcome, Unknown)
    assert isinstance(outcome.error, AnswerLost)
    assert len(wire.wrote()) == 3


async def test_an_update_is_one_call_with_only_what_changed() -> None:
    wire = Wire()
    fields = {"list": "Doing", "due": None, "labels": [":green:"], "members": []}
    (outcome,) = await wire.connector().update(Kind.REQUIREMENT, [Patch(CARD, fields, record())])
    assert wire.wrote() == [
        ("PUT", f"/1/cards/{CARD}", {"due": None, "idList": DOING, "idMembers": [], "idLabels": [GREEN]})
    ]
    assert isinstance(outcome, Written)
    assert outcome.record.marker == "REQ-1"
    assert outcome.record.fields["labels"] == [":green:"]


async def test_labels_the_hub_does_not_know_stay_on_the_card() -> None:
    wire, strange = Wire(), "66c0000000000000000000aa"
    base = Record(CARD, {"labels": ["bug"]}, extra={"idLabels": [strange, BUG]})
    await wire.connector().update(Kind.REQUIREMENT, [Patch(CARD, {"labels": [":green:"]}, base)])
    assert wire.wrote()[0][2] == {"idLabels": [strange, GREEN]}


async def test_a_base_without_label_ids_is_read_before_labels_are_written() -> None:
    wire = Wire()
    await wire.connector().update(
        Kind.REQUIREMENT, [Patch(CARD, {"labels": ["bug", ":green:"]}, Record(CARD, {"labels": ["bug"]}))]
    )
    assert wire.wrote()[0][2] == {"idLabels": [BUG, GREEN]}


async def test_an_update_answered_with_nothing_is_read_again() -> None:
    wire = Wire(says(202, "", method="PUT"))
    (outcome,) = await wire.connector().update(Kind.REQUIREMENT, [Patch(CARD, {"name": "a"}, record())])
    assert isinstance(outcome, Written)
    assert outcome.record.fields["name"] == "Order 42 fails"


async def test_deleting_what_is_gone_is_done() -> None:
    connector = Wire(says(404, "The requested resource was not found.", method="DELETE")).connector()
    assert await connector.delete(Kind.REQUIREMENT, [CARD]) == [None]


async def test_a_label_whose_name_the_service_trims_is_put_on_all_the_same() -> None:
    made = "66c0000000000000000000ee"

    def trimming(request: httpx.Request) -> httpx.Response | None:
        trimmed = {"id": made, "name": "new", "color": None}
        return httpx.Response(200, json=trimmed) if request.url.path == "/1/labels" else None

    wire = Wire(trimming)
    await wire.connector().update(Kind.REQUIREMENT, [Patch(CARD, {"labels": ["bug", "new "]}, record())])
    assert wire.wrote()[-1][2] == {"idLabels": [BUG, made]}


async def test_labels_that_cannot_be_read_are_not_overwritten() -> None:
    def hidden(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/1/batch" and "/cards/" in asked_in_batch(request)[0]:
            return httpx.Response(200, json=[{"401": "unauthorized card permission requested"}])
        return None

    wire = Wire(hidden)
    bare = Record(CARD, {"labels": ["bug"]})
    (outcome,) = await wire.connector().update(Kind.REQUIREMENT, [Patch(CARD, {"labels": [":green:"]}, bare)])
    assert isinstance(outcome, Refusal)
    assert wire.wrote() == []
