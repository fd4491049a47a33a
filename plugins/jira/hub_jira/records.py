"""Issues as the API shows them, made records."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from hub.sdk import Account, Record, Touch
from hub_jira.config import JiraConfig

MARKER = "requirement-hub"
"""The key of the issue property that carries the entity key: `{"key": "REQ-12"}`."""
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
ASKED = (*SHOWN, "created", "creator", "updated")
_NAMES = {"IssueParentAssociation": "parent", "Parent": "parent", "Epic Link": "parent", "Key": "project"}


def instant(text: str) -> datetime:
    """An instant as Jira writes it, `2026-11-01T10:02:33.123+0000`, in UTC; the offset follows the caller's profile."""
    return datetime.fromisoformat(text).astimezone(UTC)


def milliseconds(text: str) -> int:
    """An instant as Jira writes it, in milliseconds since 1970."""
    return round(instant(text).timestamp() * 1000)


def account(user: Mapping[str, Any]) -> Account:
    """An account; the e-mail address is there only if its owner shows it."""
    return Account(str(user["accountId"]), str(user.get("displayName") or ""), user.get("emailAddress") or None)


def record(issue: Mapping[str, Any], config: JiraConfig) -> Record:
    """The record of an issue that was read with `ASKED`, and with whatever was expanded."""
    fields = issue["fields"]
    shown = {name: _SHOWN_AS[name](fields.get(name)) for name in SHOWN}
    touches = _touches(issue)
    return Record(
        id=str(issue["id"]),
        fields=shown,
        version=version(fields.get("updated"), shown),
        key=issue.get("key"),
        url=config.browse(issue["key"]) if issue.get("key") else None,
        touched=max(touches.values(), key=lambda touch: touch.at, default=None),
        touches=touches,
        marker=_marker(issue),
        at=instant(fields["updated"]) if fields.get("updated") else None,
        extra=extra(issue),
    )


def extra(issue: Mapping[str, Any]) -> dict[str, Any]:
    """What a later change of the status needs: where the issue stands in its workflow, and how it could go on."""
    fields = issue["fields"]
    known = {
        "updated": milliseconds(fields["updated"]) if fields.get("updated") else None,
        "status": fields.get("status"),
        "type": (fields.get("issuetype") or {}).get("id"),
        "transitions": issue.get("transitions"),
    }
    return {name: value for name, value in known.items() if value is not None}


def version(updated: str | None, shown: Mapping[str, Any]) -> str:
    """Instant and content: an index may show an old content under a new instant, and a comment moves the instant."""
    digest = hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
    return f"{milliseconds(updated)}:{digest}" if updated else ""


def _marker(issue: Mapping[str, Any]) -> str | None:
    value = (issue.get("properties") or {}).get(MARKER)
    key = value.get("key") if isinstance(value, Mapping) else None
    return str(key) if key else None


def _touches(issue: Mapping[str, Any]) -> dict[str, Touch]:
    """Who touched each field last; its creator where the whole history is known and has nothing of it."""
    log, fields, touches = issue.get("changelog") or {}, issue["fields"], dict[str, Touch]()
    histories = log.get("histories") or []
    creator, created = fields.get("creator"), fields.get("created")
    complete = "histories" in log and len(histories) >= int(log.get("total") or 0)
    if creator and created and complete:
        first = Touch(account(creator), instant(created))
        touches = dict.fromkeys(SHOWN, first)
    for name, touch in _history(histories):
        if name not in touches or touches[name].at <= touch.at:
            touches[name] = touch
    return touches


def _history(histories: list[dict[str, Any]]) -> Iterator[tuple[str, Touch]]:
    for history in histories:
        author = history.get("author")
        if not author or not author.get("accountId"):
            continue
        touch = Touch(account(author), instant(history["created"]))
        for item in history.get("items") or []:
            label = str(item.get("field") or "")
            name = _NAMES.get(label) or item.get("fieldId") or label
            if name in SHOWN:
                yield name, touch


def _same(value: Any) -> Any:
    return value


def _name(value: Any) -> str | None:
    return str(value["name"]) if value else None


def _id(value: Any) -> str | None:
    return str(value["id"]) if value else None


def _key(value: Any) -> str | None:
    return str(value["key"]) if value else None


def _person(value: Any) -> dict[str, Any] | None:
    if not value:
        return None
    shown = account(value)
    mail = {"email": shown.email} if shown.email else {}
    return {"id": shown.id, "name": shown.name, **mail}


_SHOWN_AS = {
    "summary": _same,
    "description": _same,
    "status": _name,
    "issuetype": _name,
    "priority": _name,
    "duedate": _same,
    "assignee": _person,
    "labels": lambda value: list(value or ()),
    "parent": _id,
    "project": _key,
}
