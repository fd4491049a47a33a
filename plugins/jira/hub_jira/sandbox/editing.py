"""Creating, editing, moving along the workflow, and deleting issues."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hub_jira.sandbox.history import change
from hub_jira.sandbox.problems import Problem, bad, bad_field
from hub_jira.sandbox.records import Account, Comment, Issue, IssueType, Json, Project, Transition, Verbatim
from hub_jira.sandbox.site import Site
from hub_jira.sandbox.values import Reading, off_screen, read_rich, with_verbs
from hub_jira.sandbox.workflow import available

PROPERTY_LIMIT = 32768


@dataclass(frozen=True)
class Editor:
    """Someone who writes to the site through one version of the API."""

    site: Site
    account: Account
    version: int = 3

    def create(self, body: Any) -> Issue:
        """A new issue from the body of `POST /issue`; Problem (400) if it is refused."""
        fields, verbs = _parts(body)
        project = self._project(fields.pop("project", None))
        reading = Reading(self.site, project, self.version)
        kind = reading.value(self.site.fields["issuetype"], fields.pop("issuetype", None) or {})
        new: Json = {"labels": [], "priority": None, "assignee": None, "reporter": self.account.id}
        values, comments = self._merged(reading, new, fields, verbs, frozenset(project.screen))
        self._check_required(values, self.site.required)
        if not any("priority" in part for part in (fields, verbs)):
            values["priority"] = default_priority(self.site)
        values |= {"issuetype": kind, "status": project.statuses[0], "resolution": None}
        self._check_parent(project, values)
        properties = read_properties(body.get("properties"))
        return self._keep(project, values, properties, comments)

    def _keep(self, project: Project, values: Json, properties: Json, comments: list[Comment]) -> Issue:
        now = self.site.now()
        issue = Issue(
            id=self.site.next_id("issue", self.site.issues.__contains__),
            key="",
            project=project.id,
            values=values,
            created=now,
            updated=now,
            creator=self.account.id,
            category_changed=now,
            comments=tuple(comments),
            properties=properties,
        )
        self.site.move(issue, project)
        self.site.save(issue)
        self.site.tell("jira:issue_created", issue, user=self.account.id)
        return issue

    def edit(self, issue: Issue, body: Any) -> None:
        """Carry out the body of `PUT /issue`; Problem (400) if it is refused, and then nothing is changed."""
        fields, verbs = _parts(body)
        fields.pop("project", None)
        properties = read_properties(body.get("properties"))
        project = self.site.project_of(issue)
        self._apply(issue, fields, verbs, frozenset(project.screen) - only_new(self.site))
        issue.properties |= properties
        if properties:
            self.site.save(issue)

    def transition(self, issue: Issue, body: Any) -> None:
        """Carry out the body of `POST /issue/{}/transitions`; Problem (400) if it is refused."""
        fields, verbs = _parts(body)
        wanted = body.get("transition")
        wanted_id = str(wanted.get("id", "")) if isinstance(wanted, dict) else str(wanted or "")
        if not wanted_id:
            raise bad("Missing 'transition' identifier")
        project = self.site.project_of(issue)
        arrow = next((one for one in available(project, issue) if one.id == wanted_id), None)
        if not arrow:
            raise bad(
                f"It isn't possible to perform the action with id '{wanted_id}' because it is either not available "
                "for the current status or you do not have permission to perform it."
            )
        self._check_screen(arrow, fields, verbs)
        moved = {"status": arrow.target, **dict.fromkeys(arrow.clears)}
        self._apply(issue, fields, verbs, frozenset(name for name, _ in arrow.screen), moved)

    def _check_screen(self, arrow: Transition, fields: Json, verbs: Json) -> None:
        errors = {
            name: f"{self.site.fields[name].name} is required."
            for name, required in arrow.screen
            if required and not fields.get(name) and not verbs.get(name)
        }
        if errors:
            raise Problem(400, errors=errors)

    def _apply(
        self, issue: Issue, fields: Json, verbs: Json, screen: frozenset[str], moved: Mapping[str, Any] | None = None
    ) -> None:
        if issue.archived:
            raise bad(f"Issue {issue.key} is archived and cannot be edited.")
        project = self.site.project_of(issue)
        reading = Reading(self.site, project, self.version)
        values, comments = self._merged(reading, issue.values, fields, verbs, screen)
        if "reporter" in {*fields, *verbs} or self.site.required & {*fields, *verbs}:
            self._check_required(values, self.site.required & {*fields, *verbs})
        values |= moved or {}
        if values.get("parent") != issue.values.get("parent") or values["issuetype"] != issue.values["issuetype"]:
            self._check_parent(project, values)
        if "resolution" in {*fields, *verbs}:
            values["resolutiondate"] = self.site.now() if values["resolution"] else None
        items = self._items(issue.values, values)
        issue.values = values
        issue.comments = (*issue.comments, *comments)
        edit = self.site.record(issue, self.account.id, items)
        if edit:
            log = {"changelog": {"id": edit.id, "items": items}}
            self.site.tell("jira:issue_updated", issue, user=self.account.id, **log)
        for comment in comments:
            self.site.touch(issue)
            self.site.tell("comment_created", issue, user=self.account.id, comment=comment)

    def _items(self, old: Json, new: Json) -> list[Json]:
        changed = [
            change(self.site, field, old.get(field.id), new.get(field.id))
            for field in self.site.fields.values()
            if field.kind not in {"computed", "project"}
        ]
        return [item for item in changed if item]

    def _merged(
        self, reading: Reading, old: Json, fields: Json, verbs: Json, screen: frozenset[str]
    ) -> tuple[Json, list[Comment]]:
        """The values after both parts of the body, and the comments it adds; every refused field in one Problem."""
        if both := fields.keys() & verbs.keys():
            one = min(both)
            message = f"Field '{one}' cannot appear in both 'fields' and 'update'"
            raise bad_field(one, message)
        values, errors = dict(old), dict[str, str]()
        comments = self._new_comments(verbs.pop("comment", []))
        for name, given in (*fields.items(), *verbs.items()):
            field = self.site.fields.get(name)
            if name == "status" and not self.site.is_server:
                continue
            if not field or name not in screen:
                errors[name] = off_screen(name)
                continue
            try:
                if name in fields:
                    values[name] = reading.value(field, given)
                else:
                    values[name] = with_verbs(reading, field, old.get(name), given)
            except Problem as problem:
                if problem.messages:
                    raise
                errors |= problem.errors
        if errors:
            raise Problem(400, errors=errors)
        return values, comments

    def _new_comments(self, verbs: Any) -> list[Comment]:
        added = [verb["add"] for verb in verbs if isinstance(verb, dict) and isinstance(verb.get("add"), dict)]
        return [self.comment(one) for one in added]

    def comment(self, body: Json) -> Comment:
        """A new comment by this account, not yet on any issue; Problem (400) if it is refused."""
        now = self.site.now()
        document = read_rich(self.site, "comment", body.get("body"), self.version)
        if not document:
            raise bad_field("comment", "Comment body can not be empty!")
        return Comment(
            id=self.site.next_id("comment"),
            author=self.account.id,
            editor=self.account.id,
            body=document,
            created=now,
            updated=now,
            visibility=read_visibility(body.get("visibility")),
            properties=tuple(read_properties(body.get("properties")).items()),
        )

    def _project(self, given: Any) -> Project:
        name = given.get("id") or given.get("key") if isinstance(given, dict) else None
        project = self.site.find_project(str(name or ""))
        if not project:
            raise bad_field("project", "Specify a valid project ID or key")
        return project

    def _check_required(self, values: Json, names: Iterable[str]) -> None:
        """400 if the summary, the reporter, or one of the fields *names* is empty."""
        if "summary" not in values:
            raise bad_field("summary", "You must specify a summary of the issue.")
        errors = {
            name: f"{self.site.fields[name].name} is required."
            for name in sorted({*names, "reporter"})
            if values.get(name) in (None, [])
        }
        if errors:
            raise Problem(400, errors=errors)

    def _check_parent(self, project: Project, values: Json) -> None:
        kind = self.site.types[values["issuetype"]]
        parent = self.site.issues.get(_raw(values.get("parent")) or "")
        if not parent:
            if kind.level < 0:
                raise bad_field("parentId", "Issue type is a sub-task but parent issue key or id not specified.")
            return
        if not self._may_hold(self.site.type_of(parent), kind) or (kind.level < 0 and parent.project != project.id):
            raise bad_field("parentId", "Given parent issue does not belong to appropriate hierarchy.")

    def _may_hold(self, above: IssueType, below: IssueType) -> bool:
        """Whether an issue of one type may be the parent of one of the other."""
        if self.site.is_server:
            return below.level < 0 <= above.level
        return above.level == below.level + 1

    def delete(self, issue: Issue, *, with_subtasks: bool) -> None:
        """Delete *issue*; 400 if it has sub-tasks that are to stay."""
        subtasks = [child for child in self.site.children(issue) if self.site.type_of(child).level < 0]
        if subtasks and not with_subtasks:
            raise bad(
                f"The issue '{issue.key}' has subtasks.  You must specify the 'deleteSubtasks' parameter to delete "
                "this issue and all its subtasks."
            )
        for child in subtasks:
            self.delete(child, with_subtasks=True)
        for child in list(self.site.children(issue)):
            child.values = {**child.values, "parent": None}
            self.site.save(child)
        self.site.tell("jira:issue_deleted", issue, user=self.account.id)
        self.site.remove(issue)


def default_priority(site: Site) -> str | None:
    """The id of the priority a new issue has by itself: the middle one of the usual five."""
    return "3" if "3" in site.priorities else next(iter(site.priorities), None)


def _raw(stored: Any) -> Any:
    return stored.value if isinstance(stored, Verbatim) else stored


def _parts(body: Any) -> tuple[Json, Json]:
    """Copies of `fields` and `update` of a body."""
    if not isinstance(body, dict):
        raise bad("Invalid request payload. Refer to the REST API documentation and try again.")
    fields, verbs = body.get("fields") or {}, body.get("update") or {}
    if not isinstance(fields, dict) or not isinstance(verbs, dict):
        raise bad("Invalid request payload. Refer to the REST API documentation and try again.")
    return dict(fields), dict(verbs)


def only_new(site: Site) -> frozenset[str]:
    """The fields of a screen that only a new issue is given; on Data Center only people move sub-tasks."""
    return frozenset({"project", "parent"} if site.is_server else {"project"})


def read_visibility(given: Any) -> Json | None:
    """Who may see a comment, `{"type": "role" | "group", "value": …}`; 400 if it is something else."""
    if given is None:
        return None
    named = isinstance(given, dict) and (given.get("value") or given.get("identifier"))
    if not named or given.get("type") not in {"role", "group"}:
        raise bad_field("visibility", "The visibility must have a type, role or group, and a value.")
    return dict(given)


def read_properties(given: Any) -> Json:
    """The properties of a body `[{"key": …, "value": …}]` by key; 400 if they are not that, or too big."""
    if given is None:
        return {}
    if not isinstance(given, list) or not all(isinstance(one, dict) and "key" in one for one in given):
        raise bad("Properties must be an array of objects with 'key' and 'value'.")
    for one in given:
        check_property_key(str(one["key"]))
    return {str(one["key"]): one.get("value") for one in given}


def check_property_key(key: str) -> None:
    """400 if a property key is longer than Jira keeps."""
    if len(key) > 255:
        raise bad("The property key cannot be longer than 255 characters.")
