"""What belongs to records of the Zoho sandbox: notes, tasks, files, tags; and notifications."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hub_zoho_crm.sandbox import ZohoSandbox

from hub.sdk.sandbox import Faults, WebhookFaults
from plugins.zoho_crm.tests.zoho_sandbox_client import Clock, Zoho, answering, deal


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> ZohoSandbox:
    return ZohoSandbox(now=clock, upload_limit=10)


@pytest.fixture
async def zoho(sandbox: ZohoSandbox) -> AsyncIterator[Zoho]:
    async with answering(sandbox) as client:
        yield client


async def test_notes_and_files_leave_the_time_of_their_record_alone(zoho: Zoho, clock: Clock) -> None:
    (made,) = await zoho.made("Deals", deal())
    before = await zoho.one("Deals", made)
    clock.pass_time(minutes=1)
    await zoho.post(f"/Deals/{made}/Notes", json={"data": [{"Note_Content": "Called"}]})
    await zoho.post(f"/Deals/{made}/Attachments", files={"file": ("a.txt", b"abc")})
    after = await zoho.one("Deals", made)
    assert after["Modified_Time"] == before["Modified_Time"]
    assert after["Last_Activity_Time"] == "2026-11-02T14:31:00+05:30"


async def test_a_note_names_its_record_and_goes_with_it(zoho: Zoho) -> None:
    (made,) = await zoho.made("Deals", deal())
    parent = {"module": {"api_name": "Deals"}, "id": made}
    (note,) = await zoho.made("Notes", {"Note_Title": "Call", "Note_Content": "One <b> & two", "Parent_Id": parent})
    (row,) = (await zoho.get(f"/Deals/{made}/Notes?fields=Note_Content,Parent_Id,Owner")).json()["data"]
    assert (row["Note_Content"], row["Parent_Id"]["name"]) == ("One <b> & two", "Plant 4")
    assert (row["Parent_Id"]["module"]["api_name"], row["Owner"]["name"]) == ("Deals", "Ana Braun")
    assert (await zoho.changed("Notes", note, Note_Content="Changed")).status_code == 200
    assert (await zoho.one("Notes", note))["Note_Content"] == "Changed"
    assert (await zoho.get(f"/Deals/{made}/Notes")).json()["code"] == "REQUIRED_PARAM_MISSING"
    assert (await zoho.get("/Deals/123/Notes?fields=id")).json()[
        "message"
    ] == "the related id given seems to be invalid"
    await zoho.delete(f"/Deals/{made}")
    assert (await zoho.get("/Notes?fields=id")).status_code == 204


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"Note_Title": "x"}, ("MANDATORY_NOT_FOUND", "Note_Content")),
        ({"Note_Content": "x" * 65_536}, ("INVALID_DATA", "Note_Content")),
        ({"Note_Content": "x", "Note_Title": "x" * 121}, ("INVALID_DATA", "Note_Title")),
    ],
)
async def test_notes_that_do_not_fit_are_refused(zoho: Zoho, row: dict[str, Any], told: tuple[str, str]) -> None:
    (made,) = await zoho.made("Deals", deal())
    (done,) = (await zoho.post(f"/Deals/{made}/Notes", json={"data": [row]})).json()["data"]
    assert (done["code"], done["details"]["api_name"]) == told


async def test_a_task_points_to_a_record_of_a_module_named_beside(zoho: Zoho, clock: Clock) -> None:
    (made,) = await zoho.made("Deals", deal())
    (task,) = await zoho.made("Tasks", {"Subject": "Call", "What_Id": {"id": made}, "$se_module": "Deals"})
    shown = await zoho.one("Tasks", task)
    assert (shown["What_Id"], shown["$se_module"], shown["Closed_Time"]) == (
        {"name": "Plant 4", "id": made},
        "Deals",
        None,
    )
    clock.pass_time(minutes=1)
    await zoho.changed("Tasks", task, Status="Completed")
    assert (await zoho.one("Tasks", task))["Closed_Time"] == "2026-11-02T14:31:00+05:30"
    (row,) = (await zoho.get(f"/Deals/{made}/Tasks?fields=Subject,Status")).json()["data"]
    assert row == {"Subject": "Call", "Status": "Completed", "id": task}
    assert (await zoho.get(f"/Deals/{made}/Leads?fields=id")).json()["code"] == "INVALID_DATA"


async def test_files_are_kept_listed_given_and_removed(zoho: Zoho) -> None:
    (made,) = await zoho.made("Deals", deal())
    files, data = f"/Deals/{made}/Attachments", b"\x00\r\n--x\xff"
    row = (await zoho.post(files, files={"file": ("Größe.bin", data)})).json()["data"][0]
    number = row["details"]["id"]
    assert row["message"] == "attachment uploaded successfully"
    (shown,) = (await zoho.get(f"{files}?fields=File_Name,Size")).json()["data"]
    assert shown == {"File_Name": "Größe.bin", "Size": str(len(data)), "id": number}
    given = await zoho.get(f"{files}/{number}")
    assert (given.content, given.headers["content-type"]) == (data, "application/x-download")
    assert (await zoho.delete(f"{files}/{number}")).json()["data"][0]["code"] == "SUCCESS"
    assert (await zoho.get(f"{files}?fields=id")).status_code == 204
    assert (await zoho.get(f"{files}/{number}")).status_code == 400


async def test_files_too_large_and_links_are_told_apart(zoho: Zoho) -> None:
    (made,) = await zoho.made("Deals", deal())
    files = f"/Deals/{made}/Attachments"
    large = await zoho.post(files, files={"file": ("a.txt", b"x" * 11)})
    assert (large.status_code, large.json()["code"]) == (400, "FILE_SIZE_EXCEEDS")
    link = await zoho.post(files, params={"attachmentUrl": "https://west.example/plan.pdf", "title": "Plan"})
    number = link.json()["data"][0]["details"]["id"]
    (shown,) = (await zoho.get(f"{files}?fields=File_Name,$link_url,$type")).json()["data"]
    assert (shown["File_Name"], shown["$link_url"]) == ("Plan", "https://west.example/plan.pdf")
    assert (await zoho.get(f"{files}/{number}")).json()["code"] == "INVALID_DATA"
    assert (await zoho.post(files)).json()["code"] == "REQUIRED_PARAM_MISSING"
    kept = (await zoho.post("/files", files={"file": ("b.txt", b"b")})).json()["data"][0]["details"]["id"]
    assert (await zoho.get(f"/files?id={kept}")).content == b"b"


async def test_tags_are_put_on_and_taken_off(zoho: Zoho, clock: Clock) -> None:
    first, second = await zoho.made("Deals", deal(Tag=[{"name": "erp"}]), deal("Plant 5"))
    clock.pass_time(minutes=1)
    tags = {"tags": [{"name": "vip"}, {"name": "ERP"}]}
    await zoho.post(f"/Deals/{first}/actions/add_tags", json=tags)
    shown = await zoho.one("Deals", first)
    assert [one["name"] for one in shown["Tag"]] == ["erp", "vip"]
    assert shown["Modified_Time"] == "2026-11-02T14:31:00+05:30"
    done = await zoho.post("/Deals/actions/add_tags", json={**tags, "ids": [first, second, "7"]})
    assert (done.json()["success_count"], done.json()["data"][2]["code"]) == ("2", "INVALID_DATA")
    await zoho.post("/Deals/actions/remove_tags", json={"tags": [{"name": "vip"}], "ids": [first, second]})
    assert [one["name"] for one in (await zoho.one("Deals", second))["Tag"]] == ["erp"]
    await zoho.post(f"/Deals/{second}/actions/add_tags", json={"tags": [{"name": "new"}], "over_write": True})
    assert [one["name"] for one in (await zoho.one("Deals", second))["Tag"]] == ["new"]
    names = {one["name"] for one in (await zoho.get("/settings/tags?module=Deals")).json()["tags"]}
    assert names == {"erp", "vip", "new"}


class Receiver:
    """An HTTP server that keeps the bodies it is sent."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    async def __aenter__(self) -> "Receiver":
        self.server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/z?c=1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        await self.server.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        self.bodies.append(json.loads(await reader.readexactly(length)))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as made:
        yield made


async def delivered(sandbox: ZohoSandbox) -> None:
    while sandbox.deliveries.tasks:
        await asyncio.gather(*sandbox.deliveries.tasks)


async def test_a_channel_is_told_of_every_change_with_its_token(
    zoho: Zoho, sandbox: ZohoSandbox, receiver: Receiver
) -> None:
    channel = {"channel_id": "1000", "events": ["Deals.all"], "notify_url": receiver.url, "token": "west"}
    answer = await zoho.post("/actions/watch", json={"watch": [{**channel, "return_affected_field_values": True}]})
    assert answer.status_code == 201
    first, second = await zoho.made("Deals", deal(), deal("Plant 5"))
    await delivered(sandbox)
    await zoho.changed("Deals", first, Stage="Closed Won")
    await delivered(sandbox)
    await zoho.made("Accounts", {"Account_Name": "West"})
    await zoho.delete(f"/Deals/{second}")
    await delivered(sandbox)
    created, changed, gone = receiver.bodies
    assert (created["operation"], created["ids"], created["token"]) == ("insert", [first, second], "west")
    assert (created["module"], created["channel_id"], created["query_params"]) == ("Deals", "1000", {"c": "1"})
    assert changed["affected_fields"] == [{first: ["Stage", "Probability"]}]
    assert changed["affected_values"] == [{"record_id": first, "values": {"Stage": "Closed Won", "Probability": 100}}]
    assert (gone["operation"], gone["ids"]) == ("delete", [second])


async def test_a_channel_ends_in_a_week_at_most_and_in_an_hour_if_asked_for_nothing_sensible(
    zoho: Zoho, sandbox: ZohoSandbox, receiver: Receiver, clock: Clock
) -> None:
    async def until(**more: Any) -> str:
        row = {"channel_id": "7", "events": ["Deals.create"], "notify_url": receiver.url, **more}
        done = (await zoho.post("/actions/watch", json={"watch": [row]})).json()["watch"][0]
        return str(done["details"]["events"][0]["channel_expiry"] if done["status"] == "success" else done["code"])

    assert await until() == "2026-11-02T15:30:00+05:30"
    assert await until(channel_expiry="2026-11-08T09:00:00+00:00") == "2026-11-08T14:30:00+05:30"
    assert await until(channel_expiry="2026-11-12T09:00:00+00:00") == "2026-11-02T15:30:00+05:30"
    assert await until(channel_expiry="2026-11-08T09:00:00.000+00:00") == "INVALID_DATA"
    assert await until(token="x" * 51) == "INVALID_DATA"
    assert await until(events=["Nope.all"]) == "INVALID_DATA"
    clock.pass_time(minutes=61)
    await zoho.made("Deals", deal())
    await delivered(sandbox)
    assert receiver.bodies == []
    assert (await zoho.get("/actions/watch")).status_code == 204


async def test_a_channel_is_renewed_changed_and_ended(zoho: Zoho, clock: Clock) -> None:
    channel = {
        "channel_id": "7",
        "events": ["Deals.create", "Leads.all"],
        "notify_url": "http://x.example",
        "token": "t",
    }
    await zoho.post("/actions/watch", json={"watch": [channel]})
    clock.pass_time(minutes=30)
    later = {"channel_id": "7", "channel_expiry": "2026-11-08T09:00:00+00:00"}
    assert (await zoho.patch("/actions/watch", json={"watch": [later]})).status_code == 200
    shown = (await zoho.get("/actions/watch?module=Deals")).json()["watch"]
    assert [(one["events"], one["token"], one["channel_expiry"]) for one in shown] == [
        (["Deals.create"], "t", "2026-11-08T14:30:00+05:30")
    ]
    await zoho.put("/actions/watch", json={"watch": [later]})
    assert "token" not in (await zoho.get("/actions/watch")).json()["watch"][0]
    fewer = {"channel_id": "7", "events": ["Leads.all"], "_delete_events": True}
    await zoho.patch("/actions/watch", json={"watch": [fewer]})
    assert (await zoho.get("/actions/watch?module=Leads")).status_code == 204
    assert (await zoho.delete("/actions/watch?channel_ids=7")).status_code == 200
    ended = await zoho.delete("/actions/watch?channel_ids=7")
    assert (ended.status_code, ended.json()["watch"][0]["code"]) == (202, "NOT_SUBSCRIBED")


async def test_a_channel_for_one_field_hears_of_no_other_and_notifications_get_lost_or_doubled(
    zoho: Zoho, sandbox: ZohoSandbox, receiver: Receiver
) -> None:
    selection = {"field": {"api_name": "Stage"}}
    condition = [{"type": "field_selection", "module": {"api_name": "Deals"}, "field_selection": selection}]
    channel = {"channel_id": "7", "events": ["Deals.edit"], "notify_url": receiver.url}
    await zoho.post("/actions/watch", json={"watch": [{**channel, "notification_condition": condition}]})
    (made,) = await zoho.made("Deals", deal())
    await zoho.changed("Deals", made, Next_Step="call")
    sandbox.faults = Faults(webhooks=WebhookFaults(lose=1))
    await zoho.changed("Deals", made, Stage="Closed Won")
    await delivered(sandbox)
    assert receiver.bodies == []
    sandbox.faults = Faults(webhooks=WebhookFaults(repeat=1))
    await zoho.changed("Deals", made, Stage="Closed Lost")
    await delivered(sandbox)
    assert [body["ids"] for body in receiver.bodies] == [[made], [made]]
