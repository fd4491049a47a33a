"""The Data Center edition of the Jira sandbox: issues, their workflow and history, search, and what creates them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hub_jira.sandbox import JiraDataCenterSandbox, JiraSandbox

from hub.sdk.sandbox import Faults, create_app
from plugins.jira.tests.signing import Clock

WIKI = "h2. Steps\r\n\r\n* one\n{code:python}print(1){code}\n\n||A||B||\n|1|2|"


@pytest.fixture
def sandbox(clock: Clock) -> JiraSandbox:
    return JiraDataCenterSandbox(now=clock)


@pytest.fixture
async def jira(sandbox: JiraSandbox) -> AsyncIterator[httpx.AsyncClient]:
    headers, transport = {"Authorization": "Bearer ana-pat"}, httpx.ASGITransport(create_app(sandbox))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://jira.test/rest/api/2", headers=headers
    ) as client:
        yield client


async def made(jira: httpx.AsyncClient, **more: Any) -> str:
    fields = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Order", **more}
    answer = await jira.post("/issue", json={"fields": fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


async def fields_of(jira: httpx.AsyncClient, key: str) -> dict[str, Any]:
    return dict((await jira.get(f"/issue/{key}")).json()["fields"])


class TestIssues:
    async def test_wiki_markup_comes_back_to_the_letter(self, jira: httpx.AsyncClient) -> None:
        key = await made(jira, description=WIKI, environment="{panel}x{panel}", customfield_10202="_why_")
        shown = await fields_of(jira, key)
        assert shown["description"] == WIKI
        assert (shown["environment"], shown["customfield_10202"]) == ("{panel}x{panel}", "_why_")

    @pytest.mark.parametrize("given", [{"type": "doc", "version": 1, "content": []}, 7, ["x"]])
    async def test_a_description_that_is_no_text_is_refused(self, jira: httpx.AsyncClient, given: Any) -> None:
        key = await made(jira)
        answer = await jira.put(f"/issue/{key}", json={"fields": {"description": given}})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["description"])

    async def test_a_description_is_emptied_by_null_and_by_an_empty_text(self, jira: httpx.AsyncClient) -> None:
        key = await made(jira, description=WIKI)
        for empty in (None, ""):
            assert (await jira.put(f"/issue/{key}", json={"fields": {"description": empty}})).status_code == 204
            assert (await fields_of(jira, key))["description"] is None

    async def test_too_long_a_text_is_refused(self, jira: httpx.AsyncClient) -> None:
        key = await made(jira)
        answer = await jira.put(f"/issue/{key}", json={"fields": {"description": "x" * 32768}})
        assert "32,767" in answer.json()["errors"]["description"]

    async def test_people_are_known_by_name_and_key_and_never_by_account_id(self, jira: httpx.AsyncClient) -> None:
        key = await made(jira, assignee={"name": "mia"})
        shown = await fields_of(jira, key)
        assert {name: shown["assignee"][name] for name in ("name", "key", "emailAddress", "displayName")} == {
            "name": "mia",
            "key": "mnovak",
            "emailAddress": "mia@acme.example",
            "displayName": "Mia Novak",
        }
        assert "accountId" not in shown["assignee"]
        assert shown["reporter"]["name"] == "ana"
        wrong = await jira.put(f"/issue/{key}", json={"fields": {"assignee": {"accountId": "mnovak"}}})
        assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["assignee"])
        assert (await jira.put(f"/issue/{key}/assignee", json={"name": "li.wei"})).status_code == 204
        assert (await fields_of(jira, key))["assignee"]["name"] == "li.wei"
        assert (await jira.put(f"/issue/{key}/assignee", json={"name": None})).status_code == 204
        assert (await fields_of(jira, key))["assignee"] is None

    async def test_moments_are_in_the_zone_of_the_server(self, jira: httpx.AsyncClient) -> None:
        assert (await jira.get("/myself")).json()["timeZone"] == "America/Sao_Paulo"
        assert (await fields_of(jira, await made(jira)))["created"] == "2026-11-01T10:00:00.000+0000"

    async def test_the_status_is_not_a_field_to_set(self, jira: httpx.AsyncClient) -> None:
        answer = await jira.put(f"/issue/{await made(jira)}", json={"fields": {"status": {"name": "Done"}}})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["status"])

    async def test_an_edit_answers_nothing_even_if_asked_to(self, jira: httpx.AsyncClient) -> None:
        answer = await jira.put(f"/issue/{await made(jira)}?returnIssue=true", json={"fields": {"labels": ["x"]}})
        assert (answer.status_code, answer.content) == (204, b"")

    async def test_an_issue_that_is_not_there_does_not_exist(self, jira: httpx.AsyncClient) -> None:
        answer = await jira.get("/issue/ACME-99")
        assert (answer.status_code, answer.json()["errorMessages"]) == (404, ["Issue Does Not Exist"])

    async def test_properties_go_in_with_the_issue(self, jira: httpx.AsyncClient) -> None:
        fields = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Order"}
        body = {"fields": fields, "properties": [{"key": "hub", "value": {"key": "REQ-1"}}]}
        key = (await jira.post("/issue", json=body)).json()["key"]
        assert (await jira.get(f"/issue/{key}/properties/hub")).json()["value"] == {"key": "REQ-1"}
        assert (await jira.get(f"/issue/{key}?properties=hub")).json()["properties"] == {"hub": {"key": "REQ-1"}}
        assert (await jira.put(f"/issue/{key}/properties/hub", json={"key": "REQ-2"})).status_code == 200
        assert (await jira.delete(f"/issue/{key}/properties/hub")).status_code == 204
        assert (await jira.get(f"/issue/{key}/properties/hub")).status_code == 404

    async def test_fifty_are_made_at_once_and_no_more(self, jira: httpx.AsyncClient) -> None:
        one = {"fields": {"project": {"key": "ACME"}, "issuetype": {"name": "Task"}, "summary": "Order"}}
        broken = {"fields": {**one["fields"], "summary": ""}}
        answer = await jira.post("/issue/bulk", json={"issueUpdates": [one, broken, one]})
        assert (answer.status_code, len(answer.json()["issues"])) == (201, 2)
        assert answer.json()["errors"][0]["failedElementNumber"] == 1
        assert (await jira.post("/issue/bulk", json={"issueUpdates": [one] * 51})).status_code == 400

    async def test_sub_tasks_have_a_parent_and_nothing_else_has(self, jira: httpx.AsyncClient) -> None:
        story = await made(jira)
        child = await made(jira, issuetype={"name": "Sub-task"}, parent={"key": story}, summary="Call")
        assert (await fields_of(jira, child))["parent"]["key"] == story
        assert [one["key"] for one in (await fields_of(jira, story))["subtasks"]] == [child]
        epic = await made(jira, issuetype={"name": "Epic"}, customfield_10101="Shop")
        given = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "x", "parent": {"key": epic}}
        assert (await jira.post("/issue", json={"fields": given})).status_code == 400
        moved = await jira.put(f"/issue/{child}", json={"fields": {"parent": {"key": epic}}})
        assert (moved.status_code, list(moved.json()["errors"])) == (400, ["parent"])
        linked = await made(jira, customfield_10100=epic)
        assert (await fields_of(jira, linked))["customfield_10100"] == epic

    async def test_a_transition_moves_and_the_history_tells_oldest_first_without_ids_of_fields(
        self, jira: httpx.AsyncClient, clock: Clock
    ) -> None:
        key = await made(jira)
        offered = (await jira.get(f"/issue/{key}/transitions?expand=transitions.fields")).json()["transitions"]
        way = next(one["id"] for one in offered if one["to"]["name"] == "In Progress")
        comment = {"comment": [{"add": {"body": "*go*"}}]}
        answer = await jira.post(f"/issue/{key}/transitions", json={"transition": {"id": way}, "update": comment})
        assert answer.status_code == 204
        clock.pass_(60)
        await jira.put(f"/issue/{key}", json={"fields": {"labels": ["erp"]}})
        shown = (await jira.get(f"/issue/{key}?expand=changelog,transitions,names")).json()
        items = [item for edit in shown["changelog"]["histories"] for item in edit["items"]]
        assert [(item["field"], item["toString"]) for item in items] == [("status", "In Progress"), ("labels", "erp")]
        assert not any("fieldId" in item for item in items)
        assert shown["names"]["duedate"] == "Due date"
        assert "Ask for review" in {one["name"] for one in shown["transitions"]}
        assert shown["fields"]["comment"]["comments"][0]["body"] == "*go*"

    async def test_an_issue_with_sub_tasks_goes_only_with_them(self, jira: httpx.AsyncClient) -> None:
        story = await made(jira)
        await made(jira, issuetype={"name": "Sub-task"}, parent={"key": story})
        assert (await jira.delete(f"/issue/{story}")).status_code == 400
        assert (await jira.delete(f"/issue/{story}?deleteSubtasks=true")).status_code == 204
        assert (await jira.get("/search")).json()["total"] == 0


class TestSearch:
    async def test_pages_are_cut_by_start_and_size_and_know_the_total(self, jira: httpx.AsyncClient) -> None:
        keys = [await made(jira, summary=f"Order {n}") for n in range(5)]
        page = (await jira.get("/search?jql=project=ACME order by id asc&startAt=3&maxResults=2&fields=summary")).json()
        assert {name: page[name] for name in ("startAt", "maxResults", "total")} == {
            "startAt": 3,
            "maxResults": 2,
            "total": 5,
        }
        assert [(one["key"], one["fields"]) for one in page["issues"]] == [
            (keys[3], {"summary": "Order 3"}),
            (keys[4], {"summary": "Order 4"}),
        ]
        assert (await jira.get("/search?startAt=9")).json()["issues"] == []

    @pytest.mark.parametrize(("asked", "size", "count"), [(5000, 1000, 2), (-1, 1000, 2), (0, 0, 0), (None, 50, 2)])
    async def test_sizes_are_capped(self, jira: httpx.AsyncClient, asked: int | None, size: int, count: int) -> None:
        await made(jira), await made(jira)
        for answer in (
            await jira.post("/search", json={"jql": "", "maxResults": asked}),
            await jira.get("/search", params={} if asked is None else {"maxResults": asked}),
        ):
            assert (answer.json()["maxResults"], len(answer.json()["issues"])) == (size, count)
            assert answer.json()["total"] == 2

    async def test_navigable_fields_are_shown_unless_others_are_asked_for(self, jira: httpx.AsyncClient) -> None:
        await made(jira)
        (issue,) = (await jira.post("/search", json={"jql": "project = ACME"})).json()["issues"]
        assert "summary" in issue["fields"]
        assert "comment" not in issue["fields"]
        body = {"jql": "project = ACME", "fields": ["comment", "attachment"], "expand": ["names", "changelog"]}
        found = (await jira.post("/search", json=body)).json()
        assert set(found["issues"][0]["fields"]) == {"comment", "attachment"}
        assert found["issues"][0]["changelog"]["total"] == 0
        assert found["names"]["summary"] == "Summary"

    async def test_properties_are_not_part_of_a_search(self, jira: httpx.AsyncClient) -> None:
        key = await made(jira)
        await jira.put(f"/issue/{key}/properties/hub", json={"key": "REQ-1"})
        body = {"jql": "project = ACME", "properties": ["hub"]}
        (issue,) = (await jira.post("/search", json=body)).json()["issues"]
        assert "properties" not in issue

    async def test_people_are_found_by_login_name(self, jira: httpx.AsyncClient) -> None:
        await made(jira, assignee={"name": "mia"}), await made(jira)
        for jql in ("assignee = mia", "assignee = mnovak", 'assignee = "mia@acme.example"'):
            assert (await jira.get("/search", params={"jql": jql})).json()["total"] == 1
        assert (await jira.get("/search", params={"jql": "reporter = currentUser()"})).json()["total"] == 2

    async def test_a_wrong_query_is_refused_or_let_through_with_a_warning(self, jira: httpx.AsyncClient) -> None:
        await made(jira)
        refused = await jira.get("/search", params={"jql": "nonsense = 1"})
        assert (refused.status_code, refused.json()["errors"]) == (400, {})
        through = await jira.get("/search", params={"jql": "nonsense = 1", "validateQuery": "false"})
        assert (through.status_code, through.json()["total"]) == (200, 0)
        assert "nonsense" in through.json()["warningMessages"][0]

    async def test_the_index_may_lag_and_the_store_does_not(
        self, sandbox: JiraSandbox, jira: httpx.AsyncClient, clock: Clock
    ) -> None:
        sandbox.faults = Faults(search_lag_s=5)
        key = await made(jira)
        assert (await jira.get("/search")).json()["total"] == 0
        assert (await jira.get(f"/issue/{key}")).status_code == 200
        clock.time += timedelta(seconds=6)
        assert (await jira.get("/search")).json()["total"] == 1

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/search/jql"),
            ("GET", "/search/jql"),
            ("POST", "/issue/bulkfetch"),
            ("POST", "/changelog/bulkfetch"),
            ("GET", "/issue/ACME-1/changelog"),
            ("POST", "/comment/list"),
            ("GET", "/attachment/content/10000"),
            ("GET", "/project/search"),
            ("GET", "/users/search"),
            ("GET", "/issue/createmeta"),
        ],
    )
    async def test_what_only_cloud_has_is_a_404(self, jira: httpx.AsyncClient, method: str, path: str) -> None:
        answer = await jira.request(method, path, json={} if method == "POST" else None)
        assert answer.status_code == 404
        assert "issues" not in answer.json()

    async def test_version_3_is_a_dead_link(self, jira: httpx.AsyncClient) -> None:
        answer = await jira.get("http://jira.test/rest/api/3/myself")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert (await jira.get("http://jira.test/rest/api/latest/myself")).json()["name"] == "ana"


class TestCatalogues:
    async def test_create_fields_come_in_pages_of_values(self, jira: httpx.AsyncClient) -> None:
        types = (await jira.get("/issue/createmeta/ACME/issuetypes")).json()
        ids = {one["name"]: one["id"] for one in types["values"]}
        assert (types["isLast"], types["total"]) == (True, len(ids))
        first = (await jira.get(f"/issue/createmeta/ACME/issuetypes/{ids['Story']}?maxResults=2")).json()
        assert (len(first["values"]), first["isLast"]) == (2, False)
        story, task = [
            {f["fieldId"]: f for f in (await jira.get(f"/issue/createmeta/ACME/issuetypes/{one}")).json()["values"]}
            for one in (ids["Story"], ids["Sub-task"])
        ]
        assert story["summary"]["required"]
        assert "key" not in story["summary"]
        assert ("parent" in story, task["parent"]["required"]) == (False, True)
        assert "parent" not in (await jira.get(f"/issue/{await made(jira)}/editmeta")).json()["fields"]

    async def test_the_site_tells_of_itself_as_a_server(self, jira: httpx.AsyncClient) -> None:
        told = (await jira.get("/serverInfo")).json()
        assert (told["deploymentType"], told["versionNumbers"][:2]) == ("Server", [9, 12])

    async def test_lists_are_plain_lists(self, jira: httpx.AsyncClient) -> None:
        for path in ("/field", "/priority", "/status", "/issuetype", "/project", "/project/ACME/statuses"):
            assert (await jira.get(path)).json()[0]["name"]
        assert all("key" not in one for one in (await jira.get("/field")).json())
        assert (await jira.get("/project/ACME")).json()["lead"]["name"] == "hub"
        assert (await jira.get("/mypermissions")).json()["permissions"]["EDIT_ISSUES"]["havePermission"]

    async def test_people_are_looked_up_by_login_name(self, jira: httpx.AsyncClient) -> None:
        search = (await jira.get("/user/search?username=li.")).json()
        assert [one["name"] for one in search] == ["li.wei"]
        assert len((await jira.get("/user/search?username=.")).json()) == 4
        assert len((await jira.get("/user/search?username=.&includeInactive=true")).json()) == 5
        assert (await jira.get("/user/search?query=li")).status_code == 400
        assert (await jira.get("/user?key=mnovak")).json()["name"] == "mia"
        assert (await jira.get("/user?username=nobody")).status_code == 404
        found = (await jira.get("/user/assignable/search?project=ACME&username=mia")).json()
        assert [one["key"] for one in found] == ["mnovak"]
