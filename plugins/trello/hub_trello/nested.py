"""Kinds whose records are parts of cards: checklist items, attached files. Their ids are `CARD/PART`."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar

from hub.sdk import Absence, Cursor, Kind, Page, Record
from hub_trello.board import Board
from hub_trello.cards import is_requirement
from hub_trello.history import newest
from hub_trello.holder import Holder
from hub_trello.looking import Look, Looking
from hub_trello.reading import Reader

IN_PAGE = 500
DIGEST = 8
"""Hex digits of a version that a cursor remembers."""

Json = Mapping[str, Any]


def part_id(card: Json, part: Json) -> str:
    """The id of a part: the service asks for it by its card."""
    return f"{card['id']}/{part['id']}"


def split(remote: str) -> tuple[str, str]:
    """The card and the part of an id."""
    card, _, part = remote.partition("/")
    return card, part


class Nested(Holder):
    """Parts of a board's cards.

    Args:
        reader: Reads cards.
        looking: Looks at the board for all kinds.
    """

    kind: ClassVar[Kind]

    def __init__(self, reader: Reader, looking: Looking) -> None:
        self._reader, self._looking = reader, looking

    @abstractmethod
    def records(self, card: Json, board: Board, actions: Sequence[Json]) -> list[Record]:
        """The records on a card that was read with its parts; *actions* may tell who changed them."""

    async def changes(self, cursor: Cursor | None, *, full: bool) -> AsyncIterator[Page]:
        """What changed; the look at the board that the cards were read with is enough.

        A cursor is `{"action", "cards": {CARD: {PART: digest}}}`.
        """
        known = _flat(cursor.get("cards") or {}) if cursor and not full else {}
        since = str(cursor.get("action") or "") or None if cursor else None
        look = await self._looking.look(self.kind, since)
        now = self._shown(look)
        fresh = [record for record in now.values() if known.get(record.id) != record.version[:DIGEST]]
        kept = dict(known)
        for at in range(0, len(fresh), IN_PAGE):
            page = fresh[at : at + IN_PAGE]
            kept |= {record.id: record.version[:DIGEST] for record in page}
            yield Page(page, _cursor(since or "", kept), total=len(fresh))
        reached = newest(look.actions, least=since or "")
        final = {number: record.version[:DIGEST] for number, record in now.items()}
        yield Page((), _cursor(reached, final), gone=sorted(known.keys() - now.keys()))

    def _shown(self, look: Look) -> dict[str, Record]:
        cards = (card for card in look.cards if is_requirement(card))
        return {record.id: record for card in cards for record in self.records(card, look.board, look.actions)}

    async def fetch(self, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """Parts by id, through their cards; ten of these to a call."""
        found = await self._states(split(each)[0] for each in ids)
        board = await self._reader.tables.board()
        shown = {
            record.id: record
            for state in found.values()
            if not isinstance(state, Absence)
            for record in self.records(state, board, state.get("actions") or ())
        }
        return {each: shown.get(each) or self._absence(each, found[split(each)[0]]) for each in ids}

    @abstractmethod
    async def _states(self, cards: Any) -> dict[str, Json | Absence]:
        """The cards as `records` wants them."""

    def _absence(self, remote: str, card: Json | Absence) -> Absence:
        """Why a part is not among those of its card."""
        del remote
        return card if isinstance(card, Absence) else Absence.DELETED


def _cursor(action: str, digests: Mapping[str, str]) -> Cursor:
    cards: dict[str, dict[str, str]] = {}
    for number, digest in digests.items():
        card, part = split(number)
        cards.setdefault(card, {})[part] = digest
    return {"action": action, "cards": cards}


def _flat(cards: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {f"{card}/{part}": digest for card, parts in cards.items() for part, digest in parts.items()}
