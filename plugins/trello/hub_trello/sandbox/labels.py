"""Labels of boards. Two may share a name, a colour or both; only webhooks hear of their changes."""

from typing import Any

from hub_trello.sandbox import validation, views
from hub_trello.sandbox.actions import board_tag, record
from hub_trello.sandbox.answers import invalid, not_found
from hub_trello.sandbox.boards import add_label
from hub_trello.sandbox.call import Call
from hub_trello.sandbox.serving import Endpoint
from hub_trello.sandbox.world import Json


def create_label(call: Call) -> Json:
    """A new label; its name may be empty, its colour null."""
    if "id" not in call.path and not call.params.get("idBoard"):
        raise invalid("idBoard")
    board = call.open_board(call.path.get("id") or call.params["idBoard"])
    name = validation.name(call.params.get("name") or "", empty=True)
    label = add_label(call.world, board["id"], name, validation.color(call.params.get("color")))
    _record(call, "createLabel", label)
    return {**label, "limits": {}}


def _record(call: Call, kind: str, label: Json, **more: Any) -> None:
    tag = {key: label[key] for key in ("id", "name", "color")}
    record(call.world, call.who, kind, {"label": tag, "board": board_tag(call.world.boards[label["idBoard"]]), **more})


def get_label(call: Call) -> Json:
    """A label."""
    return views.pick(call.label(), call.params.get("fields"))


def put_label(call: Call) -> Json:
    """Change name or colour."""
    return change_label(call, call.label(), call.params)


def put_field(call: Call) -> Json:
    """Change name or colour to `value`."""
    if call.path["field"] not in ("name", "color"):
        raise not_found()
    return change_label(call, call.label(), {call.path["field"]: call.params.get("value")})


def change_label(call: Call, label: Json, params: Json) -> Json:
    """Carry out a label's changes, one action for each. Raises Refusal before any."""
    new: Json = {}
    if "name" in params:
        new["name"] = validation.name(params["name"] or "", empty=True)
    if "color" in params:
        new["color"] = validation.color(params["color"])
    for key, value in new.items():
        if value != label[key]:
            old, label[key] = label[key], value
            _record(call, "updateLabel", label, old={key: old})
    return label


def delete_label(call: Call) -> Json:
    """Delete a label, off every card too."""
    label = call.label()
    for card in call.world.cards.values():
        if label["id"] in card["idLabels"]:
            card["idLabels"] = [each for each in card["idLabels"] if each != label["id"]]
    del call.world.labels[label["id"]]
    _record(call, "deleteLabel", label)
    return {"limits": {}}


ENDPOINTS = [
    Endpoint("POST", "/labels", create_label),
    Endpoint("POST", "/boards/{id}/labels", create_label),
    Endpoint("GET", "/labels/{id}", get_label),
    Endpoint("PUT", "/labels/{id}", put_label),
    Endpoint("PUT", "/labels/{id}/{field}", put_field),
    Endpoint("DELETE", "/labels/{id}", delete_label),
]
