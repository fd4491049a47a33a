"""Making, changing, moving and deleting cards, each change leaving the actions that it leaves in the service."""

from itertools import pairwise
from typing import Any

from hub_trello.sandbox import making, nesting, validation
from hub_trello.sandbox.actions import about_card, board_tag, card_tag, named_tag, record
from hub_trello.sandbox.answers import NO_RIGHT, Refusal, invalid
from hub_trello.sandbox.attaching import add_link
from hub_trello.sandbox.call import Call
from hub_trello.sandbox.copying import copied_fields, copy_parts, kept_parts
from hub_trello.sandbox.validation import STEP
from hub_trello.sandbox.world import Account, Json, World

LABEL_TWICE = "label not found"
MEMBER_TWICE = "member is already on the card"
CLOSEST = 1e-3
CLEARED_BY_NULL = frozenset({"desc", "due", "start"})
PLAIN = ("address", "coordinates", "locationName", "cardRole")


def create_card(call: Call) -> Json:
    """A new card; `urlSource` makes its link attachment in the same step. Raises Refusal before anything is made."""
    params, world = call.params, call.world
    lst = target_list(call, params.get("idList"))
    source = validation.link(params["urlSource"], "urlSource") if params.get("urlSource") else None
    values = readable(call, params, lst["idBoard"])
    copied = call.card(params["idCardSource"]) if params.get("idCardSource") else None
    parts = kept_parts(params.get("keepFromSource"))
    if copied:
        given = {key: value for key, value in values.items() if params[key] not in (None, "", "null")}
        values = copied_fields(copied, lst["idBoard"], parts) | given
    name = validation.name(params.get("name") or source or (copied and copied["name"]))
    pos = validation.position(params.get("pos"), [each["pos"] for each in world.cards_in(lst["id"])])
    card = making.card(
        world.ids.new(),
        world.ids.short_link(),
        board_id=lst["idBoard"],
        list_id=lst["id"],
        short_id=world.next_short_id(lst["idBoard"]),
        **values | {"name": name, "pos": pos},
    )
    world.cards[card["id"]] = card
    if copied:
        copy_parts(call, copied, card, parts)
    else:
        _write_creation(call, card)
    if source:
        add_link(call, card, source, source)
    if params.get("pos"):
        make_room(world, lst["id"])
    return nesting.show_card(world, card, {"attachments": "true", "customFieldItems": "true"})


def _write_creation(call: Call, card: Json) -> None:
    record(call.world, call.who, "createCard", about_card(call.world, card))
    for label in card["idLabels"]:
        record_label(call, card, call.world.labels[label], "addLabelToCard")
    for member in card["idMembers"]:
        record_member(call, card, member, "addMemberToCard")


def target_list(call: Call, identifier: Any) -> Json:
    """The list that a card is to be put on. Raises Refusal."""
    found = call.world.lists.get(identifier) if isinstance(identifier, str) else None
    if found is None:
        raise invalid("idList")
    if not call.world.is_member(call.world.boards[found["idBoard"]], call.who.member["id"]):
        raise Refusal(401, NO_RIGHT)
    call.open_board(found["idBoard"])
    return found


def readable(call: Call, params: Json, board: str) -> Json:
    """The fields of a card among *params* as they will be stored, those of its place apart. Raises Refusal."""
    readers = {
        "desc": validation.long_text,
        "due": validation.moment,
        "start": validation.moment,
        "dueComplete": validation.boolean,
        "isTemplate": validation.boolean,
        "closed": validation.boolean,
        "subscribed": validation.boolean,
    }
    given = {key for key in readers if key in params and (params[key] is not None or key in CLEARED_BY_NULL)}
    new: Json = {key: read(params[key], key) for key, read in readers.items() if key in given}
    if "dueReminder" in params:
        new["dueReminder"] = _reminder(params["dueReminder"])
    if "cover" in params:
        new["cover"] = making.cover() | (params["cover"] if isinstance(params["cover"], dict) else {})
    new |= {key: params[key] or None for key in PLAIN if key in params}
    if "idMembers" in params:
        new["idMembers"] = members_on_board(call, params["idMembers"], board)
    if "idLabels" in params:
        new["idLabels"] = labels_on_board(call, params["idLabels"], board)
    return new


def _reminder(value: Any) -> int | None:
    if value in (None, "", "null"):
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise invalid("dueReminder") from None


def members_on_board(call: Call, value: Any, board: str) -> list[str]:
    """Ids of members who are on the board. Raises Refusal (its words are UNVERIFIED)."""
    ids = validation.id_list(value, "idMembers", MEMBER_TWICE)
    if not all(call.world.is_member(call.world.boards[board], each) for each in ids):
        raise invalid("idMembers")
    return ids


def labels_on_board(call: Call, value: Any, board: str) -> list[str]:
    """Ids of the board's labels. Raises Refusal."""
    ids = validation.id_list(value, "idLabels", LABEL_TWICE)
    if any(call.world.labels.get(each, {}).get("idBoard") != board for each in ids):
        raise Refusal(400, LABEL_TWICE)
    return ids


def change_card(call: Call, card: Json, params: Json) -> None:
    """Carry out a card's changes; what is already so leaves no trace. Raises Refusal before any change."""
    world = call.world
    call.open_board(card["idBoard"])
    place = _place(call, card, params)
    new = readable(call, params, place["idBoard"])
    if "name" in params:
        new = {"name": validation.name(params["name"])} | new
    if "idAttachmentCover" in params:
        new["idAttachmentCover"] = params["idAttachmentCover"] or None
    if place["idBoard"] != card["idBoard"]:
        move_to_board(world, call.who, card, world.lists[place["idList"]])
    elif place["idList"] != card["idList"]:
        new["idList"] = place["idList"]
    if params.get("pos") is not None:
        others = [each["pos"] for each in world.cards_in(place["idList"]) if each is not card]
        new["pos"] = validation.position(params["pos"], others)
    for key, value in new.items():
        _change(call, card, key, value)
    if "pos" in new:
        make_room(world, card["idList"])


def _place(call: Call, card: Json, params: Json) -> Json:
    board = card["idBoard"]
    if params.get("idBoard") not in (None, "", board):
        board = call.open_board(params["idBoard"])["id"]
    if params.get("idList"):
        lst = target_list(call, params["idList"])
        if lst["idBoard"] != board:
            raise invalid("idList")
        return {"idBoard": board, "idList": lst["id"]}
    if "idList" in params and params["idList"] is not None:
        raise invalid("idList")
    if board == card["idBoard"]:
        return {"idBoard": board, "idList": card["idList"]}
    if not (lists := [each for each in call.world.lists_of(board) if not each["closed"]]):
        raise invalid("idBoard")
    return {"idBoard": board, "idList": lists[0]["id"]}


def _change(call: Call, card: Json, key: str, value: Any) -> None:
    if card[key] == value:
        return
    if key == "idLabels":
        change_labels(call, card, value)
    elif key == "idMembers":
        _change_members(call, card, value)
    elif key == "subscribed":
        card[key] = value
    else:
        old, card[key] = card[key], value
        record_update(call, card, key, old)


def record_update(call: Call, card: Json, key: str, old: Any) -> None:
    """Write down that one field of a card changed from *old*.

    Real exports list only few of the label changes that their cards show, so here nobody sees one in a list.
    """
    record(call.world, call.who, "updateCard", _update_data(call.world, card, key, old), listed=key != "idLabels")


def _update_data(world: World, card: Json, key: str, old: Any) -> Json:
    data = about_card(world, card) | {"card": card_tag(card, **{key: card[key]}), "old": {key: old}}
    if key == "idList":
        del data["list"]
        data |= {"listBefore": named_tag(world.lists[old]), "listAfter": named_tag(world.lists[card["idList"]])}
    return data


def change_labels(call: Call, card: Json, wanted: list[str]) -> None:
    """Give a card this set of labels: webhooks hear of each label and, once more, of the whole set (recorded in 2023)."""
    before, card["idLabels"] = card["idLabels"], wanted
    for label in [each for each in before if each not in wanted]:
        record_label(call, card, call.world.labels[label], "removeLabelFromCard")
    for label in [each for each in wanted if each not in before]:
        record_label(call, card, call.world.labels[label], "addLabelToCard")
    record_update(call, card, "idLabels", before)


def record_label(call: Call, card: Json, label: Json, kind: str) -> None:
    """Write down that a label came or went; only webhooks hear of it."""
    tag = {key: label[key] for key in ("id", "name", "color")}
    data = {"card": card_tag(card), "board": board_tag(call.world.boards[card["idBoard"]])}
    record(call.world, call.who, kind, {"value": label["color"], "text": label["name"], **data, "label": tag})


def _change_members(call: Call, card: Json, wanted: list[str]) -> None:
    before, card["idMembers"] = card["idMembers"], wanted
    for member in [each for each in before if each not in wanted]:
        record_member(call, card, member, "removeMemberFromCard")
    for member in [each for each in wanted if each not in before]:
        record_member(call, card, member, "addMemberToCard")


def record_member(call: Call, card: Json, member: str, kind: str) -> None:
    """Write down that a member came or went."""
    data = about_card(call.world, card, idMember=member)
    del data["list"]
    data["member"] = {"id": member, "name": call.world.members[member]["fullName"]}
    record(call.world, call.who, kind, data)


def move_to_board(world: World, who: Account, card: Json, lst: Json) -> None:
    """Move a card to a list of another board.

    The id stays; the number changes; labels are kept where the new board has one of that name and colour (UNVERIFIED),
    members where they belong to it; custom field values are lost.
    """
    before, after = world.boards[card["idBoard"]], world.boards[lst["idBoard"]]
    target = {"boardTarget": {"id": after["id"]}}
    record(world, who, "moveCardFromBoard", about_card(world, card, **target))
    old_labels = [world.labels[each] for each in card["idLabels"]]
    twins = {(each["name"], each["color"]): each["id"] for each in world.labels_of(after["id"])}
    kept = [twins[each["name"], each["color"]] for each in old_labels if (each["name"], each["color"]) in twins]
    pos = validation.position("bottom", [each["pos"] for each in world.cards_in(lst["id"])])
    card |= {
        "idBoard": after["id"],
        "idList": lst["id"],
        "idShort": world.next_short_id(after["id"]),
        "idLabels": list(dict.fromkeys(kept)),
        "idMembers": [each for each in card["idMembers"] if world.is_member(after, each)],
        "customFieldItems": [],
        "pos": pos,
    }
    for checklist in world.checklists_of(card):
        checklist["idBoard"] = after["id"]
    record(world, who, "moveCardToBoard", about_card(world, card, boardSource={"id": before["id"]}))


def make_room(world: World, lst: str) -> None:
    """Renumber a list's cards where the gaps between them close; nobody is told."""
    cards = world.cards_in(lst)
    edges = [0.0, *(each["pos"] for each in cards)]
    if any(later - earlier < CLOSEST for earlier, later in pairwise(edges)) and len(cards) > 1:
        for index, card in enumerate(cards):
            card["pos"] = STEP * (index + 1)


def delete_card(world: World, who: Account, card: Json) -> None:
    """Delete a card for ever: its own history and comments go with it, one `deleteCard` stays."""
    tag = {key: card[key] for key in ("id", "idShort", "shortLink")}
    data = about_card(world, card) | {"card": tag}
    for action in world.actions_of_card(card["id"]):
        world.drop_action(action)
    world.drop_card(card)
    record(world, who, "deleteCard", data)
