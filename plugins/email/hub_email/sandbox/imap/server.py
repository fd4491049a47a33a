"""Serves IMAP on a listening socket."""

import asyncio
import socket

from hub_email.sandbox.imap import fetch, folders, messages, search, signing_in
from hub_email.sandbox.imap.session import Command, Session
from hub_email.sandbox.imap.signing_in import WAYS_IN
from hub_email.sandbox.imap.wire import LONGEST_LINE
from hub_email.sandbox.post import Post

COMMANDS: dict[str, Command] = {
    name: command for part in (signing_in, folders, messages, search, fetch) for name, command in part.COMMANDS.items()
}
GREETING = f"[CAPABILITY {WAYS_IN}] email sandbox ready".encode()


class ImapServer:
    """IMAP from `start` to `stop`; every connection is a task of the loop."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._running: set[asyncio.Task[None]] = set()

    async def start(self, listening: socket.socket) -> None:
        """Begin to answer."""
        self._server = await asyncio.start_server(self._serve, sock=listening, limit=LONGEST_LINE)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            await Session(self._post, COMMANDS, reader, writer).run(GREETING)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._running.discard(task)

    async def stop(self) -> None:
        """Close the socket and every connection."""
        self._server.close()
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
