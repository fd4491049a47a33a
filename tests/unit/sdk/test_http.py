"""The HTTP client: what is tried again, how long it waits, what it says, and what it never shows."""

from collections.abc import Callable

import httpx
import pytest

from hub.errors import (
    AnswerLost,
    BadAnswer,
    NotFound,
    PermissionLost,
    RateLimited,
    Refused,
    ServiceDown,
    SignInRejected,
)
from hub.sdk import Allowance, Answer, Http, Network, by_offset, by_token

Handler = Callable[[httpx.Request], httpx.Response]


class Line:
    """A network whose answers are given one after another, and whose waits are noted instead of waited."""

    def __init__(self, *answers: httpx.Response | Exception, **headers: str) -> None:
        self.answers, self.requests, self.waits = list(answers), list[httpx.Request](), list[float]()
        network = Network(httpx.MockTransport(self._answer), self._sleep, jitter=lambda: 0.0)
        self.http = Http("acme", "https://acme.example/api", network, headers=headers)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def failing(status: int = 503, **headers: str) -> httpx.Response:
    return httpx.Response(status, text="out of order", headers=headers)


OK = httpx.Response(200, json={"ok": True})


async def test_a_read_that_fails_is_tried_again_ever_more_slowly() -> None:
    line = Line(failing(), failing(502), OK)
    assert await line.http.json("GET", "/x") == {"ok": True}
    assert line.waits == [0.5, 1.0]
    assert line.http.calls == 3


async def test_a_read_that_goes_on_failing_is_given_up_with_the_services_words() -> None:
    line = Line(failing())
    with pytest.raises(ServiceDown, match="acme: the service failed with 503: out of order"):
        await line.http.call("GET", "/x")
    assert len(line.requests) == 6


async def test_a_write_without_an_answer_is_never_repeated() -> None:
    for answer in (failing(500), httpx.ReadError("broken pipe"), httpx.RemoteProtocolError("gone")):
        line = Line(answer)
        with pytest.raises(AnswerLost):
            await line.http.call("POST", "/x", json={})
        assert len(line.requests) == 1


async def test_a_write_that_never_left_is_repeated() -> None:
    line = Line(httpx.ConnectError("refused"), OK)
    assert (await line.http.call("POST", "/x")).status == 200


async def test_too_many_calls_wait_as_long_as_the_service_asks() -> None:
    line = Line(failing(429, **{"Retry-After": "7"}), OK)
    assert (await line.http.call("POST", "/x")).status == 200
    assert line.waits == [7.0]


async def test_a_wait_of_nought_is_our_own() -> None:
    line = Line(failing(429, **{"Retry-After": "0"}), OK)
    await line.http.call("GET", "/x")
    assert line.waits == [0.5]


async def test_a_very_long_wait_is_told_instead_of_waited() -> None:
    line = Line(failing(429, **{"Retry-After": "3600"}))
    with pytest.raises(RateLimited) as caught:
        await line.http.call("GET", "/x")
    assert (caught.value.retry_after, line.waits) == (3600.0, [])


@pytest.mark.parametrize(
    ("status", "error"), [(401, SignInRejected), (403, PermissionLost), (404, NotFound), (400, Refused), (422, Refused)]
)
async def test_each_status_is_its_own_error(status: int, error: type[Exception]) -> None:
    with pytest.raises(error, match="acme"):
        await Line(failing(status)).http.call("GET", "/x")


async def test_an_answer_that_is_no_json_is_told_by_its_beginning() -> None:
    with pytest.raises(BadAnswer, match="acme: the service answered 200 with something that is no JSON: '<html>"):
        await Line(httpx.Response(200, text="<html>busy</html>")).http.json("GET", "/x")


@pytest.mark.parametrize(
    ("header", "secret"),
    [
        ("Basic Ym90QGFjbWUuZXhhbXBsZTpodW50ZXIy", "hunter2"),
        ("Basic Ym90QGFjbWUuZXhhbXBsZTpodW50ZXIy", "Ym90QGFjbWUuZXhhbXBsZTpodW50ZXIy"),
        ('OAuth oauth_consumer_key="KEY12345", oauth_token="ATTA9876"', "ATTA9876"),
        ("Bearer eyJhbGciOi", "eyJhbGciOi"),
    ],
)
async def test_a_secret_that_a_service_repeats_is_hidden(header: str, secret: str) -> None:
    line = Line(httpx.Response(400, text=f"invalid token {secret} given"), Authorization=header)
    with pytest.raises(Refused) as caught:
        await line.http.call("GET", "/x")
    assert "•••" in str(caught.value)
    assert secret not in f"{caught.value} {caught.value!r}"


def test_a_wait_may_be_given_as_a_date() -> None:
    answer = Answer(429, {"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, b"")
    assert answer.retry_after() == 0.0
    assert Answer(429, {"retry-after": "soon"}, b"").retry_after() is None


def test_an_allowance_spreads_what_is_too_much() -> None:
    allowance = Allowance(2, 10.0)
    assert [allowance.wait_s(now) for now in (0.0, 1.0, 2.0, 3.0)] == [0.0, 0.0, 8.0, 8.0]
    assert allowance.wait_s(25.0) == 0.0


async def test_pages_by_offset_end_with_the_last_or_an_empty_one() -> None:
    async def read(start: int) -> tuple[list[int], bool]:
        return list(range(start, min(start + 2, 5))), start + 2 >= 5

    assert [page async for page in by_offset(read)] == [[0, 1], [2, 3], [4]]


async def test_pages_that_go_round_in_a_circle_are_left() -> None:
    async def read(_token: str | None) -> tuple[list[int], str | None]:
        return [1], "again"

    assert [page async for page in by_token(read)] == [([1], "again"), ([1], None)]


async def test_half_a_character_is_shown_as_missing_and_a_whole_one_as_it_is() -> None:
    line = Line(httpx.Response(200, content=b'{"a": "x\\ud83d", "b": "\\ud83d\\ude00"}'))
    assert await line.http.json("GET", "/x") == {"a": "x\ufffd", "b": "😀"}


async def test_a_write_that_once_got_no_answer_may_have_happened_whatever_came_after() -> None:
    line = Line(httpx.ReadTimeout("slow"), httpx.ConnectError("refused"))
    with pytest.raises(AnswerLost):
        await line.http.call("PUT", "/x", json={})
    for method in ("GET", "PUT"):
        with pytest.raises(ServiceDown):
            await Line(httpx.ConnectError("refused")).http.call(method, "/x")


async def test_being_sent_elsewhere_is_no_answer() -> None:
    line = Line(httpx.Response(302, headers={"Location": "https://proxy.example/login"}))
    with pytest.raises(BadAnswer, match=r"sent elsewhere, to https://proxy\.example/login"):
        await line.http.json("GET", "/x")
