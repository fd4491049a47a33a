"""The bytes of attachments, read from the mailbox again whenever they are asked for."""

from collections.abc import AsyncIterator

from hub.sdk import NotFound, Setup, TooLarge
from hub_email.book import WHOLE, whole_in
from hub_email.config import EmailConfig
from hub_email.entry import Entry
from hub_email.looking import Looking
from hub_email.mailbox import Mailbox
from hub_email.reading import part_content
from hub_email.reading.headers import Headers
from hub_email.reading.transfer import decoded
from hub_email.thin import STRUCTURE, node_of

PIECE, FETCHED = 1 << 18, 1 << 22
"""Bytes given at once, and bytes asked of the server at once."""


class Downloading:
    """Finds the part of a mail that an attachment is."""

    def __init__(self, setup: Setup, mailbox: Mailbox, looking: Looking) -> None:
        self._connection = setup.connection
        self._config: EmailConfig = setup.config
        self._mailbox, self._looking = mailbox, looking

    async def download(self, remote: str) -> AsyncIterator[bytes]:
        """The bytes of the attachment `MESSAGE-ID/PART`. Raises NotFound, TooLarge, ServiceDown."""
        content = await self._content(*_split(remote), remote)
        if len(content) > self._config.limit:
            raise self._too_large(len(content), remote)
        for start in range(0, len(content), PIECE):
            yield content[start : start + PIECE]

    async def _content(self, name: str, part: str, remote: str) -> bytes:
        book, threads = self._looking.book, self._looking.threads
        if name not in threads.entries and name not in threads.copies:
            await book.refresh()
            threads = self._looking.threads
        copy, entry = threads.copies.get(name), threads.entries.get(name)
        folder = book.sent.name if copy else book.inbox.name
        found = copy or entry
        content = await self._part(folder, found, part, remote) if found else None
        if content is None:
            raise NotFound(
                "the mail with this file is not in the mailbox any more", connection=self._connection, record=remote
            )
        return content

    async def _part(self, folder: str, entry: Entry, part: str, remote: str) -> bytes | None:
        if entry.size <= WHOLE:
            told = (await self._mailbox.fetch(folder, [entry.uid], ["BODY.PEEK[]"])).get(entry.uid)
            try:
                return part_content(whole_in(told), part) if told else None
            except KeyError:
                return None
        told = (await self._mailbox.fetch(folder, [entry.uid], STRUCTURE)).get(entry.uid)
        node = next((n for n in node_of(told[b"BODYSTRUCTURE"]).leaves() if n.number == part), None) if told else None
        if node is None:
            return None
        if node.size() * 0.97 > self._config.limit:  # line ends count too
            raise self._too_large(node.size(), remote)
        return await self._large(folder, entry.uid, part, node.octets)

    async def _large(self, folder: str, uid: int, part: str, octets: int) -> bytes | None:
        """One part of a large mail, piece by piece."""
        told = (await self._mailbox.fetch(folder, [uid], [f"BODY.PEEK[{part}.MIME]"])).get(uid)
        if told is None:
            return None
        head = next((bytes(v or b"") for name, v in told.items() if name.upper().endswith(b".MIME]")), b"")
        pieces = []
        for start in range(0, octets, FETCHED):
            some = (await self._mailbox.fetch(folder, [uid], [f"BODY.PEEK[{part}]<{start}.{FETCHED}>"])).get(uid)
            if some is None:
                return None
            pieces.append(next((bytes(v or b"") for name, v in some.items() if name.startswith(b"BODY[")), b""))
        return decoded(b"".join(pieces), Headers.split(head)[0].first("content-transfer-encoding"))

    def _too_large(self, size: int, remote: str) -> TooLarge:
        return TooLarge(
            f"the file has {size:,} bytes, and {self._config.limit:,} are read at most",
            connection=self._connection,
            record=remote,
            fix="raise limit_mb in the connection's table, if there is room for it",
        )


def _split(remote: str) -> tuple[str, str]:
    name, _, part = remote.rpartition("/")
    return name, part
