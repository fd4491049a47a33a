"""Uploaded files as attachments, over real connections."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hub_trello.connector import TrelloConnector
from hub_trello.options import AttachmentOptions

from hub.sdk import Absence, Content, Draft, Kind, KindSettings, NotFound, Refusal, Refused
from plugins.trello.tests.trello_at_work import EVERY_KIND, AtWork, at_work, file_of, gone, one, read, records, written


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[AtWork]:
    with at_work(monkeypatch) as work:
        yield work


@pytest.fixture
async def trello(work: AtWork) -> AsyncIterator[TrelloConnector]:
    connector = work.connect()
    yield connector
    await connector.close()


def draft(card: str, folder: Path, content: bytes, name: str = "Spec (最终).pdf", marker: str = "ATT-1") -> Draft:
    held = Content(file_of(folder, content), len(content), hashlib.sha256(content).hexdigest())
    return Draft(marker, {"name": name, "media_type": "application/pdf", "size": len(content), "parent": card}, held)


async def held(trello: TrelloConnector, number: str) -> bytes:
    return b"".join([piece async for piece in trello.download(number)])


async def test_a_file_goes_up_and_comes_down_byte_by_byte_under_its_name(
    work: AtWork, trello: TrelloConnector, tmp_path: Path
) -> None:
    card, content = work.ana.card(work.board), bytes(range(256)) * 50
    made = written((await trello.create(Kind.ATTACHMENT, [draft(card, tmp_path, content)]))[0])
    assert await held(trello, made.id) == content
    assert made.fields["name"] == "Spec (最终).pdf"
    assert (made.fields["media_type"], made.fields["size"], made.fields["parent"]) == (
        "application/pdf",
        len(content),
        card,
    )
    assert records(await read(trello, Kind.ATTACHMENT)) == [made] == [await one(trello, Kind.ATTACHMENT, made.id)]


async def test_links_and_our_own_marker_are_no_attachments(work: AtWork, trello: TrelloConnector) -> None:
    (outcome,) = await trello.create(Kind.REQUIREMENT, [Draft("REQ-1", {"name": "Export"})])
    card = written(outcome).id
    link = work.ana.does("POST", f"/cards/{card}/attachments", {"url": "https://example.org/"})
    file = work.ana.attaches(card, "a.txt", b"a")
    assert [each.id for each in records(await read(trello, Kind.ATTACHMENT))] == [f"{card}/{file}"]
    assert (await trello.fetch(Kind.ATTACHMENT, [f"{card}/{link['id']}"])).popitem()[1] is Absence.DELETED
    with pytest.raises(Refused):
        await held(trello, f"{card}/{link['id']}")
    with pytest.raises(NotFound):
        await held(trello, f"{card}/66d000000000000000000001")


async def test_a_new_file_and_a_deleted_one_come_with_the_next_reading(work: AtWork, trello: TrelloConnector) -> None:
    card = work.ana.card(work.board)
    old = work.ana.attaches(card, "old.txt", b"old")
    cursor = (await read(trello, Kind.ATTACHMENT))[-1].cursor
    new = work.ana.attaches(card, "new.bin", b"new", "")
    work.ana.does("DELETE", f"/cards/{card}/attachments/{old}")
    pages = await read(trello, Kind.ATTACHMENT, cursor)
    (shown,) = records(pages)
    assert (shown.id, gone(pages)) == (f"{card}/{new}", [f"{card}/{old}"])
    assert shown.fields["media_type"] == "application/octet-stream"
    assert shown.touched is not None
    assert shown.touched.who.name == shown.fields["author"]["name"] == work.ana.name


async def test_a_file_larger_than_the_workspace_takes_is_refused_before_it_is_sent(
    work: AtWork, tmp_path: Path
) -> None:
    options = AttachmentOptions(attachment_limit_mb=0.001)
    trello = work.connect({**EVERY_KIND, Kind.ATTACHMENT: KindSettings(options=options)})
    card = work.ana.card(work.board)
    await trello.open()
    before = trello.calls
    (outcome,) = await trello.create(Kind.ATTACHMENT, [draft(card, tmp_path, b"x" * 2000)])
    assert isinstance(outcome, Refusal)
    assert "2,000 bytes" in outcome.message
    assert "attachment_limit_mb" in outcome.message
    assert trello.calls == before
    await trello.close()


async def test_a_file_that_the_service_finds_too_large_is_refused(work: AtWork, tmp_path: Path) -> None:
    options = AttachmentOptions(attachment_limit_mb=250)
    trello = work.connect({**EVERY_KIND, Kind.ATTACHMENT: KindSettings(options=options)})
    big = draft(work.ana.card(work.board), tmp_path, b"x" * (10 * 1024 * 1024 + 1))
    (outcome,) = await trello.create(Kind.ATTACHMENT, [big])
    assert isinstance(outcome, Refusal)
    assert "too large" in outcome.message
    await trello.close()


async def test_only_our_own_files_are_taken_for_what_was_made(
    work: AtWork, trello: TrelloConnector, tmp_path: Path
) -> None:
    card = work.ana.card(work.board)
    given = draft(card, tmp_path, b"same", "a.txt")
    work.ana.attaches(card, "a.txt", b"same")
    assert await trello.find(Kind.ATTACHMENT, [given]) == {}
    made = written((await trello.create(Kind.ATTACHMENT, [given]))[0])
    assert await trello.find(Kind.ATTACHMENT, [given]) == {"ATT-1": [made.id]}
    assert await trello.find(Kind.ATTACHMENT, [draft(card, tmp_path, b"other size", "a.txt")]) == {}
