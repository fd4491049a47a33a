"""What the tests of the Jira connector share."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from hub_jira.sandbox import JiraSandbox
from hub_jira.sandbox.records import Edition

from hub.sdk.sandbox import serve
from plugins.jira.tests.served import World
from plugins.jira.tests.signing import START, Clock, signed_in


@pytest.fixture
def edition() -> Edition:
    """Another one where a module asks for it."""
    return "cloud"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, edition: Edition) -> Iterator[World]:
    sandbox = JiraSandbox(seed=1, edition=edition)
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    with serve(sandbox) as server:
        yield World(server, sandbox)


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> Clock:
    """At the moment that the module calls START, if it does."""
    return Clock(getattr(request.module, "START", START))


@pytest.fixture
def sandbox(clock: Clock) -> JiraSandbox:
    return JiraSandbox(now=clock)


@pytest.fixture
async def jira(sandbox: JiraSandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with signed_in(sandbox) as client:
        yield client
