"""Signing in, and what the connector makes of errors and limits."""

from dataclasses import replace

import httpx
import pytest
from hub_jira.config import JiraConfig
from pydantic import SecretStr, ValidationError

from hub.sdk import (
    Delayed,
    NotFound,
    Patch,
    RateLimited,
    Refusal,
    Refused,
    ServiceDown,
    SignInRejected,
    Unknown,
    Written,
)
from plugins.jira.tests.answering import REQ, Jira, envelope, issue, known, opened, patched


async def test_opening_takes_two_calls_and_tells_account_and_place() -> None:
    jira = Jira()
    identity = await jira.connector().open()
    assert sorted(jira.names()) == ["GET /myself", "GET /project/ACME"]
    assert identity.account.id == "me"
    assert identity.place == "https://acme.atlassian.net/900"
    assert jira.sent[0].headers["authorization"].startswith("Basic ")


async def test_refused_credentials_are_told_even_where_the_project_can_be_read() -> None:
    with pytest.raises(SignInRejected, match="new API token"):
        await Jira(**{"GET /myself": envelope(401, "No.")}).connector().open()


async def test_a_missing_scope_is_named() -> None:
    said = httpx.Response(401, json={"code": 401, "message": "Unauthorized; scope does not match"})
    with pytest.raises(SignInRejected, match="read:jira-work"):
        await Jira(**{"GET /myself": said}).connector().open()


async def test_an_anonymous_answer_is_a_refused_sign_in() -> None:
    connector = await opened(jira := Jira())
    jira.answers["POST /search/jql"] = httpx.Response(
        200, json={"issues": []}, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
    )
    with pytest.raises(SignInRejected):
        [page async for page in connector.changes(REQ, None)]


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (envelope(404, "No project could be found with key 'ACME'."), "not there"),
        (httpx.Response(200, json={"id": "900", "key": "ACME", "archived": True}), "archived"),
        (httpx.Response(200, json={"id": "900", "key": "ACME", "deleted": True}), "trash"),
    ],
)
async def test_a_project_that_cannot_be_used_is_named_with_the_fix(answer: httpx.Response, word: str) -> None:
    with pytest.raises(NotFound) as caught:
        await Jira(**{"GET /project/ACME": answer}).connector().open()
    assert word in caught.value.message
    assert "connections.jira.project" in caught.value.fix


def test_an_unknown_setting_is_an_error() -> None:
    auth = {"kind": "token", "user": "u", "token": SecretStr("t")}
    table = {"plugin": "jira", "url": "https://a.example", "auth": auth, "project": "A", "projcet": "B"}
    with pytest.raises(ValidationError):
        JiraConfig.model_validate(table)


async def test_issues_behind_the_gateway_have_no_page_unless_the_site_is_named() -> None:
    jira = Jira()
    connector = await opened(jira, url="https://api.atlassian.com/ex/jira/c-1/")
    assert (await known(jira, connector)).url is None
    assert jira.names() == []


async def test_a_removed_api_is_refused_and_says_so() -> None:
    connector = await opened(jira := Jira())
    jira.answers["POST /search/jql"] = envelope(410, "The requested API has been removed.")
    with pytest.raises(Refused, match="removed this API"):
        [page async for page in connector.changes(REQ, None)]


async def test_an_html_page_instead_of_json_is_no_trouble() -> None:
    connector = await opened(jira := Jira())
    page = httpx.Response(503, html="<html><title>Service Unavailable</title></html>")
    jira.answers["POST /search/jql"] = [page, httpx.Response(200, json={"issues": [], "isLast": True})]
    assert len([page async for page in connector.changes(REQ, None)]) == 1
    jira.answers["POST /search/jql"] = page
    with pytest.raises(ServiceDown, match="503"):
        [page async for page in connector.changes(REQ, None)]


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_what_jira_says_of_a_field_is_passed_on(status: int) -> None:
    refused = envelope(status, summary="Die Zusammenfassung ist zu lang.")
    outcome = await patched(Jira(**{"PUT /issue/10": refused}), {"summary": "New"})
    assert outcome == Refusal(
        "summary: Die Zusammenfassung ist zu lang.", {"summary": "Die Zusammenfassung ist zu lang."}
    )


async def test_a_concurrent_edit_delays_the_patch() -> None:
    jira = Jira(**{"PUT /issue/10": envelope(409, "Conflict.")})
    assert isinstance(await patched(jira, {"summary": "New"}), Delayed)
    assert jira.names() == ["PUT /issue/10"]


async def test_an_issue_that_is_not_there_refuses_its_patch() -> None:
    assert isinstance(await patched(Jira(), {"summary": "New"}), Refusal)


async def test_a_lost_answer_to_an_edit_is_asked_for_again() -> None:
    done = httpx.Response(200, json=issue(summary="New"))
    jira = Jira(**{"PUT /issue/10": [httpx.ReadError("gone"), done]})
    outcome = await patched(jira, {"summary": "New"})
    assert isinstance(outcome, Written)
    assert jira.names() == ["PUT /issue/10", "PUT /issue/10"]


async def test_an_edit_that_never_gets_an_answer_may_have_happened() -> None:
    jira = Jira(**{"PUT /issue/10": httpx.ReadError("gone")})
    assert isinstance(await patched(jira, {"summary": "New"}), Unknown)
    jira = Jira(**{"PUT /issue/10": httpx.ConnectError("refused")})
    assert isinstance(await patched(jira, {"summary": "New"}), Delayed)


async def test_credentials_that_run_out_during_a_batch_stop_it_unless_something_was_done() -> None:
    signed_out = envelope(401, "No.")
    with pytest.raises(SignInRejected):
        await patched(Jira(**{"PUT /issue/10": signed_out}), {"summary": "New"})
    jira = Jira(**{"PUT /issue/10": httpx.Response(200, json=issue()), "PUT /issue/11": signed_out})
    connector = await opened(jira)
    record = await known(jira, connector)
    fields = {"summary": "New"}
    patches = [Patch("10", fields, record), Patch("11", fields, replace(record, id="11"))]
    assert [type(o) for o in await connector.update(REQ, patches)] == [Written, Delayed]


def limited(reason: str, after: str = "7") -> httpx.Response:
    headers = {"Retry-After": after, "RateLimit-Reason": reason}
    return envelope(429, "The request has been rate-limited. Please try again later.", headers)


@pytest.mark.parametrize(
    ("reason", "same", "other"),
    [("jira-per-issue-on-write", [], []), ("jira-burst-based", [7.0], []), ("jira-quota-tenant-based", [7.0], [7.0])],
)
async def test_a_limit_makes_wait_whom_it_is_about(reason: str, same: list[float], other: list[float]) -> None:
    done = httpx.Response(200, json=issue())
    jira = Jira(**{"PUT /issue/10": [limited(reason), done], "PUT /issue/11": done})
    connector = await opened(jira)
    record = await known(jira, connector)
    await connector.update(REQ, [Patch("10", {"summary": "New"}, record)])
    assert jira.slept == [7.0]
    jira.slept.clear()
    await connector.update(REQ, [Patch("11", {"summary": "New"}, replace(record, id="11"))])
    assert jira.slept == same
    jira.slept.clear()
    await connector.fetch(REQ, ["10"])
    assert jira.slept == other


async def test_a_wait_of_nought_means_our_own_pace() -> None:
    jira = Jira(**{"PUT /issue/10": [limited("jira-burst-based", "0"), httpx.Response(200, json=issue())]})
    assert isinstance(await patched(jira, {"summary": "New"}), Written)
    assert jira.slept == [0.5]


async def test_a_quota_that_is_used_up_for_long_delays_without_more_calls() -> None:
    jira = Jira(**{"PUT /issue/10": limited("jira-quota-tenant-based", "900")})
    outcome = await patched(jira, {"summary": "New"})
    assert isinstance(outcome, Delayed)
    assert isinstance(outcome.error, RateLimited)
    assert jira.names() == ["PUT /issue/10"]
