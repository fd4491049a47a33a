"""One look at a board, which the kinds that are read one after another share."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.sdk import BadAnswer, Kind
from hub_trello.board import Board
from hub_trello.cards import CARD_FIELDS, THIN_FIELDS
from hub_trello.client import TrelloClient, address
from hub_trello.history import WATCHED
from hub_trello.layout import Layout
from hub_trello.tables import LIMIT, TABLES, Tables, whole

COMMENTS = ("commentCard", "copyCommentCard")
"""The types of action that are comments; the second are those that came along with a copied card."""
COMMENTING = (*COMMENTS, "updateComment", "deleteComment")
"""And those that tell what became of one, should the service list them ("Action types", REST guides)."""
RECENT = 300
"""So many of a board's newest comments are looked at for edits and deletions; older ones in full readings."""
FRESH = timedelta(minutes=2)
"""How long a look may be shared: a run reads its kinds one right after the other."""
FILE_FIELDS = ("name", "url", "bytes", "date", "isUpload", "mimeType", "idMember", "fileName")
FILES: Mapping[str, Any] = {"attachments": True, "attachment_fields": FILE_FIELDS}
LINKS: Mapping[str, Any] = {"attachments": True, "attachment_fields": "url"}
"""What is asked for along with cards so that markers are seen."""

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Look:
    """A board's actions since the last look, its card table, the tables beside it, and its newest comments.

    Args:
        since: The action that *actions* come after; None if they were not asked for from a certain one on.
        parts: The kinds of which everything is there.
        whole: Whether the cards are whole, so that none need be read by itself.
    """

    since: str | None
    parts: frozenset[Kind]
    actions: Sequence[Json]
    cards: Sequence[Json]
    board: Board
    comments: Sequence[Json]
    whole: bool = False


class Looking:
    """Looks at one board.

    Args:
        client: The way to the service.
        tables: The tables of the board.
        kinds: What is read in one run: one call then serves all of them.
        clock: The present moment.
    """

    def __init__(
        self, client: TrelloClient, tables: Tables, kinds: Iterable[Kind], clock: Callable[[], datetime]
    ) -> None:
        self._client, self._tables, self._kinds, self._clock = client, tables, frozenset(kinds), clock
        self._shared: tuple[Look, datetime] | None = None
        self._served: set[Kind] = set()

    def forget(self) -> None:
        """Something was written: what was seen before is no more how it is."""
        self._shared = None

    async def look(self, kind: Kind, since: str | None = None, *, whole_cards: bool = False) -> Look:
        """What is on the board: one call, as long as neither actions nor cards are more than 1,000.

        Every kind is served once from one look.

        Args:
            since: The last action that is known, whose successors all have to be there; None if any will do.
            whole_cards: Whether cards are asked for with their descriptions and links.
        """
        if self._shared and kind not in self._served:
            look, at = self._shared
            reaches = since is None or (look.since is not None and look.since <= since)
            if reaches and kind in look.parts and look.whole >= whole_cards and self._clock() - at <= FRESH:
                self._served.add(kind)
                return look
        at = self._clock()
        look = await self._look(frozenset({kind, *self._kinds}), since, whole_cards=whole_cards)
        self._shared, self._served = (look, at), {kind}
        return look

    async def _look(self, parts: frozenset[Kind], since: str | None, *, whole_cards: bool) -> Look:
        """The actions come first: what happens between the two reads is then told by the next poll's actions."""
        nested = {
            **(LINKS if whole_cards else {}),
            **parts_of(self._tables.layout, files=Kind.ATTACHMENT in parts),
        }
        fields = CARD_FIELDS if whole_cards else THIN_FIELDS
        said = [self.comments_path(limit=RECENT)] if Kind.COMMENT in parts else []
        answers = await self._client.batch(
            [self.actions_path(since), self.cards_path(fields, nested), *said, *self._tables.paths()]
        )
        board = self._tables.keep(answers[-TABLES:])
        actions, cards, *comments = (list(listed(each)) for each in whole(answers[:-TABLES]))
        if since is not None:
            await self._older(actions, since)
        if len(cards) >= LIMIT:
            async for more in self.pages(fields, nested, before=_oldest(cards)):
                cards += more
        if not all(board.knows(card) for card in cards):
            board = await self._tables.board(fresh=True)
        return Look(since, parts, actions, cards, board, comments[0] if comments else (), whole_cards)

    async def _older(self, actions: list[Json], since: str) -> None:
        while len(actions) % LIMIT == 0 and actions:
            older = await self._client.get(self.actions_path(since, before=min(str(a["id"]) for a in actions)))
            if not older:
                return
            actions += older

    # paths

    async def pages(
        self, fields: Sequence[str], parts: Mapping[str, Any], *, before: str | None = None
    ) -> AsyncIterator[Sequence[Any]]:
        """All cards with *fields* and *parts*, newest first, older than the id *before*.

        The service names no total: a page that is not full is the last one. What a broken one leaves out is not gone, as
        every card that is missed is looked at by itself. Raises BadAnswer for pages that are none, or go round.
        """
        while True:
            cards = listed(await self._client.get(self.cards_path(fields, parts, before=before)))
            if before and any(str(card["id"]) >= before for card in cards):
                raise BadAnswer("a page of cards begins before the last one ended")
            yield cards
            if len(cards) < LIMIT:
                return
            before = _oldest(cards)

    def cards_path(self, fields: Sequence[str], parts: Mapping[str, Any], *, before: str | None = None) -> str:
        """A page of the board's cards, archived ones too."""
        return address(f"{self._tables.root}/cards/all", limit=LIMIT, before=before, fields=fields, **parts)

    def actions_path(self, since: str | None = None, *, before: str | None = None) -> str:
        """A page of the board's actions that say something of cards, newest first."""
        return self._actions(WATCHED, limit=LIMIT, since=since or None, before=before)

    def comments_path(self, *, limit: int = LIMIT, since: str | None = None, before: str | None = None) -> str:
        """A page of the board's comments, newest first."""
        return self._actions(COMMENTING, limit=limit, since=since or None, before=before)

    def _actions(self, kinds: Sequence[str], **between: Any) -> str:
        shown = {"fields": ("type", "date", "data", "idMemberCreator")}
        creator = {"member": False, "memberCreator_fields": ("fullName", "username")}
        return address(f"{self._tables.root}/actions", filter=kinds, **shown, **creator, **between)


def parts_of(layout: Layout, *, files: bool = False) -> dict[str, Any]:
    """What is asked for along with cards: checklists, custom values if any are named, and attachments with all of *files*."""
    custom = {"customFieldItems": True} if layout.custom else {}
    return {"checklists": "all", **custom, **(FILES if files else {})}


def listed(answer: Any) -> Sequence[Json]:
    """A list of things with ids. Raises BadAnswer."""
    if not isinstance(answer, list) or not all(isinstance(each, Mapping) and each.get("id") for each in answer):
        raise BadAnswer("a list is no list of things with ids")
    return answer


def _oldest(cards: Sequence[Json]) -> str:
    return min(str(card["id"]) for card in cards)
