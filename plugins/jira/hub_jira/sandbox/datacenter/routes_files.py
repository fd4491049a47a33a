"""Files on Data Center: their bytes are where browsers fetch them, and whoever is not signed in is sent to sign in."""

from urllib.parse import quote

from starlette.responses import HTMLResponse, RedirectResponse, Response

from hub_jira.sandbox.http import Call, Endpoint
from hub_jira.sandbox.records import Json
from hub_jira.sandbox.routes_attachments import file_bytes, find

_LOGIN = "<html><head><title>Log in - Jira</title></head><body><form id='login-form'></form></body></html>"
_DEAD = "<html><head><title>Oops, you've found a dead link. - Jira</title></head><body></body></html>"


def read(call: Call) -> Json:
    """`GET /attachment/{id}`, which does not repeat the id."""
    _, attachment = find(call)
    shown = call.shapes.attachment(attachment)
    return {key: value for key, value in shown.items() if key != "id"} | {"properties": {}}


def content(call: Call) -> Response:
    """`GET /secure/attachment/{id}/{filename}`; the name is for people, the id decides."""
    if call.account is None:
        wanted = quote(call.request.url.path, safe="")
        return RedirectResponse(f"{call.site.url}/login.jsp?permissionViolation=true&os_destination={wanted}", 302)
    _, attachment = find(call)
    if attachment.data is None:
        return HTMLResponse(_DEAD, 404)
    response = file_bytes(call, attachment)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(attachment.filename)}"
    return response


def login_page(_: Call) -> Response:
    """The page where people sign in: a 200, for clients that follow wherever they are sent."""
    return HTMLResponse(_LOGIN)


ENDPOINTS = [
    Endpoint("GET", "/attachment/{id}", read),
    Endpoint("GET", "//secure/attachment/{id}/{filename:path}", content),
    Endpoint("GET", "//login.jsp", login_page),
]
