"""Links between issues, and from issues to other places."""

from dataclasses import replace
from typing import Any

from starlette.responses import Response

from hub_jira.sandbox.http import Call, Endpoint, no_content
from hub_jira.sandbox.problems import answer, bad, bad_field, missing
from hub_jira.sandbox.records import Issue, IssueLink, Json, LinkType, RemoteLink
from hub_jira.sandbox.site import by_name

_PARTS = ("application", "relationship", "object")


def link(call: Call) -> Response:
    """`POST /issueLink`: 201 and nothing else."""
    kind = _link_type(call)
    inward, outward = (_end(call, name) for name in ("inwardIssue", "outwardIssue"))
    made = IssueLink(call.site.next_id("link"), kind.id, inward.id, outward.id)
    call.site.links[made.id] = made
    call.site.record(outward, call.caller.id, [_item(made.id, f"This issue {kind.outward} {inward.key}", inward)])
    call.site.record(inward, call.caller.id, [_item(made.id, f"This issue {kind.inward} {outward.key}", outward)])
    if isinstance(call.object.get("comment"), dict):
        inward.comments = (*inward.comments, call.editor.comment(call.object["comment"]))
        call.site.touch(inward)
    return Response(status_code=201)


def _item(_: str, sentence: str, other: Issue) -> Json:
    shown = {"from": None, "fromString": None, "to": other.key, "toString": sentence}
    return {"field": "Link", "fieldtype": "jira", "fieldId": "issuelinks", **shown}


def _link_type(call: Call) -> LinkType:
    given = call.object.get("type")
    wanted = given if isinstance(given, dict) else {}
    types = call.site.link_types
    found = types.get(str(wanted.get("id", ""))) or by_name(types, str(wanted.get("name", "")))
    if not found:
        raise missing(f"No issue link type with name '{wanted.get('name', '')}' found.")
    return found


def _end(call: Call, name: str) -> Issue:
    given = call.object.get(name)
    wanted = given if isinstance(given, dict) else {}
    found = call.site.find(str(wanted.get("id") or wanted.get("key") or ""))
    if not found:
        raise missing("Issue does not exist or you do not have permission to see it.")
    return found


def _link(call: Call) -> IssueLink:
    found = call.site.links.get(call.path("linkId")) if call.account else None
    if not found:
        raise missing(f"No issue link with id '{call.path('linkId')}' exists.")
    return found


def read_link(call: Call) -> Json:
    """`GET /issueLink/{linkId}`."""
    return call.shapes.issue_link(_link(call))


def unlink(call: Call) -> Response:
    """`DELETE /issueLink/{linkId}`."""
    found = _link(call)
    del call.site.links[found.id]
    for end in (found.inward, found.outward):
        call.site.touch(call.site.issues[end])
    return no_content()


def link_types(call: Call) -> Json:
    """`GET /issueLinkType`."""
    return {
        "issueLinkTypes": [
            {"id": one.id, "name": one.name, "inward": one.inward, "outward": one.outward}
            | {"self": call.shapes.link(f"issueLinkType/{one.id}")}
            for one in call.site.link_types.values()
        ]
    }


def _content(call: Call) -> Json:
    """The whole content of a remote link: what is left out is emptied."""
    given = call.object.get("object")
    if not isinstance(given, dict) or not given.get("url") or not given.get("title"):
        raise bad_field("object", "'title' and 'url' are required.")
    return {part: call.object[part] for part in _PARTS if call.object.get(part) is not None}


def upsert_remote(call: Call) -> Response:
    """`POST /issue/{issueIdOrKey}/remotelink`: 201, or 200 where the `globalId` was there already."""
    issue, content, global_id = call.issue(), _content(call), call.object.get("globalId")
    if global_id is not None and (not isinstance(global_id, str) or len(global_id) > 255):
        raise bad_field("globalId", "The global id must be a text of at most 255 characters.")
    known = next((one for one in issue.remote_links if global_id and one.global_id == global_id), None)
    if known:
        _replace(call, issue, known, replace(known, content=content))
        kept = known
    else:
        kept = RemoteLink(call.site.next_id("remote link"), global_id, content)
        issue.remote_links = (*issue.remote_links, kept)
        call.site.touch(issue)
    where = call.shapes.link(f"issue/{issue.key}/remotelink/{kept.id}")
    return answer({"id": int(kept.id), "self": where}, 200 if known else 201)


def _replace(call: Call, issue: Issue, old: RemoteLink, new: RemoteLink | None) -> None:
    changed = [new if one is old else one for one in issue.remote_links]
    issue.remote_links = tuple(one for one in changed if one)
    call.site.touch(issue)


def _remote(call: Call, issue: Issue) -> RemoteLink:
    for one in issue.remote_links:
        if one.id == call.path("linkId"):
            return one
    raise missing(f"The remote issue link with id '{call.path('linkId')}' does not exist.")


def remotes(call: Call) -> Any:
    """`GET /issue/{issueIdOrKey}/remotelink`: all, or the one with the asked-for `globalId`."""
    issue, wanted = call.issue(), call.query("globalId")
    if not wanted:
        return [call.shapes.remote_link(issue, one) for one in issue.remote_links]
    return call.shapes.remote_link(issue, _by_global_id(issue, wanted))


def _by_global_id(issue: Issue, wanted: str) -> RemoteLink:
    for one in issue.remote_links:
        if one.global_id == wanted:
            return one
    raise missing("The remote issue link with this global id does not exist.")


def remote(call: Call) -> Json:
    """`GET /issue/{issueIdOrKey}/remotelink/{linkId}`."""
    issue = call.issue()
    return call.shapes.remote_link(issue, _remote(call, issue))


def edit_remote(call: Call) -> Response:
    """`PUT /issue/{issueIdOrKey}/remotelink/{linkId}`."""
    issue = call.issue()
    old = _remote(call, issue)
    _replace(call, issue, old, replace(old, global_id=call.object.get("globalId"), content=_content(call)))
    return no_content()


def drop_remote(call: Call) -> Response:
    """`DELETE /issue/{issueIdOrKey}/remotelink/{linkId}`."""
    issue = call.issue()
    _replace(call, issue, _remote(call, issue), None)
    return no_content()


def drop_by_global_id(call: Call) -> Response:
    """`DELETE /issue/{issueIdOrKey}/remotelink?globalId=…`."""
    issue, wanted = call.issue(), call.query("globalId")
    if not wanted:
        raise bad("The global id is required.")
    _replace(call, issue, _by_global_id(issue, wanted), None)
    return no_content()


_REMOTE = "/issue/{issueIdOrKey}/remotelink"
ENDPOINTS = [
    Endpoint("POST", "/issueLink", link, login=True),
    Endpoint("GET", "/issueLink/{linkId}", read_link),
    Endpoint("DELETE", "/issueLink/{linkId}", unlink, login=True),
    Endpoint("GET", "/issueLinkType", link_types),
    Endpoint("POST", _REMOTE, upsert_remote, login=True),
    Endpoint("GET", _REMOTE, remotes),
    Endpoint("DELETE", _REMOTE, drop_by_global_id, login=True),
    Endpoint("GET", _REMOTE + "/{linkId}", remote),
    Endpoint("PUT", _REMOTE + "/{linkId}", edit_remote, login=True),
    Endpoint("DELETE", _REMOTE + "/{linkId}", drop_remote, login=True),
]
