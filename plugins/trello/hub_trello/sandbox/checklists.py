"""Checklists and their items. An item's state change is listed in the history; its making, renaming and deleting are not."""

from typing import Any

from hub_trello.sandbox import making, nesting, validation, views
from hub_trello.sandbox.actions import board_tag, card_tag, named_tag, record
from hub_trello.sandbox.answers import Refusal, invalid, not_found
from hub_trello.sandbox.boards import field_of
from hub_trello.sandbox.call import Call
from hub_trello.sandbox.serving import Endpoint
from hub_trello.sandbox.world import Json

ITEMS_LIMIT = 200


def _record(call: Call, kind: str, checklist: Json, **more: Any) -> None:
    world, card = call.world, call.world.cards[checklist["idCard"]]
    data = {"board": board_tag(world.boards[card["idBoard"]]), "card": card_tag(card)}
    record(world, call.who, kind, {**data, "checklist": named_tag(checklist), **more})


def _item_tag(item: Json) -> Json:
    return {key: item[key] for key in ("id", "name", "state")}


def create_checklist(call: Call) -> Json:
    """A new checklist of the path's card or of `idCard`; an empty name becomes `Checklist`, as the service calls it."""
    if "id" not in call.path and not call.params.get("idCard"):
        raise invalid("idCard")
    world, card = call.world, call.card_to_write(call.path.get("id") or call.params["idCard"])
    source = call.checklist(call.params["idChecklistSource"]) if call.params.get("idChecklistSource") else None
    name = validation.name(call.params.get("name") or (source["name"] if source else "Checklist"))
    pos = validation.position(call.params.get("pos"), [each["pos"] for each in world.checklists_of(card)])
    made = making.checklist(world.ids.new(), card, name, pos)
    world.checklists[made["id"]] = made
    card["idChecklists"].append(made["id"])
    for item in source["checkItems"] if source else ():
        made["checkItems"].append({**item, "id": world.ids.new(), "idChecklist": made["id"]})
    _record(call, "addChecklistToCard", made)
    return {**made, "limits": {}}


def get_checklists(call: Call) -> list[Json]:
    """A card's checklists."""
    return [views.pick(each, call.params.get("fields")) for each in call.world.checklists_of(call.card())]


def get_checklist(call: Call) -> Json:
    """A checklist with its items."""
    return views.pick(call.checklist(), call.params.get("fields"))


def get_field(call: Call) -> Any:
    """One field of a checklist."""
    return field_of(call.checklist(), call.path["field"])


def get_board(call: Call) -> Json:
    """The board of a checklist."""
    return nesting.show_board_fields(call.world, call.checklist()["idBoard"], call.params.get("fields"))


def get_cards(call: Call) -> list[Json]:
    """The card of a checklist, in a list."""
    return [nesting.show_card(call.world, call.world.cards[call.checklist()["idCard"]], call.params)]


def put_checklist(call: Call) -> Json:
    """Change name or position."""
    return _change(call, call.checklist(), call.params)


def put_field(call: Call) -> Json:
    """Change name or position to `value`."""
    if call.path["field"] not in ("name", "pos"):
        raise not_found()
    return _change(call, call.checklist(), {call.path["field"]: call.params.get("value")})


def _change(call: Call, checklist: Json, params: Json) -> Json:
    card = call.card_to_write(checklist["idCard"])
    new: Json = {}
    if "name" in params:
        new["name"] = validation.name(params["name"])
    if params.get("pos") is not None:
        others = [each["pos"] for each in call.world.checklists_of(card) if each is not checklist]
        new["pos"] = validation.position(params["pos"], others)
    for key, value in new.items():
        if value != checklist[key]:
            old, checklist[key] = checklist[key], value
            _record(call, "updateChecklist", checklist, old={key: old})
    return checklist


def delete_checklist(call: Call) -> Json:
    """Take a checklist off its card, with all its items."""
    checklist = call.checklist(call.path.get("idChecklist") or call.path["id"])
    card = call.card_to_write(checklist["idCard"])
    card["idChecklists"].remove(checklist["id"])
    del call.world.checklists[checklist["id"]]
    _record(call, "removeChecklistFromCard", checklist)
    return {"limits": {}}


# items ----------------------------------------------------------------------------------------------------------------


def create_item(call: Call) -> Json:
    """A new item at the end of a checklist unless `pos` says otherwise."""
    checklist = call.checklist()
    call.card_to_write(checklist["idCard"])
    if len(checklist["checkItems"]) >= ITEMS_LIMIT:
        raise Refusal(400, "MAX_CHECKITEMS_PER_CHECKLIST")
    name = validation.name(call.params.get("name"))
    state = "complete" if call.flag("checked") else "incomplete"
    pos = validation.position(call.params.get("pos"), [each["pos"] for each in checklist["checkItems"]])
    more = {"state": state, "due": validation.moment(call.params.get("due"), "due"), "idMember": _member(call)}
    item = making.check_item(call.world.ids.new(), checklist["id"], name, pos, **more)
    checklist["checkItems"].append(item)
    _record(call, "createCheckItem", checklist, checkItem=_item_tag(item))
    return {**item, "limits": {}}


def _member(call: Call) -> Any:
    member = call.params.get("idMember") or None
    if member is not None and (not isinstance(member, str) or member not in call.world.members):
        raise invalid("idMember")
    return member


def get_items(call: Call) -> Any:
    """A checklist's items."""
    return call.checklist()["checkItems"]


def _item(call: Call) -> tuple[Json, Json]:
    checklist = call.checklist()
    for each in checklist["checkItems"]:
        if each["id"] == call.path["idCheckItem"]:
            return checklist, each
    raise not_found()


def get_item(call: Call) -> Json:
    """One item of a checklist."""
    return _item(call)[1]


def delete_item(call: Call) -> Json:
    """Delete an item of a checklist."""
    return _delete(call, *_item(call))


def _delete(call: Call, checklist: Json, item: Json) -> Json:
    call.card_to_write(checklist["idCard"])
    checklist["checkItems"].remove(item)
    _record(call, "deleteCheckItem", checklist, checkItem=_item_tag(item))
    return {"limits": {}}


def get_card_item(call: Call) -> Json:
    """One item of a card."""
    return call.world.check_item(call.card(), call.path["idCheckItem"])[1]


def delete_card_item(call: Call) -> Json:
    """Delete an item of a card."""
    return _delete(call, *call.world.check_item(call.card(), call.path["idCheckItem"]))


def put_card_item(call: Call) -> Json:
    """Change an item's state, name, position, due date or member."""
    return _change_item(call, call.params)


def put_card_item_field(call: Call) -> Json:
    """Change one field of an item to `value`."""
    return _change_item(call, {call.path["field"]: call.params.get("value")})


def _change_item(call: Call, params: Json) -> Json:
    card = call.card_to_write(call.path.get("idCard"))
    checklist, item = call.world.check_item(card, call.path["idCheckItem"])
    if params.get("idChecklist") and params["idChecklist"] != checklist["id"]:
        checklist = _move(call, card, item, checklist, params["idChecklist"])
    new = _item_values(call, checklist, item, params)
    for key, value in new.items():
        if value == item[key]:
            continue
        old, item[key] = item[key], value
        if key == "state":
            _record(call, "updateCheckItemStateOnCard", checklist, checkItem=_item_tag(item))
        else:
            _record(call, "updateCheckItem", checklist, checkItem=_item_tag(item), old={key: old})
    return item


def _move(call: Call, card: Json, item: Json, old: Json, wanted: Any) -> Json:
    """Move an item to another checklist of its card, where it keeps its id. Raises Refusal."""
    new = call.checklist(wanted)
    if new["idCard"] != card["id"]:
        raise invalid("idChecklist")
    old["checkItems"].remove(item)
    new["checkItems"].append(item)
    item["idChecklist"] = new["id"]
    return new


def _item_values(call: Call, checklist: Json, item: Json, params: Json) -> Json:
    new: Json = {}
    if "name" in params:
        new["name"] = validation.name(params["name"])
    if "state" in params:
        new["state"] = _state(params["state"])
    if "due" in params:
        new["due"] = validation.moment(params["due"], "due")
    if "idMember" in params:
        new["idMember"] = _member(call)
    if params.get("pos") is not None:
        others = [each["pos"] for each in checklist["checkItems"] if each is not item]
        new["pos"] = validation.position(params["pos"], others)
    return new


def _state(value: Any) -> str:
    """`complete` and `incomplete`; the older `true` and `false` are still understood (UNVERIFIED)."""
    states = {"complete": "complete", "incomplete": "incomplete", "true": "complete", "false": "incomplete"}
    state = states.get(str(value).lower())
    if state is None:
        raise invalid("state")
    return state


ENDPOINTS = [
    Endpoint("POST", "/checklists", create_checklist),
    Endpoint("POST", "/cards/{id}/checklists", create_checklist),
    Endpoint("GET", "/cards/{id}/checklists", get_checklists),
    Endpoint("DELETE", "/cards/{id}/checklists/{idChecklist}", delete_checklist),
    Endpoint("GET", "/checklists/{id}", get_checklist),
    Endpoint("PUT", "/checklists/{id}", put_checklist),
    Endpoint("DELETE", "/checklists/{id}", delete_checklist),
    Endpoint("GET", "/checklists/{id}/board", get_board),
    Endpoint("GET", "/checklists/{id}/cards", get_cards),
    Endpoint("GET", "/checklists/{id}/checkItems", get_items),
    Endpoint("POST", "/checklists/{id}/checkItems", create_item),
    Endpoint("GET", "/checklists/{id}/checkItems/{idCheckItem}", get_item),
    Endpoint("DELETE", "/checklists/{id}/checkItems/{idCheckItem}", delete_item),
    Endpoint("GET", "/checklists/{id}/{field}", get_field),
    Endpoint("PUT", "/checklists/{id}/{field}", put_field),
    Endpoint("GET", "/cards/{id}/checkItem/{idCheckItem}", get_card_item),
    Endpoint("PUT", "/cards/{id}/checkItem/{idCheckItem}", put_card_item),
    Endpoint("DELETE", "/cards/{id}/checkItem/{idCheckItem}", delete_card_item),
    Endpoint("PUT", "/cards/{id}/checkItem/{idCheckItem}/{field}", put_card_item_field),
    Endpoint("PUT", "/cards/{idCard}/checklist/{idChecklist}/checkItem/{idCheckItem}", put_card_item),
    Endpoint("PUT", "/cards/{idCard}/checklist/{idChecklist}/checkItem/{idCheckItem}/{field}", put_card_item_field),
]
