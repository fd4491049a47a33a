"""One IMAP connection: what it has opened, what it was told, and its next command."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from hub_email.sandbox.boxes import Box, Folder, Message
from hub_email.sandbox.imap.wire import (
    Bad,
    Ended,
    No,
    Token,
    listed,
    numbers,
    read_command,
    read_line,
    tokens,
    upper,
)
from hub_email.sandbox.post import LARGEST, Post
from hub_email.sandbox.weather import Broken

LARGEST_BEFORE_LOGIN = 2**16
WITHOUT_EXPUNGE = frozenset({"FETCH", "STORE", "SEARCH"})
"""Commands during which sequence numbers may not move (RFC 3501 §7.4.1)."""


class State(IntEnum):
    """What a connection may do; each can do all that is below it."""

    CONNECTED = 0
    SIGNED_IN = 1
    SELECTED = 2


@dataclass(frozen=True, slots=True)
class Command:
    """A command's function, which answers the words after OK, and what it needs."""

    run: "Callable[[Session, list[Token]], Awaitable[str]]"
    needs: State
    writes: bool = False


class Session:
    """A connection. `known` are the messages of the selected folder by sequence number, as this client knows them."""

    def __init__(
        self, post: Post, commands: Mapping[str, Command], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.post, self._commands = post, commands
        self.reader, self._writer = reader, writer
        self.box: Box | None = None
        self.identified = self.condstore = self.read_only = False
        self.folder: Folder | None = None
        self.known: list[Message] = []
        self._told: dict[Message, int] = {}
        self._at: tuple[int, int] = (0, 0)
        self.changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    # Talking.

    def say(self, *parts: bytes) -> None:
        """Send a line, which may hold literals."""
        self._writer.write(b"".join(parts) + b"\r\n")

    async def drain(self) -> None:
        """Wait until the client has taken most of what was said.

        Raises:
            Ended: It is gone.
        """
        try:
            await self._writer.drain()
        except ConnectionError:
            raise Ended from None

    async def ask(self, prompt: bytes = b"") -> bytes:
        """Send a continuation and read the line that answers it."""
        self.say(b"+ ", prompt)
        await self.drain()
        return await read_line(self.reader)

    async def run(self, greeting: bytes) -> None:
        """Greet, and answer commands until the connection ends."""
        self.say(b"* OK ", greeting)
        try:
            while True:
                await self._next()
                await self.drain()
        except Ended as ended:
            if ended.args:
                self.say(b"* BYE ", ended.args[0].encode())
        except Broken:
            self._writer.transport.abort()
        finally:
            self.unselect()
            self._writer.close()

    async def _next(self) -> None:
        largest = LARGEST if self.box else LARGEST_BEFORE_LOGIN
        tag = "*"
        try:
            pieces = await read_command(self.reader, self._writer, largest)
            tag = pieces[0].split(b" ")[0].decode("ascii", "replace") or "*"
            _, first, *rest = tokens(pieces)
            name = upper(first)
        except No as no:
            tag, text = no.args
            return self.say(f"{tag} NO {text}".encode())
        except Bad as error:
            return self.say(f"{tag} BAD {error}".encode())
        except ValueError:
            return self.say(f"{tag} BAD Expected a tag and a command".encode())
        if name == "UID" and rest:
            name, rest = f"UID {upper(rest[0])}", rest[1:]
        return await self._answer(tag, name, rest)

    async def _answer(self, tag: str, name: str, rest: list[Token]) -> None:
        try:
            words = f"OK {await self._carried_out(name, rest)}"
        except No as no:
            words = f"NO {no}"
        except (Bad, IndexError, ValueError) as error:
            words = f"BAD {error}"
        self.tell_changes(expunges=name not in WITHOUT_EXPUNGE)
        self.say(f"{tag} {words}".encode("utf-8", "surrogateescape"))
        if name == "LOGOUT":
            await self.drain()
            raise Ended

    async def _carried_out(self, name: str, rest: list[Token]) -> str:
        command = self._commands.get(name)
        if command is None:
            raise Bad(f"There is no command {name[:40]}")
        self.post.count(f"IMAP {name}")
        if self.state < command.needs:
            raise Bad("Select a folder first" if self.box else "Sign in first")
        if self.state > State.CONNECTED and command.needs > State.CONNECTED:
            await self.post.weather.begin()
            if self.post.weather.is_unavailable():
                raise No("[UNAVAILABLE] Temporary failure, try again")
        words = await command.run(self, rest) or f"{name} completed"
        if command.writes and self.post.weather.loses_answer():
            raise Broken
        return words

    @property
    def state(self) -> State:
        """What the connection may do now."""
        return State.CONNECTED if self.box is None else State.SELECTED if self.folder else State.SIGNED_IN

    # The selected folder.

    def select(self, folder: Folder, *, read_only: bool) -> None:
        """Open a folder in place of the one before."""
        self.unselect()
        self.folder, self.read_only, self.known = folder, read_only, list(folder.messages)
        self._told = {each: each.modseq for each in self.known}
        self._at = (folder.uidvalidity, folder.modseq)
        folder.watchers.add(self._wake)

    def unselect(self) -> None:
        """Leave the selected folder, if there is one."""
        if self.folder:
            self.folder.watchers.discard(self._wake)
        self.folder, self.known = None, []

    def _wake(self) -> None:
        self._loop.call_soon_threadsafe(self.changed.set)

    def here(self) -> Folder:
        """The selected folder.

        Raises:
            Bad: There is none.
        """
        if self.folder is None:
            raise Bad("Select a folder first")
        return self.folder

    def writable(self) -> Folder:
        """The selected folder.

        Raises:
            No: It was opened by EXAMINE.
        """
        if self.read_only:
            raise No("[READ-ONLY] The folder was opened by EXAMINE")
        return self.here()

    def chosen(self, token: Token, *, by_uid: bool) -> list[tuple[int, Message]]:
        """The messages of a set of uids or sequence numbers, with their sequence numbers.

        Raises:
            Bad: The set is none, or a sequence number is not there.
        """
        if by_uid:
            wanted = numbers(token, max((each.uid for each in self.known), default=0))
            return [(n, m) for n, m in enumerate(self.known, 1) if any(m.uid in each for each in wanted)]
        wanted = numbers(token, len(self.known))
        if any(each.start < 1 or each.stop > len(self.known) + 1 for each in wanted):
            raise Bad("There is no message of this number")
        return [(n, m) for n, m in enumerate(self.known, 1) if any(n in each for each in wanted)]

    def shown_flags(self, message: Message) -> bytes:
        """FLAGS of a message, and MODSEQ for who asked for that; the client knows them from now on."""
        self._told[message] = message.modseq
        modseq = b" MODSEQ (%d)" % message.modseq if self.condstore else b""
        return b"FLAGS " + listed(sorted(each.encode() for each in message.flags)) + modseq

    def keep_quiet(self, messages: Iterable[Message]) -> None:
        """The client knows of the last change of these."""
        self._told.update({each: each.modseq for each in messages})

    def tell_changes(self, *, expunges: bool = True) -> None:
        """Say what came, went and changed in the selected folder since it was last told.

        Raises:
            Ended: All uids are other ones now, so the client must open it again.
        """
        folder = self.folder
        if folder is None or self._at == (folder.uidvalidity, folder.modseq):
            return
        if folder.uidvalidity != self._at[0]:
            raise Ended("UIDVALIDITY of the selected folder changed")
        there = set(folder.messages)
        gone = [n for n, each in enumerate(self.known, 1) if each not in there] if expunges else []
        for number in reversed(gone):
            self.say(b"* %d EXPUNGE" % number)
            del self.known[number - 1]
        self._tell_arrivals(folder)
        for number, each in enumerate(self.known, 1):
            if each.modseq > self._told.get(each, 0):
                uid = b"UID %d " % each.uid if self.condstore else b""
                self.say(b"* %d FETCH (%b%b)" % (number, uid, self.shown_flags(each)))
        complete = len(self.known) == len(folder.messages)
        self._at = (folder.uidvalidity, folder.modseq if complete else 0)

    def _tell_arrivals(self, folder: Folder) -> None:
        known = set(self.known)
        arrived = [each for each in folder.messages if each not in known]
        if arrived:
            self.known += arrived
            self._told.update({each: each.modseq for each in arrived})
            self.say(b"* %d EXISTS" % len(self.known))
            self.say(b"* 0 RECENT")
