"""Things of the site as Data Center shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

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
    Sprint,
)
from hub_jira.sandbox.shapes import Shapes
from hub_jira.sandbox.site import Site
from hub_jira.sandbox.times import shown

_SPRINT = "com.atlassian.greenhopper.service.sprint.Sprint@{number:x}[{parts}]"


@dataclass(frozen=True)
class ServerShapes(Shapes):
    """How *viewer* sees a Data Center site: people by name and key, wiki markup, moments in the zone of the server."""

    version: int = 2

    def moment(self, moment: datetime) -> str:
        """*moment* in the zone of the server, UTC, whatever the viewer's profile says."""
        return shown(moment, "UTC")

    def user(self, account_id: str | None) -> Json | None:
        """`User`: whoever is signed in sees addresses."""
        if account_id is None:
            return None
        account = self.site.accounts[account_id]
        return {
            "self": self.link(f"user?username={quote(account.username)}"),
            "name": account.username,
            "key": account.id,
            "emailAddress": account.email,
            "avatarUrls": self._avatars(f"useravatar?ownerId={account.id}"),
            "displayName": account.name,
            "active": account.active,
            "timeZone": account.time_zone,
        }

    def _avatars(self, path: str) -> dict[str, str]:
        sizes = {"48x48": "", "24x24": "&size=small", "16x16": "&size=xsmall", "32x32": "&size=medium"}
        return {size: f"{self.site.url}/secure/{path}{more}" for size, more in sizes.items()}

    def type(self, kind: IssueType) -> Json:
        """`IssueType`: without a level."""
        return {key: value for key, value in super().type(kind).items() if key != "hierarchyLevel"}

    def project(self, project: Project, *, whole: bool = False) -> Json:
        """`Project`: in brief as in issues and lists, or whole."""
        kept = ("self", "id", "key", "name", "projectTypeKey")
        told = super().project(project)
        brief = {name: told[name] for name in kept} | {"avatarUrls": self._avatars(f"projectavatar?pid={project.id}")}
        if not whole:
            return brief
        versions = [self.project_version(one) for one in self.site.versions.values() if one.project == project.id]
        return brief | {
            "expand": "description,lead,url,projectKeys",
            "description": "",
            "lead": self.user(project.lead),
            "components": [],
            "issueTypes": [self.type(self.site.types[kind]) for kind in project.types],
            "assigneeType": "UNASSIGNED",
            "versions": versions,
            "roles": {},
            "archived": False,
        }

    def comment(self, issue: Issue, comment: Comment, *, properties: bool = False) -> Json:
        """`Comment`."""
        body = super().comment(issue, comment, properties=properties)
        return {key: value for key, value in body.items() if key != "jsdPublic"}

    def attachment(self, attachment: Attachment) -> Json:
        """`Attachment`, whose content is where browsers fetch it."""
        body = super().attachment(attachment)
        return body | {"content": f"{self.site.url}/secure/attachment/{attachment.id}/{quote(attachment.filename)}"}

    def edit(self, edit: Edit) -> Json:
        """`ChangeHistory`: its items name fields, and have no ids of fields."""
        body = super().edit(edit)
        items = [{key: value for key, value in item.items() if key != "fieldId"} for item in body["items"]]
        return body | {"items": items}

    def changelog(self, issue: Issue) -> Json:
        """`Changelog`: all of it, oldest first."""
        return self._histories(issue, issue.history)

    def group(self, group: Named) -> Json:
        """`Group`: by name only."""
        return {"name": group.name, "self": self.link(f"group?groupname={quote(group.name)}")}

    def sprint(self, sprint: Sprint) -> Any:
        """A sprint in the value of its field: a text that Java wrote."""
        dates = [f"{name}=<null>" for name in ("startDate", "endDate", "completeDate", "activatedDate")]
        head = [
            f"id={sprint.id}",
            f"rapidViewId={sprint.board}",
            f"state={sprint.state.upper()}",
            f"name={sprint.name}",
        ]
        parts = ",".join([*head, *dates, f"sequence={sprint.id}", "goal="])
        return _SPRINT.format(number=int(sprint.id) * 7919, parts=parts)


def shapes_of(site: Site, viewer: Account | None, version: int = 2, *, all_emails: bool = False) -> Shapes:
    """How *viewer* sees *site* through this version of the API of its edition."""
    kind = ServerShapes if site.is_server else Shapes
    return kind(site, viewer, version, all_emails)
