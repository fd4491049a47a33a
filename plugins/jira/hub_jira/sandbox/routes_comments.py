"""Comments of issues."""

from dataclasses import replace

from starlette.responses import Response

from hub_jira.sandbox.editing import read_properties, read_visibility
from hub_jira.sandbox.http import Call, Endpoint, no_content
from hub_jira.sandbox.problems import answer, bad, bad_field, missing
from hub_jira.sandbox.records import Comment, Issue, Json
from hub_jira.sandbox.values import read_rich


def _comment(call: Call, issue: Issue) -> Comment:
    wanted = call.path("id")
    for comment in issue.comments:
        if comment.id == wanted:
            return comment
    raise missing(f"Can not find a comment for the id: {wanted}.")


def listed(call: Call) -> Json:
    """`GET /issue/{issueIdOrKey}/comment`."""
    return shown_page(call, 100, most=5000)


def shown_page(call: Call, size: int, *, most: int | None = None) -> Json:
    """A page of the comments of the issue of the path, *size* of them unless told, *most* at most."""
    issue = call.issue()
    ordered = sorted(issue.comments, key=lambda one: one.created, reverse=call.query("orderBy").startswith("-"))
    part, numbers = call.page(ordered, size=size, most=most or size)
    with_properties = "properties" in call.names("expand")
    shown = [call.shapes.comment(issue, one, properties=with_properties) for one in part]
    return {**numbers, "comments": shown}


def read(call: Call) -> Json:
    """`GET /issue/{issueIdOrKey}/comment/{id}`."""
    issue = call.issue()
    return call.shapes.comment(issue, _comment(call, issue), properties="properties" in call.names("expand"))


def add(call: Call) -> Response:
    """`POST /issue/{issueIdOrKey}/comment`."""
    issue = call.issue()
    comment = call.editor.comment(call.object)
    issue.comments = (*issue.comments, comment)
    call.site.touch(issue)
    call.site.tell("comment_created", issue, user=call.caller.id, comment=comment)
    return answer(call.shapes.comment(issue, comment), 201)


def edit(call: Call) -> Json:
    """`PUT /issue/{issueIdOrKey}/comment/{id}`."""
    issue = call.issue()
    old = _comment(call, issue)
    body = read_rich(call.site, "comment", call.object.get("body"), call.version)
    if not body:
        raise bad_field("comment", "Comment body can not be empty!")
    properties = {**dict(old.properties), **read_properties(call.object.get("properties"))}
    new = replace(
        old,
        body=body,
        editor=call.caller.id,
        updated=call.site.now(),
        visibility=read_visibility(call.object.get("visibility", old.visibility)),
        properties=tuple(properties.items()),
    )
    swap(call, issue, old, new)
    call.site.tell("comment_updated", issue, user=call.caller.id, comment=new)
    return call.shapes.comment(issue, new)


def swap(call: Call, issue: Issue, old: Comment, new: Comment | None, *, touch: bool = True) -> None:
    """Put *new* in the place of a comment (None: delete it); `updated` moves with it if it is to."""
    changed = [new if one is old else one for one in issue.comments]
    issue.comments = tuple(one for one in changed if one)
    if touch:
        call.site.touch(issue)
    else:
        call.site.save(issue)


def delete(call: Call) -> Response:
    """`DELETE /issue/{issueIdOrKey}/comment/{id}`."""
    issue = call.issue()
    comment = _comment(call, issue)
    swap(call, issue, comment, None)
    call.site.tell("comment_deleted", issue, user=call.caller.id, comment=comment)
    return no_content()


def by_ids(call: Call) -> Json:
    """`POST /comment/list`."""
    ids = call.texts("ids")
    if not 0 < len(ids) <= 1000:
        raise bad("The list of comment ids must have between 1 and 1000 entries.")
    wanted, issues = set(ids), list(call.site.issues.values()) if call.account else []
    found = [(issue, one) for issue in issues for one in issue.comments if one.id in wanted]
    found.sort(key=lambda pair: int(pair[1].id))
    with_properties = "properties" in call.names("expand")
    return call.bean(found, lambda pair: call.shapes.comment(*pair, properties=with_properties), size=1000)


_COMMENTS = "/issue/{issueIdOrKey}/comment"
ENDPOINTS = [
    Endpoint("GET", _COMMENTS, listed),
    Endpoint("POST", _COMMENTS, add, login=True),
    Endpoint("GET", _COMMENTS + "/{id}", read),
    Endpoint("PUT", _COMMENTS + "/{id}", edit, login=True),
    Endpoint("DELETE", _COMMENTS + "/{id}", delete, login=True),
    Endpoint("POST", "/comment/list", by_ids, cloud_only=True),
]
