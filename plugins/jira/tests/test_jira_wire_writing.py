"""Editing issues and creating them: what is sent, and what is made of each answer."""

import json
from typing import Any

import httpx

from hub.sdk import (
    Delayed,
    Draft,
    Refusal,
    Unknown,
    Written,
)
from plugins.jira.tests.answering import (
    REQ,
    Answers,
    Jira,
    drafts,
    envelope,
    issue,
    opened,
    patched,
)


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
