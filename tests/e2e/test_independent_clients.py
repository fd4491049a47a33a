"""People work through clients that others wrote, while the hub syncs: what one side does, the other side's client sees."""

import asyncio
import contextlib
import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.e2e.bench import Workbench, workbench
from tests.e2e.spec_deviations import JIRA_STRANGERS, TRELLO_STRANGERS, described

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # their own imports and escapes are older than this Python
    atlassian = pytest.importorskip("atlassian")
    jira = pytest.importorskip("jira")
    trello = pytest.importorskip("trello")

# These clients warn of their own deprecations and leave sockets to the collector.
pytestmark = pytest.mark.filterwarnings("ignore")


class ToSandbox(HTTPAdapter):
    """Sends what is meant for the service, whose address py-trello knows by heart, to a sandbox."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = (request.url or "").replace("https://api.trello.com", self._url)
        return super().send(request, *args, **kwargs)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with workbench(tmp_path, strangers=True) as bench:
        yield bench


@pytest.fixture
def at_jira(bench: Workbench) -> Any:
    """Ana at Jira, through the package `jira`."""
    who = bench.jira.sandbox.people()[0].credentials
    options = {"rest_api_version": "3"}
    return jira.JIRA(bench.jira.url, options=options, basic_auth=(who["user"], who["token"]), max_retries=0)


@pytest.fixture
def also_at_jira(bench: Workbench) -> Any:
    """李伟 at Jira, through the package `atlassian-python-api`."""
    who = bench.jira.sandbox.people()[1].credentials
    return atlassian.Jira(url=bench.jira.url, username=who["user"], password=who["token"], cloud=True, api_version="3")


@pytest.fixture
def board(bench: Workbench) -> Iterator[Any]:
    """Ben at the board, through the package `py-trello`."""
    who = bench.trello.sandbox.people()[1].credentials
    with contextlib.closing(requests.Session()) as session:
        session.mount("https://api.trello.com", ToSandbox(bench.trello.url))
        client = trello.TrelloClient(api_key=who["key"], token=who["token"], token_secret="", http_service=session)
        yield client.get_board(bench.trello.connection()["board"])


async def acted(act: Callable[[], Any]) -> Any:
    """What a client answers; these clients block, so they work in a thread."""
    return await asyncio.to_thread(act)


async def settled(bench: Workbench) -> None:
    report = await bench.sync()
    assert (report.outcome, report.problems) == ("done", ())
    assert (await bench.sync()).writes == 0


def document(text: str) -> dict[str, Any]:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def cards_on(board: Any) -> dict[str, list[str]]:
    """The names of the open cards by list."""
    return {each.name: [card.name for card in each.list_cards()] for each in board.list_lists("open")}


async def test_what_the_jira_package_does_is_seen_by_py_trello(bench: Workbench, at_jira: Any, board: Any) -> None:
    fields = {"project": "ACME", "issuetype": {"name": "Story"}, "summary": "Order 42 fails", "labels": ["erp"]}
    issue = await acted(lambda: at_jira.create_issue(**fields, description=document("It fails"), duedate="2026-12-01"))
    await settled(bench)
    assert (await acted(lambda: cards_on(board)))["Backlog"] == ["Order 42 fails"]
    (card,) = await acted(board.open_cards)
    assert (card.description, [label.name for label in card.labels], card.due[:10]) == (
        "It fails",
        ["erp"],
        "2026-12-01",
    )

    await acted(lambda: issue.update(summary="Order 43 fails", fields={"labels": ["erp", "shop"], "duedate": None}))
    await acted(lambda: at_jira.add_comment(issue.key, document("Seen")))
    await acted(lambda: at_jira.transition_issue(issue, "Start work"))
    await settled(bench)
    (card,) = await acted(board.open_cards)
    assert (card.name, sorted(label.name for label in card.labels), card.due) == (
        "Order 43 fails",
        ["erp", "shop"],
        None,
    )
    assert (await acted(lambda: cards_on(board)))["Doing"] == ["Order 43 fails"]

    await acted(lambda: at_jira.transition_issue(issue, "Ask for review"))
    await acted(lambda: at_jira.transition_issue(issue, "Finish", fields={"resolution": {"name": "Done"}}))
    await settled(bench)
    assert (await acted(lambda: cards_on(board)))["Done"] == ["Order 43 fails"]
    (found,) = await acted(lambda: at_jira.enhanced_search_issues("project = ACME AND labels = shop"))
    assert (found.key, len(await acted(lambda: at_jira.comments(issue.key)))) == (issue.key, 1)


async def test_what_py_trello_does_is_seen_by_the_jira_packages(
    bench: Workbench, at_jira: Any, also_at_jira: Any, board: Any
) -> None:
    lists = {each.name: each for each in await acted(lambda: board.list_lists("open"))}
    labels = {each.name: each for each in await acted(board.get_labels)}
    card = await acted(
        lambda: lists["Backlog"].add_card("Order 42 fails", desc="It **does**.", labels=[labels["client"]])
    )
    await settled(bench)
    (issue,) = await acted(lambda: at_jira.enhanced_search_issues("project = ACME"))
    assert (issue.fields.summary, issue.fields.labels, issue.fields.status.name) == (
        "Order 42 fails",
        ["client"],
        "To Do",
    )
    bold = issue.raw["fields"]["description"]["content"][0]["content"][1]
    assert (bold["text"], bold["marks"]) == ("does", [{"type": "strong"}])

    await acted(lambda: card.set_name("Order 43 fails"))
    await acted(lambda: card.set_description("It did."))
    await acted(lambda: card.comment("Looking into it"))
    await acted(lambda: card.add_label(labels["urgent"]))
    await acted(lambda: card.remove_label(labels["client"]))
    await acted(lambda: card.change_list(lists["Done"].id))
    await settled(bench)
    shown = (await acted(lambda: also_at_jira.issue(issue.key)))["fields"]
    assert (shown["summary"], shown["labels"], shown["status"]["name"]) == ("Order 43 fails", ["urgent"], "Done")
    assert (shown["resolution"]["name"], shown["description"]) == ("Done", document("It did."))

    await acted(lambda: card.set_closed(True))
    await settled(bench)
    kept = await acted(lambda: at_jira.issue(issue.key))
    assert kept.fields.summary == "Order 43 fails", "an archived card takes no issue with it"
    await acted(lambda: kept.update(summary="Order 44 fails"))
    await settled(bench)
    (closed,) = await acted(board.closed_cards)
    assert closed.name == "Order 44 fails"


async def test_three_clients_work_on_one_requirement_at_once(
    bench: Workbench, at_jira: Any, also_at_jira: Any, board: Any
) -> None:
    fields = {"project": {"key": "ACME"}, "issuetype": {"name": "Task"}, "summary": "Order 42 fails"}
    key = (await acted(lambda: also_at_jira.issue_create(fields=fields)))["key"]
    await settled(bench)
    (card,) = await acted(board.open_cards)
    lists = {each.name: each for each in await acted(lambda: board.list_lists("open"))}
    issue = await acted(lambda: at_jira.issue(key))
    await asyncio.gather(
        acted(lambda: issue.update(fields={"labels": ["erp"]})),
        acted(lambda: also_at_jira.update_issue_field(key, {"duedate": "2026-12-24"})),
        acted(lambda: card.set_name("Order 43 fails")),
    )
    await acted(lambda: also_at_jira.issue_add_comment(key, document("Seen")))
    await acted(lambda: card.change_list(lists["Doing"].id))
    await settled(bench)
    shown = (await acted(lambda: also_at_jira.issue(key)))["fields"]
    assert (shown["summary"], shown["status"]["name"]) == ("Order 43 fails", "In Progress")
    (card,) = await acted(board.open_cards)
    assert ([label.name for label in card.labels], card.due[:10]) == (["erp"], "2026-12-24")

    await acted(lambda: also_at_jira.set_issue_status(key, "In Review"))
    await settled(bench)
    assert (await acted(lambda: cards_on(board)))["Review"] == ["Order 43 fails"]
    (found,) = (await acted(lambda: also_at_jira.enhanced_jql("project = ACME AND duedate is not EMPTY")))["issues"]
    assert found["key"] == key


async def test_people_work_on_while_the_hub_syncs(bench: Workbench, at_jira: Any, board: Any) -> None:
    fields = {"project": "ACME", "issuetype": {"name": "Story"}}
    backlog = next(each for each in await acted(lambda: board.list_lists("open")) if each.name == "Backlog")
    for round_ in range(3):
        await asyncio.gather(
            bench.sync(),
            *(acted(partial(at_jira.create_issue, **fields, summary=f"Issue {n}")) for n in numbers(round_)),
            acted(partial(add_cards, backlog, [f"Card {n}" for n in numbers(round_)])),
        )
    await bench.sync()
    await settled(bench)
    wanted = sorted(f"{what} {n}" for what in ("Card", "Issue") for round_ in range(3) for n in numbers(round_))
    found = await acted(lambda: at_jira.enhanced_search_issues("project = ACME", maxResults=0))
    assert sorted(issue.fields.summary for issue in found) == wanted
    assert sorted(card.name for card in await acted(board.open_cards)) == wanted


def add_cards(column: Any, names: Sequence[str]) -> None:
    for name in names:
        column.add_card(name)


def numbers(round_: int) -> range:
    return range(round_ * 4, round_ * 4 + 4)


def test_no_deviation_is_listed_that_these_clients_never_need(request: pytest.FixtureRequest) -> None:
    """The last test of this file, as it looks at what the others needed."""
    for name, table in {"jira": JIRA_STRANGERS, "trello": TRELLO_STRANGERS}.items():
        heard = described(name, strangers=True)
        if heard is None or not sum(heard.deviations.values()):
            pytest.skip("nothing was heard: the descriptions are not here, or the other tests did not run")
        assert set(table) - set(Counter(heard.deviations)) == set()
