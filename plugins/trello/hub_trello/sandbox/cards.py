"""Cards: reading, writing, and their labels, members and comments."""

from typing import Any

from hub_trello.sandbox import actions, nesting, validation, views
from hub_trello.sandbox.actions import about_card, record
from hub_trello.sandbox.answers import Refusal, invalid, not_found
from hub_trello.sandbox.boards import action_page, add_label, field_of
from hub_trello.sandbox.call import Call
from hub_trello.sandbox.card_writing import change_card, change_labels, create_card, delete_card, record_member
from hub_trello.sandbox.serving import Endpoint
from hub_trello.sandbox.world import Json

CARD_ACTIONS = "commentCard, updateCard:idList"


def get_card(call: Call) -> Json:
    """A card, with the parts that were asked for."""
    return nesting.show_card(call.world, call.card(), call.params)


def get_field(call: Call) -> Any:
    """One field of a card."""
    return field_of(views.card(call.world, call.card()), call.path["field"])


def put_card(call: Call) -> Json:
    """Change the fields that are named; all others stay."""
    card = call.card_to_write()
    change_card(call, card, call.params)
    return nesting.show_card(call.world, card, {})


def put_field(call: Call) -> Json:
    """Change one field to `value`."""
    card, field = call.card_to_write(), call.path["field"]
    if field not in card:
        raise not_found()
    change_card(call, card, {**call.params, field: call.params.get("value")})
    return nesting.show_card(call.world, card, {})


def remove_card(call: Call) -> Json:
    """Delete a card for ever."""
    delete_card(call.world, call.who, call.card_to_write())
    return {"limits": {}}


def get_board(call: Call) -> Json:
    """The board of a card."""
    return nesting.show_board_fields(call.world, call.card()["idBoard"], call.params.get("fields"))


def get_list(call: Call) -> Json:
    """The list of a card."""
    return views.pick(call.world.lists[call.card()["idList"]], call.params.get("fields"))


def get_members(call: Call) -> list[Json]:
    """The members on a card."""
    members = [call.world.members[each] for each in call.card()["idMembers"]]
    return [nesting.show_member(call.world, each, call.params.get("fields")) for each in members]


def get_plugin_data(call: Call) -> Any:
    """What Power-Ups keep on a card; read only over this API."""
    return call.card()["pluginData"]


def get_actions(call: Call) -> list[Json]:
    """A card's history: comments and moves by default, newest first."""
    return action_page(call, call.world.actions_of_card(call.card()["id"]), CARD_ACTIONS)


# labels ---------------------------------------------------------------------------------------------------------------


def add_card_label(call: Call) -> Any:
    """Put one of the board's labels on a card; the answer is the ids of all its labels."""
    card, label = call.card_to_write(), call.world.labels.get(str(call.params.get("value")))
    if label is None or label["idBoard"] != card["idBoard"]:
        raise invalid("value")
    if label["id"] in card["idLabels"]:
        raise Refusal(400, "that label is already on the card")
    change_labels(call, card, [*card["idLabels"], label["id"]])
    return card["idLabels"]


def create_card_label(call: Call) -> Json:
    """A new label of the board, put on a card at once."""
    card = call.card_to_write()
    name, color = validation.name(call.params.get("name") or "", empty=True), validation.color(call.params.get("color"))
    label = add_label(call.world, card["idBoard"], name, color)
    change_labels(call, card, [*card["idLabels"], label["id"]])
    return label


def remove_card_label(call: Call) -> Json:
    """Take a label off a card."""
    card, label = call.card_to_write(), call.path["idLabel"]
    if label not in card["idLabels"]:
        raise Refusal(400, "that label is not on the card")
    change_labels(call, card, [each for each in card["idLabels"] if each != label])
    return {"_value": None}


# members --------------------------------------------------------------------------------------------------------------


def add_card_member(call: Call) -> list[Json]:
    """Put a member of the board on a card; the answer is all members of the card."""
    card, member = call.card_to_write(), str(call.params.get("value"))
    if not call.world.is_member(call.world.boards[card["idBoard"]], member):
        raise invalid("value")
    if member in card["idMembers"]:
        raise Refusal(400, "member is already on the card")
    card["idMembers"] = [*card["idMembers"], member]
    record_member(call, card, member, "addMemberToCard")
    return get_members(call)


def remove_card_member(call: Call) -> list[Json]:
    """Take a member off a card."""
    card, member = call.card_to_write(), call.path["idMember"]
    if member not in card["idMembers"]:
        raise Refusal(400, "member is not on the card")
    card["idMembers"] = [each for each in card["idMembers"] if each != member]
    record_member(call, card, member, "removeMemberFromCard")
    return get_members(call)


# comments -------------------------------------------------------------------------------------------------------------


def comment_text(call: Call, parameter: str = "text") -> str:
    """The text of a comment, 1 to 16384 characters. Raises Refusal."""
    text = validation.long_text(call.params.get(parameter), parameter)
    if not text.strip():
        raise invalid(parameter)
    return text


def add_comment(call: Call) -> Json:
    """A comment: an action of type commentCard."""
    card, text = call.card_to_write(), comment_text(call)
    data = {"text": text, "textData": {"emoji": {}}, **about_card(call.world, card)}
    shown = actions.show(call.world, record(call.world, call.who, "commentCard", data), display=True)
    return {**shown, "entities": list(shown["display"]["entities"].values())}


def comment_of_card(call: Call) -> Json:
    """The comment that the path names. Raises Refusal."""
    found = call.action(call.path["idAction"])
    if found["data"].get("card", {}).get("id") != call.card()["id"]:
        raise not_found()
    return found


def put_comment(call: Call) -> Json:
    """Change a comment, by its author only."""
    return edit_comment(call, comment_of_card(call), comment_text(call))


def edit_comment(call: Call, action: Json, text: str) -> Json:
    """Give a comment another text. Raises Refusal for whoever did not write it."""
    _only_comment(action)
    if action["idMemberCreator"] != call.who.member["id"]:
        raise Refusal(401, "unauthorized permission requested")
    old = action["data"]["text"]
    if old != text:
        action["data"] |= {"text": text, "dateLastEdited": call.world.stamp()}
        record(call.world, call.who, "updateComment", _about_comment(action, old={"text": old}))
    return actions.show(call.world, action, display=True)


def remove_comment(call: Call) -> Json:
    """Delete a comment, by its author or an admin of the board."""
    return delete_comment(call, comment_of_card(call))


def delete_comment(call: Call, action: Json) -> Json:
    """Forget a comment; nothing of it stays in the history. Raises Refusal."""
    _only_comment(action)
    board = call.board(action["data"]["board"]["id"])
    admins = {each["idMember"] for each in board["memberships"] if each["memberType"] == "admin"}
    if call.who.member["id"] not in admins | {action["idMemberCreator"]}:
        raise Refusal(401, "unauthorized permission requested")
    call.world.drop_action(action)
    record(call.world, call.who, "deleteComment", _about_comment(action))
    return {"_value": None}


def _only_comment(action: Json) -> None:
    if action["type"] not in ("commentCard", "copyCommentCard"):
        raise Refusal(400, "invalid action type")


def _about_comment(action: Json, **more: Any) -> Json:
    kept = {key: action["data"][key] for key in ("card", "board", "list") if key in action["data"]}
    return {**kept, "action": {"id": action["id"], "text": action["data"]["text"]}, **more}


ENDPOINTS = [
    Endpoint("POST", "/cards", create_card),
    Endpoint("GET", "/cards/{id}", get_card),
    Endpoint("PUT", "/cards/{id}", put_card),
    Endpoint("DELETE", "/cards/{id}", remove_card),
    Endpoint("GET", "/cards/{id}/board", get_board),
    Endpoint("GET", "/cards/{id}/list", get_list),
    Endpoint("GET", "/cards/{id}/members", get_members),
    Endpoint("GET", "/cards/{id}/pluginData", get_plugin_data),
    Endpoint("GET", "/cards/{id}/actions", get_actions),
    Endpoint("POST", "/cards/{id}/idLabels", add_card_label),
    Endpoint("POST", "/cards/{id}/labels", create_card_label),
    Endpoint("DELETE", "/cards/{id}/idLabels/{idLabel}", remove_card_label),
    Endpoint("POST", "/cards/{id}/idMembers", add_card_member),
    Endpoint("DELETE", "/cards/{id}/idMembers/{idMember}", remove_card_member),
    Endpoint("POST", "/cards/{id}/actions/comments", add_comment),
    Endpoint("PUT", "/cards/{id}/actions/{idAction}/comments", put_comment),
    Endpoint("DELETE", "/cards/{id}/actions/{idAction}/comments", remove_comment),
    Endpoint("GET", "/cards/{id}/{field}", get_field),
    Endpoint("PUT", "/cards/{id}/{field}", put_field),
]
