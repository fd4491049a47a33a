"""A Jira that gives the answers a test wants, without a server."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from hub_jira.config import JiraConfig
from hub_jira.connector import JiraConnector
from pydantic import SecretStr

from hub.sdk import (
    Draft,
    Kind,
    KindSettings,
    Network,
    Outcome,
    Patch,
    Record,
    Setup,
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


def page(issues: list[dict[str, Any]], token: str | None = None) -> httpx.Response:
    more = {"nextPageToken": token} if token else {}
    return httpx.Response(200, json={"issues": issues, "isLast": token is None, **more})
