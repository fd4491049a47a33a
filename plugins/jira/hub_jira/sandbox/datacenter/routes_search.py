"""The search of Data Center: pages by `startAt`, a total, and any JQL, even none."""

from typing import Any

from hub_jira.sandbox.http import Call, Endpoint
from hub_jira.sandbox.issue_shape import shown_issue
from hub_jira.sandbox.problems import Problem, bad
from hub_jira.sandbox.records import Issue, Json
from hub_jira.sandbox.routes_search import described_fields
from hub_jira.sandbox.search import Search

DEFAULT, MOST = 50, 1000
"""How many issues a page has if nothing is said, and at most (`jira.search.views.default.max`)."""


def _asked(call: Call) -> Json:
    """What was asked for, from the body of a POST or the query of a GET; nothing else is known, and is ignored."""
    if call.request.method == "GET":
        return {
            "jql": call.query("jql"),
            "startAt": call.number("startAt", 0),
            "maxResults": call.number("maxResults", DEFAULT),
            "validateQuery": call.flag("validateQuery", default=True),
            "fields": call.names("fields"),
            "expand": call.names("expand"),
        }
    expand = call.object.get("expand")
    return {
        "jql": call.object.get("jql") or "",
        "startAt": _whole(call, "startAt", 0),
        "maxResults": _whole(call, "maxResults", DEFAULT),
        "validateQuery": call.object.get("validateQuery") is not False,
        "fields": call.texts("fields"),
        "expand": expand.split(",") if isinstance(expand, str) else call.texts("expand"),
    }


def _whole(call: Call, name: str, default: int) -> int:
    given = call.object.get(name)
    if given is None:
        return default
    if isinstance(given, bool) or not isinstance(given, int):
        raise bad(f"The value of '{name}' must be a number.")
    return given


def _matches(call: Call, jql: Any, *, validate: bool) -> tuple[list[Issue], list[str]]:
    """The issues that match as the index shows them now, and warnings where a wrong query is let through."""
    if not isinstance(jql, str):
        raise bad("Can not deserialize instance of java.lang.String out of the value of 'jql'.")
    try:
        return Search(call.site, call.account, jql, bounded=False).found(call.site.search_moment()), []
    except Problem as problem:
        if validate or problem.status != 400:
            raise
        return [], problem.messages


def search(call: Call) -> Json:
    """`GET` and `POST /search`: `maxResults` of 0 gives the total alone, a negative one as many as there may be."""
    asked = _asked(call)
    matches, warnings = _matches(call, asked["jql"], validate=asked["validateQuery"])
    start, wanted = max(asked["startAt"], 0), asked["maxResults"]
    size = MOST if wanted < 0 else min(wanted, MOST)
    issues, expand = matches[start : start + size], asked["expand"]
    fields = asked["fields"] or ["*navigable"]
    of_issue = [one for one in expand if one not in {"names", "schema"}]
    body: Json = {
        "expand": "schema,names",
        "startAt": start,
        "maxResults": size,
        "total": len(matches),
        "issues": [shown_issue(call.shapes, issue, fields, expand=of_issue) for issue in issues],
    }
    body |= {"warningMessages": warnings} if warnings else {}
    return body | described_fields(call, issues, expand)


ENDPOINTS = [
    Endpoint("GET", "/search", search),
    Endpoint("POST", "/search", search),
]
