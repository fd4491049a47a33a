"""The Jira sandbox as clients written by others see it."""

import os
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hub_jira.sandbox import JiraSandbox

from hub.sdk.sandbox import SandboxServer, serve

USER, TOKEN = "ana@acme.example", "ana-token"
DOCUMENT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "It fails"}]}],
}

# These clients warn of their own deprecations and leave sockets to the collector.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxServer]:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with serve(JiraSandbox()) as server:
        yield server


@pytest.mark.parametrize(("version", "text"), [("2", "It fails"), ("3", DOCUMENT)])
def test_the_jira_package_works_an_issue_through(server: SandboxServer, version: str, text: object) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from jira import JIRA

        options: dict[str, Any] = {"rest_api_version": version}
        client = JIRA(server.url, options=options, basic_auth=(USER, TOKEN), max_retries=0)
        issue = client.create_issue(project="ACME", issuetype={"name": "Task"}, summary="Order 42", description=text)
        issue.update(fields={"labels": ["erp"]}, notify=True)
        client.add_comment(issue.key, text)
        client.transition_issue(issue.key, "Start work")
        client.assign_issue(issue.key, "Ana Lima")
        (found,) = client.enhanced_search_issues("project = ACME AND labels = erp")
        names = {field["name"] for field in client.fields()}

    assert (found.fields.summary, found.fields.status.name) == ("Order 42", "In Progress")
    assert found.fields.assignee.displayName == "Ana Lima"
    assert found.raw["fields"]["description"] == text
    assert len(client.comments(issue.key)) == 1
    assert client.myself()["timeZone"] == "America/Sao_Paulo"
    assert "Story Points" in names


def test_the_jira_package_raises_the_errors_of_a_field(server: SandboxServer) -> None:
    from jira import JIRA
    from jira.exceptions import JIRAError

    client = JIRA(server.url, basic_auth=(USER, TOKEN), max_retries=0)
    with pytest.raises(JIRAError, match="specify a summary") as raised:
        client.create_issue(project="ACME", issuetype={"name": "Task"}, summary="")
    assert raised.value.status_code == 400


def test_the_atlassian_package_works_an_issue_through(server: SandboxServer) -> None:
    from atlassian import Jira

    client = Jira(url=server.url, username=USER, password=TOKEN, cloud=True)
    fields = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Order 42", "labels": ["erp"]}
    key = client.issue_create(fields=fields)["key"]
    client.update_issue_field(key, {"summary": "Order 43", "description": "It fails"})
    client.issue_add_comment(key, "Seen")
    client.set_issue_status(key, "In Progress")
    shown = client.issue(key)["fields"]
    found = client.enhanced_jql("project = ACME AND labels = erp", fields="summary,status")

    assert (shown["summary"], shown["description"], shown["status"]["name"]) == ("Order 43", "It fails", "In Progress")
    assert [comment["body"] for comment in shown["comment"]["comments"]] == ["Seen"]
    assert [issue["key"] for issue in found["issues"]] == [key]


def test_the_atlassian_cloud_client_works_with_documents(server: SandboxServer) -> None:
    from atlassian.jira import JiraCloud

    client: Any = JiraCloud(server.url, username=USER, password=TOKEN, api_version=3)
    fields = {"project": {"key": "ACME"}, "issuetype": {"name": "Story"}, "summary": "Order 42"}
    key = client.create_issue(data={"fields": {**fields, "description": DOCUMENT}})["key"]

    assert client.get_issue(key)["fields"]["description"] == DOCUMENT
    assert [issue["key"] for issue in client.enhanced_jql("project = ACME", fields="summary")["issues"]] == [key]
