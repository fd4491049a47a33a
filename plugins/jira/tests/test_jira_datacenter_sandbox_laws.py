"""What holds of the Data Center edition of the Jira sandbox whatever is asked of it."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from hub_jira.sandbox import JiraDataCenterSandbox
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.sdk.sandbox import create_app
from plugins.jira.tests.signing import Clock

TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "value", "x"]), inner),
    max_leaves=6,
)
FIELDS = [
    *("summary", "description", "labels", "assignee", "reporter", "priority", "duedate", "parent", "environment"),
    *(f"customfield_{number}" for number in (*range(10100, 10102), *range(10201, 10219))),
]
REQUESTS: list[tuple[str, str]] = [
    ("POST", "/search"),
    ("POST", "/issue/bulk"),
    ("PUT", "/issue/ACME-1"),
    ("PUT", "/issue/ACME-1/assignee"),
    ("POST", "/issue/ACME-1/comment"),
    ("POST", "/issue/ACME-1/transitions"),
    ("PUT", "/issue/ACME-1/properties/hub"),
]
NAMES = [
    "jql",
    "startAt",
    "maxResults",
    "fields",
    "expand",
    "validateQuery",
    "name",
    "body",
    "visibility",
    "properties",
]


class Asking:
    """A sandbox with one issue, asked without a socket."""

    def __init__(self) -> None:
        self.sandbox = JiraDataCenterSandbox(now=Clock())
        self.app = create_app(self.sandbox)
        self.ask("POST", "/issue", {"fields": self.fields()})

    def fields(self, **more: Any) -> dict[str, Any]:
        return {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Order", **more}

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        async def once() -> httpx.Response:
            headers, transport = {"Authorization": "Bearer ana-pat"}, httpx.ASGITransport(self.app)
            content = None if body is None else json.dumps(body).encode()
            async with httpx.AsyncClient(transport=transport, base_url="http://jira.test") as client:
                return await client.request(method, f"/rest/api/2{path}", content=content, headers=headers, **more)

        return asyncio.run(once())


@contextmanager
def asking() -> Iterator[Asking]:
    yield Asking()


@given(TEXTS, TEXTS)
@settings(max_examples=30, deadline=None)
def test_a_text_comes_back_to_the_letter(description: str, comment: str) -> None:
    with asking() as jira:
        assert jira.ask("PUT", "/issue/ACME-1", {"fields": {"description": description}}).status_code == 204
        jira.ask("POST", "/issue/ACME-1/comment", {"body": comment})
        (issue,) = jira.ask("GET", "/search?fields=description,comment").json()["issues"]
    assert issue["fields"]["description"] == (description or None)
    assert [one["body"] for one in issue["fields"]["comment"]["comments"]] == ([comment] if comment else [])


@given(st.integers(1, 5), st.integers(0, 12))
@settings(max_examples=15, deadline=None)
def test_pages_together_are_the_whole(size: int, count: int) -> None:
    with asking() as jira:
        for number in range(count):
            jira.ask("POST", "/issue", {"fields": jira.fields(summary=f"Order {number}")})
        seen: list[str] = []
        total = count + 1
        while len(seen) < total:
            page = jira.ask("POST", "/search", {"jql": "ORDER BY key ASC", "startAt": len(seen), "maxResults": size})
            assert page.json()["total"] == total
            seen += [one["key"] for one in page.json()["issues"]]
    assert seen == [f"ACME-{number}" for number in range(1, total + 1)]


@given(st.sampled_from(FIELDS), JSON)
@settings(max_examples=150, deadline=None)
def test_a_value_is_taken_or_refused_by_name_and_never_a_failure(field: str, value: Any) -> None:
    with asking() as jira:
        answer = jira.ask("PUT", "/issue/ACME-1", {"fields": {field: value}})
        assert answer.status_code in {204, 400}
        assert answer.status_code == 204 or answer.json()["errors"].keys() <= {field, "parentId"}
        assert jira.ask("GET", "/search?fields=*all&expand=changelog").json()["total"] == 1


@given(st.sampled_from(REQUESTS), st.dictionaries(st.sampled_from(NAMES), JSON))
@settings(max_examples=150, deadline=None)
def test_no_body_makes_it_fail(request: tuple[str, str], body: dict[str, Any]) -> None:
    with asking() as jira:
        answer = jira.ask(*request, body)
        assert answer.status_code < 500
        assert jira.ask("GET", "/issue/ACME-1?expand=changelog").status_code == 200
