"""The Jira sandbox: what becomes of an issue, from its creation to its end."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hub_jira.sandbox import JiraSandbox

from plugins.jira.tests.signing import Clock, signed_in

ANA, LI_WEI = "5b10ac8d82e05b22cc7d4ef5", "5b10a2844c20165700ede21g"
START = datetime(2026, 11, 1, 10, 2, 33, 123456, UTC)


def document(*texts: str) -> dict[str, Any]:
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in texts]
    return {"type": "doc", "version": 1, "content": paragraphs}


async def create(jira: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    default = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Order 42 fails"}
    return await jira.post("/issue", json={"fields": default | fields})


async def created(jira: httpx.AsyncClient, **fields: Any) -> str:
    answer = await create(jira, **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


async def fields_of(jira: httpx.AsyncClient, key: str) -> dict[str, Any]:
    return dict((await jira.get(f"/issue/{key}")).json()["fields"])


async def errors_of(answer: httpx.Response, status: int = 400) -> dict[str, str]:
    assert answer.status_code == status, answer.text
    return dict(answer.json()["errors"])


class TestCreate:
    async def test_every_value_is_shown_again_in_the_shape_of_the_api(self, jira: httpx.AsyncClient) -> None:
        key = await created(
            jira,
            summary="  Order 42  ",
            description=document("It fails"),
            labels=["erp", "web", "erp"],
            priority={"name": "High"},
            assignee={"accountId": LI_WEI},
            duedate="2026-12-01",
            customfield_10203=12.5,
            customfield_10206={"value": "Web"},
            customfield_10208=[{"value": "Legal"}],
            customfield_10213={"value": "EU", "child": {"value": "DE"}},
        )
        shown = await fields_of(jira, key)
        assert shown["summary"] == "Order 42"
        assert shown["description"] == document("It fails")
        assert shown["labels"] == ["erp", "web"]
        assert (shown["priority"]["name"], shown["assignee"]["displayName"]) == ("High", "李伟")
        assert (shown["duedate"], shown["status"]["name"]) == ("2026-12-01", "To Do")
        assert (shown["customfield_10203"], shown["customfield_10206"]["value"]) == (12.5, "Web")
        assert shown["customfield_10208"][0]["value"] == "Legal"
        assert shown["customfield_10213"]["child"]["value"] == "DE"
        assert shown["reporter"]["displayName"] == "Requirement Hub"

    async def test_properties_are_written_with_the_issue(self, jira: httpx.AsyncClient) -> None:
        fields = {"project": {"key": "ACME"}, "issuetype": {"id": "10002"}, "summary": "With marker"}
        properties = [{"key": "hub", "value": {"key": "REQ-1"}}]
        issue = (await jira.post("/issue", json={"fields": fields, "properties": properties})).json()
        told = (await jira.get(f"/issue/{issue['id']}/properties/hub")).json()
        assert told == {"key": "hub", "value": {"key": "REQ-1"}}

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"summary": " "}, "summary"),
            ({"summary": "x" * 256}, "summary"),
            ({"summary": "two\nlines"}, "summary"),
            ({"description": "a text"}, "description"),
            ({"customfield_10202": "a text"}, "customfield_10202"),
            ({"labels": ["two words"]}, "labels"),
            ({"labels": ["x" * 256]}, "labels"),
            ({"priority": {"name": "Critical"}}, "priority"),
            ({"issuetype": {"name": "Idea"}}, "issuetype"),
            ({"assignee": {"accountId": "nobody"}}, "assignee"),
            ({"assignee": {"accountId": "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077"}}, "assignee"),
            ({"duedate": "01.12.2026"}, "duedate"),
            ({"duedate": "2026-02-30"}, "duedate"),
            ({"customfield_10203": "many"}, "customfield_10203"),
            ({"customfield_10206": {"value": "Fax"}}, "customfield_10206"),
            ({"customfield_10299": "?"}, "customfield_10299"),
            ({"resolution": {"name": "Done"}}, "resolution"),
            ({"project": {"key": "NOPE"}}, "project"),
            ({"issuetype": {"name": "Sub-task"}}, "parentId"),
        ],
    )
    async def test_a_refused_value_is_told_by_its_field(
        self, jira: httpx.AsyncClient, fields: dict[str, Any], field: str
    ) -> None:
        assert list(await errors_of(await create(jira, **fields))) == [field]

    async def test_a_text_for_a_document_is_refused_in_the_words_of_jira(self, jira: httpx.AsyncClient) -> None:
        errors = await errors_of(await create(jira, description="plain"))
        assert errors == {
            "description": "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
        }

    async def test_a_text_is_too_long_by_its_rendered_length(self, jira: httpx.AsyncClient) -> None:
        assert (await create(jira, description=document("x" * 32767))).status_code == 201
        errors = await errors_of(await create(jira, description=document("x" * 32768)))
        assert "32,767" in errors["description"]

    @pytest.mark.parametrize(
        "content",
        [
            [{"type": "bulletList", "content": []}],
            [{"type": "paragraph", "content": [{"type": "text", "text": ""}]}],
            [{"type": "text", "text": "bare"}],
            [{"type": "sparkle"}],
            [{"type": "heading", "attrs": {"level": 7}}],
            [{"type": "bulletList", "content": [{"type": "listItem", "content": [{"type": "rule"}]}]}],
            [
                {
                    "type": "paragraph",
                    "content": [{"type": "text", "text": "x", "marks": [{"type": "code"}, {"type": "strong"}]}],
                }
            ],
        ],
    )
    async def test_a_broken_document_is_invalid_input(self, jira: httpx.AsyncClient, content: list[Any]) -> None:
        answer = await create(jira, description={"type": "doc", "version": 1, "content": content})
        assert (answer.status_code, answer.json()["errorMessages"]) == (400, ["INVALID_INPUT"])

    async def test_a_stored_document_gains_ids_and_an_order_of_marks(self, jira: httpx.AsyncClient) -> None:
        marks = [{"type": "strong"}, {"type": "link", "attrs": {"href": "https://erp.example"}}]
        item = {"type": "taskItem", "attrs": {"state": "TODO"}}
        tasks = {"type": "taskList", "attrs": {"localId": "mine"}, "content": [item]}
        text = {"type": "paragraph", "content": [{"type": "text", "text": "see", "marks": marks}]}
        given = {"type": "doc", "version": 1, "content": [text, tasks]}
        stored = (await fields_of(jira, await created(jira, description=given)))["description"]["content"]
        assert [mark["type"] for mark in stored[0]["content"][0]["marks"]] == ["link", "strong"]
        assert stored[1]["attrs"]["localId"] == "mine"
        assert stored[1]["content"][0]["attrs"]["localId"]

    async def test_a_site_may_require_fields_and_check_documents_more_strictly(self) -> None:
        strict = JiraSandbox(required_fields=frozenset({"customfield_10201"}), check_document=lambda _: False)
        async with signed_in(strict) as jira:
            errors = await errors_of(await create(jira))
            refused = await create(jira, customfield_10201="A", description=document("fine elsewhere"))
            key = await created(jira, customfield_10201="A")
            emptied = await errors_of(await jira.put(f"/issue/{key}", json={"fields": {"customfield_10201": None}}))
        assert errors == emptied == {"customfield_10201": "External key is required."}
        assert refused.json()["errorMessages"] == ["INVALID_INPUT"]

    async def test_a_bulk_tells_what_succeeded_and_what_did_not(self, jira: httpx.AsyncClient) -> None:
        good = {"fields": {"project": {"key": "ACME"}, "issuetype": {"name": "Task"}, "summary": "one"}}
        bad = {"fields": {"project": {"key": "ACME"}, "issuetype": {"name": "Task"}}}
        answer = await jira.post("/issue/bulk", json={"issueUpdates": [good, bad, good]})
        body = answer.json()
        assert (answer.status_code, len(body["issues"])) == (201, 2)
        assert body["errors"][0]["failedElementNumber"] == 1
        assert "summary" in body["errors"][0]["elementErrors"]["errors"]
        assert (await jira.post("/issue/bulk", json={"issueUpdates": [bad]})).status_code == 400
        assert (await jira.post("/issue/bulk", json={"issueUpdates": [good] * 51})).status_code == 400

    async def test_a_subtask_is_a_child_of_its_parent(self, jira: httpx.AsyncClient) -> None:
        parent = await created(jira)
        child = await created(jira, issuetype={"name": "Sub-task"}, parent={"key": parent})
        assert (await fields_of(jira, child))["parent"]["key"] == parent
        assert [one["key"] for one in (await fields_of(jira, parent))["subtasks"]] == [child]
        deeper = await create(jira, issuetype={"name": "Sub-task"}, parent={"key": child})
        assert list(await errors_of(deeper)) == ["parentId"]


class TestEdit:
    async def test_an_edit_is_in_the_history_with_its_author(self, sandbox: JiraSandbox, clock: Clock) -> None:
        async with signed_in(sandbox) as jira:
            key = await created(jira)
        clock.pass_(60)
        async with signed_in(sandbox, "mia@acme.example", "mia-token") as jira:
            await jira.put(f"/issue/{key}", json={"fields": {"summary": "New", "priority": {"id": "1"}}})
            entry = (await jira.get(f"/issue/{key}/changelog")).json()["values"][0]
            updated = (await fields_of(jira, key))["updated"]
        assert entry["author"]["displayName"] == "Mia Novak"
        changed = {item["field"]: (item["fromString"], item["toString"]) for item in entry["items"]}
        assert changed == {"summary": ("Order 42 fails", "New"), "priority": ("Medium", "Highest")}
        assert updated == "2026-11-01T05:03:33.123-0500"

    async def test_nobody_may_be_assigned_but_somebody_reported(self, jira: httpx.AsyncClient) -> None:
        key = await created(jira, assignee={"accountId": ANA})
        assert list(await errors_of(await jira.put(f"/issue/{key}", json={"fields": {"reporter": None}}))) == [
            "reporter"
        ]
        assert (await jira.put(f"/issue/{key}", json={"fields": {"assignee": None}})).status_code == 204
        assert (await fields_of(jira, key))["assignee"] is None

    async def test_an_edit_that_changes_nothing_leaves_no_trace(self, jira: httpx.AsyncClient, clock: Clock) -> None:
        key = await created(jira)
        before = (await fields_of(jira, key))["updated"]
        clock.pass_(60)
        await jira.put(f"/issue/{key}", json={"fields": {"summary": " Order 42 fails ", "status": {"name": "Done"}}})
        assert (await jira.get(f"/issue/{key}/changelog")).json()["total"] == 0
        assert (await fields_of(jira, key))["updated"] == before == "2026-11-01T10:02:33.123+0000"

    async def test_verbs_add_and_remove(self, jira: httpx.AsyncClient) -> None:
        key = await created(jira, labels=["a", "b"])
        verbs = {"labels": [{"add": "c"}, {"remove": "a"}], "comment": [{"add": {"body": document("done")}}]}
        answer = await jira.put(f"/issue/{key}?returnIssue=true", json={"update": verbs})
        assert answer.json()["fields"]["labels"] == ["b", "c"]
        assert answer.json()["fields"]["comment"]["total"] == 1

    async def test_a_field_may_not_be_in_both_parts(self, jira: httpx.AsyncClient) -> None:
        key = await created(jira)
        body = {"fields": {"labels": ["a"]}, "update": {"labels": [{"add": "b"}]}}
        assert "labels" in await errors_of(await jira.put(f"/issue/{key}", json=body))

    async def test_one_refused_field_refuses_them_all(self, jira: httpx.AsyncClient) -> None:
        key = await created(jira)
        body = {"fields": {"summary": "New", "priority": {"name": "Critical"}, "duedate": "soon"}}
        assert set(await errors_of(await jira.put(f"/issue/{key}", json=body))) == {"priority", "duedate"}
        assert (await fields_of(jira, key))["summary"] == "Order 42 fails"

    async def test_silent_edits_are_for_administrators(self, sandbox: JiraSandbox) -> None:
        async with signed_in(sandbox, "ana@acme.example", "ana-token") as jira:
            key = await created(jira)
            refused = await jira.put(f"/issue/{key}?notifyUsers=false", json={"fields": {"summary": "x"}})
        async with signed_in(sandbox) as jira:
            done = await jira.put(f"/issue/{key}?notifyUsers=false", json={"fields": {"summary": "x"}})
        assert (refused.status_code, done.status_code) == (403, 204)

    async def test_an_issue_with_subtasks_is_deleted_only_with_them(self, jira: httpx.AsyncClient) -> None:
        parent = await created(jira)
        child = await created(jira, issuetype={"name": "Sub-task"}, parent={"key": parent})
        assert (await jira.delete(f"/issue/{parent}")).status_code == 400
        assert (await jira.delete(f"/issue/{parent}?deleteSubtasks=true")).status_code == 204
        gone = await jira.get(f"/issue/{child}")
        assert gone.status_code == 404
        assert gone.json()["errorMessages"] == ["Issue does not exist or you do not have permission to see it."]

    async def test_a_moved_issue_keeps_its_id_and_is_found_by_its_old_key(
        self, sandbox: JiraSandbox, jira: httpx.AsyncClient
    ) -> None:
        key = await created(jira)
        issue_id = (await jira.get(f"/issue/{key}")).json()["id"]
        sandbox.add_project("WEST", "West")
        sandbox.move(key, "WEST")
        shown = (await jira.get(f"/issue/{key}")).json()
        assert (shown["id"], shown["key"], shown["fields"]["project"]["key"]) == (issue_id, "WEST-1", "WEST")

    async def test_bulkfetch_answers_by_id_and_is_silent_about_what_is_missing(self, jira: httpx.AsyncClient) -> None:
        first, second = await created(jira), await created(jira)
        asked = {"issueIdsOrKeys": [second, "ACME-99", first], "fields": ["summary"]}
        body = (await jira.post("/issue/bulkfetch", json=asked)).json()
        assert [one["key"] for one in body["issues"]] == [first, second]
        assert body["issueErrors"] == []
        too_many = {"issueIdsOrKeys": [str(n) for n in range(101)]}
        assert (await jira.post("/issue/bulkfetch", json=too_many)).status_code == 400


class TestWorkflow:
    async def test_done_is_several_steps_away_and_wants_a_resolution(self, jira: httpx.AsyncClient) -> None:
        key = await created(jira)
        for number in ("21", "31"):
            done = await jira.post(f"/issue/{key}/transitions", json={"transition": {"id": number}})
            assert done.status_code == 204
        finish: dict[str, Any] = {"transition": {"id": "41"}}
        assert list(await errors_of(await jira.post(f"/issue/{key}/transitions", json=finish))) == ["resolution"]
        finish["fields"] = {"resolution": {"name": "Done"}}
        assert (await jira.post(f"/issue/{key}/transitions", json=finish)).status_code == 204
        shown = await fields_of(jira, key)
        assert (shown["status"]["name"], shown["resolution"]["name"]) == ("Done", "Done")
        await jira.post(f"/issue/{key}/transitions", json={"transition": {"id": "51"}})
        shown = await fields_of(jira, key)
        assert (shown["status"]["name"], shown["resolution"], shown["resolutiondate"]) == ("In Progress", None, None)

    async def test_only_transitions_open_now_are_offered_and_taken(self, jira: httpx.AsyncClient) -> None:
        key = await created(jira)
        offered = (await jira.get(f"/issue/{key}/transitions")).json()["transitions"]
        assert {one["to"]["name"] for one in offered} == {"In Progress", "Open"}
        refused = await jira.post(f"/issue/{key}/transitions", json={"transition": {"id": "41"}})
        assert refused.status_code == 400

    async def test_a_conditional_transition_comes_and_goes(self, jira: httpx.AsyncClient) -> None:
        key = await created(jira)
        for number in ("21", "31"):
            await jira.post(f"/issue/{key}/transitions", json={"transition": {"id": number}})
        before = {one["name"] for one in (await jira.get(f"/issue/{key}/transitions")).json()["transitions"]}
        await jira.put(f"/issue/{key}/assignee", json={"accountId": ANA})
        after = {one["name"] for one in (await jira.get(f"/issue/{key}/transitions")).json()["transitions"]}
        assert after - before == {"Send back"}


class TestVersionTwo:
    async def test_rich_text_is_a_text_there(self, sandbox: JiraSandbox, jira: httpx.AsyncClient) -> None:
        key = await created(jira)
        path = f"http://jira.test/rest/api/2/issue/{key}"
        await jira.put(path, json={"fields": {"description": "One\n\nTwo"}})
        assert (await jira.get(path)).json()["fields"]["description"] == "One\n\nTwo"
        assert (await fields_of(jira, key))["description"] == document("One", "Two")
