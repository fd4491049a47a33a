"""A client of the Zoho sandbox without a network, and a clock that tests turn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from hub_zoho_crm.sandbox import ZohoSandbox

from hub.sdk.sandbox import create_app

START = datetime(2026, 11, 2, 9, 0, 0, 400_000, tzinfo=UTC)
ANA_TOKEN = "1000.ana-access-token"
HUB_TOKEN = "1000.hub-access-token"


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **by: float) -> None:
        self.now += timedelta(**by)


def signed(token: str) -> dict[str, str]:
    """The header of someone who is signed in."""
    return {"Authorization": f"Zoho-oauthtoken {token}"}


class Zoho(httpx.AsyncClient):
    """A client of the API, with words for what tests do all the time."""

    async def made(self, module: str, *rows: dict[str, Any]) -> list[str]:
        """The ids of new records."""
        answer = await self.post(f"/{module}", json={"data": list(rows)})
        assert answer.status_code == 201, answer.text
        return [row["details"]["id"] for row in answer.json()["data"]]

    async def one(self, module: str, record_id: str) -> dict[str, Any]:
        """All of a record."""
        answer = await self.get(f"/{module}/{record_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["data"][0])

    async def changed(self, module: str, record_id: str, **row: Any) -> httpx.Response:
        """The answer to an update of one record."""
        return await self.put(f"/{module}/{record_id}", json={"data": [row]})


@asynccontextmanager
async def speaking(app: Any, token: str = ANA_TOKEN) -> AsyncIterator[Zoho]:
    """A client of *app*."""
    transport = httpx.ASGITransport(app)
    async with Zoho(transport=transport, base_url="http://zoho.test/crm/v8", headers=signed(token)) as client:
        yield client


@asynccontextmanager
async def answering(sandbox: ZohoSandbox, token: str = ANA_TOKEN) -> AsyncIterator[Zoho]:
    """A client of *sandbox*."""
    async with speaking(create_app(sandbox), token) as client:
        yield client


def deal(name: str = "Plant 4", **more: Any) -> dict[str, Any]:
    """What a deal needs."""
    return {"Deal_Name": name, "Stage": "Qualification", **more}


def requirement(number: int = 1, **more: Any) -> dict[str, Any]:
    """What a requirement needs, and the hub's key."""
    return {"Name": f"Requirement {number}", "Hub_Key": f"REQ-{number}", **more}
