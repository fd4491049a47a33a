"""The sandbox as the kit wants it: people, protocols, loading, state."""

import contextlib
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from hub.sdk.sandbox import Sandbox, SandboxPerson
from hub_email.sandbox import controls, loading
from hub_email.sandbox.boxes import Box, Boxes, Folder
from hub_email.sandbox.imap import ImapServer
from hub_email.sandbox.post import AUTHSERV, Post
from hub_email.sandbox.smtp import SmtpServer
from hub_email.sandbox.weather import Weather

PEOPLE = {"hub@example.test": "Requirement Hub", "ana@example.test": "Ana Lima", "wei.li@acme.example": "李伟"}
"""The hub's own box, a colleague, and a client at a domain that is served here too."""
HOST = "127.0.0.1"


@dataclass
class MailSandbox(Sandbox):
    """A mail provider on 127.0.0.1: SMTP and IMAP on ports of their own, and the control API over HTTP.

    Args:
        unsafe_login: As NetEase does, refuse SELECT until the client said by ID what it is.
        authentication_results: Write `Authentication-Results` on top of what SMTP delivers: `dmarc=pass` where From is
            whom the sender signed in as, else `dmarc=fail`.
    """

    unsafe_login: bool = False
    authentication_results: bool = True
    name: ClassVar[str] = "email"

    def __post_init__(self) -> None:
        """Open the boxes; their passwords and tokens depend on the seed alone."""
        super().__post_init__()
        boxes = Boxes()
        for address, name in PEOPLE.items():
            boxes.open(address, name, f"pass-{self.random.getrandbits(64):x}", f"token-{self.random.getrandbits(96):x}")
        weather = Weather(lambda: self.faults, self.random)
        self.post = Post(boxes, weather, self._clock, self.random, self.unsafe_login, self.authentication_results)
        self._imap, self._smtp = ImapServer(self.post), SmtpServer(self.post)
        self._sockets: dict[str, socket.socket] = {}
        self._ports = {"imap": 0, "smtp": 0}

    def _clock(self) -> datetime:
        return self.now()

    @property
    def bot(self) -> Box:
        """The hub's own box."""
        return self.post.boxes["hub@example.test"]

    def folder(self, address: str, name: str = "INBOX") -> Folder:
        """A folder of a box; `reset` of it gives a new UIDVALIDITY. Raises ValueError if there is none."""
        return self.post.boxes.folder(address, name)

    def deliver(self, raw: bytes, to: str) -> int:
        """Put a message into a box as it is, as if another server had brought it; its uid. Raises ValueError."""
        return self.post.deliver(raw, to)[2].uid

    def routes(self) -> Sequence[BaseRoute]:
        """None: the service speaks no HTTP."""
        return ()

    def controls(self) -> Sequence[BaseRoute]:
        """Delivery from outside, and looks into boxes: see `hub_email.sandbox.controls`."""
        return controls.routes(self.post)

    def environment(self) -> Mapping[str, str]:
        """The password of the hub's box, and an OAuth access token for it."""
        return {"MAIL_PASSWORD": self.bot.password, "MAIL_TOKEN": self.bot.token}

    def connection(self, url: str) -> Mapping[str, Any]:  # noqa: ARG002 - mail has addresses of its own
        """The hub's box, by password."""
        auth = {"kind": "password", "user": self.bot.address, "password": {"env": "MAIL_PASSWORD"}}
        return {"plugin": "email", "address": self.bot.address, **self._servers(), "auth": auth, "authserv": AUTHSERV}

    def _servers(self) -> dict[str, str]:
        return {name: f"{name}://{HOST}:{port}" for name, port in self._ports.items()}

    def people(self) -> Sequence[SandboxPerson]:
        """Everyone but the hub: with what a mail program has to be told to read and to write as them."""
        boxes = [each for each in self.post.boxes.values() if each is not self.bot]
        return [
            SandboxPerson(
                box.name,
                {
                    "address": box.address,
                    "user": box.address,
                    "password": box.password,
                    "token": box.token,
                    **self._servers(),
                },
            )
            for box in boxes
        ]

    def load(self, document: Any) -> None:
        """Take messages in: see `hub_email.sandbox.loading.load`. Raises ValueError."""
        loading.load(self.post, document, self.bot)

    def state(self) -> Mapping[str, Any]:
        """Every box with its folders and messages, and what was sent to domains that are not here."""
        return {
            "boxes": {address: self._shown(box) for address, box in self.post.boxes.items()},
            "outside": list(self.post.outside),
        }

    def _shown(self, box: Box) -> dict[str, Any]:
        return {
            name: {
                "uidvalidity": folder.uidvalidity,
                "uidnext": folder.uidnext,
                "messages": [each.shown() for each in folder.messages],
            }
            for name, folder in box.folders.items()
        }

    def served_at(self, url: str) -> None:
        """Take ports for both protocols, so that clients can knock from now on; they are answered once it serves."""
        super().served_at(url)
        for name in self._ports:
            self._sockets[name] = listening = socket.create_server((HOST, 0), backlog=512)
            # Connections inherit it. asyncio sets it only on sockets that name their protocol; without it an answer of
            # two pieces takes 40 ms.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._ports[name] = listening.getsockname()[1]

    async def started(self, count: Callable[[str], None]) -> None:
        """Answer on both ports."""
        await super().started(count)
        self.post.count = count
        if self._sockets:
            await self._imap.start(self._sockets["imap"])
            await self._smtp.start(self._sockets["smtp"])

    async def stopped(self) -> None:
        """Hang up."""
        if self._sockets:
            await self._imap.stop()
            await self._smtp.stop()
        for each in self._sockets.values():
            with contextlib.suppress(OSError):
                each.close()

    def rate_limited(self, retry_after_s: float) -> Response:
        """Never asked for: there is no HTTP here but the control API. See `Weather` for what mail answers."""
        return JSONResponse({"problems": [f"try again in {retry_after_s:.0f} seconds"]}, status_code=429)

    def failing(self, status: int) -> Response:
        """Never asked for, as `rate_limited`."""
        return JSONResponse({"problems": ["failing"]}, status_code=status)
