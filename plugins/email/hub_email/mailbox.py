"""The mailbox over IMAP, for a program that waits for many things at once: one connection, one command at a time."""

import asyncio
import ssl
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from imapclient import exceptions  # type: ignore[import-untyped]

from hub.sdk import ServiceError, Setup
from hub_email import troubles
from hub_email.config import EmailConfig
from hub_email.imap import Imap, Items, Opened
from hub_email.signing_in import SigningIn

T = TypeVar("T")
LONGEST_WAIT_S = 540.0
"""Servers and the way to them forget connections that are silent for longer (RFC 2177 says 29 minutes at most)."""


class Mailbox:
    """One mailbox. Every method may raise SignInRejected, Refused and ServiceDown."""

    def __init__(self, setup: Setup, signing_in: SigningIn, trust: ssl.SSLContext) -> None:
        self._setup, self._signing_in, self._trust = setup, signing_in, trust
        self._config: EmailConfig = setup.config
        self._imap: Imap | None = None
        self._gone, self._lock = 0, asyncio.Lock()
        self._sent = ""

    @property
    def commands(self) -> int:
        """How many commands went out that read or write messages."""
        return self._gone + (self._imap.commands if self._imap else 0)

    @property
    def inbox(self) -> str:
        """The folder that is read."""
        return self._config.inbox

    async def sent(self) -> str:
        """The folder of what was sent."""
        if not self._sent:
            self._sent = await self._do(lambda imap: imap.folder_for_sent(self._config.sent))
        return self._sent

    async def open(self, folder: str, *, to_write: bool = False) -> Opened:
        """Look into a folder."""
        return await self._do(lambda imap: imap.open(folder, to_write=to_write))

    async def uids(self, folder: str, since: int = 1) -> list[int]:
        """The uids of a folder from *since* on."""
        return await self._do(lambda imap: imap.uids(folder, since))

    async def fetch(self, folder: str, uids: Iterable[int], items: Sequence[str]) -> dict[int, Items]:
        """*items* of messages, by uid."""
        wanted = list(uids)
        return await self._do(lambda imap: imap.fetch(folder, wanted, items)) if wanted else {}

    async def append(self, folder: str, raw: bytes, flags: Sequence[str], at: datetime) -> None:
        """Put a message into a folder; once, so it is not tried again."""
        await self._do(lambda imap: imap.append(folder, raw, flags, at), again=False)

    async def flag(self, folder: str, uid: int, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Change the flags of a message."""
        await self._do(lambda imap: imap.flag(folder, uid, add=add, remove=remove))

    async def remove(self, folder: str, uid: int) -> None:
        """Take a message out."""
        await self._do(lambda imap: imap.remove(folder, uid))

    async def wait(self, seconds: float) -> bool:
        """Wait for news in the inbox; False if there was none, or if the server cannot tell."""
        if not await self._do(lambda imap: imap.has("IDLE")):
            await self._setup.network.sleep(seconds)
            return False
        return await self._do(lambda imap: imap.wait(self.inbox, min(seconds, LONGEST_WAIT_S)))

    async def close(self) -> None:
        """Hang up."""
        async with self._lock:
            await asyncio.to_thread(self._hang_up)

    def _hang_up(self) -> None:
        if self._imap:
            self._gone += self._imap.commands
            self._imap.close()
        self._imap = None

    async def _do(self, work: Callable[[Imap], T], *, again: bool = True) -> T:
        """Carry *work* out; on a new connection where the old one turns out to be lost."""
        async with self._lock:
            kept = self._imap is not None
            try:
                return await self._once(work)
            except Exception as error:
                if not (again and kept and troubles.is_lost(error)):
                    raise self._said(error) from error
            try:
                return await self._once(work)
            except Exception as error:
                raise self._said(error) from error

    def _said(self, error: Exception) -> Exception:
        return error if isinstance(error, ServiceError) else troubles.of_imap(error, self._setup.connection)

    async def _once(self, work: Callable[[Imap], T]) -> T:
        imap = self._imap or await self._connected()
        try:
            return await asyncio.to_thread(work, imap)
        except Exception as error:
            if troubles.is_lost(error):
                await asyncio.to_thread(self._hang_up)
            raise

    async def _connected(self) -> Imap:
        """A new connection; with a new token, where an old one was refused before its time."""
        access = await self._signing_in.access()
        server = self._config.imap_server
        try:
            self._imap = await asyncio.to_thread(Imap, server, self._trust, access)
        except exceptions.LoginError:
            if not access.by_token:
                raise
            access = await self._signing_in.access(access)
            self._imap = await asyncio.to_thread(Imap, server, self._trust, access)
        return self._imap
