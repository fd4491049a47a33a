"""The Trello connector: a board's cards as requirements."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from hub.sdk import (
    Absence,
    Account,
    ConnectionConfig,
    Connector,
    Cursor,
    Description,
    Draft,
    FieldInfo,
    Identity,
    Kind,
    KindSpec,
    NotFound,
    Outcome,
    Page,
    Patch,
    PermissionLost,
    Record,
    Refused,
    Sandbox,
    ServiceError,
    Setup,
    SignInRejected,
)
from hub_trello.board import Board, shown_label
from hub_trello.client import TrelloClient
from hub_trello.config import TrelloConfig
from hub_trello.mapping import REQUIREMENT
from hub_trello.reading import Reader
from hub_trello.writing import Writer


class TrelloConnector(Connector):
    """One board of Trello.

    A card is a requirement: its list is the status, its labels and members are sets, its description is Markdown.
    Mirror cards, separators and templates are passed over.
    """

    name: ClassVar[str] = "trello"
    Config: ClassVar[type[ConnectionConfig]] = TrelloConfig
    kinds: ClassVar[Mapping[Kind, KindSpec]] = {Kind.REQUIREMENT: KindSpec(REQUIREMENT)}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._config: TrelloConfig = setup.config
        self._client = TrelloClient(setup.connection, self._config, setup.network)
        self._reader: Reader | None = None
        self._me: Account | None = None

    @property
    def calls(self) -> int:
        """How many requests went out so far; a batch is one."""
        return self._client.http.calls

    @property
    def clock_offset_s(self) -> float:
        """As the `Date` header of the last answer shows it."""
        return self._client.http.clock_offset_s

    async def open(self) -> Identity:
        """Whose token it is and which board; two calls at once.

        Raises:
            SignInRejected: The key or the token is wrong, or has expired.
            NotFound: There is no such board.
            PermissionLost: There is one, and this member may not see it.
            Refused: The board is closed.
        """
        answers: tuple[Any, Any] = await asyncio.gather(
            self._client.get("/members/me", fields=("fullName", "username")),
            self._client.get(f"/boards/{self._config.board}", fields=("name", "closed", "url")),
            return_exceptions=True,
        )
        me, board = answers
        if errors := sorted((each for each in answers if isinstance(each, BaseException)), key=_gravest):
            raise self._about_board(errors[0]) if errors[0] is board else errors[0]
        if board.get("closed"):
            raise self._told(Refused, f"the board {board.get('name')!r} is closed", "open it again in Trello")
        self._me = Account(str(me["id"]), str(me.get("fullName") or me.get("username") or ""))
        self._reader = Reader(self._client, str(board["id"]))
        return Identity(self._me, f"{self._config.url}/{board['id']}")

    def _about_board(self, error: BaseException) -> BaseException:
        """*error* as a sentence that names the board and the next step."""
        board, fix = self._config.board, "set board to the id or short link of a board that the token's member can see"
        if isinstance(error, NotFound | Refused):
            return self._told(NotFound, f"there is no board {board!r}", fix)
        if isinstance(error, PermissionLost):
            fix = "let a member of the board add the account the token belongs to, or use another token"
            return self._told(PermissionLost, f"the account may not see the board {board!r}", fix)
        return error

    def _told(self, kind: type[ServiceError], message: str, fix: str) -> ServiceError:
        return kind(message, connection=self.setup.connection, fix=fix)

    async def describe(self) -> Description:
        """The board's lists, labels and members; one call."""
        board = await (await self._opened()).tables(fresh=True)
        people = (
            Account(number, str(each.get("fullName") or ""), None, str(each.get("username") or ""))
            for number, each in board.members.items()
        )
        return Description(fields={Kind.REQUIREMENT: _fields(board)}, people=tuple(people))

    async def changes(self, kind: Kind, cursor: Cursor | None, *, full: bool = False) -> AsyncIterator[Page]:
        """The cards that changed; a poll that finds nothing is one call as long as the board has fewer than 1,000 cards."""
        del kind
        reader = await self._opened()
        async for page in reader.changes(None if full else cursor):
            yield page

    async def fetch(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """Cards by id, ten to a call."""
        del kind
        return await (await self._opened()).fetch(ids) if ids else {}

    async def create(self, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Cards at the bottom of their lists, one call each, after one for each label that is missing."""
        del kind
        return await (await self._writer()).create(drafts) if drafts else []

    async def update(self, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """Change cards, one call each, after one for each label that is missing."""
        del kind
        return await (await self._writer()).update(patches) if patches else []

    async def delete(self, kind: Kind, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """Delete cards for good, one call each."""
        del kind
        return await (await self._writer()).delete(ids)

    async def find(
        self, kind: Kind, drafts: Sequence[Draft], *, since: datetime | None = None
    ) -> Mapping[str, Sequence[str]]:
        """Cards by marker; one call for every 1,000 cards of the board, archived ones too."""
        del kind, since
        return await (await self._opened()).find([draft.marker for draft in drafts]) if drafts else {}

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.http.close()

    @classmethod
    def sandbox(cls, *, seed: int = 0) -> Sandbox | None:
        """The local imitation of Trello."""
        from hub_trello.sandbox import TrelloSandbox  # noqa: PLC0415 - not needed where the real service is used

        return TrelloSandbox(seed=seed)

    async def _opened(self) -> Reader:
        """The reader of the board, whose full id only `open` knows."""
        if self._reader is None:
            await self.open()
        assert self._reader is not None
        return self._reader

    async def _writer(self) -> Writer:
        return Writer(self._client, await self._opened(), self._me, self._config.label_color)


def _gravest(error: BaseException) -> int:
    """Refused credentials explain every other error."""
    return 0 if isinstance(error, SignInRejected) else 1


def _fields(board: Board) -> tuple[FieldInfo, ...]:
    labels = tuple(sorted({shown_label(each) for each in board.labels.values()}))
    rows: list[tuple[str, str, str, dict[str, Any]]] = [
        ("name", "Title", "string", {"required": True}),
        ("desc", "Description", "markdown", {}),
        ("list", "List", "choice", {"choices": tuple(board.names_of_open_lists())}),
        ("due", "Due date", "instant", {}),
        ("start", "Start date", "instant", {}),
        ("members", "Members", "people", {}),
        ("labels", "Labels", "labels", {"choices": labels}),
    ]
    return tuple(FieldInfo(name, label, type_, **more) for name, label, type_, more in rows)
