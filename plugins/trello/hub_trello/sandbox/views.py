"""Objects as the API shows them: derived fields filled in, `fields=` narrowed, nothing of the sandbox's own."""

from typing import Any

from hub_trello.sandbox.making import slug
from hub_trello.sandbox.world import WEB, Json, World

BOARD_DEFAULT = "name,desc,descData,closed,idOrganization,idEnterprise,pinned,url,shortUrl,prefs,labelNames"
MEMBER_DEFAULT = "fullName,username"
CARD_PARTS = ("attachments", "customFieldItems", "pluginData")


def pick(thing: Json, fields: Any, default: str = "all") -> Json:
    """The asked-for *fields* (comma-separated, or `all`) of a thing, and always its id; unknown names are passed over."""
    names = ",".join(map(str, fields)) if isinstance(fields, list) else (fields or default)
    if names == "all":
        return thing
    wanted = {each.strip() for each in str(names).split(",")}
    return {key: value for key, value in thing.items() if key == "id" or key in wanted}


def card(world: World, stored: Json) -> Json:
    """A card with all its own fields; attachments, custom field items and plugin data are shown only when asked for."""
    items = [item for each in world.checklists_of(stored) for item in each["checkItems"]]
    done = [{"idCheckItem": item["id"], "state": "complete"} for item in items if item["state"] == "complete"]
    link = stored["shortLink"]
    shown = {key: value for key, value in stored.items() if key not in CARD_PARTS}
    return shown | {
        "badges": _badges(world, stored, items),
        "checkItemStates": done,
        "descData": {"emoji": {}},
        "labels": [world.labels[each] for each in stored["idLabels"]],
        "idChecklists": [each["id"] for each in world.checklists_of(stored)],
        "shortUrl": f"{WEB}/c/{link}",
        "url": f"{WEB}/c/{link}/{stored['idShort']}-{slug(stored['name'])}",
    }


def _badges(world: World, stored: Json, items: list[Json]) -> Json:
    comments = [
        each for each in world.actions_of_card(stored["id"]) if each["type"] in ("commentCard", "copyCommentCard")
    ]
    return {
        "attachmentsByType": {"trello": {"board": 0, "card": 0}},
        "location": False,
        "votes": len(stored["idMembersVoted"]),
        "viewingMemberVoted": False,
        "subscribed": stored["subscribed"],
        "fogbugz": "",
        "checkItems": len(items),
        "checkItemsChecked": sum(item["state"] == "complete" for item in items),
        "checkItemsEarliestDue": min((item["due"] for item in items if item["due"]), default=None),
        "comments": len(comments),
        "attachments": len(stored["attachments"]),
        "description": bool(stored["desc"]),
        "due": stored["due"],
        "dueComplete": stored["dueComplete"],
        "start": stored["start"],
    }


def whole_card(world: World, stored: Json) -> Json:
    """A card with every part of it, as an export has it."""
    return card(world, stored) | {key: stored[key] for key in CARD_PARTS}


def board(stored: Json) -> Json:
    """A board without the sandbox's own counters."""
    return {key: value for key, value in stored.items() if not key.startswith("_")}


def member(world: World, stored: Json, *, itself: bool = False) -> Json:
    """A member; e-mail address, boards and login are there only for itself."""
    shown = {key: value for key, value in stored.items() if key != "email"}
    if itself:
        boards = [each["id"] for each in world.boards.values() if world.is_member(each, stored["id"])]
        shown |= {"email": stored.get("email"), "idBoards": boards, "idOrganizations": [], "loginTypes": ["password"]}
    return shown | {"email": shown.get("email")}


def custom_field(stored: Json) -> Json:
    """A custom field; only list fields have options."""
    return {key: value for key, value in stored.items() if key != "options" or stored["type"] == "list"}
