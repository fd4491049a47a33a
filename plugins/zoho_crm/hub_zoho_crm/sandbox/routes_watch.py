"""Channels for notifications: at most a week long, an hour if nothing sensible is asked for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from hub_zoho_crm.sandbox.hooks import resource_uri
from hub_zoho_crm.sandbox.http import Call, Endpoint
from hub_zoho_crm.sandbox.paging import plain_page
from hub_zoho_crm.sandbox.problems import Json, Problem, answer, empty, invalid, missing_key, missing_parameter
from hub_zoho_crm.sandbox.times import is_moment, read_moment
from hub_zoho_crm.sandbox.writing import success

LONGEST, USUAL = timedelta(days=7), timedelta(hours=1)
MOST_CHANNELS, MOST_TOKEN, MOST_URL = 50, 50, 255
_EVENTS = frozenset({"create", "edit", "delete", "all"})
_FLAGS = ("return_affected_field_values", "notify_on_related_action")
_KEPT = ("events", "notify_url", "token", *_FLAGS, "notification_condition")

Row = Callable[[Call, Json, str], Json]


def _each(call: Call, handle: Row, status: int = 200) -> Response:
    done = []
    for number, row in enumerate(call.rows("watch", MOST_CHANNELS)):
        try:
            done.append(handle(call, row, f"$.watch[{number}]"))
        except Problem as problem:
            done.append(problem.as_json())
    return _outcome(done, status)


def _outcome(done: list[Json], status: int = 200) -> Response:
    """The answer for rows of which none failed, or some: 202."""
    return answer({"watch": done}, 202 if any(row["status"] == "error" for row in done) else status)


def subscribe(call: Call) -> Response:
    """`POST /actions/watch`."""
    return _each(call, _subscribed, 201)


def _subscribed(call: Call, row: Json, path: str) -> Json:
    for name in ("channel_id", "events", "notify_url"):
        if row.get(name) in (None, "", []):
            raise missing_key(name, f"{path}.{name}")
    _check(call, row, path)
    number = _channel_id(row, path)
    channel: Json = {"channel_id": number, "until": _until(call, row, path)}
    channel |= {name: row[name] for name in _KEPT if name in row}
    call.org.channels[call.user.id, number] = channel
    return success("Successfully subscribed for actions-watch of the given module", _events(call, channel))


def _channel_id(row: Json, path: str) -> str:
    given = str(row.get("channel_id", ""))
    if not given.isdigit():
        raise invalid(expected_data_type="bigint", api_name="channel_id", json_path=f"{path}.channel_id")
    return given


def _check(call: Call, row: Json, path: str) -> None:
    lengths = {"token": MOST_TOKEN, "notify_url": MOST_URL}
    for name, most in lengths.items():
        given = row.get(name)
        if given is not None and not isinstance(given, str):
            raise invalid(expected_data_type="string", api_name=name, json_path=f"{path}.{name}")
        if given is not None and len(given) > most:
            raise invalid(maximum_length=most, api_name=name, json_path=f"{path}.{name}")
    if not str(row.get("notify_url", "http://")).startswith(("http://", "https://")):
        raise invalid(api_name="notify_url", json_path=f"{path}.notify_url")
    _check_events(call, row.get("events"), path)


def _check_events(call: Call, events: Any, path: str) -> None:
    if events is None:
        return
    if not isinstance(events, list):
        raise invalid(expected_data_type="jsonarray", api_name="events", json_path=f"{path}.events")
    for number, event in enumerate(events):
        module, _, kind = str(event).partition(".")
        if module not in call.org.modules or kind not in _EVENTS:
            raise invalid(api_name="events", json_path=f"{path}.events[{number}]")


def _until(call: Call, row: Json, path: str) -> datetime:
    """When the channel ends: as asked within a week, else in an hour."""
    asked, now = row.get("channel_expiry"), call.org.now()
    if asked is None:
        return now + USUAL
    if not is_moment(asked) or "." in asked:
        raise invalid(expected_data_type="datetime", api_name="channel_expiry", json_path=f"{path}.channel_expiry")
    moment = read_moment(asked)
    return moment if now < moment <= now + LONGEST else now + USUAL


def _found(call: Call, channel_id: str, api_name: str = "channel_id") -> Json:
    found = call.org.channels.get((call.user.id, channel_id))
    if not found:
        details = {"api_name": api_name, "json_path": "$.watch", "channel_id": channel_id}
        raise Problem(400, "NOT_SUBSCRIBED", "Not subscribed for actions-watch of the given module", details)
    return found


def replace(call: Call) -> Response:
    """`PUT /actions/watch`: what a row leaves out is wiped."""
    return _each(call, _replaced)


def _replaced(call: Call, row: Json, path: str) -> Json:
    channel = _found(call, _channel_id(row, path))
    _check(call, row, path)
    for name in ("events", "notify_url"):
        row.setdefault(name, channel[name])
    for name in _KEPT:
        channel.pop(name, None)
    channel |= {name: row[name] for name in _KEPT if name in row}
    channel["until"] = _until(call, row, path)
    return success("Successfully updated the subscribe details", _events(call, channel))


def change(call: Call) -> Response:
    """`PATCH /actions/watch`: what a row leaves out stays; with `_delete_events` its events are taken out."""
    return _each(call, _changed)


def _changed(call: Call, row: Json, path: str) -> Json:
    channel = _found(call, _channel_id(row, path))
    _check(call, row, path)
    if row.get("_delete_events") is True:
        channel["events"] = [one for one in channel["events"] if one not in (row.get("events") or ())]
        if not channel["events"]:
            del call.org.channels[call.user.id, channel["channel_id"]]
        return success("Successfully removed the subscribe details", _events(call, {**channel, **row}, ended=True))
    channel |= {name: row[name] for name in _KEPT if name in row}
    if "channel_expiry" in row:
        channel["until"] = _until(call, row, path)
    return success("Successfully updated the subscribe details", _events(call, channel))


def read(call: Call) -> Any:
    """`GET /actions/watch?module=&channel_id=`: those of the caller that have not ended."""
    now, rows = call.org.clock(), []
    for (owner, number), channel in call.org.channels.items():
        wanted = call.query("channel_id", number) == number
        if owner == call.user.id and wanted and channel["until"] > now:
            rows += [row for row in _shown(call, channel) if call.query("module", row["resource_name"]) == _name(row)]
    part, info = plain_page(call, rows, lambda row: row)
    return {"watch": part, "info": info} if part else empty()


def _name(row: Json) -> str:
    return str(row["resource_name"])


def _shown(call: Call, channel: Json) -> list[Json]:
    """A channel, once for every module it watches."""
    kept = {name: channel[name] for name in _KEPT if name != "events" and name in channel}
    rows = _events(call, channel)["events"]
    return [
        {**row, **kept, "events": [one for one in channel["events"] if one.startswith(f"{row['resource_name']}.")]}
        for row in rows
    ]


def _events(call: Call, channel: Json, *, ended: bool = False) -> Json:
    rows = []
    for name in dict.fromkeys(str(one).partition(".")[0] for one in channel["events"]):
        module = call.org.modules[name]
        row = {"channel_expiry": None if ended else call.shapes.moment(channel["until"])}
        rows.append(
            row
            | {
                "resource_uri": resource_uri(call.org, module),
                "resource_id": module.id,
                "resource_name": name,
                "channel_id": channel["channel_id"],
            }
        )
    return {"events": rows}


def end(call: Call) -> Response:
    """`DELETE /actions/watch?channel_ids=`."""
    wanted, done = call.names("channel_ids"), []
    if not wanted:
        raise missing_parameter("channel_ids")
    for number in wanted:
        try:
            channel = _found(call, number, "channel_ids")
        except Problem as problem:
            done.append(problem.as_json())
            continue
        del call.org.channels[call.user.id, number]
        first = _events(call, channel)["events"][0]
        details = {"resource_uri": first["resource_uri"], "resource_id": first["resource_id"], "channel_id": number}
        done.append(success("Successfully un-subscribed from actions-watch", details))
    return _outcome(done)


_WATCH = "/crm/v8/actions/watch"
ENDPOINTS = [
    Endpoint("POST", _WATCH, subscribe),
    Endpoint("GET", _WATCH, read),
    Endpoint("PUT", _WATCH, replace),
    Endpoint("PATCH", _WATCH, change),
    Endpoint("DELETE", _WATCH, end),
]
