"""People, and what the site says of itself and of the caller's rights."""

from hub_jira.sandbox.http import Call, Endpoint
from hub_jira.sandbox.problems import Problem, bad, missing
from hub_jira.sandbox.records import Account, Json
from hub_jira.sandbox.times import shown

_RIGHTS = {
    "BROWSE_PROJECTS": "Browse Projects",
    "CREATE_ISSUES": "Create Issues",
    "EDIT_ISSUES": "Edit Issues",
    "DELETE_ISSUES": "Delete Issues",
    "TRANSITION_ISSUES": "Transition Issues",
    "ASSIGN_ISSUES": "Assign Issues",
    "ADD_COMMENTS": "Add Comments",
    "CREATE_ATTACHMENTS": "Create Attachments",
    "LINK_ISSUES": "Link Issues",
    "ADMINISTER_PROJECTS": "Administer Projects",
    "ADMINISTER": "Administer Jira",
}
_ADMIN_RIGHTS = frozenset({"ADMINISTER", "ADMINISTER_PROJECTS"})


def myself(call: Call) -> Json:
    """`GET /myself`; 401 for wrong credentials."""
    known = call.shapes.user(call.caller.id) or {}
    return known | {"emailAddress": call.caller.email, "locale": "en_US", "expand": "groups,applicationRoles"}


def _person(call: Call, account_id: str) -> Json:
    return call.shapes.user(account_id) or {}


def user(call: Call) -> Json:
    """`GET /user`."""
    wanted = call.query("accountId")
    if not wanted:
        raise bad("The query parameter 'accountId' must be provided.")
    if wanted not in call.site.accounts:
        raise missing("Specified user does not exist or you do not have required permissions")
    return _person(call, wanted)


def _matches(account: Account, query: str) -> bool:
    """Whether a word of the name, or the visible address, starts with *query*."""
    wanted = query.casefold()
    name, email = account.name.casefold(), account.email.casefold() if account.email_visible else ""
    words = [name, email, *name.split()]
    return any(word.startswith(wanted) for word in words) or (not wanted.isascii() and wanted in name)


def _part(call: Call, people: list[Account]) -> list[Json]:
    part, _ = call.page(people, most=1000)
    return [_person(call, one.id) for one in part]


def search_users(call: Call) -> list[Json]:
    """`GET /user/search`."""
    query, account_id = call.query("query") or call.query("username"), call.query("accountId")
    if not query and not account_id:
        raise bad("The 'query', 'accountId' or 'property' parameter must be provided.")
    people = call.site.accounts.values()
    if account_id:
        return _part(call, [one for one in people if one.id == account_id])
    return _part(call, [one for one in people if one.active and _matches(one, query)])


def all_users(call: Call) -> list[Json]:
    """`GET /users/search` and `GET /users`."""
    return _part(call, list(call.site.accounts.values()))


def assignable(call: Call) -> list[Json]:
    """`GET /user/assignable/search`: for a project or an issue."""
    project, issue = call.query("project"), call.query("issueKey") or call.query("issueId")
    if not project and not issue:
        raise bad("Either the 'project' or the 'issueKey' query parameter must be provided.")
    if (issue and not call.site.find(issue)) or (not issue and not call.site.find_project(project)):
        raise missing(f"No project or issue could be found with key '{issue or project}'.")
    query = call.query("query") or call.query("username")
    people = [one for one in call.site.accounts.values() if one.assignable and one.active and _matches(one, query)]
    return _part(call, people)


def users_by_id(call: Call) -> Json:
    """`GET /user/bulk`: whoever is unknown is missing."""
    wanted = call.names("accountId")
    if not wanted:
        raise bad("The query parameter 'accountId' must be provided.")
    found = [call.site.accounts[one] for one in wanted if one in call.site.accounts]
    return call.bean(found, lambda one: _person(call, one.id), size=10)


def rights(call: Call) -> Json:
    """`GET /mypermissions`; the permissions asked for must be named."""
    asked = call.names("permissions") or (list(_RIGHTS) if call.site.is_server else [])
    if not asked:
        raise bad("The 'permissions' query parameter is required.")
    if unknown := [one for one in asked if one not in _RIGHTS]:
        raise bad(f"Unrecognized permissions: {', '.join(unknown)}")
    _check_scope(call)
    return {"permissions": {one: _right(call, one, number) for number, one in enumerate(_RIGHTS) if one in asked}}


def _check_scope(call: Call) -> None:
    project, issue = (
        call.query("projectKey") or call.query("projectId"),
        call.query("issueKey") or call.query("issueId"),
    )
    if project and not call.site.find_project(project):
        raise missing(f"No project could be found with key '{project}'.")
    if issue and not call.site.find(issue):
        raise missing()


def _right(call: Call, key: str, number: int) -> Json:
    has = call.account is not None and (call.account.admin or key not in _ADMIN_RIGHTS)
    kind = "GLOBAL" if key == "ADMINISTER" else "PROJECT"
    return {
        "id": str(number + 10),
        "key": key,
        "name": _RIGHTS[key],
        "type": kind,
        "description": "",
        "havePermission": has,
    }


def server_info(call: Call) -> Json:
    """`GET /serverInfo`."""
    return {
        "baseUrl": call.site.url,
        "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
        "buildNumber": 100295,
        "buildDate": "2026-10-30T09:04:11.000+0000",
        "serverTime": shown(call.site.now(), "UTC"),
        "scmInfo": "0000000000000000000000000000000000000000",
        "serverTitle": "Jira",
    }


def configuration(call: Call) -> Json:
    """`GET /configuration`."""
    if call.account is None:
        raise Problem(401, ["Client must be authenticated to access this resource."])
    off = dict.fromkeys(("votingEnabled", "timeTrackingEnabled"), False)
    on = ("watchingEnabled", "unassignedIssuesAllowed", "subTasksEnabled", "issueLinkingEnabled", "attachmentsEnabled")
    return {**off, **dict.fromkeys(on, True)}


ENDPOINTS = [
    Endpoint("GET", "/myself", myself, login=True),
    Endpoint("GET", "/user", user, login=True),
    Endpoint("GET", "/user/search", search_users, login=True),
    Endpoint("GET", "/users/search", all_users, login=True, cloud_only=True),
    Endpoint("GET", "/users", all_users, login=True, cloud_only=True),
    Endpoint("GET", "/user/assignable/search", assignable, login=True),
    Endpoint("GET", "/user/bulk", users_by_id, login=True, cloud_only=True),
    Endpoint("GET", "/mypermissions", rights),
    Endpoint("GET", "/serverInfo", server_info),
    Endpoint("GET", "/configuration", configuration),
]
