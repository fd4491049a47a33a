"""Notes and attachments of Zoho CRM: who wrote them, where they hang, and what a quiet reading costs."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.sdk import Absence, Content, Cursor, Draft, Kind, NotFound, Patch, Record, Refusal, Unknown, Written
from plugins.zoho_crm.tests.zoho_answering import (
    ANA,
    ME,
    NOTHING,
    NOW,
    UNMODIFIED,
    Zoho,
    deal,
    done,
    opened,
    page,
    pages,
    refused,
    said,
    wrong,
)

COMMENT, ATTACHMENT = Kind.COMMENT, Kind.ATTACHMENT
LINE = "**Li Wei** · 2026-11-01 08:30 UTC:\n\n"
UNDER_DEAL = {"module": {"api_name": "Deals", "id": "1"}, "id": "10", "name": "Deal 10"}


def note(number: int = 1, **values: Any) -> dict[str, Any]:
    shown = {
        "Note_Title": None,
        "Note_Content": "Agreed",
        "Parent_Id": UNDER_DEAL,
        "Created_By": ANA,
        "Created_Time": "2026-11-01T11:00:00+01:00",
        "Modified_By": ANA,
        "Modified_Time": "2026-11-01T11:00:00+01:00",
    }
    return {"id": str(number), **shown, **values}


async def read_notes(zoho: Zoho) -> list[Record]:
    return list((await pages(await opened(zoho), kind=COMMENT))[-1].records)


async def test_a_note_is_read_with_its_author_and_what_it_hangs_on() -> None:
    (record,) = await read_notes(Zoho(**{"GET /Notes": page([note(Note_Title="Call")])}))
    assert record.fields == {
        "body": {"title": "Call", "text": "Agreed"},
        "author": {"id": "901", "name": "Ana", "email": "ana@acme.example"},
        "at": "2026-11-01T10:00:00+00:00",
        "parent": "10",
    }


async def test_the_line_above_our_own_notes_says_who_wrote_them_and_nobody_elses_does() -> None:
    rows = [note(1, Created_By=ME, Note_Content=f"{LINE}Agreed"), note(2, Note_Content=f"{LINE}Agreed")]
    ours, theirs = await read_notes(Zoho(**{"GET /Notes": page(rows)}))
    assert (ours.fields["author"], ours.fields["body"]["text"]) == ({"name": "Li Wei"}, "Agreed")
    assert theirs.fields["author"]["name"] == "Ana"
    assert theirs.fields["body"]["text"].startswith("**Li Wei**")


async def test_notes_of_other_modules_are_passed_over() -> None:
    elsewhere = {"module": {"api_name": "Leads"}, "id": "3"}
    rows = [note(1, Parent_Id=elsewhere), note(2, Parent_Id={"id": "4"}, **{"$se_module": "Tasks"}), note(3)]
    assert [record.id for record in await read_notes(Zoho(**{"GET /Notes": page(rows)}))] == ["2", "3"]


async def test_notes_are_paged_by_number() -> None:
    connector = await opened(zoho := Zoho())
    zoho.answers["GET /Notes"] = [page([note(1)], more_records=True), page([note(2)])]
    first, last = await pages(connector, kind=COMMENT)
    assert [request.url.params["page"] for request in zoho.of("GET /Notes")] == ["1", "2"]
    assert (first.cursor, "since" in last.cursor) == ({}, True)
    zoho.answers["GET /Notes"] = NOTHING
    await pages(connector, first.cursor, kind=COMMENT)
    assert "If-Modified-Since" not in zoho.of("GET /Notes")[-1].headers


async def test_a_later_reading_of_notes_stops_where_what_is_known_begins() -> None:
    connector = await opened(zoho := Zoho(**{"GET /Notes": page([note(1)])}))
    cursor = (await pages(connector, kind=COMMENT))[-1].cursor
    zoho.sent.clear()
    new = note(2, Modified_Time="2026-11-01T12:00:05Z")
    zoho.answers["GET /Notes"] = page([new, note(1)], "t", more_records=True)
    (only,) = await pages(connector, cursor, kind=COMMENT)
    assert [record.id for record in only.records] == ["2"]
    assert zoho.names() == ["GET /Notes"]
    zoho.answers["GET /Notes"] = UNMODIFIED
    (only,) = await pages(connector, only.cursor, kind=COMMENT)
    assert only.records == []


@pytest.mark.parametrize("answer", [page([{"id": "7"}]), refused(400, "INVALID_MODULE", "not supported")])
async def test_deleted_notes_are_told_if_there_is_a_list_of_them(answer: httpx.Response) -> None:
    connector = await opened(zoho := Zoho(**{"GET /Notes": NOTHING, "GET /Notes/deleted": answer}))
    cursor = (await pages(connector, kind=COMMENT))[-1].cursor
    zoho.now = NOW + timedelta(minutes=15)
    (only,) = await pages(connector, cursor, kind=COMMENT)
    assert only.gone == (["7"] if answer.status_code == 200 else [])


def comment(**fields: Any) -> Draft:
    given = {"body": {"title": None, "text": "Agreed"}, "author": {"name": "Li Wei"}, "parent": "10"}
    return Draft("CMT-1", {**given, "at": "2026-11-01T08:30:00+00:00", **fields})


async def test_a_note_is_written_under_the_line_that_says_whose_words_it_holds() -> None:
    zoho = Zoho(**{"POST /Notes": said(done(1), status=201), "GET /Notes": page([note(1, Created_By=ME)])})
    zoho.shown = {"10": deal(10)}
    (outcome,) = await (await opened(zoho)).create(COMMENT, [comment()])
    assert isinstance(outcome, Written)
    assert zoho.bodies("POST /Notes")[0]["data"] == [
        {"Note_Content": f"{LINE}Agreed", "Parent_Id": {"id": "10", "module": {"api_name": "Deals"}}}
    ]


async def test_what_hangs_on_no_requirement_hangs_on_a_task_and_our_own_words_need_no_line() -> None:
    zoho = Zoho(**{"POST /Notes": said(done(1), status=201), "GET /Notes": page([note(1, Created_By=ME)])})
    await (await opened(zoho)).create(COMMENT, [comment(author={"id": ME["id"], "name": "Hub"}, parent="5")])
    assert zoho.bodies("POST /Notes")[0]["data"] == [
        {"Note_Content": "Agreed", "Parent_Id": {"id": "5", "module": {"api_name": "Tasks"}}}
    ]


async def test_an_edited_note_keeps_its_line() -> None:
    rows = page([note(1, Created_By=ME, Note_Content=f"{LINE}Agreed")])
    zoho = Zoho(**{"PUT /Notes/1": said(done(1)), "GET /Notes": rows})
    connector = await opened(zoho)
    record = (await connector.fetch(COMMENT, ["1"]))["1"]
    assert isinstance(record, Record)
    await connector.update(COMMENT, [Patch("1", {"body": {"title": None, "text": "Not agreed"}}, record)])
    assert zoho.bodies("PUT /Notes/1")[0]["data"] == [{"Note_Title": None, "Note_Content": f"{LINE}Not agreed"}]
    assert zoho.of("PUT /Notes/1")[0].headers["If-Unmodified-Since"] == "2026-11-01T10:00:00+00:00"


async def test_a_note_whose_answer_was_lost_is_found_by_its_words_and_once_only() -> None:
    made = {"Created_By": ME, "Created_Time": "2026-11-01T12:00:00Z", "Note_Content": f"{LINE}Agreed"}
    rows = [note(3, **made), note(2, **made), note(1, **{**made, "Note_Content": "Agreed"})]
    connector = await opened(Zoho(**{"GET /Notes": page(rows)}))
    twice = [comment(), Draft("CMT-2", comment().fields), Draft("CMT-3", comment().fields)]
    assert await connector.find(COMMENT, twice, since=NOW) == {"CMT-1": ["2"], "CMT-2": ["3"]}
    assert not await connector.find(COMMENT, [comment(parent="11")], since=NOW)


# Attachments.


def file(number: int = 1, **values: Any) -> dict[str, Any]:
    shown = {"File_Name": "plan.pdf", "Size": "7", "Created_By": ANA, "Created_Time": "2026-11-01T11:00:00+01:00"}
    return {"id": str(number), **shown, "Parent_Id": {"id": "10"}, **values}


def moved(number: int, at: str) -> dict[str, Any]:
    return {"id": str(number), "Last_Activity_Time": at, "Modified_Time": "2026-10-01T10:00:00Z"}


async def files_read(zoho: Zoho) -> tuple[Any, Cursor, list[Record]]:
    connector = await opened(zoho)
    read = await pages(connector, kind=ATTACHMENT)
    zoho.sent.clear()
    return connector, read[-1].cursor, [record for each in read for record in each.records]


async def test_a_full_reading_lists_the_files_of_every_record_and_passes_over_links() -> None:
    zoho = Zoho(**{"GET /Deals": page([deal(10), deal(11)]), "GET /Deals/11/Attachments": NOTHING})
    zoho.answers["GET /Deals/10/Attachments"] = page([file(1), file(2, **{"$link_url": "https://x.example"})])
    _, _, (record,) = await files_read(zoho)
    assert record.id == "10/1"
    assert record.fields == {
        "name": "plan.pdf",
        "media_type": "application/pdf",
        "size": 7,
        "author": {"id": "901", "name": "Ana", "email": "ana@acme.example"},
        "at": "2026-11-01T10:00:00+00:00",
        "parent": "10",
    }


async def test_a_later_reading_asks_which_records_moved_and_lists_only_theirs() -> None:
    connector, cursor, _ = await files_read(zoho := Zoho(**{"GET /Deals": NOTHING}))
    zoho.answers["POST /coql"] = page([moved(10, "2026-11-01T12:01:00Z")])
    zoho.answers["GET /Deals/10/Attachments"] = page([file(1)])
    zoho.now = NOW + timedelta(minutes=5)
    (only,) = await pages(connector, cursor, kind=ATTACHMENT)
    assert [record.id for record in only.records] == ["10/1"]
    assert zoho.names() == ["POST /coql", "GET /Deals/10/Attachments"]
    assert "Last_Activity_Time >= '2026-11-01T11:58:00+00:00'" in zoho.bodies("POST /coql")[0]["select_query"]
    zoho.sent.clear()
    await pages(connector, only.cursor, kind=ATTACHMENT)
    assert zoho.names() == ["POST /coql"]


async def test_a_record_that_moved_this_very_second_is_looked_at_again() -> None:
    connector, cursor, _ = await files_read(zoho := Zoho(**{"GET /Deals": NOTHING}))
    zoho.answers["POST /coql"] = page([moved(10, "2026-11-01T12:00:00Z")])
    zoho.answers["GET /Deals/10/Attachments"] = NOTHING
    cursor = (await pages(connector, cursor, kind=ATTACHMENT))[-1].cursor
    zoho.now = NOW + timedelta(seconds=30)
    cursor = (await pages(connector, cursor, kind=ATTACHMENT))[-1].cursor
    await pages(connector, cursor, kind=ATTACHMENT)
    assert zoho.names().count("GET /Deals/10/Attachments") == 2


async def test_a_module_whose_activity_cannot_be_queried_is_listed_by_its_changes() -> None:
    zoho = Zoho(**{"GET /Deals": NOTHING, "POST /coql": refused(400, "INVALID_QUERY", "column name is invalid")})
    connector, cursor, _ = await files_read(zoho)
    zoho.answers["GET /Deals"] = page([deal(10, Modified_Time="2026-11-01T12:00:00Z"), deal(11)])
    zoho.answers["GET /Deals/10/Attachments"] = page([file(1)])
    (only,) = await pages(connector, cursor, kind=ATTACHMENT)
    assert [record.id for record in only.records] == ["10/1"]


async def test_a_missing_file_was_deleted_unless_its_record_is_hidden() -> None:
    zoho = Zoho(
        **{"GET /Deals/10/Attachments": NOTHING, "GET /Deals/11/Attachments": NOTHING, "GET /Deals/11": NOTHING}
    )
    zoho.shown = {"10": deal(10)}
    found = await (await opened(zoho)).fetch(ATTACHMENT, ["10/1", "11/2"])
    assert found == {"10/1": Absence.DELETED, "11/2": Absence.HIDDEN}


def upload(folder: Path, **fields: Any) -> Draft:
    path = folder / "bytes"
    path.write_bytes(b"content")
    content = Content(path, 7, hashlib.sha256(b"content").hexdigest())
    given = {"name": "plan.pdf", "media_type": "application/pdf", "size": 7, "parent": "10"}
    return Draft("ATT-1", {**given, **fields}, content)


async def test_a_file_is_sent_to_its_record_and_read_back(tmp_path: Path) -> None:
    zoho = Zoho(**{"POST /Deals/10/Attachments": said(done(1)), "GET /Deals/10/Attachments": page([file(1)])})
    (outcome,) = await (await opened(zoho)).create(ATTACHMENT, [upload(tmp_path)])
    assert isinstance(outcome, Written)
    assert outcome.record.id == "10/1"
    (request,) = zoho.of("POST /Deals/10/Attachments")
    assert request.headers["Content-Type"].startswith("multipart/form-data")
    assert b'name="file"; filename="plan.pdf"' in request.content
    assert b"content" in request.content


@pytest.mark.parametrize(
    ("answer", "became"),
    [
        (said(wrong("FILE_SIZE_EXCEEDS", "too large"), status=400), Refusal),
        (refused(413, "REQUEST_ENTITY_TOO_LARGE", "too large"), Refusal),
        (httpx.Response(500), Unknown),
    ],
)
async def test_a_file_that_is_not_taken_is_told(tmp_path: Path, answer: httpx.Response, became: type) -> None:
    connector = await opened(Zoho(**{"POST /Deals/10/Attachments": answer}))
    outcomes = await connector.create(ATTACHMENT, [upload(tmp_path), Draft("ATT-2", {"name": "x"})])
    assert [type(each) for each in outcomes] == [became, Refusal]


async def test_a_lost_upload_is_found_by_name_and_size(tmp_path: Path) -> None:
    rows = [file(1, Created_By=ME), file(2, Created_By=ME, Size="8"), file(3)]
    connector = await opened(Zoho(**{"GET /Deals/10/Attachments": page(rows)}))
    assert await connector.find(ATTACHMENT, [upload(tmp_path)], since=NOW - timedelta(hours=3)) == {"ATT-1": ["10/1"]}
    assert not await connector.find(ATTACHMENT, [upload(tmp_path)], since=NOW)


async def test_a_file_is_downloaded_with_a_new_token_if_the_old_one_is_refused() -> None:
    expired = refused(401, "INVALID_TOKEN")
    zoho = Zoho(**{"GET /Deals/10/Attachments/1": [expired, httpx.Response(200, content=b"content")]})
    connector = await opened(zoho)
    second = httpx.Response(200, json={"access_token": "1000.second", "expires_in": 3600})
    zoho.answers["POST /oauth/v2/token"] = second
    assert b"".join([piece async for piece in connector.download("10/1")]) == b"content"
    zoho.answers["GET /Deals/10/Attachments/1"] = NOTHING
    with pytest.raises(NotFound):
        [piece async for piece in connector.download("10/1")]


async def test_files_are_deleted_record_by_record() -> None:
    zoho = Zoho(
        **{"DELETE /Deals/10/Attachments": said(done(1), done(2)), "DELETE /Deals/11/Attachments": said(done(3))}
    )
    connector = await opened(zoho)
    assert list(await connector.delete(ATTACHMENT, ["10/1", "11/3", "10/2"])) == [None, None, None]
    assert [dict(request.url.params)["ids"] for request in zoho.sent] == ["1,2", "3"]
