"""Both editions of the Jira sandbox: custom fields of every usual type, comments and files that a connector needs."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hub_jira.sandbox import JiraSandbox

from hub.sdk.sandbox import create_app
from plugins.jira.tests.signing import Clock

SITE = "http://jira.test"
CLOUD, SERVER = "cloud", "datacenter"
DOCUMENT = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}]}
ANA = {CLOUD: "5b10ac8d82e05b22cc7d4ef5", SERVER: "ana"}
WHO = {CLOUD: "accountId", SERVER: "name"}
Api = httpx.AsyncClient

FIELDS: dict[str, tuple[Any, Any, str]] = {
    "customfield_10201": ("A-17", "A-17", "string"),
    "customfield_10203": (5, 5.0, "number"),
    "customfield_10204": ("2026-12-01", "2026-12-01", "date"),
    "customfield_10205": ("2026-12-01T10:00:00.000+0100", "2026-12-01T09:00:00.000+0000", "datetime"),
    "customfield_10206": ({"value": "Web"}, {"value": "Web", "id": "10220"}, "option"),
    "customfield_10207": ([{"value": "ERP"}, {"id": "10226"}], [{"value": "ERP"}, {"value": "CRM"}], "array/option"),
    "customfield_10208": ([{"value": "Legal"}], [{"value": "Legal"}], "array/option"),
    "customfield_10209": (["a", "b"], ["a", "b"], "array/string"),
    "customfield_10210": ("https://x.example/1", "https://x.example/1", "string"),
    "customfield_10213": (
        {"value": "EU", "child": {"value": "DE"}},
        {"value": "EU", "child": {"value": "DE"}},
        "option-with-child",
    ),
    "customfield_10214": ({"value": "Major"}, {"value": "Major"}, "option"),
    "customfield_10215": ({"name": "sales"}, {"name": "sales"}, "group"),
    "customfield_10216": ({"name": "2.0"}, {"id": "10001", "name": "2.0", "released": False}, "version"),
    "customfield_10217": ([{"id": "10000"}], [{"name": "1.0", "released": True}], "array/version"),
}


@pytest.fixture(params=[CLOUD, SERVER])
def edition(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sandbox(edition: Any, clock: Clock) -> JiraSandbox:
    made = JiraSandbox(edition=edition, now=clock)
    made.served_at(SITE)
    return made


@pytest.fixture
async def jira(sandbox: JiraSandbox) -> AsyncIterator[Api]:
    bot, server = sandbox.bot, sandbox.edition == SERVER
    auth = (bot.username, bot.password) if server else (bot.email, bot.token)
    base, transport = f"{SITE}/rest/api/{2 if server else 3}", httpx.ASGITransport(create_app(sandbox))
    async with httpx.AsyncClient(transport=transport, base_url=base, auth=auth) as client:
        yield client


async def made(jira: Api, **more: Any) -> str:
    fields = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Order", **more}
    answer = await jira.post("/issue", json={"fields": fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


async def value(jira: Api, key: str, field: str) -> Any:
    return (await jira.get(f"/issue/{key}?fields={field}")).json()["fields"][field]


def part_of(expected: Any, shown: Any) -> bool:
    if isinstance(expected, dict):
        return all(part_of(one, shown[name]) for name, one in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(shown) and all(map(part_of, expected, shown))
    return bool(expected == shown)


def kind_of(schema: dict[str, Any]) -> str:
    return "/".join([schema["type"], *([schema["items"]] if "items" in schema else [])])


class TestCustomFields:
    @pytest.mark.parametrize("name", FIELDS)
    async def test_a_value_is_set_shown_told_in_the_history_and_emptied(self, jira: Api, name: str) -> None:
        given, expected, kind = FIELDS[name]
        key = await made(jira)
        assert (await jira.put(f"/issue/{key}", json={"fields": {name: given}})).status_code == 204
        assert part_of(expected, await value(jira, key, name))
        shown = (await jira.get(f"/issue/{key}?expand=changelog")).json()
        (edit,) = shown["changelog"]["histories"]
        assert (len(edit["items"]), edit["items"][0]["fieldtype"]) == (1, "custom")
        meta = (await jira.get(f"/issue/{key}/editmeta")).json()["fields"][name]
        assert kind_of(meta["schema"]) == kind
        assert (await jira.put(f"/issue/{key}", json={"fields": {name: None}})).status_code == 204
        assert not await value(jira, key, name)
        assert await value(jira, await made(jira, **{name: given}), name) == shown["fields"][name]

    @pytest.mark.parametrize("name", sorted(set(FIELDS) - {"customfield_10209"}))
    async def test_what_makes_no_sense_is_refused_by_the_name_of_the_field(self, jira: Api, name: str) -> None:
        for wrong in ({"value": "Nope", "name": "Nope"}, [True]):
            answer = await jira.put(f"/issue/{await made(jira)}", json={"fields": {name: wrong}})
            assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])

    async def test_people_are_named_as_the_edition_names_them(self, jira: Api, edition: str) -> None:
        ana = {WHO[edition]: ANA[edition]}
        key = await made(jira, customfield_10211=ana, customfield_10212=[ana])
        assert part_of(ana, await value(jira, key, "customfield_10211"))
        assert part_of([ana], await value(jira, key, "customfield_10212"))
        found = await jira.put(f"/issue/{key}", json={"fields": {"customfield_10211": {"name": "", "accountId": "?"}}})
        assert found.status_code == 400

    async def test_a_text_area_holds_rich_text(self, jira: Api, edition: str) -> None:
        text: Any = DOCUMENT if edition == CLOUD else "h1. x"
        assert await value(jira, await made(jira, customfield_10202=text), "customfield_10202") == text

    async def test_a_sprint_is_set_by_number_and_shown_at_length(self, jira: Api, edition: str) -> None:
        key = await made(jira, customfield_10218=2)
        (shown,) = await value(jira, key, "customfield_10218")
        if edition == CLOUD:
            assert (shown["id"], shown["name"], shown["state"]) == (2, "Sprint 2", "active")
        else:
            assert "[id=2,rapidViewId=1,state=ACTIVE,name=Sprint 2," in shown
        answer = await jira.put(f"/issue/{key}", json={"fields": {"customfield_10218": 99}})
        assert list(answer.json()["errors"]) == ["customfield_10218"]

    @pytest.mark.parametrize(
        "jql",
        [
            "cf[10205] > 2026-11-30",
            'Team = "sales"',
            '"Target version" = "2.0"',
            '"Seen in" in ("1.0")',
            "Sprint = 2",
            "Severity = Major",
            "Requester = currentUser()",
        ],
    )
    async def test_custom_fields_are_searched(self, jira: Api, edition: str, jql: str, sandbox: JiraSandbox) -> None:
        given = {name: FIELDS[f"customfield_{name}"][0] for name in ("10205", "10214", "10215", "10216", "10217")}
        me = sandbox.bot.id if edition == CLOUD else sandbox.bot.username
        fields = {f"customfield_{name}": one for name, one in given.items()}
        key = await made(jira, customfield_10218=2, customfield_10211={WHO[edition]: me}, **fields)
        await made(jira)
        path = "/search/jql" if edition == CLOUD else "/search"
        found = (await jira.get(path, params={"jql": jql, "fields": "summary"})).json()
        assert [one["key"] for one in found["issues"]] == [key]

    async def test_versions_of_a_project_are_listed(self, jira: Api) -> None:
        assert [one["name"] for one in (await jira.get("/project/ACME/versions")).json()] == ["1.0", "2.0"]


class TestWhatCommentsAndFilesNeed:
    async def test_both_are_fields_of_a_search(self, jira: Api, edition: str) -> None:
        key = await made(jira)
        body: Any = DOCUMENT if edition == CLOUD else "x"
        await jira.post(f"/issue/{key}/comment", json={"body": body})
        headers = {"X-Atlassian-Token": "no-check"}
        await jira.post(f"/issue/{key}/attachments", files={"file": ("a.txt", b"a")}, headers=headers)
        path = "/search/jql" if edition == CLOUD else "/search"
        body = {"jql": f"key = {key}", "fields": ["comment", "attachment"]}
        (issue,) = (await jira.post(path, json=body)).json()["issues"]
        assert (issue["fields"]["comment"]["total"], issue["fields"]["attachment"][0]["filename"]) == (1, "a.txt")

    async def test_files_move_the_stamp_and_are_told_in_the_history(
        self, jira: Api, clock: Clock, sandbox: JiraSandbox
    ) -> None:
        told = list[Any]()
        sandbox.site.listeners.append(lambda event, _, more: told.append((event, more)))
        key, headers = await made(jira), {"X-Atlassian-Token": "no-check"}
        stamps = [await value(jira, key, "updated")]
        clock.time += timedelta(minutes=1)
        sent = await jira.post(f"/issue/{key}/attachments", files={"file": ("a.txt", b"a")}, headers=headers)
        stamps.append(await value(jira, key, "updated"))
        clock.time += timedelta(minutes=1)
        assert (await jira.delete(f"/attachment/{sent.json()[0]['id']}")).status_code == 204
        stamps.append(await value(jira, key, "updated"))
        assert len(set(stamps)) == 3
        shown = (await jira.get(f"/issue/{key}?expand=changelog")).json()["changelog"]["histories"]
        sides = {(item["field"], item["fromString"], item["toString"]) for edit in shown for item in edit["items"]}
        assert sides == {("Attachment", None, "a.txt"), ("Attachment", "a.txt", None)}
        assert [event for event, more in told if "changelog" in more] == ["jira:issue_updated"] * 2

    @pytest.mark.parametrize("edition", [CLOUD], indirect=True)
    async def test_the_bytes_of_cloud_are_elsewhere_and_want_no_credentials(
        self, jira: Api, sandbox: JiraSandbox
    ) -> None:
        headers = {"X-Atlassian-Token": "no-check"}
        sent = await jira.post(f"/issue/{await made(jira)}/attachments", files={"file": ("a", b"ab")}, headers=headers)
        (file,) = sent.json()
        led = await jira.get(file["content"])
        assert (led.status_code, led.headers["location"].startswith(SITE)) == (303, True)
        transport = httpx.ASGITransport(create_app(sandbox))
        async with httpx.AsyncClient(transport=transport) as anonymous:
            assert (await anonymous.get(led.headers["location"])).content == b"ab"
            assert (await anonymous.get(file["content"])).status_code == 404
        assert (await jira.get(file["content"] + "?redirect=false")).content == b"ab"

    async def test_sub_tasks_are_shown_by_their_parent(self, jira: Api) -> None:
        story = await made(jira)
        child = await made(jira, issuetype={"name": "Sub-task"}, parent={"key": story}, summary="Call")
        (shown,) = await value(jira, story, "subtasks")
        assert (shown["key"], shown["fields"]["summary"]) == (child, "Call")
        assert (await value(jira, child, "parent"))["key"] == story
