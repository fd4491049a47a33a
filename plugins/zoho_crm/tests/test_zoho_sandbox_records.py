"""Records of the Zoho sandbox: written, refused, read again, deleted."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hub_zoho_crm.sandbox import ZohoSandbox
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.zoho_crm.tests.zoho_sandbox_client import HUB_TOKEN, Clock, Zoho, answering, deal, requirement


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> ZohoSandbox:
    return ZohoSandbox(now=clock)


@pytest.fixture
async def zoho(sandbox: ZohoSandbox) -> AsyncIterator[Zoho]:
    async with answering(sandbox) as client:
        yield client


async def test_times_have_whole_seconds_and_the_offset_of_the_organisation(zoho: Zoho, clock: Clock) -> None:
    (made,) = await zoho.made("Deals", deal())
    clock.pass_time(seconds=90)
    row = (await zoho.changed("Deals", made, Stage="Closed Won")).json()["data"][0]["details"]
    shown = await zoho.one("Deals", made)
    assert (shown["Created_Time"], shown["Modified_Time"]) == ("2026-11-02T14:30:00+05:30", "2026-11-02T14:31:30+05:30")
    assert row["Modified_Time"] == shown["Modified_Time"]


async def test_ids_have_eighteen_digits_and_grow(zoho: Zoho) -> None:
    made = await zoho.made("Deals", *(deal(str(number)) for number in range(5)))
    assert all(len(one) == 18 and one.isdigit() for one in made)
    assert made == sorted(made)


async def test_fields_that_a_row_lacks_stay_and_unknown_ones_are_passed_over(zoho: Zoho) -> None:
    (made,) = await zoho.made("Deals", deal(Next_Step="call", Nope="x", Expected_Revenue=5, id="7"))
    await zoho.changed("Deals", made, Amount=200, Created_Time="2020-01-01T00:00:00Z")
    shown = await zoho.one("Deals", made)
    assert (shown["Next_Step"], shown["Amount"], shown["Probability"]) == ("call", 200, 10)
    assert (shown["Expected_Revenue"], shown["Created_Time"][:4]) == (20, "2026")
    assert "Nope" not in shown


async def test_each_row_of_a_request_fares_in_its_own_way(zoho: Zoho) -> None:
    answer = await zoho.post("/Deals", json={"data": [deal(), {"Stage": "Qualification"}, deal(Stage="Nope")]})
    good, mandatory, choice = answer.json()["data"]
    assert (answer.status_code, good["code"]) == (207, "SUCCESS")
    assert mandatory["code"] == "MANDATORY_NOT_FOUND"
    assert mandatory["details"] == {"api_name": "Deal_Name", "json_path": "$.data[1].Deal_Name"}
    assert (choice["code"], choice["details"]["json_path"]) == ("INVALID_DATA", "$.data[2].Stage")
    assert "Closed Won" in choice["details"]["supported_values"]


@pytest.mark.parametrize(
    ("module", "row", "told"),
    [
        ("Deals", deal(Deal_Name=5), {"expected_data_type": "string"}),
        ("Deals", deal(Deal_Name="x" * 121), {"maximum_length": 120}),
        ("Deals", deal(Closing_Date="1.12.2026"), {"expected_data_type": "date"}),
        ("Deals", deal(Amount="much"), {"expected_data_type": "double"}),
        ("Deals", deal(Probability=2.5), {"expected_data_type": "integer"}),
        ("Deals", deal(Account_Name={"id": "7"}), {"api_name": "id", "json_path": "$.data[0].Account_Name.id"}),
        ("Deals", deal(Account_Name=True), {"expected_data_type": "jsonobject"}),
        ("Deals", deal(Owner={"id": "7"}), {"json_path": "$.data[0].Owner.id"}),
        ("Contacts", {"Last_Name": "B", "Email": "ana at acme"}, {"expected_data_type": "email"}),
        ("Contacts", {"Last_Name": "B", "Email_Opt_Out": "yes"}, {"expected_data_type": "boolean"}),
        ("Requirements", requirement(Areas="Sales"), {"expected_data_type": "jsonarray"}),
        (
            "Requirements",
            requirement(Areas=["Nope"]),
            {"supported_values": ["Finance", "Logistics", "Production", "Sales"]},
        ),
        ("Requirements", requirement(Tag="vip"), {"api_name": "Tag"}),
        ("Tasks", {"Subject": "Call", "What_Id": {"id": "7"}}, {"api_name": "$se_module"}),
        ("Notes", {"Note_Content": "x", "Parent_Id": "7"}, {"api_name": "module"}),
    ],
)
async def test_values_that_do_not_fit_are_refused_with_what_would(
    zoho: Zoho, module: str, row: dict[str, Any], told: dict[str, Any]
) -> None:
    answer = await zoho.post(f"/{module}", json={"data": [row]})
    (refused,) = answer.json()["data"]
    assert (answer.status_code, refused["status"]) == (400, "error")
    assert told.items() <= refused["details"].items()


@pytest.mark.parametrize("body", [{}, {"data": []}, {"data": {}}, {"data": [1]}, {"data": [{}], "trigger": "none"}])
async def test_bodies_of_another_shape_are_refused_as_a_whole(zoho: Zoho, body: dict[str, Any]) -> None:
    answer = await zoho.post("/Deals", json=body)
    assert answer.status_code == 400
    assert answer.json()["code"] in {"MANDATORY_NOT_FOUND", "INVALID_DATA"}


async def test_at_most_a_hundred_rows_are_taken(zoho: Zoho) -> None:
    answer = await zoho.post("/Deals", json={"data": [deal(str(number)) for number in range(101)]})
    assert (answer.status_code, answer.json()["code"]) == (400, "LIMIT_EXCEEDED")
    assert answer.json()["details"]["maximum_length"] == 100


async def test_a_unique_value_that_is_taken_is_refused_with_the_id_of_its_holder(zoho: Zoho) -> None:
    first, second = await zoho.made("Requirements", requirement(1), requirement(2))
    created = await zoho.post("/Requirements", json={"data": [requirement(1, Hub_Key="req-1")]})
    changed = await zoho.changed("Requirements", second, Hub_Key="REQ-1")
    for answer in (created, changed):
        (row,) = answer.json()["data"]
        assert (answer.status_code, row["code"], row["details"]["id"]) == (400, "DUPLICATE_DATA", first)
        assert row["details"]["duplicate_record"]["module"]["api_name"] == "Requirements"
    await zoho.changed("Requirements", first, Hub_Key=None)
    assert (await zoho.changed("Requirements", second, Hub_Key="REQ-1")).status_code == 200


async def test_a_deleted_record_lets_its_unique_value_go(zoho: Zoho) -> None:
    (first,) = await zoho.made("Requirements", requirement(1))
    await zoho.delete(f"/Requirements/{first}")
    await zoho.made("Requirements", requirement(1))


async def test_a_record_changed_since_is_not_overwritten(zoho: Zoho, sandbox: ZohoSandbox, clock: Clock) -> None:
    (made,) = await zoho.made("Deals", deal())
    seen = {"If-Unmodified-Since": (await zoho.one("Deals", made))["Modified_Time"]}
    same = await zoho.put(f"/Deals/{made}", json={"data": [{"Next_Step": "a"}]}, headers=seen)
    clock.pass_time(seconds=1)
    async with answering(sandbox, HUB_TOKEN) as hub:
        await hub.changed("Deals", made, Next_Step="b")
    late = await zoho.put(f"/Deals/{made}", json={"data": [{"Next_Step": "c"}]}, headers=seen)
    (row,) = late.json()["data"]
    assert (same.status_code, late.status_code, row["code"]) == (200, 412, "ALREADY_MODIFIED")
    assert row["details"]["Modified_Time"] == "2026-11-02T14:30:01+05:30"
    assert row["details"]["Modified_By"]["name"] == "Hub Integration"
    assert (await zoho.one("Deals", made))["Next_Step"] == "b"


async def test_an_upsert_updates_what_it_finds_and_adds_the_rest(zoho: Zoho) -> None:
    (first,) = await zoho.made("Requirements", requirement(1))
    rows = [requirement(1, Name="Renamed"), requirement(2)]
    asked = {"data": rows, "duplicate_check_fields": ["Hub_Key"]}
    answer = await zoho.post("/Requirements/upsert", json=asked)
    found, new = answer.json()["data"]
    assert answer.status_code == 201
    assert (found["action"], found["duplicate_field"], found["details"]["id"]) == ("update", "Hub_Key", first)
    assert (new["action"], new["duplicate_field"]) == ("insert", None)
    assert (await zoho.post("/Requirements/upsert", json=asked)).status_code == 200
    assert (
        await zoho.post("/Requirements/upsert", json={**asked, "duplicate_check_fields": ["No"]})
    ).status_code == 400


async def test_an_external_value_stands_for_an_id(zoho: Zoho) -> None:
    (made,) = await zoho.made("Requirements", requirement(1))
    external = {"X-EXTERNAL": "Requirements.Hub_Key"}
    shown = await zoho.get("/Requirements/REQ-1", headers=external)
    assert shown.json()["data"][0]["id"] == made
    put = await zoho.put("/Requirements/REQ-1", json={"data": [{"Status": "Done"}]}, headers=external)
    many = await zoho.put("/Requirements", json={"data": [{"Hub_Key": "REQ-1", "Priority": "Low"}]}, headers=external)
    assert (put.status_code, many.status_code) == (200, 200)
    assert (await zoho.get("/Requirements/REQ-9", headers=external)).status_code == 204
    wrong = await zoho.put("/Requirements/REQ-9", json={"data": [{}]}, headers=external)
    assert wrong.json()["message"] == "The value of the external field is invalid."
    assert (await zoho.delete("/Requirements/REQ-1", headers=external)).status_code == 200
    assert (await zoho.get(f"/Requirements/{made}")).status_code == 204


async def test_what_is_deleted_is_listed_and_can_be_restored_for_sixty_days(zoho: Zoho, clock: Clock) -> None:
    first, second = await zoho.made("Deals", deal("Plant 4"), deal("Plant 5"))
    assert (await zoho.get("/Deals/deleted")).status_code == 204
    clock.pass_time(seconds=5)
    assert (await zoho.delete(f"/Deals?ids={first},{second}")).json()["data"][0]["message"] == "record deleted"
    (row,) = [one for one in (await zoho.get("/Deals/deleted?type=all")).json()["data"] if one["id"] == first]
    assert (row["display_name"], row["type"]) == ("Plant 4", "recycle")
    assert (row["deleted_time"], row["deleted_by"]["name"]) == ("2026-11-02T14:30:05+05:30", "Ana Braun")
    restored = await zoho.post("/settings/recycle_bin/actions/restore", json={"recycle_bin": [{"id": second}]})
    assert (restored.status_code, (await zoho.one("Deals", second))["Deal_Name"]) == (200, "Plant 5")
    since = {"If-Modified-Since": row["deleted_time"]}
    assert (await zoho.get("/Deals/deleted", headers=since)).status_code == 304
    clock.pass_time(days=61)
    assert (await zoho.get("/Deals/deleted?type=recycle")).status_code == 204
    (trace,) = (await zoho.get("/Deals/deleted?type=permanent")).json()["data"]
    assert (trace["id"], trace["display_name"], trace["deleted_by"]) == (first, None, None)


async def test_a_record_that_never_was_is_refused_and_one_that_is_gone_is_empty(zoho: Zoho) -> None:
    (made,) = await zoho.made("Deals", deal())
    await zoho.delete(f"/Deals/{made}")
    never, gone = await zoho.get("/Deals/123"), await zoho.get(f"/Deals/{made}")
    assert (never.status_code, never.json()["code"]) == (400, "INVALID_DATA")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await zoho.get("/Deals/abc")).status_code == 404
    assert (await zoho.changed("Deals", made, Stage="Closed Won")).json()["data"][0]["code"] == "INVALID_DATA"


async def test_names_of_lookups_follow_and_go_with_their_records(zoho: Zoho) -> None:
    (account,) = await zoho.made("Accounts", {"Account_Name": "West"})
    (made,) = await zoho.made("Deals", deal(Account_Name={"id": account, "name": "ignored"}))
    await zoho.changed("Accounts", account, Account_Name="West & Co")
    assert (await zoho.one("Deals", made))["Account_Name"] == {"name": "West & Co", "id": account}
    await zoho.delete(f"/Accounts/{account}")
    assert (await zoho.one("Deals", made))["Account_Name"] is None


async def test_a_lookup_can_be_given_by_an_external_value(zoho: Zoho, sandbox: ZohoSandbox) -> None:
    sandbox.load(
        {"module": "Accounts", "fields": [{"api_name": "ERP", "data_type": "text", "unique": {}, "external": {}}]}
    )
    fields = [{"api_name": "ERP", "data_type": "text", "unique": {"casesensitive": "0"}, "external": {"type": "org"}}]
    sandbox.load({"module": "Accounts", "fields": fields})
    (account,) = await zoho.made("Accounts", {"Account_Name": "West", "ERP": "A-77"})
    header = {"X-EXTERNAL": "Deals.Account_Name.ERP"}
    answer = await zoho.post("/Deals", json={"data": [deal(Account_Name={"ERP": "A-77"})]}, headers=header)
    made = answer.json()["data"][0]["details"]["id"]
    assert (await zoho.one("Deals", made))["Account_Name"]["id"] == account
    wrong = await zoho.post("/Deals", json={"data": [deal(Account_Name={"ERP": "B"})]}, headers=header)
    assert wrong.json()["data"][0]["details"]["api_name"] == "ERP"


async def test_contacts_have_a_computed_name(zoho: Zoho) -> None:
    (made,) = await zoho.made("Contacts", {"First_Name": "Lia", "Last_Name": "Sun", "Full_Name": "ignored"})
    assert (await zoho.one("Contacts", made))["Full_Name"] == "Lia Sun"


async def test_a_blueprint_guards_its_field(zoho: Zoho, sandbox: ZohoSandbox) -> None:
    (made,) = await zoho.made("Deals", deal())
    sandbox.start_process("Deals", "Stage", {"Qualification": ["Needs Analysis"]})
    refused = await zoho.changed("Deals", made, Stage="Closed Won")
    assert refused.json()["data"][0]["code"] == "RECORD_IN_BLUEPRINT"
    assert (await zoho.changed("Deals", made, Amount=5)).status_code == 200
    shown = (await zoho.get(f"/Deals/{made}/actions/blueprint")).json()["blueprint"]
    (step,) = shown["transitions"]
    move = {"blueprint": [{"transition_id": step["id"], "data": {"Next_Step": "call"}}]}
    assert (await zoho.put(f"/Deals/{made}/actions/blueprint", json=move)).status_code == 200
    after = await zoho.one("Deals", made)
    assert (after["Stage"], after["Next_Step"]) == ("Needs Analysis", "call")
    assert (await zoho.get(f"/Deals/{made}/actions/blueprint")).json()["code"] == "RECORD_NOT_IN_PROCESS"


async def test_a_composite_uses_answers_and_can_undo_itself(zoho: Zoho) -> None:
    first = {"sub_request_id": "1", "method": "POST", "uri": "/crm/v8/Deals", "body": {"data": [deal()]}}
    good = {"sub_request_id": "2", "method": "GET", "uri": "/crm/v8/Deals/@{1:$.data[0].details.id}"}
    bad = {"sub_request_id": "3", "method": "GET", "uri": "/crm/v8/Nope", "params": {"fields": "id"}}
    done = await zoho.post("/__composite_requests", json={"__composite_requests": [first, good]})
    shown = done.json()["__composite_requests"][1]["details"]["response"]["body"]["data"][0]
    assert (done.status_code, shown["Deal_Name"]) == (200, "Plant 4")
    undone = await zoho.post(
        "/__composite_requests", json={"rollback_on_fail": True, "__composite_requests": [first, bad, good]}
    )
    codes = [row["code"] for row in undone.json()["__composite_requests"]]
    assert (undone.status_code, codes) == (400, ["ROLLBACK_PERFORMED", "SUCCESS", "PROCESSING_STOPPED"])
    assert (await zoho.get("/Deals/actions/count")).json() == {"count": 1}


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)
_ROWS = st.fixed_dictionaries(
    {"Name": _TEXTS.filter(lambda text: text != "-None-")},
    optional={
        "Description": _TEXTS.filter(lambda text: text != "-None-"),
        "Estimate": st.floats(-1e6, 1e6),
        "Due_Date": st.dates().map(str),
        "Priority": st.sampled_from(["Urgent", "High", "Medium", "Low"]),
        "Areas": st.lists(st.sampled_from(["Finance", "Logistics", "Sales"]), unique=True),
    },
)


@settings(max_examples=40)
@given(row=_ROWS, change=_ROWS)
async def test_what_is_written_is_read_again(row: dict[str, Any], change: dict[str, Any]) -> None:
    async with answering(ZohoSandbox()) as zoho:
        (made,) = await zoho.made("Requirements", row)
        assert row.items() <= (await zoho.one("Requirements", made)).items()
        assert (await zoho.changed("Requirements", made, **change)).status_code == 200
        assert {**row, **change}.items() <= (await zoho.one("Requirements", made)).items()
