"""Issues on Data Center, where it answers otherwise than Cloud: what may be set, whose they are, their comments."""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.responses import Response

from hub_jira.sandbox.field_shape import described
from hub_jira.sandbox.http import Call, Endpoint, no_content
from hub_jira.sandbox.problems import missing
from hub_jira.sandbox.records import Json
from hub_jira.sandbox.routes_comments import shown_page
from hub_jira.sandbox.routes_issues import creatable

_ALL_COMMENTS = 1048576


def _values(call: Call, things: Sequence[Any], show: Callable[[Any], Any]) -> Json:
    """A page in the shape of Data Center's page beans."""
    part, numbers = call.page(things, most=1000)
    last = numbers["startAt"] + len(part) >= len(things)
    return {**numbers, "isLast": last, "values": [show(one) for one in part]}


def creatable_types(call: Call) -> Json:
    """`GET /issue/createmeta/{projectIdOrKey}/issuetypes`."""
    return _values(call, [call.site.types[one] for one in call.project().types], call.shapes.type)


def creatable_fields(call: Call) -> Json:
    """`GET /issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}`."""
    project = call.project()
    fields = creatable(call, project)
    return _values(call, fields, lambda pair: described(call.shapes, project, pair[0], required=pair[1]))


def create_meta(_: Call) -> Json:
    """`GET /issue/createmeta`, gone since Jira 9: its path is now one of an issue that is not there."""
    raise missing("Issue Does Not Exist")


def assign(call: Call) -> Response:
    """`PUT /issue/{issueIdOrKey}/assignee` by `name`; "-1" is the project's default, which is nobody."""
    issue, name = call.issue(), call.object.get("name")
    call.editor.edit(issue, {"fields": {"assignee": None if name in (None, "-1") else {"name": name}}})
    return no_content()


def comments(call: Call) -> Json:
    """`GET /issue/{issueIdOrKey}/comment`: all of them, if no less are asked for."""
    return shown_page(call, _ALL_COMMENTS)


_META = "/issue/createmeta/{projectIdOrKey}/issuetypes"
ENDPOINTS = [
    Endpoint("GET", "/issue/createmeta", create_meta),
    Endpoint("GET", _META, creatable_types),
    Endpoint("GET", _META + "/{issueTypeId}", creatable_fields),
    Endpoint("PUT", "/issue/{issueIdOrKey}/assignee", assign, login=True),
    Endpoint("GET", "/issue/{issueIdOrKey}/comment", comments),
]
