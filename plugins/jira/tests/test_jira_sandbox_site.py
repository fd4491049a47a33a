"""The Jira sandbox: who may do what, and how the site fails."""

from datetime import UTC, datetime
from typing import Any

import httpx
from hub_jira.sandbox import Account, JiraSandbox

from hub.sdk.sandbox import Faults, serve
from plugins.jira.tests.signing import Clock, signed_in

ANA, LI_WEI = "5b10ac8d82e05b22cc7d4ef5", "5b10a2844c20165700ede21g"
START = datetime(2026, 11, 1, 10, 2, 33, 123456, UTC)


async def create(jira: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    default = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Order 42 fails"}
    return await jira.post("/issue", json={"fields": default | fields})


async def created(jira: httpx.AsyncClient, **fields: Any) -> str:
    answer = await create(jira, **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


class TestWhoAsks:
    async def test_a_known_account_learns_its_profile_zone(self, sandbox: JiraSandbox) -> None:
        async with signed_in(sandbox, "li.wei@acme.example", "liwei-token") as jira:
            told = (await jira.get("/myself")).json()
        assert (told["displayName"], told["timeZone"], told["accountId"]) == ("李伟", "Asia/Shanghai", LI_WEI)

    async def test_a_wrong_token_is_refused_by_myself_and_by_writes_only(self, sandbox: JiraSandbox) -> None:
        async with signed_in(sandbox) as jira:
            key = await created(jira)
        async with signed_in(sandbox, token="old") as jira:
            answers = [
                (await jira.get("/myself")).status_code,
                (await create(jira)).status_code,
                (await jira.put(f"/issue/{key}", json={"fields": {"summary": "x"}})).status_code,
                (await jira.get(f"/issue/{key}")).status_code,
            ]
            found = await jira.post("/search/jql", json={"jql": "project = ACME"})
        assert answers == [401, 401, 401, 404]
        assert (found.status_code, found.json()["issues"], found.json()["isLast"]) == (200, [], True)

    async def test_an_address_is_shown_only_where_its_owner_allows_it(self, jira: httpx.AsyncClient) -> None:
        people = {one["accountId"]: one for one in (await jira.get("/users/search")).json()}
        assert people[ANA]["emailAddress"] == "ana@acme.example"
        assert "emailAddress" not in people[LI_WEI]

    def test_the_kit_is_given_a_connection_and_people_that_work(self, sandbox: JiraSandbox) -> None:
        with serve(sandbox) as server:
            connection, token = server.connection(), sandbox.environment()["JIRA_TOKEN"]
            answer = httpx.get(f"{server.url}/rest/api/3/myself", auth=(connection["auth"]["user"], token))
        assert connection == {
            "plugin": "jira",
            "url": server.url,
            "auth": {"kind": "token", "user": "bot@acme.example", "token": {"env": "JIRA_TOKEN"}},
            "project": "ACME",
        }
        assert answer.status_code == 200
        assert len(sandbox.people()) >= 3


class TestFaults:
    async def test_too_many_calls_are_told_as_jira_tells_it(
        self, sandbox: JiraSandbox, jira: httpx.AsyncClient
    ) -> None:
        sandbox.faults = Faults.model_validate({"rate_limit": {"requests": 1, "per_s": 60}})
        await jira.get("/myself")
        answer = await jira.get("/myself")
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) <= 60
        assert answer.headers["RateLimit-Reason"] == "jira-burst-based"
        assert answer.json() == {
            "errorMessages": ["The request has been rate-limited. Please try again later."],
            "errors": {},
            "status": 429,
        }

    def test_a_failure_is_sometimes_html(self, sandbox: JiraSandbox) -> None:
        kinds = {sandbox.failing(503).headers["content-type"].partition(";")[0] for _ in range(30)}
        assert kinds == {"application/json", "text/html"}


async def test_the_same_seed_and_calls_give_the_same_state() -> None:
    states = []
    for _ in range(2):
        sandbox = JiraSandbox(seed=7, now=Clock())
        async with signed_in(sandbox) as jira:
            item = {"type": "taskItem", "attrs": {"state": "TODO"}}
            tasks = {"type": "doc", "version": 1, "content": [{"type": "taskList", "content": [item]}]}
            await created(jira, description=tasks)
        states.append(sandbox.state())
    assert states[0] == states[1]


async def test_an_added_account_can_sign_in(sandbox: JiraSandbox) -> None:
    sandbox.add_account(Account("712020:new", "Noor", "noor@acme.example", "noor-token"))
    async with signed_in(sandbox, "noor@acme.example", "noor-token") as jira:
        assert (await jira.get("/myself")).json()["displayName"] == "Noor"


async def test_calls_are_counted_by_the_templates_of_the_api(sandbox: JiraSandbox, jira: httpx.AsyncClient) -> None:
    key = await created(jira)
    await jira.get(f"/issue/{key}")
    await jira.post("/issue/bulkfetch", json={"issueIdsOrKeys": [key]})
    calls = (await jira.get("http://jira.test/_sandbox/calls")).json()["by_operation"]
    assert calls == {
        "GET /rest/api/3/issue/{issueIdOrKey}": 1,
        "POST /rest/api/3/issue": 1,
        "POST /rest/api/3/issue/bulkfetch": 1,
    }
