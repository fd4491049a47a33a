"""Properties of issues and comments: what apps keep there, out of sight."""

from collections.abc import Callable
from dataclasses import replace

from starlette.responses import Response

from hub_jira.sandbox.editing import PROPERTY_LIMIT, check_property_key
from hub_jira.sandbox.http import Call, Endpoint, no_content
from hub_jira.sandbox.problems import answer, bad, missing
from hub_jira.sandbox.records import Comment, Issue, Json
from hub_jira.sandbox.routes_comments import swap


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
        swap(call, issue, comment, replace(comment, properties=tuple(properties.items())), touch=False)

    return _stored(call, dict(comment.properties), keep)


def drop_comment_property(call: Call) -> Response:
    """`DELETE /comment/{commentId}/properties/{propertyKey}`."""
    issue, comment = _comment_anywhere(call)
    key = _property(call, dict(comment.properties))["key"]
    kept = tuple(pair for pair in comment.properties if pair[0] != key)
    swap(call, issue, comment, replace(comment, properties=kept), touch=False)
    return no_content()


_OF_ISSUE = "/issue/{issueIdOrKey}/properties"
_OF_COMMENT = "/comment/{commentId}/properties"
ENDPOINTS = [
    Endpoint("GET", _OF_ISSUE, issue_keys),
    Endpoint("GET", _OF_ISSUE + "/{propertyKey}", issue_property),
    Endpoint("PUT", _OF_ISSUE + "/{propertyKey}", keep_issue_property, login=True),
    Endpoint("DELETE", _OF_ISSUE + "/{propertyKey}", drop_issue_property, login=True),
    Endpoint("GET", _OF_COMMENT, comment_keys),
    Endpoint("GET", _OF_COMMENT + "/{propertyKey}", comment_property),
    Endpoint("PUT", _OF_COMMENT + "/{propertyKey}", keep_comment_property, login=True),
    Endpoint("DELETE", _OF_COMMENT + "/{propertyKey}", drop_comment_property, login=True),
]
