"""People of a Data Center site, known by login name, and what the site says of itself."""

from typing import Any

from hub_jira.sandbox.http import Call, Endpoint
from hub_jira.sandbox.problems import bad, missing
from hub_jira.sandbox.records import Account, Json
from hub_jira.sandbox.times import shown

VERSION, BUILD = (9, 12, 15), 9120015


def _whole(call: Call, account: Account) -> Json:
    """A person as asked for alone."""
    groups: Json = {"size": 1, "items": []}
    more = {"deleted": False, "locale": "en_US", "groups": groups, "applicationRoles": groups}
    return (call.shapes.user(account.id) or {}) | more | {"expand": "groups,applicationRoles"}


def myself(call: Call) -> Json:
    """`GET /myself`."""
    return _whole(call, call.caller)


def session(call: Call) -> Json:
    """`GET /rest/auth/1/session`."""
    where = call.shapes.link(f"user?username={call.caller.username}")
    return {"self": where, "name": call.caller.username, "loginInfo": {"loginCount": 1}}


def user(call: Call) -> Json:
    """`GET /user`, by `username` or by `key`."""
    name, key = call.query("username"), call.query("key")
    if not name and not key:
        raise bad("Either the 'username' or the 'key' query parameters need to be provided")
    found = call.site.accounts.get(key) if key else call.site.user(name)
    if not found:
        raise missing(f"The user named '{name or key}' does not exist")
    return _whole(call, found)


def _matches(account: Account, query: str) -> bool:
    """Whether the login name, the address, or a word of the shown name starts with *query*; "." finds everyone."""
    wanted = query.casefold()
    texts = [account.username.casefold(), account.email.casefold(), account.name.casefold()]
    return wanted in {"", "."} or any(one.startswith(wanted) for one in [*texts, *texts[-1].split()])


def _part(call: Call, people: list[Account]) -> list[Any]:
    part, _ = call.page(people, most=1000)
    return [call.shapes.user(one.id) for one in part]


def search_users(call: Call) -> list[Any]:
    """`GET /user/search`."""
    query, inactive = call.query("username"), call.flag("includeInactive", default=False)
    if not query:
        raise bad("The username query parameter was not provided")
    people = call.site.accounts.values()
    return _part(call, [one for one in people if (one.active or inactive) and _matches(one, query)])


def assignable(call: Call) -> list[Any]:
    """`GET /user/assignable/search`: for a project or an issue."""
    project, issue, query = call.query("project"), call.query("issueKey"), call.query("username")
    if not project and not issue:
        raise bad("Either the 'project' or the 'issueKey' query parameter must be provided.")
    if (issue and not call.site.find(issue)) or (not issue and not call.site.find_project(project)):
        raise missing(f"No project or issue could be found with key '{issue or project}'.")
    people = call.site.accounts.values()
    return _part(call, [one for one in people if one.assignable and one.active and _matches(one, query)])


def server_info(call: Call) -> Json:
    """`GET /serverInfo`."""
    return {
        "baseUrl": call.site.url,
        "version": ".".join(str(one) for one in VERSION),
        "versionNumbers": list(VERSION),
        "deploymentType": "Server",
        "buildNumber": BUILD,
        "buildDate": "2026-10-30T00:00:00.000+0000",
        "databaseBuildNumber": BUILD,
        "serverTime": shown(call.site.now(), "UTC"),
        "scmInfo": "0000000000000000000000000000000000000000",
        "serverTitle": "Jira",
    }


ENDPOINTS = [
    Endpoint("GET", "/myself", myself, login=True),
    Endpoint("GET", "//rest/auth/1/session", session, login=True),
    Endpoint("GET", "/user", user, login=True),
    Endpoint("GET", "/user/search", search_users, login=True),
    Endpoint("GET", "/user/assignable/search", assignable, login=True),
    Endpoint("GET", "/serverInfo", server_info),
]
