"""Acceptance criteria as the items of a checklist: what a card shows, and what has to be sent so that it shows others. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub_trello.board import Board
from hub_trello.layout import items_of
from hub_trello.mapping import DONE, OPEN

STEP = 16_384.0
"""How far apart the service puts items."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One item to be changed, made (no *item*) or deleted (no *body*)."""

    item: str | None
    body: Mapping[str, Any] | None


def shown_acceptance(card: Json, board: Board) -> list[dict[str, Any]]:
    """The criteria of a card that was read with its checklists, from the top."""
    return [
        {"id": str(item["id"]), "text": str(item.get("name") or ""), "met": item.get("state") == DONE}
        for item in items_of(board.layout.acceptance_of(card))
    ]


def steps(had: Sequence[Json], wanted: Sequence[Json], places: Mapping[str, float]) -> list[Step]:
    """What turns the items *had* into those *wanted*: deletions first, then the others from the top.

    Args:
        places: The positions of the items that are there.
    """
    before = {str(item["id"]): item for item in had}
    kept = [number if (number := str(item.get("id") or "")) in before else None for item in wanted]
    gone = [Step(number, None) for number in before if number not in kept]
    found = arranged([places.get(number, 0.0) if number else None for number in kept])
    told = [
        Step(number, _changes(before[number], item, places.get(number), place) if number else _made(item, place))
        for number, item, place in zip(kept, wanted, found, strict=True)
    ]
    return [*gone, *(step for step in told if step.body)]


def arranged(shown: Sequence[float | None]) -> list[float]:
    """Growing positions for items in the order wanted; one that has a place there already keeps it if it can."""
    found: list[float] = []
    last = 0.0
    for at, place in enumerate(shown):
        last = place if place is not None and place > last else _between(last, shown[at + 1 :])
        found.append(last)
    return found


def _between(last: float, following: Sequence[float | None]) -> float:
    """A place behind *last*, and before the first of those *following* that is behind it too."""
    ahead = next((each for each in following if each is not None and each > last), None)
    return (last + ahead) / 2 if ahead is not None else last + STEP


def _made(item: Json, place: float) -> dict[str, Any]:
    return {"name": str(item.get("text") or ""), "checked": bool(item.get("met")), "pos": place}


def _changes(before: Json, item: Json, place: float | None, wanted: float) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    if before.get("text") != item.get("text"):
        changed["name"] = str(item.get("text") or "")
    if bool(before.get("met")) != bool(item.get("met")):
        changed["state"] = DONE if item.get("met") else OPEN
    if place is not None and place != wanted:
        changed["pos"] = wanted
    return changed
