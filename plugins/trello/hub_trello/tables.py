"""The tables beside a board's cards: lists, labels, members, custom fields."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub.sdk import ServiceError, Transient
from hub_trello.board import Board
from hub_trello.client import TrelloClient, address
from hub_trello.layout import Layout

LIMIT = 1_000
"""Most things in one answer (REST guides, "Nested resources")."""
TABLES = 4

Json = Mapping[str, Any]


class Tables:
    """The tables of one board as they were last read.

    Args:
        client: The way to the service.
        board: The board's full id.
        layout: Where the settings say that things are on its cards.
    """

    def __init__(self, client: TrelloClient, board: str, layout: Layout) -> None:
        self._client, self.id, self.layout = client, board, layout
        self._known: Board | None = None

    @property
    def root(self) -> str:
        """What the paths of everything on the board begin with."""
        return f"/boards/{self.id}"

    async def board(self, *, fresh: bool = False) -> Board:
        """The tables as they were last read, or read now; one call at most."""
        if self._known is None or fresh:
            self.keep(await self._client.batch(self.paths()))
        assert self._known is not None
        return self._known

    async def board_for(self, cards: Iterable[Json]) -> Board:
        """The tables, read again if one of *cards* is on a list or has a label that is not in them."""
        board = await self.board()
        known = all(board.knows(card) for card in cards if str(card["idBoard"]) == self.id)
        return board if known else await self.board(fresh=True)

    def learn(self, label: Json) -> None:
        """Take a label in that was just made."""
        if self._known:
            self._known = self._known.with_label(label)

    def paths(self) -> list[str]:
        """Where the tables are, for a batch."""
        return [
            address(f"{self.root}/lists", filter="all", fields=("name", "closed", "pos")),
            address(f"{self.root}/labels", limit=LIMIT, fields=("name", "color")),
            address(f"{self.root}/members", fields=("fullName", "username")),
            f"{self.root}/customFields",
        ]

    def keep(self, answers: Sequence[Any]) -> Board:
        """The tables as `paths` were answered. A board on which custom fields are switched off has none."""
        lists, labels, members = whole(answers[:-1])
        off = isinstance(answers[-1], ServiceError) and not isinstance(answers[-1], Transient)
        (custom,) = [()] if off else whole(answers[-1:])
        self._known = Board.of(self.id, lists, labels, members, custom, self.layout)
        return self._known


def whole(answers: Sequence[Any]) -> Sequence[Any]:
    """*answers*, none of which may be an error: half a board is no board."""
    for answer in answers:
        if isinstance(answer, ServiceError):
            raise answer
    return answers
