"""A Jira export taken in: what it names is added to the site, what it lacks is made up."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub_jira.sandbox import defaults, workflow
from hub_jira.sandbox.documents import as_stored, from_plain, is_document, plain
from hub_jira.sandbox.export import issues_of
from hub_jira.sandbox.fields import Field
from hub_jira.sandbox.records import (
    Account,
    Attachment,
    Comment,
    Edit,
    Issue,
    IssueType,
    Json,
    Named,
    Project,
    Rich,
    Status,
    Verbatim,
)
from hub_jira.sandbox.site import Site, by_name
from hub_jira.sandbox.times import read_moment

_MADE_HERE = frozenset({"project", "created", "updated", "creator", "comment", "attachment", "subtasks", "issuelinks"})
_DONE_NAMES = frozenset({"done", "closed", "resolved"})
_NEW_NAMES = frozenset({"to do", "open", "new", "backlog", "reopened"})
_ITEM_PARTS = ("field", "fieldtype", "fieldId", "from", "fromString", "to", "toString")


def load(site: Site, document: Any) -> list[Issue]:
    """Take the issues of *document* in. An issue whose key is here already is replaced.

    Raises:
        ValueError: If the document is no export of issues, and then nothing is changed; or if one of its issues is
            broken, and then those before it are in.
    """
    found = issues_of(document)
    names = document.get("names") or {} if isinstance(document, dict) else {}
    loaded = [_loaded(site, names, given) for given in found]
    for issue in [issue for issue in site.issues.values() if issue.foreign]:
        _settle(site, issue)
    return loaded


def _loaded(site: Site, names: Json, given: Json) -> Issue:
    try:
        return Loading(site, names, given).issue()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"Issue {given['key']} of this export cannot be read: {error}") from error


def _settle(site: Site, issue: Issue) -> None:
    """Turn what an export told of other issues into relations, where those issues are here now."""
    parent, changed = site.find(str((issue.foreign.get("parent") or {}).get("key", ""))), False
    if parent:
        issue.foreign.pop("parent")
        issue.values["parent"], changed = parent.id, True
    elsewhere = []
    for told in issue.foreign.pop("subtasks", []):
        child = site.find(str(told.get("key", "")))
        if child:
            child.values["parent"] = issue.id
            child.foreign.pop("parent", None)
            site.save(child)
            changed = True
        else:
            elsewhere.append(told)
    if elsewhere:
        issue.foreign["subtasks"] = elsewhere
    if changed:
        site.save(issue)


@dataclass
class Loading:
    """One issue of an export on its way into the site."""

    site: Site
    names: Json
    given: Json

    def __post_init__(self) -> None:
        self.fields: Json = self.given["fields"]
        self.key = str(self.given["key"])
        self.project = self._project()

    def issue(self) -> Issue:
        """The issue, kept."""
        created = self._moment(self.fields.get("created")) or self.site.now()
        before = self.site.find(self.key)
        issue_id = before.id if before else self._free_id()
        updated = self._moment(self.fields.get("updated")) or created
        issue = Issue(
            id=issue_id,
            key=self.key,
            project=self.project.id,
            values=self._values(),
            created=created,
            updated=updated,
            creator=self.account(self.fields.get("creator") or self.fields.get("reporter")),
            category_changed=self._moment(self.fields.get("statuscategorychangedate")) or updated,
        )
        if before:
            self.site.release(before)
        issue.comments = self._comments(created)
        issue.attachments = self._attachments(created)
        issue.history = self._history(created)
        issue.properties = dict(self.given.get("properties") or {})
        issue.foreign = {part: told for part in ("parent", "subtasks", "issuelinks") if (told := self.fields.get(part))}
        self.site.save(issue)
        return issue

    def _free_id(self) -> str:
        told = str(self.given.get("id", ""))
        if told.isdigit() and told not in self.site.issues:
            return told
        return self.site.next_id("issue", self.site.issues.__contains__)

    def _moment(self, text: Any) -> datetime | None:
        return read_moment(text) if isinstance(text, str) else None

    def _project(self) -> Project:
        told = self.fields.get("project") or {}
        key, _, number = self.key.rpartition("-")
        project = self.site.find_project(key)
        if not project:
            name = str(told.get("name") or key)
            project = defaults.add_project(self.site, key, name, str(told.get("id") or "") or None)
        project.last_number = max(project.last_number, int(number) if number.isdigit() else 0)
        return project

    def _values(self) -> Json:
        site, fields = self.site, self.fields
        resolution = self._named(site.resolutions, fields.get("resolution"))
        resolved = self._moment(fields.get("resolutiondate"))
        values: Json = {
            "summary": str(self.key if fields.get("summary") is None else fields["summary"]),
            "description": self._rich(fields.get("description")),
            "environment": self._rich(fields.get("environment")),
            "labels": list(fields.get("labels") or []),
            "priority": self._named(site.priorities, fields.get("priority")),
            "resolution": resolution,
            "resolutiondate": resolved if resolution else None,
            "issuetype": self._type(fields.get("issuetype") or {"name": "Task"}),
            "status": self._status(fields.get("status") or {"name": "To Do"}),
            "assignee": self.account(fields.get("assignee")),
            "reporter": self.account(fields.get("reporter")),
            "duedate": str(fields["duedate"])[:10] if fields.get("duedate") else None,
            "parent": None,
        }
        rest = fields.keys() - values.keys() - _MADE_HERE - {"statuscategorychangedate"}
        return values | {name: self._as_told(name) for name in sorted(rest)}

    def _as_told(self, name: str) -> Verbatim:
        if name not in self.site.fields:
            shown = str((self.names or self.given.get("names") or {}).get(name) or name)
            self.site.fields[name] = Field(name, shown, "verbatim")
        return Verbatim(self.fields[name])

    def _rich(self, told: Any) -> Rich | None:
        if self.site.is_server:
            return plain(told) or None if isinstance(told, dict | str) else None
        if isinstance(told, dict):
            usable = is_document(told) and told["content"]
            return as_stored(told, self.site.local_id) if usable else told if told.get("content") else None
        return from_plain(told) if isinstance(told, str) else None

    def _named(self, things: dict[str, Named], told: Any) -> str | None:
        if not isinstance(told, dict) or not told.get("name"):
            return None
        known = by_name(things, told["name"])
        if known:
            return known.id
        new_id = self._id_for(things, told)
        things[new_id] = Named(new_id, told["name"], str(told.get("description") or ""))
        return new_id

    def _id_for(self, things: dict[str, Any], told: Json) -> str:
        wanted = str(told.get("id") or "")
        return wanted if wanted.isdigit() and wanted not in things else self.site.next_id("told", things.__contains__)

    def _type(self, told: Json) -> str:
        known = by_name(self.site.types, str(told.get("name")))
        if not known:
            level = -1 if told.get("subtask") else int(told.get("hierarchyLevel") or 0)
            description = str(told.get("description") or "")
            known = IssueType(self._id_for(self.site.types, told), str(told.get("name")), level, description)
            self.site.types[known.id] = known
        if known.id not in self.project.types:
            self.project.types.append(known.id)
        return known.id

    def _status(self, told: Json) -> str:
        name = str(told.get("name"))
        known = by_name(self.site.statuses, name)
        if not known:
            description = str(told.get("description") or "")
            known = Status(self._id_for(self.site.statuses, told), name, _category(told), description)
            self.site.statuses[known.id] = known
        workflow.widen(self.project, known)
        return known.id

    def account(self, told: Any) -> str | None:
        """The id of the account an export tells of, added if it is new; people of a Server get one from their name."""
        if not isinstance(told, dict):
            return None
        login = told.get("name") or told.get("key") or told.get("displayName")
        if self.site.is_server:
            return self._person(told, str(told.get("accountId") or login or ""))
        account_id = told.get("accountId") or (_derived_id(str(login)) if login else None)
        if not account_id or account_id in self.site.accounts:
            return account_id
        self.site.accounts[account_id] = Account(
            id=account_id,
            name=str(told.get("displayName") or login),
            email=str(told.get("emailAddress") or ""),
            email_visible=bool(told.get("emailAddress")),
            time_zone=str(told.get("timeZone") or "UTC"),
            active=bool(told.get("active", True)),
            kind=str(told.get("accountType") or "atlassian"),
        )
        return str(account_id)

    def _person(self, told: Json, login: str) -> str | None:
        """As `account` for Data Center: people are known by login name or key; those of Cloud keep their id as both."""
        known = self.site.user(login)
        if known or not login:
            return known.id if known else None
        wanted = str(told.get("key") or login)
        key = _derived_id(login) if wanted in self.site.accounts else wanted
        self.site.accounts[key] = Account(
            id=key,
            name=str(told.get("displayName") or login),
            email=str(told.get("emailAddress") or ""),
            time_zone=str(told.get("timeZone") or "UTC"),
            active=bool(told.get("active", True)),
            username=login,
        )
        return key

    def _comments(self, created: datetime) -> tuple[Comment, ...]:
        told = (self.fields.get("comment") or {}).get("comments", [])
        return tuple(self._comment(one, created) for one in told)

    def _comment(self, told: Json, created: datetime) -> Comment:
        author = self.account(told.get("author")) or self._nobody()
        at = self._moment(told.get("created")) or created
        empty: Rich = "" if self.site.is_server else {"type": "doc", "version": 1, "content": []}
        return Comment(
            id=self.site.take_id("comment", str(told.get("id") or "")),
            author=author,
            editor=self.account(told.get("updateAuthor")) or author,
            body=self._rich(told.get("body")) or empty,
            created=at,
            updated=self._moment(told.get("updated")) or at,
            visibility=told.get("visibility"),
        )

    def _nobody(self) -> str:
        """The account for what nobody is named as the author of."""
        return str(self.account({"displayName": "Former user", "active": False}))

    def _attachments(self, created: datetime) -> tuple[Attachment, ...]:
        told = self.fields.get("attachment") or []
        return tuple(
            Attachment(
                id=self.site.take_id("attachment", str(one.get("id") or "")),
                author=self.account(one.get("author")),
                filename=str(one.get("filename") or "file"),
                media_type=str(one.get("mimeType") or "application/octet-stream"),
                size=int(one.get("size") or 0),
                created=self._moment(one.get("created")) or created,
                data=None,
            )
            for one in told
        )

    def _history(self, created: datetime) -> tuple[Edit, ...]:
        log = self.given.get("changelog") or {}
        told: Sequence[Json] = log.get("histories") or log.get("values") or []
        edits = [
            Edit(
                id=self.site.take_id("edit", str(one.get("id") or "")),
                author=self.account(one.get("author")),
                at=self._moment(one.get("created")) or created,
                items=tuple(_item(item) for item in one.get("items", [])),
            )
            for one in told
        ]
        return tuple(sorted(edits, key=lambda edit: edit.at))


def _item(told: Json) -> Json:
    """A history item; Server leaves the field's id out."""
    return {"fieldId": str(told.get("field", "")).lower()} | {part: told[part] for part in _ITEM_PARTS if part in told}


def _category(told: Json) -> str:
    """The category of a status: as told, else by its name."""
    key = (told.get("statusCategory") or {}).get("key")
    if key in {"new", "indeterminate", "done", "undefined"}:
        return str(key)
    name = str(told.get("name")).casefold()
    return "done" if name in _DONE_NAMES else "new" if name in _NEW_NAMES else "indeterminate"


def _derived_id(login: str) -> str:
    return hashlib.sha256(f"server account {login}".encode()).hexdigest()[:24]
