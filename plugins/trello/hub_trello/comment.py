"""One comment: an action of the service as a record, and the text that is sent. Pure."""

from collections.abc import Mapping
from typing import Any

from hub.sdk import Account, Record, Touch, signed, unsigned
from hub_trello.board import Board
from hub_trello.cards import instant, version_of
from hub_trello.history import card_of
from hub_trello.looking import COMMENTS

ENDS_WITH = "UTC:"
"""Every line above a text of ours tells the time: a text that begins with **Note:** is never taken for one."""

Json = Mapping[str, Any]


def is_comment(action: Json) -> bool:
    """Whether an action is a comment on a card."""
    return action.get("type") in COMMENTS and bool(card_of(action))


def comment_record(action: Json, board: Board, me: str) -> Record:
    """The record of a comment. The line that says who wrote it counts only where our own account *me* posted it."""
    said = str(action["data"].get("text") or "")
    who, at = _creator(action, board), str(action["date"])
    text, author = _unsigned(said) if who["id"] == me else (said, None)
    fields = {"body": text, "author": author or who, "at": at, "parent": card_of(action)}
    edited = instant(str(action["data"].get("dateLastEdited") or at))
    return Record(
        id=str(action["id"]),
        fields=fields,
        version=version_of(fields),
        touched=Touch(Account(who["id"], who.get("name", "")), edited),
        extra={"line": said[: len(said) - len(text)] if author else "", "said": said, "creator": who["id"]},
    )


def _creator(action: Json, board: Board) -> dict[str, str]:
    """Who posted it; somebody who has left the board is known from the action alone."""
    creator = action.get("memberCreator") or {}
    number = str(action.get("idMemberCreator") or creator.get("id") or "")
    known = board.person(number)
    return known if known["name"] else {**known, "name": str(creator.get("fullName") or "")}


def _unsigned(said: str) -> tuple[str, dict[str, Any] | None]:
    text, author = unsigned(said)
    if author is None or not said[: len(said) - len(text)].rstrip().endswith(ENDS_WITH):
        return said, None
    return text, author


def text_of(fields: Json, me: str) -> str:
    """What a new comment says: under a line that names its author, unless our own account *me* is that."""
    body, author, at = str(fields.get("body") or ""), fields.get("author"), fields.get("at")
    own = isinstance(author, Mapping) and author.get("id") == me
    return body if own or not at else signed(body, author, str(at))
