"""What records show of issues: which fields are asked for, and how each is shown."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any

from hub.sdk import Edit, Record
from hub_jira.config import JiraConfig
from hub_jira.custom import CustomField
from hub_jira.dialects import Parted
from hub_jira.history import STATUS, newest, replaced, steps
from hub_jira.records import instant, marker_in, milliseconds, person, touches, version

SHOWN = (
    "summary",
    "description",
    "status",
    "issuetype",
    "priority",
    "duedate",
    "assignee",
    "labels",
    "parent",
    "project",
)
ARCHIVED = "archiveddate"
"""Set of what was put away ("Archiving an issue", Premium and Data Center): it can be read, and no search shows it."""
ALWAYS = ("created", "creator", "updated", ARCHIVED)
ESTIMATE, TRACKING = "timeoriginalestimate", "timetracking"
"""The estimate as it is read, and the field through which it is written."""
CUSTOM = "custom"


@dataclass(frozen=True)
class Shape:
    """What is shown of the issues of one kind.

    Args:
        more: Ids of fields beyond the usual ones, which are shown as they are, with what people call them.
        custom: The fields of the configuration, shown together under `custom`.
    """

    config: JiraConfig
    dialect: Parted
    more: Mapping[str, str] = dataclass_field(default_factory=dict)
    custom: tuple[CustomField, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """The ids of the fields that a record is made of."""
        return tuple(dict.fromkeys([*SHOWN, *self.more, *(field.id for field in self.custom), *ALWAYS]))

    def fields(self, shown: Mapping[str, Any]) -> dict[str, Any]:
        """The record's fields from an issue's."""
        found = {name: _SHOWN_AS[name](shown.get(name)) for name in SHOWN}
        found |= {name: shown.get(name) for name in self.more}
        if self.custom:
            found[CUSTOM] = {field.name: field.read(shown.get(field.id), self.dialect) for field in self.custom}
        return found

    def record(self, issue: Mapping[str, Any]) -> Record:
        """The record of an issue that was read with `asked`, and with whatever was expanded."""
        fields = issue["fields"]
        shown, touched = self.fields(fields), touches(issue, self._names())
        return Record(
            id=str(issue["id"]),
            fields=shown,
            version=version(fields.get("updated"), shown),
            key=issue.get("key"),
            url=self.config.browse(issue["key"]) if issue.get("key") else None,
            touched=max(touched.values(), key=lambda touch: touch.at, default=None),
            touches=touched,
            marker=marker_in(issue.get("properties")),
            archived=bool(fields.get(ARCHIVED)),
            at=instant(fields["updated"]) if fields.get("updated") else None,
            extra=extra(issue),
            edits=self._steps_of_status(issue),
        )

    def _steps_of_status(self, issue: Mapping[str, Any]) -> tuple[Edit, ...]:
        """The answer to a transition shows no history, so what it replaced is told by the next reading."""
        return tuple(step.edit for step in steps(issue, {STATUS: STATUS}, {STATUS: STATUS}))

    def replaced(self, issue: Mapping[str, Any], written: Collection[str], base: Record, me: str) -> list[Edit]:
        """What a write of the fields with the ids *written* has replaced unseen; *issue* as it was afterwards."""
        ids = {name: name for name in (*SHOWN, *self.more)} | {label: name for name, label in self.more.items()}
        names = {name: name for name in (*SHOWN, *self.more)}
        for field in self.custom:
            ids |= {field.id: field.id, field.label: field.id}
            names[field.id] = CUSTOM
        read_as = {ESTIMATE if name == TRACKING else name for name in written}
        return replaced(steps(issue, ids, names), sorted(read_as), base, self.record(issue), me)

    def merged(self, before: Record, issue: Mapping[str, Any]) -> Record:
        """The answer to an edit, which leaves out what is not set, may leave out more, and never shows the marker."""
        now, there = self.record(issue), issue["fields"]
        names = (*SHOWN, *self.more)
        fields = {name: now.fields[name] if name in there else before.fields.get(name) for name in names}
        whole = all(name in there or not before.fields.get(name) for name in names)
        if self.custom:
            told = {each.name: now.fields[CUSTOM][each.name] for each in self.custom if each.id in there}
            fields[CUSTOM] = {**now.fields[CUSTOM], **(before.fields.get(CUSTOM) or {}), **told}
            whole = whole and all(each.id in there for each in self.custom)
        return replace(
            now,
            fields=fields,
            version=version(there.get("updated"), fields) if whole else "",
            key=now.key or before.key,
            url=now.url or before.url,
            touches={**before.touches, **now.touches},
            touched=now.touched or before.touched,
            marker=now.marker or before.marker,
            extra={**before.extra, **now.extra},
        )

    def _names(self) -> dict[str, str]:
        """What histories call the fields of the record: ids and, on Data Center, labels."""
        names = {name: name for name in (*SHOWN, *self.more)} | {label: name for name, label in self.more.items()}
        for field in self.custom:
            names |= {field.id: CUSTOM, field.label: CUSTOM}
        return names


def extra(issue: Mapping[str, Any]) -> dict[str, Any]:
    """What a later change needs: where the issue stands in its workflow and how it could go on, and how far its history is known."""
    fields = issue["fields"]
    known = {
        "updated": milliseconds(fields["updated"]) if fields.get("updated") else None,
        "status": fields.get("status"),
        "type": (fields.get("issuetype") or {}).get("id"),
        "transitions": issue.get("transitions"),
        "history": newest(issue),
    }
    return {name: value for name, value in known.items() if value is not None}


def _same(value: Any) -> Any:
    return value


def _name(value: Any) -> str | None:
    return str(value["name"]) if value else None


def _id(value: Any) -> str | None:
    return str(value["id"]) if value else None


def _key(value: Any) -> str | None:
    return str(value["key"]) if value else None


_SHOWN_AS: Mapping[str, Callable[[Any], Any]] = {
    "summary": _same,
    "description": _same,
    "status": _name,
    "issuetype": _name,
    "priority": _name,
    "duedate": _same,
    "assignee": person,
    "labels": lambda value: list(value or ()),
    "parent": _id,
    "project": _key,
}
