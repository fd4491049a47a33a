"""Copies of cards: new ids for everything, but the same texts, links and marks; a mark in a link is then there twice."""

from typing import Any

from hub_trello.sandbox import making
from hub_trello.sandbox.actions import about_card, card_tag, record
from hub_trello.sandbox.call import Call
from hub_trello.sandbox.world import Json, World

PARTS = ("attachments", "checklists", "comments", "customFields", "due", "start", "labels", "members", "stickers")


def kept_parts(value: Any) -> set[str]:
    """The parts that `keepFromSource` names, separated by commas; `all` of them by default."""
    names = value if isinstance(value, list) else str(value or "all").split(",")
    return set(PARTS) if "all" in names else {str(each) for each in names}


def copied_fields(source: Json, board: str, parts: set[str]) -> Json:
    """The plain fields of a copy on *board*; labels only where they belong to it."""
    copied: Json = {"desc": source["desc"]}
    copied |= {key: source[key] for key in ("due", "start") if key in parts}
    if "members" in parts:
        copied["idMembers"] = list(source["idMembers"])
    if "labels" in parts and source["idBoard"] == board:
        copied["idLabels"] = list(source["idLabels"])
    return copied


def copy_parts(call: Call, source: Json, card: Json, parts: set[str]) -> None:
    """Give *card* what hangs on *source*: attachments, checklists, custom field values, comments."""
    world = call.world
    if "attachments" in parts:
        card["attachments"] = [_attachment(world, each) for each in source["attachments"]]
    if "checklists" in parts:
        for each in world.checklists_of(source):
            _checklist(world, each, card)
    if "customFields" in parts and source["idBoard"] == card["idBoard"]:
        fresh = [{**each, "id": world.ids.new(), "idModel": card["id"]} for each in source["customFieldItems"]]
        card["customFieldItems"] = fresh
    record(world, call.who, "copyCard", about_card(world, card, cardSource=card_tag(source)))
    if "comments" in parts:
        _comments(call, source, card)


def _attachment(world: World, source: Json) -> Json:
    copy = {**source, "id": world.ids.new()}
    if source["id"] in world.blobs:
        world.blobs[copy["id"]] = world.blobs[source["id"]]
    return copy


def _checklist(world: World, source: Json, card: Json) -> None:
    copy = making.checklist(world.ids.new(), card, source["name"], source["pos"])
    items = source["checkItems"]
    copy["checkItems"] = [{**each, "id": world.ids.new(), "idChecklist": copy["id"]} for each in items]
    world.checklists[copy["id"]] = copy
    card["idChecklists"].append(copy["id"])


def _comments(call: Call, source: Json, card: Json) -> None:
    for action in call.world.actions_of_card(source["id"]):
        if action["type"] in ("commentCard", "copyCommentCard"):
            data = about_card(call.world, card, text=action["data"]["text"], cardSource=card_tag(source))
            record(call.world, call.who, "copyCommentCard", data)
