"""The Jira sandbox: what search finds, when, and in which pages."""

import contextlib
from typing import Any

import httpx
import pytest
from hub_jira.sandbox import JiraSandbox
from hub_jira.sandbox.jql import parse
from hub_jira.sandbox.problems import Problem
from hypothesis import given
from hypothesis import strategies as st

from hub.sdk.sandbox import Faults
from plugins.jira.tests.signing import Clock, signed_in


async def created(jira: httpx.AsyncClient, summary: str = "Order", **fields: Any) -> str:
    default = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": summary}
    answer = await jira.post("/issue", json={"fields": default | fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


async def page(jira: httpx.AsyncClient, jql: str, **asked: Any) -> dict[str, Any]:
    answer = await jira.post("/search/jql", json={"jql": jql, "fields": ["summary"], **asked})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def found(jira: httpx.AsyncClient, jql: str, **asked: Any) -> list[str]:
    return [issue["fields"]["summary"] for issue in (await page(jira, jql, **asked))["issues"]]


class TestPages:
    async def test_pages_are_walked_by_token_without_a_total(self, jira: httpx.AsyncClient) -> None:
        for number in range(5):
            await created(jira, str(number))
        first = await page(jira, "project = ACME ORDER BY id", maxResults=2)
        second = await page(jira, "project = ACME ORDER BY id", maxResults=2, nextPageToken=first["nextPageToken"])
        third = await page(jira, "project = ACME ORDER BY id", maxResults=2, nextPageToken=second["nextPageToken"])
        walked = [issue["fields"]["summary"] for one in (first, second, third) for issue in one["issues"]]
        assert walked == ["0", "1", "2", "3", "4"]
        assert (first["isLast"], third["isLast"], third.get("nextPageToken")) == (False, True, None)
        assert "total" not in first

    async def test_what_moves_during_the_walk_is_neither_skipped_nor_doubled(
        self, jira: httpx.AsyncClient, clock: Clock
    ) -> None:
        keys = []
        for number in range(4):
            keys.append(await created(jira, str(number)))
            clock.pass_(minutes=1)
        jql = "project = ACME ORDER BY updated"
        first = await page(jira, jql, maxResults=2)
        await jira.put(f"/issue/{keys[0]}", json={"fields": {"labels": ["later"]}})
        second = await page(jira, jql, maxResults=2, nextPageToken=first["nextPageToken"])
        assert [issue["key"] for one in (first, second) for issue in one["issues"]] == keys

    async def test_an_old_startat_is_ignored(self, jira: httpx.AsyncClient) -> None:
        await created(jira, "only")
        assert await found(jira, "project = ACME", startAt=100) == ["only"]

    async def test_a_wrong_token_is_refused(self, jira: httpx.AsyncClient) -> None:
        answer = await jira.post("/search/jql", json={"jql": "project = ACME", "nextPageToken": "abc"})
        assert answer.status_code == 400

    async def test_a_hundred_is_the_most_unless_only_ids_are_asked_for(
        self, sandbox: JiraSandbox, jira: httpx.AsyncClient
    ) -> None:
        updates = [
            {"fields": {"project": {"key": "ACME"}, "issuetype": {"name": "Task"}, "summary": str(number)}}
            for number in range(40)
        ]
        for _ in range(3):
            await jira.post("/issue/bulk", json={"issueUpdates": updates})
        assert len((await page(jira, "project = ACME", maxResults=5000))["issues"]) == 100
        ids = await page(jira, "project = ACME", maxResults=5000, fields=[])
        assert len(ids["issues"]) == 120
        assert set(ids["issues"][0]) == {"id"}

    async def test_fields_are_chosen_by_name_star_and_minus(self, jira: httpx.AsyncClient) -> None:
        await created(jira)

        async def chosen(*names: str) -> set[str]:
            return set((await page(jira, "project = ACME", fields=list(names)))["issues"][0]["fields"])

        assert await chosen("summary", "labels") == {"summary", "labels"}
        assert "comment" in await chosen("*all")
        assert "comment" not in await chosen("*navigable")
        assert "labels" not in await chosen("*all", "-labels")

    async def test_properties_and_names_come_when_asked_for(self, jira: httpx.AsyncClient) -> None:
        key = await created(jira)
        await jira.put(f"/issue/{key}/properties/hub", json={"key": "REQ-1"})
        answer = await page(jira, "project = ACME", properties=["hub"], expand="names,changelog")
        assert answer["issues"][0]["properties"] == {"hub": {"key": "REQ-1"}}
        assert answer["issues"][0]["changelog"]["total"] == 0
        assert answer["names"]["customfield_10203"] == "Story Points"

    @pytest.mark.parametrize("version", [2, 3])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    async def test_the_old_search_is_gone(self, jira: httpx.AsyncClient, version: int, method: str) -> None:
        answer = await jira.request(method, f"http://jira.test/rest/api/{version}/search")
        assert answer.status_code == 410
        assert "/rest/api/3/search/jql" in answer.json()["errorMessages"][0]


class TestLag:
    async def test_a_change_shows_in_search_only_after_the_lag(
        self, sandbox: JiraSandbox, jira: httpx.AsyncClient, clock: Clock
    ) -> None:
        key = await created(jira, "old")
        clock.pass_(minutes=1)
        sandbox.faults = Faults(search_lag_s=5)
        await jira.put(f"/issue/{key}", json={"fields": {"summary": "new"}})
        await created(jira, "another")
        issue_id = (await jira.get(f"/issue/{key}")).json()["id"]

        assert await found(jira, "project = ACME") == ["old"]
        assert await found(jira, f"id = {issue_id}", reconcileIssues=[int(issue_id)]) == ["new"]
        assert (await jira.get(f"/issue/{key}")).json()["fields"]["summary"] == "new"
        clock.pass_(seconds=5)
        assert await found(jira, "project = ACME ORDER BY id") == ["new", "another"]

    async def test_a_deleted_issue_lingers_in_search(
        self, sandbox: JiraSandbox, jira: httpx.AsyncClient, clock: Clock
    ) -> None:
        key = await created(jira, "gone")
        clock.pass_(minutes=1)
        sandbox.faults = Faults(search_lag_s=5)
        await jira.delete(f"/issue/{key}")
        assert await found(jira, "project = ACME") == ["gone"]
        clock.pass_(seconds=5)
        assert await found(jira, "project = ACME") == []


class TestDates:
    async def test_a_date_is_read_in_the_zone_of_the_caller(
        self, sandbox: JiraSandbox, jira: httpx.AsyncClient
    ) -> None:
        await created(jira, "at ten UTC")
        async with signed_in(sandbox, "li.wei@acme.example", "liwei-token") as shanghai:
            assert await found(shanghai, 'updated >= "2026-11-01 18:01"') == []
            assert await found(shanghai, 'updated >= "2026-11-01 18:00"') == ["at ten UTC"]
        assert await found(jira, 'updated >= "2026-11-01 18:00"') == []

    async def test_minutes_are_the_finest_a_date_can_say(self, jira: httpx.AsyncClient) -> None:
        answer = await jira.post("/search/jql", json={"jql": 'updated >= "2026-11-01 10:00:30"'})
        assert answer.status_code == 400
        assert "is invalid. Valid formats include" in answer.json()["errorMessages"][0]

    async def test_bare_milliseconds_are_exact(self, jira: httpx.AsyncClient, clock: Clock) -> None:
        await created(jira, "now")
        stamp = int(clock.time.timestamp() * 1000)
        assert await found(jira, f"updated >= {stamp}") == ["now"]
        assert await found(jira, f"updated >= {stamp + 1}") == []

    async def test_periods_count_from_now(self, jira: httpx.AsyncClient, clock: Clock) -> None:
        await created(jira, "early")
        clock.pass_(minutes=40)
        assert await found(jira, "updated >= -30m") == []
        assert await found(jira, "updated >= -1h AND updated <= now()") == ["early"]


class TestJql:
    @pytest.fixture
    async def board(self, jira: httpx.AsyncClient) -> httpx.AsyncClient:
        epic = await created(jira, "Checkout epic", issuetype={"name": "Epic"})
        await created(
            jira,
            "Order form fails",
            labels=["erp", "Client"],
            priority={"name": "High"},
            assignee={"accountId": "5b10ac8d82e05b22cc7d4ef5"},
            parent={"key": epic},
            duedate="2026-12-01",
            customfield_10206={"value": "Web"},
        )
        await created(jira, "订单表单失败", issuetype={"name": "Bug"}, labels=["web"], customfield_10203=8)
        return jira

    @pytest.mark.parametrize(
        ("jql", "expected"),
        [
            ("project = ACME", 3),
            ("project = 'Acme Delivery' AND type = Bug", 1),
            ("issuetype IN (Story, Bug)", 2),
            ("status = 'to do'", 3),
            ("statusCategory != Done", 3),
            ("assignee = 5b10ac8d82e05b22cc7d4ef5", 1),
            ("assignee IS EMPTY", 2),
            ("assignee != 5b10ac8d82e05b22cc7d4ef5", 0),
            ("assignee = currentUser()", 0),
            ("reporter = currentUser()", 3),
            ("labels = client", 1),
            ("labels != client", 1),
            ("labels IS EMPTY OR labels NOT IN (erp)", 2),
            ("priority = High", 1),
            ("priority in (High, Medium) and not type = Epic", 2),
            ('summary ~ "fails order"', 1),
            ('summary ~ "fail*"', 1),
            ('summary ~ "fail"', 0),
            ('summary ~ "\\"order form\\""', 1),
            ('text ~ "订单"', 1),
            ("key = ACME-2", 1),
            ("issuekey in (ACME-1, acme-3)", 2),
            ("key > ACME-1", 2),
            ("id = 10000", 1),
            ("parent = ACME-1", 1),
            ("resolution = Unresolved", 3),
            ("resolution IS EMPTY", 3),
            ("due <= 2026-12-01", 1),
            ("duedate is empty", 2),
            ("cf[10206] = Web", 1),
            ('"Story Points" >= 8', 1),
            ("NOT (type = Bug OR type = Epic)", 1),
        ],
    )
    async def test_a_query_finds_what_it_says(self, board: httpx.AsyncClient, jql: str, expected: int) -> None:
        assert len(await found(board, jql)) == expected

    @pytest.mark.parametrize(
        "jql",
        [
            "",
            "ORDER BY created",
            "foo = 1",
            "project = NOPE",
            "status = Nope",
            "key = ACME-99",
            "summary = exact",
            "project = ACME AND",
            "project ACME",
            "(project = ACME",
            "project = ACME ORDER BY id, key, created, updated, priority, status, summary, duedate",
            "project = ACME ORDER BY colour",
            "issue.property[hub].key = 'REQ-1'",
        ],
    )
    async def test_a_query_that_cannot_be_answered_is_a_400(self, jira: httpx.AsyncClient, jql: str) -> None:
        answer = await jira.post("/search/jql", json={"jql": jql})
        assert (answer.status_code, answer.json()["errors"]) == (400, {})
        assert answer.json()["errorMessages"]

    async def test_a_property_is_found_only_if_its_key_was_declared(self, clock: Clock) -> None:
        sandbox = JiraSandbox(now=clock, indexed_properties=frozenset({"hub"}))
        async with signed_in(sandbox) as jira:
            key = await created(jira, "marked")
            await created(jira, "bare")
            await jira.put(f"/issue/{key}/properties/hub", json={"key": "REQ-1"})
            assert await found(jira, "issue.property[hub].key = 'REQ-1'") == ["marked"]

    async def test_order_is_by_several_fields(self, board: httpx.AsyncClient) -> None:
        by_priority = await found(board, "project = ACME ORDER BY priority DESC, key DESC")
        assert by_priority == ["Order form fails", "订单表单失败", "Checkout epic"]

    async def test_the_count_is_by_the_same_query(self, board: httpx.AsyncClient) -> None:
        answer = await board.post("/search/approximate-count", json={"jql": "type = Bug"})
        assert answer.json() == {"count": 1}


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["project", "=", "ACME", "(", ")", "and", "or", "not", "in", ",", "order", "by"])).map(
        " ".join
    )
)
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Problem):
        assert parse(text) == parse(text)
