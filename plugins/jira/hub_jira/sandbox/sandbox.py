"""The Jira sandbox as the kit serves it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.sdk.sandbox import Sandbox, SandboxPerson
from hub_jira.sandbox import api, defaults, loader, problems
from hub_jira.sandbox.datacenter import refusals
from hub_jira.sandbox.datacenter.shapes import shapes_of
from hub_jira.sandbox.hooks import Deliveries
from hub_jira.sandbox.issue_shape import shown_issue
from hub_jira.sandbox.records import Account, Edition, Issue, Json, Project
from hub_jira.sandbox.shapes import Shapes
from hub_jira.sandbox.site import Site


@dataclass
class JiraSandbox(Sandbox):
    """An imitation of Jira's REST API on a site with one empty project, ACME.

    Args:
        edition: "cloud" has version 3 of the API, and 2 with plain texts; "datacenter" has version 2 of its own, with
            wiki markup, login names, personal access tokens and the search that pages by `startAt`.
        indexed_properties: Keys of issue properties that JQL can search, as if an app had declared them.
        upload_limit: Most bytes of an attachment.
        required_fields: Ids of fields without which no issue can be created, beside the summary.
        check_document: A stricter check of ADF documents, on top of the built-in one.
    """

    name: ClassVar[str] = "jira"
    edition: Edition = "cloud"
    indexed_properties: frozenset[str] = frozenset()
    upload_limit: int = 100_000_000
    required_fields: frozenset[str] = frozenset()
    check_document: Callable[[Any], bool] | None = None

    def __post_init__(self) -> None:
        """Set up the site with its default content; ValueError for an edition that is none."""
        super().__post_init__()
        if self.edition not in get_args(Edition):
            raise ValueError(f"There is no edition '{self.edition}' of Jira; there are {', '.join(get_args(Edition))}.")
        self.site = Site(
            clock=lambda: self.now(),  # noqa: PLW0108 - tests may exchange the clock
            lag_s=lambda: self.faults.search_lag_s,
            random=self.random,
            indexed_properties=frozenset(self.indexed_properties),
            required=frozenset(self.required_fields),
            check_document=self.check_document,
            edition=self.edition,
            upload_limit=self.upload_limit,
        )
        defaults.fill(self.site)
        self._project = "ACME"
        self.deliveries = Deliveries(self.site, lambda: self.faults.webhooks, self.random)
        self.site.listeners.append(self.deliveries.tell)

    def routes(self) -> Sequence[BaseRoute]:
        """The API of the edition, in all its versions."""
        return api.routes(self.site)

    @property
    def bot(self) -> Account:
        """The hub's own account."""
        return self.site.owner

    def environment(self) -> Mapping[str, str]:
        """The token of the hub's own account."""
        return {"JIRA_PAT" if self.site.is_server else "JIRA_TOKEN": self.bot.token}

    def connection(self, url: str) -> Mapping[str, Any]:
        """The connection table for the project that most loaded issues are of, or for ACME."""
        if self.site.is_server:
            pat = {"kind": "pat", "token": {"env": "JIRA_PAT"}}
            table = {"plugin": "jira", "edition": "datacenter", "url": url, "auth": pat}
            return table | {"project": self._project}
        token = {"env": "JIRA_TOKEN"}
        auth = {"kind": "token", "user": self.bot.email, "token": token}
        return {"plugin": "jira", "url": url, "auth": auth, "project": self._project}

    def people(self) -> Sequence[SandboxPerson]:
        """Everyone who can sign in, but for the hub: by `user` and `token`, on Data Center also by `password`."""
        known = [one for one in self.site.accounts.values() if one.token and one.id != self.bot.id]
        return [SandboxPerson(one.name, self._credentials(one)) for one in known]

    def _credentials(self, account: Account) -> dict[str, str]:
        if self.site.is_server:
            return {"user": account.username, "password": account.password, "token": account.token}
        return {"user": account.email, "token": account.token}

    def solve_captcha(self, username: str) -> None:
        """What a person does in a browser after too many wrong passwords; Data Center only."""
        if account := self.site.user(username):
            self.site.wrong_passwords.pop(account.id, None)

    def load(self, document: Any) -> None:
        """Take in a search answer, one issue, or a list of issues; ValueError if it is none of them."""
        loader.load(self.site, document)
        projects = Counter(issue.key.rpartition("-")[0] for issue in self.site.issues.values())
        self._project = projects.most_common(1)[0][0] if projects else self._project

    def state(self) -> Mapping[str, Any]:
        """`{"projects": […], "issues": […]}`, issues by id, with properties, history and remote links."""
        shapes = shapes_of(self.site, self.bot, 2 if self.site.is_server else 3, all_emails=True)
        issues = sorted(self.site.issues.values(), key=lambda issue: int(issue.id))
        return {
            "projects": [shapes.project(one, whole=True) for one in self.site.projects.values()],
            "issues": [_whole(shapes, issue) for issue in issues],
        }

    def rate_limited(self, retry_after_s: float) -> Response:
        """The 429 of Cloud's burst limit, or of the token bucket of Data Center."""
        if self.site.is_server:
            limit = self.faults.rate_limit
            requests, per_s = (limit.requests, limit.per_s) if limit else (10, 60.0)
            return refusals.rate_limited(retry_after_s, requests=requests, per_s=per_s)
        return problems.rate_limited(retry_after_s, self.now())

    def failing(self, status: int) -> Response:
        """JSON, or in every third case the HTML of a machine before Jira."""
        return problems.failing(status, html=self.random.random() < 1 / 3)

    def served_at(self, url: str) -> None:
        """Put *url* into answers from now on."""
        super().served_at(url)
        self.site.url = url

    def add_project(self, key: str, name: str) -> Project:
        """A new, empty project."""
        return defaults.add_project(self.site, key, name)

    def add_account(self, account: Account) -> Account:
        """A new account."""
        self.site.accounts[account.id] = account
        return account

    def move(self, issue_id: str, project_key: str) -> Issue:
        """Move an issue to another project: new key, same id. KeyError if either is not there."""
        issue, project = self.site.find(issue_id), self.site.find_project(project_key)
        if not issue or not project:
            raise KeyError(f"no issue {issue_id} or no project {project_key}")
        old_key, old_project = issue.key, self.site.project_of(issue)
        self.site.move(issue, project)
        item: Json = {"fieldtype": "jira", "from": None, "to": None, "fromString": old_key, "toString": issue.key}
        moved: Json = {"fieldtype": "jira", "from": old_project.id, "to": project.id}
        moved |= {"fromString": old_project.name, "toString": project.name}
        items = [{"field": "Key", "fieldId": "key", **item}, {"field": "project", "fieldId": "project", **moved}]
        self.site.record(issue, self.bot.id, items)
        return issue


@dataclass
class JiraDataCenterSandbox(JiraSandbox):
    """The imitation of Jira Data Center."""

    edition: Edition = "datacenter"


def _whole(shapes: Shapes, issue: Issue) -> Json:
    shown = shown_issue(shapes, issue, expand=["changelog"], properties=["*all"])
    comments = [shapes.comment(issue, comment, properties=True) for comment in issue.comments]
    shown["fields"]["comment"]["comments"] = comments
    return shown | {"remotelinks": [shapes.remote_link(issue, link) for link in issue.remote_links]}
