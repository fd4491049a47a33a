"""What is special about Data Center, over real connections: pages that move, login names, markers, signing in, costs."""

import json
from typing import Any

import httpx
import pytest
from hub_jira.config import JiraConfig
from hub_jira.datacenter import DataCenter
from hub_jira.edition import Asked, Query
from hub_jira.sandbox.records import Edition
from pydantic import SecretStr, ValidationError

from hub.sdk import Absence, Draft, Patch, Record, ServiceDown, SignInRejected, Unknown, Written
from hub.sdk.sandbox import Faults
from plugins.jira.tests.served import FILE, REQ, World, pages, records


@pytest.fixture
def edition() -> Edition:
    return "datacenter"


async def test_signing_in_by_token_tells_account_and_place(world: World) -> None:
    async with world.connector() as (jira, wire):
        identity = await jira.open()
        assert identity.account.id == "JIRAUSER10000"
        assert identity.account.username == "hub"
        assert identity.place == f"{world.server.url}/10000"
        await jira.describe()
        assert all(r.headers["authorization"].startswith("Bearer ") for r in wire.sent)
        assert all("/rest/api/2/" in str(r.url) for r in wire.sent)


async def test_too_many_wrong_passwords_ask_for_a_browser(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    table = {"plugin": "jira", "edition": "datacenter", "url": world.server.url, "project": "ACME"}
    auth = {"kind": "basic", "user": "ana", "password": SecretStr("wrong")}
    from hub_jira.connector import JiraConnector

    from hub.sdk import Network, Setup

    for attempt in range(4):
        jira = JiraConnector(Setup("jira", JiraConfig.model_validate({**table, "auth": auth}), network=Network()))
        with pytest.raises(SignInRejected) as caught:
            await jira.open()
        await jira.close()
        assert ("browser" in caught.value.fix) is (attempt == 3) or "CAPTCHA" in caught.value.message


def test_each_edition_signs_in_its_own_way() -> None:
    pat = {"kind": "pat", "token": SecretStr("t")}
    token = {"kind": "token", "user": "u", "token": SecretStr("t")}
    table = {"plugin": "jira", "url": "https://jira.acme.example/jira/", "project": "A"}
    assert JiraConfig.model_validate({**table, "edition": "datacenter", "auth": pat}).url.endswith("/jira")
    for edition, auth in (("cloud", pat), ("datacenter", token)):
        with pytest.raises(ValidationError, match="signs in with"):
            JiraConfig.model_validate({**table, "edition": edition, "auth": auth})
    for wrong in ({"kind": "pat"}, {**pat, "user": "ana"}, {"kind": "basic", "user": "ana"}, {"kind": "oauth"}):
        with pytest.raises(ValidationError, match="auth"):
            JiraConfig.model_validate({**table, "edition": "datacenter", "auth": wrong})


class Moving:
    """A search whose results vanish between pages."""

    def __init__(self, count: int, *, vanish: dict[int, range]) -> None:
        self.ids = [str(number) for number in range(count)]
        self.vanish, self.calls = vanish, 0

    async def read(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        assert path == "/search"
        gone = self.vanish.get(self.calls, range(0))
        self.ids = [number for number in self.ids if int(number) not in gone]
        self.calls += 1
        start = body["startAt"]
        part = self.ids[start : start + min(body["maxResults"], 50)]
        return {"startAt": start, "total": len(self.ids), "issues": [{"id": number} for number in part]}


@pytest.mark.parametrize(
    ("vanish", "extra"),
    [({}, 0), ({1: range(5)}, 1), ({1: range(40)}, 3), ({1: range(45), 2: range(50, 95)}, 5), ({1: range(190)}, 2)],
)
async def test_pages_that_move_lose_nothing(vanish: dict[int, range], extra: int) -> None:
    service, seen = Moving(200, vanish=vanish), set[str]()
    token: str | None = None
    for _ in range(40):
        issues, token = await DataCenter().page(service, Query("x", Asked(("id",))), token)  # type: ignore[arg-type]
        seen |= {issue["id"] for issue in issues}
        if token is None:
            break
        assert json.loads(token)[0] >= 0
    assert set(service.ids) <= seen
    assert service.calls <= 5 + extra


async def test_a_first_reading_goes_on_where_it_broke_off(world: World) -> None:
    async with world.connector() as (jira, _):
        await world.made(jira, 220)
        first = await anext(jira.changes(REQ, None))
        async with world.connector() as (again, wire):
            rest = await pages(again, first.cursor)
            assert len({r.id for r in first.records} | {r.id for r in records(rest)}) == 220
            assert len([name for name in wire.names() if name == "POST /search"]) == 2


async def test_somebody_who_was_renamed_is_still_assigned(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await world.made(jira, assignee={"id": "JIRAUSER10102", "name": "李伟"})
        assert record.fields["assignee"] == {
            "id": "JIRAUSER10102",
            "name": "李伟",
            "email": "li.wei@acme.example",
            "username": "li.wei",
        }
        assert wire.names().count("GET /user") == 1
        (other,) = await jira.update(REQ, [Patch(record.id, {"assignee": {"id": "mnovak", "name": "Mia"}}, record)])
        assert isinstance(other, Written)
        assert other.record.fields["assignee"]["username"] == "mia"


async def test_a_lost_create_shows_its_marker_to_the_next_reading_and_is_found(world: World) -> None:
    async with world.connector() as (jira, _):
        (early,) = await world.made(jira)
        cursor = (await pages(jira))[-1].cursor
        world.pass_time(60)
        world.sandbox.faults = Faults.model_validate({"drop_after_commit": {"share": 1}})
        (outcome,) = await jira.create(REQ, [world.draft(77)])
        assert isinstance(outcome, Unknown)
        world.sandbox.faults = Faults()
    async with world.connector() as (jira, wire):
        (late,) = [r for r in records(await pages(jira, cursor)) if r.id != early.id]
        assert late.marker == "REQ-77"
        wire.sent.clear()
        world.sandbox.faults = Faults(search_lag_s=3600)
        found = await jira.find(REQ, [Draft("REQ-77", {})])
        assert found == {"REQ-77": [late.id]}


async def test_issues_are_read_one_by_one_from_the_store(world: World) -> None:
    async with world.connector() as (jira, wire):
        some = await world.made(jira, 3)
        world.sandbox.faults = Faults(search_lag_s=3600)
        wire.sent.clear()
        found = await jira.fetch(REQ, [*(r.id for r in some), "999999"])
        assert [type(found[r.id]) for r in some] == [Record] * 3
        assert found["999999"] is Absence.DELETED
        assert not [name for name in wire.names() if "search" in name]
        assert len([name for name in wire.names() if name.startswith("GET /issue/")]) == 5


async def test_an_edit_costs_two_calls_and_a_step_of_the_status_one(world: World) -> None:
    async with world.connector() as (jira, wire):
        (record,) = await world.made(jira)
        wire.sent.clear()
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"summary": "New"}, record)])
        assert isinstance(outcome, Written)
        assert outcome.record.fields["summary"] == "New"
        assert outcome.record.marker == "REQ-1"
        assert wire.names() == [f"PUT /issue/{record.id}", f"GET /issue/{record.id}"]
        wire.sent.clear()
        (outcome,) = await jira.update(REQ, [Patch(record.id, {"status": "In Progress"}, outcome.record)])
        assert isinstance(outcome, Written)
        assert wire.names() == [f"POST /issue/{record.id}/transitions"]


async def test_creating_in_a_later_status_finds_its_way(world: World) -> None:
    async with world.connector() as (jira, _):
        drafts = [world.draft(n, status="Done") for n in range(5)]
        outcomes = await jira.create(REQ, drafts)
        assert all(isinstance(o, Written) and o.record.fields["status"] == "Done" for o in outcomes)


async def test_the_page_where_people_sign_in_is_never_taken_for_a_file(world: World) -> None:
    async with world.connector(**world.everything()) as (jira, wire):
        (need,) = await world.made(jira)
        file = world.upload(need.id, "规格 a&b.txt", b"bytes")
        assert b"".join([piece async for piece in jira.download(file)]) == b"bytes"
        (read,) = records(await pages(jira, kind=FILE))
        assert read.fields["name"] == "规格 a&b.txt"
        real = wire.handle_async_request

        async def signed_out(request: httpx.Request) -> httpx.Response:
            if "/secure/" in str(request.url):
                del request.headers["authorization"]
            return await real(request)

        wire.handle_async_request = signed_out  # type: ignore[method-assign]
        with pytest.raises(ServiceDown, match="of 5 bytes"):
            [piece async for piece in jira.download(file)]
