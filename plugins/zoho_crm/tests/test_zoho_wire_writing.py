"""Writing to Zoho CRM: rows, refusals, conflicts, lost answers, labels, markers."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from hub.sdk import Delayed, Draft, Kind, KindSettings, Patch, Refusal, SignInRejected, Unknown, Written
from plugins.zoho_crm.tests.zoho_answering import (
    CONTACT,
    EXPIRED,
    NOTHING,
    REQ,
    TASK,
    Zoho,
    deal,
    done,
    drafts,
    known,
    opened,
    page,
    patched,
    refused,
    requirements,
    said,
    wrong,
)

MODIFIED = said(wrong("ALREADY_MODIFIED", "record updated time has already passed", id="10"), status=412)


async def made(zoho: Zoho, given: list[Draft], **more: Any) -> list[Any]:
    return list(await (await opened(zoho, **more)).create(REQ, given))


async def test_records_are_made_with_their_markers_and_without_workflows() -> None:
    zoho = Zoho(**{"POST /Deals": said(done(1), done(2), status=201)})
    zoho.shown = {str(number): deal(number) for number in (1, 2)}
    outcomes = await made(zoho, drafts(2, Closing_Date="2026-12-01", Account_Name="50", Contact_Name=None))
    assert [outcome.record.id for outcome in outcomes] == ["1", "2"]
    (body,) = zoho.bodies("POST /Deals")
    assert body["trigger"] == []
    assert body["data"][0] == {
        "Deal_Name": "Deal 1",
        "Stage": "Qualification",
        "Closing_Date": "2026-12-01",
        "Account_Name": {"id": "50"},
        "Hub_Key": "REQ-1",
    }
    assert zoho.names() == ["GET /settings/fields", "POST /Deals", "GET /Deals"]


async def test_workflows_run_and_defaults_are_given_if_the_configuration_says_so() -> None:
    zoho = Zoho(**{"POST /Deals": said(done(1), status=201)})
    await made(zoho, drafts(1), requirement=requirements(trigger=True, defaults={"Pipeline": "Standard"}))
    (body,) = zoho.bodies("POST /Deals")
    assert "trigger" not in body
    assert body["data"][0]["Pipeline"] == "Standard"


async def test_each_row_of_a_mixed_answer_is_the_outcome_of_its_record() -> None:
    bad = wrong("INVALID_DATA", "invalid data", api_name="Stage", json_path="$.data[1].Stage", supported_values=["Won"])
    empty = wrong("MANDATORY_NOT_FOUND", "required field not found", api_name="Closing_Date")
    zoho = Zoho(**{"POST /Deals": said(done(1), bad, empty, status=207)})
    zoho.shown = {"1": deal(1)}
    first, second, third = await made(zoho, drafts(3))
    assert isinstance(first, Written)
    assert second == Refusal("Stage: invalid data; it takes Won", {"Stage": "Stage: invalid data; it takes Won"})
    assert isinstance(third, Refusal)
    assert "defaults" in third.fields["Closing_Date"]


@pytest.mark.parametrize("status", [202, 400])
async def test_rows_count_whatever_the_status_is(status: int) -> None:
    zoho = Zoho(**{"POST /Deals": said(wrong("LIMIT_EXCEEDED", "too long", api_name="Deal_Name"), status=status)})
    (outcome,) = await made(zoho, drafts(1))
    assert isinstance(outcome, Refusal)
    assert zoho.names().count("POST /Deals") == 1


async def test_several_faults_of_one_record_are_all_told() -> None:
    faults = [wrong("INVALID_DATA", "bad", api_name="Stage"), wrong("INVALID_DATA", "bad", api_name="Type")]
    row = {**wrong("MULTIPLE_OR_MULTI_ERRORS", "several"), "errors": faults}
    zoho = Zoho(**{"POST /Deals": said(row, status=400)})
    (outcome,) = await made(zoho, drafts(1))
    assert outcome.fields.keys() == {"Stage", "Type"}


async def test_a_record_with_our_marker_is_adopted_and_not_made_again() -> None:
    twin = wrong("DUPLICATE_DATA", "duplicate data", api_name="Hub_Key", json_path="$.data[0].Hub_Key", id="8")
    zoho = Zoho(**{"POST /Deals": said(twin, status=400)})
    zoho.shown = {"8": deal(8, Hub_Key="REQ-1")}
    (outcome,) = await made(zoho, drafts(1, Tag=["erp"]))
    assert isinstance(outcome, Written)
    assert outcome.record.id == "8"
    assert "POST /Deals/actions/add_tags" not in zoho.names()


async def test_another_duplicate_is_refused_and_names_the_other_record() -> None:
    twin = wrong("DUPLICATE_DATA", "duplicate data", api_name="Email", id="8")
    zoho = Zoho(**{"POST /Contacts": said(twin, status=400)})
    connector = await opened(zoho, contact=KindSettings())
    (outcome,) = await connector.create(CONTACT, [Draft("CON-1", {"Full_Name": {"first": None, "last": "Li"}})])
    assert outcome == Refusal("another record (8) has this Email already", {"Email": outcome.fields["Email"]})  # type: ignore[union-attr]
    assert zoho.bodies("POST /Contacts")[0]["data"] == [{"Last_Name": "Li", "Hub_Key": "CON-1"}]


async def test_a_lost_answer_leaves_all_of_a_batch_unknown() -> None:
    zoho = Zoho(**{"POST /Deals": httpx.ReadError("gone")})
    assert [type(outcome) for outcome in await made(zoho, drafts(2))] == [Unknown, Unknown]
    assert zoho.names().count("POST /Deals") == 1
    zoho = Zoho(**{"POST /Deals": httpx.Response(503)})
    assert [type(outcome) for outcome in await made(zoho, drafts(1))] == [Unknown]
    zoho = Zoho(**{"POST /Deals": httpx.ConnectError("no")})
    assert [type(outcome) for outcome in await made(zoho, drafts(1))] == [Delayed]


async def test_what_was_made_and_cannot_be_read_back_is_unknown() -> None:
    zoho = Zoho(**{"POST /Deals": said(done(1), status=201), "GET /Deals": httpx.Response(500)})
    assert [type(outcome) for outcome in await made(zoho, drafts(1))] == [Unknown]


async def test_a_call_refused_as_a_whole_is_tried_in_halves() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if b"Deal 2" in request.content:
            return refused(400, "INVALID_DATA", "body")
        return said(*(done(1) for _ in range(request.content.count(b"Deal_Name"))), status=201)

    zoho = Zoho(**{"POST /Deals": answer})
    zoho.shown = {"1": deal(1)}
    assert [type(outcome) for outcome in await made(zoho, drafts(3))] == [Written, Refusal, Written]


async def test_labels_are_added_to_all_records_that_get_the_same_in_one_call() -> None:
    zoho = Zoho(**{"POST /Deals": said(done(1), done(2), status=201)})
    zoho.answers["POST /Deals/actions/add_tags"] = said(done(1), done(2))
    zoho.shown = {str(number): deal(number) for number in (1, 2)}
    await made(zoho, drafts(2, Tag=["vip", "erp"]))
    assert zoho.bodies("POST /Deals/actions/add_tags") == [
        {"tags": [{"name": "erp"}, {"name": "vip"}], "ids": ["1", "2"], "over_write": False}
    ]


async def test_a_record_whose_labels_fail_is_there_and_lacks_them() -> None:
    zoho = Zoho(**{"POST /Deals": said(done(1), status=201)})
    zoho.answers["POST /Deals/actions/add_tags"] = said(wrong("LIMIT_EXCEEDED", "too many tags"), status=400)
    zoho.shown = {"1": deal(1, Tag=[])}
    (outcome,) = await made(zoho, drafts(1, Tag=["vip"]))
    assert isinstance(outcome, Refusal)
    assert outcome.record is not None
    assert outcome.fields.keys() == {"Tag"}


async def test_an_edit_sends_only_what_changed_and_only_if_nobody_else_did() -> None:
    zoho = Zoho(**{"PUT /Deals/10": said(done(10))})
    outcome = await patched(zoho, {"Stage": "Closed Won", "Closing_Date": None, "Description": ""})
    assert isinstance(outcome, Written)
    assert zoho.bodies("PUT /Deals/10") == [
        {"data": [{"Stage": "Closed Won", "Closing_Date": None, "Description": None}], "trigger": []}
    ]
    assert zoho.of("PUT /Deals/10")[0].headers["If-Unmodified-Since"] == "2026-10-02T08:00:00+00:00"
    assert zoho.names() == ["PUT /Deals/10", "GET /Deals"]


async def test_a_concurrent_edit_delays_the_patch() -> None:
    zoho = Zoho(**{"PUT /Deals/10": MODIFIED})
    assert isinstance(await patched(zoho, {"Stage": "Closed Won"}), Delayed)
    assert zoho.names() == ["PUT /Deals/10"]


async def test_labels_are_edited_by_what_was_added_and_removed() -> None:
    zoho = Zoho(**{"POST /Deals/actions/add_tags": said(done(10)), "POST /Deals/actions/remove_tags": said(done(10))})
    assert isinstance(await patched(zoho, {"Tag": ["vip"]}), Written)
    assert zoho.bodies("POST /Deals/actions/add_tags")[0]["tags"] == [{"name": "vip"}]
    assert zoho.bodies("POST /Deals/actions/remove_tags") == [{"tags": [{"name": "erp", "id": "70"}], "ids": ["10"]}]
    assert "PUT /Deals/10" not in zoho.names()


@pytest.mark.parametrize(("status", "kind"), [(400, Refusal), (503, Unknown)])
async def test_labels_that_could_not_be_set_are_refused_only_where_somebody_said_no(
    status: int, kind: type[Any]
) -> None:
    said_no = refused(status, "LIMIT_EXCEEDED", "too many tags")
    zoho = Zoho(**{"POST /Deals/actions/add_tags": said_no, "POST /Deals/actions/remove_tags": said(done(10))})
    assert isinstance(await patched(zoho, {"Tag": ["vip"]}), kind)


async def test_nobody_can_be_made_the_owner() -> None:
    zoho = Zoho()
    assert isinstance(await patched(zoho, {"Owner": None}), Written)
    assert zoho.names() == ["GET /Deals"]


async def test_many_edits_are_sent_together_under_the_newest_of_their_times() -> None:
    rows = [done(number) for number in range(12)]
    zoho = Zoho(**{"PUT /Deals": said(*rows[:-1], wrong("ALREADY_MODIFIED"), status=207)})
    connector = await opened(zoho)
    records = [
        await known(zoho, connector, number, Modified_Time=f"2026-10-02T10:00:{number:02}Z") for number in range(12)
    ]
    outcomes = await connector.update(REQ, [Patch(r.id, {"Stage": "Closed Won"}, r) for r in records])
    assert [type(outcome) for outcome in outcomes] == [Written] * 11 + [Delayed]
    (request,) = zoho.of("PUT /Deals")
    assert request.headers["If-Unmodified-Since"] == "2026-10-02T10:00:11+00:00"
    assert zoho.bodies("PUT /Deals")[0]["data"][3] == {"id": "3", "Stage": "Closed Won"}
    assert zoho.names() == ["PUT /Deals", "GET /Deals"]


async def test_what_is_refused_as_a_whole_is_written_one_by_one() -> None:
    zoho = Zoho(**{"PUT /Deals": MODIFIED, "PUT /Deals/10": MODIFIED})
    connector = await opened(zoho)
    records = [await known(zoho, connector, number) for number in range(1, 12)]
    zoho.answers |= {f"PUT /Deals/{number}": said(done(number)) for number in range(1, 12) if number != 10}
    outcomes = await connector.update(REQ, [Patch(r.id, {"Stage": "Closed Won"}, r) for r in records])
    assert [type(outcome) for outcome in outcomes] == [Written] * 9 + [Delayed, Written]


async def test_a_record_that_is_gone_refuses_its_patch() -> None:
    gone = wrong("INVALID_DATA", "the id given seems to be invalid", api_name="id", json_path="$.data[0].id")
    assert isinstance(await patched(Zoho(**{"PUT /Deals/10": said(gone, status=400)}), {"Stage": "X"}), Refusal)


async def test_a_wrong_reference_is_a_fault_of_its_field() -> None:
    bad = wrong(
        "INVALID_DATA", "the id given seems to be invalid", api_name="id", json_path="$.data[0].Account_Name.id"
    )
    outcome = await patched(Zoho(**{"PUT /Deals/10": said(bad, status=400)}), {"Account_Name": "4"})
    assert isinstance(outcome, Refusal)
    assert outcome.fields.keys() == {"Account_Name"}


async def test_a_lost_answer_to_an_edit_is_asked_for_again() -> None:
    zoho = Zoho(**{"PUT /Deals/10": [httpx.ReadError("gone"), said(done(10))]})
    assert isinstance(await patched(zoho, {"Stage": "X"}), Written)
    assert isinstance(await patched(Zoho(**{"PUT /Deals/10": httpx.ReadError("gone")}), {"Stage": "X"}), Unknown)


async def test_credentials_that_run_out_stop_a_batch() -> None:
    with pytest.raises(SignInRejected):
        await patched(Zoho(**{"PUT /Deals/10": EXPIRED}), {"Stage": "X"})


async def test_custom_values_are_written_as_their_fields_take_them() -> None:
    zoho = Zoho(**{"PUT /Deals/10": said(done(10))})
    names = {"seats": "Seats", "regions": "Regions", "budget": "Budget"}
    connector = await opened(zoho, requirement=requirements(names))
    record = await known(zoho, connector, Seats=7, Regions=None, Budget=1.5)
    given = {
        **record.fields["custom"],
        "Seats": {"type": "number", "value": 8.0},
        "Regions": {"type": "choices", "value": ["North"]},
    }
    await connector.update(REQ, [Patch("10", {"custom": given}, record)])
    assert zoho.bodies("PUT /Deals/10")[0]["data"] == [{"Seats": 8, "Regions": ["North"]}]


async def test_a_task_is_put_under_its_requirement() -> None:
    zoho = Zoho(**{"POST /Tasks": said(done(1), status=201), "GET /Tasks": NOTHING})
    connector = await opened(zoho, task=KindSettings())
    await connector.create(TASK, [Draft("TSK-1", {"Subject": "Try", "What_Id": "10"})])
    assert zoho.bodies("POST /Tasks")[0]["data"] == [
        {"Subject": "Try", "What_Id": {"id": "10"}, "$se_module": "Deals", "Hub_Key": "TSK-1"}
    ]


async def test_deleting_tells_each_row_and_takes_gone_for_gone() -> None:
    gone = wrong("INVALID_DATA", "the id given seems to be invalid", id="2")
    locked = wrong("RECORD_LOCKED", "the record is locked")
    connector = await opened(zoho := Zoho(**{"DELETE /Deals": said(done(1), gone, locked, status=207)}))
    first, second, third = await connector.delete(REQ, ["1", "2", "3"])
    assert (first, second) == (None, None)
    assert isinstance(third, Refusal)
    assert dict(zoho.sent[0].url.params) == {"ids": "1,2,3", "wf_trigger": "false"}


async def test_markers_are_looked_for_in_the_store() -> None:
    rows = [{"id": "3", "Hub_Key": "REQ-1@h"}, {"id": "4", "Hub_Key": "REQ-1@h"}]
    connector = await opened(zoho := Zoho(**{"POST /coql": page(rows)}))
    found = await connector.find(REQ, [Draft("REQ-1@h", {}), Draft("REQ-2@h", {})])
    assert found == {"REQ-1@h": ["3", "4"]}
    assert "where Hub_Key in ('REQ-1@h', 'REQ-2@h') order by id asc" in zoho.bodies("POST /coql")[0]["select_query"]


async def test_without_a_markers_field_our_own_newest_records_are_compared() -> None:
    mine = deal(30, Deal_Name="Deal 1", Created_Time="2026-11-01T11:59:00Z")
    theirs = replace_creator(deal(31, Deal_Name="Deal 1", Created_Time="2026-11-01T11:59:00Z"))
    old = deal(20, Deal_Name="Deal 2", Created_Time="2026-10-01T11:59:00Z")
    zoho = Zoho(**{"GET /settings/fields": httpx.Response(200, json={"fields": []})})
    connector = await opened(zoho)
    zoho.answers["GET /Deals"] = page([theirs, mine, old])
    assert await connector.find(REQ, drafts(2), since=zoho.now) == {"REQ-1": ["30"]}
    assert not await connector.find(REQ, [Draft("REQ-9", {})], since=zoho.now)
    assert Kind.REQUIREMENT in connector.kinds


def replace_creator(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "Created_By": {"id": "901", "name": "Ana"}}


async def test_an_edit_without_a_known_time_is_not_conditional() -> None:
    zoho = Zoho(**{"PUT /Deals/10": said(done(10))})
    connector = await opened(zoho)
    record = replace(await known(zoho, connector), at=None)
    await connector.update(REQ, [Patch("10", {"Stage": "X"}, record)])
    assert "If-Unmodified-Since" not in zoho.of("PUT /Deals/10")[0].headers
