"""Signing in to Zoho CRM: tokens, data centres, scopes, and what is said when it goes wrong."""

from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest
from hub_zoho_crm.config import ZohoConfig
from pydantic import SecretStr, ValidationError

from hub.sdk import Identity, PermissionLost, RateLimited, Refused, ServiceDown, SignInRejected
from plugins.zoho_crm.tests.zoho_answering import EXPIRED, ME, NOTHING, REQ, TOKEN, Zoho, opened, pages, refused


def error(code: str, description: str = "") -> httpx.Response:
    return httpx.Response(200, json={"error": code, "error_description": description})


async def test_opening_says_who_and_where() -> None:
    zoho = Zoho()
    identity = await zoho.connector().open()
    assert (identity.account.id, identity.account.name) == (ME["id"], "Hub")
    assert identity == Identity(identity.account, "77/Deals")
    assert zoho.names() == ["POST /oauth/v2/token", "GET /users", "GET /org"]
    assert zoho.connector().calls == 0


async def test_the_refresh_grant_is_a_form_to_the_accounts_server_of_the_data_centre() -> None:
    zoho = Zoho()
    await zoho.connector({"data_centre": "ca"}).open()
    request = zoho.sent[0]
    assert request.url == "https://accounts.zohocloud.ca/oauth/v2/token"
    assert parse_qs(request.content.decode()) == {
        "grant_type": ["refresh_token"],
        "client_id": ["1000.CLIENT"],
        "client_secret": ["hush-client"],
        "refresh_token": ["hush-refresh"],
    }


async def test_the_token_says_where_the_api_is() -> None:
    zoho = Zoho()
    await zoho.connector({"data_centre": "us"}).open()
    assert zoho.sent[1].url.host == "www.zohoapis.eu"
    assert zoho.sent[1].headers["Authorization"] == "Zoho-oauthtoken 1000.first"


async def test_a_url_stands_in_for_both_servers() -> None:
    zoho = Zoho()
    await zoho.connector({"url": "http://127.0.0.1:9/"}).open()
    assert {request.url.host for request in zoho.sent} == {"127.0.0.1"}


async def test_a_token_is_kept_between_processes_until_shortly_before_its_end() -> None:
    zoho = Zoho()
    await zoho.connector().open()
    await opened(zoho)
    zoho.sent.clear()
    await zoho.connector().open()
    assert "POST /oauth/v2/token" not in zoho.names()
    zoho.now += timedelta(minutes=59)
    await zoho.connector().open()
    assert zoho.names().count("POST /oauth/v2/token") == 1


async def test_a_refused_token_is_renewed_once_and_the_call_repeated() -> None:
    second = httpx.Response(200, json={**TOKEN, "access_token": "1000.second"})
    zoho = Zoho(**{"POST /oauth/v2/token": [httpx.Response(200, json=TOKEN), second]})
    connector = await opened(zoho)
    zoho.answers["GET /Deals"] = [EXPIRED, NOTHING]
    await pages(connector)
    assert zoho.names().count("POST /oauth/v2/token") == 1
    assert [r.headers["Authorization"] for r in zoho.of("GET /Deals")] == [
        "Zoho-oauthtoken 1000.first",
        "Zoho-oauthtoken 1000.second",
    ]
    zoho.answers["GET /Deals"] = EXPIRED
    with pytest.raises(SignInRejected, match="INVALID_TOKEN"):
        await pages(connector)


async def test_a_missing_scope_is_named_and_no_token_made_for_it() -> None:
    zoho = Zoho(**{"GET /org": refused(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL")})
    with pytest.raises(SignInRejected) as caught:
        await zoho.connector().open()
    assert "ZohoCRM.org.READ" in caught.value.fix
    assert zoho.names().count("POST /oauth/v2/token") == 1


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("invalid_client", "data_centre"),
        ("invalid_code", "refresh token"),
        ("invalid_client_secret", "client_secret"),
        ("access_denied", "refresh token"),
    ],
)
async def test_errors_with_status_200_reject_the_sign_in_and_say_what_to_mend(code: str, word: str) -> None:
    zoho = Zoho(**{"POST /oauth/v2/token": error(code)})
    with pytest.raises(SignInRejected) as caught:
        await zoho.connector().open()
    assert word in caught.value.fix
    assert zoho.names() == ["POST /oauth/v2/token"]


async def test_too_many_tokens_are_waited_out_by_the_next_sync_and_not_asked_for_again() -> None:
    said = "You have made too many requests continuously. Please try again after some time."
    zoho = Zoho(**{"POST /oauth/v2/token": error("Access Denied", said)})
    with pytest.raises(RateLimited) as caught:
        await zoho.connector().open()
    assert caught.value.retry_after == 600
    assert len(zoho.sent) == 1


async def test_secrets_that_a_server_repeats_are_not_told() -> None:
    zoho = Zoho(**{"POST /oauth/v2/token": error("invalid_code", "hush-refresh of hush-client is unknown")})
    with pytest.raises(SignInRejected) as caught:
        await zoho.connector().open()
    assert "hush" not in str(caught.value)


async def test_a_missing_permission_is_told_with_its_name() -> None:
    zoho = Zoho(**{"GET /Deals": refused(403, "NO_PERMISSION", "no", permissions=["Crm_Implied_View_Deals"])})
    with pytest.raises(PermissionLost) as caught:
        await pages(await opened(zoho))
    assert "Crm_Implied_View_Deals" in caught.value.fix


async def test_limits_are_waited_for_with_growing_pauses_though_none_is_asked_for() -> None:
    busy = refused(429, "TOO_MANY_REQUESTS", "You have made too many requests")
    busy.headers["X-API-CREDITS-REMAINING"] = "17"
    zoho = Zoho(**{"GET /Deals": [busy, busy, NOTHING]})
    await pages(await opened(zoho))
    assert zoho.slept == [0.5, 1.0]
    zoho.answers["GET /Deals"] = busy
    with pytest.raises(RateLimited, match="17 credits left"):
        await pages(await opened(zoho))


async def test_a_page_of_html_is_no_trouble() -> None:
    zoho = Zoho(**{"GET /Deals": [httpx.Response(502, html="<html>Bad Gateway</html>"), NOTHING]})
    connector = await opened(zoho)
    assert len(await pages(connector)) == 1
    zoho.answers["GET /Deals"] = httpx.Response(502, html="<html>Bad Gateway</html>")
    with pytest.raises(ServiceDown, match="502"):
        await pages(connector)


async def test_a_module_that_is_not_there_is_named_with_the_fix() -> None:
    zoho = Zoho(**{"GET /settings/fields": refused(400, "INVALID_MODULE", "the module name given seems to be invalid")})
    with pytest.raises(Exception, match="Deals") as caught:
        await pages(await opened(zoho))
    assert "module" in getattr(caught.value, "fix", "")


async def test_what_zoho_does_not_know_is_refused_with_its_words() -> None:
    zoho = Zoho(**{"GET /Deals": refused(400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing")})
    with pytest.raises(Refused, match="REQUIRED_PARAM_MISSING"):
        [each async for each in (await opened(zoho)).changes(REQ, None)]


@pytest.mark.parametrize("more", [{"data_centre": "mars"}, {"url": "ftp://x"}, {"colour": "red"}])
def test_a_wrong_setting_is_an_error(more: dict[str, str]) -> None:
    secrets = {"client_secret": SecretStr("s"), "refresh_token": SecretStr("r")}
    with pytest.raises(ValidationError):
        ZohoConfig.model_validate({"plugin": "zoho_crm", "client_id": "c", **secrets, **more})
