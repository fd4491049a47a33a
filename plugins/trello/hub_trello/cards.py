"""A card as a record; the same whether it came from a board's table, a read of its own, or the answer to a write. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hub.sdk import Record, Touch
from hub_trello.acceptance import shown_acceptance
from hub_trello.board import Board
from hub_trello.custom import shown_custom
from hub_trello.history import FILLING, NO_HISTORY, History
from hub_trello.layout import items_of

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
"""What a record is made from, besides attachments, checklists and custom values."""
ID_LENGTH = 24
NOT_CARDS = frozenset({"mirror", "separator"})
"""Roles of things that lie among the cards: mirrors repeat a card of elsewhere, separators are lines."""


def is_requirement(card: Mapping[str, Any]) -> bool:
    """Whether a card is one of its own, and no template."""
    return card.get("cardRole") not in NOT_CARDS and not card.get("isTemplate")


def version_of(fields: Mapping[str, Any]) -> str:
    """Sixteen hex digits that change with anything of *fields*."""
    return _hash(fields)[:16]


def made_at(number: str) -> datetime:
    """When the thing with this id was made, to the second: its first eight hex digits (API introduction, "Object IDs")."""
    return datetime.fromtimestamp(int(number[:8], 16), UTC)


def is_id(number: str) -> bool:
    """Whether anything of the service can have this id: 24 hex digits."""
    return len(number) == ID_LENGTH and set(number.lower()) <= set("0123456789abcdef")


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
        version=_version(fields, archived),
        key=card.get("shortLink"),
        url=card.get("shortUrl"),
        touched=history.last,
        touches={**history.fields, **_left_empty(fields, history)},
        marker=marker,
        archived=archived,
        extra=_extra(card, board),
        edits=history.edits,
    )


def with_parts(record: Record, base: Record) -> Record:
    """*record*, which was made from a card without its checklists and custom values, with those that *base* shows."""
    parts = {name: base.fields[name] for name in ("acceptance", "custom") if name in base.fields}
    kept = {name: base.extra[name] for name in ("checklist", "places", "custom") if name in base.extra}
    fields = {**record.fields, **parts}
    return replace(record, fields=fields, version=_version(fields, record.archived), extra={**record.extra, **kept})


def _version(fields: Mapping[str, Any], archived: bool) -> str:
    return _hash([fields, archived])[:16]


def half_made(record: Record, history: History) -> Record:
    """*record* with whoever made the card as the one who wrote its criteria, if all of them are as old as the card.

    A card that our own account began is so known to be half made, should its making have been broken off. The service
    does not tell of later edits of items, so this is said only of single cards that are looked at on purpose.
    """
    made = made_at(record.id) if history.began else None
    items = record.fields["acceptance"]
    if not history.began or not made or any(made_at(str(item["id"])) - made > FILLING for item in items):
        return record
    return replace(record, touches={"acceptance": history.began, **record.touches})


def _left_empty(fields: Mapping[str, Any], history: History) -> dict[str, Touch]:
    """Who left those fields empty that nobody has filled since the card was made."""
    values = [each.get("value") for each in fields["custom"].values()]
    empty = {"acceptance": not fields["acceptance"], "custom": all(value is None for value in values)}
    return {name: touch for name, touch in history.bare.items() if empty[name]}


def _extra(card: Mapping[str, Any], board: Board) -> dict[str, Any]:
    """What a write needs beside the fields: ids, the places of the criteria, custom values as the service has them."""
    checklist = board.layout.acceptance_of(card)
    return {
        "idLabels": [str(each) for each in card.get("idLabels") or ()],
        "idList": str(card["idList"]),
        "checklist": str(checklist["id"]) if checklist else None,
        "places": {str(item["id"]): float(item.get("pos") or 0) for item in items_of(checklist)},
        "custom": list(card.get("customFieldItems") or ()),
    }


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
        "acceptance": shown_acceptance(card, board),
        "custom": shown_custom(card, board),
    }


def _archived(card: Mapping[str, Any], board: Board) -> bool:
    return bool(card.get("closed")) or board.list_closed(str(card["idList"]))


def _hash(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
