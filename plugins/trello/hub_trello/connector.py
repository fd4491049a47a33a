"""The Trello connector: a board's cards as requirements, and what hangs on them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar
from urllib.parse import quote

from hub.sdk import (
    ALL_OPERATIONS,
    Absence,
    Account,
    ConnectionConfig,
    Connector,
    Cursor,
    Description,
    Draft,
    Identity,
    Kind,
    KindSpec,
    NotFound,
    Operation,
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
    TellsReplaced,
)
from hub_trello.boardcards import Cards
from hub_trello.client import TrelloClient, address
from hub_trello.comments import Comments
from hub_trello.config import TrelloConfig
from hub_trello.describing import described
from hub_trello.files import Files
from hub_trello.holder import Holder
from hub_trello.looking import Looking
from hub_trello.mapping import ATTACHMENT, COMMENT, REQUIREMENT, TASK
from hub_trello.options import MEGABYTE, AttachmentOptions, RequirementOptions, TaskOptions, largest_file, layout_of
from hub_trello.reading import Reader
from hub_trello.tables import Tables
from hub_trello.tasks import Tasks
from hub_trello.writing import Writer

LARGEST = 250 * MEGABYTE
"""Most bytes of a file in a paid workspace; what another takes is an option."""


class TrelloConnector(Connector):
    """One board of Trello.

    A card is a requirement: its list is the status, its labels and members are sets, its description is Markdown, and
    one of its checklists holds the acceptance criteria. The items of the others are tasks; comments and uploaded files
    are what they are. Mirror cards, separators and templates are passed over.
    """

    name: ClassVar[str] = "trello"
    Config: ClassVar[type[ConnectionConfig]] = TrelloConfig
    kinds: ClassVar[Mapping[Kind, KindSpec]] = {
        Kind.REQUIREMENT: KindSpec(REQUIREMENT, options=RequirementOptions, tells_replaced=TellsReplaced.LATER),
        Kind.TASK: KindSpec(TASK, options=TaskOptions),
        Kind.COMMENT: KindSpec(COMMENT),
        Kind.ATTACHMENT: KindSpec(
            ATTACHMENT, ALL_OPERATIONS - {Operation.UPDATE}, largest=LARGEST, options=AttachmentOptions
        ),
    }

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._config: TrelloConfig = setup.config
        self._client = TrelloClient(setup.connection, self._config, setup.network)
        self._tables: Tables | None = None
        self._looking: Looking | None = None
        self._holders: Mapping[Kind, Holder] = {}

    @property
    def calls(self) -> int:
        """How many requests went out so far; a batch is one."""
        return self._client.http.calls

    @property
    def clock_offset_s(self) -> float:
        """As the `Date` header of the last answer shows it."""
        return self._client.http.clock_offset_s

    async def open(self) -> Identity:
        """Whose token it is and which board, in one call.

        Raises:
            SignInRejected: The key or the token is wrong, or has expired.
            NotFound: There is no such board.
            PermissionLost: There is one, and this member may not see it.
            Refused: The board is closed.
        """
        named = quote(self._config.board, safe="")
        who = address("/members/me", fields=("fullName", "username"))
        me, board = await self._client.batch([who, address(f"/boards/{named}", fields=("name", "closed", "url"))])
        if errors := sorted((each for each in (me, board) if isinstance(each, ServiceError)), key=_gravest):
            raise self._about_board(errors[0]) if errors[0] is board else errors[0]
        if board.get("closed"):
            raise self._told(Refused, f"the board {board.get('name')!r} is closed", "open it again in Trello")
        account = Account(str(me["id"]), str(me.get("fullName") or me.get("username") or ""))
        self._settle(account, str(board["id"]))
        return Identity(account, f"{self._config.url}/{board['id']}")

    def _settle(self, me: Account, board: str) -> None:
        """Make what speaks of the board, whose full id and whose account only `open` knows."""
        client = self._client
        tables = self._tables = Tables(client, board, layout_of(self.setup))
        looking = self._looking = Looking(client, tables, self.setup.kinds, self.setup.clock)
        reader = Reader(client, tables, looking)
        self._holders = {
            Kind.REQUIREMENT: Cards(reader, Writer(client, reader, me, self._config.label_color)),
            Kind.TASK: Tasks(client, reader, looking),
            Kind.COMMENT: Comments(client, reader, looking, me),
            Kind.ATTACHMENT: Files(client, reader, looking, me, largest_file(self.setup)),
        }

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
        """The board's lists, labels, custom fields and members; one call."""
        await self._holder(Kind.REQUIREMENT)
        assert self._tables is not None
        return described(await self._tables.board(fresh=True))

    async def changes(self, kind: Kind, cursor: Cursor | None, *, full: bool = False) -> AsyncIterator[Page]:
        """What changed; all kinds together are one call on a quiet board of fewer than 1,000 cards."""
        async for page in (await self._holder(kind)).changes(cursor, full=full):
            yield page

    async def fetch(self, kind: Kind, ids: Sequence[str]) -> Mapping[str, Record | Absence]:
        """Records by id; ten cards, or ten comments, to a call."""
        return await (await self._holder(kind)).fetch(ids) if ids else {}

    async def create(self, kind: Kind, drafts: Sequence[Draft]) -> Sequence[Outcome]:
        """Make records, one call each, and some more for what a card cannot be made with."""
        return await (await self._writing(kind)).create(drafts) if drafts else []

    async def update(self, kind: Kind, patches: Sequence[Patch]) -> Sequence[Outcome]:
        """Change records, one call each, and some more for a card's criteria and custom values."""
        return await (await self._writing(kind)).update(patches) if patches else []

    async def delete(self, kind: Kind, ids: Sequence[str]) -> Sequence[Outcome | None]:
        """Delete records for good, one call each."""
        return await (await self._writing(kind)).delete(ids) if ids else []

    async def find(
        self, kind: Kind, drafts: Sequence[Draft], *, since: datetime | None = None
    ) -> Mapping[str, Sequence[str]]:
        """Cards by marker, in one call for every 1,000 cards of the board; the rest by what it shows, on its card."""
        return await (await self._holder(kind)).find(drafts, since=since) if drafts else {}

    async def download(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of an attachment. Raises NotFound, Refused (it is a link), Transient."""
        files = await self._holder(Kind.ATTACHMENT)
        assert isinstance(files, Files)
        async for piece in files.download(remote):
            yield piece

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.http.close()

    @classmethod
    def sandbox(cls, *, seed: int = 0, edition: str = "") -> Sandbox | None:
        """The local imitation of Trello."""
        del edition
        from hub_trello.sandbox import TrelloSandbox  # noqa: PLC0415 - not needed where the real service is used

        return TrelloSandbox(seed=seed)

    async def _holder(self, kind: Kind) -> Holder:
        if not self._holders:
            await self.open()
        return self._holders[kind]

    async def _writing(self, kind: Kind) -> Holder:
        """The same, with everything forgotten that a write makes untrue."""
        holder = await self._holder(kind)
        assert self._looking is not None
        self._looking.forget()
        return holder


def _gravest(error: BaseException) -> int:
    """Refused credentials explain every other error."""
    return 0 if isinstance(error, SignInRejected) else 1
