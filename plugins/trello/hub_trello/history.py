"""Who changed what, from a board's or card's actions. Pure.

Labels have no history: `addLabelToCard` and its like reach webhooks but no list endpoint ("Action types", REST guides).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.sdk import NOTHING, Account, Edit, Touch

OLD_KEYS = {
    "name": "name",
    "desc": "desc",
    "due": "due",
    "start": "start",
    "idList": "list",
    "closed": "closed",
    "dueComplete": "dueComplete",
}
"""The keys of `data.old` in an `updateCard`, and the record's fields that they stand for; others (`pos`) are no change."""
MAKING = frozenset({"createCard", "copyCard", "convertToCardFromCheckItem", "moveCardToBoard"})
STAFFING = frozenset({"addMemberToCard", "removeMemberFromCard"})
DELETING = "deleteCard"
VALUING = "updateCustomFieldItem"
LISTING = frozenset({"addChecklistToCard", "removeChecklistFromCard"})
TICKING = "updateCheckItemStateOnCard"
TELLING = ("updateCard", *sorted(MAKING), *sorted(STAFFING), VALUING)
"""The types of action that tell who changed a card's fields."""
SHOWING = (*TELLING, *sorted(LISTING))
"""And those that tell whether a card still has what it was made with."""
WATCHED = (*SHOWING, DELETING, TICKING)
"""The types that a poll asks for."""
LIST_LEAVING = "moveListFromBoard"
ENDING = (DELETING, "moveCardFromBoard", LIST_LEAVING)
"""The types that tell why a card is not there any more."""
ALL_FIELDS = (*OLD_KEYS.values(), "members")
"""What a new card's maker set; not the labels, of which nobody would tell that they were changed later."""

FILLING = timedelta(minutes=5)
"""Longer than it takes to fill a new card."""
FILLED_LATER: Mapping[str, frozenset[str]] = {"acceptance": LISTING, "custom": frozenset({VALUING})}
"""What no card is made with, and the types of action without which it stays empty."""


@dataclass(frozen=True)
class History:
    """Who changed a card last, and each of its fields, as far as the actions reach back.

    Args:
        bare: Whoever made the card, for the fields that nobody could have filled since: so left them empty.
        began: Whoever made the card and, right after, its first checklist.
        edits: The steps of its fields, oldest first.
    """

    last: Touch | None = None
    fields: Mapping[str, Touch] = field(default_factory=dict)
    bare: Mapping[str, Touch] = field(default_factory=dict)
    began: Touch | None = None
    edits: tuple[Edit, ...] = ()


NO_HISTORY = History()


def histories(actions: Iterable[Mapping[str, Any]], name_of: Callable[[str], str]) -> dict[str, History]:
    """The history of every card that *actions*, in any order, say something of; *name_of* knows the board's members."""
    touches: dict[str, dict[str, Touch]] = {}
    bare: dict[str, dict[str, Touch]] = {}
    began: dict[str, Touch] = {}
    edits: dict[str, list[Edit]] = {}
    for action in sorted(actions, key=_age):
        card, changed, kind = card_of(action), changed_fields(action), action.get("type")
        if card and changed and (touch := touch_of(action, name_of)):
            touches.setdefault(card, {}).update(dict.fromkeys(changed, touch))
            edits.setdefault(card, []).extend(edits_of(action, touch))
            if kind in MAKING:
                bare[card] = dict.fromkeys(FILLED_LATER, touch)
        maker = bare.get(card, {}).get("acceptance")
        if maker and kind in LISTING and (touch := touch_of(action, name_of)) and _goes_on(maker, touch):
            began[card] = touch
        for name in FILLED_LATER:
            if kind in FILLED_LATER[name]:
                bare.get(card, {}).pop(name, None)
    return {
        card: History(
            max(fields.values(), key=lambda t: t.at),
            fields,
            bare.get(card, {}),
            began.get(card),
            tuple(edits.get(card, ())),
        )
        for card, fields in touches.items()
    }


def edits_of(action: Mapping[str, Any], touch: Touch) -> list[Edit]:
    """The steps that an action was: `data.old` has the former values of what it changed, `data.card` the new ones.

    Of members it is told who came or went, and not who is there. Custom values are left out: they are one field of a
    record, and each is written by itself. A new card replaced nothing.
    """
    if action.get("type") in STAFFING:
        return [Edit("members", NOTHING, touch)]
    data = action["data"]
    old: Mapping[str, Any] = data.get("old") or {} if action.get("type") == "updateCard" else {}
    if "idList" in old:
        places = [(data.get(place) or {}).get("name", NOTHING) for place in ("listAfter", "listBefore")]
        return [Edit("list", places[0], touch, places[1])]
    card = data.get("card") or {}
    return [Edit(OLD_KEYS[key], card.get(key, NOTHING), touch, old[key]) for key in old if key in OLD_KEYS]


def _goes_on(maker: Touch, touch: Touch) -> bool:
    return touch.who.id == maker.who.id and touch.at - maker.at <= FILLING


def ticks(actions: Iterable[Mapping[str, Any]], name_of: Callable[[str], str]) -> dict[str, Touch]:
    """Who ticked a checklist item last, or took the tick away, by the item's id."""
    told = sorted((each for each in actions if each.get("type") == TICKING), key=_age)
    touched = ((str((each["data"].get("checkItem") or {}).get("id") or ""), touch_of(each, name_of)) for each in told)
    return {item: touch for item, touch in touched if item and touch}


def changed_fields(action: Mapping[str, Any]) -> tuple[str, ...]:
    """The record's fields that an action changed."""
    kind = action.get("type")
    if kind == "updateCard":
        return tuple(OLD_KEYS[key] for key in action["data"].get("old") or () if key in OLD_KEYS)
    if kind in STAFFING:
        return ("members",)
    if kind == VALUING:
        return ("custom",)
    return ALL_FIELDS if kind in MAKING else ()


def deleted_cards(actions: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The cards that *actions* say were deleted."""
    return frozenset(card_of(each) for each in actions if each.get("type") == DELETING) - {""}


def card_of(action: Mapping[str, Any]) -> str:
    """The id of the card an action is about; empty if it is about none."""
    return str((action["data"].get("card") or {}).get("id") or "")


def newest(actions: Iterable[Mapping[str, Any]], *, least: str = "") -> str:
    """The id of the youngest of *actions*, at least *least*. Ids begin with their time, so they sort by age."""
    return max((str(each["id"]) for each in actions), default=least) if actions else least


def _age(action: Mapping[str, Any]) -> tuple[str, str]:
    return str(action.get("date", "")), str(action["id"])


def touch_of(action: Mapping[str, Any], name_of: Callable[[str], str]) -> Touch | None:
    """Who did it and when; None if the action does not say."""
    creator = action.get("memberCreator") or {}
    number = action.get("idMemberCreator") or creator.get("id")
    if not number or not action.get("date"):
        return None
    at = datetime.fromisoformat(str(action["date"])).astimezone(UTC)
    return Touch(Account(str(number), name_of(str(number)) or str(creator.get("fullName") or "")), at)
