"""The fields of a site: what each holds, and how the API describes it."""

from dataclasses import dataclass, field
from typing import Any

from hub_jira.sandbox.records import Json, Option

_CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"
_SOFTWARE = "com.pyxis.greenhopper.jira:"


@dataclass
class Field:
    """A field.

    Args:
        kind: What it holds: text, rich, number, day, moment, option, options, cascade, user, users, labels, url,
            group, version, versions, sprint, epic, priority, resolution, issuetype, project, parent, status, span,
            verbatim, or computed.
        custom: The custom field type, without its prefix, for custom fields.
        items: What its list is said to hold, where that is not what such lists usually hold.
    """

    id: str
    name: str
    kind: str
    custom: str | None = None
    clauses: tuple[str, ...] = ()
    navigable: bool = True
    options: list[Option] = field(default_factory=list)
    prefix: str = _CUSTOM
    items: str | None = None

    @property
    def is_custom(self) -> bool:
        """Whether the site made it, not Jira."""
        return self.id.startswith("customfield_") and self.id.removeprefix("customfield_").isdigit()

    @property
    def operations(self) -> list[str]:
        """The verbs of an edit that it takes."""
        if self.kind in {"labels", "options", "users", "versions"}:
            return ["add", "set", "remove"]
        return ["set"]

    @property
    def schema(self) -> Json:
        """The `schema` of the API."""
        kind, items = _TYPES.get(self.kind, ("any", None))
        if self.kind == "computed":
            kind, items = _COMPUTED.get(self.id, ("any", None))
        items = self.items or items
        shown: Json = {"type": kind} | ({"items": items} if items else {})
        if not self.is_custom:
            return shown | {"system": self.id}
        number = int(self.id.removeprefix("customfield_"))
        return shown | {"custom": self.prefix + (self.custom or "textfield"), "customId": number}

    @property
    def clause_names(self) -> list[str]:
        """The names by which JQL knows it."""
        if not self.is_custom:
            return list(self.clauses)
        return [f"cf[{self.id.removeprefix('customfield_')}]", self.name]


_TYPES: dict[str, tuple[str, str | None]] = {
    "text": ("string", None),
    "rich": ("string", None),
    "url": ("string", None),
    "number": ("number", None),
    "day": ("date", None),
    "moment": ("datetime", None),
    "option": ("option", None),
    "options": ("array", "option"),
    "cascade": ("option-with-child", None),
    "user": ("user", None),
    "users": ("array", "user"),
    "labels": ("array", "string"),
    "group": ("group", None),
    "version": ("version", None),
    "versions": ("array", "version"),
    "sprint": ("array", "json"),
    "priority": ("priority", None),
    "resolution": ("resolution", None),
    "issuetype": ("issuetype", None),
    "project": ("project", None),
    "parent": ("issuelink", None),
    "status": ("status", None),
    "span": ("timetracking", None),
}
_COMPUTED: dict[str, tuple[str, str | None]] = {
    "created": ("datetime", None),
    "updated": ("datetime", None),
    "resolutiondate": ("datetime", None),
    "archiveddate": ("datetime", None),
    "statuscategorychangedate": ("datetime", None),
    "lastViewed": ("datetime", None),
    "creator": ("user", None),
    "comment": ("comments-page", None),
    "attachment": ("array", "attachment"),
    "issuelinks": ("array", "issuelinks"),
    "subtasks": ("array", "issuelinks"),
    "components": ("array", "component"),
    "fixVersions": ("array", "version"),
    "versions": ("array", "version"),
    "votes": ("votes", None),
    "watches": ("watches", None),
    "worklog": ("array", "worklog"),
    "workratio": ("number", None),
    "timeoriginalestimate": ("number", None),
}


def system_fields() -> list[Field]:
    """The fields every site has."""
    return [
        Field("summary", "Summary", "text", clauses=("summary",)),
        Field("issuetype", "Issue Type", "issuetype", clauses=("issuetype", "type")),
        Field("project", "Project", "project", clauses=("project",)),
        Field("parent", "Parent", "parent", clauses=("parent",)),
        Field("description", "Description", "rich", clauses=("description",)),
        Field("environment", "Environment", "rich", clauses=("environment",)),
        Field("status", "Status", "status", clauses=("status",)),
        Field("priority", "Priority", "priority", clauses=("priority",)),
        Field("labels", "Labels", "labels", clauses=("labels",)),
        Field("assignee", "Assignee", "user", clauses=("assignee",)),
        Field("reporter", "Reporter", "user", clauses=("reporter",)),
        Field("duedate", "Due date", "day", clauses=("due", "duedate")),
        Field("resolution", "Resolution", "resolution", clauses=("resolution",)),
        Field("creator", "Creator", "computed", clauses=("creator",)),
        Field("created", "Created", "computed", clauses=("created", "createdDate")),
        Field("updated", "Updated", "computed", clauses=("updated", "updatedDate")),
        Field("resolutiondate", "Resolved", "computed", clauses=("resolutiondate", "resolved")),
        Field("archiveddate", "Archived", "computed", navigable=False),
        Field("statuscategorychangedate", "Status Category Changed", "computed"),
        Field("comment", "Comment", "computed", clauses=("comment",), navigable=False),
        Field("attachment", "Attachment", "computed", clauses=("attachments",), navigable=False),
        Field("issuelinks", "Linked Issues", "computed"),
        Field("subtasks", "Sub-tasks", "computed", clauses=("subtasks",)),
        Field("components", "Components", "computed", clauses=("component",)),
        Field("fixVersions", "Fix versions", "computed", clauses=("fixVersion",)),
        Field("versions", "Affects versions", "computed", clauses=("affectedVersion",)),
        Field("votes", "Votes", "computed", clauses=("votes",)),
        Field("watches", "Watchers", "computed", clauses=("watchers",)),
        Field("worklog", "Log Work", "computed", navigable=False),
        Field("timetracking", "Time tracking", "span", navigable=False),
        Field("timeoriginalestimate", "Original estimate", "computed", clauses=("originalEstimate",)),
        Field("workratio", "Work Ratio", "computed", clauses=("workratio",)),
        Field("lastViewed", "Last Viewed", "computed", clauses=("lastViewed",)),
    ]


def _choices(first: int, *values: str) -> list[Option]:
    return [Option(str(first + number), value) for number, value in enumerate(values)]


def custom_fields() -> list[Field]:
    """One custom field of every usual type."""
    regions = [*_choices(10240, "EU", "Asia"), Option("10242", "DE", "10240"), Option("10243", "FR", "10240")]
    regions.append(Option("10244", "CN", "10241"))
    return [
        Field("customfield_10201", "External key", "text", "textfield"),
        Field("customfield_10202", "Background", "rich", "textarea"),
        Field("customfield_10203", "Story Points", "number", "float"),
        Field("customfield_10204", "Start date", "day", "datepicker"),
        Field("customfield_10205", "Go-live", "moment", "datetime"),
        Field("customfield_10206", "Channel", "option", "select", options=_choices(10220, "Web", "Mobile", "Phone")),
        Field("customfield_10207", "Systems", "options", "multiselect", options=_choices(10225, "ERP", "CRM", "Shop")),
        Field(
            "customfield_10208", "Checks", "options", "multicheckboxes", options=_choices(10230, "Legal", "Security")
        ),
        Field("customfield_10209", "Tags", "labels", "labels"),
        Field("customfield_10210", "Specification", "url", "url"),
        Field("customfield_10211", "Requester", "user", "userpicker"),
        Field("customfield_10212", "Reviewers", "users", "multiuserpicker"),
        Field("customfield_10213", "Region", "cascade", "cascadingselect", options=regions),
        Field("customfield_10214", "Severity", "option", "radiobuttons", options=_choices(10250, "Minor", "Major")),
        Field("customfield_10215", "Team", "group", "grouppicker"),
        Field("customfield_10216", "Target version", "version", "version"),
        Field("customfield_10217", "Seen in", "versions", "multiversion"),
        Field("customfield_10218", "Sprint", "sprint", "gh-sprint", prefix=_SOFTWARE),
    ]


def epic_fields() -> list[Field]:
    """How an issue names its epic, and an epic itself, on Data Center, where only sub-tasks have a parent."""
    return [
        Field("customfield_10100", "Epic Link", "epic", "gh-epic-link", prefix=_SOFTWARE),
        Field("customfield_10101", "Epic Name", "text", "gh-epic-label", prefix=_SOFTWARE),
    ]


def shown_in_list(definition: Field) -> Json:
    """The shape of `GET /field`."""
    shown: Json = {
        "id": definition.id,
        "key": definition.id,
        "name": definition.name,
        "custom": definition.is_custom,
        "orderable": definition.kind != "computed",
        "navigable": definition.navigable,
        "searchable": True,
        "clauseNames": definition.clause_names,
        "schema": definition.schema,
    }
    return shown


def shown_in_search(definition: Field) -> Json:
    """The shape of the values of `GET /field/search`."""
    shown: dict[str, Any] = {"id": definition.id, "name": definition.name, "schema": definition.schema}
    if definition.is_custom:
        shown |= {"key": definition.id, "description": "", "isLocked": False}
    return shown
