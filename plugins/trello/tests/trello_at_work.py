"""Boards of the imitation, served on loopback, with people at work on them and connectors that look on."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hub_trello.connector import TrelloConnector
from hub_trello.sandbox import TrelloSandbox

from hub.sdk import Connector, Cursor, Kind, KindSettings, Network, Outcome, Page, Record, Setup, Written
from hub.sdk.sandbox import Faults, SandboxServer, serve

EVERY_KIND = {kind: KindSettings() for kind in (Kind.REQUIREMENT, Kind.TASK, Kind.COMMENT, Kind.ATTACHMENT)}


async def no_wait(_seconds: float) -> None:
    """Time flies."""


class Somebody:
    """Somebody who works on boards by hand."""

    def __init__(self, url: str, credentials: Mapping[str, str], name: str) -> None:
        self.name = name
        self.client = httpx.Client(base_url=f"{url}/1", params=dict(credentials), timeout=30)

    def does(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = self.client.request(method, path, json=body, **more)
        assert answer.is_success, answer.text
        return answer.json()

    def card(self, board: str, name: str = "Export", **more: Any) -> str:
        """A card on the board's first list; its id."""
        lists = self.does("GET", f"/boards/{board}/lists")
        return str(self.does("POST", "/cards", {"idList": lists[0]["id"], "name": name, **more})["id"])

    def checklist(self, card: str, name: str, *items: str) -> str:
        made = str(self.does("POST", f"/cards/{card}/checklists", {"name": name})["id"])
        for item in items:
            self.does("POST", f"/checklists/{made}/checkItems", {"name": item, "pos": "bottom"})
        return made

    def says(self, card: str, text: str) -> str:
        return str(self.does("POST", f"/cards/{card}/actions/comments", {"text": text})["id"])

    def attaches(self, card: str, name: str, content: bytes, media_type: str = "text/plain") -> str:
        answer = self.client.post(f"/cards/{card}/attachments", files={"file": (name, content, media_type)})
        return str(answer.json()["id"])

    def items(self, card: str) -> dict[str, dict[str, Any]]:
        """The items on a card by their names."""
        lists = self.does("GET", f"/cards/{card}/checklists")
        return {item["name"]: item for each in lists for item in each["checkItems"]}

    def custom_field(self, board: str, name: str, kind: str, *choices: str) -> dict[str, Any]:
        options = [{"value": {"text": each}, "pos": at + 1} for at, each in enumerate(choices)]
        made = {"idModel": board, "modelType": "board", "name": name, "type": kind, "options": options, "pos": "bottom"}
        return dict(self.does("POST", "/customFields", made))


@dataclass
class AtWork:
    """A sandbox that is served; Ana works in it, and so may whoever has the hub's account."""

    server: SandboxServer
    ana: Somebody
    bot: Somebody

    @property
    def board(self) -> str:
        return str(self.server.connection()["board"])

    def connect(self, kinds: Mapping[Kind, KindSettings] | None = None, **changed: Any) -> TrelloConnector:
        config = TrelloConnector.Config.model_validate({**self.server.connection(), **changed})
        network = Network(sleep=no_wait, jitter=lambda: 0.0)
        return TrelloConnector(Setup("trello", config, EVERY_KIND if kinds is None else kinds, network))

    def fails(self, **faults: Any) -> None:
        self.server.sandbox.faults = Faults.model_validate(faults)


@contextmanager
def at_work(monkeypatch: pytest.MonkeyPatch, *, seed: int = 3) -> Iterator[AtWork]:
    sandbox = TrelloSandbox(seed=seed)
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    with serve(sandbox) as server:
        ana, secrets = sandbox.people()[0], sandbox.environment()
        hub = {"key": secrets["TRELLO_KEY"], "token": secrets["TRELLO_TOKEN"]}
        people = Somebody(server.url, ana.credentials, ana.name), Somebody(server.url, hub, "Hub")
        try:
            yield AtWork(server, *people)
        finally:
            for each in people:
                each.client.close()


async def read(connector: Connector, kind: Kind, cursor: Cursor | None = None, *, full: bool = False) -> list[Page]:
    """A whole reading."""
    pages = [page async for page in connector.changes(kind, cursor, full=full)]
    assert json.loads(json.dumps(dict(pages[-1].cursor))) == pages[-1].cursor
    return pages


def records(pages: list[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def gone(pages: list[Page]) -> list[str]:
    return [number for page in pages for number in page.gone]


async def one(connector: Connector, kind: Kind, number: str) -> Record:
    """What a record is now."""
    found = (await connector.fetch(kind, [number]))[number]
    assert isinstance(found, Record), found
    return found


def written(outcome: Outcome | None) -> Record:
    assert isinstance(outcome, Written), outcome
    return outcome.record


def file_of(folder: Path, content: bytes) -> Path:
    file = folder / "content"
    file.write_bytes(content)
    return file
