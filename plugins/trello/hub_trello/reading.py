"""Reading a board: all of it, what changed, and single cards."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from hub.sdk import Absence, Cursor, Kind, NotFound, Page, PermissionLost, Record, Refused, ServiceError
from hub_trello.board import Board
from hub_trello.cards import CARD_FIELDS, card_record, digest, half_made, is_id, is_requirement
from hub_trello.client import BATCH, TrelloClient, address
from hub_trello.history import (
    ENDING,
    LIST_LEAVING,
    NO_HISTORY,
    SHOWING,
    History,
    card_of,
    deleted_cards,
    histories,
    newest,
)
from hub_trello.looking import FILES, LINKS, Look, Looking, parts_of
from hub_trello.marker import marker_of
from hub_trello.tables import LIMIT, Tables, whole

IN_PAGE = 100
"""Changed cards in one page of an incremental reading."""
PAGE_COST = 3
"""How many batches of ten one page of a thousand whole cards is worth."""

LIGHT = 500_000
"""Characters in the descriptions of a board up to which a poll reads all cards whole: then what changed, such as an echo
of our own writes, costs no further call. A poll of a heavier board reads a thin table, and then what changed in it."""

INVALID_ID = "invalid id"
"""What the service says of something that cannot be an id."""

Json = Mapping[str, Any]


class Reader:
    """Reads one board.

    Args:
        client: The way to the service.
        tables: The tables of the board.
        looking: Looks at the board for all kinds.
    """

    def __init__(self, client: TrelloClient, tables: Tables, looking: Looking) -> None:
        self._client, self.tables, self._looking = client, tables, looking

    # changes

    async def changes(self, cursor: Cursor | None) -> AsyncIterator[Page]:
        """What changed since *cursor*, or all there is.

        A quiet board of fewer than 1,000 cards costs one call; a bigger one one more for every further 1,000.
        """
        pages = self._changed(cursor) if cursor and "cards" in cursor else self._all()
        async for page in pages:
            yield page

    async def _all(self) -> AsyncIterator[Page]:
        """Every card, newest first. The actions are read before the cards, so that the cursor misses none."""
        *tables, actions = await self._client.batch([*self.tables.paths(), self._looking.actions_path()])
        whole([actions])
        told, action = histories(actions, self.tables.keep(tables).name_of), newest(actions)
        digests: dict[str, str] = {}
        first, text = True, 0
        async for cards in self._looking.pages(CARD_FIELDS, self._parts):
            board = await self.tables.board_for(cards)
            kept = [card for card in cards if is_requirement(card)]
            digests |= {str(card["id"]): digest(card, board) for card in kept}
            text += _text(cards)
            records = [self._record(card, board, told.get(str(card["id"]), NO_HISTORY)) for card in kept]
            only = first and len(cards) < LIMIT
            yield Page(records, _cursor(action, digests, text), total=len(kept) if only else None)
            first = False

    async def _changed(self, cursor: Cursor) -> AsyncIterator[Page]:
        since, known = str(cursor.get("action") or ""), dict(cursor["cards"])
        text = int(cursor.get("text") or 0)
        look = await self._looking.look(Kind.REQUIREMENT, since, whole_cards=text <= LIGHT)
        text = _text(look.cards) if look.whole else text
        # Should the service count its last action in, it would make the quietest board look busy.
        actions = [each for each in look.actions if str(each["id"]) > since]
        told = histories(actions, look.board.name_of)
        now = {str(card["id"]): digest(card, look.board) for card in look.cards if is_requirement(card)}
        changed = [number for number, seen in now.items() if known.get(number) != seen or number in told]
        vanished = known.keys() - {str(card["id"]) for card in look.cards}
        gone = await self._gone(vanished, actions)
        kept = dict(known)  # with what is gone, until the page that says so
        async for records in self._shown(look, changed, told) if look.whole else self._read(look, changed, told):
            kept |= {record.id: now[record.id] for record in records}
            yield Page(records, _cursor(since, kept, text), total=len(changed))
        # A card that could not be read just now keeps its former digest, and is read with the next poll.
        final = {number: kept[number] for number in now if number in kept}
        yield Page((), _cursor(newest(actions, least=since), final, text), gone=sorted(gone))

    async def _shown(
        self, look: Look, numbers: Sequence[str], told: Mapping[str, History]
    ) -> AsyncIterator[Sequence[Record]]:
        """Records by id, in pieces, from a look at whole cards."""
        cards = {str(card["id"]): card for card in look.cards}
        for at in range(0, len(numbers), IN_PAGE):
            some = numbers[at : at + IN_PAGE]
            yield [self._record(cards[number], look.board, told.get(number, NO_HISTORY)) for number in some]

    async def _read(
        self, look: Look, numbers: Sequence[str], told: Mapping[str, History]
    ) -> AsyncIterator[Sequence[Record]]:
        """Records by id, in pieces; by pages of the whole board where that takes fewer calls."""
        if len(numbers) > BATCH * PAGE_COST * (1 + len(look.cards) // LIMIT):
            wanted = frozenset(numbers)
            async for cards in self._looking.pages(CARD_FIELDS, self._parts):
                board = await self.tables.board_for(cards)
                chosen = [card for card in cards if str(card["id"]) in wanted and is_requirement(card)]
                yield [self._record(card, board, told.get(str(card["id"]), NO_HISTORY)) for card in chosen]
            return
        for at in range(0, len(numbers), IN_PAGE):
            answers = await self._client.batch([self._card_path(number) for number in numbers[at : at + IN_PAGE]])
            cards = [card for card in answers if not isinstance(card, ServiceError) and self._ours(card)]
            board = await self.tables.board_for(cards)
            yield [self._record(card, board, told.get(str(card["id"]), NO_HISTORY)) for card in cards]

    async def _gone(self, vanished: Iterable[str], actions: Iterable[Json]) -> frozenset[str]:
        """What was deleted: told by an action, also of what was made since the last look; else asked for one by one."""
        told = deleted_cards(actions)
        unexplained = sorted(frozenset(vanished) - told)
        absent = await self.fetch(unexplained) if unexplained else {}
        return frozenset(told) | {n for n, state in absent.items() if state is Absence.DELETED}

    # single cards

    async def fetch(self, numbers: Sequence[str]) -> dict[str, Record | Absence]:
        """The present state of each card, with its history; ten to a call."""
        states = await self.states(numbers, actions=SHOWING)
        found: dict[str, Record | Absence] = {}
        for number, state in states.items():
            if isinstance(state, Absence):
                found[number] = state
            else:
                board = await self.tables.board()
                told = histories(state.get("actions") or (), board.name_of).get(str(state["id"]), NO_HISTORY)
                found[number] = half_made(self._record(state, board, told), told)
        return found

    async def states(
        self, numbers: Sequence[str], *, actions: Sequence[str] | None = None, files: bool = False
    ) -> dict[str, Json | Absence]:
        """Cards of this board as the service shows them, or why they cannot be read; ten to a call."""
        wanted = tuple(dict.fromkeys(numbers))
        answers = await self._client.batch([self._card_path(each, actions=actions, files=files) for each in wanted])
        if cards := [card for card in answers if not isinstance(card, ServiceError)]:
            await self.tables.board_for(cards)
        found: dict[str, Json | Absence] = {}
        for number, answer in zip(wanted, answers, strict=True):
            if isinstance(answer, ServiceError):
                found[number] = absence(answer)
            else:
                found[number] = answer if self._ours(answer) else Absence.MOVED
        return found | await self._why([n for n, state in found.items() if state is Absence.DELETED])

    async def cards(self, numbers: Sequence[str]) -> dict[str, Json]:
        """The cards that can be read, as the service shows them."""
        answers = await self._client.batch([self._card_path(number) for number in numbers])
        return {str(card["id"]): card for card in answers if not isinstance(card, ServiceError)}

    async def record(self, number: str, marker: str | None, told: History) -> Record:
        """A card as it is now, just after it was written. Raises ServiceError."""
        (card,) = whole(await self._client.batch([self._card_path(number)]))
        return card_record(card, await self.tables.board_for([card]), marker=marker, history=told)

    async def _why(self, missing: Sequence[str]) -> dict[str, Absence]:
        """What became of cards that are not found, as the board's actions tell it.

        A 404 alone does not tell, as the service also answers so for a private board. Reading the actions also proves that
        the board itself can be seen. What they do not tell of is only hidden, as far as anybody knows.
        """
        if not missing:
            return {}
        actions = await self.endings()
        deleted = deleted_cards(actions)
        left = {card_of(each) for each in actions} - deleted
        # A list that is moved takes its cards along without saying which.
        lists_left = any(each.get("type") == LIST_LEAVING for each in actions)
        told = {n: Absence.MOVED if n in left or lists_left else Absence.HIDDEN for n in missing}
        return told | {n: Absence.DELETED for n in missing if n in deleted or not is_id(n)}

    async def endings(self) -> Sequence[Json]:
        """The actions that tell why cards are not there any more."""
        found = await self._client.get(address(f"{self.tables.root}/actions", filter=ENDING, limit=LIMIT))
        return list(found)

    # markers

    async def find(self, markers: Sequence[str]) -> dict[str, list[str]]:
        """The ids of the cards with each of *markers*, oldest first; archived cards too. Reads the store, so without lag."""
        wanted, found = frozenset(markers), dict[str, list[str]]()
        async for cards in self._looking.pages(("idBoard",), LINKS):
            for card in cards:
                if (marker := marker_of(card)) in wanted and marker:
                    found.setdefault(marker, []).append(str(card["id"]))
        return {marker: sorted(numbers) for marker, numbers in found.items()}

    @property
    def _parts(self) -> dict[str, Any]:
        return {**parts_of(self.tables.layout), **LINKS}

    def _card_path(self, number: str, *, actions: Sequence[str] | None = None, files: bool = False) -> str:
        parts = {**self._parts, **(FILES if files else {})}
        return address(f"/cards/{quote(number, safe='')}", fields=CARD_FIELDS, actions=actions, **parts)

    def _ours(self, card: Json) -> bool:
        return str(card["idBoard"]) == self.tables.id and is_requirement(card)

    def _record(self, card: Json, board: Board, told: History) -> Record:
        return card_record(card, board, marker=marker_of(card), history=told)


def _cursor(action: str, digests: Mapping[str, str], text: int) -> Cursor:
    """How far a board has been read: the youngest action, a digest of every card, and how long all descriptions are."""
    return {"action": action, "cards": dict(digests), "text": text}


def _text(cards: Iterable[Json]) -> int:
    return sum(len(card.get("desc") or "") for card in cards)


def absence(error: ServiceError) -> Absence:
    """What an answer about one card means; an error that is not about the card alone is raised."""
    if isinstance(error, NotFound) or (isinstance(error, Refused) and INVALID_ID in error.message):
        return Absence.DELETED
    if isinstance(error, PermissionLost):
        return Absence.HIDDEN
    raise error
