"""What belongs to a record: its notes, and the records whose lookups point to it."""

from typing import Any

from starlette.responses import Response

from hub_zoho_crm.sandbox.http import Call, Endpoint
from hub_zoho_crm.sandbox.org import Org
from hub_zoho_crm.sandbox.paging import Pager
from hub_zoho_crm.sandbox.problems import invalid
from hub_zoho_crm.sandbox.records import Module, Record
from hub_zoho_crm.sandbox.routes_records import shown_page
from hub_zoho_crm.sandbox.routes_writing import create_in


def related_modules(org: Org, module: Module) -> list[Module]:
    """The modules whose records can belong to one of *module*: the related lists."""
    return [one for one in org.modules.values() if _lookups(one, module)]


def _lookups(child: Module, parent: Module) -> list[str]:
    """The lookups of *child* that can point to *parent*; one without a module of its own can point anywhere."""
    found = (one for one in child.fields.values() if one.kind == "lookup")
    return [one.name for one in found if one.module == parent.name or (not one.module and parent.name != child.name)]


def read_related(call: Call) -> Any:
    """`GET /{module}/{record_id}/{related_list}`."""
    module = call.module()
    record, fields = call.record(module), call.fields()
    child = _child(call, module)
    pager, since = Pager(call), call.moment("if-modified-since")
    found = [one for one in _belonging(call.org, child, module, record) if since is None or one.modified > since]
    return shown_page(call, pager, found, fields, since)


def _child(call: Call, module: Module) -> Module:
    name = call.path("related_list_api_name")
    found = next((one for one in related_modules(call.org, module) if one.name == name), None)
    if not found:
        raise invalid("the relation name given seems to be invalid", resource_path_index=2, related_status="invalid")
    return found


def _belonging(org: Org, child: Module, parent: Module, record: Record) -> list[Record]:
    names = _lookups(child, parent)
    return [one for one in org.all(child.name).values() if any(one.values.get(name) == record.id for name in names)]


def add_notes(call: Call) -> Response:
    """`POST /{module}/{record_id}/Notes`."""
    module = call.module()
    record = call.record(module)
    parent = {"module": {"api_name": module.name, "id": module.id}, "id": record.id}
    rows = [{**row, "Parent_Id": parent} for row in call.rows()]
    return create_in(call, call.org.module("Notes"), rows)


_ONE = "/crm/v8/{module_api_name}/{record_id}"
ENDPOINTS = [
    Endpoint("POST", _ONE + "/Notes", add_notes),
    Endpoint("GET", _ONE + "/{related_list_api_name}", read_related),
]
