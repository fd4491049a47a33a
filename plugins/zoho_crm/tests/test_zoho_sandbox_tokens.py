"""Tokens, credits and refusals of the Zoho sandbox."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hub_zoho_crm.sandbox import User, ZohoSandbox

from hub.sdk.sandbox import create_app
from plugins.zoho_crm.tests.zoho_sandbox_client import Clock, answering, deal, signed


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> ZohoSandbox:
    made = ZohoSandbox(now=clock)
    made.served_at("http://zoho.test")
    return made


@pytest.fixture
async def zoho(sandbox: ZohoSandbox) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(sandbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://zoho.test") as client:
        yield client


def form(sandbox: ZohoSandbox, **more: str) -> dict[str, str]:
    connection, secrets = sandbox.connection("http://zoho.test"), sandbox.environment()
    found = {"grant_type": "refresh_token", "client_id": str(connection["client_id"])}
    found |= {"client_secret": secrets["ZOHO_CLIENT_SECRET"], "refresh_token": secrets["ZOHO_REFRESH_TOKEN"]}
    return found | more


async def token(zoho: httpx.AsyncClient, sandbox: ZohoSandbox, **more: str) -> dict[str, Any]:
    answer = await zoho.post("/oauth/v2/token", data=form(sandbox, **more))
    assert answer.status_code == 200
    return dict(answer.json())


async def status(zoho: httpx.AsyncClient, access_token: str) -> int:
    return (await zoho.get("/crm/v8/users?type=CurrentUser", headers=signed(access_token))).status_code


async def test_a_refresh_token_gives_an_access_token_for_an_hour(
    zoho: httpx.AsyncClient, sandbox: ZohoSandbox, clock: Clock
) -> None:
    given = await token(zoho, sandbox)
    assert (given["expires_in"], given["api_domain"], given["token_type"]) == (3600, "http://zoho.test", "Bearer")
    assert "refresh_token" not in given
    assert await status(zoho, given["access_token"]) == 200
    clock.pass_time(minutes=61)
    refused = await zoho.get("/crm/v8/org", headers=signed(given["access_token"]))
    told = {"code": "INVALID_TOKEN", "details": {}, "message": "invalid oauth token", "status": "error"}
    assert (refused.status_code, refused.json()) == (401, told)


async def test_other_schemes_are_not_taken(zoho: httpx.AsyncClient, sandbox: ZohoSandbox) -> None:
    given = await token(zoho, sandbox)
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    assert (await zoho.get("/crm/v8/org", headers=bearer)).json()["code"] == "INVALID_TOKEN"
    assert (await zoho.get("/crm/v8/org")).json()["code"] == "AUTHENTICATION_FAILURE"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"client_id": "other"}, "invalid_client"),
        ({"client_secret": "other"}, "invalid_client_secret"),
        ({"refresh_token": "other"}, "invalid_code"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "other"}, "invalid_code"),
    ],
)
async def test_errors_of_the_accounts_server_come_with_status_200(
    zoho: httpx.AsyncClient, sandbox: ZohoSandbox, wrong: dict[str, str], error: str
) -> None:
    assert await token(zoho, sandbox, **wrong) == {"error": error}


async def test_a_code_is_good_once_and_for_three_minutes(
    zoho: httpx.AsyncClient, sandbox: ZohoSandbox, clock: Clock
) -> None:
    asked = {"client_id": form(sandbox)["client_id"], "redirect_uri": "https://hub.example/cb", "state": "s1"}
    there = await zoho.get("/oauth/v2/auth", params={**asked, "response_type": "code", "access_type": "offline"})
    back = {name: one[0] for name, one in parse_qs(urlsplit(there.headers["location"]).query).items()}
    assert (back["state"], back["accounts-server"]) == ("s1", "http://zoho.test")
    exchange = {"grant_type": "authorization_code", "code": back["code"]}
    given = await token(zoho, sandbox, **exchange)
    assert await token(zoho, sandbox, **exchange) == {"error": "invalid_code"}
    again = await token(zoho, sandbox, refresh_token=given["refresh_token"])
    assert await status(zoho, again["access_token"]) == 200
    late = sandbox.tokens.grant("554023000000101011")
    clock.pass_time(minutes=4)
    assert await token(zoho, sandbox, grant_type="authorization_code", code=late) == {"error": "invalid_code"}


async def test_the_eleventh_token_in_ten_minutes_is_refused_and_the_sixteenth_ends_the_oldest(
    zoho: httpx.AsyncClient, sandbox: ZohoSandbox, clock: Clock
) -> None:
    first = [(await token(zoho, sandbox))["access_token"] for _ in range(10)]
    refused = await token(zoho, sandbox)
    assert (refused["error"], refused["status"]) == ("Access Denied", "failure")
    assert "too many requests" in refused["error_description"]
    clock.pass_time(minutes=11)
    later = [(await token(zoho, sandbox))["access_token"] for _ in range(6)]
    assert [await status(zoho, one) for one in (first[0], first[1], later[5])] == [401, 200, 200]


async def test_a_revoked_refresh_token_takes_its_access_tokens_with_it(
    zoho: httpx.AsyncClient, sandbox: ZohoSandbox
) -> None:
    given = await token(zoho, sandbox)
    await zoho.post("/oauth/v2/token/revoke", data={"token": form(sandbox)["refresh_token"]})
    assert await status(zoho, given["access_token"]) == 401
    assert await token(zoho, sandbox) == {"error": "invalid_code"}


async def test_people_act_as_themselves(sandbox: ZohoSandbox) -> None:
    newcomer = sandbox.add_user(User("554023000000101099", "New Comer", "new@acme.example", "1000.r", "1000.a"))
    for person in sandbox.people():
        async with answering(sandbox, person.credentials["access_token"]) as zoho:
            (made,) = await zoho.made("Deals", deal(person.name))
            assert (await zoho.one("Deals", made))["Created_By"]["name"] == person.name
    assert {"Ana Braun", "Ravi Kumar", newcomer.name} <= {person.name for person in sandbox.people()}


async def test_credits_are_told_from_half_on_and_end_in_a_429_without_a_word_on_when(clock: Clock) -> None:
    async with answering(ZohoSandbox(now=clock, daily_credits=10)) as zoho:
        told = [(await zoho.get("/org")).headers.get("X-API-CREDITS-REMAINING") for _ in range(6)]
        assert told == [None] * 5 + ["4"]
        assert (await zoho.get("/Deals/deleted")).headers["X-API-CREDITS-REMAINING"] == "2"
        await zoho.post("/Deals", json={"data": [deal(str(number)) for number in range(11)]})
        refused = await zoho.get("/org")
        assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_REQUESTS")
        assert "retry-after" not in refused.headers
        clock.pass_time(hours=25)
        assert (await zoho.get("/org")).status_code == 200


async def test_rate_limits_and_failures_have_the_envelope(sandbox: ZohoSandbox) -> None:
    limited, failing = sandbox.rate_limited(3), sandbox.failing(503)
    assert (limited.status_code, "retry-after" in limited.headers) == (429, False)
    assert b'"code":"TOO_MANY_REQUESTS"' in bytes(limited.body)
    assert (failing.status_code, b"SERVICE_UNAVAILABLE" in bytes(failing.body)) == (503, True)


async def test_addresses_and_methods_that_mean_nothing_are_refused(sandbox: ZohoSandbox) -> None:
    async with answering(sandbox) as zoho:
        nowhere, method = await zoho.get("/Deals/1/2/3/4"), await zoho.patch("/Deals/1")
        module, broken = await zoho.get("/Nope?fields=id"), await zoho.post("/Deals", content=b"{")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "INVALID_URL_PATTERN")
    assert (method.status_code, method.json()["code"]) == (400, "INVALID_REQUEST_METHOD")
    assert (module.status_code, module.json()["code"]) == (400, "INVALID_MODULE")
    assert (broken.status_code, broken.json()["code"]) == (400, "UNABLE_TO_PARSE_DATA_TYPE")
