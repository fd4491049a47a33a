"""Records written: created, updated, upserted, deleted, restored."""

from starlette.responses import Response

from hub_zoho_crm.sandbox.http import Call, Endpoint, outcome
from hub_zoho_crm.sandbox.problems import Json, Problem, answer, invalid, missing_key
from hub_zoho_crm.sandbox.records import Module, Record
from hub_zoho_crm.sandbox.routes_records import raise_unless_gone
from hub_zoho_crm.sandbox.writing import Writer, checked_names, success

PER_CREDIT = 10


def writer(call: Call, module: Module) -> Writer:
    """The caller as someone who writes to *module*."""
    _check_trigger(call)
    since = call.moment("if-unmodified-since")
    return Writer(call.org, call.user, module, _external_lookups(call, module), since)


def _external_lookups(call: Call, module: Module) -> dict[str, str]:
    """Of `X-EXTERNAL: Module.Lookup.Field`: the field by the lookup."""
    told = [one.strip().split(".") for one in call.headers.get("x-external", "").split(",")]
    return {parts[1]: parts[2] for parts in told if len(parts) == 3 and parts[0] == module.name}


def _check_trigger(call: Call) -> None:
    trigger = call.body.get("trigger") if call.raw else None
    if trigger is not None and not (isinstance(trigger, list) and all(isinstance(one, str) for one in trigger)):
        raise invalid(expected_data_type="jsonarray", api_name="trigger", json_path="$.trigger")


def _cost(call: Call, rows: list[Json]) -> None:
    call.cost = -(-len(rows) // PER_CREDIT)


def create(call: Call) -> Response:
    """`POST /{module}`."""
    return create_in(call, call.module(), call.rows())


def create_in(call: Call, module: Module, rows: list[Json]) -> Response:
    """New records of *module*."""
    writing = writer(call, module)
    _cost(call, rows)
    done = [writing.create(row, f"$.data[{number}]") for number, row in enumerate(rows)]
    writing.announce()
    if module.name == "Notes":
        _move_activity(call, done)
    return outcome(done, 201)


def _move_activity(call: Call, done: list[Json]) -> None:
    for row in done:
        note = call.org.find("Notes", str(row["details"].get("id", "")))
        parent = call.org.find(note.se_module, note.values["Parent_Id"]) if note else None
        if parent:
            call.org.touch_activity(parent)


def update_many(call: Call) -> Response:
    """`PUT /{module}`: each row says by `id`, or by an external field, which record it is about."""
    module, rows = call.module(), call.rows()
    writing = writer(call, module)
    _cost(call, rows)
    done = [_updated(call, writing, row, f"$.data[{number}]") for number, row in enumerate(rows)]
    writing.announce()
    return outcome(done)


def _updated(call: Call, writing: Writer, row: Json, path: str) -> Json:
    external = call.external(writing.module)
    if "id" not in row and (not external or external not in row):
        return missing_key("id", f"{path}.id").as_json()
    if "id" in row:
        record = call.org.find(writing.module.name, str(row["id"]))
    else:
        record = call.org.holder(writing.module.name, external, row[external])
    return writing.update(record, row, path)


def update_one(call: Call) -> Response:
    """`PUT /{module}/{id}`."""
    module, rows = call.module(), call.rows(most=1)
    writing = writer(call, module)
    record = _existing(call, module)
    done = [writing.update(record, rows[0], "$.data[0]")]
    writing.announce()
    return outcome(done)


def _existing(call: Call, module: Module) -> Record | None:
    """The record of the path; None once it is deleted, 400 if it never was."""
    record = call.find(module)
    if record is None and call.external(module):
        raise invalid("The value of the external field is invalid.", resource_path_index=1)
    if record is None:
        raise_unless_gone(call, module)
    return record


def upsert(call: Call) -> Response:
    """`POST /{module}/upsert`: 201 if any record is new."""
    module, rows = call.module(), call.rows()
    asked = checked_names(module, call.body.get("duplicate_check_fields"))
    writing = writer(call, module)
    _cost(call, rows)
    done = [writing.upsert(row, f"$.data[{number}]", asked) for number, row in enumerate(rows)]
    writing.announce()
    return outcome(done, 201 if any(row.get("action") == "insert" for row in done) else 200)


def delete_many(call: Call) -> Response:
    """`DELETE /{module}?ids=`."""
    module, wanted = call.module(), call.ids(required=True)
    writing = Writer(call.org, call.user, module)
    done = [writing.delete(one) for one in wanted]
    writing.announce()
    return outcome(done)


def delete_one(call: Call) -> Response:
    """`DELETE /{module}/{id}`."""
    module = call.module()
    record = _existing(call, module)
    writing = Writer(call.org, call.user, module)
    done = [writing.delete(record.id if record else call.path("id"))]
    writing.announce()
    return outcome(done)


def restore(call: Call) -> Response:
    """`POST /settings/recycle_bin/actions/restore`."""
    return _for_bin(call, [str(one.get("id", "")) for one in call.rows("recycle_bin")], "record restored")


def purge(call: Call) -> Response:
    """`DELETE /settings/recycle_bin?ids=`: for good."""
    return _for_bin(call, call.ids(required=True), "record deleted permanently")


def _for_bin(call: Call, wanted: list[str], message: str) -> Response:
    done = []
    for one in wanted:
        gone = call.org.deleted.get(one)
        if not gone or not gone.record:
            done.append(invalid("the id given seems to be invalid", id=one).as_json())
            continue
        (call.org.restore if message == "record restored" else call.org.purge)(gone)
        done.append(success(message, {"id": one}))
    return outcome(done, key="recycle_bin")


def change_owner(call: Call) -> Response:
    """`POST /{module}/{id}/actions/change_owner`."""
    module = call.module()
    record, owner = call.record(module, "id"), call.body.get("owner")
    if not isinstance(owner, dict):
        raise missing_key("owner", "$.owner")
    row = Writer(call.org, call.user, module).update(record, {"Owner": owner}, "$")
    if row["status"] == "error":
        raise Problem(400, row["code"], row["message"], row["details"])
    return answer({"data": [row]})


_MODULE = "/crm/v8/{module_api_name}"
ENDPOINTS = [
    Endpoint("POST", "/crm/v8/settings/recycle_bin/actions/restore", restore),
    Endpoint("DELETE", "/crm/v8/settings/recycle_bin", purge),
    Endpoint("POST", "/crm/v8/Notes", create),
    Endpoint("PUT", "/crm/v8/Notes", update_many),
    Endpoint("DELETE", "/crm/v8/Notes", delete_many),
    Endpoint("PUT", "/crm/v8/Notes/{id}", update_one),
    Endpoint("DELETE", "/crm/v8/Notes/{id}", delete_one),
    Endpoint("POST", _MODULE + "/upsert", upsert),
    Endpoint("POST", _MODULE + "/{id}/actions/change_owner", change_owner),
    Endpoint("POST", _MODULE, create),
    Endpoint("PUT", _MODULE, update_many),
    Endpoint("DELETE", _MODULE, delete_many),
    Endpoint("PUT", _MODULE + "/{id}", update_one),
    Endpoint("DELETE", _MODULE + "/{id}", delete_one),
]
