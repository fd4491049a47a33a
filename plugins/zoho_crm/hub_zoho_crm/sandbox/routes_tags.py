"""Tags: put on records, taken off them, and listed."""

from functools import partial

from starlette.responses import Response

from hub_zoho_crm.sandbox.http import Call, Endpoint
from hub_zoho_crm.sandbox.problems import Json, Problem, answer, empty, invalid, missing_key
from hub_zoho_crm.sandbox.records import Module, Record
from hub_zoho_crm.sandbox.writing import MOST_TAGS, success


def _tag_one(call: Call, *, adding: bool) -> Response:
    module = call.module()
    record = call.record(module)
    return answer({"data": [_tagged(call, module, record, adding=adding)]})


def _tag_many(call: Call, *, adding: bool) -> Response:
    module, done = call.module(), []
    wanted = call.body.get("ids") or call.ids()
    if not isinstance(wanted, list) or not wanted:
        raise missing_key("ids", "$.ids")
    for one in wanted:
        record = call.org.find(module.name, str(one))
        done.append(_tagged(call, module, record, adding=adding) if record else invalid(id=str(one)).as_json())
    count = sum(row["status"] == "success" for row in done)
    return answer({"data": done, "success_count": str(count), "locked_count": "0"}, 200 if count else 400)


def _tagged(call: Call, module: Module, record: Record, *, adding: bool) -> Json:
    tags = _tag_ids(call, module, adding=adding)
    before = tuple(record.values.get("Tag") or ())
    if not adding:
        after = tuple(one for one in before if one not in tags)
    elif str(call.body.get("over_write", call.query("over_write"))).lower() == "true":
        after = tuple(dict.fromkeys(tags))
    else:
        after = tuple(dict.fromkeys([*before, *tags]))
    if len(after) > MOST_TAGS:
        raise Problem(400, "LIMIT_EXCEEDED", "Maximum limit of tags for that record exceeds", {"limit": MOST_TAGS})
    if after != before:
        record.values["Tag"] = after
        record.modified, record.modifier = call.org.now(), call.user.id
        call.org.save(record)
        call.org.tell(module, "update", {record.id: {"Tag": call.shapes.value(record, "Tag")}})
    return success("tags updated successfully", {"id": record.id, "tags": call.shapes.value(record, "Tag")})


def _tag_ids(call: Call, module: Module, *, adding: bool) -> list[str]:
    """The tags of the request, by name or by id; names that are new make new tags if they are to be added."""
    given = call.body.get("tags") or [{"name": one} for one in call.names("tag_names")]
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise missing_key("tags", "$.tags")
    found = [_tag_id(call, module, one, f"$.tags[{number}]", adding=adding) for number, one in enumerate(given)]
    return [one for one in found if one]


def _tag_id(call: Call, module: Module, given: Json, path: str, *, adding: bool) -> str | None:
    name = given.get("name")
    if not isinstance(name, str) or not name:
        if given.get("id") not in call.org.tags:
            raise missing_key("name", f"{path}.name")
        return str(given["id"])
    if adding:
        return call.org.tag(module.name, name, given.get("color_code")).id
    known = call.org.find_tag(module.name, name)
    return known.id if known else None


def read_tags(call: Call) -> Json | Response:
    """`GET /settings/tags?module=`."""
    module = call.org.module(call.query("module"))
    found = [one for one in call.org.tags.values() if one.module == module.name]
    who = call.shapes.user(next(iter(call.org.users)), email=False)
    rows = [
        {
            **call.shapes.tag_of_record(one),
            "created_time": call.shapes.moment(one.created),
            "modified_time": call.shapes.moment(one.created),
            "modified_by": who,
            "created_by": who,
        }
        for one in found
    ]
    return {"tags": rows, "info": {"count": len(rows), "allowed_count": 200}} if rows else empty()


def create_tags(call: Call) -> Response:
    """`POST /settings/tags?module=`."""
    module, done = call.org.module(call.query("module")), []
    for number, row in enumerate(call.rows("tags")):
        if not isinstance(row.get("name"), str):
            raise missing_key("name", f"$.tags[{number}].name")
        tag = call.org.tag(module.name, row["name"], row.get("color_code"))
        who, moment = call.shapes.user(call.user.id, email=False), call.shapes.moment(tag.created)
        details = {"id": tag.id, "created_time": moment, "modified_time": moment, "modified_by": who, "created_by": who}
        done.append(success("tags created successfully", details))
    return answer({"tags": done}, 201)


_MODULE = "/crm/v8/{module_api_name}"
ENDPOINTS = [
    Endpoint("GET", "/crm/v8/settings/tags", read_tags),
    Endpoint("POST", "/crm/v8/settings/tags", create_tags),
    Endpoint("POST", _MODULE + "/actions/add_tags", partial(_tag_many, adding=True)),
    Endpoint("POST", _MODULE + "/actions/remove_tags", partial(_tag_many, adding=False)),
    Endpoint("POST", _MODULE + "/{record_id}/actions/add_tags", partial(_tag_one, adding=True)),
    Endpoint("POST", _MODULE + "/{record_id}/actions/remove_tags", partial(_tag_one, adding=False)),
]
