"""A card as a record; the same whether it came from a board's table, a read of its own, or the answer to a write. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hub.sdk import Record
from hub_trello.board import Board
from hub_trello.history import NO_HISTORY, History

THIN_FIELDS = (
    "name",
    "due",
    "start",
    "dueComplete",
    "closed",
    "idList",
    "idMembers",
    "idLabels",
    "dateLastActivity",
    "isTemplate",
    "cardRole",
)
"""What tells whether a card changed. A changed description moves `dateLastActivity`; labels may not, so they are here."""
CARD_FIELDS = (*THIN_FIELDS, "desc", "idBoard", "shortLink", "shortUrl")
"""What a record is made from, besides attachments."""
NOT_CARDS = frozenset({"mirror", "separator"})
"""Roles of things that lie among the cards: mirrors repeat a card of elsewhere, separators are lines."""


def is_requirement(card: Mapping[str, Any]) -> bool:
    """Whether a card is one of its own, and no template."""
    return card.get("cardRole") not in NOT_CARDS and not card.get("isTemplate")


def instant(text: str) -> datetime:
    """A moment as the service writes it, `2026-11-01T10:02:33.123Z`."""
    return datetime.fromisoformat(text).astimezone(UTC)


def digest(card: Mapping[str, Any], board: Board) -> str:
    """Eight hex digits that change with anything of the thin card a record shows, and with its last activity."""
    return _hash([_fields(card, board), _archived(card, board), card.get("dateLastActivity")])[:8]


def card_record(card: Mapping[str, Any], board: Board, *, marker: str | None, history: History = NO_HISTORY) -> Record:
    """The record of a card that was read with `CARD_FIELDS`.

    The version is a hash of what is shown, because `dateLastActivity` does not move with every change; positions are
    left out, because the service renumbers them by itself.
    """
    fields = {**_fields(card, board), "desc": str(card.get("desc") or ""), "board": str(card["idBoard"])}
    archived = _archived(card, board)
    return Record(
        id=str(card["id"]),
        fields=fields,
        version=_hash([fields, archived])[:16],
        key=card.get("shortLink"),
        url=card.get("shortUrl"),
        touched=history.last,
        touches=history.fields,
        marker=marker,
        archived=archived,
        extra={"idLabels": [str(each) for each in card.get("idLabels") or ()], "idList": str(card["idList"])},
    )


def _fields(card: Mapping[str, Any], board: Board) -> dict[str, Any]:
    return {
        "name": str(card.get("name") or ""),
        "list": board.list_name(str(card["idList"])),
        "due": card.get("due"),
        "start": card.get("start"),
        "members": [board.person(number) for number in sorted(map(str, card.get("idMembers") or ()))],
        "labels": board.label_names(map(str, card.get("idLabels") or ())),
        "closed": bool(card.get("closed")),
        "dueComplete": bool(card.get("dueComplete")),
    }


def _archived(card: Mapping[str, Any], board: Board) -> bool:
    return bool(card.get("closed")) or board.list_closed(str(card["idList"]))


def _hash(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
