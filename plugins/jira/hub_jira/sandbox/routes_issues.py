"""Issues: create, read, edit, delete, alone and in bulk; the workflow; history."""

from starlette.responses import Response

from hub_jira.sandbox.editing import only_new
from hub_jira.sandbox.field_shape import described
from hub_jira.sandbox.fields import Field
from hub_jira.sandbox.http import Call, Endpoint, no_content
from hub_jira.sandbox.issue_shape import shown_issue
from hub_jira.sandbox.problems import Problem, answer, bad, bad_field
from hub_jira.sandbox.records import Edit, Issue, Json, Project, Transition
from hub_jira.sandbox.workflow import available

BULK_CREATE, BULK_FETCH, BULK_HISTORY, PROPERTY_KEYS = 50, 100, 1000, 5


def created(call: Call, issue: Issue) -> Json:
    """`CreatedIssue`."""
    return {"id": issue.id, "key": issue.key, "self": call.shapes.link(f"issue/{issue.id}")}


def create(call: Call) -> Response:
    """`POST /issue`."""
    issue = call.editor.create(call.object)
    body = created(call, issue)
    if "transition" in call.object:
        body["transition"] = {"status": 204, "errorCollection": _first_step(call, issue)}
    return answer(body, 201)


def _first_step(call: Call, issue: Issue) -> Json:
    try:
        call.editor.transition(issue, {"transition": call.object["transition"]})
    except Problem as problem:
        return problem.as_json()
    return {"errorMessages": [], "errors": {}}


def create_many(call: Call) -> Response:
    """`POST /issue/bulk`: 201 with what succeeded and what did not; 400 only if nothing did."""
    given = call.object.get("issueUpdates")
    if not isinstance(given, list) or not given:
        raise bad("issueUpdates must be a list with at least one issue.")
    if len(given) > BULK_CREATE:
        raise bad(f"The number of issues in a bulk create request cannot exceed {BULK_CREATE}.")
    issues, errors = list[Json](), list[Json]()
    for number, one in enumerate(given):
        try:
            issues.append(created(call, call.editor.create(one)))
        except Problem as problem:
            error = {"status": problem.status, "elementErrors": problem.as_json(), "failedElementNumber": number}
            errors.append(error)
    return answer({"issues": issues, "errors": errors}, 201 if issues else 400)


def read(call: Call) -> Json:
    """`GET /issue/{issueIdOrKey}`."""
    return shown_issue(
        call.shapes,
        call.issue(),
        call.names("fields") or ["*all"],
        expand=call.names("expand"),
        properties=call.names("properties"),
    )


def read_many(call: Call) -> Json:
    """`POST /issue/bulkfetch`: in ascending order of id, whatever is not there silently missing."""
    names, wanted = call.texts("issueIdsOrKeys"), call.texts("fields") or ["*navigable"]
    properties, expand = call.texts("properties"), call.texts("expand")
    if not names:
        raise bad("issueIdsOrKeys must not be empty.")
    if len(names) > BULK_FETCH:
        raise bad(f"The maximum number of issues that can be fetched is {BULK_FETCH}.")
    check_property_keys(properties)
    found = {issue.id: issue for name in names if (issue := call.site.find(name))} if call.account else {}
    issues = [
        shown_issue(call.shapes, found[one], wanted, expand=expand, properties=properties)
        for one in sorted(found, key=int)
    ]
    return {"issues": issues, "issueErrors": []}


def check_property_keys(keys: list[str]) -> None:
    """400 if more keys of properties are asked for than the API gives at once."""
    if len(keys) > PROPERTY_KEYS:
        raise bad(f"The maximum number of property keys is {PROPERTY_KEYS}.")


def edit(call: Call) -> Response:
    """`PUT /issue/{issueIdOrKey}`."""
    issue = call.issue()
    if not call.flag("notifyUsers", default=True) and not call.caller.admin:
        raise Problem(403, ["To discard the user notification either admin or project admin permissions are required."])
    call.editor.edit(issue, call.object)
    if call.flag("returnIssue", default=False) and not call.site.is_server:
        return answer(shown_issue(call.shapes, issue, expand=call.names("expand")))
    return no_content()


def delete(call: Call) -> Response:
    """`DELETE /issue/{issueIdOrKey}`."""
    call.editor.delete(call.issue(), with_subtasks=call.flag("deleteSubtasks", default=False))
    return no_content()


def archive(call: Call) -> Json:
    """`PUT /issue/archive`: 200 with how many were put away, and why others were not."""
    issues = [call.site.find(name) for name in call.texts("issueIdsOrKeys")]
    for issue in (each for each in issues if each):
        put_away(call, issue)
    missing = issues.count(None)
    told = {"issuesNotFound": {"count": missing, "message": "Issue not found"}} if missing else {}
    return {"numberOfIssuesUpdated": len(issues) - missing, "errors": told}


def archive_one(call: Call) -> Response:
    """`PUT /issue/{issueIdOrKey}/archive` of Data Center."""
    put_away(call, call.issue())
    return no_content()


def put_away(call: Call, issue: Issue) -> None:
    """Archive an issue; 403 for who is no administrator."""
    if not call.caller.admin:
        raise Problem(403, ["You do not have permission to archive issues."])
    issue.archived = call.site.now()
    call.site.save(issue)


def assign(call: Call) -> Response:
    """`PUT /issue/{issueIdOrKey}/assignee`; "-1" is the project's default, which is nobody."""
    issue, account = call.issue(), call.object.get("accountId")
    given = None if account in (None, "-1") else {"accountId": account}
    call.editor.edit(issue, {"fields": {"assignee": given}})
    return no_content()


def edit_fields(call: Call) -> Json:
    """`GET /issue/{issueIdOrKey}/editmeta`."""
    project = call.site.project_of(call.issue())
    fields = [call.site.fields[one] for one in project.screen if one not in only_new(call.site)]
    needed = call.site.required | {"summary", "issuetype"}
    return {"fields": {one.id: described(call.shapes, project, one, required=one.id in needed) for one in fields}}


def transitions(call: Call) -> Json:
    """`GET /issue/{issueIdOrKey}/transitions`: those open now."""
    issue, chosen = call.issue(), call.query("transitionId")
    arrows = available(call.site.project_of(issue), issue) if call.account else []
    with_fields = "transitions.fields" in call.names("expand")
    shown = [_arrow(call, issue, one, with_fields) for one in arrows if chosen in {"", one.id}]
    return {"expand": "transitions", "transitions": shown}


def _arrow(call: Call, issue: Issue, arrow: Transition, with_fields: bool) -> Json:
    project, fields = call.site.project_of(issue), call.site.fields
    body: Json = {
        "id": arrow.id,
        "name": arrow.name,
        "to": call.shapes.status(call.site.statuses[arrow.target]),
        "hasScreen": bool(arrow.screen),
        "isGlobal": arrow.sources is None,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": arrow.needs_assignee,
        "isLooped": False,
    }
    if with_fields:
        screen = [(fields[name], required) for name, required in arrow.screen]
        body["fields"] = {f.id: described(call.shapes, project, f, required=needed) for f, needed in screen}
    return body


def transition(call: Call) -> Response:
    """`POST /issue/{issueIdOrKey}/transitions`."""
    call.editor.transition(call.issue(), call.object)
    return no_content()


def history(call: Call) -> Json:
    """`GET /issue/{issueIdOrKey}/changelog`: oldest first."""
    return call.bean(call.issue().history, call.shapes.edit, size=100)


def history_of_many(call: Call) -> Json:
    """`POST /changelog/bulkfetch`."""
    names, fields = call.texts("issueIdsOrKeys"), call.texts("fieldIds")
    size, token = call.amount("maxResults", BULK_HISTORY), str(call.object.get("nextPageToken") or "")
    if not 0 < len(names) <= BULK_HISTORY:
        raise bad(f"issueIdsOrKeys must have between 1 and {BULK_HISTORY} entries.")
    if len(fields) > 10:
        raise bad("The maximum number of field ids is 10.")
    issues = {issue.id: issue for name in names if (issue := call.site.find(name))} if call.account else {}
    edits = [(one, edit) for one in sorted(issues, key=int) for edit in _edits_of(issues[one], fields)]
    start = int(token) if token.isdigit() else 0
    logs: dict[str, list[Json]] = {}
    for issue_id, entry in edits[start : start + size]:
        logs.setdefault(issue_id, []).append(call.shapes.edit(entry))
    body: Json = {"issueChangeLogs": [{"issueId": one, "changeHistories": log} for one, log in logs.items()]}
    return body | ({"nextPageToken": str(start + size)} if start + size < len(edits) else {})


def _edits_of(issue: Issue, fields: list[str]) -> list[Edit]:
    return [one for one in issue.history if not fields or any(item["fieldId"] in fields for item in one.items)]


def creatable_types(call: Call) -> Json:
    """`GET /issue/createmeta/{projectIdOrKey}/issuetypes`."""
    project = call.project()
    part, numbers = call.page([call.site.types[one] for one in project.types])
    return {**numbers, "issueTypes": [call.shapes.type(one) for one in part]}


def creatable_fields(call: Call) -> Json:
    """`GET /issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}`."""
    project = call.project()
    pairs = creatable(call, project)
    shown = [{"fieldId": f.id, **described(call.shapes, project, f, required=needed)} for f, needed in pairs]
    part, numbers = call.page(shown)
    return {**numbers, "fields": part}


def creatable(call: Call, project: Project) -> list[tuple[Field, bool]]:
    """The fields a new issue of the type of the path may be given, and whether each is required."""
    kind = call.site.types.get(call.path("issueTypeId"))
    if not kind or kind.id not in project.types:
        raise bad_field("issueTypeId", "The issue type is not valid for this project.")
    needed = call.site.required | {"summary", "issuetype", "project"} | ({"parent"} if kind.level < 0 else set())
    highest = -1 if call.site.is_server else 0
    names = [one for one in project.screen if one != "parent" or kind.level <= highest]
    return [(call.site.fields[one], one in needed) for one in names]


def create_meta(call: Call) -> Json:
    """`GET /issue/createmeta`, the deprecated form of the two above in one."""
    keys = call.names("projectKeys")
    projects = [one for one in call.site.projects.values() if not keys or one.key in keys] if call.account else []
    shown = [
        {"self": call.shapes.link(f"project/{one.id}"), "id": one.id, "key": one.key, "name": one.name}
        | {"issuetypes": [call.shapes.type(call.site.types[kind]) for kind in one.types]}
        for one in projects
    ]
    return {"expand": "projects", "projects": shown}


def limits(_: Call) -> Json:
    """`GET /issue/limit/report`."""
    most = {"comment": 5000, "worklog": 10000, "attachment": 2000, "issuelinks": 2000, "remoteIssueLinks": 2000}
    return {"limits": most, "issuesApproachingLimit": {}, "issuesBreachingLimit": {}}


_ISSUE = "/issue/{issueIdOrKey}"
_META = "/issue/createmeta/{projectIdOrKey}/issuetypes"
ENDPOINTS = [
    Endpoint("POST", "/issue", create, login=True),
    Endpoint("POST", "/issue/bulk", create_many, login=True),
    Endpoint("POST", "/issue/bulkfetch", read_many, cloud_only=True),
    Endpoint("GET", "/issue/createmeta", create_meta),
    Endpoint("PUT", "/issue/archive", archive, login=True, cloud_only=True),
    Endpoint("PUT", _ISSUE + "/archive", archive_one, login=True),
    Endpoint("GET", _META, creatable_types),
    Endpoint("GET", _META + "/{issueTypeId}", creatable_fields),
    Endpoint("GET", "/issue/limit/report", limits, login=True, cloud_only=True),
    Endpoint("GET", _ISSUE, read),
    Endpoint("PUT", _ISSUE, edit, login=True),
    Endpoint("DELETE", _ISSUE, delete, login=True),
    Endpoint("PUT", _ISSUE + "/assignee", assign, login=True),
    Endpoint("GET", _ISSUE + "/editmeta", edit_fields),
    Endpoint("GET", _ISSUE + "/transitions", transitions),
    Endpoint("POST", _ISSUE + "/transitions", transition, login=True),
    Endpoint("GET", _ISSUE + "/changelog", history, cloud_only=True),
    Endpoint("POST", "/changelog/bulkfetch", history_of_many, cloud_only=True),
]
