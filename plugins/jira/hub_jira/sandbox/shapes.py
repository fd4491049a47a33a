"""Things of the site as the API shows them to a caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub_jira.sandbox.documents import plain
from hub_jira.sandbox.records import (
    Account,
    Attachment,
    Comment,
    Edit,
    Issue,
    IssueLink,
    IssueType,
    Json,
    Named,
    Project,
    RemoteLink,
    Rich,
    Sprint,
    Status,
    Version,
)
from hub_jira.sandbox.site import Site
from hub_jira.sandbox.times import shown

CATEGORIES: dict[str, tuple[int, str, str]] = {
    "undefined": (1, "medium-gray", "No Category"),
    "new": (2, "blue-gray", "To Do"),
    "indeterminate": (4, "yellow", "In Progress"),
    "done": (3, "green", "Done"),
}
HISTORIES = 40
_SIZES = ("48x48", "24x24", "16x16", "32x32")


@dataclass(frozen=True)
class Shapes:
    """How *viewer* (None: nobody signed in) sees the site through one version of the API."""

    site: Site
    viewer: Account | None
    version: int = 3
    all_emails: bool = False

    def link(self, path: str) -> str:
        """The address of a thing."""
        return f"{self.site.url}/rest/api/{self.version}/{path}"

    def moment(self, moment: datetime) -> str:
        """*moment* in the viewer's profile zone."""
        return shown(moment, self.viewer.time_zone if self.viewer else "UTC")

    def rich(self, document: Rich | None) -> Any:
        """Rich text: ADF in version 3, plain text in version 2."""
        return document if self.version == 3 or document is None else plain(document)

    def user(self, account_id: str | None) -> Json | None:
        """`UserDetails`; the address only where its owner shows it, or is the viewer."""
        if account_id is None:
            return None
        account = self.site.accounts[account_id]
        own = self.viewer is not None and self.viewer.id == account.id
        email = {"emailAddress": account.email} if account.email_visible or own or self.all_emails else {}
        return {
            "self": self.link(f"user?accountId={account.id}"),
            "accountId": account.id,
            **(email if account.email else {}),
            "avatarUrls": {size: f"{self.site.url}/avatar/{account.id}/{size}" for size in _SIZES},
            "displayName": account.name,
            "active": account.active,
            "timeZone": account.time_zone,
            "accountType": account.kind,
        }

    def status(self, status: Status) -> Json:
        """`StatusDetails`."""
        return {
            "self": self.link(f"status/{status.id}"),
            "description": status.description,
            "iconUrl": f"{self.site.url}/images/icons/statuses/generic.png",
            "name": status.name,
            "id": status.id,
            "statusCategory": self.category(status.category),
        }

    def category(self, key: str) -> Json:
        """`StatusCategory`."""
        number, colour, name = CATEGORIES[key]
        return {
            "self": self.link(f"statuscategory/{number}"),
            "id": number,
            "key": key,
            "colorName": colour,
            "name": name,
        }

    def type(self, kind: IssueType) -> Json:
        """`IssueTypeDetails`."""
        return {
            "self": self.link(f"issuetype/{kind.id}"),
            "id": kind.id,
            "description": kind.description,
            "iconUrl": f"{self.site.url}/images/icons/issuetypes/{kind.id}.svg",
            "name": kind.name,
            "subtask": kind.level < 0,
            "avatarId": 10300,
            "hierarchyLevel": kind.level,
        }

    def priority(self, priority: Named) -> Json:
        """`Priority`."""
        icon = f"{self.site.url}/images/icons/priorities/{priority.name.lower()}.svg"
        return {
            "self": self.link(f"priority/{priority.id}"),
            "iconUrl": icon,
            "name": priority.name,
            "id": priority.id,
        }

    def resolution(self, resolution: Named) -> Json:
        """`Resolution`."""
        return {
            "self": self.link(f"resolution/{resolution.id}"),
            "id": resolution.id,
            "description": resolution.description,
            "name": resolution.name,
        }

    def project(self, project: Project, *, whole: bool = False) -> Json:
        """`Project`: in brief as in issues and lists, or whole."""
        brief: Json = {
            "self": self.link(f"project/{project.id}"),
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "software",
            "simplified": False,
            "avatarUrls": {size: f"{self.site.url}/projectavatar/{project.id}/{size}" for size in _SIZES},
        }
        if not whole:
            return brief
        return brief | {
            "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
            "description": "",
            "lead": self.user(project.lead),
            "components": [],
            "issueTypes": [self.type(self.site.types[kind]) for kind in project.types],
            "assigneeType": "UNASSIGNED",
            "versions": [],
            "roles": {},
            "style": "classic",
            "isPrivate": False,
            "properties": {},
        }

    def comment(self, issue: Issue, comment: Comment, *, properties: bool = False) -> Json:
        """`Comment`."""
        body: Json = {
            "self": self.link(f"issue/{issue.id}/comment/{comment.id}"),
            "id": comment.id,
            "author": self.user(comment.author),
            "body": self.rich(comment.body),
            "updateAuthor": self.user(comment.editor),
            "created": self.moment(comment.created),
            "updated": self.moment(comment.updated),
            "jsdPublic": True,
        }
        if comment.visibility:
            body["visibility"] = comment.visibility
        if properties:
            body["properties"] = [{"key": key, "value": value} for key, value in comment.properties]
        return body

    def attachment(self, attachment: Attachment) -> Json:
        """`Attachment`."""
        return {
            "self": self.link(f"attachment/{attachment.id}"),
            "id": attachment.id,
            "filename": attachment.filename,
            **({"author": self.user(attachment.author)} if attachment.author else {}),
            "created": self.moment(attachment.created),
            "size": attachment.size,
            "mimeType": attachment.media_type,
            "content": self.link(f"attachment/content/{attachment.id}"),
        }

    def edit(self, edit: Edit) -> Json:
        """`Changelog`."""
        author = {"author": self.user(edit.author)} if edit.author else {}
        return {"id": edit.id, **author, "created": self.moment(edit.at), "items": list(edit.items)}

    def changelog(self, issue: Issue) -> Json:
        """`PageOfChangelogs` as an issue shows it: the newest, newest first."""
        return self._histories(issue, list(reversed(issue.history))[:HISTORIES])

    def _histories(self, issue: Issue, edits: Sequence[Edit]) -> Json:
        shown = [self.edit(edit) for edit in edits]
        return {"startAt": 0, "maxResults": len(shown), "total": len(issue.history), "histories": shown}

    def group(self, group: Named) -> Json:
        """`GroupName`."""
        where = self.link(f"group?groupId={group.id}")
        return {"name": group.name, "groupId": group.id, "self": where}

    def project_version(self, version: Version) -> Json:
        """`Version` in brief."""
        brief = {"self": self.link(f"version/{version.id}"), "id": version.id, "name": version.name}
        return brief | {"archived": False, "released": version.released}

    def sprint(self, sprint: Sprint) -> Any:
        """A sprint in the value of its field."""
        return {"id": int(sprint.id), "name": sprint.name, "state": sprint.state, "boardId": sprint.board, "goal": ""}

    def linked(self, issue: Issue) -> Json:
        """`LinkedIssue`: an issue as it is shown inside another."""
        fields: Json = {
            "summary": issue.value("summary") or "",
            "status": self.status(self.site.statuses[issue.values["status"]]),
            "issuetype": self.type(self.site.type_of(issue)),
        }
        if issue.value("priority"):
            fields["priority"] = self.priority(self.site.priorities[issue.value("priority")])
        return {"id": issue.id, "key": issue.key, "self": self.link(f"issue/{issue.id}"), "fields": fields}

    def issue_link(self, link: IssueLink, *, seen_from: str | None = None) -> Json:
        """`IssueLink`: whole, or as one of its issues shows it, with the other end only."""
        kind = self.site.link_types[link.type]
        body: Json = {
            "id": link.id,
            "self": self.link(f"issueLink/{link.id}"),
            "type": {
                "id": kind.id,
                "name": kind.name,
                "inward": kind.inward,
                "outward": kind.outward,
                "self": self.link(f"issueLinkType/{kind.id}"),
            },
        }
        if seen_from != link.inward:
            body["inwardIssue"] = self.linked(self.site.issues[link.inward])
        if seen_from != link.outward:
            body["outwardIssue"] = self.linked(self.site.issues[link.outward])
        return body

    def remote_link(self, issue: Issue, link: RemoteLink) -> Json:
        """`RemoteIssueLink`."""
        body = {"id": int(link.id), "self": self.link(f"issue/{issue.key}/remotelink/{link.id}"), **link.content}
        return body | ({"globalId": link.global_id} if link.global_id else {})
