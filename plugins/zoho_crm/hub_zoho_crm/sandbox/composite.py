"""Several requests in one, each of which may use the answers of those before it."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response

from hub_zoho_crm.sandbox.http import Call, Endpoint, Handler, carried_out
from hub_zoho_crm.sandbox.problems import Json, Problem, answer, invalid, invalid_url, limit_exceeded

MOST = 5
_REFERENCE = re.compile(r"@\{(\w+):\$((?:\.\w+|\[\d+\])+)\}")
_DONE = "composite sub request executed successfully"
_UNDONE = "the transaction was rolled back since another sub request in the same transaction failed."


async def compose(call: Call) -> Response:
    """`POST /__composite_requests`: one after the other; with `rollback_on_fail` all or none."""
    rows = call.rows("__composite_requests")
    if len(rows) > MOST:
        raise limit_exceeded("limit exceeded", maximum_length=MOST, api_name="__composite_requests")
    undo = call.body.get("rollback_on_fail") is True
    if undo and call.body.get("parallel_execution") is True:
        details = {"ambiguity_due_to": [{"api_name": "rollback_on_fail"}, {"api_name": "parallel_execution"}]}
        raise Problem(400, "AMBIGUITY_DURING_PROCESSING", "ambiguity while processing the request", details)
    before, answers, done = call.org.snapshot(), dict[str, Any](), list[Json]()
    for number, row in enumerate(rows):
        status, body = await _sub(call, row, answers)
        answers[str(row.get("sub_request_id", number + 1))] = body
        answered: Json = {"headers": {"content-type": "application/json"}, "status_code": status, "body": body}
        done.append({"code": "SUCCESS", "details": {"response": answered}, "message": _DONE, "status": "success"})
        if undo and status >= 400:
            call.org.go_back(before)
            return answer({"__composite_requests": _rolled_back(done, len(rows))}, 400)
    failed = sum(row["details"]["response"]["status_code"] >= 400 for row in done)
    return answer({"__composite_requests": done}, 207 if failed else 200)


def _rolled_back(done: list[Json], count: int) -> list[Json]:
    number = len(done) - 1
    details = {"rollbacked_by_sub_request_index": number}
    undone: Json = {"details": details, "message": _UNDONE, "status": "error"}
    first = [{"code": "ROLLBACK_PERFORMED", **undone} for _ in range(number)]
    return [*first, done[-1], *({"code": "PROCESSING_STOPPED", **undone} for _ in range(number + 1, count))]


async def _sub(call: Call, row: Json, answers: Json) -> tuple[int, Any]:
    """The status and body of one sub request."""
    told = json.loads(_REFERENCE.sub(lambda found: _resolved(found, answers), json.dumps(row)))
    address = urlsplit(str(told.get("uri", "")))
    query = {**dict(parse_qsl(address.query)), **(told.get("params") or {})}
    handler, parts = _found(call, str(told.get("method", "GET")).upper(), address.path)
    raw = json.dumps(told["body"]).encode() if told.get("body") is not None else b""
    headers = Headers({str(name): str(value) for name, value in (told.get("headers") or {}).items()})
    parameters = QueryParams([(str(name), str(value)) for name, value in query.items()])
    sub = Call(call.service, call.user, parts, parameters, headers, raw)
    response = await carried_out(sub, handler)
    call.cost += sub.cost
    body = bytes(response.body)
    return response.status_code, json.loads(body) if body else None


def _found(call: Call, method: str, path: str) -> tuple[Handler, Json]:
    for route, handler in call.service.routes:
        match = route.path_regex.match(path)
        if match and method in (route.methods or ()) and not route.path.endswith("__composite_requests"):
            return handler, match.groupdict()
    raise invalid_url()


def _resolved(found: re.Match[str], answers: Json) -> str:
    value: Any = answers.get(found[1])
    for name, number in re.findall(r"\.(\w+)|\[(\d+)\]", found[2]):
        try:
            value = value[name] if name else value[int(number)]
        except (KeyError, IndexError, TypeError):
            raise invalid("invalid reference", api_name="uri", reference=found[0]) from None
    return str(value)


ENDPOINTS = [Endpoint("POST", "/crm/v8/__composite_requests", compose)]
