"""What Jira and Trello are asked: their sandboxes on loopback count every call."""

import contextlib
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub_jira.sandbox import JiraSandbox
from hub_trello.sandbox import TrelloSandbox

from bench.tables import Figures, ratio
from hub.sdk.http import Network
from hub.sdk.sandbox import SandboxServer
from tests.e2e.bench import Workbench, no_wait

V3 = "/rest/api/3"
SIGN_IN = {
    "jira": {f"GET {V3}/myself", f"GET {V3}/project/{{projectIdOrKey}}"},
    "trello": {"GET /1/members/{id}", "GET /1/boards/{id}"},
}
"""Ours: whose account it is and where it leads is asked anew by every run."""
POLL = {"jira": f"POST {V3}/search/jql", "trello": "GET /1/batch"}
"""Unavoidable, once a run: nobody tells us that nothing happened."""
READS = {POLL["jira"], f"POST {V3}/issue/bulkfetch"}
"""Reads that are called by POST."""
ANA, LI = "5b10ac8d82e05b22cc7d4ef5", "5b10a2844c20165700ede21g"
PEOPLE = {"ana@acme.example": (ANA, "analima"), "li.wei@acme.example": (LI, "liwei")}
"""By mail: the account at Jira, and the user name at Trello."""
Calls = dict[str, Counter[str]]

CREATING = ("what", "service", "operation", "calls", "calls per record")
CHANGING = (
    "changed in",
    "field",
    "calls to",
    "all",
    "poll",
    "write",
    "sign-in",
    "fresh read",
    "echo: writes",
    "echo: more",
)
QUIET = ("service", "operation", "calls")
CHANGING_NOTE = (
    "Calls to the other side. Unavoidable: poll and write. Ours: sign-in, and the fresh look before a write.\n"
    "echo: the run after; its writes on both sides, and its calls on both sides beyond those of a quiet run."
)


@contextlib.contextmanager
def workbench() -> Iterator[Workbench]:
    """Both services on loopback, fresh, and nobody who holds their traffic against a description."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as served:
        jira = served.enter_context(SandboxServer(JiraSandbox()))
        trello = served.enter_context(SandboxServer(TrelloSandbox()))
        served.enter_context(_environment({**jira.sandbox.environment(), **trello.sandbox.environment()}))
        members = {each["username"]: each["id"] for each in trello.sandbox.state()["boards"][0]["members"]}
        people = {mail: {"jira": account, "trello": members[name]} for mail, (account, name) in PEOPLE.items()}
        yield Workbench(Path(folder), jira, trello, network=Network(sleep=no_wait), people=people)


async def services(copies: int) -> list[Figures]:
    """The figures of both services: *copies* records made each way, each field changed once, and nothing at all."""
    creating, changing, quiet = (
        Figures("Creating copies, by operation", CREATING),
        Figures("One field changed", CHANGING, note=CHANGING_NOTE),
        Figures("A quiet run", QUIET),
    )
    with workbench() as bench:
        bench.new_issues([f"Order {number}" for number in range(copies)], labels=["erp"], duedate="2026-12-01")
        creating.rows.extend(_by_operation(f"{copies} issues to Trello", await run(bench), copies))
        bench.new_cards([f"Parcel {number}" for number in range(copies)])
        creating.rows.extend(_by_operation(f"{copies} cards to Jira", await run(bench), copies))
        bench.label("client")
        await run(bench)
        calm = await run(bench)
        quiet.rows.extend((name, call, n) for name, calls in calm.items() for call, n in sorted(calls.items()))
        for edit in edits(bench):
            changing.rows.append(await _cost(bench, edit, calm))
    return [creating, changing, quiet]


async def run(bench: Workbench) -> Calls:
    """What one run asks of each service. Raises RuntimeError if it left anything."""
    _asked(bench)
    report = await bench.sync()
    if report.problems:
        raise RuntimeError(f"the run has problems, so its figures mean nothing: {report.problems[0]}")
    return _asked(bench)


def _asked(bench: Workbench) -> Calls:
    return {"jira": Counter(bench.calls(bench.jira)), "trello": Counter(bench.calls(bench.trello))}


def _by_operation(what: str, calls: Calls, copies: int) -> list[tuple[str, str, str, int, float]]:
    return [
        (what, service, call, number, ratio(number, copies))
        for service, counted in calls.items()
        for call, number in sorted(counted.items())
    ]


@dataclass(frozen=True)
class Edit:
    """Something that a person does at one service, which the hub is to carry to the other."""

    at: str
    field: str
    act: Callable[[], object]


def edits(bench: Workbench) -> list[Edit]:
    """Every field of a requirement that both services show, edited once on each side."""
    copy = bench.copies()[0]
    issue, card = copy["jira"], copy["trello"]
    text = {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Why"}]}],
    }
    in_jira: Mapping[str, Mapping[str, Any]] = {
        "title": {"summary": "Order 0!"},
        "description": {"description": text},
        "due": {"duedate": "2026-12-24"},
        "labels": {"labels": ["erp", "client"]},
        "assignees": {"assignee": {"accountId": ANA}},
    }
    in_trello: Mapping[str, Mapping[str, Any]] = {
        "title": {"name": "Order 0, again"},
        "description": {"desc": "It **fails**"},
        "due": {"due": "2026-12-27T12:00:00.000Z"},
        "labels": {"names": ["erp"]},
        "assignees": {"idMembers": [bench.people["li.wei@acme.example"]["trello"]]},
        "status": {"list": "Review"},
    }
    return [
        *(Edit("jira", name, _later(bench.edit_issue, issue, given)) for name, given in in_jira.items()),
        Edit("jira", "status", lambda: bench.move_issue(issue, "Start work")),
        *(Edit("trello", name, _later(bench.edit_card, card, given)) for name, given in in_trello.items()),
    ]


def _later(edit: Callable[..., None], record: str, fields: Mapping[str, Any]) -> Callable[[], None]:
    return lambda: edit(record, **fields)


async def _cost(bench: Workbench, edit: Edit, calm: Calls) -> tuple[str | int, ...]:
    edit.act()
    other = "trello" if edit.at == "jira" else "jira"
    calls = (await run(bench))[other]
    echo = await run(bench)
    polls, writes, sign_in = min(1, calls[POLL[other]]), _writes(calls), sum(calls[each] for each in SIGN_IN[other])
    all_, more = calls.total(), sum((echo[name] - calm[name]).total() for name in echo)
    looks = all_ - polls - writes - sign_in
    return edit.at, edit.field, other, all_, polls, writes, sign_in, looks, sum(map(_writes, echo.values())), more


def _writes(calls: Counter[str]) -> int:
    return sum(n for call, n in calls.items() if not call.startswith("GET ") and call not in READS)


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
