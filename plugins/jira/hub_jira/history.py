"""The history of an issue as edits: what a write has replaced that fell between our last look and it.

Facts: `expand=changelog` of "Get issue", "Edit issue" (`returnIssue`) and "Bulk fetch issues" of
developer.atlassian.com/cloud/jira/platform/rest/v3 shows the newest histories, at most 40 in bulk; ids of histories are
counted up over the whole site. On Data Center all of them are shown, and items name fields by their labels.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub.sdk import NOTHING, Edit, Record, Touch
from hub_jira.records import ASSOCIATIONS, account, account_id, instant

STATUS = "status"
_BY_TEXT = frozenset({"summary", "status", "priority", "issuetype"})
_BY_ID = frozenset({"duedate", "parent"})
ADDED = frozenset({"labels"})
"""What is written as what was added and removed, so that it replaces nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """One item of a history: its place among all of them, the id of Jira's field, and the edit."""

    place: int
    id: str
    edit: Edit


def newest(issue: Mapping[str, Any]) -> int | None:
    """The place of the newest history of an issue, 0 if it has none; None if none were asked for."""
    log = issue.get("changelog")
    if not isinstance(log, Mapping) or "histories" not in log:
        return None
    return max((_place(each) for each in log["histories"] or ()), default=0)


def steps(issue: Mapping[str, Any], ids: Mapping[str, str], names: Mapping[str, str]) -> list[Step]:
    """What the history of an issue tells, oldest first.

    Args:
        ids: By what a history calls a field (its id, or a label): Jira's id of it.
        names: By Jira's id of a field: the record's field.
    """
    histories = (issue.get("changelog") or {}).get("histories") or ()
    found = [step for each in histories for step in _steps(each, ids, names)]
    return sorted(found, key=lambda step: (step.place, step.edit.touch.at))


def _steps(history: Mapping[str, Any], ids: Mapping[str, str], names: Mapping[str, str]) -> Iterator[Step]:
    author = history.get("author")
    if not author or not account_id(author):
        return
    touch = Touch(account(author), instant(history["created"]))
    for item in history.get("items") or ():
        label = str(item.get("field") or "")
        number = ASSOCIATIONS.get(label) or ids.get(str(item.get("fieldId"))) or ids.get(label) or ""
        if name := names.get(number):
            before, value = _value(number, item, "from"), _value(number, item, "to")
            yield Step(_place(history), number, Edit(name, value, touch, before))


def _place(history: Mapping[str, Any]) -> int:
    number = str(history.get("id") or "")
    return int(number) if number.isdigit() else 0


def _value(field: str, item: Mapping[str, Any], side: str) -> Any:
    """One side of an item as records show it; NOTHING where the history has only a text made of it."""
    number, text = item.get(side), item.get(f"{side}String")
    if field in _BY_TEXT:
        return text or None
    if field in _BY_ID:
        return number or None
    if field == "assignee":
        return {"id": str(number), "name": str(text or "")} if number else None
    return NOTHING


def replaced(found: list[Step], written: Collection[str], base: Record, shown: Record, me: str) -> list[Edit]:
    """The edits by others of the fields *written* that are newer than *base* and older than our write of them.

    Args:
        found: The history after the write.
        written: Jira's ids of fields.
        shown: The record after the write.
        me: The id of our own account.
    """
    edits = (_replaced([step for step in found if step.id == name], base, shown, me) for name in written)
    return [edit for edit in edits if edit]


def _replaced(found: list[Step], base: Record, shown: Record, me: str) -> Edit | None:
    unseen = [step for step in found if _is_unseen(step, base)]
    ours = [number for number, step in enumerate(unseen) if step.edit.touch.who.id == me]
    before = [step.edit for step in unseen[: ours[-1] if ours else None] if step.edit.touch.who.id != me]
    if not before:
        return None
    last = before[-1]
    is_back = last.value is not NOTHING and _same(last.value, base.fields.get(last.field))
    # Without a step of ours the write changed nothing: it may have met just what it was to set.
    is_there = not ours and _same(last.value, shown.fields.get(last.field))
    return None if is_back or is_there else last


def _is_unseen(step: Step, base: Record) -> bool:
    known = base.extra.get("history")
    if known is not None:
        return step.place > int(known)
    return base.at is None or step.edit.touch.at > base.at


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return bool(one.get("id") == other.get("id"))
    return bool(one == other)
