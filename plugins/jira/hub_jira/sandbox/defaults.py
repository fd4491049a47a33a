"""What a new site holds: accounts, catalogues, and an empty project."""

from hub_jira.sandbox import fields, workflow
from hub_jira.sandbox.datacenter import content
from hub_jira.sandbox.records import Account, IssueType, LinkType, Named, Project, Sprint, Version
from hub_jira.sandbox.site import Site

BOT = "712020:0a4f7c1e-5b1d-4c5e-9f21-000000000001"
SCREEN = [
    "summary", "issuetype", "project", "parent", "description", "environment", "priority", "labels", "assignee",
    "reporter", "duedate",
]  # fmt: skip


def accounts() -> list[Account]:
    """The hub's own account, people in several time zones, and an app that cannot be assigned anything."""
    return [
        Account(BOT, "Requirement Hub", "bot@acme.example", "bot-token", admin=True),
        Account("5b10ac8d82e05b22cc7d4ef5", "Ana Lima", "ana@acme.example", "ana-token", time_zone="America/Sao_Paulo"),
        Account(
            "5b10a2844c20165700ede21g",
            "李伟",
            "li.wei@acme.example",
            "liwei-token",
            email_visible=False,
            time_zone="Asia/Shanghai",
        ),
        Account(
            "712020:6d3c2b9e-1d7e-4c11-8f02-9a6f1f6f0c03",
            "Mia Novak",
            "mia@acme.example",
            "mia-token",
            email_visible=False,
            time_zone="America/New_York",
        ),
        Account(
            "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077",
            "Automation for Jira",
            "",
            kind="app",
            email_visible=False,
            assignable=False,
        ),
    ]


def fill(site: Site) -> None:
    """Give *site* its default content."""
    people, custom = (content.accounts(), content.fields()) if site.is_server else (accounts(), fields.custom_fields())
    site.accounts = {account.id: account for account in people}
    site.types = {kind.id: kind for kind in _types()}
    site.statuses = {status.id: status for status in workflow.default_statuses()}
    site.priorities = {
        str(number): Named(str(number), name)
        for number, name in enumerate(("Highest", "High", "Medium", "Low", "Lowest"), 1)
    }
    names = ("Done", "Won't Do", "Duplicate", "Cannot Reproduce")
    site.resolutions = {str(10000 + n): Named(str(10000 + n), name) for n, name in enumerate(names)}
    site.link_types = {kind.id: kind for kind in _link_types()}
    absent = {"statuscategorychangedate"} if site.is_server else set[str]()
    site.fields = {known.id: known for known in [*fields.system_fields(), *custom] if known.id not in absent}
    site.groups = {one.id: one for one in (Named("g-1", "developers"), Named("g-2", "sales"))}
    site.sprints = {"1": Sprint("1", "Sprint 1", "closed"), "2": Sprint("2", "Sprint 2", "active")}
    acme = add_project(site, "ACME", "Acme Delivery")
    site.versions = {
        "10000": Version("10000", "1.0", acme.id, released=True),
        "10001": Version("10001", "2.0", acme.id),
    }


def add_project(site: Site, key: str, name: str, project_id: str | None = None) -> Project:
    """A new, empty project with the default workflow and screen."""
    free_id = project_id if project_id and project_id not in site.projects else None
    project = Project(
        id=free_id or site.next_id("project", site.projects.__contains__),
        key=key,
        name=name,
        types=[kind.id for kind in _types()],
        statuses=[status.id for status in workflow.default_statuses()],
        transitions=workflow.default_transitions(),
        screen=[*SCREEN, *(known.id for known in site.fields.values() if known.is_custom and known.kind != "verbatim")],
        lead=site.owner.id,
    )
    site.projects[project.id] = project
    return project


def _types() -> list[IssueType]:
    return [
        IssueType("10000", "Epic", 1, "A big user story that needs to be broken down."),
        IssueType("10001", "Story", 0, "Functionality or a feature expressed as a user goal."),
        IssueType("10002", "Task", 0, "A small, distinct piece of work."),
        IssueType("10003", "Sub-task", -1, "A small piece of work that is part of a larger task."),
        IssueType("10004", "Bug", 0, "A problem or error."),
    ]


def _link_types() -> list[LinkType]:
    return [
        LinkType("10000", "Blocks", "is blocked by", "blocks"),
        LinkType("10001", "Cloners", "is cloned by", "clones"),
        LinkType("10002", "Duplicate", "is duplicated by", "duplicates"),
        LinkType("10003", "Relates", "relates to", "relates to"),
    ]
