"""All that the imitated service holds: plain dictionaries in the API's own field names, found by id."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub_trello.sandbox.answers import not_found
from hub_trello.sandbox.ids import Ids, instant

Json = dict[str, Any]
WEB = "https://trello.com"


@dataclass(frozen=True, slots=True)
class Account:
    """A member's token for one application; `secret` signs that application's webhooks."""

    member: Json
    key: str
    token: str
    secret: str
    app: str
    identifier: str
    token_id: str
    created: datetime
    expires: datetime | None = None


@dataclass
class World:
    """The service's objects. Cards hold their own attachments, custom field items and plugin data; checklists their items."""

    ids: Ids
    now: Callable[[], datetime]
    url: str = WEB
    upload_limit: int = 10 * 1024 * 1024
    boards: dict[str, Json] = field(default_factory=dict)
    lists: dict[str, Json] = field(default_factory=dict)
    cards: dict[str, Json] = field(default_factory=dict)
    labels: dict[str, Json] = field(default_factory=dict)
    checklists: dict[str, Json] = field(default_factory=dict)
    fields: dict[str, Json] = field(default_factory=dict)
    members: dict[str, Json] = field(default_factory=dict)
    webhooks: dict[str, Json] = field(default_factory=dict)
    actions: dict[str, Json] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    accounts: dict[str, Account] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    outbox: list[Json] = field(default_factory=list)
    _of_board: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _of_card: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def stamp(self) -> str:
        """The present moment as the API writes it."""
        return instant(self.now())

    # reading ------------------------------------------------------------------------------------------------------

    def lists_of(self, board: str) -> list[Json]:
        """A board's lists from left to right, archived ones too."""
        return in_order(each for each in self.lists.values() if each["idBoard"] == board)

    def cards_of(self, board: str) -> list[Json]:
        """A board's cards, list by list from the top, archived ones too."""
        place = {each["id"]: index for index, each in enumerate(self.lists_of(board))}
        cards = [each for each in self.cards.values() if each["idBoard"] == board]
        return sorted(cards, key=lambda card: (place.get(card["idList"], -1), card["pos"], card["id"]))

    def cards_in(self, lst: str) -> list[Json]:
        """A list's cards from the top, archived ones too."""
        return in_order(each for each in self.cards.values() if each["idList"] == lst)

    def labels_of(self, board: str) -> list[Json]:
        """A board's labels, oldest first."""
        return [each for each in self.labels.values() if each["idBoard"] == board]

    def fields_of(self, board: str) -> list[Json]:
        """A board's custom fields in their order."""
        return in_order(each for each in self.fields.values() if each["idModel"] == board)

    def checklists_of(self, card: Json) -> list[Json]:
        """A card's checklists in their order."""
        return in_order(self.checklists[each] for each in card["idChecklists"])

    def members_of(self, board: Json) -> list[Json]:
        """The members of a board."""
        return [self.members[each["idMember"]] for each in board["memberships"]]

    def is_member(self, board: Json, member: str) -> bool:
        """Whether *member* belongs to the board."""
        return any(each["idMember"] == member for each in board["memberships"])

    def actions_of_board(self, board: str) -> list[Json]:
        """All actions about a board, also those that the API never lists."""
        return [self.actions[each] for each in self._of_board.get(board, ())]

    def actions_of_card(self, card: str) -> list[Json]:
        """All actions about a card, also those that the API never lists."""
        return [self.actions[each] for each in self._of_card.get(card, ())]

    def check_item(self, card: Json, item: str) -> tuple[Json, Json]:
        """The checklist and the item on *card* with that id. Raises Refusal."""
        for checklist in self.checklists_of(card):
            for each in checklist["checkItems"]:
                if each["id"] == item:
                    return checklist, each
        raise not_found()

    # writing ------------------------------------------------------------------------------------------------------

    def add_action(self, action: Json) -> None:
        """Keep an action under its board and card."""
        if action["id"] in self.actions:
            return
        self.actions[action["id"]] = action
        for ids in self._indexes(action):
            ids.append(action["id"])

    def drop_action(self, action: Json) -> None:
        """Forget an action."""
        del self.actions[action["id"]]
        for ids in self._indexes(action):
            ids.remove(action["id"])

    def _indexes(self, action: Json) -> Iterator[list[str]]:
        about = action["data"]
        yield self._of_board[about.get("board", {}).get("id", "")]
        if card := about.get("card", {}).get("id"):
            yield self._of_card[card]

    def drop_card(self, card: Json) -> None:
        """Forget a card, with its checklists and files."""
        for checklist in card["idChecklists"]:
            self.checklists.pop(checklist, None)
        for attachment in card["attachments"]:
            self.blobs.pop(attachment["id"], None)
        del self.cards[card["id"]]

    def drop_board(self, board: str) -> None:
        """Forget a board with all that is on it."""
        for card in self.cards_of(board):
            self.drop_card(card)
        for held in (self.lists, self.labels):
            for each in [key for key, value in held.items() if value["idBoard"] == board]:
                del held[each]
        for each in [key for key, value in self.fields.items() if value["idModel"] == board]:
            del self.fields[each]
        for action in self._of_board.pop(board, []):
            del self.actions[action]
        for ids in self._of_card.values():
            ids[:] = [each for each in ids if each in self.actions]
        del self.boards[board]

    def next_short_id(self, board: str) -> int:
        """The number of the next card of a board."""
        counter: int = self.boards[board].get("_cards", 0) + 1
        self.boards[board]["_cards"] = counter
        return counter


def in_order(things: Iterable[Json]) -> list[Json]:
    """Sorted by position, then by age."""
    return sorted(things, key=lambda each: (each["pos"], each["id"]))
