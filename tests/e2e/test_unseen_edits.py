"""Somebody edits a copy in the very moment between the hub's last look and its write: both values are kept."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from hub_jira.sandbox import JiraSandbox
from hub_trello.sandbox import TrelloSandbox

from hub.sdk import Network
from tests.e2e.bench import Clock, Workbench, no_wait, workbench

BOTH_EDITIONS = True


class Meanwhile(httpx.AsyncHTTPTransport):
    """The way to the services, on which somebody is faster than the next change of a copy."""

    act: Callable[[], object] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass it on, after whatever was to happen before."""
        act = self.act if request.method == "PUT" else None
        if act:
            self.act = None
            faster = threading.Thread(target=act)
            faster.start()
            faster.join()
        return await super().handle_async_request(request)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    clock = Clock()
    with workbench(tmp_path, JiraSandbox(now=clock), TrelloSandbox(now=clock)) as bench:
        bench.clock = clock
        bench.network = Network(transport=Meanwhile(), sleep=no_wait)
        yield bench


async def pair(bench: Workbench) -> tuple[str, str]:
    """A requirement on both sides, in step: the ids of its issue and of its card."""
    issue = bench.new_issue("Order 42 fails")
    for _ in range(2):
        await bench.sync()
    (copy,) = bench.copies()
    bench.label("client")
    later(bench)
    await bench.sync()
    later(bench)
    return issue, copy["trello"]


def later(bench: Workbench) -> None:
    assert bench.clock
    bench.clock.pass_time(60)


def meanwhile(bench: Workbench, act: Callable[[], object]) -> None:
    assert bench.network
    assert isinstance(bench.network.transport, Meanwhile)
    bench.network.transport.act = act


def waiting(bench: Workbench) -> list[dict[str, object]]:
    """By field and connection: what waits for a person."""
    with bench.hub() as hub:
        return [
            {"field": h["field"], **{c["connection"]: c["value"] for c in h["candidates"]}} for h in hub.conflicts()
        ]


async def test_an_edit_in_jira_that_a_write_replaced_waits_with_what_replaced_it(bench: Workbench) -> None:
    issue, card = await pair(bench)
    bench.edit_card(card, name="As the team calls it")
    meanwhile(bench, lambda: bench.edit_issue(issue, summary="As the client calls it"))
    await bench.sync()
    assert bench.issue(issue)["summary"] == "As the team calls it"
    assert waiting(bench) == [{"field": "title", "trello": "As the team calls it", "jira": "As the client calls it"}]
    with bench.hub() as hub:
        (hold,) = hub.conflicts()
        hub.resolve(hold["id"], take="jira")
    await bench.sync()
    assert bench.issue(issue)["summary"] == bench.card(card)["name"] == "As the client calls it"


async def test_an_edit_in_trello_that_a_write_replaced_waits_from_the_next_reading_on(bench: Workbench) -> None:
    issue, card = await pair(bench)
    bench.edit_issue(issue, summary="As the client calls it")
    meanwhile(bench, lambda: bench.edit_card(card, name="As the team calls it"))
    for _ in range(3):
        await bench.sync()
        later(bench)
    assert bench.card(card)["name"] == "As the client calls it"
    assert waiting(bench) == [{"field": "title", "jira": "As the client calls it", "trello": "As the team calls it"}]
