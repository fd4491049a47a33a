"""An issue as the API shows it: which fields, which expansions."""

import html
from collections.abc import Callable, Sequence
from typing import Any

from hub_jira.sandbox.documents import plain
from hub_jira.sandbox.fields import Field
from hub_jira.sandbox.records import Issue, Json, Option, Verbatim
from hub_jira.sandbox.shapes import Shapes
from hub_jira.sandbox.workflow import available

EXPANDABLE = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"


def shown_value(shapes: Shapes, field: Field, stored: Any) -> Any:
    """The value of *field* in the shape of the API."""
    if isinstance(stored, Verbatim):
        return stored.value
    if stored is None:
        return {"labels": [], "timetracking": {}}.get(field.id)
    show = _SHOWN.get(field.kind)
    return show(shapes, field, stored) if show else stored


def _cascade(shapes: Shapes, field: Field, stored: Any) -> Json:
    child = {"child": _option(shapes, field, stored[1])} if stored[1] else {}
    return _option(shapes, field, stored[0]) | child


def _option(shapes: Shapes, field: Field, option_id: str) -> Json:
    option = next(one for one in field.options if one.id == option_id)
    return shown_option(shapes, option)


def shown_option(shapes: Shapes, option: Option) -> Json:
    """An option of a select field."""
    return {"self": shapes.link(f"customFieldOption/{option.id}"), "value": option.value, "id": option.id}


_SHOWN: dict[str, Callable[[Shapes, Field, Any], Any]] = {
    "rich": lambda shapes, _, stored: shapes.rich(stored),
    "user": lambda shapes, _, stored: shapes.user(stored),
    "users": lambda shapes, _, stored: [shapes.user(one) for one in stored],
    "option": _option,
    "options": lambda shapes, field, stored: [_option(shapes, field, one) for one in stored],
    "cascade": _cascade,
    "priority": lambda shapes, _, stored: shapes.priority(shapes.site.priorities[stored]),
    "resolution": lambda shapes, _, stored: shapes.resolution(shapes.site.resolutions[stored]),
    "issuetype": lambda shapes, _, stored: shapes.type(shapes.site.types[stored]),
    "status": lambda shapes, _, stored: shapes.status(shapes.site.statuses[stored]),
    "moment": lambda shapes, _, stored: shapes.moment(stored),
    "group": lambda shapes, _, stored: shapes.group(shapes.site.groups[stored]),
    "version": lambda shapes, _, stored: shapes.project_version(shapes.site.versions[stored]),
    "versions": lambda shapes, _, stored: [shapes.project_version(shapes.site.versions[one]) for one in stored],
    "sprint": lambda shapes, _, stored: [shapes.sprint(shapes.site.sprints[stored])],
    "span": lambda _shapes, _field, stored: {"originalEstimate": f"{stored // 60}m", "originalEstimateSeconds": stored},
    "epic": lambda shapes, _, stored: shapes.site.issues[stored].key if stored in shapes.site.issues else None,
}


def _computed(shapes: Shapes, issue: Issue, field_id: str) -> Any:
    show = _COMPUTED.get(field_id)
    if show:
        return show(shapes, issue)
    stored = issue.values.get(field_id)
    return stored.value if isinstance(stored, Verbatim) else _without_content(shapes, issue, field_id)


def _comments(shapes: Shapes, issue: Issue) -> Json:
    comments = [shapes.comment(issue, comment) for comment in issue.comments]
    page = {"maxResults": len(comments), "total": len(comments), "startAt": 0}
    return {"comments": comments, "self": shapes.link(f"issue/{issue.id}/comment"), **page}


def _estimate(_: Shapes, issue: Issue) -> Any:
    """Seconds; of an issue that came with an export, what that says."""
    tracked = issue.value("timetracking")
    return tracked if isinstance(tracked, int) else issue.value("timeoriginalestimate")


def _resolved(shapes: Shapes, issue: Issue) -> str | None:
    at = issue.values.get("resolutiondate")
    return shapes.moment(at) if at else None


def _without_content(shapes: Shapes, issue: Issue, field_id: str) -> Any:
    address = shapes.link(f"issue/{issue.key}")
    empty: Json = {
        "components": [],
        "fixVersions": [],
        "versions": [],
        "votes": {"self": f"{address}/votes", "votes": 0, "hasVoted": False},
        "watches": {"self": f"{address}/watchers", "watchCount": 0, "isWatching": False},
        "worklog": {"startAt": 0, "maxResults": 20, "total": 0, "worklogs": []},
        "workratio": -1,
    }
    return empty.get(field_id)


def _subtasks(shapes: Shapes, issue: Issue) -> list[Json]:
    here = [child for child in shapes.site.children(issue) if shapes.site.type_of(child).level < 0]
    elsewhere: list[Json] = issue.foreign.get("subtasks", [])
    return [shapes.linked(child) for child in sorted(here, key=lambda child: int(child.id))] + elsewhere


def _links(shapes: Shapes, issue: Issue) -> list[Json]:
    here = [link for link in shapes.site.links.values() if issue.id in {link.inward, link.outward}]
    elsewhere: list[Json] = issue.foreign.get("issuelinks", [])
    return [shapes.issue_link(link, seen_from=issue.id) for link in here] + elsewhere


_COMPUTED: dict[str, Callable[[Shapes, Issue], Any]] = {
    "comment": _comments,
    "attachment": lambda shapes, issue: [shapes.attachment(one) for one in issue.attachments],
    "created": lambda shapes, issue: shapes.moment(issue.created),
    "updated": lambda shapes, issue: shapes.moment(issue.updated),
    "statuscategorychangedate": lambda shapes, issue: shapes.moment(issue.category_changed),
    "resolutiondate": _resolved,
    "archiveddate": lambda shapes, issue: shapes.moment(issue.archived) if issue.archived else None,
    "creator": lambda shapes, issue: shapes.user(issue.creator),
    "timeoriginalestimate": _estimate,
    "subtasks": _subtasks,
    "issuelinks": _links,
}


def _parent(shapes: Shapes, issue: Issue) -> Json | None:
    parent = shapes.site.issues.get(issue.value("parent") or "")
    return shapes.linked(parent) if parent else issue.foreign.get("parent")


def all_fields(shapes: Shapes, issue: Issue) -> list[Field]:
    """The fields an issue has: those of its project, and those an export brought."""
    site, project = shapes.site, shapes.site.project_of(issue)
    own = [f for f in site.fields.values() if not f.is_custom or f.id in project.screen or f.id in issue.values]
    return [f for f in own if f.kind != "verbatim" or f.id in issue.values]


def chosen_fields(shapes: Shapes, issue: Issue, wanted: Sequence[str]) -> list[Field]:
    """The fields that a list like `["*navigable", "comment", "-labels"]` chooses; ids and names nobody knows choose none."""
    fields, chosen = all_fields(shapes, issue), dict[str, Field]()
    if all(name.startswith("-") for name in wanted):
        wanted = ["*all", *wanted]
    for name in wanted:
        if name == "*all":
            chosen |= {field.id: field for field in fields}
        elif name == "*navigable":
            chosen |= {field.id: field for field in fields if field.navigable}
        elif name.startswith("-"):
            chosen.pop(name[1:], None)
        else:
            chosen |= {field.id: field for field in fields if name in {field.id, field.name}}
    return list(chosen.values())


def shown_fields(shapes: Shapes, issue: Issue, fields: Sequence[Field]) -> Json:
    """The `fields` of an issue."""
    shown: Json = {}
    for field in fields:
        if field.id == "project":
            shown["project"] = shapes.project(shapes.site.project_of(issue))
        elif field.id == "parent":
            if parent := _parent(shapes, issue):
                shown["parent"] = parent
        elif field.kind == "computed":
            shown[field.id] = _computed(shapes, issue, field.id)
        else:
            shown[field.id] = shown_value(shapes, field, issue.values.get(field.id))
    return shown


def shown_issue(
    shapes: Shapes,
    issue: Issue,
    wanted: Sequence[str] = ("*all",),
    *,
    expand: Sequence[str] = (),
    properties: Sequence[str] = (),
) -> Json:
    """`IssueBean`."""
    fields = chosen_fields(shapes, issue, wanted)
    body: Json = {
        "expand": EXPANDABLE,
        "id": issue.id,
        "self": shapes.link(f"issue/{issue.id}"),
        "key": issue.key,
        "fields": shown_fields(shapes, issue, fields),
    }
    if properties:
        names = issue.properties if "*all" in properties else properties
        body["properties"] = {key: issue.properties[key] for key in names if key in issue.properties}
    return body | expansions(shapes, issue, fields, expand)


def expansions(shapes: Shapes, issue: Issue, fields: Sequence[Field], expand: Sequence[str]) -> Json:
    """What `expand` adds to an issue."""
    body: Json = {}
    if "changelog" in expand:
        body["changelog"] = shapes.changelog(issue)
    if "names" in expand:
        body["names"] = {field.id: field.name for field in fields}
    if "schema" in expand:
        body["schema"] = {field.id: field.schema for field in fields}
    if "renderedFields" in expand:
        body["renderedFields"] = {f.id: _rendered(issue, f) for f in fields if f.kind == "rich"}
    if "transitions" in expand:
        body["transitions"] = [
            {"id": arrow.id, "name": arrow.name, "to": shapes.status(shapes.site.statuses[arrow.target])}
            for arrow in available(shapes.site.project_of(issue), issue)
        ]
    return body


def _rendered(issue: Issue, field: Field) -> str:
    stored = issue.values.get(field.id)
    if stored is None or isinstance(stored, Verbatim):
        return ""
    return "".join(f"<p>{html.escape(block)}</p>" for block in plain(stored).split("\n\n"))
