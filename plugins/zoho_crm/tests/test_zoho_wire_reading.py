"""Reading Zoho CRM: pages, times, nothing new, deletions, and what is missing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from hub.sdk import Absence, BadAnswer, Cursor, Kind, KindSettings, Record, Refused
from plugins.zoho_crm.tests.zoho_answering import (
    ANA,
    CLIENT,
    CONTACT,
    NOTHING,
    NOW,
    REQ,
    TASK,
    UNMODIFIED,
    Zoho,
    deal,
    known,
    opened,
    page,
    pages,
    refused,
    requirements,
    wrong,
)

LATER = "2026-11-01T12:00:30+00:00"


async def read_once(zoho: Zoho, **more: Any) -> tuple[Any, Cursor]:
    """A connector and the cursor of a first reading."""
    connector = await opened(zoho, **more)
    zoho.answers["GET /Deals"] = page([deal(10)])
    cursor = (await pages(connector))[-1].cursor
    zoho.answers["GET /Deals"] = UNMODIFIED
    zoho.sent.clear()
    return connector, cursor


async def test_a_deal_is_read_as_a_requirement() -> None:
    connector = await opened(zoho := Zoho())
    record = await known(zoho, connector)
    assert record.fields == {
        "Account_Name": "50",
        "Closing_Date": "2026-12-01",
        "Contact_Name": None,
        "Deal_Name": "Deal 10",
        "Description": None,
        "Owner": {"id": "901", "name": "Ana", "email": "ana@acme.example"},
        "Stage": "Qualification",
        "Tag": ["erp"],
        "Type": None,
    }
    assert record.marker == "REQ-10"
    assert record.at == datetime(2026, 10, 2, 8, tzinfo=UTC)
    assert record.touched is not None
    assert (record.touched.who.id, record.touched.at) == (ANA["id"], record.at)
    assert record.url == "https://crm.zoho.eu/crm/tab/Potentials/10"


async def test_only_what_is_mapped_is_asked_for() -> None:
    connector = await opened(zoho := Zoho(), requirement=requirements(fields={"type": "", "priority": "Urgency"}))
    await connector.fetch(REQ, ["10"])
    asked = zoho.of("GET /Deals")[0].url.params["fields"].split(",")
    assert {"Deal_Name", "Urgency", "Hub_Key", "Modified_Time", "Modified_By"} <= {*asked}
    assert "Type" not in asked


async def test_names_of_people_are_read_from_two_fields() -> None:
    row = {"id": "5", "First_Name": "Li", "Last_Name": "Wei", "Email": "li@acme.example", "Account_Name": {"id": "50"}}
    connector = await opened(Zoho(**{"GET /Contacts": page([row])}), contact=KindSettings())
    (record,) = (await pages(connector, kind=CONTACT))[0].records
    assert record.fields["Full_Name"] == {"first": "Li", "last": "Wei"}
    assert record.fields["Account_Name"] == "50"


async def test_a_first_reading_walks_by_tokens_in_the_order_of_ids() -> None:
    connector = await opened(zoho := Zoho())
    zoho.answers["GET /Deals"] = [page([deal(10)], "t1"), page([deal(11)])]
    read = await pages(connector)
    assert [[record.id for record in each.records] for each in read] == [["10"], ["11"]]
    first, second = zoho.of("GET /Deals")
    assert (first.url.params["sort_by"], first.url.params["sort_order"]) == ("id", "asc")
    assert "page_token" not in first.url.params
    assert second.url.params["page_token"] == "t1"
    assert "page" not in second.url.params
    assert "If-Modified-Since" not in first.headers


async def test_a_first_reading_goes_on_from_its_token_or_anew_if_that_is_worn_out() -> None:
    connector = await opened(zoho := Zoho())
    zoho.answers["GET /Deals"] = [page([deal(10)], "t1"), page([deal(11)])]
    going_on = (await pages(connector))[0].cursor
    zoho.sent.clear()
    zoho.answers["GET /Deals"] = page([deal(11)])
    await pages(connector, going_on)
    assert zoho.sent[0].url.params["page_token"] == "t1"
    zoho.answers["GET /Deals"] = [refused(400, "EXPIRED_VALUE", "page_token expired"), page([deal(10), deal(11)])]
    assert len((await pages(connector, going_on))[0].records) == 2
    zoho.answers["GET /Deals"] = refused(400, "INVALID_MODULE")
    with pytest.raises(Refused):
        await pages(connector, going_on)


async def test_an_empty_module_is_read_to_its_end() -> None:
    connector = await opened(zoho := Zoho(**{"GET /Deals": NOTHING}))
    (only,) = await pages(connector)
    assert only.records == []
    assert "since" in only.cursor
    assert zoho.names() == ["GET /settings/fields", "GET /Deals"]


@pytest.mark.parametrize("nothing", [UNMODIFIED, NOTHING])
async def test_a_quiet_reading_is_one_call_and_needs_no_metadata(nothing: httpx.Response) -> None:
    _, cursor = await read_once(zoho := Zoho())
    zoho.answers["GET /Deals"] = nothing
    connector = await opened(zoho)
    (only,) = await pages(connector, cursor)
    assert zoho.names() == ["GET /Deals"]
    assert (only.records, only.gone) == ([], [])
    request = zoho.sent[0]
    assert request.headers["If-Modified-Since"] == "2026-11-01T11:58:00+00:00"
    assert (request.url.params["sort_by"], request.url.params["sort_order"]) == ("Modified_Time", "asc")


async def test_a_later_reading_begins_shortly_before_the_last_one_did_by_zohos_clock() -> None:
    connector, cursor = await read_once(zoho := Zoho())
    ahead = {"Date": "Sun, 01 Nov 2026 12:05:00 GMT"}
    zoho.answers["GET /Deals"] = httpx.Response(304, headers=ahead)
    cursor = (await pages(connector, cursor))[-1].cursor
    cursor = (await pages(connector, cursor))[-1].cursor
    assert cursor["since"] == "2026-11-01T12:03:00+00:00"


async def test_the_cursor_follows_the_times_of_a_long_reading() -> None:
    connector, cursor = await read_once(zoho := Zoho())
    zoho.answers["GET /Deals"] = [page([deal(10, Modified_Time=LATER)], "t1"), page([deal(11, Modified_Time=LATER)])]
    first, last = await pages(connector, cursor)
    assert first.cursor["since"] == "2026-11-01T11:58:30+00:00"
    assert [record.id for record in last.records] == ["11"]


async def test_deletions_are_asked_for_every_ten_minutes_and_from_where_they_are_known() -> None:
    connector, cursor = await read_once(zoho := Zoho())
    gone = {"id": "11", "type": "recycle", "deleted_time": LATER}
    zoho.answers["GET /Deals/deleted"] = [
        page([gone], more_records=True),
        page([{"id": "12", "display_name": None, "type": "permanent"}]),
        NOTHING,
    ]
    zoho.now = NOW + timedelta(minutes=9)
    (only,) = await pages(connector, cursor)
    zoho.now = NOW + timedelta(minutes=20)
    (only,) = await pages(connector, only.cursor)
    assert only.gone == ["11", "12"]
    first, second = zoho.of("GET /Deals/deleted")
    assert first.headers["If-Modified-Since"] == "2026-11-01T11:58:00+00:00"
    assert [r.url.params["page"] for r in (first, second)] == ["1", "2"]
    zoho.sent.clear()
    await pages(connector, only.cursor)
    assert zoho.names() == ["GET /Deals"]


async def test_another_mapping_is_read_from_the_beginning() -> None:
    _, cursor = await read_once(zoho := Zoho())
    connector = await opened(zoho, requirement=requirements(fields={"due": "Go_Live"}))
    await pages(connector, cursor)
    assert "If-Modified-Since" not in zoho.of("GET /Deals")[-1].headers


async def test_custom_values_come_with_their_types() -> None:
    fields = {"budget": "Budget", "regions": "Regions", "live": "Go_Live", "seats": "Seats", "urgent": "Urgent"}
    connector = await opened(zoho := Zoho(), requirement=requirements(fields))
    values = {"Budget": 12.5, "Regions": ["North"], "Go_Live": "2026-12-01T09:00:00+05:30", "Seats": 7, "Urgent": True}
    record = await known(zoho, connector, **values)
    assert record.fields["custom"] == {
        "Budget": {"type": "number", "value": 12.5},
        "Go_Live": {"type": "text", "value": "2026-12-01T03:30:00+00:00"},
        "Regions": {"type": "choices", "value": ["North"]},
        "Seats": {"type": "number", "value": 7},
        "Urgent": {"type": "flag", "value": True},
    }


async def test_a_module_without_the_markers_field_is_not_asked_for_it() -> None:
    zoho = Zoho(**{"GET /settings/fields": httpx.Response(200, json={"fields": []}), "GET /Accounts": NOTHING})
    connector = await opened(zoho, client=KindSettings())
    await pages(connector, kind=CLIENT)
    assert "Hub_Key" not in zoho.of("GET /Accounts")[0].url.params["fields"]


async def test_many_records_are_fetched_a_hundred_a_call() -> None:
    connector = await opened(zoho := Zoho())
    zoho.shown = {str(number): deal(number) for number in range(250)}
    found = await connector.fetch(REQ, [*zoho.shown])
    assert len(found) == 250
    assert zoho.names().count("GET /Deals") == 3


async def missing(zoho: Zoho) -> Record | Absence:
    return (await (await opened(zoho)).fetch(REQ, ["10"]))["10"]


async def test_a_record_in_the_list_of_deletions_was_deleted() -> None:
    assert await missing(Zoho(**{"GET /Deals/deleted": page([{"id": "10"}])})) is Absence.DELETED


@pytest.mark.parametrize("answer", [NOTHING, refused(400, "INVALID_DATA", "the id given seems to be invalid", id="10")])
async def test_a_record_that_is_neither_there_nor_deleted_is_hidden(answer: httpx.Response) -> None:
    assert await missing(Zoho(**{"GET /Deals/10": answer})) is Absence.HIDDEN


async def test_a_record_that_is_missing_while_the_list_has_no_end_is_hidden() -> None:
    endless = page([{"id": "99"}], more_records=True)
    assert await missing(Zoho(**{"GET /Deals/10": NOTHING, "GET /Deals/deleted": endless})) is Absence.HIDDEN


@pytest.mark.parametrize(("count", "became"), [(3, Absence.DELETED), (12, Absence.HIDDEN)])
async def test_without_a_list_of_deletions_a_few_were_deleted_and_many_are_hidden(count: int, became: Absence) -> None:
    connector = await opened(Zoho(**{"GET /Deals/deleted": refused(400, "INVALID_MODULE", "not supported")}))
    found = await connector.fetch(REQ, [str(number) for number in range(10, 10 + count)])
    assert set(found.values()) == {became}


@pytest.mark.parametrize(
    "second",
    [
        NOTHING,
        page([deal(2)], count=2),
        page([deal(2)], more_records=True),
        page([deal(2)], token="T1"),
    ],
    ids=["empty", "short", "without a token", "the same token"],
)
async def test_a_whole_reading_that_breaks_off_at_its_second_page_is_an_error(second: httpx.Response) -> None:
    connector = await opened(Zoho(**{"GET /Deals": [page([deal(1)], token="T1"), second]}))
    with pytest.raises(BadAnswer):
        await pages(connector, full=True)


async def test_a_census_of_notes_that_breaks_off_is_an_error() -> None:
    said = {"id": "7", "Note_Content": "Yes", "Parent_Id": {"id": "10", "module": {"api_name": "Deals"}}}
    told = Zoho(**{"GET /Notes": [page([said], more_records=True), NOTHING]})
    connector = await opened(told, comment=KindSettings())
    with pytest.raises(BadAnswer):
        await pages(connector, kind=Kind.COMMENT, full=True)


async def test_a_record_that_this_user_may_not_see_is_hidden() -> None:
    answer = httpx.Response(403, json=wrong("NO_PERMISSION", "permission denied"))
    assert await missing(Zoho(**{"GET /Deals/10": answer})) is Absence.HIDDEN


async def test_a_record_that_only_the_bulk_reading_lacks_is_there() -> None:
    found = await missing(Zoho(**{"GET /Deals/10": page([deal(10)])}))
    assert isinstance(found, Record)


def task(number: int, **values: Any) -> dict[str, Any]:
    under = {"What_Id": {"id": "10", "name": "Deal 10"}, "$se_module": "Deals"}
    return {"id": str(number), "Subject": f"Task {number}", "Status": "Not Started", **under, **values}


async def test_tasks_are_those_that_stand_under_a_requirement() -> None:
    loose, foreign = task(2, What_Id=None, **{"$se_module": None}), task(3, **{"$se_module": "Accounts"})
    connector = await opened(zoho := Zoho(**{"GET /Tasks": page([task(1), loose, foreign])}), task=KindSettings())
    (record,) = (await pages(connector, kind=TASK))[0].records
    assert (record.id, record.fields["What_Id"]) == ("1", "10")
    found = await connector.fetch(TASK, ["1", "2", "3"])
    assert isinstance(found["1"], Record)
    assert [found[number] for number in ("2", "3")] == [Absence.MOVED, Absence.MOVED]
    assert Kind.TASK in connector.kinds
    assert zoho.names().count("GET /Tasks") == 2
