"""Signing in to the imitation of Jira without a socket, at a time that stands still."""

from datetime import UTC, datetime, timedelta

import httpx
from hub_jira.sandbox import JiraSandbox

from hub.sdk.sandbox import create_app

START = datetime(2026, 11, 1, 10, tzinfo=UTC)


class Clock:
    """Stands until it is told to go on."""

    def __init__(self, start: datetime = START) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    def pass_(self, seconds: float = 0, **span: float) -> None:
        self.time += timedelta(seconds=seconds, **span)


def signed_in(sandbox: JiraSandbox, user: str = "bot@acme.example", token: str = "bot-token") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(sandbox))
    return httpx.AsyncClient(transport=transport, base_url="http://jira.test/rest/api/3", auth=(user, token))
