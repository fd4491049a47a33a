"""Queries: which issues of the project are of a kind. Names are quoted, instants are milliseconds since 1970.

A text instant would be read in the time zone of the account's profile and to the minute; a bare number is neither.
"""

from collections.abc import Mapping, Sequence

from hub.sdk import Kind, KindSettings

Settings = Mapping[Kind, KindSettings]


def quoted(text: str) -> str:
    """*text* as a JQL string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def types_clause(kind: Kind, kinds: Settings) -> str:
    """The restriction to the issue types of *kind*; empty for none.

    Requirements of no named type are all types, less those of the tasks if the sync has tasks.
    """
    types = _types(kind, kinds)
    if types:
        return f"issuetype in ({_list(types)})"
    if kind is Kind.TASK:
        return "issuetype in subTaskIssueTypes()"
    if Kind.TASK not in kinds:
        return ""
    tasks = _types(Kind.TASK, kinds)
    return f"issuetype not in ({_list(tasks)})" if tasks else "issuetype not in subTaskIssueTypes()"


def of_kind(project: str, kind: Kind, kinds: Settings, *more: str) -> str:
    """All issues of *kind* in the project with this id for which *more* is true too."""
    return " AND ".join(filter(None, (f"project = {project}", types_clause(kind, kinds), *more)))


def _types(kind: Kind, kinds: Settings) -> tuple[str, ...]:
    return kinds[kind].types if kind in kinds else ()


def _list(names: Sequence[str]) -> str:
    return ", ".join(quoted(name) for name in names)
