"""Projects, and the catalogues of the site: types, statuses, priorities, resolutions, fields, labels."""

from hub_jira.sandbox.fields import Field, shown_in_list, shown_in_search
from hub_jira.sandbox.http import Call, Endpoint
from hub_jira.sandbox.problems import missing
from hub_jira.sandbox.records import Json, Project
from hub_jira.sandbox.shapes import CATEGORIES


def _projects(call: Call) -> list[Project]:
    return list(call.site.projects.values()) if call.account else []


def projects(call: Call) -> list[Json]:
    """`GET /project`."""
    return [call.shapes.project(one) for one in _projects(call)]


def search_projects(call: Call) -> Json:
    """`GET /project/search`."""
    keys, ids, query = call.names("keys"), call.names("id"), call.query("query").casefold()
    found = [
        one
        for one in sorted(_projects(call), key=lambda one: one.key)
        if (not keys or one.key in keys) and (not ids or one.id in ids)
        if query in one.key.casefold() or query in one.name.casefold()
    ]
    return call.bean(found, call.shapes.project)


def project(call: Call) -> Json:
    """`GET /project/{projectIdOrKey}`."""
    return call.shapes.project(call.project(), whole=True)


def project_statuses(call: Call) -> list[Json]:
    """`GET /project/{projectIdOrKey}/statuses`: by issue type."""
    found = call.project()
    statuses = [call.shapes.status(call.site.statuses[one]) for one in found.statuses]
    return [
        {"self": call.shapes.link(f"issuetype/{kind.id}"), "id": kind.id, "name": kind.name, "subtask": kind.level < 0}
        | {"statuses": statuses}
        for kind in (call.site.types[one] for one in found.types)
    ]


def project_versions(call: Call) -> list[Json]:
    """`GET /project/{projectIdOrKey}/versions`."""
    found = call.project()
    return [call.shapes.project_version(one) for one in call.site.versions.values() if one.project == found.id]


def types(call: Call) -> list[Json]:
    """`GET /issuetype`."""
    return [call.shapes.type(one) for one in call.site.types.values()] if call.account else []


def types_of_project(call: Call) -> list[Json]:
    """`GET /issuetype/project`."""
    found = call.site.find_project(call.query("projectId")) if call.account else None
    if not found:
        raise missing(f"No project could be found with id '{call.query('projectId')}'.")
    return [call.shapes.type(call.site.types[one]) for one in found.types]


def statuses(call: Call) -> list[Json]:
    """`GET /status`."""
    return [call.shapes.status(one) for one in call.site.statuses.values()] if call.account else []


def categories(call: Call) -> list[Json]:
    """`GET /statuscategory`."""
    return [call.shapes.category(key) for key in CATEGORIES]


def priorities(call: Call) -> list[Json]:
    """`GET /priority`."""
    return [call.shapes.priority(one) for one in call.site.priorities.values()]


def search_priorities(call: Call) -> Json:
    """`GET /priority/search`."""
    ids, name = call.names("id"), call.query("priorityName").casefold()
    found = [one for one in call.site.priorities.values() if not ids or one.id in ids if name in one.name.casefold()]
    return call.bean(found, lambda one: call.shapes.priority(one) | {"isDefault": one.id == "3"})


def resolutions(call: Call) -> list[Json]:
    """`GET /resolution`."""
    return [call.shapes.resolution(one) for one in call.site.resolutions.values()]


def fields(call: Call) -> list[Json]:
    """`GET /field`."""
    shown = [shown_in_list(one) for one in call.site.fields.values()]
    if call.site.is_server:
        return [{name: value for name, value in one.items() if name != "key"} for one in shown]
    return shown


def search_fields(call: Call) -> Json:
    """`GET /field/search`; as on the real service not quite the set of `GET /field`: no computed fields here."""
    kinds, ids, query = call.names("type"), call.names("id"), call.query("query").casefold()

    def chosen(field: Field) -> bool:
        kind = "custom" if field.is_custom else "system"
        named = not ids or field.id in ids
        return named and (not kinds or kind in kinds) and query in field.name.casefold() and field.kind != "computed"

    return call.bean([one for one in call.site.fields.values() if chosen(one)], shown_in_search)


def labels(call: Call) -> Json:
    """`GET /label`."""
    issues = call.site.issues.values() if call.account else ()
    return call.bean(sorted({label for issue in issues for label in issue.value("labels") or []}), size=1000)


ENDPOINTS = [
    Endpoint("GET", "/project", projects),
    Endpoint("GET", "/project/search", search_projects, cloud_only=True),
    Endpoint("GET", "/project/{projectIdOrKey}", project),
    Endpoint("GET", "/project/{projectIdOrKey}/statuses", project_statuses),
    Endpoint("GET", "/project/{projectIdOrKey}/versions", project_versions),
    Endpoint("GET", "/issuetype", types),
    Endpoint("GET", "/issuetype/project", types_of_project, cloud_only=True),
    Endpoint("GET", "/status", statuses),
    Endpoint("GET", "/statuscategory", categories),
    Endpoint("GET", "/priority", priorities),
    Endpoint("GET", "/priority/search", search_priorities, cloud_only=True),
    Endpoint("GET", "/resolution", resolutions),
    Endpoint("GET", "/field", fields),
    Endpoint("GET", "/field/search", search_fields, cloud_only=True),
    Endpoint("GET", "/label", labels, cloud_only=True),
]
