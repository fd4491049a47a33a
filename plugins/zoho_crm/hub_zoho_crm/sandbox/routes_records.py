"""Records: lists, one, and what was deleted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from hub_zoho_crm.sandbox.http import Call, Endpoint
from hub_zoho_crm.sandbox.paging import Pager, plain_page
from hub_zoho_crm.sandbox.problems import Json, bad_parameter, empty, invalid_id, invalid_url
from hub_zoho_crm.sandbox.records import Deleted, Module, Record

_KINDS = {"all": (True, False), "recycle": (True,), "permanent": (False,)}


def read_list(call: Call) -> Any:
    """`GET /{module}`: 204 without records, 304 without any that changed since the given moment."""
    module, fields = call.module(), call.fields()
    pager = Pager(call)
    records: Iterable[Record] = call.org.all(module.name).values()
    if wanted := call.ids():
        records = [record for one in wanted if (record := call.org.find(module.name, one))]
    asked = call.query("converted", "false")
    records = [record for record in records if _is_shown(asked, record)]
    since = call.moment("if-modified-since")
    found = [record for record in records if since is None or record.modified > since]
    return shown_page(call, pager, found, fields, since)


def shown_page(call: Call, pager: Pager, found: list[Record], fields: list[str], since: datetime | None) -> Any:
    """A page of *found*; without a body if it would be empty."""
    if not found:
        return empty(304 if since else 204)
    part, info = pager.page(found)
    if not part:
        return empty()
    return {"data": [call.shapes.record(record, fields) for record in part], "info": info}


def _is_shown(asked: str, record: Record) -> bool:
    """Converted leads are only shown to those who ask for them."""
    converted = bool(record.told and record.told.get("Converted__s"))
    return asked == "both" or converted == (asked == "true")


def read_one(call: Call) -> Any:
    """`GET /{module}/{id}`: everything, or the fields asked for; 204 once it is deleted."""
    module = call.module()
    record = call.find(module)
    if record is None:
        raise_unless_gone(call, module)
        return empty()
    since = call.moment("if-modified-since")
    if since and record.modified <= since:
        return empty(304)
    return {"data": [call.shapes.record(record, call.names("fields") or None)]}


def raise_unless_gone(call: Call, module: Module, name: str = "id") -> None:
    """Refuse an id that no record of the module ever had."""
    wanted = call.path(name)
    if call.external(module):
        return
    if not wanted.isdigit():
        raise invalid_url()
    gone = call.org.deleted.get(wanted)
    if not gone or gone.module != module.name:
        raise invalid_id(resource_path_index=1)


def read_deleted(call: Call) -> Any:
    """`GET /{module}/deleted`."""
    module, kind = call.module(), call.query("type", "all")
    if kind not in _KINDS:
        raise bad_parameter("type", supported_values=[*_KINDS])
    call.cost, since = 2, call.moment("if-modified-since")
    found = [one for one in call.org.deleted_of(module.name) if _is_wanted(one, kind, since)]
    rows, info = plain_page(call, found, call.shapes.deleted)
    if not rows:
        return empty(304 if since and not found else 204)
    return {"data": rows, "info": info}


def _is_wanted(gone: Deleted, kind: str, since: datetime | None) -> bool:
    return (gone.record is not None) in _KINDS[kind] and (since is None or gone.at > since)


def count(call: Call) -> Json:
    """`GET /{module}/actions/count`."""
    return {"count": len(call.org.all(call.module().name))}


_MODULE = "/crm/v8/{module_api_name}"
ENDPOINTS = [
    Endpoint("GET", _MODULE + "/deleted", read_deleted),
    Endpoint("GET", "/crm/v8/Notes", read_list),
    Endpoint("GET", "/crm/v8/Notes/{id}", read_one),
    Endpoint("GET", _MODULE + "/actions/count", count),
    Endpoint("GET", _MODULE, read_list),
    Endpoint("GET", _MODULE + "/{id}", read_one),
]
