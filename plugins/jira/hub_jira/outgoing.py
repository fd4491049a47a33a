"""Fields of drafts and patches in the form in which Jira takes them."""

from collections.abc import Mapping
from typing import Any

from hub.sdk import Kind, Refused
from hub_jira import screens
from hub_jira.config import JiraOptions
from hub_jira.edition import Edition
from hub_jira.shape import CUSTOM, ESTIMATE, TRACKING
from hub_jira.site import Site

Screen = Mapping[str, Mapping[str, Any]]
ALWAYS = frozenset({"project", "issuetype"})
FILLED_BY_JIRA = frozenset({"reporter"})
"""Required on most screens, and the caller if nobody is named."""
_NAMED, _PLAIN = frozenset({"issuetype", "priority"}), frozenset({"description", "duedate"})
_KNOWN = _NAMED | _PLAIN | {"summary", "assignee", "labels", "parent"}


class Outgoing:
    """Makes values that Jira takes of values that records show."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def values(self, kind: Kind, fields: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
        """By field of Jira, as far as *kind* has it; of custom fields, those that differ from *base*.

        Not the status: it changes by transitions. Raises Refused.
        """
        shape = await self._site.catalogue.shape(kind)
        made = {name: await self._value(name, value) for name, value in fields.items() if name in _KNOWN}
        made |= {name: fields[name] for name in shape.more if name in fields and name != ESTIMATE}
        if ESTIMATE in fields:
            made[TRACKING] = {"originalEstimate": _duration(fields[ESTIMATE])}
        held, given = base.get(CUSTOM) or {}, fields.get(CUSTOM) or {}
        for field in shape.custom:
            value = (given.get(field.name) or {}).get("value")
            if field.name in given and value != (held.get(field.name) or {}).get("value"):
                made[field.id] = await field.write(value, self._site.edition.dialect, self._site.people.find)
        return made

    async def _value(self, name: str, value: Any) -> Any:
        if name in _NAMED:
            return {"name": value} if value else None
        match name:
            case "summary":
                return value or ""
            case "assignee":
                return await self._site.people.as_field(value)
            case "labels":
                return list(value or ())
            case "parent":
                return {"id": str(value)} if value else None
        return value


def _duration(seconds: float | None) -> str:
    """A span as people write it in Jira, in minutes, which mean the same whatever the hours of a day are there.

    Nought clears it. Fact: "Edit issue", `timetracking`; spans of a unit alone, such as `90m`, are read on every site.
    """
    return f"{max(round(float(seconds or 0) / 60), 1) if seconds else 0}m"


def create_fields(
    given: Mapping[str, Any], screen: Screen, options: JiraOptions, kind: Kind, edition: Edition
) -> dict[str, Any]:
    """What a create call sets, besides project and type: what is on the screen and not empty, and configured defaults.

    A sub-task's parent is sent always. Raises Refused if the screen requires a field that has no value.
    """
    filled = {name: value for name, value in given.items() if value not in (None, "", []) and name not in ALWAYS}
    values = {name: value for name, value in filled.items() if name in screen or name == "parent"}
    for name, shown in screen.items():
        if name not in values and name not in ALWAYS and (name not in _KNOWN or screens.required(shown)):
            default = screens.configured(options, name, shown, edition)
            if default is not None:
                values[name] = default
    _check_required(values, screen, kind)
    return values


def _check_required(values: Mapping[str, Any], screen: Screen, kind: Kind) -> None:
    missing = {
        name: str(shown.get("name") or name)
        for name, shown in screen.items()
        if screens.required(shown) and name not in values and name not in ALWAYS | FILLED_BY_JIRA
    }
    if missing:
        names = ", ".join(f"{label!r} ({name})" for name, label in missing.items())
        name, label = next(iter(missing.items()))
        raise Refused(
            f"a new issue needs {names}: {screens.advice(kind, name, label)}",
            fields={name: screens.advice(kind, name, label) for name, label in missing.items()},
        )


def edit(values: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """The body of an edit that sets *values*; labels by adding and removing, so that others' labels stay."""
    fields = {name: value for name, value in values.items() if name != "labels"}
    body: dict[str, Any] = {"fields": fields} if fields else {}
    if "labels" in values:
        now, before = list(values["labels"]), list(base.get("labels") or ())
        verbs = [{"add": label} for label in now if label not in before]
        verbs += [{"remove": label} for label in before if label not in now]
        if verbs:
            body["update"] = {"labels": verbs}
    return body
