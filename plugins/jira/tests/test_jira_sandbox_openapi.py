"""Every answer of the Jira sandbox against the service's own description of its API."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hub_jira.sandbox import JiraSandbox

from hub.sdk.sandbox import create_app
from hub.testing.openapi import OpenApi, Recorder

SHARED = Path(os.environ.get("HUB_SHARED") or Path(__file__).resolve().parents[4] / "shared")
SPEC = SHARED / "specs" / "jira.openapi.json"
KNOWN_FAULTS = {
    r"is not a \"date-time\"": "Jira writes offsets without a colon",
    r"(from|fromString|to|toString): null is not of type": "recorded histories hold null for an empty side",
}
DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Order 42 fails"}]}],
}

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not SPEC.is_file(), reason="the folder of schemas is not beside the project"),
]


@pytest.fixture(scope="module")
def openapi() -> OpenApi:
    return OpenApi(SPEC, allow=KNOWN_FAULTS)


@pytest.fixture
async def recorder(openapi: OpenApi) -> Recorder:
    return Recorder(create_app(JiraSandbox()), openapi)


@pytest.fixture
async def jira(recorder: Recorder) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(recorder) as client:
        yield client


def _client(app: Any) -> httpx.AsyncClient:
    transport, auth = httpx.ASGITransport(app), ("bot@acme.example", "bot-token")
    return httpx.AsyncClient(transport=transport, base_url="http://jira.test/rest/api/3", auth=auth)


async def _issue(jira: httpx.AsyncClient, **fields: Any) -> str:
    given = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Order 42", **fields}
    answer = await jira.post("/issue", json={"fields": given})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


async def test_what_the_site_tells_of_itself_is_as_described(jira: httpx.AsyncClient, recorder: Recorder) -> None:
    account = (await jira.get("/myself")).json()["accountId"]
    for path in (
        "/serverInfo",
        "/project",
        "/project/search?keys=ACME",
        "/project/ACME",
        "/project/NOPE",
        "/project/ACME/statuses",
        "/issue/createmeta?projectKeys=ACME",
        "/issue/createmeta/ACME/issuetypes",
        "/issue/createmeta/ACME/issuetypes/10001?maxResults=5",
        "/issue/createmeta/ACME/issuetypes/10003",
        "/field",
        "/field/search?type=custom&maxResults=5",
        "/priority",
        "/priority/search",
        "/status",
        "/statuscategory",
        "/issuetype",
        f"/user?accountId={account}",
        "/user?accountId=nobody",
        "/user/search?query=ana",
        "/users/search",
        "/users",
        "/user/assignable/search?project=ACME&query=a",
        f"/user/bulk?accountId={account}",
        "/label",
        "/resolution",
        "/mypermissions?permissions=EDIT_ISSUES,ADMINISTER&projectKey=ACME",
        "/configuration",
        "/issue/limit/report",
        "/issueLinkType",
        "/attachment/meta",
        "/webhook",
    ):
        await jira.get(path)

    assert recorder.problems == []
    assert len(recorder.operations) >= 30


async def test_a_life_of_an_issue_is_as_described(jira: httpx.AsyncClient, recorder: Recorder) -> None:
    everything = {
        "description": DOCUMENT,
        "labels": ["erp"],
        "priority": {"name": "High"},
        "duedate": "2026-12-01",
        "assignee": {"accountId": "5b10ac8d82e05b22cc7d4ef5"},
        "customfield_10201": "A-17",
        "customfield_10202": DOCUMENT,
        "customfield_10203": 5,
        "customfield_10206": {"value": "Web"},
        "customfield_10207": [{"value": "ERP"}],
        "customfield_10212": [{"accountId": "5b10a2844c20165700ede21g"}],
        "customfield_10213": {"value": "EU", "child": {"value": "DE"}},
    }
    key = await _issue(jira, **everything)
    other = await _issue(jira, summary="Another")
    await jira.post("/issue", json={"fields": {"summary": ""}})
    await jira.put(f"/issue/{key}", json={"fields": {"labels": [], "duedate": None, "assignee": None}})
    await jira.put(f"/issue/{key}?returnIssue=true", json={"update": {"labels": [{"add": "web"}]}})
    await jira.put(f"/issue/{key}", json={"fields": {"labels": ["a b"]}})
    await jira.put(f"/issue/{key}/assignee", json={"accountId": "-1"})
    await jira.get(f"/issue/{key}?expand=changelog,names,schema,renderedFields,transitions&properties=*all")
    await jira.get("/issue/ACME-99")
    await jira.get(f"/issue/{key}/editmeta")
    for number in ("21", "31", "41"):
        shown = await jira.get(f"/issue/{key}/transitions?expand=transitions.fields")
        assert number in {one["id"] for one in shown.json()["transitions"]}
        fields = {"resolution": {"name": "Done"}} if number == "41" else {}
        await jira.post(f"/issue/{key}/transitions", json={"transition": {"id": number}, "fields": fields})
    await jira.get(f"/issue/{key}/changelog?maxResults=2")
    await jira.post("/changelog/bulkfetch", json={"issueIdsOrKeys": [key, other], "maxResults": 2})
    await jira.post("/issue/bulk", json={"issueUpdates": [{"fields": {}}]})
    await jira.post("/issue/bulkfetch", json={"issueIdsOrKeys": [key, other, "ACME-99"], "fields": ["*all"]})
    await jira.request("DELETE", f"/issue/{other}")

    assert recorder.problems == []
    assert len(recorder.operations) >= 12


async def test_search_is_as_described(jira: httpx.AsyncClient, recorder: Recorder) -> None:
    keys = [await _issue(jira, summary=f"Order {number}") for number in range(3)]
    asked = {"jql": "project = ACME ORDER BY id", "fields": ["*all"], "expand": "names,schema,changelog"}
    page = (await jira.post("/search/jql", json={**asked, "maxResults": 2})).json()
    await jira.post("/search/jql", json={**asked, "nextPageToken": page["nextPageToken"]})
    await jira.get("/search/jql", params={"jql": f"key in ({','.join(keys)})", "fields": "summary"})
    await jira.post("/search/jql", json={"jql": "foo = 1"})
    await jira.post("/search/approximate-count", json={"jql": "project = ACME"})

    assert recorder.problems == []
    assert len(recorder.operations) >= 3


async def test_the_parts_of_an_issue_are_as_described(jira: httpx.AsyncClient, recorder: Recorder) -> None:
    key, other = await _issue(jira), await _issue(jira)
    comment = (await jira.post(f"/issue/{key}/comment", json={"body": DOCUMENT})).json()["id"]
    await jira.get(f"/issue/{key}/comment?expand=properties")
    await jira.put(f"/issue/{key}/comment/{comment}", json={"body": DOCUMENT})
    await jira.get(f"/issue/{key}/comment/{comment}")
    await jira.post("/comment/list", json={"ids": [int(comment)]})
    await jira.put(f"/comment/{comment}/properties/hub", json={"key": "CMT-1"})
    await jira.get(f"/comment/{comment}/properties")
    await jira.get(f"/comment/{comment}/properties/hub")
    await jira.delete(f"/comment/{comment}/properties/hub")
    await jira.delete(f"/issue/{key}/comment/{comment}")
    await jira.put(f"/issue/{key}/properties/hub", json={"key": "REQ-1"})
    await jira.get(f"/issue/{key}/properties")
    await jira.get(f"/issue/{key}/properties/hub")
    await jira.delete(f"/issue/{key}/properties/hub")
    upload: dict[str, Any] = {"files": {"file": ("a.txt", b"abc")}, "headers": {"X-Atlassian-Token": "no-check"}}
    attached = (await jira.post(f"/issue/{key}/attachments", **upload)).json()[0]["id"]
    await jira.get(f"/attachment/{attached}")
    await jira.get(f"/attachment/content/{attached}?redirect=false")
    await jira.get(f"/attachment/content/{attached}")
    ends = {"inwardIssue": {"key": key}, "outwardIssue": {"key": other}}
    await jira.post("/issueLink", json={"type": {"name": "Blocks"}, **ends})
    shown = (await jira.get(f"/issue/{key}")).json()["fields"]["issuelinks"][0]
    await jira.get(f"/issueLink/{shown['id']}")
    await jira.delete(f"/issueLink/{shown['id']}")
    remote: dict[str, Any] = {
        "globalId": "system=west&id=1",
        "object": {"url": "https://west.example/1", "title": "West 1"},
    }
    await jira.post(f"/issue/{key}/remotelink", json=remote)
    await jira.post(f"/issue/{key}/remotelink", json=remote)
    await jira.get(f"/issue/{key}/remotelink", params={"globalId": remote["globalId"]})
    await jira.delete(f"/attachment/{attached}")

    assert recorder.problems == []
    assert len(recorder.operations) >= 20


@pytest.mark.parametrize("name", ["goatl_agile_v2_get-board-backlog", "goatl_v3_get-issue", "jiracli_issue-1"])
async def test_issues_of_real_exports_are_shown_as_described(openapi: OpenApi, name: str) -> None:
    sandbox = JiraSandbox()
    sandbox.load(json.loads((SHARED / "data" / "jira" / "rest_issues" / f"{name}.json").read_text()))
    recorder = Recorder(create_app(sandbox), openapi)
    async with _client(recorder) as jira:
        for issue in sandbox.state()["issues"]:
            await jira.get(f"/issue/{issue['id']}?expand=changelog")
            await jira.get(f"/issue/{issue['id']}/comment")
            await jira.get(f"/issue/{issue['id']}/transitions?expand=transitions.fields")
        await jira.get("/field")
        await jira.get("/priority")

    assert recorder.problems == []
    assert len(recorder.operations) >= 4
