"""Custom fields: definitions on a board, values on a card. In values everything is a string, and list fields use `idValue`."""

import json
from typing import Any

from hub_trello.sandbox import validation, views
from hub_trello.sandbox.actions import about_card, board_tag, named_tag, record
from hub_trello.sandbox.answers import Refusal, invalid, not_found
from hub_trello.sandbox.call import Call
from hub_trello.sandbox.ids import parse_instant
from hub_trello.sandbox.making import limit
from hub_trello.sandbox.serving import Endpoint
from hub_trello.sandbox.world import Json

TYPES = ("text", "number", "date", "checkbox", "list")
VALUE_KEY = {"text": "text", "number": "number", "date": "date", "checkbox": "checked"}
FIELDS_LIMIT = OPTIONS_LIMIT = 50
BAD_VALUE = "Invalid custom field item value."


def _bad() -> Refusal:
    return Refusal(400, BAD_VALUE, as_json=True)


def create_field(call: Call) -> Json:
    """A new custom field of a board. Raises Refusal."""
    params, world = call.params, call.world
    if params.get("modelType", "board") != "board":
        raise invalid("modelType")
    board, kind = call.open_board(params.get("idModel") or ""), params.get("type")
    if kind not in TYPES:
        raise invalid("type")
    options = objects(params.get("options"), "options")
    if len(world.fields_of(board["id"])) >= FIELDS_LIMIT:
        raise Refusal(400, "The board has too many custom fields", as_json=True)
    made: Json = {
        "id": world.ids.new(),
        "idModel": board["id"],
        "modelType": "board",
        "fieldGroup": world.ids.hex(64),
        "display": {"cardFront": call.flag("display_cardFront", default=True)},
        "name": validation.name(params.get("name")),
        "pos": validation.position(params.get("pos"), [each["pos"] for each in world.fields_of(board["id"])]),
        "options": [],
        "type": kind,
        "isSuggestedField": False,
        "limits": {"customFieldOptions": {"perField": limit(OPTIONS_LIMIT)}},
    }
    world.fields[made["id"]] = made
    for option in options:
        _add_option(call, made, option)
    record(world, call.who, "createCustomField", {"board": board_tag(board), "customField": named_tag(made)})
    return views.custom_field(made)


def objects(value: Any, parameter: str) -> list[Json]:
    """A list of JSON objects, empty for nothing. Raises Refusal."""
    given = value or []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise invalid(parameter)
    return given


def _add_option(call: Call, field: Json, given: Json) -> Json:
    value = given.get("value")
    text = value.get("text") if isinstance(value, dict) else value
    if field["type"] != "list" or not text or len(field["options"]) >= OPTIONS_LIMIT:
        raise invalid("options")
    option: Json = {
        "id": call.world.ids.new(),
        "idCustomField": field["id"],
        "value": {"text": str(text)},
        "color": given.get("color") or "none",
        "pos": validation.position(given.get("pos"), [each["pos"] for each in field["options"]]),
    }
    field["options"].append(option)
    return option


def get_field(call: Call) -> Json:
    """A custom field."""
    return views.custom_field(call.field())


def put_field(call: Call) -> Json:
    """Change name, position or whether it is shown on the card's front."""
    field, params = call.field(), call.params
    if "name" in params:
        field["name"] = validation.name(params["name"])
    if params.get("pos") is not None:
        others = [each["pos"] for each in call.world.fields_of(field["idModel"]) if each is not field]
        field["pos"] = validation.position(params["pos"], others)
    for key in ("display_cardFront", "display/cardFront"):
        if key in params:
            field["display"]["cardFront"] = validation.boolean(params[key], key)
    _record(call, field, "updateCustomField")
    return views.custom_field(field)


def _record(call: Call, field: Json, kind: str) -> None:
    board = call.world.boards[field["idModel"]]
    record(call.world, call.who, kind, {"board": board_tag(board), "customField": named_tag(field)})


def delete_field(call: Call) -> Json:
    """Delete a custom field with all its values."""
    field = call.field()
    del call.world.fields[field["id"]]
    for card in call.world.cards_of(field["idModel"]):
        card["customFieldItems"] = [each for each in card["customFieldItems"] if each["idCustomField"] != field["id"]]
    _record(call, field, "deleteCustomField")
    return {}


def get_options(call: Call) -> Any:
    """The options of a list field."""
    return call.field()["options"]


def _option(call: Call) -> tuple[Json, Json]:
    field = call.field()
    for each in field["options"]:
        if each["id"] == call.path["idCustomFieldOption"]:
            return field, each
    raise not_found()


def get_option(call: Call) -> Json:
    """One option of a list field."""
    return _option(call)[1]


def create_option(call: Call) -> Json:
    """A new option of a list field."""
    return _add_option(call, call.field(), call.params)


def delete_option(call: Call) -> Json:
    """Delete an option, off every card too."""
    field, option = _option(call)
    field["options"].remove(option)
    for card in call.world.cards_of(field["idModel"]):
        card["customFieldItems"] = [each for each in card["customFieldItems"] if each["idValue"] != option["id"]]
    return {}


# values ---------------------------------------------------------------------------------------------------------------


def get_card_fields(call: Call) -> list[Json]:
    """The custom fields that a card can have values of: those of its board."""
    return [views.custom_field(each) for each in call.world.fields_of(call.card()["idBoard"])]


def get_items(call: Call) -> Any:
    """A card's values; fields without one are absent."""
    return call.card()["customFieldItems"]


def put_item(call: Call) -> Json:
    """Set one value of a card, or clear it with an empty `value` and `idValue`."""
    card = call.card_to_write(call.path["idCard"])
    return _set(call, card, _field_on(call, card, call.path["idCustomField"]), call.params)


def put_items(call: Call) -> Json:
    """Set many values of a card at once: all or, when one is bad, none."""
    card = call.card_to_write(call.path["idCard"])
    asked = objects(call.params.get("customFieldItems"), "customFieldItems")
    fields = [_field_on(call, card, each.get("idCustomField")) for each in asked]
    for field, each in zip(fields, asked, strict=True):
        read_value(field, each)
    return {"customFieldItems": [_set(call, card, *each) for each in zip(fields, asked, strict=True)]}


def _field_on(call: Call, card: Json, identifier: Any) -> Json:
    field = call.field(str(identifier))
    if field["idModel"] != card["idBoard"]:
        raise not_found()
    return field


def read_value(field: Json, params: Json) -> tuple[Json | None, str | None]:
    """The `value` and `idValue` that *params* mean for a field; both None to clear. Raises Refusal."""
    value, option = params.get("value"), params.get("idValue")
    if isinstance(value, str) and value.startswith("{"):
        value = _json(value)
    if not value and not option:
        return None, None
    if field["type"] == "list":
        if option not in {each["id"] for each in field["options"]}:
            raise _bad()
        return None, str(option)
    key = VALUE_KEY[field["type"]]
    if not isinstance(value, dict) or set(value) != {key} or not _fits(field["type"], value[key]):
        raise _bad()
    return value, None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise _bad() from None


def _fits(kind: str, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        match kind:
            case "number":
                float(value)
            case "date":
                parse_instant(value)
            case "checkbox":
                return value in ("true", "false")
    except ValueError:
        return False
    return len(value) <= validation.TEXT_LIMIT


def _set(call: Call, card: Json, field: Json, params: Json) -> Json:
    value, option = read_value(field, params)
    held = next((each for each in card["customFieldItems"] if each["idCustomField"] == field["id"]), None)
    old = {key: held[key] for key in ("value", "idValue")} if held else {"value": None, "idValue": None}
    item: Json = held or {
        "id": call.world.ids.new(),
        "idCustomField": field["id"],
        "idModel": card["id"],
        "modelType": "card",
    }
    if {"value": value, "idValue": option} == old:
        return {**item, **old}
    item |= {"value": value, "idValue": option}
    others = [each for each in card["customFieldItems"] if each is not held]
    card["customFieldItems"] = others if value is None and option is None else [*others, item]
    tags = {"customField": {**named_tag(field), "type": field["type"]}, "customFieldItem": dict(item), "old": old}
    record(call.world, call.who, "updateCustomFieldItem", about_card(call.world, card, **tags))
    return item


ENDPOINTS = [
    Endpoint("POST", "/customFields", create_field),
    Endpoint("GET", "/customFields/{id}", get_field),
    Endpoint("PUT", "/customFields/{id}", put_field),
    Endpoint("DELETE", "/customFields/{id}", delete_field),
    Endpoint("GET", "/customFields/{id}/options", get_options),
    Endpoint("POST", "/customFields/{id}/options", create_option),
    Endpoint("GET", "/customFields/{id}/options/{idCustomFieldOption}", get_option),
    Endpoint("DELETE", "/customFields/{id}/options/{idCustomFieldOption}", delete_option),
    Endpoint("GET", "/cards/{id}/customFields", get_card_fields),
    Endpoint("GET", "/cards/{id}/customFieldItems", get_items),
    Endpoint("PUT", "/cards/{idCard}/customField/{idCustomField}/item", put_item),
    Endpoint("PUT", "/cards/{idCard}/customFields", put_items),
]
