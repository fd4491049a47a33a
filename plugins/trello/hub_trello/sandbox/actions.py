"""The history: how writes become actions, which of them the API lists, and how one is shown.

Types of `NEVER_LISTED` reach webhooks but no list endpoint ("Action types", Trello REST guides; membership of some is UNVERIFIED).
"""

from typing import Any

from hub_trello.sandbox.ids import instant
from hub_trello.sandbox.validation import cursor
from hub_trello.sandbox.views import pick
from hub_trello.sandbox.world import Account, Json, World

NEVER_LISTED = frozenset(
    {
        "addLabelToCard",
        "removeLabelFromCard",
        "createLabel",
        "updateLabel",
        "deleteLabel",
        "createCheckItem",
        "updateCheckItem",
        "deleteCheckItem",
        "updateComment",
        "deleteComment",
        "createCustomField",
        "updateCustomField",
        "deleteCustomField",
    }
)
MEMBER_SHOWN = (
    "id",
    "activityBlocked",
    "avatarHash",
    "avatarUrl",
    "fullName",
    "idMemberReferrer",
    "initials",
    "nonPublic",
    "nonPublicAvailable",
    "username",
)
DEFAULT_LIMIT = 50


def board_tag(board: Json) -> Json:
    """How an action names a board."""
    return {key: board[key] for key in ("id", "name", "shortLink")}


def card_tag(card: Json, **changed: Any) -> Json:
    """How an action names a card, with the fields that it *changed*."""
    return {**changed, **{key: card[key] for key in ("id", "name", "idShort", "shortLink")}}


def named_tag(thing: Json) -> Json:
    """How an action names a list, checklist or custom field."""
    return {key: thing[key] for key in ("id", "name")}


def about_card(world: World, card: Json, **more: Any) -> Json:
    """The data that every action on a card carries: its card, board and list, and *more*."""
    board, lst = world.boards[card["idBoard"]], world.lists[card["idList"]]
    return {"card": card_tag(card), "board": board_tag(board), "list": named_tag(lst), **more}


def record(world: World, who: Account, kind: str, data: Json, *, listed: bool = True) -> Json:
    """Write an action down, move the activity stamps it moves, and hand it to the webhooks.

    One that is not *listed* reaches the webhooks alone, as those of the types in `NEVER_LISTED` do.
    """
    action: Json = {
        "id": world.ids.new(),
        "idMemberCreator": who.member["id"],
        "data": data,
        "appCreator": {"id": who.app},
        "type": kind,
        "date": instant(world.now()),
        "limits": None,
        "_listed": listed and kind not in NEVER_LISTED,
    }
    world.add_action(action)
    world.outbox.append(action)
    if moves_activity(action):
        _stamp(world, action)
    return action


def moves_activity(action: Json) -> bool:
    """Whether this action moves `dateLastActivity`: labels, positions and custom field values do not (partly UNVERIFIED)."""
    if not action["_listed"] or action["type"] == "updateCustomFieldItem":
        return False
    return _changed(action) != {"pos"}


def _changed(action: Json) -> set[str]:
    return set(action["data"].get("old") or ())


def _stamp(world: World, action: Json) -> None:
    about = action["data"]
    for held, tag in ((world.cards, "card"), (world.boards, "board")):
        if thing := held.get(about.get(tag, {}).get("id", "")):
            thing["dateLastActivity"] = action["date"]


def wanted(action: Json, kinds: str) -> bool:
    """Whether a list endpoint with filter *kinds* shows the action; `updateCard:idList` narrows to one changed field."""
    if not action["_listed"]:
        return False
    for kind in (each.strip() for each in kinds.split(",")):
        name, _, changed = kind.partition(":")
        if name in ("all", action["type"]) and (not changed or changed in _changed(action)):
            return True
    return False


def page(actions: list[Json], params: Json, limit: int, kinds: str = "all") -> list[Json]:
    """The newest *limit* of the wanted actions between `since` and `before`, newest first. Raises Refusal."""
    before, since = cursor(params.get("before"), "before"), cursor(params.get("since"), "since")
    found = [
        each
        for each in actions
        if wanted(each, kinds) and (not before or each["id"] < before) and (not since or each["id"] > since)
    ]
    return sorted(found, key=lambda each: str(each["id"]), reverse=True)[:limit]


def show(world: World, action: Json, *, display: bool = False) -> Json:
    """An action with the members it names; *display* adds the block that webhooks and new comments carry."""
    told = {key: value for key, value in action.items() if key != "_listed"}
    shown = {**told, "memberCreator": _member(world, action["idMemberCreator"])}
    if member := action["data"].get("idMember"):
        shown["member"] = _member(world, member)
    if display:
        shown["display"] = _display(world, action)
    return shown


def show_asked(world: World, action: Json, params: Json, *, display: bool = False) -> Json:
    """An action with the `fields` that were asked for; its members come along unless `memberCreator=false` and the like."""
    whole = show(world, action, display=display)
    shown = dict(pick(whole, params.get("fields")))
    for key in ("memberCreator", "member"):
        if params.get(key) in ("false", False):
            shown.pop(key, None)
        elif whole.get(key):
            shown[key] = pick(whole[key], params.get(f"{key}_fields"))
    return shown


def _member(world: World, identifier: str) -> Json | None:
    member = world.members.get(identifier)
    return member and {key: member[key] for key in MEMBER_SHOWN}


def _display(world: World, action: Json) -> Json:
    about, creator = action["data"], world.members[action["idMemberCreator"]]
    entities: Json = {}
    if card := about.get("card"):
        tag = {"type": "card", "id": card["id"], "text": card.get("name", ""), "shortLink": card.get("shortLink")}
        entities["card"] = tag
    if "text" in about and action["type"] == "commentCard":
        entities["comment"] = {"type": "comment", "text": about["text"]}
    entities["memberCreator"] = {
        "type": "member",
        "id": creator["id"],
        "username": creator["username"],
        "text": creator["fullName"],
    }
    return {"translationKey": _translation_key(action), "entities": entities}


def _translation_key(action: Json) -> str:
    keys = {
        "commentCard": "action_comment_on_card",
        "createCard": "action_create_card",
        "deleteCard": "action_delete_card",
        "addLabelToCard": "action_add_label_to_card",
        "addAttachmentToCard": "action_add_attachment_to_card",
    }
    return keys.get(action["type"], "unknown")
