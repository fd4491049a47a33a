"""The imitation of Jira, served on loopback, and connectors to it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from hub_jira.connector import JiraConnector
from hub_jira.sandbox import JiraSandbox

from hub.sdk import Draft, Kind, KindSettings, Network, Page, Record, Setup, Written
from hub.sdk.sandbox import SandboxServer

REQ, TASK = Kind.REQUIREMENT, Kind.TASK
SPEC = Path(os.environ.get("HUB_SHARED", Path(__file__).parents[4] / "shared")) / "specs" / "jira.openapi.json"


class Recorder(httpx.AsyncBaseTransport):
    """Passes every request on, and keeps them."""

    def __init__(self) -> None:
        self.inner = httpx.AsyncHTTPTransport()
        self.sent: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return await self.inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self.inner.aclose()

    def names(self) -> list[str]:
        return [f"{r.method} {r.url.path.removeprefix('/rest/api/3')}" for r in self.sent]


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

    def as_person(self, method: str, path: str, body: Any = None) -> httpx.Response:
        ana = self.sandbox.people()[0].credentials
        return httpx.request(
            method, self.server.url + "/rest/api/3" + path, json=body, auth=(ana["user"], ana["token"]), timeout=10
        )


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
