"""Boards, their lists and the collections beneath them."""

from collections.abc import Callable
from typing import Any

from hub_trello.sandbox import actions, making, nesting, validation, views
from hub_trello.sandbox.actions import board_tag, named_tag, record
from hub_trello.sandbox.answers import Refusal, invalid, not_found
from hub_trello.sandbox.call import Call
from hub_trello.sandbox.ids import created
from hub_trello.sandbox.serving import Endpoint
from hub_trello.sandbox.world import Json, World

DEFAULT_LISTS = ("To Do", "Doing", "Done")
DEFAULT_COLORS = ("green", "yellow", "orange", "red", "purple", "blue")


def get_board(call: Call) -> Json:
    """A board, with the collections that were asked for."""
    return nesting.show_board(call.world, call.board(), call.params)


def get_field(call: Call) -> Any:
    """One field of a board; a plain value comes wrapped as `_value`."""
    return field_of(views.board(call.board()), call.path["field"])


def field_of(thing: Json, name: str) -> Any:
    """One field of a shown object, as `GET /…/{field}` answers it. Raises Refusal."""
    if name not in thing:
        raise not_found()
    value = thing[name]
    return value if isinstance(value, (dict, list)) else {"_value": value}


def create_board(call: Call) -> Json:
    """A new board of the caller, with the usual lists and labels unless they are declined."""
    world, params = call.world, call.params
    board = add_board(world, validation.name(params.get("name")), call.who.member["id"])
    board["desc"] = validation.long_text(params.get("desc"))
    record(world, call.who, "createBoard", {"board": board_tag(board)})
    if call.flag("defaultLists", default=True):
        for index, name in enumerate(DEFAULT_LISTS):
            add_list(world, board["id"], name, 16384.0 * (index + 1))
    if call.flag("defaultLabels", default=True):
        for color in DEFAULT_COLORS:
            add_label(world, board["id"], "", color)
    return nesting.show_board(world, board, {})


def add_board(world: World, name: str, owner: str, *, identifier: str | None = None) -> Json:
    """Put an empty board of *owner* into the world."""
    board = making.board(identifier or world.ids.new(), name, world.ids.short_link(), idMemberCreator=owner)
    board["memberships"] = [making.membership(world.ids.new(created(board["id"])), owner, "admin")]
    world.boards[board["id"]] = board
    return board


def add_list(world: World, board: str, name: str, pos: float, *, identifier: str | None = None) -> Json:
    """Put an empty list into the world."""
    made = making.lst(identifier or world.ids.new(), board, name, pos)
    world.lists[made["id"]] = made
    return made


def add_label(world: World, board: str, name: str, color: str | None, *, identifier: str | None = None) -> Json:
    """Put a label into the world; neither names nor colours are unique."""
    made = making.label(identifier or world.ids.new(), board, name, color)
    world.labels[made["id"]] = made
    return made


def put_board(call: Call) -> Json:
    """Change name, description or whether the board is closed: one action for each."""
    board = call.board()
    change_board(call, board, call.params)
    return nesting.show_board(call.world, board, {})


def put_field(call: Call) -> Json:
    """Change one field to `value`."""
    board = call.board()
    change_board(call, board, {call.path["field"]: call.params.get("value")})
    return nesting.show_board(call.world, board, {})


def change_board(call: Call, board: Json, params: Json) -> None:
    """Carry out a board's changes. Raises Refusal before any."""
    readers: dict[str, Callable[[Any, str], Any]] = {
        "name": validation.name,
        "desc": validation.long_text,
        "closed": validation.boolean,
    }
    new = {key: read(params[key], key) for key, read in readers.items() if key in params}
    for key, value in new.items():
        if value == board[key]:
            continue
        old, board[key] = board[key], value
        record(call.world, call.who, "updateBoard", {"board": {**board_tag(board), key: value}, "old": {key: old}})


def delete_board(call: Call) -> Json:
    """Delete a board for ever; only its admins may."""
    board = call.board()
    mine = [each for each in board["memberships"] if each["idMember"] == call.who.member["id"]]
    if mine[0]["memberType"] != "admin":
        raise Refusal(401, "unauthorized permission requested")
    call.world.drop_board(board["id"])
    return {"_value": None}


def get_cards(call: Call) -> list[Json]:
    """Cards of a board by filter, `open` unless the path or the query says otherwise."""
    kind = call.path.get("filter") or str(call.params.get("filter") or "open")
    if kind not in ("all", "closed", "none", "open", "visible"):
        raise invalid("filter")
    cards = nesting.cards_kept(call.world, call.world.cards_of(call.board()["id"]), kind)
    return [nesting.show_card(call.world, each, call.params) for each in nesting.card_page(cards, call.params)]


def get_card_of_board(call: Call) -> Json:
    """One card of a board by id or short link."""
    board, card = call.board(), call.card(call.path["idCard"])
    if card["idBoard"] != board["id"]:
        raise not_found()
    return nesting.show_card(call.world, card, call.params)


def cards_or_card(call: Call) -> Any:
    """`/boards/{id}/cards/{filter}` takes a card's id in the place of a filter, too."""
    if call.path["filter"] in ("all", "closed", "none", "open", "visible"):
        return get_cards(call)
    call.path["idCard"] = call.path["filter"]
    return get_card_of_board(call)


def get_lists(call: Call) -> list[Json]:
    """Lists of a board by filter, open ones by default."""
    kind = call.path.get("filter") or str(call.params.get("filter") or "open")
    if kind not in ("all", "closed", "none", "open"):
        raise invalid("filter")
    lists = nesting.lists_kept(call.world.lists_of(call.board()["id"]), kind)
    return [nesting.show_list(call.world, each, call.params) for each in lists]


def get_labels(call: Call) -> list[Json]:
    """Labels of a board, 50 by default and at most 1000."""
    labels = call.world.labels_of(call.board()["id"])
    limit = validation.page_size(call.params.get("limit"), 50)
    return [views.pick(each, call.params.get("fields")) for each in labels[:limit]]


def get_members(call: Call) -> list[Json]:
    """Members of a board."""
    members = call.world.members_of(call.board())
    return [nesting.show_member(call.world, each, call.params.get("fields")) for each in members]


def get_memberships(call: Call) -> Any:
    """Who belongs to a board, and as what; `member=true` shows the member too."""
    ties = call.board()["memberships"]
    if not call.flag("member"):
        return ties
    fields = call.params.get("member_fields")
    return [
        {**tie, "member": nesting.show_member(call.world, call.world.members[tie["idMember"]], fields)} for tie in ties
    ]


def put_member(call: Call) -> Json:
    """Add a member, or change what kind of member it is."""
    board, member = call.board(), call.path["idMember"]
    if member not in call.world.members:
        raise not_found("member not found")
    kind = str(call.params.get("type") or "normal")
    if tie := next((each for each in board["memberships"] if each["idMember"] == member), None):
        tie["memberType"] = kind
    else:
        board["memberships"].append(making.membership(call.world.ids.new(), member, kind))
        data = {"idMemberAdded": member, "memberType": kind, "board": board_tag(board)}
        record(call.world, call.who, "addMemberToBoard", data)
    return {**nesting.show_board(call.world, board, {"memberships": "all", "members": "all"})}


def delete_member(call: Call) -> Json:
    """Take a member off a board."""
    board, member = call.board(), call.path["idMember"]
    if not call.world.is_member(board, member):
        raise not_found("member not found")
    board["memberships"] = [each for each in board["memberships"] if each["idMember"] != member]
    data = {"idMember": member, "board": board_tag(board), "member": {"id": member}}
    record(call.world, call.who, "removeMemberFromBoard", data)
    return nesting.show_board(call.world, board, {"memberships": "all"})


def get_checklists(call: Call) -> list[Json]:
    """Checklists of a board's cards."""
    return nesting.show_board(call.world, call.board(), {"checklists": "all"})["checklists"]  # type: ignore[no-any-return]


def get_custom_fields(call: Call) -> list[Json]:
    """Custom field definitions of a board."""
    return [views.custom_field(each) for each in call.world.fields_of(call.board()["id"])]


def get_plugin_data(call: Call) -> Any:
    """What Power-Ups keep on a board; read only."""
    return call.board().get("_pluginData", [])


def get_actions(call: Call) -> list[Json]:
    """A board's history, newest first: 50 by default, at most 1000."""
    board = call.board(call.path["boardId"])
    return action_page(call, call.world.actions_of_board(board["id"]), "all")


def action_page(call: Call, found: list[Json], default: str) -> list[Json]:
    """The asked-for page of *found* actions, filtered by *default* kinds unless the query names others. Raises Refusal."""
    limit = validation.page_size(call.params.get("limit"), actions.DEFAULT_LIMIT) or 0
    kinds = call.params.get("filter") or default
    page = actions.page(found, call.params, limit, ",".join(map(str, kinds)) if isinstance(kinds, list) else str(kinds))
    display = call.flag("display")
    return [actions.show_asked(call.world, each, call.params, display=display) for each in page]


def create_list(call: Call) -> Json:
    """A new list; left of all others unless `pos` says otherwise."""
    world, params = call.world, call.params
    if "id" not in call.path and not params.get("idBoard"):
        raise invalid("idBoard")
    board = call.open_board(call.path.get("id") or params["idBoard"])
    name = validation.name(params.get("name"))
    pos = validation.position(params.get("pos") or "top", [each["pos"] for each in world.lists_of(board["id"])])
    made = add_list(world, board["id"], name, pos)
    record(world, call.who, "createList", {"list": named_tag(made), "board": board_tag(board)})
    return made


ENDPOINTS = [
    Endpoint("POST", "/boards/", create_board),
    Endpoint("GET", "/boards/{id}", get_board),
    Endpoint("PUT", "/boards/{id}", put_board),
    Endpoint("DELETE", "/boards/{id}", delete_board),
    Endpoint("GET", "/boards/{id}/cards", get_cards),
    Endpoint("GET", "/boards/{id}/cards/{filter}", cards_or_card),
    Endpoint("GET", "/boards/{id}/lists", get_lists),
    Endpoint("GET", "/boards/{id}/lists/{filter}", get_lists),
    Endpoint("POST", "/boards/{id}/lists", create_list),
    Endpoint("POST", "/lists", create_list),
    Endpoint("GET", "/boards/{id}/labels", get_labels),
    Endpoint("GET", "/boards/{id}/members", get_members),
    Endpoint("PUT", "/boards/{id}/members/{idMember}", put_member),
    Endpoint("DELETE", "/boards/{id}/members/{idMember}", delete_member),
    Endpoint("GET", "/boards/{id}/memberships", get_memberships),
    Endpoint("GET", "/boards/{id}/checklists", get_checklists),
    Endpoint("GET", "/boards/{id}/customFields", get_custom_fields),
    Endpoint("GET", "/boards/{id}/pluginData", get_plugin_data),
    Endpoint("GET", "/boards/{boardId}/actions", get_actions),
    Endpoint("GET", "/boards/{id}/{field}", get_field),
    Endpoint("PUT", "/boards/{id}/{field}", put_field),
]
