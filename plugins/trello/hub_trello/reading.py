"""Reading a board: all of it, what changed, and single cards."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hub.sdk import Absence, Cursor, NotFound, Page, PermissionLost, Record, Refused, ServiceError
from hub_trello.board import Board
from hub_trello.cards import CARD_FIELDS, THIN_FIELDS, card_record, digest, is_requirement
from hub_trello.client import BATCH, TrelloClient, address
from hub_trello.history import (
    ENDING,
    LIST_LEAVING,
    NO_HISTORY,
    TELLING,
    WATCHED,
    History,
    card_of,
    deleted_cards,
    histories,
    newest,
)
from hub_trello.marker import marker_of

LIMIT = 1_000
"""Most things in one answer (REST guides, "Nested resources")."""
IN_PAGE = 100
"""Changed cards in one page of an incremental reading."""
PAGE_COST = 3
"""How many batches of ten one page of a thousand whole cards is worth."""

INVALID_ID = "invalid id"
"""What the service says of something that cannot be an id."""

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Look:
    """One look at a board: its actions since the last one, its thin card table, and the tables beside it."""

    actions: Sequence[Json]
    cards: Sequence[Json]
    board: Board


class Reader:
    """Reads one board.

    Args:
        client: The way to the service.
        board: The board's full id.
    """

    def __init__(self, client: TrelloClient, board: str) -> None:
        self._client, self.id = client, board
        self._known: Board | None = None

    @property
    def _root(self) -> str:
        return f"/boards/{self.id}"

    # the tables beside the cards

    async def tables(self, *, fresh: bool = False) -> Board:
        """Lists, labels and members: as they were last read, or read now; one call at most."""
        if self._known is None or fresh:
            self._keep(self._whole(await self._client.batch(self._table_paths())))
        assert self._known is not None
        return self._known

    async def tables_for(self, cards: Iterable[Json]) -> Board:
        """The tables, read again if one of *cards* is on a list or has a label that is not in them."""
        board = await self.tables()
        known = all(board.knows(card) for card in cards if str(card["idBoard"]) == self.id)
        return board if known else await self.tables(fresh=True)

    def learn(self, label: Json) -> None:
        """Take a label in that was just made."""
        if self._known:
            self._known = self._known.with_label(label)

    def _table_paths(self) -> list[str]:
        return [
            address(f"{self._root}/lists", filter="all", fields=("name", "closed", "pos")),
            address(f"{self._root}/labels", limit=LIMIT, fields=("name", "color")),
            address(f"{self._root}/members", fields=("fullName", "username")),
        ]

    def _keep(self, tables: Sequence[Any]) -> Board:
        self._known = Board.of(self.id, *tables)
        return self._known

    def _whole(self, answers: Sequence[Any]) -> Sequence[Any]:
        """*answers*, none of which may be an error: half a board is no board."""
        for answer in answers:
            if isinstance(answer, ServiceError):
                raise answer
        return answers

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
        *tables, actions = self._whole(await self._client.batch([*self._table_paths(), self._actions_path()]))
        told, action = histories(actions, self._keep(tables).name_of), newest(actions)
        digests: dict[str, str] = {}
        first = True
        async for cards in self._pages(CARD_FIELDS, marked=True):
            board = await self.tables_for(cards)
            kept = [card for card in cards if is_requirement(card)]
            digests |= {str(card["id"]): digest(card, board) for card in kept}
            records = [self._record(card, board, told.get(str(card["id"]), NO_HISTORY)) for card in kept]
            whole = first and len(cards) < LIMIT
            yield Page(records, _cursor(action, digests), total=len(kept) if whole else None)
            first = False

    async def _changed(self, cursor: Cursor) -> AsyncIterator[Page]:
        since, known = str(cursor.get("action") or ""), dict(cursor["cards"])
        look = await self._look(since)
        told = histories(look.actions, look.board.name_of)
        now = {str(card["id"]): digest(card, look.board) for card in look.cards if is_requirement(card)}
        changed = [number for number, seen in now.items() if known.get(number) != seen or number in told]
        vanished = known.keys() - {str(card["id"]) for card in look.cards}
        gone = await self._gone(vanished, look.actions)
        kept = dict(known)  # with what is gone, until the page that says so
        async for records in self._records(changed, told, of=len(look.cards)):
            kept |= {record.id: now[record.id] for record in records}
            yield Page(records, _cursor(since, kept), total=len(changed))
        # A card that could not be read just now keeps its former digest, and is read with the next poll.
        final = {number: kept[number] for number in now if number in kept}
        yield Page((), _cursor(newest(look.actions, least=since), final), gone=sorted(gone))

    async def _look(self, since: str) -> Look:
        """One call that sees everything a poll needs, as long as neither actions nor cards are more than 1,000.

        The actions come first: what happens between the two reads is then told by the next poll's actions.
        """
        thin = address(f"{self._root}/cards/all", limit=LIMIT, fields=THIN_FIELDS)
        answers = await self._client.batch([self._actions_path(since), thin, *self._table_paths()])
        actions, cards, *tables = self._whole(answers)
        board = self._keep(tables)
        actions, cards = list(actions), list(cards)
        while len(actions) % LIMIT == 0 and actions:
            older = await self._client.get(self._actions_path(since, before=min(str(a["id"]) for a in actions)))
            if not older:
                break
            actions += older
        if len(cards) >= LIMIT:
            async for more in self._pages(THIN_FIELDS, before=_oldest(cards)):
                cards += more
        if not all(board.knows(card) for card in cards):
            board = await self.tables(fresh=True)
        # Should the service count its last action in, it would make the quietest board look busy.
        return Look([each for each in actions if str(each["id"]) > since], cards, board)

    async def _records(
        self, numbers: Sequence[str], told: Mapping[str, History], *, of: int
    ) -> AsyncIterator[Sequence[Record]]:
        """Records by id, in pieces; by pages of the whole board of *of* cards where that takes fewer calls."""
        if len(numbers) > BATCH * PAGE_COST * (1 + of // LIMIT):
            wanted = frozenset(numbers)
            async for cards in self._pages(CARD_FIELDS, marked=True):
                board = await self.tables_for(cards)
                chosen = [card for card in cards if str(card["id"]) in wanted and is_requirement(card)]
                yield [self._record(card, board, told.get(str(card["id"]), NO_HISTORY)) for card in chosen]
            return
        for at in range(0, len(numbers), IN_PAGE):
            answers = await self._client.batch([self._card_path(number) for number in numbers[at : at + IN_PAGE]])
            cards = [card for card in answers if not isinstance(card, ServiceError) and self._ours(card)]
            board = await self.tables_for(cards)
            yield [self._record(card, board, told.get(str(card["id"]), NO_HISTORY)) for card in cards]

    async def _gone(self, vanished: Iterable[str], actions: Iterable[Json]) -> frozenset[str]:
        """Those of *vanished* that were deleted: told by an action, else asked for one by one."""
        told = deleted_cards(actions)
        unexplained = sorted(frozenset(vanished) - told)
        absent = await self.fetch(unexplained) if unexplained else {}
        return (frozenset(vanished) & told) | {n for n, state in absent.items() if state is Absence.DELETED}

    # single cards

    async def fetch(self, numbers: Sequence[str]) -> dict[str, Record | Absence]:
        """The present state of each card, with its history; ten to a call."""
        wanted = tuple(dict.fromkeys(numbers))
        answers = await self._client.batch([self._card_path(number, actions=TELLING) for number in wanted])
        cards = [card for card in answers if not isinstance(card, ServiceError)]
        board = await self.tables_for(cards) if cards else None
        found: dict[str, Record | Absence] = {}
        for number, answer in zip(wanted, answers, strict=True):
            if isinstance(answer, ServiceError):
                found[number] = _absence(answer)
            elif board and self._ours(answer):
                told = histories(answer.get("actions") or (), board.name_of)
                found[number] = self._record(answer, board, told.get(str(answer["id"]), NO_HISTORY))
            else:
                found[number] = Absence.MOVED
        return found | await self._moved([n for n, state in found.items() if state is Absence.DELETED])

    async def cards(self, numbers: Sequence[str]) -> dict[str, Json]:
        """The cards that can be read, as the service shows them."""
        answers = await self._client.batch([self._card_path(number) for number in numbers])
        return {str(card["id"]): card for card in answers if not isinstance(card, ServiceError)}

    async def _moved(self, missing: Sequence[str]) -> dict[str, Absence]:
        """Those of *missing* that were not deleted but moved to where this account sees nothing.

        A 404 alone does not tell, as the service also answers so for a private board; the board's actions do. Reading
        them also proves that the board itself can be seen.
        """
        if not missing:
            return {}
        path = address(f"{self._root}/actions", filter=ENDING, limit=LIMIT)
        actions = await self._client.get(path)
        deleted = deleted_cards(actions)
        left = {card_of(each) for each in actions} - deleted
        # A list that is moved takes its cards along without saying which.
        lists_left = any(each.get("type") == LIST_LEAVING for each in actions)
        return {n: Absence.MOVED for n in missing if n in left or (lists_left and n not in deleted)}

    # markers

    async def find(self, markers: Sequence[str]) -> dict[str, list[str]]:
        """The ids of the cards with each of *markers*, oldest first; archived cards too. Reads the store, so without lag."""
        wanted, found = frozenset(markers), dict[str, list[str]]()
        async for cards in self._pages(("idBoard",), marked=True):
            for card in cards:
                if (marker := marker_of(card)) in wanted and marker:
                    found.setdefault(marker, []).append(str(card["id"]))
        return {marker: sorted(numbers) for marker, numbers in found.items()}

    # paths

    async def _pages(
        self, fields: Sequence[str], *, marked: bool = False, before: str | None = None
    ) -> AsyncIterator[Sequence[Any]]:
        """All cards with *fields*, newest first, older than the id *before*; *marked*: with their attachments."""
        more = {"attachments": True, "attachment_fields": "url"} if marked else {}
        while True:
            path = address(f"{self._root}/cards/all", limit=LIMIT, before=before, fields=fields, **more)
            cards = await self._client.get(path)
            yield cards
            if len(cards) < LIMIT:
                return
            before = _oldest(cards)

    def _card_path(self, number: str, *, actions: Sequence[str] | None = None) -> str:
        return address(
            f"/cards/{quote(number, safe='')}",
            fields=CARD_FIELDS,
            attachments=True,
            attachment_fields="url",
            actions=actions,
        )

    def _actions_path(self, since: str | None = None, *, before: str | None = None) -> str:
        kinds = {"filter": WATCHED, "fields": ("type", "date", "data", "idMemberCreator")}
        creator = {"member": False, "memberCreator_fields": "fullName"}
        limits = {"limit": LIMIT, "since": since or None, "before": before}
        return address(f"{self._root}/actions", **kinds, **creator, **limits)

    def _ours(self, card: Json) -> bool:
        return str(card["idBoard"]) == self.id and is_requirement(card)

    def _record(self, card: Json, board: Board, told: History) -> Record:
        return card_record(card, board, marker=marker_of(card), history=told)


def _cursor(action: str, digests: Mapping[str, str]) -> Cursor:
    """How far a board has been read: the youngest action, and a digest of every card."""
    return {"action": action, "cards": dict(digests)}


def _oldest(cards: Sequence[Json]) -> str:
    return min(str(card["id"]) for card in cards)


def _absence(error: ServiceError) -> Absence:
    """What an answer about one card means; an error that is not about the card alone is raised."""
    if isinstance(error, NotFound) or (isinstance(error, Refused) and INVALID_ID in error.message):
        return Absence.DELETED
    if isinstance(error, PermissionLost):
        return Absence.HIDDEN
    raise error
