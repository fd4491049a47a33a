"""One attached file as a record. Pure."""

import mimetypes
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from hub.sdk import Account, Record, Touch
from hub_trello.board import Board
from hub_trello.cards import instant, version_of
from hub_trello.nested import part_id

ANY_TYPE = "application/octet-stream"

Json = Mapping[str, Any]


def is_file(attachment: Json) -> bool:
    """Whether an attachment has bytes here: links, our markers among them, have none."""
    return bool(attachment.get("isUpload"))


def file_record(card: Json, attachment: Json, board: Board) -> Record:
    """The record of an attached file. Nobody tells its hash."""
    member, at = str(attachment.get("idMember") or ""), attachment.get("date")
    name = str(attachment.get("name") or "")
    author = board.person(member) if member else None
    fields = {
        "name": name,
        "media_type": str(attachment.get("mimeType") or "").strip() or mimetypes.guess_type(name)[0] or ANY_TYPE,
        "size": attachment.get("bytes"),
        "author": author,
        "at": str(at) if at else None,
        "parent": str(card["id"]),
    }
    return Record(
        id=part_id(card, attachment),
        fields=fields,
        version=version_of(fields),
        touched=Touch(Account(member, author["name"]), instant(str(at))) if author and at else None,
        extra={"creator": member},
    )


def stored_name(attachment: Json) -> str:
    """The last part of the address that a file is downloaded from."""
    path = urlsplit(str(attachment.get("url") or "")).path
    return unquote(path.rpartition("/")[2]) or str(attachment.get("fileName") or "file")
