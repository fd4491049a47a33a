"""Members and tokens, and single actions."""

from typing import Any

from hub_trello.sandbox import actions, nesting, views
from hub_trello.sandbox.answers import Refusal, not_found
from hub_trello.sandbox.boards import action_page
from hub_trello.sandbox.call import Call
from hub_trello.sandbox.cards import comment_text, delete_comment, edit_comment
from hub_trello.sandbox.ids import instant
from hub_trello.sandbox.serving import Endpoint
from hub_trello.sandbox.world import Account, Json


def _member(call: Call) -> Json:
    asked = call.path["id"]
    if asked == "me":
        return call.who.member
    for each in call.world.members.values():
        if asked in (each["id"], each["username"]):
            return each
    raise not_found("model not found")


def get_member(call: Call) -> Json:
    """A member by id, user name or `me`."""
    member = _member(call)
    shown = views.member(call.world, member, itself=member is call.who.member)
    answer = views.pick(shown, call.params.get("fields"))
    if nesting.asked(call.params.get("boards")):
        boards = _boards(call, member, str(call.params["boards"]))
        answer = {
            **answer,
            "boards": [views.pick(views.board(each), call.params.get("board_fields")) for each in boards],
        }
    return answer


def _boards(call: Call, member: Json, kind: str) -> list[Json]:
    mine = [each for each in call.world.boards.values() if call.world.is_member(each, member["id"])]
    seen = [each for each in mine if call.world.is_member(each, call.who.member["id"])]
    if kind in ("open", "closed"):
        return [each for each in seen if each["closed"] is (kind == "closed")]
    return seen


def get_boards(call: Call) -> list[Json]:
    """The boards of a member that the caller can see, closed ones too unless `filter` says otherwise."""
    boards = _boards(call, _member(call), call.path.get("filter") or str(call.params.get("filter") or "all"))
    return [nesting.show_board(call.world, each, call.params, "all") for each in boards]


def get_cards(call: Call) -> list[Json]:
    """The cards that a member is on."""
    member = _member(call)
    boards = {each["id"] for each in _boards(call, member, "all")}
    cards = [
        each for each in call.world.cards.values() if member["id"] in each["idMembers"] and each["idBoard"] in boards
    ]
    kept = nesting.cards_kept(call.world, cards, str(call.params.get("filter") or "visible"))
    return [nesting.show_card(call.world, each, call.params) for each in nesting.card_page(kept, call.params)]


def get_organizations(_call: Call) -> list[Json]:
    """No member is in a workspace here."""
    return []


# tokens ---------------------------------------------------------------------------------------------------------------


def account_of(call: Call) -> Account:
    """The account whose token the path names; one's own only. Raises Refusal."""
    found = call.world.accounts.get(call.path["token"])
    if found is None:
        raise not_found("token not found")
    if found.member is not call.who.member:
        raise Refusal(401, "unauthorized permission requested")
    return found


def get_token(call: Call) -> Json:
    """What a token may do, for which application and member."""
    account = account_of(call)
    permission = [
        {"idModel": "*", "modelType": kind, "read": True, "write": True} for kind in ("Board", "Organization")
    ]
    shown = {
        "id": account.token_id,
        "identifier": account.identifier,
        "idMember": account.member["id"],
        "dateCreated": instant(account.created),
        "dateExpires": instant(account.expires) if account.expires else None,
        "permissions": permission,
    }
    return views.pick(shown, call.params.get("fields"))


def get_token_member(call: Call) -> Json:
    """The member of a token."""
    return views.pick(views.member(call.world, account_of(call).member, itself=True), call.params.get("fields"))


def delete_token(call: Call) -> Json:
    """Revoke a token; its webhooks go with it."""
    account = account_of(call)
    del call.world.accounts[account.token]
    for identifier in [key for key, hook in call.world.webhooks.items() if hook["_token"] == account.token]:
        del call.world.webhooks[identifier]
    return {"_value": None}


# actions --------------------------------------------------------------------------------------------------------------


def get_action(call: Call) -> Json:
    """One action, even of a type that lists leave out."""
    return actions.show_asked(call.world, call.action(), call.params, display=call.flag("display", default=True))


def put_action(call: Call) -> Json:
    """Change a comment's text."""
    return edit_comment(call, call.action(), comment_text(call))


def put_text(call: Call) -> Json:
    """Change a comment's text to `value`."""
    return edit_comment(call, call.action(), comment_text(call, "value"))


def remove_action(call: Call) -> Json:
    """Delete a comment."""
    return delete_comment(call, call.action())


def get_member_actions(call: Call) -> list[Json]:
    """What a member did on boards that the caller can see."""
    member = _member(call)
    boards = _boards(call, call.who.member, "all")
    found = [each for board in boards for each in call.world.actions_of_board(board["id"])]
    return action_page(call, [each for each in found if each["idMemberCreator"] == member["id"]], "all")


def get_action_member(call: Call) -> Any:
    """Who did it."""
    return nesting.show_member(
        call.world, call.world.members[call.action()["idMemberCreator"]], call.params.get("fields")
    )


ENDPOINTS = [
    Endpoint("GET", "/members/{id}", get_member),
    Endpoint("GET", "/members/{id}/boards", get_boards),
    Endpoint("GET", "/members/{id}/boards/{filter}", get_boards),
    Endpoint("GET", "/members/{id}/cards", get_cards),
    Endpoint("GET", "/members/{id}/actions", get_member_actions),
    Endpoint("GET", "/members/{id}/organizations", get_organizations),
    Endpoint("GET", "/tokens/{token}", get_token),
    Endpoint("GET", "/tokens/{token}/member", get_token_member),
    Endpoint("DELETE", "/tokens/{token}/", delete_token),
    Endpoint("GET", "/actions/{id}", get_action),
    Endpoint("PUT", "/actions/{id}", put_action),
    Endpoint("PUT", "/actions/{id}/text", put_text),
    Endpoint("DELETE", "/actions/{id}", remove_action),
    Endpoint("GET", "/actions/{id}/memberCreator", get_action_member),
]
