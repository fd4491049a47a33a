"""Search: the paged one, the estimate, and the removed one."""

from starlette.responses import Response

from hub_jira.sandbox.http import Call, Endpoint
from hub_jira.sandbox.issue_shape import all_fields, shown_issue
from hub_jira.sandbox.problems import answer, bad
from hub_jira.sandbox.records import Issue, Json
from hub_jira.sandbox.routes_issues import check_property_keys
from hub_jira.sandbox.search import Search

MOST_WITH_FIELDS, MOST_IDS, MOST_RECONCILED = 100, 5000, 50
REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline "
    "is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)


def _asked(call: Call) -> Json:
    """What was asked for, from the body of a POST or the query of a GET."""
    if call.request.method == "POST":
        expand = call.object.get("expand") or ""
        names = expand.split(",") if isinstance(expand, str) else call.texts("expand")
        lists = {name: call.texts(name) for name in ("fields", "properties", "reconcileIssues")}
        return (
            call.object
            | lists
            | {
                "expand": [name.strip() for name in names if name.strip()],
                "maxResults": call.amount("maxResults", 50),
            }
        )
    lists = {name: call.names(name) for name in ("fields", "expand", "properties", "reconcileIssues")}
    return lists | {
        "jql": call.query("jql"),
        "nextPageToken": call.query("nextPageToken"),
        "maxResults": call.number("maxResults", 50),
    }


def search(call: Call) -> Json:
    """`GET` and `POST /search/jql`: a page of matches and the token of the next; no total."""
    asked = _asked(call)
    fields, reconcile = asked["fields"] or ["id"], asked["reconcileIssues"]
    check_property_keys(asked["properties"])
    if len(reconcile) > MOST_RECONCILED:
        raise bad(f"The maximum number of issues to reconcile is {MOST_RECONCILED}.")
    jql = asked.get("jql") or ""
    if not isinstance(jql, str):
        raise bad("Invalid request payload. Refer to the REST API documentation and try again.")
    only_ids = set(fields) <= {"id", "key"} and not asked["expand"] and not asked["properties"]
    size = min(asked["maxResults"], MOST_IDS if only_ids else MOST_WITH_FIELDS)
    query = Search(call.site, call.account, jql, frozenset(reconcile))
    issues, token = query.page(asked.get("nextPageToken") or None, max(size, 1))
    body: Json = {"issues": [_shown(call, issue, fields, asked) for issue in issues], "isLast": token is None}
    body |= {"nextPageToken": token} if token else {}
    return body | described_fields(call, issues, asked["expand"])


def _shown(call: Call, issue: Issue, fields: list[str], asked: Json) -> Json:
    extra = bool(asked["expand"] or asked["properties"])
    if set(fields) <= {"id"} and not extra:
        return {"id": issue.id}
    wanted = [one for one in fields if one not in {"id", "key"}]
    expand = [one for one in asked["expand"] if one not in {"names", "schema"}]
    if not wanted:
        shown = shown_issue(call.shapes, issue, ["id"], expand=expand, properties=asked["properties"])
        return {key: value for key, value in shown.items() if key != "fields"}
    return shown_issue(call.shapes, issue, wanted, expand=expand, properties=asked["properties"])


def described_fields(call: Call, issues: list[Issue], expand: list[str]) -> Json:
    """The names and schemas of fields, told once for the page."""
    body: Json = {}
    fields = {field.id: field for issue in issues for field in all_fields(call.shapes, issue)}
    if "names" in expand:
        body["names"] = {one.id: one.name for one in fields.values()}
    if "schema" in expand:
        body["schema"] = {one.id: one.schema for one in fields.values()}
    return body


def count(call: Call) -> Json:
    """`POST /search/approximate-count`."""
    query = Search(call.site, call.account, str(call.object.get("jql") or ""))
    return {"count": len(query.found(call.site.search_moment()))}


def removed(_: Call) -> Response:
    """The search with `startAt`, which answers 410."""
    return answer({"errorMessages": [REMOVED], "errors": {}}, 410)


ENDPOINTS = [
    Endpoint("GET", "/search/jql", search, cloud_only=True),
    Endpoint("POST", "/search/jql", search, cloud_only=True),
    Endpoint("POST", "/search/approximate-count", count, cloud_only=True),
    Endpoint("GET", "/search", removed),
    Endpoint("POST", "/search", removed),
]
