"""Nested reads: what `?cards=visible&card_customFieldItems=true&lists=open…` adds to an answer."""

from typing import Any

from hub_trello.sandbox import actions, views
from hub_trello.sandbox.validation import MAX_PAGE, cursor, page_size
from hub_trello.sandbox.world import Json, World

OFF = (None, "", "none", "false", False)


def asked(value: Any) -> bool:
    """Whether a nesting parameter switches its part on."""
    return value not in OFF


def cards_kept(world: World, cards: list[Json], kind: str) -> list[Json]:
    """Cards by filter: `open` includes those on archived lists, `visible` does not."""
    match kind:
        case "all":
            return cards
        case "closed":
            return [each for each in cards if each["closed"]]
        case "visible":
            return [each for each in cards if not each["closed"] and not world.lists[each["idList"]]["closed"]]
        case "none":
            return []
    return [each for each in cards if not each["closed"]]


def card_page(cards: list[Json], params: Json) -> list[Json]:
    """The page that `limit`, `before` and `since` (on creation) cut out, newest first; all in board order without them."""
    limit = page_size(params.get("limit"))
    before, since = cursor(params.get("before"), "before"), cursor(params.get("since"), "since")
    if limit is None and before is None and since is None:
        return cards
    found = [each for each in cards if (not before or each["id"] < before) and (not since or each["id"] > since)]
    return sorted(found, key=lambda each: str(each["id"]), reverse=True)[: MAX_PAGE if limit is None else limit]


def show_card(world: World, card: Json, params: Json) -> Json:
    """A card with its `fields` and the parts that *params* ask for."""
    shown = views.pick(views.card(world, card), params.get("fields"))
    if asked(params.get("attachments")):
        shown["attachments"] = [views.pick(each, params.get("attachment_fields")) for each in card["attachments"]]
    if asked(params.get("checklists")):
        shown["checklists"] = [views.pick(each, params.get("checklist_fields")) for each in world.checklists_of(card)]
    if asked(params.get("customFieldItems")):
        shown["customFieldItems"] = card["customFieldItems"]
    if asked(params.get("pluginData")):
        shown["pluginData"] = card["pluginData"]
    if asked(params.get("stickers")):
        shown["stickers"] = []
    return shown | _around_card(world, card, params)


def _around_card(world: World, card: Json, params: Json) -> Json:
    shown: Json = {}
    if asked(params.get("members")):
        members = [world.members[each] for each in card["idMembers"]]
        shown["members"] = [show_member(world, each, params.get("member_fields")) for each in members]
    if asked(params.get("actions")):
        shown["actions"] = nested_actions(world, world.actions_of_card(card["id"]), params)
    if asked(params.get("board")):
        shown["board"] = show_board_fields(world, card["idBoard"], params.get("board_fields"))
    if asked(params.get("list")):
        shown["list"] = views.pick(world.lists[card["idList"]], params.get("list_fields"))
    return shown


def show_board_fields(world: World, board: str, fields: Any) -> Json:
    """A board inside another object."""
    return views.pick(views.board(world.boards[board]), fields, views.BOARD_DEFAULT)


def show_member(world: World, member: Json, fields: Any, default: str = views.MEMBER_DEFAULT) -> Json:
    """A member of a board or card: id, full name and user name unless `fields` says otherwise."""
    return views.pick(views.member(world, member), fields, default)


def nested_actions(world: World, found: list[Json], params: Json) -> list[Json]:
    """Actions inside another object: 50 unless `actions_limit` says otherwise, silently cut at 1000."""
    kinds = "all" if params["actions"] in (True, "true") else str(params["actions"])
    limit = page_size(params.get("actions_limit"), actions.DEFAULT_LIMIT)
    between = {"since": params.get("actions_since"), "before": params.get("actions_before")}
    page = actions.page(found, between, limit or 0, kinds)
    return [actions.show_asked(world, each, prefixed(params, "action_")) for each in page]


def show_list(world: World, lst: Json, params: Json) -> Json:
    """A list, with its cards if they are asked for."""
    shown = views.pick(lst, params.get("fields"))
    if asked(params.get("cards")):
        cards = cards_kept(world, world.cards_in(lst["id"]), str(params["cards"]))
        shown = {**shown, "cards": [show_card(world, each, prefixed(params, "card_")) for each in cards]}
    return shown


def lists_kept(lists: list[Json], kind: str) -> list[Json]:
    """Lists by filter: open, closed, all or none."""
    if kind == "none":
        return []
    return [each for each in lists if kind == "all" or each["closed"] is (kind == "closed")]


def prefixed(params: Json, prefix: str) -> Json:
    """Parameters of a nested object: `card_fields` is its `fields`."""
    return {key.removeprefix(prefix): value for key, value in params.items() if key.startswith(prefix)}


def show_board(world: World, board: Json, params: Json, default: str = views.BOARD_DEFAULT) -> Json:
    """A board with its `fields` and the collections that *params* ask for."""
    shown = views.pick(views.board(board), params.get("fields"), default)
    parts = {
        "lists": _lists,
        "cards": _cards,
        "labels": _labels,
        "members": _members,
        "memberships": _memberships,
        "actions": _actions,
        "checklists": _checklists,
        "customFields": _custom_fields,
        "pluginData": _plugin_data,
    }
    return {**shown, **{key: part(world, board, params) for key, part in parts.items() if asked(params.get(key))}}


def _lists(world: World, board: Json, params: Json) -> list[Json]:
    lists = lists_kept(world.lists_of(board["id"]), str(params["lists"]))
    return [views.pick(each, params.get("list_fields")) for each in lists]


def _cards(world: World, board: Json, params: Json) -> list[Json]:
    inner = prefixed(params, "card_")
    cards = cards_kept(world, world.cards_of(board["id"]), str(params["cards"]))
    between = {key: params.get(f"cards_{key}") for key in ("limit", "before", "since")}
    return [show_card(world, each, inner) for each in card_page(cards, between)]


def _labels(world: World, board: Json, params: Json) -> list[Json]:
    limit = page_size(params.get("labels_limit"), 50)
    labels = world.labels_of(board["id"])[:limit]
    return [views.pick(each, params.get("label_fields")) for each in labels]


def _members(world: World, board: Json, params: Json) -> list[Json]:
    return [show_member(world, each, params.get("member_fields")) for each in world.members_of(board)]


def _memberships(_world: World, board: Json, _params: Json) -> list[Json]:
    found: list[Json] = board["memberships"]
    return found


def _actions(world: World, board: Json, params: Json) -> list[Json]:
    return nested_actions(world, world.actions_of_board(board["id"]), params)


def _checklists(world: World, board: Json, params: Json) -> list[Json]:
    found = [each for card in world.cards_of(board["id"]) for each in world.checklists_of(card)]
    return [views.pick(each, params.get("checklist_fields")) for each in found]


def _custom_fields(world: World, board: Json, _params: Json) -> list[Json]:
    return [views.custom_field(each) for each in world.fields_of(board["id"])]


def _plugin_data(_world: World, board: Json, _params: Json) -> list[Json]:
    found: list[Json] = board.get("_pluginData", [])
    return found
