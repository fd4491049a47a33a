"""Lists: reading, renaming, moving, archiving, and what is done to all their cards."""

from typing import Any

from hub_trello.sandbox import nesting, validation, views
from hub_trello.sandbox.actions import board_tag, named_tag, record
from hub_trello.sandbox.answers import Refusal, invalid
from hub_trello.sandbox.boards import action_page, field_of
from hub_trello.sandbox.call import Call
from hub_trello.sandbox.card_writing import change_card
from hub_trello.sandbox.serving import Endpoint
from hub_trello.sandbox.world import Json


def get_list(call: Call) -> Json:
    """A list."""
    return views.pick(call.lst(), call.params.get("fields"))


def get_field(call: Call) -> Any:
    """One field of a list."""
    return field_of(call.lst(), call.path["field"])


def get_board(call: Call) -> Json:
    """The board of a list."""
    return nesting.show_board_fields(call.world, call.lst()["idBoard"], call.params.get("fields"))


def get_cards(call: Call) -> list[Json]:
    """A list's cards, open ones by default."""
    world, lst = call.world, call.lst()
    cards = nesting.cards_kept(world, world.cards_in(lst["id"]), str(call.params.get("filter") or "open"))
    return [nesting.show_card(world, each, call.params) for each in nesting.card_page(cards, call.params)]


def get_actions(call: Call) -> list[Json]:
    """A list's history."""
    lst = call.lst()
    found = [
        each
        for each in call.world.actions_of_board(lst["idBoard"])
        if lst["id"] in {each["data"].get(tag, {}).get("id") for tag in ("list", "listAfter", "listBefore")}
    ]
    return action_page(call, found, "all")


def put_list(call: Call) -> Json:
    """Change name, position or whether a list is archived; its cards are not marked closed by that."""
    return change_list(call, call.lst(), call.params)


def put_field(call: Call) -> Json:
    """Change one field to `value`."""
    return change_list(call, call.lst(), {call.path["field"]: call.params.get("value")})


def change_list(call: Call, lst: Json, params: Json) -> Json:
    """Carry out a list's changes, one action for each. Raises Refusal before any."""
    world, board = call.world, call.open_board(lst["idBoard"])
    if params.get("idBoard") not in (None, lst["idBoard"]):
        raise Refusal(400, "moving lists between boards is not imitated")
    new: Json = {}
    if "name" in params:
        new["name"] = validation.name(params["name"])
    if "closed" in params:
        new["closed"] = validation.boolean(params["closed"], "closed")
    if params.get("pos") is not None:
        others = [each["pos"] for each in world.lists_of(board["id"]) if each is not lst]
        new["pos"] = validation.position(params["pos"], others)
    if "subscribed" in params:
        lst["subscribed"] = validation.boolean(params["subscribed"], "subscribed")
    for key, value in new.items():
        if value != lst[key]:
            old, lst[key] = lst[key], value
            data = {"list": {key: value, **named_tag(lst)}, "old": {key: old}, "board": board_tag(board)}
            record(world, call.who, "updateList", data)
    return lst


def archive_all(call: Call) -> Json:
    """Archive every card of a list."""
    lst = call.lst()
    for card in call.world.cards_in(lst["id"]):
        change_card(call, card, {"closed": True})
    return {}


def move_all(call: Call) -> Json:
    """Move every card of a list to another one of the same board."""
    lst, target = call.lst(), call.lst(call.params.get("idList"))
    if target["idBoard"] != lst["idBoard"]:
        raise invalid("idList")
    for card in call.world.cards_in(lst["id"]):
        change_card(call, card, {"idList": target["id"]})
    return {}


ENDPOINTS = [
    Endpoint("GET", "/lists/{id}", get_list),
    Endpoint("PUT", "/lists/{id}", put_list),
    Endpoint("GET", "/lists/{id}/cards", get_cards),
    Endpoint("GET", "/lists/{id}/board", get_board),
    Endpoint("GET", "/lists/{id}/actions", get_actions),
    Endpoint("POST", "/lists/{id}/archiveAllCards", archive_all),
    Endpoint("POST", "/lists/{id}/moveAllCards", move_all),
    Endpoint("GET", "/lists/{id}/{field}", get_field),
    Endpoint("PUT", "/lists/{id}/{field}", put_field),
]
