"""What all records have in common: instants, people, versions, and who touched what, as the API shows them."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from hub.sdk import Account, Touch

MARKER = "requirement-hub"
"""The key of the property of an issue or a comment that carries the entity key: `{"key": "REQ-12"}`."""
ASSOCIATIONS = {"IssueParentAssociation": "parent", "Parent": "parent", "Epic Link": "parent", "Key": "project"}
"""What histories call some fields."""


def instant(text: str) -> datetime:
    """An instant as Jira writes it, `2026-11-01T10:02:33.123+0000`, in UTC; the offset follows the caller's profile."""
    return datetime.fromisoformat(text).astimezone(UTC)


def milliseconds(text: str) -> int:
    """An instant as Jira writes it, in milliseconds since 1970."""
    return round(instant(text).timestamp() * 1000)


def moment(text: str | None) -> str | None:
    """An instant as Jira writes it as RFC 3339 in UTC, whoever reads it."""
    return instant(text).isoformat(timespec="milliseconds").replace("+00:00", "Z") if text else None


def account_id(user: Mapping[str, Any]) -> str:
    """What never changes of an account: its id on Cloud; on Data Center its key, which survives a new login name."""
    return str(user.get("accountId") or user.get("key") or user.get("name") or "")


def account(user: Mapping[str, Any]) -> Account:
    """An account; on Cloud the e-mail address is there only if its owner shows it, and there are no login names."""
    login = "" if user.get("accountId") else str(user.get("name") or "")
    return Account(account_id(user), str(user.get("displayName") or ""), user.get("emailAddress") or None, login)


def person(user: Any) -> dict[str, Any] | None:
    """An account in the form in which records show people."""
    if not user:
        return None
    shown = account(user)
    more = {"email": shown.email, "username": shown.username}
    return {"id": shown.id, "name": shown.name, **{name: value for name, value in more.items() if value}}


def version(updated: str | None, shown: Mapping[str, Any]) -> str:
    """Instant and content: an index may show an old content under a new instant, and a comment moves the instant."""
    digest = hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]
    return f"{milliseconds(updated)}:{digest}" if updated else ""


def marker_in(properties: Any) -> str | None:
    """The entity key among properties: an object of an issue, a list of `{"key", "value"}` of a comment."""
    if isinstance(properties, list):
        properties = {each.get("key"): each.get("value") for each in properties if isinstance(each, Mapping)}
    value = properties.get(MARKER) if isinstance(properties, Mapping) else None
    key = value.get("key") if isinstance(value, Mapping) else None
    return str(key) if key else None


def touches(issue: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Touch]:
    """Who touched each field last; its creator where the whole history is known and has nothing of it.

    Args:
        names: By what a history calls a field (its id, or on Data Center its label): the record's field.
    """
    log, fields, found = issue.get("changelog") or {}, issue["fields"], dict[str, Touch]()
    histories = log.get("histories") or []
    creator, created = fields.get("creator"), fields.get("created")
    complete = "histories" in log and len(histories) >= int(log.get("total") or 0)
    if creator and created and complete:
        found = dict.fromkeys(names.values(), Touch(account(creator), instant(created)))
    for name, touch in _history(histories, names):
        if name not in found or found[name].at <= touch.at:
            found[name] = touch
    return found


def _history(histories: list[dict[str, Any]], names: Mapping[str, str]) -> Iterator[tuple[str, Touch]]:
    for history in histories:
        author = history.get("author")
        if not author or not account_id(author):
            continue
        touch = Touch(account(author), instant(history["created"]))
        for item in history.get("items") or []:
            label = str(item.get("field") or "")
            name = ASSOCIATIONS.get(label) or names.get(str(item.get("fieldId"))) or names.get(label)
            if name in names.values():
                yield str(name), touch


def detached(issue: Mapping[str, Any]) -> list[str]:
    """The ids of attachments that the history of an issue, as far as it is shown, says were taken away."""
    histories = (issue.get("changelog") or {}).get("histories") or []
    items = [item for history in histories for item in history.get("items") or []]
    return [str(i["from"]) for i in items if i.get("field") == "Attachment" and i.get("from") and not i.get("to")]
