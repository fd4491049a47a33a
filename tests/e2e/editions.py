"""Both editions of Jira under the hands of the same people: what they say is put as each edition wants it.

Tests are written in the words of Jira Cloud: documents, account ids. For Data Center they are put into its own words on
the way there, and back.
"""

from collections.abc import Mapping
from typing import Any

import httpx
from hub_jira import adf, wiki
from hub_jira.sandbox import JiraDataCenterSandbox, JiraSandbox

from hub.sdk.sandbox import SandboxServer

NAMES = ("cloud", "datacenter")
chosen = "cloud"
RICH = ("description", "environment", "body")


def fresh(**more: Any) -> JiraSandbox:
    """A Jira of the chosen edition."""
    return JiraSandbox(**more) if chosen == "cloud" else JiraDataCenterSandbox(**more)


def is_cloud(server: SandboxServer) -> bool:
    """Whether a server is an imitation of Jira Cloud."""
    return not isinstance(server.sandbox, JiraDataCenterSandbox)


def client(server: SandboxServer, person: int = 0) -> httpx.Client:
    """Somebody at a Jira of either edition."""
    who = server.sandbox.people()[person].credentials
    if is_cloud(server):
        return httpx.Client(
            base_url=f"{server.url}/rest/api/3", auth=(who["user"], who["token"]), verify=False, timeout=60
        )
    return httpx.Client(
        base_url=f"{server.url}/rest/api/2",
        headers={"Authorization": f"Bearer {who['token']}"},
        verify=False,
        timeout=60,
    )


def put(server: SandboxServer, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields in Cloud's words, in those of the server's edition."""
    if is_cloud(server):
        return dict(fields)
    return {name: _put(server, name, value) for name, value in fields.items()}


def _put(server: SandboxServer, name: str, value: Any) -> Any:
    if name in RICH and isinstance(value, Mapping):
        return wiki.put(adf.get(value), None)
    if isinstance(value, Mapping) and "accountId" in value:
        return {"name": logins(server)[value["accountId"]]}
    return value


def logins(server: SandboxServer) -> dict[str, str]:
    """By key: the login names of everybody there."""
    with client(server) as jira:
        found = jira.get("/user/search", params={"username": ".", "maxResults": 100}).json()
    return {each["key"]: each["name"] for each in found}


def shown(server: SandboxServer, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as the server shows them, in Cloud's words."""
    if is_cloud(server):
        return dict(fields)
    return {name: _shown(name, value) for name, value in fields.items()}


def _shown(name: str, value: Any) -> Any:
    if name in RICH and isinstance(value, str):
        return adf.put(wiki.get(value), None)
    if isinstance(value, Mapping) and "key" in value and "displayName" in value:
        return {**value, "accountId": value["key"]}
    return value
