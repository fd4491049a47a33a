"""The connector against the imitation of the service, over real connections."""

import json
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from hub_trello.connector import TrelloConnector
from hub_trello.mapping import REQUIREMENT

from hub.sdk import (
    Absence,
    Content,
    Cursor,
    DayOfInstant,
    Draft,
    FieldMap,
    Kind,
    LabelSet,
    Network,
    Outcome,
    Page,
    Patch,
    Record,
    Setup,
    Unknown,
    Written,
)
from hub.sdk.sandbox import Faults, SandboxServer, create_app, serve
from hub.testing import marked
from hub.testing.openapi import OpenApi, Recorder

FULL: dict[str, Any] = {
    "name": "Export fails & stops",
    "desc": "# Why\n\n**bold** 😀, a, b + c",
    "list": "Doing",
    "due": "2026-12-01T12:00:00.000Z",
    "start": None,
    "labels": ["bug", "fresh", ":yellow:"],
}
# Where the vendor's description differs from the service: a pattern of the complaint, the reason.
KNOWN_FAULTS = {
    "query (filter|limit|before|since|fields|attachments|attachment_fields|actions|memberCreator_fields|checklists) is not a": (
        "nested-resource parameters work everywhere, and are described on a few operations only"
    ),
    "query (due|start): ": "instants are written with their time, null clears them",
    "query attachments: ": "described as a text that is a truth value, which nothing can be",
    "no such operation: GET /(1/cards/.*/download|trello-attachments)/": "downloads are described in the guides only",
    "query fields: ": "a comma list of field names, described as one name or as the whole object",
    "query idMembers: ": "the whole list of ids, described as one id",
    "query idLabels: ": "the whole list of ids, described as one id",
}


class WithBatches(OpenApi):
    """Holds the reads inside a batch against the description too."""

    def check_request(self, method: str, path: str, query: Any, headers: Any, body: bytes) -> list[str]:
        problems = super().check_request(method, path, query, headers, body)
        for address in dict(query).get("urls", "").split(",") if path.endswith("/batch") else ():
            part, _, asked = address.partition("?")
            problems += super().check_request("GET", f"/1{part}", parse_qsl(asked), headers, b"")
        return problems


def shared() -> Path:
    """The folder of real exports and schemas."""
    return Path(os.environ.get("HUB_SHARED") or Path(__file__).parents[4] / "shared")


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    sandbox = TrelloConnector.sandbox(seed=7)
    assert sandbox
    with serve(sandbox) as running:
        yield running


@pytest.fixture
async def trello(server: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TrelloConnector]:
    server.sandbox.faults = Faults()
    connector = connect(server.connection(), server, monkeypatch)
    yield connector
    await connector.close()


def connect(
    table: dict[str, Any], server: SandboxServer, monkeypatch: pytest.MonkeyPatch, **network: Any
) -> TrelloConnector:
    for name, value in server.sandbox.environment().items():
        monkeypatch.setenv(name, value)
    config = TrelloConnector.Config.model_validate(table)
    return TrelloConnector(Setup("trello", config, network=Network(sleep=no_wait, jitter=lambda: 0.0, **network)))


async def no_wait(seconds: float) -> None:
    """Time flies."""


class Ana:
    """A person who works on the board by herself."""

    def __init__(self, server: SandboxServer) -> None:
        self.name = server.sandbox.people()[0].name
        secrets = server.sandbox.people()[0].credentials
        header = f'OAuth oauth_consumer_key="{secrets["key"]}", oauth_token="{secrets["token"]}"'
        self._client = httpx.Client(base_url=f"{server.url}/1", headers={"Authorization": header}, timeout=60)

    def does(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._client.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def goes(self) -> None:
        self._client.close()


@pytest.fixture
def ana(server: SandboxServer) -> Iterator[Ana]:
    ana = Ana(server)
    yield ana
    ana.goes()


async def read(trello: TrelloConnector, cursor: Cursor | None = None) -> list[Page]:
    return [page async for page in trello.changes(Kind.REQUIREMENT, cursor)]


async def made(trello: TrelloConnector, *keys: str, **fields: Any) -> list[Record]:
    drafts = [Draft(key, {**FULL, **fields}) for key in keys]
    return done(await trello.create(Kind.REQUIREMENT, drafts))


def done(outcomes: Sequence[Outcome]) -> list[Record]:
    assert all(isinstance(each, Written) for each in outcomes), outcomes
    return [each.record for each in outcomes if isinstance(each, Written)]


def plain(record: Record) -> tuple[Any, ...]:
    """A record less its history, of which readings see more or less."""
    return (record.id, record.fields, record.version, record.key, record.url, record.marker, record.archived)


async def test_a_made_card_shows_what_was_asked_for(trello: TrelloConnector) -> None:
    (record,) = await made(trello, "REQ-100")
    assert {name: record.fields[name] for name in FULL} == {**FULL, "labels": [":yellow:", "bug", "fresh"]}
    assert record.marker == "REQ-100"


async def test_a_card_is_the_same_record_whichever_way_it_is_read(trello: TrelloConnector) -> None:
    people = (await trello.describe()).people
    (created,) = await made(trello, "REQ-110", members=[{"id": each.id} for each in people[:2]])
    patch = Patch(created.id, {"name": "New name", "labels": ["bug"], "list": "Review"}, created)
    (updated,) = done(await trello.update(Kind.REQUIREMENT, [patch]))
    fetched = (await trello.fetch(Kind.REQUIREMENT, [created.id]))[created.id]
    (listed,) = [r for page in await read(trello) for r in page.records if r.id == created.id]
    assert isinstance(fetched, Record)
    assert plain(updated) == plain(fetched) == plain(listed)
    assert fetched.touched
    assert fetched.touched.who == (await trello.open()).account


async def test_what_was_written_reads_back_as_the_same_requirement(trello: TrelloConnector) -> None:
    (record,) = await made(trello, "REQ-120")
    mapping = {f: REQUIREMENT[f] for f in ("title", "description", "due", "start", "labels")}
    values = {field: lens.get(record.fields[lens.remote]) for field, lens in mapping.items()}
    assert {
        field: lens.to_remote(values[field], current=record.fields[lens.remote]) for field, lens in mapping.items()
    } == {field: record.fields[lens.remote] for field, lens in mapping.items()}


async def test_a_quiet_board_costs_one_call(trello: TrelloConnector) -> None:
    await made(trello, "REQ-130")
    (*_, last) = await read(trello)
    before = trello.calls
    assert [page.records for page in await read(trello, last.cursor)] == [()]
    assert trello.calls - before == 1


async def test_an_edit_by_a_person_is_told_with_their_name(trello: TrelloConnector, ana: Ana) -> None:
    (record,) = await made(trello, "REQ-140")
    (*_, last) = await read(trello)
    ana.does("PUT", f"/cards/{record.id}", {"name": "Ana's name", "due": None})
    before = trello.calls
    (edited,) = [r for page in await read(trello, last.cursor) for r in page.records]
    assert trello.calls - before == 1
    assert (edited.fields["name"], edited.fields["due"]) == ("Ana's name", None)
    assert {name: touch.who.name for name, touch in edited.touches.items()} == {"name": ana.name, "due": ana.name}


async def test_a_label_put_on_by_a_person_is_seen(trello: TrelloConnector, ana: Ana, server: SandboxServer) -> None:
    (record,) = await made(trello, "REQ-150", labels=[])
    (*_, last) = await read(trello)
    board = (await trello.open()).place.rpartition("/")[2]
    label = ana.does("POST", "/labels", {"name": "late", "color": None, "idBoard": board})
    ana.does("POST", f"/cards/{record.id}/idLabels", {"value": label["id"]})
    (edited,) = [r for page in await read(trello, last.cursor) for r in page.records]
    assert edited.fields["labels"] == ["late"]


async def test_deleted_cards_are_gone_and_moved_ones_are_not(trello: TrelloConnector, ana: Ana) -> None:
    deleted, moved = await made(trello, "REQ-160", "REQ-161")
    (*_, last) = await read(trello)
    elsewhere = ana.does("POST", "/boards", {"name": "Elsewhere"})
    lists = ana.does("GET", f"/boards/{elsewhere['id']}/lists")
    ana.does("PUT", f"/cards/{moved.id}", {"idBoard": elsewhere["id"], "idList": lists[0]["id"]})
    assert await trello.delete(Kind.REQUIREMENT, [deleted.id]) == [None]
    (*_, final) = await read(trello, last.cursor)
    assert list(final.gone) == [deleted.id]
    states = await trello.fetch(Kind.REQUIREMENT, [deleted.id, moved.id])
    assert states[deleted.id] is Absence.DELETED
    assert states[moved.id] in (Absence.MOVED, Absence.HIDDEN)


async def test_a_create_that_was_broken_off_is_found_by_its_marker(
    server: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    trello = connect(server.connection(), server, monkeypatch)
    await trello.describe()
    server.sandbox.faults = Faults.model_validate({"drop_after_commit": {"share": 1}})
    (outcome,) = await trello.create(Kind.REQUIREMENT, [Draft("REQ-170", {**FULL, "labels": []})])
    server.sandbox.faults = Faults()
    found = await trello.find(Kind.REQUIREMENT, marked(["REQ-170", "REQ-171"]))
    assert isinstance(outcome, Unknown)
    assert [len(ids) for ids in found.values()] == [1]
    await trello.close()


async def test_bad_weather_hurts_no_reading(server: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    trello = connect(server.connection(), server, monkeypatch, attempts=20)
    await made(trello, *(f"REQ-18{n}" for n in range(5)))
    server.sandbox.faults = Faults.model_validate(
        {"errors": {"status": 503, "share": 0.4}, "disconnect": {"share": 0.2}}
    )
    for _ in range(5):
        assert len([r for page in await read(trello) for r in page.records]) >= 5
    server.sandbox.faults = Faults()
    await trello.close()


@pytest.mark.data
@pytest.mark.parametrize("export", ["tellybox", "gocd_test_drive", "fda_recalls_v2", "new_words_3_may17"])
async def test_a_real_board_is_read_whole_and_then_quiet(export: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shared() / "data" / "trello" / "boards" / f"{export}.json"
    if not path.exists():
        pytest.skip("the real exports are not beside the project")
    board = json.loads(path.read_text(encoding="utf-8"))
    sandbox = TrelloConnector.sandbox()
    assert sandbox
    sandbox.load(board)
    with serve(sandbox) as running:
        trello = connect({**running.connection(), "board": board["id"]}, running, monkeypatch)
        pages = await read(trello)
        records = [record for page in pages for record in page.records]
        assert {r.id for r in records} == {c["id"] for c in board["cards"] if not c.get("isTemplate")}
        before = trello.calls
        assert [p.records for p in await read(trello, pages[-1].cursor)] == [()]
        assert trello.calls - before == 1
        await trello.close()
    for record in records:
        laws_hold(record, FieldMap(**{f: REQUIREMENT[f] for f in ("title", "description", "due", "start", "labels")}))


def laws_hold(record: Record, mapping: FieldMap) -> None:
    """What is read and written back changes nothing there."""
    for lens in mapping.values():
        remote = record.fields[lens.remote]
        assert lens.to_remote(lens.get(remote), current=remote) == remote
        assert isinstance(lens, LabelSet | DayOfInstant) or lens.get(remote) == remote


@pytest.mark.data
async def test_every_request_is_as_the_vendor_describes_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = shared() / "specs" / "trello.openapi.json"
    if not path.exists():
        pytest.skip("the vendor's OpenAPI description is not beside the project")
    sandbox = TrelloConnector.sandbox()
    assert sandbox
    openapi = WithBatches(path, allow=KNOWN_FAULTS, fields_in_body=True)
    app = Recorder(create_app(sandbox), openapi)
    monkeypatch.setattr(openapi, "check_answer", lambda *answer: [])  # the sandbox has tests of its own
    with SandboxServer(sandbox, app=app) as running:
        trello = connect(running.connection(), running, monkeypatch)
        (record,) = await made(trello, "REQ-1")
        patch = Patch(record.id, {"name": "n", "due": None, "labels": [], "members": [], "list": "Done"}, record)
        done(await trello.update(Kind.REQUIREMENT, [patch]))
        (*_, last) = await read(trello)
        await read(trello, last.cursor)
        await trello.find(Kind.REQUIREMENT, marked(["REQ-1"]))
        await trello.delete(Kind.REQUIREMENT, [record.id])
        await trello.fetch(Kind.REQUIREMENT, [record.id])
        await parts_of_a_card(trello, tmp_path)
        await trello.close()
    assert app.problems == []
    assert set(openapi.deviations) == set(KNOWN_FAULTS), "an exception nobody needs any more"
    assert {"GET /batch", "POST /cards", "PUT /cards/{id}", "DELETE /cards/{id}", "POST /labels"} <= set(app.operations)


async def parts_of_a_card(trello: TrelloConnector, folder: Path) -> None:
    """Everything that is done with what hangs on cards."""
    criteria = [{"text": "One", "met": False}, {"text": "Two", "met": True}]
    (card,) = await made(trello, "REQ-2", acceptance=criteria)
    two, one = reversed(card.fields["acceptance"])
    wanted = [{**two, "text": "Second"}, {"text": "New", "met": False}]
    done(await trello.update(Kind.REQUIREMENT, [Patch(card.id, {"acceptance": wanted}, card)]))
    assert one["id"] != two["id"]
    (folder / "a").write_bytes(b"a")
    said = {"body": "Hello", "author": {"name": "Bob"}, "at": "2026-11-02T08:30:00Z"}
    member = {"id": (await trello.open()).account.id}
    drafts = {
        Kind.TASK: Draft("TSK-1", {"name": "n", "due": FULL["due"], "member": member, "parent": card.id}),
        Kind.COMMENT: Draft("CMT-1", {**said, "parent": card.id}),
        Kind.ATTACHMENT: Draft("ATT-1", {"name": "a", "parent": card.id}, Content(folder / "a", 1, "0" * 64)),
    }
    changed: dict[Kind, dict[str, Any]] = {
        Kind.TASK: {"name": "m", "state": "complete", "due": None},
        Kind.COMMENT: {"body": "Bye"},
    }
    for kind, draft in drafts.items():
        (record,) = done(await trello.create(kind, [draft]))
        assert await trello.find(kind, [draft]) == {draft.marker: [record.id]}
        if kind in changed:
            done(await trello.update(kind, [Patch(record.id, changed[kind], record)]))
        pages = [page async for page in trello.changes(kind, None)]
        assert [page async for page in trello.changes(kind, pages[-1].cursor)]
        if kind is Kind.ATTACHMENT:
            assert [piece async for piece in trello.download(record.id)]
        await trello.delete(kind, [record.id])
        assert await trello.fetch(kind, [record.id]) == {record.id: Absence.DELETED}
