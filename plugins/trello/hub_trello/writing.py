"""Writing cards: one call for each, whatever the number of fields; criteria and custom values take more."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from hub.sdk import (
    Account,
    AnswerLost,
    Delayed,
    Draft,
    Outcome,
    Patch,
    Record,
    Refusal,
    Refused,
    ServiceError,
    SignInRejected,
    Touch,
    Transient,
    Unknown,
    Written,
)
from hub_trello.board import Board, color_called
from hub_trello.cards import card_record, instant, with_parts
from hub_trello.client import TrelloClient
from hub_trello.filling import FILLED, Filling
from hub_trello.history import NO_HISTORY, History
from hub_trello.marker import marker_link
from hub_trello.outcomes import outcomes
from hub_trello.reading import Reader

Body = dict[str, Any]
PLAIN = ("name", "desc", "due", "start", "closed", "dueComplete")
"""Fields of a record that a card calls the same; the others are told by ids."""
EMPTY = {"name": "", "desc": "", "closed": False, "dueComplete": False}
"""What "nothing" is in fields that cannot be null."""
SILENT = frozenset({"labels", "acceptance", "custom"})
"""What does not move a card's last activity, or is written by calls of its own."""


class Writer:
    """Writes to one board.

    Args:
        client: The way to the service.
        reader: Knows the board's lists, labels and members.
        me: The account that writes, if it is known.
        color: The colour of labels that have to be made.
    """

    def __init__(self, client: TrelloClient, reader: Reader, me: Account | None, color: str | None) -> None:
        self._client, self._reader, self._me, self._color = client, reader, me, color
        self._tables, self._filling = reader.tables, Filling(client, reader.tables)
        self._made: dict[str, str] = {}

    async def create(self, drafts: Sequence[Draft]) -> list[Outcome]:
        """Make a card for each draft; the marker is made by the same call."""
        await self._know([draft.fields for draft in drafts])
        faults = await self._make_labels(draft.fields.get("labels") or () for draft in drafts)
        return await outcomes([self._create(draft, faults) for draft in drafts])

    async def update(self, patches: Sequence[Patch]) -> list[Outcome]:
        """Change cards, each with one call; a record that comes without its label ids is read again before."""
        await self._know([patch.fields for patch in patches])
        faults = await self._make_labels(_added(patch, "labels") for patch in patches)
        bare = [patch.id for patch in patches if "labels" in patch.fields and "idLabels" not in patch.base.extra]
        fresh = await self._reader.cards(bare) if bare else {}
        return await outcomes([self._update(patch, faults, fresh.get(patch.id)) for patch in patches])

    async def delete(self, numbers: Sequence[str]) -> list[Outcome | None]:
        """Delete cards; one that is not there is deleted already."""
        return await outcomes([self._delete(number) for number in numbers])

    # one card

    async def _create(self, draft: Draft, faults: Mapping[str, ServiceError]) -> Outcome:
        wanted = set(draft.fields.get("labels") or ())
        if held := _first(faults, wanted):
            return _not_done(held)
        board = await self._tables.board()
        place = self._place(board, draft.fields.get("list"))
        if isinstance(place, Refusal):
            return place
        body = {name: value for name, value in _plain(draft.fields).items() if value is not None}
        members = [board.member_called(str(each["id"])) for each in draft.fields.get("members") or ()]
        labels = [self._label(board, name) for name in sorted(wanted)]
        body |= {"idList": place, "idMembers": _once(members), "idLabels": _once(labels), "pos": "bottom"}
        body = {"name": "", **body, "urlSource": marker_link(draft.marker)}
        card = await self._client.write("POST", "/cards", body)
        if not card:
            return Unknown(AnswerLost("a card may have been made: the answer was empty"))
        if not draft.fields.keys() & FILLED:
            return Written(await self._shown(card, draft.marker, draft.fields))
        return await self._fill_new(card, draft)

    async def _fill_new(self, card: Mapping[str, Any], draft: Draft) -> Outcome:
        """The rest of a new card. What fails of it is a refusal in part: the card is there, and the rest is owed."""
        faults = await self._filling.fill(str(card["id"]), draft.fields, None, patient=True)
        record = await self._shown(card, draft.marker, draft.fields)
        try:
            record = await self._again(record, draft.fields)
        except ServiceError as error:
            faults = faults or dict.fromkeys(draft.fields.keys() & FILLED, error.message)
        return Refusal("; ".join(dict.fromkeys(faults.values())), faults, record) if faults else Written(record)

    async def _update(
        self, patch: Patch, faults: Mapping[str, ServiceError], fresh: Mapping[str, Any] | None
    ) -> Outcome:
        if held := _first(faults, _added(patch, "labels")):
            return _not_done(held)
        if "labels" in patch.fields and "idLabels" not in patch.base.extra and fresh is None:
            return Refusal(
                "the card's labels cannot be read, and would be lost by writing", {"labels": "cannot be read"}
            )
        board, body = await self._tables.board(), _plain(patch.fields)
        if "list" in patch.fields:
            place = self._place(board, patch.fields["list"], patch.base)
            if isinstance(place, Refusal):
                return place
            body["idList"] = place
        body |= self._sets(board, patch, fresh)
        fills = bool(patch.fields.keys() & FILLED)
        if not body and not fills:
            return Written(patch.base)
        record = await self._put(patch, body) if body else patch.base
        if record is None:
            return Unknown(AnswerLost("the card may have been changed: the answer was empty", record=patch.id))
        return await self._fill(patch, record, begun=bool(body)) if fills else Written(record)

    async def _put(self, patch: Patch, body: Body) -> Record | None:
        card = await self._client.write("PUT", f"/cards/{patch.id}", body)
        whole = card or (await self._reader.cards([patch.id])).get(patch.id)
        return await self._shown(whole, patch.base.marker, patch.fields, patch.base) if whole else None

    async def _fill(self, patch: Patch, record: Record, *, begun: bool) -> Outcome:
        """The criteria and custom values of a card that is there; broken off, it is unknown how far that came."""
        try:
            faults = await self._filling.fill(patch.id, patch.fields, patch.base)
            record = await self._again(record, patch.fields)
        except SignInRejected as error:
            return Unknown(AnswerLost(error.message, record=patch.id)) if begun else Delayed(error)
        except (Transient, AnswerLost) as error:
            return Unknown(AnswerLost(error.message, record=patch.id))
        if not faults:
            return Written(record)
        done = begun or record.version != patch.base.version
        return Refusal("; ".join(dict.fromkeys(faults.values())), faults, record if done else None)

    async def _again(self, record: Record, fields: Mapping[str, Any]) -> Record:
        """A card that was just written, as it is now. Raises ServiceError."""
        return await self._reader.record(record.id, record.marker, self._told(record.touched, fields))

    async def _delete(self, number: str) -> None:
        await self._client.gone(f"/cards/{number}")

    async def _shown(
        self, card: Mapping[str, Any], marker: str | None, fields: Mapping[str, Any], base: Record | None = None
    ) -> Record:
        """What the answer to a write shows: all fields of the card, and no parts of it, which are those of *base* still."""
        at = card.get("dateLastActivity")
        touch = Touch(self._me, instant(at)) if self._me and at and fields.keys() - SILENT else None
        record = card_record(
            card, await self._tables.board_for([card]), marker=marker, history=self._told(touch, fields)
        )
        return record if base is None else with_parts(record, base)

    def _told(self, touch: Touch | None, fields: Mapping[str, Any]) -> History:
        return History(touch, dict.fromkeys(sorted(fields.keys() - SILENT), touch)) if touch else NO_HISTORY

    # ids for names

    def _place(self, board: Board, name: str | None, base: Record | None = None) -> str | Refusal:
        """The list to put a card on; a new card of no given list goes on the leftmost one."""
        if name is None and base is None and (lists := board.open_lists()):
            return str(lists[0]["id"])
        staying = str(base.extra.get("idList") or "") if base else None
        if name and (number := board.list_called(name, staying=staying)):
            return number
        there = ", ".join(board.names_of_open_lists()) or "none"
        said = f"the board has no open list called {name!r}; it has: {there}"
        return Refusal(said, {"list": said})

    def _sets(self, board: Board, patch: Patch, fresh: Mapping[str, Any] | None) -> Body:
        """`idMembers` and `idLabels` as whole sets, which is how the service takes them: the base's, plus and minus."""
        body = Body()
        if "members" in patch.fields:
            body["idMembers"] = _once(board.member_called(str(p["id"])) for p in patch.fields["members"] or ())
        if "labels" in patch.fields:
            had = (fresh or patch.base.extra).get("idLabels") or ()
            wanted = set(patch.fields["labels"] or ())
            dropped = set(patch.base.fields.get("labels") or ()) - wanted
            kept = [number for number in had if not dropped.intersection(board.label_names([number]))]
            body["idLabels"] = _once([*kept, *(self._label(board, name) for name in sorted(_added(patch, "labels")))])
        return body

    async def _know(self, wanted: Sequence[Mapping[str, Any]]) -> None:
        """Read the tables again if a list or label that is wanted is not in them: somebody may just have made it."""
        board = await self._tables.board()
        lists = {fields["list"] for fields in wanted if fields.get("list")}
        labels = {name for fields in wanted for name in fields.get("labels") or ()}
        known = all(map(board.list_called, lists)) and all(map(board.label_called, labels))
        if not known:
            await self._tables.board(fresh=True)

    async def _make_labels(self, wanted: Any) -> dict[str, ServiceError]:
        """Make every label that is wanted and missing, once; the errors of those that could not be made."""
        board = await self._tables.board()
        missing = sorted({name for names in wanted for name in names if board.label_called(name) is None})
        made = await asyncio.gather(*map(self._make_label, missing))
        return {name: error for name, error in zip(missing, made, strict=True) if error}

    async def _make_label(self, name: str) -> ServiceError | None:
        color = color_called(name)
        given = {"name": "", "color": color} if color else {"name": name, "color": self._color}
        try:
            label = await self._client.write("POST", "/labels", {**given, "idBoard": self._tables.id})
        except SignInRejected:
            raise
        except ServiceError as error:
            return error
        if not label:
            return AnswerLost(f"the label {name!r} may have been made: the answer was empty")
        self._tables.learn(label)
        self._made[name] = str(label["id"])  # by the name asked for: the service may have trimmed it
        return None

    def _label(self, board: Board, name: str) -> str | None:
        return board.label_called(name) or self._made.get(name)


def _plain(fields: Mapping[str, Any]) -> Body:
    """The fields that are sent as they are; JSON null clears a date."""
    return {name: EMPTY.get(name) if fields[name] is None else fields[name] for name in PLAIN if name in fields}


def _added(patch: Patch, name: str) -> set[str]:
    return set(patch.fields.get(name) or ()) - set(patch.base.fields.get(name) or ()) if name in patch.fields else set()


def _once(numbers: Any) -> list[str]:
    """Each id once: the service refuses a list that names one twice."""
    return list(dict.fromkeys(number for number in numbers if number))


def _first(faults: Mapping[str, ServiceError], names: set[str]) -> ServiceError | None:
    return next((faults[name] for name in sorted(names) if name in faults), None)


def _not_done(error: ServiceError) -> Outcome:
    """The outcome for a card that was not written because of a label."""
    return Refusal(error.message, {"labels": error.message}) if isinstance(error, Refused) else Delayed(error)
