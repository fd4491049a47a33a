"""Files of issues: upload, metadata, bytes, delete."""

import re
from dataclasses import dataclass
from email.message import Message
from urllib.parse import unquote

from starlette.responses import RedirectResponse, Response

from hub_jira.sandbox.http import Call, Endpoint, no_content
from hub_jira.sandbox.problems import Problem, answer, bad, missing
from hub_jira.sandbox.records import Attachment, Issue, Json

MOST_FILES = 60


@dataclass(frozen=True)
class Part:
    """A part of a multipart body."""

    name: str
    filename: str
    media_type: str
    data: bytes


def read_multipart(content_type: str, body: bytes) -> list[Part]:
    """The parts of a `multipart/form-data` body (RFC 7578); 400 if it is none."""
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise bad("The request is not multipart/form-data with a boundary.")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:-1]
    return [_part(piece.removeprefix(b"\r\n")) for piece in pieces]


def _part(piece: bytes) -> Part:
    head, _, data = piece.partition(b"\r\n\r\n")
    lines = dict(line.split(": ", 1) for line in head.decode(errors="replace").split("\r\n") if ": " in line)
    headers = {name.lower(): value for name, value in lines.items()}
    shown = dict(re.findall(r'(\w+)="([^"]*)"', headers.get("content-disposition", "")))
    if wide := re.search(r"filename\*=utf-8''([^;]*)", headers.get("content-disposition", ""), re.IGNORECASE):
        shown["filename"] = unquote(wide[1])
    media_type = headers.get("content-type", "application/octet-stream")
    return Part(shown.get("name", ""), shown.get("filename", "").replace("%22", '"'), media_type, data)


def upload(call: Call) -> Response:
    """`POST /issue/{issueIdOrKey}/attachments`: 403 without the header that forged forms cannot send."""
    if call.request.headers.get("x-atlassian-token") not in {"no-check", "nocheck"}:
        return Response("XSRF check failed", 403, media_type="text/html")
    issue = call.issue()
    parts = read_multipart(call.request.headers.get("content-type", ""), call.raw)
    files = [part for part in parts if part.name == "file"]
    if len(files) > MOST_FILES or any(len(part.data) > call.site.upload_limit for part in files):
        raise Problem(413, ["The file is larger than the limit, or there are too many files."])
    if not files:
        raise bad("No file was attached. The parts must be named 'file'.")
    new = [_stored(call, part) for part in files]
    issue.attachments = (*issue.attachments, *new)
    _record(call, issue, [_item(to=one) for one in new])
    return answer([call.shapes.attachment(one) for one in new])


def _record(call: Call, issue: Issue, items: list[Json]) -> None:
    edit = call.site.record(issue, call.caller.id, items)
    log = {"changelog": {"id": edit.id, "items": items}} if edit else {}
    call.site.tell("jira:issue_updated", issue, user=call.caller.id, **log)


def _stored(call: Call, part: Part) -> Attachment:
    return Attachment(
        id=call.site.next_id("attachment"),
        author=call.caller.id,
        filename=part.filename or "file",
        media_type=part.media_type,
        size=len(part.data),
        created=call.site.now(),
        data=part.data,
    )


def _item(*, to: Attachment | None = None, gone: Attachment | None = None) -> Json:
    return {
        "field": "Attachment",
        "fieldtype": "jira",
        "fieldId": "attachment",
        "from": gone.id if gone else None,
        "fromString": gone.filename if gone else None,
        "to": to.id if to else None,
        "toString": to.filename if to else None,
    }


def _search(call: Call, wanted: str) -> tuple[Issue, Attachment] | None:
    for issue in call.site.issues.values():
        for attachment in issue.attachments:
            if attachment.id == wanted:
                return issue, attachment
    return None


def find(call: Call) -> tuple[Issue, Attachment]:
    """The file of the path with its issue; 404 if there is none, or for nobody in particular."""
    wanted = call.path("id")
    found = _search(call, wanted) if call.account else None
    if not found:
        raise missing(f"The attachment with id '{wanted}' does not exist")
    return found


def read(call: Call) -> Json:
    """`GET /attachment/{id}`, where the id is a number."""
    _, attachment = find(call)
    return call.shapes.attachment(attachment) | {"id": int(attachment.id)}


def content(call: Call) -> Response:
    """`GET /attachment/content/{id}`: a 303 to a signed address, or with `redirect=false` the bytes (or a range)."""
    _, attachment = find(call)
    if attachment.data is None:
        raise missing(f"The attachment with id '{attachment.id}' does not exist")
    if call.flag("redirect", default=True):
        return RedirectResponse(f"{call.site.url}/_media/{attachment.id}?token={_signature(attachment)}", 303)
    return file_bytes(call, attachment)


def _signature(attachment: Attachment) -> str:
    return f"signed-{attachment.id}-{attachment.size}"


def file_bytes(call: Call, attachment: Attachment) -> Response:
    """The bytes of a file, or the range that was asked for."""
    data, media_type = attachment.data or b"", attachment.media_type
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", call.request.headers.get("range", ""))
    if not asked:
        return Response(data, 200, {"Accept-Ranges": "bytes"}, media_type)
    start, end = int(asked[1]), min(int(asked[2] or len(data)), len(data) - 1)
    if start > end:
        return Response(b"", 416, {"Content-Range": f"bytes */{len(data)}"}, media_type)
    return Response(data[start : end + 1], 206, {"Content-Range": f"bytes {start}-{end}/{len(data)}"}, media_type)


def media(call: Call) -> Response:
    """The signed address: no credentials are wanted here."""
    found = _search(call, call.path("id"))
    if not found or call.query("token") != _signature(found[1]):
        raise Problem(403, ["The signature is not valid."])
    return file_bytes(call, found[1])


def delete(call: Call) -> Response:
    """`DELETE /attachment/{id}`."""
    issue, attachment = find(call)
    issue.attachments = tuple(one for one in issue.attachments if one is not attachment)
    _record(call, issue, [_item(gone=attachment)])
    return no_content()


def settings(call: Call) -> Json:
    """`GET /attachment/meta`."""
    return {"enabled": call.account is not None, "uploadLimit": call.site.upload_limit}


ENDPOINTS = [
    Endpoint("POST", "/issue/{issueIdOrKey}/attachments", upload, login=True),
    Endpoint("GET", "/attachment/meta", settings),
    Endpoint("GET", "/attachment/content/{id}", content, cloud_only=True),
    Endpoint("GET", "/attachment/{id}", read),
    Endpoint("DELETE", "/attachment/{id}", delete, login=True),
    Endpoint("GET", "//_media/{id}", media, cloud_only=True),
]
