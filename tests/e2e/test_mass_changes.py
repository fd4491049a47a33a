"""Mass changes over real protocols: what somebody does to hundreds of copies at once reaches no other service unasked."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from hub_jira.sandbox import JiraSandbox
from hub_trello.sandbox import TrelloSandbox

from hub.sdk.http import Network
from hub.sync import Report
from tests.e2e.bench import done, no_wait
from tests.e2e.house import House, house

COUNT = 200
SEARCH = "/rest/api/3/search/jql"


@pytest.fixture
def board(tmp_path: Path) -> Iterator[House]:
    """Jira and Trello with nothing but requirements; who deletes a card means it."""
    with house(tmp_path, {"jira": JiraSandbox(), "trello": TrelloSandbox()}, described=False) as opened:
        for name, spoke in opened.spokes.items():
            opened.spokes[name] = {part: spoke[part] for part in ("requirement", "status")}
        opened.spokes["trello"]["on_delete"] = "delete"
        yield opened


async def filled(house: House, count: int) -> list[str]:
    """So many requirements on both sides, in step; the ids of their cards."""
    place = lists(house)["Backlog"]
    house.services["trello"].sandbox.load(
        [
            {"id": f"65a0f1c2{number:016x}", "name": f"Order {number}", "desc": "What it is about.", "idList": place}
            for number in range(count)
        ]
    )
    report = await house.sync()
    assert (report.outcome, report.spokes["jira"]["writes"]) == ("done", count)
    return [card["id"] for card in cards(house)]


def cards(house: House) -> list[dict[str, Any]]:
    return list(house.services["trello"].sandbox.state()["boards"][0]["cards"])


def issues(house: House) -> list[dict[str, Any]]:
    return list(house.services["jira"].sandbox.state()["issues"])


def for_each(house: House, numbers: Sequence[str], act: Callable[[httpx.Client, str], httpx.Response]) -> None:
    """Somebody at Trello does the same to many cards."""
    with house.as_trello() as trello:
        for number in numbers:
            done(act(trello, number))


def lists(house: House) -> dict[str, str]:
    """The lists of the board by name."""
    with house.as_trello() as trello:
        found = done(trello.get(f"/boards/{house.services['trello'].connection()['board']}/lists"))
    return {each["name"]: each["id"] for each in found}


def writes(house: House) -> int:
    """How many calls have changed something in Jira since the last time of asking."""
    reads = (SEARCH, "/issue/bulkfetch")
    return sum(n for call, n in house.calls("jira").items() if not call.startswith("GET") and not call.endswith(reads))


async def held(house: House, *said: str) -> Report:
    """A run that is held for these reasons, and has written nothing anywhere."""
    writes(house)
    report = await house.sync()
    assert (report.outcome, report.exit_code, report.writes, writes(house)) == ("held", 1, 0, 0)
    told = [f"{each}: hub approve {report.run}, or hub undo {report.run}" for each in said]
    assert [problem["message"] for problem in report.problems] == told
    return report


async def approved(house: House, run: str) -> Report:
    with house.hub() as hub:
        return await hub.approve(run)


async def test_999_of_1000_deleted_cards_delete_nothing_in_jira_until_somebody_approves(board: House) -> None:
    numbers = await filled(board, 1000)
    for_each(board, numbers[1:], lambda trello, number: trello.delete(f"/cards/{number}"))
    report = await held(board, "would delete 999 of 1,000 copies in jira", "would write 999 of 1,000 copies in jira")
    assert len(issues(board)) == 1000
    assert {(entry["spoke"], entry["operation"]) for entry in report.plan or ()} == {("jira", "delete")}
    assert len({entry["remote"] for entry in report.plan or ()}) == 999
    done_ = await approved(board, report.run)
    assert (done_.outcome, done_.spokes["jira"]["writes"], len(issues(board)), len(cards(board))) == ("done", 999, 1, 1)
    after = await board.sync()
    assert (after.outcome, after.writes) == ("done", 0)


async def test_hundreds_of_cards_put_back_into_the_backlog_do_not_reopen_the_issues_unasked(board: House) -> None:
    numbers = await filled(board, COUNT)
    place = lists(board)
    for_each(board, numbers, lambda trello, number: trello.put(f"/cards/{number}", json={"idList": place["Done"]}))
    assert (await board.sync()).outcome == "done", "that is work getting done, however much of it"
    assert {issue["fields"]["status"]["name"] for issue in issues(board)} == {"Done"}
    for_each(board, numbers, lambda trello, number: trello.put(f"/cards/{number}", json={"idList": place["Backlog"]}))
    report = await held(board, "would set the status back of 200 of 200 copies in jira")
    assert {issue["fields"]["status"]["name"] for issue in issues(board)} == {"Done"}
    assert (await approved(board, report.run)).outcome == "done"
    assert {issue["fields"]["status"]["name"] for issue in issues(board)} == {"To Do"}


async def test_hundreds_of_emptied_descriptions_empty_none_elsewhere_unasked(board: House) -> None:
    numbers = await filled(board, COUNT)
    for_each(board, numbers[:50], lambda trello, number: trello.put(f"/cards/{number}", json={"desc": ""}))
    report = await held(board, "would empty fields of 50 of 200 copies in jira")
    assert all(issue["fields"]["description"] for issue in issues(board))
    for_each(board, numbers[:45], lambda trello, number: trello.put(f"/cards/{number}", json={"desc": "Written anew."}))
    assert (await board.sync()).outcome == "done", "with five emptied ones left, there is no need to ask"
    assert sum(not issue["fields"]["description"] for issue in issues(board)) == 5
    with board.hub() as hub:
        assert hub.status()["syncs"]["delivery"]["held"] is None
    assert report.run


class Spoilt(httpx.AsyncBaseTransport):
    """The way to the services, on which some answers are exchanged for others.

    Args:
        spoil: Given a request and how many of its kind went before: the answer instead of the real one, if any.
    """

    def __init__(self, spoil: Callable[[httpx.Request, int], httpx.Response | None]) -> None:
        self._real, self._spoil, self._count = httpx.AsyncHTTPTransport(), spoil, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass on, or spoil."""
        if not request.url.path.endswith(SEARCH):
            return await self._real.handle_async_request(request)
        spoilt = self._spoil(request, self._count)
        self._count += 1
        return spoilt or await self._real.handle_async_request(request)

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._real.aclose()


SPOILT: dict[str, Callable[[httpx.Request, int], httpx.Response | None]] = {
    "an empty page": lambda _request, _before: httpx.Response(200, json={"issues": [], "isLast": True}),
    "breaks off in the middle": lambda _request, before: httpx.Response(503) if before else None,
    "says after one page that this was all": lambda _request, before: (
        httpx.Response(200, json={"issues": [], "isLast": True}) if before else None
    ),
}


@pytest.mark.parametrize("how", SPOILT)
async def test_a_reading_of_which_half_is_missing_deletes_nothing(board: House, how: str) -> None:
    await filled(board, COUNT)
    board.spokes["jira"]["on_delete"] = "delete"
    board.network = Network(sleep=no_wait, transport=Spoilt(SPOILT[how]))
    report = await board.sync(full=True)
    assert (report.writes, len(cards(board)), len(issues(board))) == (0, COUNT, COUNT)
    assert report.outcome == ("problems" if "breaks" in how else "done")
    board.network = Network(sleep=no_wait)
    after = await board.sync(full=True)
    assert (after.outcome, after.writes, len(cards(board))) == ("done", 0, COUNT)
