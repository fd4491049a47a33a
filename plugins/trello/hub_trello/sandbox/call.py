"""One request: who calls, what they sent, and which objects they may touch."""

from dataclasses import dataclass
from typing import Any

from hub_trello.sandbox import validation
from hub_trello.sandbox.answers import NO_RIGHT, NO_RIGHT_TO_CARD, Refusal, not_found
from hub_trello.sandbox.ids import ID, SHORT_LINK
from hub_trello.sandbox.world import Account, Json, World


@dataclass(frozen=True, slots=True)
class Upload:
    """A file from a multipart form."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """A request of an account that is known by its key and token.

    `params` are the query's values, overruled by those of a form or JSON body; `path` the values in the route's template;
    `by_header` says whether the credentials came in the `Authorization` header.
    """

    world: World
    who: Account
    params: Json
    path: dict[str, str]
    upload: Upload | None = None
    by_header: bool = False

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean parameter. Raises Refusal."""
        value = self.params.get(name)
        return default if value in (None, "") else validation.boolean(value, name)

    def board(self, identifier: Any = None) -> Json:
        """The board of the path, or that of *identifier*. Raises Refusal."""
        found = _found(self.world.boards, self.path["id"] if identifier is None else identifier, "board not found")
        if not self.world.is_member(found, self.who.member["id"]):
            raise Refusal(401, NO_RIGHT)
        return found

    def card(self, identifier: str | None = None) -> Json:
        """The card of the path, or that of *identifier*. Raises Refusal."""
        found = _found(self.world.cards, identifier or self.path["id"])
        if not self.world.is_member(self.world.boards[found["idBoard"]], self.who.member["id"]):
            raise Refusal(401, NO_RIGHT_TO_CARD)
        return found

    def card_to_write(self, identifier: str | None = None) -> Json:
        """A card whose board is open. Raises Refusal."""
        found = self.card(identifier)
        self.open_board(found["idBoard"])
        return found

    def open_board(self, identifier: Any = None) -> Json:
        """A board that can be written to. Raises Refusal (its words are UNVERIFIED)."""
        board = self.board(identifier)
        if board["closed"]:
            raise Refusal(400, "board is closed")
        return board

    def lst(self, identifier: Any = None) -> Json:
        """The list of the path, or that of *identifier*. Raises Refusal."""
        return self._on_board(self.world.lists, identifier)

    def label(self, identifier: Any = None) -> Json:
        """The label of the path, or that of *identifier*. Raises Refusal."""
        return self._on_board(self.world.labels, identifier)

    def checklist(self, identifier: Any = None) -> Json:
        """The checklist of the path, or that of *identifier*. Raises Refusal."""
        return self._on_board(self.world.checklists, identifier)

    def field(self, identifier: Any = None) -> Json:
        """The custom field of the path, or that of *identifier*. Raises Refusal."""
        return self._on_board(self.world.fields, identifier, "idModel")

    def _on_board(self, held: dict[str, Json], identifier: Any, board: str = "idBoard") -> Json:
        found = _found(held, self.path["id"] if identifier is None else identifier)
        self.board(found[board])
        return found

    def action(self, identifier: str | None = None) -> Json:
        """The action of the path, or that of *identifier*. Raises Refusal."""
        found = _found(self.world.actions, identifier or self.path["id"])
        self.board(found["data"]["board"]["id"])
        return found


def _found(held: dict[str, Json], identifier: Any, missing: str | None = None) -> Json:
    if not isinstance(identifier, str) or not (ID.fullmatch(identifier) or SHORT_LINK.fullmatch(identifier)):
        raise Refusal(400, "invalid id")
    if (found := held.get(identifier)) is not None:
        return found
    for each in held.values():
        if each.get("shortLink") == identifier:
            return each
    raise not_found(missing) if missing else not_found()
