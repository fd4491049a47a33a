"""The Data Center edition of the Jira sandbox as clients written by others see it."""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hub_jira.sandbox import JiraDataCenterSandbox

from hub.sdk.sandbox import SandboxServer, serve

PAT = "ana-pat"
TEXT = "h2. Steps\n\n* See *the order*\n* {color:red}call{color}"

# These clients warn of their own deprecations and leave sockets to the collector.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxServer]:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with serve(JiraDataCenterSandbox()) as server:
        yield server


@pytest.mark.parametrize("way", [{"token_auth": PAT}, {"basic_auth": ("ana", "ana-password")}])
def test_the_jira_package_works_an_issue_through(server: SandboxServer, way: dict[str, Any]) -> None:
    from jira import JIRA

    client: Any = JIRA(server.url, max_retries=0, **way)
    issue = client.create_issue(project="ACME", issuetype={"name": "Task"}, summary="Order 42", description=TEXT)
    client.create_issue(project="ACME", issuetype="Sub-task", summary="Call", parent={"key": issue.key})
    issue.update(fields={"labels": ["erp"]}, notify=True)
    comment = client.add_comment(issue.key, "Seen by [~ana]")
    comment.update(body="Seen")
    client.transition_issue(issue.key, "Start work")
    client.assign_issue(issue.key, "li.wei")
    client.add_attachment(issue.key, BytesIO(b"a,b"), filename="报告 1.csv")
    (found,) = client.search_issues("labels = erp AND assignee = li.wei", fields="*all", expand="changelog")

    assert (found.fields.summary, found.fields.status.name) == ("Order 42", "In Progress")
    assert (found.fields.assignee.name, found.fields.reporter.key) == ("li.wei", "JIRAUSER10101")
    assert found.fields.description == TEXT
    assert [one.body for one in client.comments(issue.key)] == ["Seen"]
    assert [one.fields.summary for one in found.fields.subtasks] == ["Call"]
    (file,) = found.fields.attachment
    assert (file.filename, file.get()) == ("报告 1.csv", b"a,b")
    assert [item.field for entry in found.changelog.histories for item in entry.items][:2] == ["labels", "status"]
    assert client.search_issues("ORDER BY key").total == 2
    assert client.server_info()["deploymentType"] == "Server"
    assert client.myself()["name"] == "ana"
    assert {one.name for one in client.project_issue_types("ACME")} >= {"Story", "Sub-task"}
    fields = client.project_issue_fields("ACME", issue_type="10003")
    assert [one.fieldId for one in fields if one.required] == ["summary", "issuetype", "project", "parent"]


def test_the_jira_package_raises_the_errors_of_a_field(server: SandboxServer) -> None:
    from jira import JIRA
    from jira.exceptions import JIRAError

    client = JIRA(server.url, token_auth=PAT, max_retries=0)
    document = {"type": "doc", "version": 1, "content": []}
    with pytest.raises(JIRAError, match="must be a string") as raised:
        client.create_issue(project="ACME", issuetype={"name": "Task"}, summary="Order", description=document)
    assert raised.value.status_code == 400


def test_the_jira_package_is_told_of_a_wrong_token(server: SandboxServer) -> None:
    from jira import JIRA
    from jira.exceptions import JIRAError

    with pytest.raises(JIRAError) as raised:
        JIRA(server.url, token_auth="nobody's", max_retries=0).myself()
    assert raised.value.status_code == 401


def test_the_atlassian_package_works_an_issue_through(server: SandboxServer, tmp_path: Path) -> None:
    from atlassian import Jira

    client: Any = Jira(url=server.url, token=PAT, cloud=False)
    fields = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Order 42", "labels": ["erp"]}
    key = client.issue_create(fields={**fields, "assignee": {"name": "mia"}})["key"]
    client.update_issue_field(key, {"summary": "Order 43", "description": TEXT})
    client.issue_add_comment(key, "Seen")
    client.set_issue_status(key, "In Progress")
    file = tmp_path / "order.txt"
    file.write_bytes(b"forty-two")
    client.add_attachment(key, str(file))
    shown = client.issue(key)["fields"]
    found = client.jql("project = ACME AND labels = erp", fields="summary,status")

    assert (shown["summary"], shown["description"], shown["status"]["name"]) == ("Order 43", TEXT, "In Progress")
    assert [comment["body"] for comment in shown["comment"]["comments"]] == ["Seen"]
    assert (shown["assignee"]["name"], shown["assignee"]["key"]) == ("mia", "mnovak")
    assert [one["filename"] for one in shown["attachment"]] == ["order.txt"]
    assert client.get(shown["attachment"][0]["content"], absolute=True, not_json_response=True) == b"forty-two"
    assert ([issue["key"] for issue in found["issues"]], found["total"]) == ([key], 1)
    assert [one["name"] for one in client.user_find_by_user_string(username="an")] == ["ana"]
