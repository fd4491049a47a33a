"""Comments over real connections: whose they are, what becomes of edits and deletions."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hub_trello import comments as holding
from hub_trello import looking
from hub_trello.connector import TrelloConnector

from hub.sdk import Absence, Draft, Kind, Patch, Refusal
from plugins.trello.tests.trello_at_work import AtWork, at_work, gone, one, read, records, written

BOB = {"name": "Bob *Star* Li", "email": "bob@example.com"}
AT = "2026-11-02T08:30:00Z"


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[AtWork]:
    with at_work(monkeypatch) as work:
        yield work


@pytest.fixture
async def trello(work: AtWork) -> AsyncIterator[TrelloConnector]:
    connector = work.connect()
    yield connector
    await connector.close()


def draft(card: str, body: str = "We **need** it.\n\n- 两个", marker: str = "CMT-1") -> Draft:
    return Draft(marker, {"body": body, "author": BOB, "at": AT, "parent": card})


def text(work: AtWork, number: str) -> str:
    return str(work.ana.does("GET", f"/actions/{number}")["data"]["text"])


async def test_an_author_survives_being_written_read_edited_and_read_again(
    work: AtWork, trello: TrelloConnector
) -> None:
    card = work.ana.card(work.board)
    made = written((await trello.create(Kind.COMMENT, [draft(card)]))[0])
    line = "**Bob \\*Star\\* Li** · 2026-11-02 08:30 UTC:\n\n"
    assert text(work, made.id) == line + "We **need** it.\n\n- 两个"
    assert made.fields["author"] == {"name": "Bob *Star* Li"}
    (shown,) = records(await read(trello, Kind.COMMENT))
    assert shown == made
    edited = written((await trello.update(Kind.COMMENT, [Patch(made.id, {"body": "No more."}, shown)]))[0])
    assert text(work, made.id) == line + "No more."
    assert edited.fields == {**made.fields, "body": "No more."}
    assert await one(trello, Kind.COMMENT, made.id) == edited


async def test_words_of_our_own_account_need_no_line_and_others_may_look_like_one(
    work: AtWork, trello: TrelloConnector
) -> None:
    card, me = work.ana.card(work.board), (await trello.open()).account
    own = Draft("CMT-2", {"body": "Hello", "author": {"id": me.id, "name": me.name}, "at": AT, "parent": card})
    made = written((await trello.create(Kind.COMMENT, [own]))[0])
    assert (text(work, made.id), made.fields["author"]["id"]) == ("Hello", me.id)
    like = work.ana.says(card, "**Zoe** · 2026-11-02 08:30 UTC:\n\nMine")
    note = work.bot.says(card, "**Note**:\n\nMine")
    shown = {each.id: each.fields for each in records(await read(trello, Kind.COMMENT))}
    assert (shown[like]["author"]["name"], shown[like]["body"][:7]) == (work.ana.name, "**Zoe**")
    assert (shown[note]["author"]["id"], shown[note]["body"][:8]) == (me.id, "**Note**")


async def test_the_comments_of_others_are_read_and_cannot_be_edited(work: AtWork, trello: TrelloConnector) -> None:
    card = work.ana.card(work.board)
    said = work.ana.says(card, "When?")
    base = await one(trello, Kind.COMMENT, said)
    assert base.fields["author"]["name"] == work.ana.name
    assert base.fields["parent"] == card
    before = trello.calls
    (outcome,) = await trello.update(Kind.COMMENT, [Patch(said, {"body": "Never"}, base)])
    assert isinstance(outcome, Refusal)
    assert (set(outcome.fields), trello.calls - before) == ({"body"}, 0)
    assert text(work, said) == "When?"


async def test_deleting_the_comment_of_another_needs_an_admin(work: AtWork, trello: TrelloConnector) -> None:
    said = work.ana.says(work.ana.card(work.board), "When?")
    (outcome,) = await trello.delete(Kind.COMMENT, [said])
    assert isinstance(outcome, Refusal)
    work.ana.does("DELETE", f"/actions/{said}")
    assert await trello.delete(Kind.COMMENT, [said]) == [None]


async def test_edits_and_deletions_are_seen_though_the_service_lists_neither(
    work: AtWork, trello: TrelloConnector
) -> None:
    card = work.ana.card(work.board)
    kept, changed, dropped = (work.ana.says(card, each) for each in ("One", "Two", "Three"))
    cursor = (await read(trello, Kind.COMMENT))[-1].cursor
    work.ana.does("PUT", f"/actions/{changed}", {"text": "Second"})
    work.ana.does("DELETE", f"/actions/{dropped}")
    pages = await read(trello, Kind.COMMENT, cursor)
    assert [(each.id, each.fields["body"]) for each in records(pages)] == [(changed, "Second")]
    assert gone(pages) == [dropped]
    found = await trello.fetch(Kind.COMMENT, [kept, dropped])
    assert found[dropped] is Absence.DELETED
    assert await read(trello, Kind.COMMENT, pages[-1].cursor) != []
    assert records(await read(trello, Kind.COMMENT, pages[-1].cursor)) == []


async def test_more_new_comments_than_one_look_holds_are_all_read(
    work: AtWork, trello: TrelloConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "RECENT", 3)
    monkeypatch.setattr(holding, "RECENT", 3)
    card = work.ana.card(work.board)
    first = work.ana.says(card, "first")
    cursor = (await read(trello, Kind.COMMENT))[-1].cursor
    said = [work.ana.says(card, str(n)) for n in range(8)]
    pages = await read(trello, Kind.COMMENT, cursor)
    assert sorted(each.id for each in records(pages)) == sorted(said)
    assert gone(pages) == []
    work.ana.does("DELETE", f"/actions/{said[6]}")
    pages = await read(trello, Kind.COMMENT, pages[-1].cursor)
    assert gone(pages) == [said[6]]
    assert said[6] not in {each.id for each in records(pages)}
    assert sorted(each.id for each in records(await read(trello, Kind.COMMENT, full=True))) == sorted(
        {first, *said} - {said[6]}
    )


async def test_a_full_reading_goes_on_page_by_page_and_begins_anew_when_broken_off(
    work: AtWork, trello: TrelloConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = work.ana.card(work.board)
    said = [work.ana.says(card, str(n)) for n in range(5)]
    path = looking.Looking.comments_path
    monkeypatch.setattr(holding, "LIMIT", 2)
    monkeypatch.setattr(looking.Looking, "comments_path", lambda self, **more: path(self, **{"limit": 2, **more}))
    pages = await read(trello, Kind.COMMENT)
    assert [len(page.records) for page in pages] == [2, 2, 1]
    assert [bool(page.cursor) for page in pages] == [False, False, True]
    again = records(await read(trello, Kind.COMMENT, pages[0].cursor))
    assert sorted(each.id for each in again) == sorted(said)


async def test_what_may_have_left_with_a_card_is_hidden_and_not_deleted(
    work: AtWork, trello: TrelloConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, stays = work.ana.card(work.board), work.ana.card(work.board, "Stays")
    said = work.ana.says(card, "Moves along")
    elsewhere = work.ana.does("POST", "/boards", {"name": "Private"})
    lists = work.ana.does("GET", f"/boards/{elsewhere['id']}/lists")
    work.ana.does("PUT", f"/cards/{card}", {"idBoard": elsewhere["id"], "idList": lists[0]["id"]})
    work.ana.does("DELETE", f"/actions/{said}")  # to us the same as if it could not be seen
    assert await trello.fetch(Kind.COMMENT, [said]) == {said: Absence.HIDDEN}
    monkeypatch.setattr(work.server.sandbox, "now", lambda: datetime.now(UTC) + timedelta(minutes=1))
    work.server.sandbox.world.ids._now = lambda: datetime.now(UTC) + timedelta(minutes=1)
    later = work.ana.says(stays, "Later")
    work.ana.does("DELETE", f"/actions/{later}")
    assert await trello.fetch(Kind.COMMENT, [later]) == {later: Absence.DELETED}


async def test_drafts_with_the_same_words_are_found_in_different_comments(
    work: AtWork, trello: TrelloConnector
) -> None:
    card = work.ana.card(work.board)
    twins = [draft(card, "OK", "CMT-1"), draft(card, "OK", "CMT-2")]
    first, second = [written(each).id for each in await trello.create(Kind.COMMENT, twins)]
    work.ana.says(card, "OK")
    assert await trello.find(Kind.COMMENT, twins) == {"CMT-1": [first], "CMT-2": [second]}
    later = datetime.now(UTC) + timedelta(hours=1)
    assert await trello.find(Kind.COMMENT, twins, since=later) == {}


async def test_what_is_said_of_a_task_is_said_on_its_card(work: AtWork, trello: TrelloConnector) -> None:
    card = work.ana.card(work.board)
    made = written((await trello.create(Kind.COMMENT, [draft(f"{card}/66d000000000000000000001")]))[0])
    assert made.fields["parent"] == card


@pytest.mark.parametrize(("fields", "fault"), [({"parent": None}, "parent"), ({"body": " ", "author": None}, "body")])
async def test_a_comment_without_words_or_card_is_refused(
    work: AtWork, trello: TrelloConnector, fields: dict[str, str | None], fault: str
) -> None:
    given = draft(work.ana.card(work.board))
    (outcome,) = await trello.create(Kind.COMMENT, [Draft("CMT-1", {**given.fields, **fields})])
    assert isinstance(outcome, Refusal)
    assert set(outcome.fields) == {fault}
