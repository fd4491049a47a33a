"""What the connector makes of each answer that Jira may give, without a server."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hub_jira.config import JiraConfig, JiraOptions
from hub_jira.connector import JiraConnector
from hub_jira.jql import of_kind
from hub_jira.search import OVERLAP_MS
from pydantic import SecretStr, ValidationError

from hub.sdk import (
    Absence,
    Delayed,
    Draft,
    Kind,
    KindSettings,
    Network,
    NotFound,
    Outcome,
    Patch,
    RateLimited,
    Record,
    Refusal,
    Refused,
    ServiceDown,
    Setup,
    SignInRejected,
    Unknown,
    Written,
)

REQ, TASK = Kind.REQUIREMENT, Kind.TASK
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
Answers = Callable[[httpx.Request], httpx.Response | None]
TODO = {"id": "1", "name": "To Do", "statusCategory": {"key": "new"}}
DOING = {"id": "2", "name": "Doing", "statusCategory": {"key": "indeterminate"}}
DONE = {"id": "3", "name": "Done", "statusCategory": {"key": "done"}}
ME = {"accountId": "me", "displayName": "Hub", "timeZone": "Asia/Shanghai"}


def issue(number: int = 10, **fields: Any) -> dict[str, Any]:
    shown = {
        "summary": f"Issue {number}",
        "description": None,
        "status": TODO,
        "issuetype": {"id": "7", "name": "Story"},
        "priority": {"id": "2", "name": "High"},
        "duedate": None,
        "assignee": None,
        "labels": ["erp"],
        "project": {"id": "900", "key": "ACME"},
        "created": "2026-10-01T10:00:00.000+0200",
        "creator": ME,
        "updated": "2026-10-02T10:00:00.000+0200",
    }
    return {
        "id": str(number),
        "key": f"ACME-{number}",
        "fields": {**shown, **fields},
        "transitions": [{"id": "21", "name": "Start", "to": DOING, "hasScreen": False, "isAvailable": True}],
        "properties": {"requirement-hub": {"key": f"REQ-{number}"}},
        "changelog": {"startAt": 0, "maxResults": 40, "total": 0, "histories": []},
    }


def envelope(status: int, message: str = "", headers: Mapping[str, str] | None = None, **errors: str) -> httpx.Response:
    body = {"errorMessages": [message] if message else [], "errors": errors}
    return httpx.Response(status, json=body, headers=headers)


class Jira:
    """Answers by method and path; what a test gives comes first, and a list is used up one by one."""

    def __init__(self, **given: Any) -> None:
        self.sent: list[httpx.Request] = []
        self.slept: list[float] = []
        self.answers: dict[str, Any] = {
            "GET /myself": httpx.Response(200, json=ME),
            "GET /project/ACME": httpx.Response(200, json={"id": "900", "key": "ACME"}),
            "POST /issue/bulkfetch": self.bulk,
            "GET /issue/createmeta/900/issuetypes": httpx.Response(
                200, json={"issueTypes": [{"id": "7", "name": "Story", "subtask": False}], "total": 1}
            ),
            "GET /issue/createmeta/900/issuetypes/7": httpx.Response(
                200, json={"fields": [{"fieldId": "summary", "name": "Summary", "required": True}], "total": 1}
            ),
            "GET /project/900/statuses": httpx.Response(200, json=[{"id": "7", "statuses": [TODO, DOING, DONE]}]),
            "POST /search/jql": httpx.Response(200, json={"issues": [], "isLast": True}),
            **given,
        }
        self.issues: dict[str, dict[str, Any]] = {}

    def bulk(self, request: httpx.Request) -> httpx.Response:
        ids = json.loads(request.content)["issueIdsOrKeys"]
        found = [self.issues[n] for n in ids if n in self.issues]
        return httpx.Response(200, json={"issues": list(reversed(found)), "issueErrors": []})

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        answer = self.answers.get(self.name(request))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer = answer(request)
        return answer or envelope(404, "Issue does not exist or you do not have permission to see it.")

    def name(self, request: httpx.Request) -> str:
        return f"{request.method} {request.url.path.partition('/rest/api/3')[2]}"

    def names(self) -> list[str]:
        return [self.name(request) for request in self.sent]

    def bodies(self, name: str) -> list[Any]:
        return [json.loads(r.content) for r in self.sent if self.name(r) == name]

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def connector(self, url: str = "https://acme.atlassian.net", **kinds: KindSettings) -> JiraConnector:
        token = SecretStr("hush-hush")
        auth = {"kind": "token", "user": "bot@acme.example", "token": token}
        config = JiraConfig.model_validate({"plugin": "jira", "url": url, "auth": auth, "project": "ACME"})
        network = Network(httpx.MockTransport(self), self._sleep, lambda: NOW, lambda: 0.0)
        settings = {Kind(name): value for name, value in kinds.items()} or {REQ: KindSettings(("Story",), "Story")}
        return JiraConnector(Setup("jira", config, settings, network, lambda: NOW))


async def opened(jira: Jira, **more: Any) -> JiraConnector:
    connector = jira.connector(**more)
    await connector.open()
    jira.sent.clear()
    return connector


async def known(jira: Jira, connector: JiraConnector, number: int = 10, **fields: Any) -> Record:
    jira.issues[str(number)] = issue(number, **fields)
    record = (await connector.fetch(REQ, [str(number)]))[str(number)]
    assert isinstance(record, Record)
    jira.sent.clear()
    return record


async def patched(jira: Jira, fields: Mapping[str, Any], **of_issue: Any) -> Outcome:
    connector = await opened(jira)
    record = await known(jira, connector, **of_issue)
    (outcome,) = await connector.update(REQ, [Patch(record.id, fields, record)])
    return outcome


def drafts(count: int) -> list[Draft]:
    return [Draft(f"REQ-{n}", {"summary": f"S{n}", "issuetype": "Story"}) for n in range(count)]


# --- signing in


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


# --- errors


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


# --- limits


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


# --- editing


async def test_an_edit_names_only_what_changed_and_no_label_that_stays() -> None:
    jira = Jira(**{"PUT /issue/10": httpx.Response(200, json=issue())})
    await patched(jira, {"labels": ["erp", "new"], "assignee": {"id": "ana", "name": "Ana"}, "priority": None})
    (body,) = jira.bodies("PUT /issue/10")
    assert body == {
        "fields": {"assignee": {"accountId": "ana"}, "priority": None},
        "update": {"labels": [{"add": "new"}]},
    }
    assert jira.sent[0].url.params["returnIssue"] == "true"


async def test_an_edit_without_an_issue_in_the_answer_is_read_again() -> None:
    jira = Jira(**{"PUT /issue/10": httpx.Response(204)})
    assert isinstance(await patched(jira, {"summary": "New"}), Written)
    assert jira.names() == ["PUT /issue/10", "POST /issue/bulkfetch"]


async def test_an_answer_with_only_the_edited_field_keeps_the_others() -> None:
    part = {"id": "10", "key": "ACME-10", "fields": {"summary": "New"}}
    outcome = await patched(Jira(**{"PUT /issue/10": httpx.Response(200, json=part)}), {"summary": "New"})
    assert isinstance(outcome, Written)
    assert outcome.record.fields["summary"] == "New"
    assert outcome.record.fields["priority"] == "High"
    assert outcome.record.marker == "REQ-10"
    assert outcome.record.version == ""


# --- transitions


def hop(number: str, to: Mapping[str, Any], *, screen: bool = False, **fields: Any) -> dict[str, Any]:
    more = {"fields": fields} if fields else {}
    return {"id": number, "name": f"Go {number}", "to": to, "hasScreen": screen, "isAvailable": True, **more}


def offered(*hops: Mapping[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"transitions": list(hops)})


MOVES = "POST /issue/10/transitions"
OPTIONS = "GET /issue/10/transitions"


async def test_a_status_further_away_is_reached_by_what_a_sample_shows() -> None:
    sample = {**issue(55, status=DOING), "transitions": [hop("31", DONE)]}
    found = httpx.Response(200, json={"issues": [{"id": "55"}], "isLast": True})
    jira = Jira(**{MOVES: httpx.Response(204), "POST /search/jql": found})
    jira.issues["55"] = sample
    outcome = await patched(jira, {"status": "Done"})
    assert isinstance(outcome, Written)
    assert outcome.record.fields["status"] == "Done"
    assert [b["transition"]["id"] for b in jira.bodies(MOVES)] == ["21", "31"]
    assert jira.names() == [
        "GET /project/900/statuses",
        "POST /search/jql",
        "POST /issue/bulkfetch",
        MOVES,
        MOVES,
    ]


async def test_without_a_sample_the_way_is_found_by_going() -> None:
    jira = Jira(**{MOVES: httpx.Response(204), OPTIONS: offered(hop("31", DONE), hop("32", TODO))})
    outcome = await patched(jira, {"status": "Done"})
    assert isinstance(outcome, Written)
    assert jira.names()[-3:] == [MOVES, OPTIONS, MOVES]


async def test_a_way_that_ends_half_way_says_where_the_issue_is_now() -> None:
    jira = Jira(**{MOVES: httpx.Response(204), OPTIONS: offered(hop("32", TODO))})
    outcome = await patched(jira, {"status": "Done"})
    assert isinstance(outcome, Refusal)
    assert outcome.record is not None
    assert outcome.record.fields["status"] == "Doing"
    assert "no transition leads from 'Doing' to 'Done': reachable are To Do" in outcome.fields["status"]


RESOLUTION = {
    "required": True,
    "name": "Resolution",
    "schema": {"type": "resolution"},
    "allowedValues": [{"id": "1", "name": "Won't Do"}, {"id": "2", "name": "Fixed"}],
}
CAUSE = {"required": True, "name": "Root cause", "schema": {"type": "option"}}


async def test_a_required_resolution_says_that_the_work_was_done() -> None:
    jira = Jira(**{MOVES: httpx.Response(204), OPTIONS: offered(hop("21", DOING, screen=True, resolution=RESOLUTION))})
    connector = await opened(jira)
    record = await known(jira, connector)
    record = replace(record, extra={**record.extra, "transitions": [hop("21", DOING, screen=True)]})
    patches = [Patch("10", {"status": "Doing"}, record)]
    assert isinstance((await connector.update(REQ, patches))[0], Written)
    assert isinstance((await connector.update(REQ, patches))[0], Written)
    assert jira.bodies(MOVES)[0] == {"transition": {"id": "21"}, "fields": {"resolution": {"id": "2"}}}
    assert jira.names() == [OPTIONS, MOVES, MOVES]


async def test_a_required_field_of_a_transition_is_named_and_can_be_configured() -> None:
    answers = {
        MOVES: [envelope(400, customfield_7="Root cause is required."), httpx.Response(204)],
        OPTIONS: offered(hop("21", DOING, customfield_7=CAUSE)),
    }
    outcome = await patched(jira := Jira(**answers), {"status": "Doing"})
    assert isinstance(outcome, Refusal)
    assert "'Root cause' (customfield_7)" in outcome.fields["status"]
    assert "defaults" in outcome.message
    assert jira.names() == [MOVES, OPTIONS]

    jira = Jira(**{**answers, MOVES: [envelope(400, customfield_7="Needed."), httpx.Response(204)]})
    options = JiraOptions(defaults={"Root cause": "Wear"})
    connector = await opened(jira, requirement=KindSettings(("Story",), "Story", options))
    record = await known(jira, connector)
    (outcome,) = await connector.update(REQ, [Patch("10", {"status": "Doing"}, record)])
    assert isinstance(outcome, Written)
    assert jira.bodies(MOVES)[-1]["fields"] == {"customfield_7": {"value": "Wear"}}


async def test_a_transition_that_is_no_longer_there_is_planned_again() -> None:
    jira = Jira(**{MOVES: [envelope(400, "It seems that you have tried…"), httpx.Response(204)]})
    jira.answers["GET /issue/10"] = httpx.Response(200, json={**issue(status=DONE), "transitions": [hop("51", DOING)]})
    outcome = await patched(jira, {"status": "Doing"})
    assert isinstance(outcome, Written)
    assert [b["transition"]["id"] for b in jira.bodies(MOVES)] == ["21", "51"]


async def test_fields_that_were_written_are_told_when_the_status_is_refused() -> None:
    jira = Jira(**{"PUT /issue/10": httpx.Response(200, json=issue(summary="New"))})
    outcome = await patched(jira, {"summary": "New", "status": "Nowhere"})
    assert isinstance(outcome, Refusal)
    assert outcome.record is not None
    assert outcome.record.fields["summary"] == "New"


async def test_a_closed_issue_is_opened_before_it_is_edited() -> None:
    jira = Jira(**{MOVES: httpx.Response(204), "PUT /issue/10": httpx.Response(200, json=issue(status=DOING))})
    assert isinstance(await patched(jira, {"summary": "New", "status": "Doing"}, status=DONE), Written)
    assert jira.names() == [MOVES, "PUT /issue/10"]


# --- creating


def created(jira: Jira) -> Answers:
    def answer(request: httpx.Request) -> httpx.Response:
        made = []
        for update in json.loads(request.content)["issueUpdates"]:
            number = 100 + len(jira.issues)
            marker = update["properties"][0]["value"]["key"]
            jira.issues[str(number)] = {**issue(number), "properties": {"requirement-hub": {"key": marker}}}
            made.append({"id": str(number), "key": f"ACME-{number}"})
        return httpx.Response(201, json={"issues": made, "errors": []})

    return answer


BULK = "POST /issue/bulk"


async def test_five_hundred_drafts_go_out_in_ten_calls_with_their_markers() -> None:
    jira = Jira()
    jira.answers[BULK] = created(jira)
    connector = await opened(jira)
    outcomes = await connector.create(REQ, drafts(500))
    assert [o.record.marker for o in outcomes if isinstance(o, Written)] == [f"REQ-{n}" for n in range(500)]
    assert jira.names().count(BULK) == 10
    assert len(jira.sent) == 10 + 5 + 2
    update = jira.bodies(BULK)[0]["issueUpdates"][3]
    assert update["properties"] == [{"key": "requirement-hub", "value": {"key": "REQ-3"}}]
    assert update["fields"] == {"project": {"id": "900"}, "issuetype": {"id": "7"}, "summary": "S3"}


async def test_a_lost_answer_leaves_every_create_unknown_and_is_not_sent_twice() -> None:
    jira = Jira(**{BULK: httpx.ReadError("gone")})
    outcomes = await (await opened(jira)).create(REQ, drafts(3))
    assert [type(o) for o in outcomes] == [Unknown] * 3
    assert jira.names().count(BULK) == 1
    jira = Jira(**{BULK: httpx.ConnectError("refused")})
    assert [type(o) for o in await (await opened(jira)).create(REQ, drafts(3))] == [Delayed] * 3


async def test_every_refused_element_has_its_own_words() -> None:
    def error(number: int) -> dict[str, Any]:
        said = {"errorMessages": [], "errors": {"summary": f"bad {number}"}}
        return {"status": 400, "elementErrors": said, "failedElementNumber": number}

    refused = httpx.Response(400, json={"issues": [], "errors": [error(1), error(0)]})
    outcomes = await (await opened(Jira(**{BULK: refused}))).create(REQ, drafts(2))
    assert [o.fields for o in outcomes if isinstance(o, Refusal)] == [{"summary": "bad 0"}, {"summary": "bad 1"}]


async def test_a_refusal_that_names_no_element_is_narrowed_down() -> None:
    jira = Jira()
    make = created(jira)

    def answer(request: httpx.Request) -> httpx.Response | None:
        return (
            envelope(400, "We can't create this issue for you right now.")
            if b"S2" in request.content
            else make(request)
        )

    jira.answers[BULK] = answer
    outcomes = await (await opened(jira)).create(REQ, drafts(4))
    assert [type(o).__name__ for o in outcomes] == ["Written", "Written", "Refusal", "Written"]


async def test_an_issue_that_was_made_is_told_of_even_if_its_status_could_not_be_set() -> None:
    jira = Jira(**{"POST /issue/100/transitions": httpx.ConnectError("refused")})
    jira.answers[BULK] = created(jira)
    connector = await opened(jira)
    (outcome,) = await connector.create(REQ, [Draft("REQ-1", {"summary": "S", "status": "Doing"})])
    assert isinstance(outcome, Refusal)
    assert outcome.record is not None
    assert outcome.record.marker == "REQ-1"
    assert list(outcome.fields) == ["status"]


async def test_fields_that_are_not_on_the_screen_are_left_out() -> None:
    jira = Jira()
    jira.answers[BULK] = created(jira)
    connector = await opened(jira)
    await connector.create(REQ, [Draft("REQ-1", {"summary": "S", "priority": "High", "labels": ["a"]})])
    assert set(jira.bodies(BULK)[0]["issueUpdates"][0]["fields"]) == {"project", "issuetype", "summary"}


async def test_an_unknown_type_is_refused_with_what_there_is() -> None:
    (outcome,) = await (await opened(Jira())).create(REQ, [Draft("REQ-1", {"summary": "S", "issuetype": "Saga"})])
    assert isinstance(outcome, Refusal)
    assert "Story" in outcome.fields["issuetype"]


# --- reading


async def test_records_that_are_hidden_deleted_or_elsewhere_are_told_apart() -> None:
    jira = Jira(**{"GET /issue/11": envelope(403, "No.")})
    connector = await opened(jira)
    jira.issues["10"] = issue(10)
    jira.issues["13"] = issue(13, project={"id": "901", "key": "OTHER"})
    found = await connector.fetch(REQ, ["10", "11", "12", "13"])
    assert isinstance(found["10"], Record)
    assert [found[n] for n in ("11", "12", "13")] == [Absence.HIDDEN, Absence.DELETED, Absence.MOVED]


async def test_nothing_is_called_deleted_by_an_account_that_is_signed_out() -> None:
    jira = Jira()
    connector = await opened(jira)
    jira.answers["GET /myself"] = envelope(401, "No.")
    with pytest.raises(SignInRejected):
        await connector.fetch(REQ, ["12"])


async def test_an_issue_that_bulk_reading_could_not_give_is_read_alone() -> None:
    jira = Jira(**{"GET /issue/10": httpx.Response(200, json=issue(10))})
    found = await (await opened(jira)).fetch(REQ, ["10"])
    assert isinstance(found["10"], Record)


async def test_many_records_are_read_a_hundred_a_call() -> None:
    jira = Jira()
    jira.issues = {str(n): issue(n) for n in range(250)}
    connector = await opened(jira)
    assert len(await connector.fetch(REQ, list(jira.issues))) == 250
    assert [len(b["issueIdsOrKeys"]) for b in jira.bodies("POST /issue/bulkfetch")] == [100, 100, 50]
    assert jira.bodies("POST /issue/bulkfetch")[0]["expand"] == ["changelog", "transitions"]


async def test_the_newest_entry_of_the_history_says_who_touched_a_field() -> None:
    ana = {"accountId": "ana", "displayName": "Ana", "emailAddress": "ana@acme.example"}
    entries = [
        {
            "author": ana,
            "created": "2026-10-03T10:00:00.000+0200",
            "items": [{"field": "summary", "fieldId": "summary"}],
        },
        {
            "author": ME,
            "created": "2026-10-02T10:00:00.000+0200",
            "items": [{"field": "summary", "fieldId": "summary"}],
        },
        {"author": ME, "created": "2026-10-02T11:00:00.000+0200", "items": [{"field": "IssueParentAssociation"}]},
    ]
    jira = Jira()
    jira.issues["10"] = {**issue(), "changelog": {"histories": entries, "total": 3}}
    record = (await (await opened(jira)).fetch(REQ, ["10"]))["10"]
    assert isinstance(record, Record)
    assert record.touches["summary"].who.email == "ana@acme.example"
    assert record.touches["summary"].at == datetime(2026, 10, 3, 8, tzinfo=UTC)
    assert record.touches["parent"].at == datetime(2026, 10, 2, 9, tzinfo=UTC)
    assert record.touches["status"].at == datetime(2026, 10, 1, 8, tzinfo=UTC)
    assert record.touched == record.touches["summary"]


async def test_equal_versions_mean_equal_fields_whatever_the_time_zone_of_the_account() -> None:
    jira = Jira()
    connector = await opened(jira)
    one = await known(jira, connector)
    other = await known(jira, connector, updated="2026-10-02T08:00:00.000+0000")
    changed = await known(jira, connector, summary="Other")
    assert one.version == other.version
    assert changed.version != one.version


def page(issues: list[dict[str, Any]], token: str | None = None) -> httpx.Response:
    more = {"nextPageToken": token} if token else {}
    return httpx.Response(200, json={"issues": issues, "isLast": token is None, **more})


async def test_a_later_reading_asks_in_milliseconds_and_moves_its_cursor_with_the_last_page() -> None:
    jira = Jira(**{"POST /search/jql": page([issue(1)])})
    connector = await opened(jira)
    (first,) = [p async for p in connector.changes(REQ, None)]
    jira.sent.clear()
    jira.answers["POST /search/jql"] = [page([issue(2, updated="2026-11-01T11:00:00.000+0000")], "t"), page([issue(1)])]
    read = [p async for p in connector.changes(REQ, first.cursor)]
    newest = round(datetime(2026, 11, 1, 11, tzinfo=UTC).timestamp() * 1000)
    assert [p.cursor["mark"] for p in read] == [first.cursor["mark"], newest]
    bodies = jira.bodies("POST /search/jql")
    assert f"updated >= {first.cursor['mark'] - OVERLAP_MS} ORDER BY updated DESC" in bodies[0]["jql"]
    assert bodies[1]["nextPageToken"] == "t"
    assert bodies[0]["properties"] == ["requirement-hub"]
    assert bodies[0]["expand"] == "changelog"


@pytest.mark.parametrize("odd", [page([], "t2"), page([issue(2)], "t")])
async def test_a_chain_of_pages_that_leads_nowhere_ends(odd: httpx.Response) -> None:
    jira = Jira(**{"POST /search/jql": [page([issue(1)], "t"), odd]})
    connector = await opened(jira)
    assert len([p async for p in connector.changes(REQ, None)]) == 2


async def test_what_was_just_written_is_asked_to_be_shown_as_it_is() -> None:
    jira = Jira(**{"PUT /issue/10": httpx.Response(200, json=issue(summary="New"))})
    connector = await opened(jira)
    record = await known(jira, connector)
    await connector.update(REQ, [Patch("10", {"summary": "New"}, record)])
    [p async for p in connector.changes(REQ, None)]
    assert jira.bodies("POST /search/jql")[0]["reconcileIssues"] == [10]


async def test_another_set_of_types_begins_reading_anew() -> None:
    jira = Jira()
    (read,) = [p async for p in (await opened(jira)).changes(REQ, None)]
    other = await opened(jira, requirement=KindSettings(("Bug",)))
    [p async for p in other.changes(REQ, read.cursor)]
    assert jira.bodies("POST /search/jql")[-1]["jql"].endswith("ORDER BY id ASC")


@pytest.mark.parametrize(
    ("kind", "kinds", "clause"),
    [
        (REQ, {}, "project = 900"),
        (REQ, {REQ: KindSettings(("Story", 'The "B"'))}, 'project = 900 AND issuetype in ("Story", "The \\"B\\"")'),
        (TASK, {TASK: KindSettings()}, "project = 900 AND issuetype in subTaskIssueTypes()"),
        (REQ, {REQ: KindSettings(), TASK: KindSettings()}, "project = 900 AND issuetype not in subTaskIssueTypes()"),
        (REQ, {TASK: KindSettings(("Task",))}, 'project = 900 AND issuetype not in ("Task")'),
    ],
)
def test_queries_ask_for_the_types_of_a_kind(kind: Kind, kinds: dict[Kind, KindSettings], clause: str) -> None:
    assert of_kind("900", kind, kinds) == clause


async def test_a_marker_is_looked_for_beyond_what_the_index_knows() -> None:
    jira = Jira(**{"POST /search/jql": page([issue(5), issue(3)])})
    connector = await opened(jira)
    hidden = {**issue(6), "properties": {"requirement-hub": {"key": "REQ-66"}}}
    between = {**issue(4), "properties": {"requirement-hub": {"key": "REQ-44"}}}
    jira.issues = {"ACME-6": hidden, "ACME-4": between}
    assert await connector.find(REQ, ["REQ-66", "REQ-44", "REQ-3"]) == {
        "REQ-66": ["6"],
        "REQ-44": ["4"],
        "REQ-3": ["3"],
    }
    assert jira.slept == []
    assert await connector.find(REQ, ["REQ-1"]) == {}
    assert jira.slept == [1.0, 2.0, 4.0]


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


async def test_after_an_edit_was_read_the_next_reading_is_quiet() -> None:
    jira = Jira(**{"POST /search/jql": page([issue(1)])})
    connector = await opened(jira)
    (first,) = [p async for p in connector.changes(REQ, None)]
    jira.answers["POST /search/jql"] = page([issue(2, updated="2026-11-01T11:00:00.000+0000"), issue(1)])
    (second,) = [p async for p in connector.changes(REQ, first.cursor)]
    jira.answers["POST /search/jql"] = page([issue(2, updated="2026-11-01T11:00:00.000+0000")])
    (third,) = [p async for p in connector.changes(REQ, second.cursor)]
    assert third.records == ()
    assert third.cursor == second.cursor
