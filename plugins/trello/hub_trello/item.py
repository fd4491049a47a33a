"""One checklist item: as a record of a task, and as it is sent. Pure."""

from collections.abc import Mapping
from typing import Any

from hub.sdk import Record, Touch
from hub_trello.board import Board
from hub_trello.cards import version_of
from hub_trello.mapping import DONE, OPEN, UNTITLED
from hub_trello.nested import part_id

PAID = {"due": "due", "idMember": "member"}
"""What an item has in paid workspaces only ("Advanced Checklists"), and the record's fields that stand for it."""

Json = Mapping[str, Any]


def item_record(card: Json, item: Json, board: Board, ticked: Touch | None = None) -> Record:
    """The record of an item; *ticked* says who changed its state last, if that is known."""
    member = str(item.get("idMember") or "")
    fields = {
        "name": str(item.get("name") or ""),
        "state": DONE if item.get("state") == DONE else OPEN,
        "due": item.get("due") or None,
        "member": board.person(member) if member else None,
        "pos": float(item.get("pos") or 0),
        "parent": str(card["id"]),
    }
    return Record(
        id=part_id(card, item),
        fields=fields,
        version=version_of(fields),
        touches={"state": ticked} if ticked else {},
    )


def name_of(fields: Json) -> str:
    """What a new item is called."""
    return str(fields.get("name") or UNTITLED)


def new_item(fields: Json, board: Board) -> dict[str, Any]:
    """The body that makes an item."""
    body: dict[str, Any] = {"name": name_of(fields), "checked": fields.get("state") == DONE}
    body["pos"] = fields["pos"] if fields.get("pos") else "bottom"
    return body | {name: value for name, value in _paid(fields, board).items() if value}


def changed_item(fields: Json, board: Board) -> dict[str, Any]:
    """The body that changes an item."""
    plain = {name: fields[name] for name in ("name", "state", "pos") if name in fields}
    return {name: value for name, value in plain.items() if value is not None} | _paid(fields, board)


def _paid(fields: Json, board: Board) -> dict[str, Any]:
    body: dict[str, Any] = {"due": fields["due"]} if "due" in fields else {}
    if "member" in fields:
        member = fields["member"]
        body["idMember"] = board.member_called(str(member["id"])) if member else None
    return body
