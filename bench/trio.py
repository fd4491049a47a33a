"""Jira, Trello and Zoho CRM on loopback, people who work in them, and a hub between them; each counts what it is asked."""

import contextlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
from hub_jira.sandbox import JiraSandbox
from hub_trello.sandbox import TrelloSandbox
from hub_zoho_crm.sandbox import ZohoSandbox

from bench.apis import APIS
from hub.sdk.sandbox import SandboxServer
from tests.e2e.bench import Clock, done, toml
from tests.e2e.house import House

BOTH = {"originates": True, "creates": True}
STATUSES = {
    "jira": {"new": "To Do", "in_progress": "In Progress", "review": "In Review", "delivered": "Done"},
    "trello": {"new": "Backlog", "in_progress": "Doing", "review": "Review", "delivered": "Done"},
    "zoho": {"new": "New", "approved": "Accepted", "in_progress": "In Progress", "delivered": "Done"},
}
SPOKES: Mapping[str, Mapping[str, Any]] = {
    "jira": {
        "requirement": {**BOTH, "create_type": "Story"},
        "priority": {"critical": "Highest", "high": "High", "medium": "Medium", "low": ["Low", "Lowest"]},
    },
    "trello": {"requirement": BOTH},
    "zoho": {
        "requirement": {
            **BOTH,
            "module": "Requirements",
            "fields": {
                "description": "Description",
                "status": "Status",
                "priority": "Priority",
                "due": "Due_Date",
            },
        },
        "priority": {
            "high": "High",
            "medium": "Medium",
            "low": "Low",
            "otherwise": {"write": "High", "read": "medium"},
        },
    },
}
PEOPLE = {
    "ana@acme.example": ("5b10ac8d82e05b22cc7d4ef5", "analima"),
    "li.wei@acme.example": ("5b10a2844c20165700ede21g", "liwei"),
}
"""By mail: the account at Jira, and the user name at Trello."""
MOST_RUNS = 8
Calls = dict[str, Counter[str]]


class Trio(House):
    """The three services, with the requirements alone; people known at Jira and Trello."""

    @property
    def config(self) -> Path:
        """The hub.toml, written anew."""
        file = super().config
        file.write_text(f"{file.read_text(encoding='utf-8')}\npeople = {toml(self.people)}\n", encoding="utf-8")
        return file

    @property
    def people(self) -> dict[str, dict[str, str]]:
        """By mail: everybody's accounts."""
        board = self.services["trello"].sandbox.state()["boards"][0]
        members = {each["username"]: each["id"] for each in board["members"]}
        return {mail: {"jira": account, "trello": members[name]} for mail, (account, name) in PEOPLE.items()}

    async def run(self) -> Calls:
        """What one run asks of each service. Raises RuntimeError if it left anything."""
        self.clock.pass_time(60)
        self.asked()
        report = await self.sync()
        if report.outcome != "done":
            raise RuntimeError(f"the run is not done, so its figures mean nothing: {report.outcome}, {report.problems}")
        return self.asked()

    async def rest(self, calm: Calls | None = None) -> Calls:
        """Run until nothing is read once more to be sure: as *calm* if that is known; what every run asks then.

        Raises RuntimeError if that never comes.
        """
        self.clock.pass_time(900 if calm is None else 60)
        before = calm
        for _ in range(MOST_RUNS):
            calls = {name: APIS[name].regular(asked) for name, asked in (await self.run()).items()}
            if calls == before:
                return calls
            before = calm or calls
        raise RuntimeError(f"the services do not come to rest: {before}, {calls}")

    def asked(self) -> Calls:
        """What each service was asked since the last time of asking."""
        return {name: Counter(self.calls(name)) for name in self.services}

    def calls(self, name: str) -> dict[str, int]:
        """How often each operation of a service was called since the last time of asking."""
        # Without certificates, of which loading takes longer than all the rest.
        with httpx.Client(base_url=self.services[name].url, verify=False) as control:  # noqa: S501 - loopback
            counted = done(control.get("/_sandbox/calls"))["by_operation"]
            done(control.delete("/_sandbox/calls"))
        return dict(counted)

    def enter(self, at: str, how_many: int) -> None:
        """People enter requirements at a service."""
        for start in range(0, how_many, 50):
            numbers = range(start, min(start + 50, how_many))
            {"jira": self._issues, "trello": self._cards, "zoho": self._rows}[at](numbers)

    def _issues(self, numbers: range) -> None:
        common = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "labels": ["erp"]}
        new = [{"fields": {**common, "summary": f"Order {n}", "duedate": "2026-12-01"}} for n in numbers]
        with self.as_jira() as jira:
            done(jira.post("/issue/bulk", json={"issueUpdates": new}))

    def _cards(self, numbers: range) -> None:
        with self.as_trello() as trello:
            place = self.lists(trello)["Backlog"]
            for n in numbers:
                done(trello.post("/cards", json={"name": f"Parcel {n}", "idList": place, "desc": f"Number **{n}**"}))

    def _rows(self, numbers: range) -> None:
        new = [{"Name": f"Need {n}", "Status": "New", "Description": f"Number **{n}**"} for n in numbers]
        with self.as_zoho() as zoho:
            done(zoho.post("/Requirements", json={"data": new}))

    def edit(self, at: str, record: str, fields: Mapping[str, Any]) -> None:
        """Somebody edits a record at a service, in its own words; `transition`, `list` and `labels` by their names."""
        match at:
            case "jira":
                with self.as_jira() as jira:
                    self._edit_issue(jira, record, dict(fields))
            case "trello":
                with self.as_trello() as trello:
                    done(trello.put(f"/cards/{record}", json=self._card(trello, dict(fields))))
            case _:
                with self.as_zoho() as zoho:
                    done(zoho.put("/Requirements", json={"data": [{"id": record, **fields}]}))

    def _edit_issue(self, jira: httpx.Client, issue: str, fields: dict[str, Any]) -> None:
        if name := fields.pop("transition", None):
            there = done(jira.get(f"/issue/{issue}/transitions"))["transitions"]
            number = next(each["id"] for each in there if each["name"] == name)
            done(jira.post(f"/issue/{issue}/transitions", json={"transition": {"id": number}}))
        if fields:
            done(jira.put(f"/issue/{issue}", json={"fields": fields}))

    def _card(self, trello: httpx.Client, fields: dict[str, Any]) -> dict[str, Any]:
        if name := fields.pop("list", None):
            fields["idList"] = self.lists(trello)[name]
        if "labels" in fields:
            known = {each["name"]: each["id"] for each in done(trello.get(f"/boards/{self.board}/labels"))}
            fields["idLabels"] = [known[name] for name in fields.pop("labels")]
        return fields

    def lists(self, trello: httpx.Client) -> dict[str, str]:
        """The ids of the board's lists, by name."""
        return {each["name"]: each["id"] for each in done(trello.get(f"/boards/{self.board}/lists"))}

    @property
    def board(self) -> str:
        """The board of the connection."""
        return str(self.services["trello"].connection()["board"])

    def copies(self) -> list[dict[str, str]]:
        """Of every requirement: the id of its copy at each service."""
        with self.hub() as hub:
            listed = hub.listing("requirement")
        return [{name: tie["id"] for name, tie in each["bindings"].items()} for each in listed]


def spokes_of(name: str) -> dict[str, Any]:
    """The table of a spoke, with its statuses; those that have no name there are shown as new ones."""
    names = STATUSES[name]
    return {**SPOKES[name], "status": {**names, "otherwise": {"write": names["new"], "read": "new"}}}


@contextlib.contextmanager
def trio() -> Iterator[Trio]:
    """All three, fresh, and nobody who holds their traffic against a description."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as served:
        services = {
            name: served.enter_context(SandboxServer(sandbox))
            for name, sandbox in {
                "jira": JiraSandbox(now=clock),
                "trello": TrelloSandbox(now=clock),
                "zoho": ZohoSandbox(now=clock),
            }.items()
        }
        for server in services.values():
            served.enter_context(environment(server.sandbox.environment()))
        spokes = {name: spokes_of(name) for name in SPOKES}
        yield Trio(Path(folder), services, None, spokes, clock=clock)


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Inside the block, these environment variables are set, among them the secrets of sandboxes."""
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
