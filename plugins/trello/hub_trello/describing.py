"""What a board has, for `hub init` and `hub check`. Pure."""

from collections.abc import Mapping
from typing import Any

from hub.sdk import Account, Description, FieldInfo, Kind
from hub_trello.board import Board, shown_label
from hub_trello.custom import TYPES, options
from hub_trello.mapping import DONE, OPEN

Row = tuple[str, str, str, dict[str, Any]]


def described(board: Board) -> Description:
    """The fields of every kind, with their choices, and the board's members."""
    people = (
        Account(number, str(each.get("fullName") or ""), None, str(each.get("username") or ""))
        for number, each in board.members.items()
    )
    tables = {Kind.REQUIREMENT: _card(board), Kind.TASK: ITEM, Kind.COMMENT: COMMENT, Kind.ATTACHMENT: FILE}
    fields = {
        kind: tuple(FieldInfo(n, label, type_, **more) for n, label, type_, more in rows)
        for kind, rows in tables.items()
    }
    return Description(fields=fields, people=tuple(people), whole=frozenset({Kind.REQUIREMENT}))


def _card(board: Board) -> list[Row]:
    labels = tuple(sorted({shown_label(each) for each in board.labels.values()}))
    return [
        ("name", "Title", "string", {"required": True}),
        ("desc", "Description", "markdown", {}),
        ("list", "List", "choice", {"choices": tuple(board.names_of_open_lists())}),
        ("due", "Due date", "instant", {}),
        ("start", "Start date", "instant", {}),
        ("members", "Members", "people", {}),
        ("labels", "Labels", "labels", {"choices": labels}),
        ("acceptance", f"Checklist {board.layout.acceptance_name!r}", "checklist", {}),
        *(_custom(each) for each in board.custom_in_order() if each.get("type") in TYPES),
    ]


def _custom(field: Mapping[str, Any]) -> Row:
    """A custom field under its name, which the settings may give as well as its id."""
    choices = tuple(text for _, text in options(field))
    kind = "choice" if field["type"] == "list" else TYPES[str(field["type"])]
    name = str(field.get("name") or field["id"])
    return name, f"Custom field {name!r} ({field['id']})", kind, {"choices": choices, "also": (str(field["id"]),)}


ITEM: list[Row] = [
    ("name", "Checklist item", "string", {"required": True}),
    ("state", "State", "choice", {"choices": (OPEN, DONE)}),
    ("due", "Due date (paid workspaces only)", "instant", {}),
    ("member", "Member (paid workspaces only)", "person", {}),
    ("pos", "Position", "number", {}),
    ("parent", "Card", "reference", {"required": True}),
]
COMMENT: list[Row] = [
    ("body", "Text (only of comments by the hub's account can it be changed)", "markdown", {"required": True}),
    ("author", "Author (shown in a line above the text)", "person", {}),
    ("at", "Date", "instant", {}),
    ("parent", "Card", "reference", {"required": True}),
]
FILE: list[Row] = [
    ("name", "File name (cannot be changed)", "string", {"required": True}),
    ("media_type", "Media type", "string", {}),
    ("size", "Bytes", "number", {}),
    ("author", "Member who attached it", "person", {}),
    ("at", "Date", "instant", {}),
    ("parent", "Card", "reference", {"required": True}),
]
