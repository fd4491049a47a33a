"""The Data Center edition of the Jira sandbox: signing in, comments, files, webhooks, limits, and exports taken in."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hub_jira.sandbox import JiraDataCenterSandbox, JiraSandbox

from hub.sdk.sandbox import Faults, create_app
from plugins.jira.tests.signing import Clock

DATA = Path(os.environ.get("HUB_SHARED") or Path(__file__).resolve().parents[4] / "shared") / "data" / "jira"
NO_CHECK = {"X-Atlassian-Token": "no-check"}


@pytest.fixture
def sandbox(clock: Clock) -> JiraSandbox:
    return JiraSandbox(edition="datacenter", now=clock)


def client(sandbox: JiraSandbox, token: str | None = "ana-pat", **more: Any) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(create_app(sandbox))
    return httpx.AsyncClient(transport=transport, base_url="http://jira.test/rest/api/2", headers=headers, **more)


@pytest.fixture
async def jira(sandbox: JiraSandbox) -> AsyncIterator[httpx.AsyncClient]:
    sandbox.served_at("http://jira.test")
    async with client(sandbox) as made:
        yield made


@pytest.fixture
async def key(jira: httpx.AsyncClient) -> str:
    fields = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Order"}
    return str((await jira.post("/issue", json={"fields": fields})).json()["key"])


async def updated(jira: httpx.AsyncClient, key: str) -> str:
    return str((await jira.get(f"/issue/{key}?fields=updated")).json()["fields"]["updated"])


class TestSigningIn:
    async def test_a_personal_access_token_and_a_password_name_the_same_person(self, sandbox: JiraSandbox) -> None:
        async with client(sandbox) as jira:
            by_token = await jira.get("/myself")
        async with client(sandbox, None, auth=("Ana", "ana-password")) as jira:
            by_password = await jira.get("/myself")
        assert by_token.json() == by_password.json()
        assert (by_token.json()["name"], by_token.headers["X-AUSERNAME"]) == ("ana", "ana")
        assert by_token.headers["X-Seraph-LoginReason"] == "OK"

    @pytest.mark.parametrize("path", ["/myself", "/search", "/serverInfo"])
    async def test_a_wrong_token_is_a_401_everywhere_and_a_page(self, sandbox: JiraSandbox, path: str) -> None:
        async with client(sandbox, "nobody's") as jira:
            answer = await jira.get(path)
        assert (answer.status_code, answer.headers["X-Seraph-LoginReason"]) == (401, "AUTHENTICATED_FAILED")
        assert answer.headers["content-type"].startswith("text/html")

    async def test_a_token_is_no_password(self, sandbox: JiraSandbox) -> None:
        async with client(sandbox, None, auth=("ana", "ana-pat")) as jira:
            assert (await jira.get("/myself")).status_code == 401

    async def test_nobody_in_particular_sees_no_issue(self, sandbox: JiraSandbox, key: str) -> None:
        async with client(sandbox, None) as jira:
            assert (await jira.get("/myself")).status_code == 401
            assert (await jira.get("/search")).json()["total"] == 0
            hidden = await jira.get(f"/issue/{key}")
        assert (hidden.status_code, hidden.json()["errorMessages"][-1]) == (401, "Login Required")

    async def test_after_three_wrong_passwords_only_a_browser_or_a_token_helps(self, sandbox: JiraSandbox) -> None:
        async with client(sandbox, None, auth=("ana", "wrong")) as jira:
            answers = [await jira.get("/myself") for _ in range(4)]
        assert [one.status_code for one in answers] == [401, 401, 401, 403]
        assert answers[-1].headers["X-Authentication-Denied-Reason"].startswith("CAPTCHA_CHALLENGE")
        async with client(sandbox, None, auth=("ana", "ana-password")) as jira:
            assert (await jira.get("/myself")).status_code == 403
            sandbox.solve_captcha("ana")
            assert (await jira.get("/myself")).status_code == 200
        async with client(sandbox) as jira:
            assert (await jira.get("/myself")).status_code == 200


class TestComments:
    async def test_markup_is_kept_and_the_issue_touched(self, jira: httpx.AsyncClient, key: str, clock: Clock) -> None:
        before = await updated(jira, key)
        clock.time += timedelta(minutes=1)
        group = {"type": "group", "value": "developers"}
        body = {"body": "h1. No\r\n[~mia]", "visibility": group, "properties": [{"key": "hub", "value": 1}]}
        made = await jira.post(f"/issue/{key}/comment", json=body)
        assert (made.status_code, made.json()["body"]) == (201, body["body"])
        assert (made.json()["author"]["name"], made.json()["visibility"]) == ("ana", group)
        assert "jsdPublic" not in made.json()
        assert await updated(jira, key) != before
        kept = await jira.get(f"/comment/{made.json()['id']}/properties/hub")
        assert kept.json()["value"] == 1

    async def test_comments_are_paged_edited_and_deleted(self, jira: httpx.AsyncClient, key: str) -> None:
        ids = [(await jira.post(f"/issue/{key}/comment", json={"body": f"{n}"})).json()["id"] for n in range(3)]
        page = (await jira.get(f"/issue/{key}/comment?startAt=1&maxResults=1")).json()
        assert (page["total"], [one["body"] for one in page["comments"]]) == (3, ["1"])
        assert (await jira.get(f"/issue/{key}/comment")).json()["maxResults"] == 1048576
        edited = await jira.put(f"/issue/{key}/comment/{ids[0]}", json={"body": "*new*"})
        assert (edited.json()["body"], edited.json()["updateAuthor"]["name"]) == ("*new*", "ana")
        assert (await jira.delete(f"/issue/{key}/comment/{ids[0]}")).status_code == 204
        left = (await jira.get(f"/issue/{key}?fields=comment")).json()["fields"]["comment"]
        assert [one["id"] for one in left["comments"]] == ids[1:]

    @pytest.mark.parametrize(
        "body", [{"body": {"type": "doc"}}, {"body": ""}, {}, {"body": "x", "visibility": {"type": "x", "value": "y"}}]
    )
    async def test_what_is_no_comment_is_refused(self, jira: httpx.AsyncClient, key: str, body: Any) -> None:
        assert (await jira.post(f"/issue/{key}/comment", json=body)).status_code == 400


class TestFiles:
    async def test_a_file_is_fetched_where_browsers_fetch_it(
        self, sandbox: JiraSandbox, jira: httpx.AsyncClient, key: str, clock: Clock
    ) -> None:
        before, files = await updated(jira, key), {"file": ("报告/1.bin", b"0123", "application/x-data")}
        clock.time += timedelta(minutes=1)
        assert (await jira.post(f"/issue/{key}/attachments", files=files)).status_code == 403
        sent = await jira.post(f"/issue/{key}/attachments", files=files, headers=NO_CHECK)
        (file,) = sent.json()
        assert (file["filename"], file["size"], file["author"]["name"]) == ("报告/1.bin", 4, "ana")
        assert file["content"].startswith(f"http://jira.test/secure/attachment/{file['id']}/")
        assert await updated(jira, key) != before
        told = (await jira.get(f"/attachment/{file['id']}")).json()
        assert ("id" in told, told["content"]) == (False, file["content"])
        assert (await jira.get(file["content"])).content == b"0123"
        assert (await jira.get(file["content"], headers={"Range": "bytes=1-2"})).content == b"12"
        assert (await jira.delete(f"/attachment/{file['id']}")).status_code == 204
        assert (await jira.get(file["content"])).status_code == 404
        items = [
            item
            for edit in (await jira.get(f"/issue/{key}?expand=changelog")).json()["changelog"]["histories"]
            for item in edit["items"]
        ]
        assert [(one["field"], one["from"], one["to"]) for one in items] == [
            ("Attachment", None, file["id"]),
            ("Attachment", file["id"], None),
        ]

    async def test_whoever_is_not_signed_in_gets_the_page_to_sign_in_in_place_of_the_bytes(
        self, sandbox: JiraSandbox, jira: httpx.AsyncClient, key: str
    ) -> None:
        sent = await jira.post(f"/issue/{key}/attachments", files={"file": ("a.txt", b"a")}, headers=NO_CHECK)
        async with client(sandbox, None) as anonymous:
            first = await anonymous.get(sent.json()[0]["content"])
            followed = await anonymous.get(sent.json()[0]["content"], follow_redirects=True)
        assert (first.status_code, "os_destination" in first.headers["location"]) == (302, True)
        assert (followed.status_code, "login-form" in followed.text) == (200, True)


class TestTheSite:
    def test_the_kit_is_given_a_connection_and_people_that_work(self, sandbox: JiraSandbox) -> None:
        assert sandbox.environment() == {"JIRA_PAT": "hub-pat"}
        assert sandbox.connection("http://x") == {
            "plugin": "jira",
            "edition": "datacenter",
            "url": "http://x",
            "auth": {"kind": "pat", "token": {"env": "JIRA_PAT"}},
            "project": "ACME",
        }
        assert sandbox.people()[0].credentials == {"user": "ana", "password": "ana-password", "token": "ana-pat"}
        assert (JiraDataCenterSandbox().edition, JiraDataCenterSandbox.name) == ("datacenter", "jira")

    def test_there_are_two_editions_and_no_more(self) -> None:
        with pytest.raises(ValueError, match="there are cloud, datacenter"):
            JiraSandbox(edition="server")  # type: ignore[arg-type]

    async def test_too_many_calls_are_answered_with_the_state_of_the_bucket(
        self, sandbox: JiraSandbox, jira: httpx.AsyncClient
    ) -> None:
        sandbox.faults = Faults.model_validate({"rate_limit": {"requests": 1, "per_s": 60}})
        answers = [await jira.get("/myself") for _ in range(2)]
        names = ("Limit", "Remaining", "FillRate", "Interval-Seconds")
        assert [answers[1].headers[f"X-RateLimit-{name}"] for name in names] == ["1", "0", "1", "60"]
        assert (answers[1].status_code, answers[1].headers["Retry-After"]) == (429, "60")

    async def test_a_webhook_tells_of_people_by_name_and_of_texts_as_they_are(
        self, sandbox: JiraSandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        heard = list[Any]()

        async def hear(_method: str, _url: str, *, content: bytes, headers: Any) -> int:
            heard.append(json.loads(content))
            return 200 if headers else 400

        monkeypatch.setattr("hub_jira.sandbox.hooks.knock", hear)
        async with client(sandbox, "hub-pat") as admin, client(sandbox) as jira:
            hook = {"name": "hub", "url": "http://hub.test", "events": ["jira:issue_created"]}
            assert (await admin.post("http://jira.test/rest/webhooks/1.0/webhook", json=hook)).status_code == 201
            fields = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "S", "description": "*x*"}
            await jira.post("/issue", json={"fields": fields})
            await asyncio.gather(*sandbox.deliveries.tasks)
        assert (heard[0]["user"]["name"], heard[0]["issue"]["fields"]["description"]) == ("ana", "*x*")


class TestExports:
    def test_people_keep_their_names_and_keys_and_texts_their_markup(self, sandbox: JiraSandbox) -> None:
        joe = {"name": "joe", "key": "JIRAUSER10101", "displayName": "Joe", "emailAddress": "joe@x.example"}
        fields = {"summary": "S", "description": "h1. A\r\n{quote}b{quote}", "assignee": joe}
        comment = {"id": "900", "body": "{code}x{code}", "author": joe}
        sandbox.load({"key": "WEST-7", "fields": {**fields, "comment": {"comments": [comment]}}})
        (shown,) = sandbox.state()["issues"]
        assert shown["fields"]["description"] == fields["description"]
        assert shown["fields"]["comment"]["comments"][0]["body"] == comment["body"]
        assert (shown["fields"]["assignee"]["name"], shown["fields"]["assignee"]["displayName"]) == ("joe", "Joe")

    def test_a_document_of_cloud_becomes_a_text(self, sandbox: JiraSandbox) -> None:
        text = [{"type": "paragraph", "content": [{"type": "text", "text": "Hello"}]}]
        document = {"type": "doc", "version": 1, "content": text}
        person = {"accountId": "5b10", "displayName": "Zoe"}
        sandbox.load({"key": "WEST-7", "fields": {"summary": "S", "description": document, "reporter": person}})
        (shown,) = sandbox.state()["issues"]
        assert (shown["fields"]["description"], shown["fields"]["reporter"]["name"]) == ("Hello", "5b10")

    @pytest.mark.data
    @pytest.mark.skipif(not DATA.is_dir(), reason="the folder of real exports is not beside the project")
    def test_every_public_issue_of_a_server_shows_its_very_texts(self, sandbox: JiraSandbox) -> None:
        documents = [json.loads(path.read_text()) for path in sorted((DATA / "public_issues").glob("*.json"))]
        for document in documents:
            sandbox.load(document)
        shown = {issue["key"]: issue["fields"] for issue in sandbox.state()["issues"]}
        assert len(shown) == len(documents) > 200
        for document in documents:
            told, now = document["fields"], shown[document["key"]]
            assert not isinstance(told.get("description"), str) or now["description"] == (told["description"] or None)
            comments = told.get("comment", {}).get("comments", [])
            for one, loaded in zip(comments, now["comment"]["comments"], strict=True):
                assert not isinstance(one.get("body"), str) or loaded["body"] == one["body"]
            for person in ("assignee", "reporter"):
                wanted = told.get(person)
                assert (now[person] and now[person]["displayName"]) == (wanted and wanted["displayName"])
