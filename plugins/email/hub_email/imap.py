"""One IMAP connection, in the words that this connector needs. Blocking: it runs in a thread."""

import contextlib
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import imapclient  # type: ignore[import-untyped]

from hub_email.config import Server

TIMEOUT_S = 60.0
BATCH = 500
"""Messages asked for at once: some servers take no longer lines."""
_WHO_WE_ARE = {"name": "requirement-hub", "version": "1", "vendor": "requirement-hub"}

Items = Mapping[bytes, Any]
"""What a server told of one message."""


@dataclass(frozen=True, slots=True)
class Access:
    """What to sign in with: a password, or an OAuth access token."""

    user: str
    secret: str
    by_token: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder as it was found. Uids mean something together with `validity` only (RFC 3501 §2.3.1.1).

    Args:
        next: Every message that comes from now on has this uid or a greater one.
        keywords: Whether messages can be given flags of our own.
    """

    validity: int
    next: int
    count: int
    keywords: bool = False


class Imap:
    """A connection that is signed in. Every method may raise OSError or imapclient's errors.

    Attributes:
        commands: How many commands went out that read or write messages.
    """

    def __init__(self, server: Server, trust: ssl.SSLContext, access: Access) -> None:
        self.commands = 0
        self._open: tuple[str, bool] | None = None
        self._client: Any = imapclient.IMAPClient(
            server.host, server.port, ssl=server.tls == "tls", ssl_context=trust, timeout=TIMEOUT_S
        )
        try:
            self._sign_in(server, trust, access)
        except BaseException:
            self.close()
            raise

    def _sign_in(self, server: Server, trust: ssl.SSLContext, access: Access) -> None:
        self._client.normalise_times = False
        if server.tls == "starttls":
            self._client.starttls(trust)
        if access.by_token:
            self._client.oauth2_login(access.user, access.secret)
        else:
            self._client.login(access.user, access.secret)
        if self.has("ID"):  # NetEase opens no folder for who has not said what they are (RFC 2971)
            self._client.id_(_WHO_WE_ARE)

    def has(self, capability: str) -> bool:
        """Whether the server can do something."""
        return bool(self._client.has_capability(capability))

    def close(self) -> None:
        """Say good-bye, whether or not that is heard."""
        with contextlib.suppress(Exception):
            self._client.logout()
        with contextlib.suppress(Exception):
            self._client.shutdown()

    # Folders.

    def folder_for_sent(self, otherwise: str) -> str:
        """The folder that the server keeps sent mail in (RFC 6154), else *otherwise*, made if it is not there."""
        self.commands += 1
        listed = self._client.list_folders()
        named = next((name for flags, _, name in listed if b"\\Sent" in flags), None)
        if named:
            return str(named)
        if otherwise not in {name for _, _, name in listed}:
            self.commands += 1
            self._client.create_folder(otherwise)
        return otherwise

    def open(self, folder: str, *, to_write: bool = False) -> Opened:
        """Open a folder anew and see what is in it; one command."""
        self.commands += 1
        self._open = None
        told = self._client.select_folder(folder, readonly=not to_write)
        self._open = (folder, to_write)
        count = int(told.get(b"EXISTS", 0))
        following = told.get(b"UIDNEXT") or max(self.uids(folder), default=0) + 1
        keywords = b"\\*" in told.get(b"PERMANENTFLAGS", ())
        return Opened(int(told.get(b"UIDVALIDITY", 0)), int(following), count, keywords)

    def _in(self, folder: str, *, to_write: bool = False) -> None:
        if self._open is None or self._open[0] != folder or (to_write and not self._open[1]):
            self.open(folder, to_write=to_write)

    # Messages.

    def uids(self, folder: str, since: int = 1) -> list[int]:
        """The uids from *since* on, in order. `n:*` names the last message even if that is older (RFC 3501 §6.4.8)."""
        self._in(folder)
        self.commands += 1
        found = self._client.search(["UID", f"{since}:*"] if since > 1 else "ALL")
        return sorted(uid for uid in found if uid >= since)

    def fetch(self, folder: str, uids: Iterable[int], items: Sequence[str]) -> dict[int, Items]:
        """*items* of messages, by uid; those that are gone are left out."""
        self._in(folder)
        wanted = sorted(uids)
        found: dict[int, Items] = {}
        for start in range(0, len(wanted), BATCH):
            self.commands += 1
            some = wanted[start : start + BATCH]
            told = self._client.fetch(some, list(items))
            found |= {uid: told[uid] for uid in some if uid in told}
        return found

    def append(self, folder: str, raw: bytes, flags: Sequence[str], at: datetime) -> None:
        """Put a message into a folder."""
        self.commands += 1
        self._client.append(folder, raw, flags, at)

    def flag(self, folder: str, uid: int, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Give a message flags, then take flags from it."""
        self._in(folder, to_write=True)
        for flags, change in ((add, self._client.add_flags), (remove, self._client.remove_flags)):
            if flags:
                self.commands += 1
                change([uid], flags, silent=True)

    def remove(self, folder: str, uid: int) -> None:
        """Take one message out of a folder, and no other that somebody marked for that."""
        self.flag(folder, uid, add=["\\Deleted"])
        if self.has("UIDPLUS"):
            self.commands += 1
            self._client.uid_expunge([uid])

    # Waiting.

    def wait(self, folder: str, seconds: float) -> bool:
        """Wait until the server says that something is new (RFC 2177); False if it was quiet for *seconds*."""
        self.open(folder)
        self._client.idle()
        try:
            told = self._client.idle_check(timeout=seconds)
        finally:
            self._client.idle_done()
        return any(len(each) > 1 and each[1] == b"EXISTS" for each in told)
