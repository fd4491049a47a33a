"""Taking exports in: a board's JSON ("Menu → Export as JSON"), or bare cards or actions as the REST API gives them.

Old exports lack fields that today's API always shows; they are filled in, and what is there stays as it is.
"""

from typing import Any

from hub_trello.sandbox import making
from hub_trello.sandbox.boards import add_board, add_label, add_list
from hub_trello.sandbox.ids import ID
from hub_trello.sandbox.world import Account, Json, World

NO_EXPORT = (
    "This is not an export of a Trello board: it should be the JSON of Menu → Export as JSON, with `id`, `name`, "
    "`lists` and `cards`, or a list of cards or of actions as the REST API gives them."
)


def load(world: World, document: Any, default: Json, accounts: list[Account]) -> None:
    """Take *document* in; bare cards go to the *default* board where their list is not known.

    A board that was loaded before is replaced. The members of *accounts* join every loaded board.
    Raises ValueError, in words for a person, for anything else.
    """
    match document:
        case {"boards": [*boards]} if boards and all(_is_board(each) for each in boards):
            for each in boards:
                _load_board(world, each, accounts)
        case dict() if _is_board(document):
            _load_board(world, document, accounts)
        case dict() if _is_card(document):
            _load_bare_card(world, document, default)
        case [*actions] if actions and all(_is_action(each) for each in actions):
            _load_actions(world, actions, accounts)
        case [*cards] if cards and all(_is_card(each) for each in cards):
            for each in cards:
                _load_bare_card(world, each, default)
        case _:
            raise ValueError(NO_EXPORT)


def _is_board(document: Any) -> bool:
    lists = isinstance(document, dict) and all(isinstance(document.get(key), list) for key in ("lists", "cards"))
    return bool(lists) and _has_id(document) and isinstance(document.get("name"), str)


def _is_card(document: Any) -> bool:
    if not isinstance(document, dict) or not isinstance(document.get("name"), str) or "lists" in document:
        return False
    return _has_id(document) and bool({"idList", "idBoard", "list", "desc"} & set(document))


def _is_action(document: Any) -> bool:
    return (
        isinstance(document, dict)
        and _has_id(document)
        and isinstance(document.get("type"), str)
        and isinstance(document.get("data"), dict)
    )


def _has_id(document: Json) -> bool:
    return isinstance(document.get("id"), str) and bool(ID.fullmatch(document["id"]))


def filled(template: Json, given: Json) -> Json:
    """*template* with every value of the same name that *given* really has."""
    return template | {key: given[key] for key in template if given.get(key) is not None}


# boards ---------------------------------------------------------------------------------------------------------------


def _load_board(world: World, document: Json, accounts: list[Account]) -> None:
    identifier = document["id"]
    if identifier in world.boards:
        world.drop_board(identifier)
    template = making.board(identifier, document["name"], document.get("shortLink") or world.ids.short_link())
    board = filled(template, document)
    board["prefs"] = making.preferences() | (document.get("prefs") or {})
    board["labelNames"] = making.LABEL_NAMES | (document.get("labelNames") or {})
    board["_pluginData"] = document.get("pluginData") or []
    world.boards[identifier] = board
    _load_members(world, board, document)
    _join(world, board, accounts)
    for each in document["lists"]:
        world.lists[each["id"]] = filled(making.lst(each["id"], identifier, each["name"], 0.0), each)
    for each in document.get("labels") or ():
        _load_label(world, each, identifier)
    for each in document.get("customFields") or ():
        world.fields[each["id"]] = {"options": [], "idModel": identifier, **each}
    _load_cards(world, document)
    for each in document.get("actions") or ():
        _load_action(world, each, board)


def _load_members(world: World, board: Json, document: Json) -> None:
    for each in document.get("members") or ():
        world.members[each["id"]] = _member(each)
    ties = {each["idMember"]: each for each in document.get("memberships") or ()}
    for each in document.get("members") or ():
        ties.setdefault(each["id"], making.membership(world.ids.new(), each["id"]))
    for tie in ties.values():
        _know_member(world, tie["idMember"])
    fresh = making.membership
    board["memberships"] = [filled(fresh(world.ids.new(), key), tie) for key, tie in ties.items()]


def _member(given: Json) -> Json:
    name = given.get("fullName") or given.get("username") or "Former member"
    return filled(making.member(given["id"], name, given.get("username") or f"user{given['id'][-8:]}"), given)


def _know_member(world: World, identifier: str, given: Json | None = None) -> None:
    if identifier not in world.members:
        world.members[identifier] = _member({"id": identifier, **(given or {})})


def _join(world: World, board: Json, accounts: list[Account]) -> None:
    for account in accounts:
        if not world.is_member(board, account.member["id"]):
            board["memberships"].append(making.membership(world.ids.new(), account.member["id"]))


def _load_label(world: World, given: Json, board: str) -> str:
    """Keep a label as it is, unnamed and repeated ones too; very old ones have no id. Its id."""
    name, color = given.get("name") or "", given.get("color")
    if "id" not in given:
        for each in world.labels_of(board):
            if (each["name"], each["color"]) == (name, color):
                return str(each["id"])
        return str(add_label(world, board, name, color)["id"])
    world.labels.setdefault(given["id"], making.label(given["id"], board, name, color))
    return str(given["id"])


# cards ----------------------------------------------------------------------------------------------------------------


def _load_cards(world: World, document: Json) -> None:
    board = document["id"]
    for each in document["cards"]:
        if each.get("idList") not in world.lists:
            name = "List that is not in the export"
            world.lists[each["idList"]] = making.lst(each["idList"], board, name, 1e9, closed=True)
        _load_card(world, each, board, each["idList"])
    for each in document.get("checklists") or ():
        if each.get("idCard") in world.cards:
            _load_checklist(world, each, world.cards[each["idCard"]])


def _load_card(world: World, given: Json, board: str, lst: str) -> Json:
    if old := world.cards.get(given["id"]):
        world.drop_card(old)
    short_id = given.get("idShort") or world.next_short_id(board)
    link = given.get("shortLink") or world.ids.short_link()
    card = filled(making.card(given["id"], link, board_id=board, list_id=lst, short_id=short_id), given)
    card |= {"idBoard": board, "idList": lst, "idChecklists": []}
    card["cover"] = making.cover() | (given.get("cover") or {"idAttachment": card["idAttachmentCover"]})
    labels = [_load_label(world, each, board) for each in given.get("labels") or ()]
    known = [each for each in given.get("idLabels") or () if each in world.labels]
    card["idLabels"] = list(dict.fromkeys([*known, *labels]))
    for member in card["idMembers"]:
        _know_member(world, member)
    card["attachments"] = [_attachment(each) for each in given.get("attachments") or ()]
    card["customFieldItems"] = [_field_item(each, card) for each in given.get("customFieldItems") or ()]
    world.cards[card["id"]] = card
    world.boards[board]["_cards"] = max(world.boards[board].get("_cards", 0), card["idShort"])
    for each in given.get("checklists") or ():
        _load_checklist(world, each, card)
    return card


def _attachment(given: Json) -> Json:
    url = given.get("url") or ""
    return filled(
        making.attachment(given["id"], given.get("idMember") or "0" * 24, given.get("name") or url, url), given
    )


def _field_item(given: Json, card: Json) -> Json:
    return {"idModel": card["id"], "modelType": "card", "value": None, "idValue": None, **given}


def _load_checklist(world: World, given: Json, card: Json) -> None:
    if given["id"] not in card["idChecklists"]:
        card["idChecklists"].append(given["id"])
    checklist = making.checklist(given["id"], card, given.get("name") or "Checklist", given.get("pos") or 0.0)
    for index, item in enumerate(given.get("checkItems") or ()):
        template = making.check_item(item["id"], given["id"], item["name"], 16384.0 * (index + 1))
        checklist["checkItems"].append(filled(template, item))
    world.checklists[given["id"]] = checklist


def _load_bare_card(world: World, given: Json, default: Json) -> None:
    lst = world.lists.get(given.get("idList") or "")
    if lst is None:
        lst = _list_by_name(world, default["id"], (given.get("list") or {}).get("name"))
    _load_card(world, given, lst["idBoard"], lst["id"])


def _list_by_name(world: World, board: str, name: str | None) -> Json:
    lists = world.lists_of(board)
    for each in lists:
        if each["name"] == (name or each["name"]):
            return each
    return add_list(world, board, name or "Cards", max((each["pos"] for each in lists), default=0.0) + 16384.0)


# actions --------------------------------------------------------------------------------------------------------------


def _load_action(world: World, given: Json, board: Json) -> None:
    creator = given.get("memberCreator") or {}
    _know_member(world, given["idMemberCreator"], creator)
    about = {"board": {key: board[key] for key in ("id", "name", "shortLink")}} | given["data"]
    if member := given.get("member"):
        _know_member(world, member["id"], member)
    if about.get("idMember"):
        _know_member(world, about["idMember"])
    kept = {key: value for key, value in given.items() if key not in ("memberCreator", "member", "display")}
    world.add_action({"appCreator": None, "limits": None, **kept, "data": about, "_listed": True})


def _load_actions(world: World, actions: list[Json], accounts: list[Account]) -> None:
    """Bare actions join their board; of a board that is not known, what they tell of it is made."""
    for each in actions:
        about = each["data"]
        tag = about.get("board")
        if not tag:
            raise ValueError("These actions do not say which board they belong to, so they cannot be loaded.")
        if tag["id"] not in world.boards:
            owner = accounts[0].member["id"]
            board = add_board(world, tag.get("name") or "Board", owner, identifier=tag["id"])
            board |= {key: tag[key] for key in ("shortLink",) if key in tag}
            board["_told"] = True
            _join(world, board, accounts)
        board = world.boards[tag["id"]]
        if board.get("_told"):
            _make_told(world, board, about)
        _load_action(world, each, board)


def _make_told(world: World, board: Json, about: Json) -> None:
    lst, card = about.get("list"), about.get("card")
    if lst and lst["id"] not in world.lists:
        pos = 16384.0 * (len(world.lists_of(board["id"])) + 1)
        add_list(world, board["id"], lst.get("name") or "List", pos, identifier=lst["id"])
    if lst and card and card["id"] not in world.cards and "name" in card:
        _load_card(world, card, board["id"], lst["id"])
