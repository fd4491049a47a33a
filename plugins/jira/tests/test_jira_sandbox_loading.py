"""The Jira sandbox: real exports taken in, and what is no export told apart."""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from hub_jira.sandbox import JiraSandbox
from hub_jira.sandbox.documents import is_document, plain

from hub.sdk.sandbox import create_app

DATA = Path(os.environ.get("HUB_SHARED") or Path(__file__).resolve().parents[4] / "shared") / "data" / "jira"
WITH_ISSUES = [
    "goatl_agile_v2_get-board-backlog",
    "goatl_agile_v2_get-epic-issues",
    "goatl_agile_v2_get-sprint-issues",
    "goatl_agile_v2_issue-search-v2",
    "goatl_sm_get-service-desk-queue-issues",
    "goatl_v3_get-issue",
    "gojira_issues_in_sprint",
    "jiracli_issue-1",
    "jiracli_issue-2",
    "perceval_jira_issues_page_1",
    "perceval_jira_issues_page_2",
    "perceval_jira_issues_page_empty",
    "perceval_jira_issues_parse_expected",
]

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the folder of real exports is not beside the project")


def signed_in(sandbox: JiraSandbox) -> httpx.AsyncClient:
    transport, auth = httpx.ASGITransport(create_app(sandbox)), ("bot@acme.example", "bot-token")
    return httpx.AsyncClient(transport=transport, base_url="http://jira.test/rest/api/3", auth=auth)


def issues_in(document: Any) -> list[dict[str, Any]]:
    if isinstance(document, list):
        return document
    return list(document.get("issues", document.get("values", [document])))


def loaded(sandbox: JiraSandbox) -> dict[str, dict[str, Any]]:
    return {issue["key"]: issue["fields"] for issue in sandbox.state()["issues"]}


def words(text: Any) -> list[str]:
    return (plain(text) if isinstance(text, dict) else text or "").split()


def name_of(told: Any) -> str | None:
    return str(told["name"]) if told else None


def check_kept(key: str, told: dict[str, Any], shown: dict[str, Any]) -> None:
    assert shown["summary"] == told.get("summary", key)
    assert words(shown["description"]) == words(told.get("description"))
    assert shown["description"] is None or is_document(shown["description"])
    assert shown["labels"] == told.get("labels", [])
    for field in ("priority", "status", "issuetype", "resolution"):
        assert field not in told or name_of(shown[field]) == name_of(told[field]), field
    for person in ("assignee", "reporter"):
        expected = told.get(person)
        assert (shown[person] and shown[person]["displayName"]) == (expected and expected["displayName"])
    assert shown["duedate"] == (told.get("duedate") and told["duedate"][:10])
    assert [words(one["body"]) for one in shown["comment"]["comments"]] == [
        words(one.get("body")) for one in told.get("comment", {}).get("comments", [])
    ]
    assert [one["filename"] for one in shown["attachment"]] == [one["filename"] for one in told.get("attachment", [])]
    assert [one["key"] for one in shown["subtasks"]] == [one["key"] for one in told.get("subtasks", [])]
    if told.get("parent"):
        assert shown["parent"]["key"] == told["parent"]["key"]
    for name, value in told.items():
        assert not name.startswith("customfield_") or shown[name] == value


@needs_data
@pytest.mark.data
def test_every_public_issue_keeps_what_it_says() -> None:
    sandbox = JiraSandbox()
    documents = [json.loads(path.read_text()) for path in sorted((DATA / "public_issues").glob("*.json"))]
    for document in documents:
        sandbox.load(document)
    shown = loaded(sandbox)
    assert len(shown) == len(documents) > 200
    for document in documents:
        check_kept(document["key"], document["fields"], shown[document["key"]])


@needs_data
@pytest.mark.data
@pytest.mark.parametrize("name", WITH_ISSUES)
def test_every_answer_with_issues_keeps_what_it_says(name: str) -> None:
    sandbox, document = JiraSandbox(), json.loads((DATA / "rest_issues" / f"{name}.json").read_text())
    sandbox.load(document)
    shown, told = loaded(sandbox), {issue["key"]: issue["fields"] for issue in issues_in(document)}
    assert shown.keys() == told.keys()
    for key, fields in told.items():
        check_kept(key, fields, shown[key])


@needs_data
@pytest.mark.data
def test_every_other_answer_is_refused_in_a_sentence() -> None:
    others = [
        path
        for folder in ("rest_issues", "metadata")
        for path in sorted((DATA / folder).glob("*.json"))
        if path.stem not in WITH_ISSUES
    ]
    for path in others:
        with pytest.raises(ValueError, match=r"[a-z]{4,}.*\.$"):
            JiraSandbox().load(json.loads(path.read_text()))


@pytest.mark.parametrize(
    ("document", "words_of_it"),
    [
        ({"comments": [], "total": 0, "startAt": 0}, "page of comments"),
        ({"issues": [{"id": "1", "key": "A-1"}]}, "without their fields"),
        ([], "no Jira issues"),
        ("text", "no Jira export"),
        ({"lists": [], "cards": []}, "no Jira issues"),
        ({"key": "A-1", "fields": {"summary": "x", "created": "yesterday"}}, "Issue A-1"),
    ],
)
def test_what_is_no_export_is_told_in_words(document: Any, words_of_it: str) -> None:
    with pytest.raises(ValueError, match=words_of_it):
        JiraSandbox().load(document)


def issue(key: str = "WEST-7", **fields: Any) -> dict[str, Any]:
    told = {"summary": "Order", "status": {"name": "Triage"}, "issuetype": {"name": "Wish"}, **fields}
    return {"id": "700", "key": key, "fields": told}


def test_loading_twice_replaces() -> None:
    sandbox = JiraSandbox()
    comment = {"id": "900", "body": "Hello", "author": {"name": "joe", "displayName": "Joe"}}
    for summary in ("Order", "Order again"):
        sandbox.load(issue(summary=summary, comment={"comments": [comment]}))
    (shown,) = sandbox.state()["issues"]
    assert (shown["id"], shown["fields"]["summary"]) == ("700", "Order again")
    assert [one["id"] for one in shown["fields"]["comment"]["comments"]] == ["900"]


def test_a_taken_id_is_replaced_by_a_new_one() -> None:
    sandbox = JiraSandbox()
    sandbox.load([issue("WEST-7"), issue("WEST-8")])
    ids = {one["key"]: one["id"] for one in sandbox.state()["issues"]}
    assert ids["WEST-7"] == "700" != ids["WEST-8"]


def test_parents_and_children_find_each_other_in_whatever_order() -> None:
    sandbox = JiraSandbox()
    child = issue("WEST-8", parent={"id": "700", "key": "WEST-7", "fields": {"summary": "Order"}})
    sandbox.load({**child, "id": "701", "fields": {**child["fields"], "issuetype": {"name": "Sub-task"}}})
    before = loaded(sandbox)["WEST-8"]["parent"]
    sandbox.load(issue("WEST-7", summary="Newer"))
    assert (before["key"], loaded(sandbox)["WEST-8"]["parent"]["fields"]["summary"]) == ("WEST-7", "Newer")
    assert [one["key"] for one in loaded(sandbox)["WEST-7"]["subtasks"]] == ["WEST-8"]


async def test_an_unknown_status_becomes_reachable_and_new_issues_count_on() -> None:
    sandbox = JiraSandbox()
    sandbox.load(issue())
    fields = {"project": {"key": "WEST"}, "issuetype": {"name": "Wish"}, "summary": "Another"}
    async with signed_in(sandbox) as jira:
        created = await jira.post("/issue", json={"fields": fields})
        key = created.json()["key"]
        offered = (await jira.get(f"/issue/{key}/transitions")).json()["transitions"]
        way = next(one["id"] for one in offered if one["to"]["name"] == "Triage")
        await jira.post(f"/issue/{key}/transitions", json={"transition": {"id": way}})
        edited = await jira.put("/issue/WEST-7", json={"fields": {"summary": "Edited", "labels": ["x"]}})
        found = await jira.post("/search/jql", json={"jql": "status = Triage ORDER BY id", "fields": ["summary"]})
    assert (key, edited.status_code) == ("WEST-8", 204)
    assert [one["fields"]["summary"] for one in found.json()["issues"]] == ["Edited", "Another"]


def test_an_unknown_custom_field_is_shown_as_it_was() -> None:
    sandbox = JiraSandbox()
    value = {"odd": ["shape", 1]}
    sandbox.load({"issues": [issue(customfield_99001=value)], "names": {"customfield_99001": "Odd one"}})
    assert loaded(sandbox)["WEST-7"]["customfield_99001"] == value
    assert sandbox.site.fields["customfield_99001"].name == "Odd one"


async def test_the_control_api_takes_exports() -> None:
    sandbox = JiraSandbox()
    transport = httpx.ASGITransport(create_app(sandbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://jira.test") as control:
        assert (await control.post("/_sandbox/load", json=issue())).status_code == 200
        assert (await control.post("/_sandbox/load", json={"comments": []})).status_code == 422
        state = (await control.get("/_sandbox/state")).json()
        calls = (await control.get("/_sandbox/calls")).json()
    assert [one["key"] for one in state["issues"]] == ["WEST-7"]
    assert {one["key"] for one in state["projects"]} == {"ACME", "WEST"}
    assert calls["total"] == 0


def test_the_connection_leads_to_what_was_loaded() -> None:
    sandbox = JiraSandbox()
    assert sandbox.connection("http://x")["project"] == "ACME"
    sandbox.load({"key": "SHOP-1", "fields": {"summary": "A shop"}})
    assert sandbox.connection("http://x")["project"] == "SHOP"
