"""Every answer of the Zoho sandbox against the service's own description of its API."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hub_zoho_crm.sandbox import ZohoSandbox

from hub.sdk.sandbox import create_app
from hub.testing.openapi import OpenApi, Recorder
from plugins.zoho_crm.tests.zoho_sandbox_client import Zoho, deal, requirement, speaking
from plugins.zoho_crm.tests.zoho_spec import SHARED, SPEC, described

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not SPEC.is_file(), reason="the folder of schemas is not beside the project"),
]


@pytest.fixture(scope="module")
def openapi() -> OpenApi:
    return described()


@pytest.fixture
def recorder(openapi: OpenApi) -> Recorder:
    return Recorder(create_app(ZohoSandbox()), openapi)


@pytest.fixture
async def zoho(recorder: Recorder) -> AsyncIterator[Zoho]:
    async with speaking(recorder) as client:
        yield client


async def test_what_the_organisation_tells_of_itself_is_as_described(zoho: Zoho, recorder: Recorder) -> None:
    await zoho.made("Deals", deal(Tag=[{"name": "vip"}]))
    modules = {one["api_name"]: one["id"] for one in (await zoho.get("/settings/modules")).json()["modules"]}
    fields = (await zoho.get("/settings/fields?module=Deals")).json()["fields"]
    layout = (await zoho.get("/settings/layouts?module=Deals")).json()["layouts"][0]["id"]
    for path in (
        f"/settings/modules/{modules['Deals']}",
        "/settings/fields?module=Requirements",
        "/settings/fields?module=Nope",
        "/settings/fields",
        f"/settings/fields/{fields[0]['id']}?module=Deals",
        f"/settings/fields/{fields[3]['id']}/pick_list_values?module=Deals",
        f"/settings/layouts/{layout}?module=Deals",
        "/settings/related_lists?module=Deals",
        "/settings/tags?module=Deals",
        "/users?type=ActiveUsers",
        "/users?type=CurrentUser",
        "/users/554023000000101011",
        "/users/1",
        "/users/actions/count?type=ActiveUsers",
        "/org",
    ):
        await zoho.get(path)
    assert recorder.problems == []
    assert len(recorder.operations) >= 14


async def test_a_life_of_a_record_is_as_described(zoho: Zoho, recorder: Recorder) -> None:
    (account,) = await zoho.made("Accounts", {"Account_Name": "West"})
    first, second = await zoho.made("Deals", deal(Account_Name={"id": account}), deal("Plant 5", Amount=10))
    await zoho.post("/Deals", json={"data": [deal(Stage="Nope"), {}, deal("Plant 6")]})
    await zoho.post("/Deals", json={"data": [{}]})
    await zoho.post("/Nope", json={"data": [{}]})
    await zoho.changed("Deals", first, Stage="Closed Won")
    await zoho.changed("Deals", first, Closing_Date="soon")
    await zoho.put("/Deals", json={"data": [{"id": first, "Next_Step": "x" * 101}, {"id": second, "Next_Step": "y"}]})
    await zoho.put(f"/Deals/{first}", json={"data": [{}]}, headers={"If-Unmodified-Since": "2020-01-01T00:00:00Z"})
    await zoho.get(f"/Deals/{first}")
    await zoho.get("/Deals/123")
    page = (await zoho.get("/Deals?fields=Deal_Name,Account_Name,Modified_Time,Owner&per_page=1")).json()
    await zoho.get(f"/Deals?fields=Deal_Name&per_page=1&page_token={page['info']['next_page_token']}")
    await zoho.get("/Deals")
    await zoho.get("/Deals?fields=Deal_Name&page=12")
    await zoho.get("/Deals?fields=Deal_Name", headers={"If-Modified-Since": "2099-01-01T00:00:00+05:30"})
    await zoho.get("/Deals/actions/count")
    await zoho.post("/Requirements/upsert", json={"data": [requirement()], "duplicate_check_fields": ["Hub_Key"]})
    await zoho.post("/Requirements/upsert", json={"data": [requirement()]})
    await zoho.post("/Requirements", json={"data": [requirement()]})
    external = {"X-EXTERNAL": "Requirements.Hub_Key"}
    await zoho.get("/Requirements/REQ-1", headers=external)
    await zoho.put("/Requirements/REQ-1", json={"data": [{"Status": "Done"}]}, headers=external)
    await zoho.delete(f"/Deals?ids={second},1")
    await zoho.delete(f"/Deals/{first}")
    await zoho.get(f"/Deals/{first}")
    await zoho.get("/Deals/deleted?type=all")
    await zoho.get("/Contacts?fields=Last_Name")
    assert recorder.problems == []
    assert len(recorder.operations) >= 10


async def test_search_is_as_described(zoho: Zoho, recorder: Recorder) -> None:
    await zoho.made("Deals", deal(), deal("Plant 5"))
    for query in ("criteria=(Deal_Name:equals:Plant 5)", "word=plant", "criteria=(Nope:equals:1)", "", "word=zebra"):
        await zoho.get(f"/Deals/search?{query}")
    for text in (
        "select Deal_Name, Owner, Modified_Time from Deals where id is not null order by Modified_Time asc limit 0, 1",
        "select Deal_Name from Deals",
        "select Nope from Deals where id is not null",
        "select Deal_Name from Deals where Description = 'x'",
        "select Deal_Name, Deal_Name from Deals where id is not null",
        "select Deal_Name from Deals where id is not null limit 0, 2001",
        "select Deal_Name from Deals where a = 1 and b = 2 and c = 3",
        "select Deal_Name from Deals where id = 5",
    ):
        await zoho.post("/coql", json={"select_query": text})
    assert recorder.problems == []
    assert len(recorder.operations) >= 2


async def test_the_parts_of_a_record_are_as_described(zoho: Zoho, recorder: Recorder) -> None:
    first, second = await zoho.made("Deals", deal(), deal("Plant 5"))
    task = {"Subject": "Call", "What_Id": {"id": first}, "$se_module": "Deals", "Priority": "High"}
    await zoho.made("Tasks", task)
    parent = {"module": {"api_name": "Deals"}, "id": first}
    (note,) = await zoho.made("Notes", {"Note_Content": "Called", "Note_Title": "Call", "Parent_Id": parent})
    await zoho.post("/Notes", json={"data": [{"Note_Title": "empty", "Parent_Id": parent}]})
    await zoho.get(f"/Notes?fields=Note_Title,Note_Content,Parent_Id,Owner&ids={note}")
    await zoho.get(f"/Notes/{note}")
    await zoho.put(f"/Notes/{note}", json={"data": [{"Note_Content": "Called twice"}]})
    await zoho.put("/Notes", json={"data": [{"id": note, "Note_Content": "Called again"}]})
    await zoho.get(f"/Deals/{first}/Notes?fields=Note_Content,Owner,Modified_Time")
    await zoho.get(f"/Deals/{first}/Tasks?fields=Subject,Status,What_Id")
    await zoho.get(f"/Deals/{first}/Nope?fields=id")
    await zoho.get(f"/Deals/{second}/Notes?fields=Note_Content")
    await zoho.delete(f"/Notes/{note}")
    await zoho.delete(f"/Notes?ids={note}")
    attached = (await zoho.post(f"/Deals/{first}/Attachments", files={"file": ("a.txt", b"abc")})).json()
    number = attached["data"][0]["details"]["id"]
    every = "Owner,Modified_By,Created_By,Parent_Id,id,Modified_Time,Created_Time,File_Name,Size,$editable,$file_id"
    await zoho.get(f"/Deals/{first}/Attachments?fields={every},$type,$se_module,$state,$link_url")
    await zoho.get(f"/Deals/{first}/Attachments/{number}")
    await zoho.get(f"/Deals/{second}/Attachments?fields=id")
    await zoho.delete(f"/Deals/{first}/Attachments/{number}")
    await zoho.delete(f"/Deals/{first}/Attachments?ids={number}")
    tags: dict[str, Any] = {"tags": [{"name": "vip"}]}
    await zoho.post(f"/Deals/{first}/actions/add_tags", json=tags)
    await zoho.post("/Deals/actions/add_tags", json={**tags, "ids": [first, second]})
    await zoho.post("/Deals/actions/remove_tags", json={**tags, "ids": [first]})
    await zoho.post("/files", files={"file": ("a.txt", b"abc")})
    assert recorder.problems == []
    assert len(recorder.operations) >= 18


async def test_notifications_are_as_described(zoho: Zoho, recorder: Recorder) -> None:
    channel = {"channel_id": "1000", "events": ["Deals.all"], "notify_url": "https://hub.example/z", "token": "t"}
    await zoho.post("/actions/watch", json={"watch": [channel]})
    await zoho.post("/actions/watch", json={"watch": [{"channel_id": "1"}]})
    await zoho.get("/actions/watch")
    await zoho.get("/actions/watch?module=Leads")
    await zoho.put("/actions/watch", json={"watch": [channel]})
    await zoho.patch("/actions/watch", json={"watch": [{"channel_id": "1000", "token": "other"}]})
    await zoho.patch("/actions/watch", json={"watch": [{"channel_id": "7", "token": "other"}]})
    await zoho.delete("/actions/watch?channel_ids=1000")
    await zoho.delete("/actions/watch?channel_ids=1000")
    assert recorder.problems == []
    assert len(recorder.operations) >= 5


async def test_processes_and_composites_are_as_described(openapi: OpenApi) -> None:
    sandbox = ZohoSandbox()
    sandbox.start_process("Deals", "Stage", {"Qualification": ["Needs Analysis", "Closed Lost"]})
    recorder = Recorder(create_app(sandbox), openapi)
    async with speaking(recorder) as zoho:
        (first,) = await zoho.made("Deals", deal())
        shown = (await zoho.get(f"/Deals/{first}/actions/blueprint")).json()["blueprint"]
        await zoho.put(f"/Deals/{first}/actions/blueprint", json={"blueprint": [{"transition_id": "1", "data": {}}]})
        step = {"transition_id": shown["transitions"][0]["id"], "data": {"Amount": 5}}
        await zoho.put(f"/Deals/{first}/actions/blueprint", json={"blueprint": [step]})
        await zoho.get(f"/Deals/{first}/actions/blueprint")
        one = {"sub_request_id": "1", "method": "GET", "uri": f"/crm/v8/Deals/{first}", "headers": {}}
        await zoho.post("/__composite_requests", json={"rollback_on_fail": False, "__composite_requests": [one]})
    assert recorder.problems == []
    assert len(recorder.operations) >= 4


@pytest.mark.parametrize("name", ["Search_Records_161_0", "Subform_382_0", "Records_through_a_COQL_Query_381_9"])
async def test_records_of_recorded_answers_are_shown_as_described(openapi: OpenApi, name: str) -> None:
    sandbox = ZohoSandbox()
    sandbox.load(json.loads((SHARED / "data" / "zoho" / "records" / f"zohodocs_{name}_response.json").read_text()))
    recorder = Recorder(create_app(sandbox), openapi)
    async with speaking(recorder) as zoho:
        for module, records in sandbox.state()["records"].items():
            for record in records:
                await zoho.get(f"/{module}/{record['id']}")
                await zoho.get(f"/{module}?fields={','.join(list(record)[:40])}")
    assert recorder.problems == []
    assert len(recorder.operations) == 2
