"""Which issues of the project are of which kind: as a query, and of an issue that was read.

Names are quoted, instants are milliseconds since 1970: a text instant would be read in the time zone of the account's
profile and to the minute; a bare number is neither.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.sdk import Kind, KindSettings

Settings = Mapping[Kind, KindSettings]
SUB_TASKS = "issuetype in subTaskIssueTypes()"


def quoted(text: str) -> str:
    """*text* as a JQL string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def of_project(project: str, kinds: Settings, *more: str) -> str:
    """Every issue of the project with this id that the settings take for anything, and for which *more* is true too."""
    return " AND ".join(filter(None, (f"project = {project}", types_clause(kinds), *more)))


def types_clause(kinds: Settings) -> str:
    """The restriction to the issue types of requirements and tasks; empty for none.

    Requirements of no named type are all types but sub-tasks; tasks of no named type are the sub-tasks.
    """
    named, wants_tasks = _types(Kind.REQUIREMENT, kinds), Kind.TASK in kinds
    tasks = _types(Kind.TASK, kinds) if wants_tasks else ()
    wants_all = not named and (Kind.REQUIREMENT in kinds or not wants_tasks)
    if wants_all and wants_tasks and not tasks:
        return ""
    clauses = [f"issuetype in ({_list([*named, *tasks])})"] if named or tasks else []
    clauses += ["issuetype not in subTaskIssueTypes()"] if wants_all else []
    clauses += [SUB_TASKS] if wants_tasks and not tasks else []
    return clauses[0] if len(clauses) == 1 else f"({' OR '.join(clauses)})"


def kind_of(issue: Mapping[str, Any], kinds: Settings) -> Kind | None:
    """What an issue is: never a requirement and a task at once. None for what the settings do not take up."""
    shown = issue["fields"].get("issuetype") or {}
    name, is_sub_task = str(shown.get("name")), bool(shown.get("subtask"))
    named, tasks = _types(Kind.REQUIREMENT, kinds), _types(Kind.TASK, kinds)
    if name in named:
        return Kind.REQUIREMENT
    if name in tasks or (is_sub_task and not tasks):
        return Kind.TASK
    return Kind.REQUIREMENT if not named and not is_sub_task else None


def is_held(issue: Mapping[str, Any], kinds: Settings) -> bool:
    """Whether an issue is a requirement or task of the sync, so that what hangs on it is of use."""
    kind = kind_of(issue, kinds)
    return kind is not None and (kind in kinds or not {Kind.REQUIREMENT, Kind.TASK} & kinds.keys())


def _types(kind: Kind, kinds: Settings) -> tuple[str, ...]:
    return kinds[kind].types if kind in kinds else ()


def _list(names: Sequence[str]) -> str:
    return ", ".join(quoted(name) for name in names)
