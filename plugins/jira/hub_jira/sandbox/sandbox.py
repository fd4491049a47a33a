"""The Jira sandbox as the kit serves it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.sdk.sandbox import Sandbox, SandboxPerson
from hub_jira.sandbox import (
    defaults,
    loader,
    problems,
    routes_attachments,
    routes_comments,
    routes_hooks,
    routes_issues,
    routes_links,
    routes_projects,
    routes_search,
    routes_users,
)
from hub_jira.sandbox.hooks import Deliveries
from hub_jira.sandbox.http import VERSIONS
from hub_jira.sandbox.issue_shape import shown_issue
from hub_jira.sandbox.records import Account, Issue, Json, Project
from hub_jira.sandbox.shapes import Shapes
from hub_jira.sandbox.site import Site

_ROUTES = (
    routes_search,
    routes_issues,
    routes_comments,
    routes_attachments,
    routes_links,
    routes_projects,
    routes_users,
    routes_hooks,
)


@dataclass
class JiraSandbox(Sandbox):
    """An imitation of Jira Cloud's REST API (version 3, and 2 with plain texts) on a site with one empty project, ACME.

    Args:
        indexed_properties: Keys of issue properties that JQL can search, as if an app had declared them.
        required_fields: Ids of fields without which no issue can be created, beside the summary.
        check_document: A stricter check of ADF documents, on top of the built-in one.
    """

    name: ClassVar[str] = "jira"
    indexed_properties: frozenset[str] = frozenset()
    required_fields: frozenset[str] = frozenset()
    check_document: Callable[[Any], bool] | None = None

    def __post_init__(self) -> None:
        """Set up the site with its default content."""
        super().__post_init__()
        self.site = Site(
            clock=lambda: self.now(),  # noqa: PLW0108 - tests may exchange the clock
            lag_s=lambda: self.faults.search_lag_s,
            random=self.random,
            indexed_properties=frozenset(self.indexed_properties),
            required=frozenset(self.required_fields),
            check_document=self.check_document,
        )
        defaults.fill(self.site)
        self._project = "ACME"
        self.deliveries = Deliveries(self.site, lambda: self.faults.webhooks, self.random)
        self.site.listeners.append(self.deliveries.tell)

    def routes(self) -> Sequence[BaseRoute]:
        """The API, for versions 3 and 2."""
        endpoints = [endpoint for module in _ROUTES for endpoint in module.ENDPOINTS]
        return [
            endpoint.route(self.site, name)
            for name in VERSIONS
            for endpoint in endpoints
            if endpoint.is_versioned or name == "3"
        ]

    @property
    def bot(self) -> Account:
        """The hub's own account."""
        return self.site.accounts[defaults.BOT]

    def environment(self) -> Mapping[str, str]:
        """The token of the hub's own account."""
        return {"JIRA_TOKEN": self.bot.token}

    def connection(self, url: str) -> Mapping[str, Any]:
        """The connection table for the project that most loaded issues are of, or for ACME."""
        token = {"env": "JIRA_TOKEN"}
        auth = {"kind": "token", "user": self.bot.email, "token": token}
        return {"plugin": "jira", "url": url, "auth": auth, "project": self._project}

    def people(self) -> Sequence[SandboxPerson]:
        """Everyone who can sign in, but for the hub."""
        return [
            SandboxPerson(one.name, {"user": one.email, "token": one.token})
            for one in self.site.accounts.values()
            if one.token and one.id != self.bot.id
        ]

    def load(self, document: Any) -> None:
        """Take in a search answer, one issue, or a list of issues; ValueError if it is none of them."""
        loader.load(self.site, document)
        projects = Counter(issue.key.rpartition("-")[0] for issue in self.site.issues.values())
        self._project = projects.most_common(1)[0][0] if projects else self._project

    def state(self) -> Mapping[str, Any]:
        """`{"projects": […], "issues": […]}`, issues by id, with properties, history and remote links."""
        shapes = Shapes(self.site, self.bot, all_emails=True)
        issues = sorted(self.site.issues.values(), key=lambda issue: int(issue.id))
        return {
            "projects": [shapes.project(one, whole=True) for one in self.site.projects.values()],
            "issues": [_whole(shapes, issue) for issue in issues],
        }

    def rate_limited(self, retry_after_s: float) -> Response:
        """The 429 of the burst limit."""
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


def _whole(shapes: Shapes, issue: Issue) -> Json:
    shown = shown_issue(shapes, issue, expand=["changelog"], properties=["*all"])
    comments = [shapes.comment(issue, comment, properties=True) for comment in issue.comments]
    shown["fields"]["comment"]["comments"] = comments
    return shown | {"remotelinks": [shapes.remote_link(issue, link) for link in issue.remote_links]}
