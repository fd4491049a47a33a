"""Tasks: the items of a card's checklists, all but the acceptance criteria.

An item keeps its id wherever on its card it is moved; one that is made a card of its own is gone. Due dates and members
of items are for paid workspaces: where they are refused, the rest is written all the same.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from hub.sdk import (
    Absence,
    AnswerLost,
    Delayed,
    Draft,
    Kind,
    Outcome,
    Patch,
    PermissionLost,
    Record,
    Refusal,
    Refused,
    Unknown,
    Written,
)
from hub_trello.board import Board
from hub_trello.client import TrelloClient
from hub_trello.filling import new_checklist
from hub_trello.history import TICKING, ticks
from hub_trello.holder import card_under, is_since, matched, said_alike
from hub_trello.item import PAID, changed_item, item_record, name_of, new_item
from hub_trello.layout import items_of
from hub_trello.looking import Looking
from hub_trello.nested import Nested, split
from hub_trello.outcomes import checked, outcome, outcomes
from hub_trello.reading import Reader

Json = Mapping[str, Any]
NOT_THERE = "there is no such card on the board"


class Tasks(Nested):
    """The checklist items of one board.

    Args:
        client: The way to the service.
    """

    kind: ClassVar[Kind] = Kind.TASK

    def __init__(self, client: TrelloClient, reader: Reader, looking: Looking) -> None:
        super().__init__(reader, looking)
        self._client = client

    def records(self, card: Json, board: Board, actions: Sequence[Json]) -> list[Record]:
        """The items of every checklist that holds tasks."""
        ticked = ticks(actions, board.name_of)
        return [
            item_record(card, item, board, ticked.get(str(item["id"])))
            for checklist in board.layout.tasks_of(card)
            for item in items_of(checklist)
        ]

    async def _states(self, cards: Iterable[str]) -> dict[str, Json | Absence]:
        return await self._reader.states(list(cards), actions=(TICKING,))

    def _absence(self, remote: str, card: Json | Absence) -> Absence:
        """An item that went to a checklist which holds no tasks was moved."""
        if isinstance(card, Absence):
            return card
        there = {str(item["id"]) for each in card.get("checklists") or () for item in items_of(each)}
        return Absence.MOVED if split(remote)[1] in there else Absence.DELETED

    # writing

    async def create(self, drafts: Sequence[Draft]) -> list[Outcome]:
        """One call each, after one for every ten cards, and one for each card that has no checklist for them yet."""
        cards = await self._states(dict.fromkeys(card for each in drafts if (card := card_under(each))))
        groups: dict[str, list[Draft]] = {}
        for draft in drafts:
            groups.setdefault(card_under(draft), []).append(draft)
        made = await asyncio.gather(*(self._create_on(cards.get(card), some) for card, some in groups.items()))
        became = {
            draft.marker: each
            for some, done in zip(groups.values(), made, strict=True)
            for draft, each in zip(some, done, strict=True)
        }
        return checked([became[draft.marker] for draft in drafts])

    async def _create_on(self, card: Json | Absence | None, drafts: Sequence[Draft]) -> list[Outcome]:
        """One after another, so that they stand in this order."""
        if card is None or isinstance(card, Absence):
            return [Refusal(NOT_THERE, {"parent": NOT_THERE}) for _ in drafts]
        number = await outcome(self._checklist(card))
        if not isinstance(number, str):
            # No item was made, whatever became of the checklist: the next run looks for it again.
            return [Delayed(number.error) if isinstance(number, Unknown) else number for _ in drafts]
        return [await outcome(self._create(card, number, draft)) for draft in drafts]

    async def _checklist(self, card: Json) -> str:
        """The checklist that new tasks go to, made if it is missing."""
        layout = self._reader.tables.layout
        there = layout.for_new_tasks(card)
        return str(there["id"]) if there else await new_checklist(self._client, str(card["id"]), layout.tasks_name)

    async def _create(self, card: Json, checklist: str, draft: Draft) -> Outcome:
        body = new_item(draft.fields, await self._reader.tables.board())
        return await self._write(card, "POST", f"/checklists/{checklist}/checkItems", body)

    async def update(self, patches: Sequence[Patch]) -> list[Outcome]:
        """One call each."""
        return await outcomes([self._update(patch) for patch in patches])

    async def _update(self, patch: Patch) -> Outcome:
        number, item = split(patch.id)
        body = changed_item(patch.fields, await self._reader.tables.board())
        card = {"id": number, "shortUrl": patch.base.url}
        return (
            await self._write(card, "PUT", f"/cards/{number}/checkItem/{item}", body) if body else Written(patch.base)
        )

    async def _write(self, card: Json, method: str, path: str, body: Json) -> Outcome:
        """Write an item; without what only paid workspaces have where the whole is refused."""
        try:
            return await self._written(card, method, path, body)
        except (Refused, PermissionLost) as error:
            plain = {name: value for name, value in body.items() if name not in PAID}
            faults = {PAID[name]: error.message for name in body if name in PAID}
            if not faults or not plain:
                return Refusal(error.message, faults or getattr(error, "fields", {}))
            found = await self._written(card, method, path, plain)
            return Refusal(error.message, faults, found.record) if isinstance(found, Written) else found

    async def _written(self, card: Json, method: str, path: str, body: Json) -> Written | Unknown:
        item = await self._client.write(method, path, body)
        if not item:
            return Unknown(AnswerLost("the item may have been written: the answer was empty"))
        return Written(item_record(card, item, await self._reader.tables.board()))

    async def delete(self, ids: Sequence[str]) -> list[Outcome | None]:
        """One call each."""
        return await outcomes([self._delete(*split(each)) for each in ids])

    async def _delete(self, card: str, item: str) -> None:
        await self._client.gone(f"/cards/{card}/checkItem/{item}")

    async def find(self, drafts: Sequence[Draft], *, since: datetime | None) -> Mapping[str, Sequence[str]]:
        """Items of the same name on the same card, made since then; nobody tells by whom."""
        board = await self._reader.tables.board()
        cards = await self._states(dict.fromkeys(card for each in drafts if (card := card_under(each))))
        shown = [r for card in cards.values() if not isinstance(card, Absence) for r in self.records(card, board, ())]
        new = [record for record in shown if is_since(split(record.id)[1], since)]
        return matched(drafts, sorted(new, key=lambda each: split(each.id)[1]), _alike)


def _alike(shown: Record, draft: Draft) -> bool:
    return shown.fields["parent"] == card_under(draft) and said_alike(shown.fields["name"], name_of(draft.fields))
