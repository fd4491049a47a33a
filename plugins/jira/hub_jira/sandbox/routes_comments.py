"""Comments of issues, and properties of issues and comments."""

from collections.abc import Callable
from dataclasses import replace

from starlette.responses import Response

from hub_jira.sandbox.editing import PROPERTY_LIMIT, check_property_key, read_properties
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
    issue = call.issue()
    ordered = sorted(issue.comments, key=lambda one: one.created, reverse=call.query("orderBy").startswith("-"))
    part, numbers = call.page(ordered, size=100, most=5000)
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
        visibility=call.object.get("visibility", old.visibility),
        properties=tuple(properties.items()),
    )
    _swap(call, issue, old, new)
    call.site.tell("comment_updated", issue, user=call.caller.id, comment=new)
    return call.shapes.comment(issue, new)


def _swap(call: Call, issue: Issue, old: Comment, new: Comment | None, *, touch: bool = True) -> None:
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
    _swap(call, issue, comment, None)
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


def _keys(call: Call, kept: Json, owner: str) -> Json:
    return {"keys": [{"self": call.shapes.link(f"{owner}/properties/{key}"), "key": key} for key in kept]}


def _property(call: Call, kept: Json) -> Json:
    key = call.path("propertyKey")
    if key not in kept:
        raise missing(f"The property with key '{key}' does not exist.")
    return {"key": key, "value": kept[key]}


def _stored(call: Call, kept: Json, keep: Callable[[Json], None]) -> Response:
    key = call.path("propertyKey")
    check_property_key(key)
    if len(call.raw) > PROPERTY_LIMIT:
        raise bad(f"The property value cannot be larger than {PROPERTY_LIMIT} characters.")
    if not call.raw:
        raise bad("The property value must be a valid, non-empty JSON.")
    known = key in kept
    keep({**kept, key: call.body})
    return answer({"self": call.request.url.path}, 200 if known else 201)


def issue_keys(call: Call) -> Json:
    """`GET /issue/{issueIdOrKey}/properties`."""
    issue = call.issue()
    return _keys(call, issue.properties, f"issue/{issue.id}")


def issue_property(call: Call) -> Json:
    """`GET /issue/{issueIdOrKey}/properties/{propertyKey}`."""
    return _property(call, call.issue().properties)


def keep_issue_property(call: Call) -> Response:
    """`PUT /issue/{issueIdOrKey}/properties/{propertyKey}`: 201 for a new one; `updated` stays."""
    issue = call.issue()

    def keep(properties: Json) -> None:
        issue.properties = properties
        call.site.save(issue)

    return _stored(call, issue.properties, keep)


def drop_issue_property(call: Call) -> Response:
    """`DELETE /issue/{issueIdOrKey}/properties/{propertyKey}`."""
    issue = call.issue()
    key = _property(call, issue.properties)["key"]
    issue.properties = {one: value for one, value in issue.properties.items() if one != key}
    call.site.save(issue)
    return no_content()


def _comment_anywhere(call: Call) -> tuple[Issue, Comment]:
    issues = call.site.issues.values() if call.account else ()
    for issue in issues:
        for comment in issue.comments:
            if comment.id == call.path("commentId"):
                return issue, comment
    raise missing(f"Can not find a comment for the id: {call.path('commentId')}.")


def comment_keys(call: Call) -> Json:
    """`GET /comment/{commentId}/properties`."""
    _, comment = _comment_anywhere(call)
    return _keys(call, dict(comment.properties), f"comment/{comment.id}")


def comment_property(call: Call) -> Json:
    """`GET /comment/{commentId}/properties/{propertyKey}`."""
    return _property(call, dict(_comment_anywhere(call)[1].properties))


def keep_comment_property(call: Call) -> Response:
    """`PUT /comment/{commentId}/properties/{propertyKey}`."""
    issue, comment = _comment_anywhere(call)

    def keep(properties: Json) -> None:
        _swap(call, issue, comment, replace(comment, properties=tuple(properties.items())), touch=False)

    return _stored(call, dict(comment.properties), keep)


def drop_comment_property(call: Call) -> Response:
    """`DELETE /comment/{commentId}/properties/{propertyKey}`."""
    issue, comment = _comment_anywhere(call)
    key = _property(call, dict(comment.properties))["key"]
    kept = tuple(pair for pair in comment.properties if pair[0] != key)
    _swap(call, issue, comment, replace(comment, properties=kept), touch=False)
    return no_content()


_COMMENTS = "/issue/{issueIdOrKey}/comment"
_OF_ISSUE = "/issue/{issueIdOrKey}/properties"
_OF_COMMENT = "/comment/{commentId}/properties"
ENDPOINTS = [
    Endpoint("GET", _COMMENTS, listed),
    Endpoint("POST", _COMMENTS, add, login=True),
    Endpoint("GET", _COMMENTS + "/{id}", read),
    Endpoint("PUT", _COMMENTS + "/{id}", edit, login=True),
    Endpoint("DELETE", _COMMENTS + "/{id}", delete, login=True),
    Endpoint("POST", "/comment/list", by_ids),
    Endpoint("GET", _OF_ISSUE, issue_keys),
    Endpoint("GET", _OF_ISSUE + "/{propertyKey}", issue_property),
    Endpoint("PUT", _OF_ISSUE + "/{propertyKey}", keep_issue_property, login=True),
    Endpoint("DELETE", _OF_ISSUE + "/{propertyKey}", drop_issue_property, login=True),
    Endpoint("GET", _OF_COMMENT, comment_keys),
    Endpoint("GET", _OF_COMMENT + "/{propertyKey}", comment_property),
    Endpoint("PUT", _OF_COMMENT + "/{propertyKey}", keep_comment_property, login=True),
    Endpoint("DELETE", _OF_COMMENT + "/{propertyKey}", drop_comment_property, login=True),
]
