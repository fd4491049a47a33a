"""Fields of drafts and patches in the form in which Jira takes them. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from hub.sdk import Kind, Refused
from hub_jira import screens
from hub_jira.config import JiraOptions

Screen = Mapping[str, Mapping[str, Any]]
ALWAYS = frozenset({"project", "issuetype"})
FILLED_BY_JIRA = frozenset({"reporter"})
"""Required on most screens, and the caller if nobody is named."""


def _named(value: Any) -> Any:
    return {"name": value} if value else None


def _numbered(value: Any) -> Any:
    return {"id": str(value)} if value else None


def _person(value: Any) -> Any:
    return {"accountId": str(value["id"])} if value else None


def _plain(value: Any) -> Any:
    return value


_AS: Mapping[str, Callable[[Any], Any]] = {
    "summary": lambda value: value or "",
    "description": _plain,
    "issuetype": _named,
    "priority": _named,
    "duedate": _plain,
    "assignee": _person,
    "labels": lambda value: list(value or ()),
    "parent": _numbered,
}


def create_fields(fields: Mapping[str, Any], screen: Screen, options: JiraOptions, kind: Kind) -> dict[str, Any]:
    """What a create call sets, besides project and type: what is on the screen and not empty, and configured defaults.

    A sub-task's parent is sent always. Raises Refused if the screen requires a field that has no value.
    """
    given = {name: _AS[name](value) for name, value in fields.items() if value and name in _AS and name not in ALWAYS}
    values = {name: value for name, value in given.items() if name in screen or name == "parent"}
    for name, shown in screen.items():
        if name not in values and name not in ALWAYS and (name not in _AS or screens.required(shown)):
            default = screens.configured(options, name, shown)
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


def edit(fields: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """The body of an edit that changes only *fields*; labels by adding and removing, so that others' labels stay.

    Status is not among them: it changes by transitions.
    """
    values = {name: _AS[name](value) for name, value in fields.items() if name in _AS and name != "labels"}
    body: dict[str, Any] = {"fields": values} if values else {}
    if "labels" in fields:
        now, before = list(fields["labels"] or ()), list(base.get("labels") or ())
        verbs = [{"add": label} for label in now if label not in before]
        verbs += [{"remove": label} for label in before if label not in now]
        if verbs:
            body["update"] = {"labels": verbs}
    return body
