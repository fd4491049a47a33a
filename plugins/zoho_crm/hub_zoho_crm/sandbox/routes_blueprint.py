"""Blueprints: where a record stands in its process, and its next step."""

from typing import Any

from starlette.responses import Response

from hub_zoho_crm.sandbox.http import Call, Endpoint
from hub_zoho_crm.sandbox.problems import Json, Problem, answer, missing_key
from hub_zoho_crm.sandbox.records import Blueprint, Record
from hub_zoho_crm.sandbox.writing import Writer


def _process(call: Call) -> tuple[Blueprint, Record]:
    module = call.module()
    record, found = call.record(module), call.org.blueprints.get(module.name)
    if not found or not found.holds(record):
        raise Problem(400, "RECORD_NOT_IN_PROCESS", "record not in process")
    return found, record


def read(call: Call) -> Json:
    """`GET /{module}/{record_id}/actions/blueprint`."""
    found, record = _process(call)
    module = call.org.module(record.module)
    field = module.fields[found.field]
    process = {
        "field_id": field.id,
        "is_continuous": False,
        "continuous": False,
        "api_name": field.name,
        "field_label": field.label,
        "field_name": field.label,
        "column_name": field.name.upper(),
        "field_value": record.values[field.name],
        "id": found.id,
        "name": f"{module.singular} process",
    }
    rows = [_transition(*one) for one in found.numbered(record)]
    return {"blueprint": {"process_info": process, "transitions": rows}}


def _transition(number: str, value: str) -> Json:
    return {
        "id": number,
        "name": value,
        "next_field_value": value,
        "criteria_matched": True,
        "criteria_message": None,
        "next_transitions": [],
        "percent_partial_save": 0.0,
        "data": {},
        "fields": [],
        "text_color_code": None,
        "color_code": None,
        "type": "manual",
    }


def move(call: Call) -> Response:
    """`PUT /{module}/{record_id}/actions/blueprint`: one transition, with the fields it wants."""
    found, record = _process(call)
    row: dict[str, Any] = call.rows("blueprint", 1)[0]
    if "transition_id" not in row:
        raise missing_key("transition_id", "$.blueprint[0].transition_id")
    value = dict(found.numbered(record)).get(str(row["transition_id"]))
    if value is None:
        raise Problem(400, "INVALID_DATA", "invalid transition", {"api_name": "transition_id"})
    data = row.get("data") or {}
    writing = Writer(call.org, call.user, call.org.module(record.module), in_process=True)
    done = writing.update(record, {**data, found.field: value}, "$.blueprint[0].data")
    writing.announce()
    if done["status"] == "error":
        raise Problem(400, done["code"], done["message"], done["details"])
    message = "transition updated successfully"
    return answer({"code": "SUCCESS", "details": {}, "message": message, "status": "success"})


_PATH = "/crm/v8/{module_api_name}/{record_id}/actions/blueprint"
ENDPOINTS = [Endpoint("GET", _PATH, read), Endpoint("PUT", _PATH, move)]
