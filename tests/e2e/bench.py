"""A workbench for end-to-end tests: both services served on loopback, and a hub between them."""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hub_jira.sandbox import JiraDataCenterSandbox, JiraSandbox
from hub_trello.sandbox import TrelloSandbox

from hub.app import Hub
from hub.plugins import discover
from hub.sdk.http import Network
from hub.sdk.sandbox import Sandbox, SandboxServer, create_app
from hub.sync import Report
from hub.testing.openapi import Recorder
from tests.e2e import editions
from tests.e2e.spec_deviations import listening

STATUSES = ("new", "clarifying", "approved", "in_progress", "review", "delivered", "accepted", "on_hold", "rejected")

JIRA_SPOKE: dict[str, Any] = {
    "requirement": {"originates": True, "creates": True, "create_type": "Story"},
    "status": {
        "new": "To Do",
        "in_progress": "In Progress",
        "review": "In Review",
        "delivered": "Done",
        "otherwise": {"write": "To Do", "read": "new"},
    },
    "priority": {"critical": "Highest", "high": "High", "medium": "Medium", "low": ["Low", "Lowest"]},
}
TRELLO_SPOKE: dict[str, Any] = {
    "requirement": {"originates": True, "creates": True},
    "status": {
        "new": "Backlog",
        "in_progress": "Doing",
        "review": "Review",
        "delivered": "Done",
        "otherwise": {"write": "Backlog", "read": "new"},
    },
}


def toml(value: Any) -> str:
    """*value* as an inline TOML value."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)


@dataclass
class Clock:
    """The real time, and what a test lets pass beside it; services and hub may share one."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_time(self, seconds: float) -> None:
        """Let time pass at once."""
        self.ahead += timedelta(seconds=seconds)


async def no_wait(_seconds: float) -> None:
    """Time flies."""


@dataclass
class Workbench:
    """Both services, and what a hub.toml says of them.

    `network` and `clock` are what the hub is given of the world outside; by default the real one. `recorders` hold all
    traffic against the services' own descriptions, where these are at hand.
    """

    folder: Path
    jira: SandboxServer
    trello: SandboxServer
    jira_spoke: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(JIRA_SPOKE)))
    trello_spoke: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(TRELLO_SPOKE)))
    jira_connection: dict[str, Any] = field(default_factory=dict)
    trello_connection: dict[str, Any] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    people: dict[str, dict[str, str]] = field(default_factory=dict)
    network: Network | None = None
    clock: Clock | None = None
    recorders: dict[str, Recorder] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        """The hub.toml, written anew."""
        tables = {
            "connections": {
                "jira": {**self.jira.connection(), **self.jira_connection},
                "trello": {**self.trello.connection(), **self.trello_connection},
            },
            "syncs": {
                "delivery": {"spokes": {"jira": self.jira_spoke, "trello": self.trello_spoke}, "rules": self.rules}
            },
            "people": self.people,
        }
        file = self.folder / "hub.toml"
        file.write_text("\n".join(f"{name} = {toml(table)}" for name, table in tables.items()), encoding="utf-8")
        return file

    @contextlib.contextmanager
    def hub(self) -> Iterator[Hub]:
        """A hub, opened as a command would open it."""
        opened = Hub.open(self.config, registry=discover(), network=self.network)
        opened.clock = self.clock or opened.clock
        try:
            yield opened
        finally:
            opened.close()

    async def sync(self, **more: Any) -> Report:
        """One run of the sync, as a process of its own would do it."""
        with self.hub() as hub:
            return await hub.sync("delivery", **more)

    @contextlib.contextmanager
    def as_jira(self, person: int = 0) -> Iterator[httpx.Client]:
        """A person at Jira."""
        with editions.client(self.jira, person) as client:
            yield client

    @contextlib.contextmanager
    def as_trello(self, person: int = 0) -> Iterator[httpx.Client]:
        """A person at Trello."""
        who = self.trello.sandbox.people()[person].credentials
        with httpx.Client(base_url=f"{self.trello.url}/1", params=dict(who), verify=False, timeout=60) as client:
            yield client

    def new_issue(self, summary: str, person: int = 0, **fields: Any) -> str:
        """A person makes an issue; its id."""
        described = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": summary, **fields}
        with self.as_jira(person) as jira:
            return str(done(jira.post("/issue", json={"fields": editions.put(self.jira, described)}))["id"])

    def new_card(self, name: str, person: int = 0, list_name: str = "Backlog", **fields: Any) -> str:
        """A person makes a card; its id."""
        with self.as_trello(person) as trello:
            described = {"name": name, "idList": self.lists()[list_name], **fields}
            return str(done(trello.post("/cards", json=described))["id"])

    def issue(self, number: str) -> dict[str, Any]:
        """What an issue shows: its fields."""
        with self.as_jira() as jira:
            return editions.shown(self.jira, done(jira.get(f"/issue/{number}"))["fields"])

    def card(self, number: str) -> dict[str, Any]:
        """What a card shows, `list` and `names` (of its labels) in words."""
        with self.as_trello() as trello:
            shown = dict(done(trello.get(f"/cards/{number}")))
        names = {number: name for name, number in self.lists().items()}
        return {**shown, "list": names[shown["idList"]], "names": sorted(each["name"] for each in shown["labels"])}

    def edit_issue(self, number: str, person: int = 0, **fields: Any) -> None:
        """A person edits fields of an issue."""
        with self.as_jira(person) as jira:
            done(jira.put(f"/issue/{number}", json={"fields": editions.put(self.jira, fields)}))

    def edit_card(self, number: str, person: int = 0, **fields: Any) -> None:
        """A person edits a card; `list` and `names` (of labels) are given in words."""
        if "list" in fields:
            fields["idList"] = self.lists()[fields.pop("list")]
        if "names" in fields:
            fields["idLabels"] = [self.label(name) for name in fields.pop("names")]
        with self.as_trello(person) as trello:
            done(trello.put(f"/cards/{number}", json=fields))

    def move_issue(self, number: str, *transitions: str, person: int = 0) -> None:
        """A person takes an issue through transitions, called by their names."""
        with self.as_jira(person) as jira:
            for name in transitions:
                there = {
                    each["name"]: each["id"] for each in done(jira.get(f"/issue/{number}/transitions"))["transitions"]
                }
                screen = {"fields": {"resolution": {"name": "Done"}}} if name == "Finish" else {}
                done(jira.post(f"/issue/{number}/transitions", json={"transition": {"id": there[name]}, **screen}))

    def label(self, name: str) -> str:
        """The id of the board's label of that name, made if there is none."""
        board = self.trello.connection()["board"]
        with self.as_trello() as trello:
            known = done(trello.get(f"/boards/{board}/labels"))
            found = next((each["id"] for each in known if each["name"] == name), None)
            made = {"idBoard": board, "name": name, "color": "blue"}
            return str(found or done(trello.post("/labels", json=made))["id"])

    def copies(self) -> list[dict[str, str]]:
        """Of every requirement: its key, and the id of its copy on each connection."""
        with self.hub() as hub:
            return [
                {"key": each["key"], **{name: tie["id"] for name, tie in each["bindings"].items()}}
                for each in hub.listing("requirement")
            ]

    def new_issues(self, summaries: Sequence[str], **fields: Any) -> None:
        """A person makes many issues, fifty at a time."""
        common = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, **editions.put(self.jira, fields)}
        with self.as_jira() as jira:
            for start in range(0, len(summaries), 50):
                some = [{"fields": {**common, "summary": each}} for each in summaries[start : start + 50]]
                done(jira.post("/issue/bulk", json={"issueUpdates": some}))

    def new_cards(self, names: Sequence[str], list_name: str = "Backlog", **fields: Any) -> None:
        """A person makes many cards."""
        place = self.lists()[list_name]
        with self.as_trello() as trello:
            for name in names:
                done(trello.post("/cards", json={"name": name, "idList": place, **fields}))

    def lists(self) -> dict[str, str]:
        """The board's list ids by name."""
        with self.as_trello() as trello:
            board = self.trello_connection.get("board", self.trello.connection()["board"])
            return {
                each["name"]: each["id"]
                for each in done(trello.get(f"/boards/{board}/lists", params={"filter": "all"}))
            }

    def calls(self, service: SandboxServer) -> dict[str, int]:
        """How often each operation of a service was called since the last time of asking."""
        with httpx.Client(base_url=service.url, verify=False, timeout=60) as control:
            counted = done(control.get("/_sandbox/calls"))["by_operation"]
            done(control.delete("/_sandbox/calls"))
        return dict(counted)

    def faults(self, service: SandboxServer, **faults: Any) -> None:
        """Tell a service what is to go wrong from now on."""
        with httpx.Client(base_url=service.url, verify=False, timeout=60) as control:
            done(control.put("/_sandbox/faults", json=faults))


def done(answer: httpx.Response) -> Any:
    """The JSON data of an answer that is no error."""
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}"
    return answer.json() if answer.content else None


@contextlib.contextmanager
def workbench(
    folder: Path, jira: JiraSandbox | None = None, trello: TrelloSandbox | None = None, *, strangers: bool = False
) -> Iterator[Workbench]:
    """A workbench in *folder*, with fresh services unless some are given.

    Every request and every answer must be as the services describe them; *strangers* are clients that others wrote.
    """
    sandboxes: dict[str, Sandbox] = {"jira": jira or editions.fresh(), "trello": trello or TrelloSandbox()}
    apps = {name: create_app(sandbox) for name, sandbox in sandboxes.items()}
    recorders = {
        name: heard
        for name, app in apps.items()
        if not isinstance(sandboxes[name], JiraDataCenterSandbox)  # which no description is published of
        and (heard := listening(name, app, strangers=strangers))
    }
    served = {name: SandboxServer(each, app=recorders.get(name, apps[name])) for name, each in sandboxes.items()}
    with served["jira"] as j, served["trello"] as t:
        os.environ.update({**j.sandbox.environment(), **t.sandbox.environment()})
        yield Workbench(folder, j, t, recorders=recorders)
    problems = sorted({problem for heard in recorders.values() for problem in heard.problems})
    assert not problems, "\n".join(problems[:30])


def shared(part: str) -> Path:
    """A folder of real exports beside the project; the test is passed over, and says so, where there is none."""
    root = Path(os.environ.get("HUB_SHARED", Path(__file__).parents[3] / "shared"))
    if not (root / part).is_dir():
        pytest.skip(f"no real exports here: {part} is not beside the project (set HUB_SHARED)")
    return root / part


def counts(report: Report, spoke: str) -> dict[str, int]:
    """How many records met each end on a spoke, all kinds together, noughts left out."""
    total: dict[str, int] = {}
    for ends in report.spokes[spoke]["kinds"].values():
        for end, number in ends.items():
            if number:
                total[end] = total.get(end, 0) + number
    return total
