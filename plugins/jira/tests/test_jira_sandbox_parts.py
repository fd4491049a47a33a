"""The Jira sandbox: comments, files, properties, links, and webhooks."""

import asyncio
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hub_jira.sandbox import JiraSandbox
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.sdk.sandbox import Faults, serve
from plugins.jira.tests.signing import Clock, signed_in

DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Order 42"}]}],
}


@pytest.fixture
async def key(jira: httpx.AsyncClient) -> str:
    fields = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Order"}
    return str((await jira.post("/issue", json={"fields": fields})).json()["key"])


async def updated(jira: httpx.AsyncClient, key: str) -> str:
    return str((await jira.get(f"/issue/{key}?fields=updated")).json()["fields"]["updated"])


class TestComments:
    async def test_a_comment_is_its_writers_and_touches_the_issue(
        self, sandbox: JiraSandbox, jira: httpx.AsyncClient, key: str, clock: Clock
    ) -> None:
        before = await updated(jira, key)
        clock.time += timedelta(minutes=1)
        async with signed_in(sandbox, "ana@acme.example", "ana-token") as ana:
            answer = await ana.post(f"/issue/{key}/comment", json={"body": DOCUMENT})
        assert (answer.status_code, answer.json()["author"]["displayName"]) == (201, "Ana Lima")
        assert await updated(jira, key) != before
        assert (await jira.get(f"/issue/{key}/changelog")).json()["total"] == 0

    async def test_a_text_is_no_body(self, jira: httpx.AsyncClient, key: str) -> None:
        answer = await jira.post(f"/issue/{key}/comment", json={"body": "text"})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["comment"])

    async def test_comments_are_read_edited_listed_and_deleted(self, jira: httpx.AsyncClient, key: str) -> None:
        marked = {"body": DOCUMENT, "properties": [{"key": "hub", "value": {"key": "CMT-1"}}]}
        ids = [(await jira.post(f"/issue/{key}/comment", json=marked)).json()["id"] for _ in range(2)]
        new = {**DOCUMENT, "content": [{"type": "rule"}]}
        edited = (await jira.put(f"/issue/{key}/comment/{ids[0]}", json={"body": new})).json()
        assert edited["body"] == new
        listed = (await jira.get(f"/issue/{key}/comment?orderBy=-created&expand=properties")).json()
        assert (listed["total"], listed["comments"][0]["properties"][0]["value"]) == (2, {"key": "CMT-1"})
        assert (await jira.delete(f"/issue/{key}/comment/{ids[0]}")).status_code == 204
        assert (await jira.get(f"/issue/{key}/comment/{ids[0]}")).status_code == 404
        by_id = (await jira.post("/comment/list", json={"ids": [int(one) for one in ids]})).json()
        assert [one["id"] for one in by_id["values"]] == ids[1:]


class TestFiles:
    async def test_an_upload_without_the_header_is_a_403(self, jira: httpx.AsyncClient, key: str) -> None:
        answer = await jira.post(f"/issue/{key}/attachments", files={"file": ("a.txt", b"a")})
        assert (answer.status_code, answer.text) == (403, "XSRF check failed")

    async def test_bytes_come_back_as_they_went(self, jira: httpx.AsyncClient, key: str) -> None:
        data = bytes(range(256)) + b"\r\n--x\r\n\r\n\n"
        sent = await jira.post(
            f"/issue/{key}/attachments",
            files=[("file", ('报告 "1".bin', data, "application/x-data")), ("file", ("b.txt", b"b"))],
            headers={"X-Atlassian-Token": "no-check"},
        )
        first, second = sent.json()
        assert (first["filename"], first["size"], first["mimeType"]) == (
            '报告 "1".bin',
            len(data),
            "application/x-data",
        )
        path = f"/attachment/content/{first['id']}"
        assert (await jira.get(f"{path}?redirect=false")).content == data
        part = await jira.get(f"{path}?redirect=false", headers={"Range": "bytes=1-3"})
        assert (part.status_code, part.content) == (206, b"\x01\x02\x03")
        assert (await jira.delete(f"/attachment/{second['id']}")).status_code == 204
        shown = (await jira.get(f"/issue/{key}")).json()["fields"]["attachment"]
        assert [one["id"] for one in shown] == [first["id"]]

    def test_content_leads_to_a_signed_address_that_wants_no_credentials(self, sandbox: JiraSandbox) -> None:
        with serve(sandbox) as server, httpx.Client(base_url=f"{server.url}/rest/api/3") as jira:
            jira.auth = ("bot@acme.example", "bot-token")
            fields = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Order"}
            key = jira.post("/issue", json={"fields": fields}).json()["key"]
            header = {"X-Atlassian-Token": "no-check"}
            sent = jira.post(f"/issue/{key}/attachments", files={"file": ("a.txt", b"abc")}, headers=header)
            leads = jira.get(f"/attachment/content/{sent.json()[0]['id']}")
            assert leads.status_code == 303
            assert httpx.get(leads.headers["location"]).content == b"abc"
            assert httpx.get(leads.headers["location"].partition("?")[0]).status_code == 403


class TestProperties:
    async def test_a_property_is_new_then_changed_then_gone_and_never_touches_the_issue(
        self, jira: httpx.AsyncClient, key: str, clock: Clock
    ) -> None:
        before, path = await updated(jira, key), f"/issue/{key}/properties/hub"
        clock.time += timedelta(minutes=1)
        statuses = [
            (await jira.put(path, json={"key": "REQ-1"})).status_code,
            (await jira.put(path, json=["any", "json"])).status_code,
            (await jira.delete(path)).status_code,
            (await jira.get(path)).status_code,
        ]
        assert statuses == [201, 200, 204, 404]
        assert await updated(jira, key) == before

    async def test_too_big_a_value_is_refused(self, jira: httpx.AsyncClient, key: str) -> None:
        assert (await jira.put(f"/issue/{key}/properties/hub", json="x" * 32768)).status_code == 400
        assert (await jira.put(f"/issue/{key}/properties/{'k' * 256}", json=1)).status_code == 400


class TestLinks:
    async def test_a_link_is_shown_at_both_ends(self, jira: httpx.AsyncClient, key: str) -> None:
        fields = {"project": {"key": "ACME"}, "issuetype": {"name": "Task"}, "summary": "Other"}
        other = (await jira.post("/issue", json={"fields": fields})).json()["key"]
        ends = {"inwardIssue": {"key": key}, "outwardIssue": {"key": other}}
        answer = await jira.post("/issueLink", json={"type": {"name": "Blocks"}, **ends})
        assert (answer.status_code, answer.content) == (201, b"")
        link = (await jira.get(f"/issue/{key}")).json()["fields"]["issuelinks"][0]
        assert (link["type"]["name"], link["outwardIssue"]["key"], "inwardIssue" in link) == ("Blocks", other, False)
        await jira.delete(f"/issueLink/{link['id']}")
        assert (await jira.get(f"/issue/{other}")).json()["fields"]["issuelinks"] == []

    async def test_a_remote_link_is_one_per_global_id(self, jira: httpx.AsyncClient, key: str) -> None:
        path = f"/issue/{key}/remotelink"
        told = {"globalId": "system=west&id=1", "object": {"url": "https://west.example/1", "title": "One"}}
        first = await jira.post(path, json={**told, "relationship": "mirrors"})
        again = await jira.post(path, json=told)
        assert (first.status_code, again.status_code) == (201, 200)
        (link,) = (await jira.get(path)).json()
        assert "relationship" not in link
        for _ in range(2):
            await jira.post(path, json={"object": told["object"]})
        assert len((await jira.get(path)).json()) == 3


class TestWebhooks:
    @pytest.mark.parametrize(("method", "path"), [("POST", ""), ("GET", ""), ("DELETE", ""), ("PUT", "/refresh")])
    async def test_dynamic_webhooks_are_not_for_basic_credentials(
        self, jira: httpx.AsyncClient, method: str, path: str
    ) -> None:
        assert (await jira.request(method, f"/webhook{path}", json={})).status_code == 403

    async def test_an_event_is_signed_and_told_with_plain_texts(self, sandbox: JiraSandbox, key: str) -> None:
        seen: list[tuple[dict[str, str], bytes]] = []

        async def take(request: Request) -> Response:
            seen.append((dict(request.headers), await request.body()))
            return Response()

        with _receiver(take) as url:
            async with signed_in(sandbox) as jira:
                await _register(jira, url)
                body = {"fields": {"summary": "New", "description": DOCUMENT}}
                await jira.put(f"/issue/{key}", json=body)
                await jira.post(f"/issue/{key}/comment", json={"body": DOCUMENT})
                await asyncio.gather(*sandbox.deliveries.tasks)
        by_event = {json.loads(raw)["webhookEvent"]: (headers, raw) for headers, raw in seen}
        headers, raw = by_event["jira:issue_updated"]
        told: dict[str, Any] = json.loads(raw)
        assert headers["x-hub-signature"] == "sha256=" + hmac.new(b"s3cret", raw, hashlib.sha256).hexdigest()
        assert told["issue"]["fields"]["description"] == "Order 42"
        assert {item["field"] for item in told["changelog"]["items"]} == {"summary", "description"}
        assert told["user"]["displayName"] == "Requirement Hub"
        assert json.loads(by_event["comment_created"][1])["comment"]["body"] == "Order 42"

    async def test_deliveries_get_lost_or_repeated_when_told_so(self, sandbox: JiraSandbox, key: str) -> None:
        identities: list[str] = []

        async def take(request: Request) -> Response:
            identities.append(request.headers["x-atlassian-webhook-identifier"])
            return Response()

        with _receiver(take) as url:
            async with signed_in(sandbox) as jira:
                await _register(jira, url)
                sandbox.faults = Faults.model_validate({"webhooks": {"lose": 1}})
                await jira.put(f"/issue/{key}", json={"fields": {"summary": "lost"}})
                sandbox.faults = Faults.model_validate({"webhooks": {"repeat": 1}})
                await jira.put(f"/issue/{key}", json={"fields": {"summary": "twice"}})
                await asyncio.gather(*sandbox.deliveries.tasks)
        assert len(identities) == 2
        assert len(set(identities)) == 1


async def _register(jira: httpx.AsyncClient, url: str) -> None:
    events = ["jira:issue_updated", "comment_created"]
    filters = {"issue-related-events-section": "project = ACME"}
    hook = {"name": "hub", "url": url, "events": events, "filters": filters, "secret": "s3cret"}
    answer = await jira.post("http://jira.test/rest/webhooks/1.0/webhook", json=hook)
    assert answer.status_code == 201
    assert "secret" not in answer.json()


class _Receiver:
    """A server on loopback that takes deliveries."""

    def __init__(self, take: Any) -> None:
        from hub.sdk.sandbox.server import SandboxServer

        self.server = SandboxServer(JiraSandbox(), app=Starlette(routes=[Route("/hook", take, methods=["POST"])]))

    def __enter__(self) -> str:
        self.server.__enter__()
        return f"{self.server.url}/hook"

    def __exit__(self, *_: object) -> None:
        self.server.__exit__(None, None, None)


def _receiver(take: Any) -> _Receiver:
    return _Receiver(take)
