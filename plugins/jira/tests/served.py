"""The imitation of Jira, served on loopback, and connectors to it."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from hub_jira.connector import JiraConnector
from hub_jira.sandbox import JiraSandbox

from hub.sdk import Content, Draft, Kind, KindSettings, Network, Page, Record, Setup, Written
from hub.sdk.sandbox import SandboxServer

REQ, TASK, COMMENT, FILE = Kind.REQUIREMENT, Kind.TASK, Kind.COMMENT, Kind.ATTACHMENT
SPEC = Path(os.environ.get("HUB_SHARED", Path(__file__).parents[4] / "shared")) / "specs" / "jira.openapi.json"


class Recorder(httpx.AsyncBaseTransport):
    """Passes every request on, and keeps them."""

    def __init__(self) -> None:
        self.inner = httpx.AsyncHTTPTransport()
        self.sent: list[httpx.Request] = []
        self.meanwhile: dict[str, Callable[[], object]] = {}
        """By method: what somebody does in the moment before the next such request arrives."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        self.meanwhile.pop(request.method, lambda: None)()
        return await self.inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self.inner.aclose()

    def names(self) -> list[str]:
        return [f"{r.method} {r.url.path.removeprefix('/rest/api/3').removeprefix('/rest/api/2')}" for r in self.sent]


async def no_sleep(_seconds: float) -> None:
    return None


class World:
    """A served sandbox, and connectors to it."""

    def __init__(self, server: SandboxServer, sandbox: JiraSandbox) -> None:
        self.server, self.sandbox = server, sandbox
        self.ahead = timedelta()
        sandbox.now = self.now

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_time(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)

    def tables(self) -> dict[Kind, KindSettings]:
        return {
            REQ: KindSettings(types=("Story", "Task"), create_type="Story"),
            TASK: KindSettings(types=("Sub-task",), create_type="Sub-task"),
        }

    def everything(self) -> dict[str, KindSettings]:
        return {
            **{kind.value: table for kind, table in self.tables().items()},
            **dict.fromkeys(("comment", "attachment"), KindSettings()),
        }

    @property
    def is_server(self) -> bool:
        return self.sandbox.edition == "datacenter"

    def text(self, words: str) -> Any:
        """A paragraph as the edition takes one."""
        return words if self.is_server else paragraph(words)

    def draft(self, number: int, **fields: Any) -> Draft:
        return draft(number, **{"description": self.text("Why"), **fields})

    async def made(self, jira: JiraConnector, count: int = 1, **fields: Any) -> list[Record]:
        outcomes = await jira.create(REQ, [self.draft(n, **fields) for n in range(1, count + 1)])
        return [outcome.record for outcome in outcomes if isinstance(outcome, Written)]

    def said(self, parent: str, words: str, number: int = 1, name: str = "Li Wei", **fields: Any) -> Draft:
        """A comment that somebody wrote elsewhere."""
        at = f"2026-11-01T10:{number % 60:02d}:00Z"
        shown = {"body": self.text(words), "author": {"name": name}, "at": at, "parent": parent}
        return Draft(f"CMT-{number}", {**shown, **fields})

    def file(self, parent: str, path: Path, data: bytes, number: int = 1) -> Draft:
        """A file that somebody attached elsewhere."""
        path.write_bytes(data)
        fields = {"name": path.name, "media_type": "text/plain", "size": len(data), "parent": parent}
        return Draft(f"ATT-{number}", fields, Content(path, len(data), sha256(data).hexdigest()))

    def upload(self, issue: str, name: str, data: bytes) -> str:
        """A person attaches a file; its id."""
        headers = {"X-Atlassian-Token": "no-check"}
        answer = self.as_person("POST", f"/issue/{issue}/attachments", files={"file": (name, data)}, headers=headers)
        return f"{issue}/{answer.json()[0]['id']}"

    def comment(self, issue: str, words: str, **more: Any) -> str:
        """A person comments; the id."""
        answer = self.as_person("POST", f"/issue/{issue}/comment", {"body": self.text(words), **more})
        return f"{issue}/{answer.json()['id']}"

    def edit_comment(self, remote: str, words: str) -> None:
        issue, _, number = remote.partition("/")
        self.as_person("PUT", f"/issue/{issue}/comment/{number}", {"body": self.text(words)}).raise_for_status()

    def delete_comment(self, remote: str) -> None:
        issue, _, number = remote.partition("/")
        self.as_person("DELETE", f"/issue/{issue}/comment/{number}").raise_for_status()

    @asynccontextmanager
    async def connector(self, **kinds: Any) -> AsyncIterator[tuple[JiraConnector, Recorder]]:
        wire = Recorder()
        network = Network(transport=wire, sleep=no_sleep, clock=self.now, jitter=lambda: 0.0)
        config = JiraConnector.Config.model_validate(self.server.connection())
        tables = {**self.tables(), **{Kind(name): value for name, value in kinds.items()}}
        jira = JiraConnector(Setup("jira", config, tables, network, self.now))
        try:
            await jira.open()
            wire.sent.clear()
            yield jira, wire
        finally:
            await jira.close()

    def as_person(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        ana = self.sandbox.people()[0].credentials
        auth = (ana["user"], ana["password"] if self.is_server else ana["token"])
        url = f"{self.server.url}/rest/api/{2 if self.is_server else 3}{path}"
        return httpx.request(method, url, json=body, auth=auth, timeout=10, **more)


def paragraph(text: str) -> dict[str, Any]:
    content = [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]
    return {"type": "doc", "version": 1, "content": content}


def draft(number: int, **fields: Any) -> Draft:
    shown = {
        "summary": f"Order {number} fails",
        "description": paragraph("Why"),
        "issuetype": "Story",
        "labels": ["erp"],
    }
    return Draft(f"REQ-{number}", {**shown, "status": "To Do", **fields})


async def made(jira: JiraConnector, count: int = 1, **fields: Any) -> list[Record]:
    outcomes = await jira.create(REQ, [draft(n, **fields) for n in range(1, count + 1)])
    return [outcome.record for outcome in outcomes if isinstance(outcome, Written)]


async def pages(jira: JiraConnector, cursor: Any = None, *, full: bool = False, kind: Kind = REQ) -> list[Page]:
    return [page async for page in jira.changes(kind, cursor, full=full)]


def records(read: list[Page]) -> list[Record]:
    return [record for page in read for record in page.records]
