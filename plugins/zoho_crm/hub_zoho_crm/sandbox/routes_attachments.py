"""Files of records: upload, list, bytes, delete; and files that belong to no record yet."""

import dataclasses
from urllib.parse import quote

from starlette.responses import Response

from hub_zoho_crm.sandbox import multipart
from hub_zoho_crm.sandbox.http import Call, Endpoint, outcome
from hub_zoho_crm.sandbox.paging import plain_page
from hub_zoho_crm.sandbox.problems import Json, Problem, answer, empty, invalid, missing_parameter
from hub_zoho_crm.sandbox.records import Attachment, Record
from hub_zoho_crm.sandbox.writing import success

_LONGEST_LINK = 3_000
_NOTHING = {"next_page_token": None, "previous_page_token": None, "page_token_expiry": None}


def _parent(call: Call) -> Record:
    return call.record(call.module("module"))


def upload(call: Call) -> Response:
    """`POST /{module}/{record_id}/Attachments`: a file, or the address of one; the record's own time stays."""
    parent = _parent(call)
    content_type = call.headers.get("content-type", "")
    parts = multipart.read(content_type, call.raw) if content_type.startswith("multipart/") else []
    files = [one for one in parts if one.name == "file"]
    fields = {one.name: one.data.decode(errors="replace") for one in parts if one.name != "file"}
    link = call.query("attachmentUrl") or fields.get("attachmentUrl", "")
    if not files and not link:
        raise missing_parameter("file")
    new = _file(call, files[0], parent) if files else _link(call, link, fields.get("title", ""), parent)
    call.org.attachments[new.id] = new
    call.org.touch_activity(parent)
    moment = call.shapes.moment(new.created)
    who = call.shapes.user(new.owner, email=False)
    details = {"Modified_Time": moment, "Modified_By": who, "Created_Time": moment, "id": new.id, "Created_By": who}
    return answer({"data": [success("attachment uploaded successfully", details)]})


def _file(call: Call, part: multipart.Part, parent: Record | None) -> Attachment:
    if len(part.data) > call.org.upload_limit:
        details = {"maximum_length": call.org.upload_limit, "param_name": "file"}
        raise Problem(400, "FILE_SIZE_EXCEEDS", "The file size exceeds the allowed limit", details)
    if not part.data:
        raise invalid("the file given is empty", param_name="file")
    record_id, module = (parent.id, parent.module) if parent else ("", "")
    name, kind, size = part.filename or "file", part.media_type, len(part.data)
    now = call.org.now()
    return Attachment(call.org.next_id(), record_id, module, name, size, now, call.user.id, kind, part.data)


def _link(call: Call, link: str, title: str, parent: Record) -> Attachment:
    if not link.startswith(("http://", "https://")) or len(link) > _LONGEST_LINK:
        raise invalid("invalid data", param_name="attachmentUrl", maximum_length=_LONGEST_LINK)
    name = title or call.query("title") or link.rpartition("/")[2] or link
    number, now = call.org.next_id(), call.org.now()
    return Attachment(number, parent.id, parent.module, name, 0, now, call.user.id, "text/uri-list", link=link)


def read_list(call: Call) -> Json | Response:
    """`GET /{module}/{record_id}/Attachments`."""
    parent, fields = _parent(call), call.fields()
    rows, info = plain_page(call, call.org.files_of(parent), call.shapes.attachment)
    if not rows:
        return empty()
    wanted = {*fields, "id"}
    kept = [{name: value for name, value in row.items() if name in wanted} for row in rows]
    return {"data": kept, "info": {**info, **_NOTHING}}


def _attachment(call: Call, parent: Record, wanted: str) -> Attachment:
    found = call.org.attachments.get(wanted)
    if not found or found.parent != parent.id:
        raise invalid("the id given seems to be invalid", resource_path_index=3, related_status="invalid")
    return found


def download(call: Call) -> Response:
    """`GET /{module}/{record_id}/Attachments/{id}`: the bytes; a link has none."""
    found = _attachment(call, _parent(call), call.path("id"))
    if found.link:
        raise invalid("Link attachments cannot be downloaded", resource_path_index=3, related_status="invalid")
    return _bytes(found)


def _bytes(found: Attachment) -> Response:
    if found.data is None:
        return empty()
    named = f"attachment; filename*=UTF-8''{quote(found.name)}"
    return Response(found.data, 200, {"Content-Disposition": named}, "application/x-download")


def delete(call: Call) -> Response:
    """`DELETE /{module}/{record_id}/Attachments/{id}`."""
    parent = _parent(call)
    found = _attachment(call, parent, call.path("id"))
    del call.org.attachments[found.id]
    return answer({"data": [success("record deleted", {"id": found.id})]})


def delete_many(call: Call) -> Response:
    """`DELETE /{module}/{record_id}/Attachments?ids=`."""
    parent, done, wanted = _parent(call), [], call.ids(required=True)
    if not any(one.parent == parent.id and one.id in wanted for one in call.org.attachments.values()):
        raise invalid("the id given seems to be invalid", param_name="ids")
    for one in wanted:
        found = call.org.attachments.get(one)
        if found and found.parent == parent.id:
            del call.org.attachments[one]
            done.append(success("record deleted", {"id": one}))
        else:
            done.append(invalid("record not deleted", id=one).as_json())
    return outcome(done)


def keep_files(call: Call) -> Response:
    """`POST /files`: files that records name afterwards."""
    parts = multipart.read(call.headers.get("content-type", ""), call.raw)
    files = [one for one in parts if one.name == "file"]
    if not files:
        raise missing_parameter("file")
    done = []
    for part in files:
        new = _file(call, part, None)
        new = dataclasses.replace(new, id=call.org.hexadecimal(64))
        call.org.files[new.id] = new
        done.append(success("file uploaded successfully", {"name": new.name, "id": new.id}))
    return answer({"data": done})


def read_file(call: Call) -> Response:
    """`GET /files?id=`."""
    found = call.org.files.get(call.query("id"))
    if not found:
        raise invalid("the id given seems to be invalid", param_name="id")
    return _bytes(found)


_FILES = "/crm/v8/{module}/{record_id}/Attachments"
ENDPOINTS = [
    Endpoint("POST", "/crm/v8/files", keep_files),
    Endpoint("GET", "/crm/v8/files", read_file),
    Endpoint("POST", _FILES, upload),
    Endpoint("GET", _FILES, read_list),
    Endpoint("DELETE", _FILES, delete_many),
    Endpoint("GET", _FILES + "/{id}", download),
    Endpoint("DELETE", _FILES + "/{id}", delete),
]
