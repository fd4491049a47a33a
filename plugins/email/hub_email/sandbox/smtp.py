"""SMTP: aiosmtpd's server, with this provider's people, rules and faults."""

import asyncio
import base64
import json
import logging
import socket
from typing import Any

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session

from hub_email.sandbox.post import AUTHSERV, LARGEST, Journey, Post
from hub_email.sandbox.weather import Broken

CHALLENGE = json.dumps({"status": "400", "schemes": "Bearer", "scope": "https://mail.example.test/"}).encode()
"""What a refused XOAUTH2 is told, before it is refused (Google's "XOAUTH2 protocol")."""
log = logging.getLogger("mail.log")
log.addHandler(logging.NullHandler())  # aiosmtpd's; it would speak on stderr of whoever serves us


class Desk:
    """aiosmtpd's handler: takes recipients and messages in."""

    def __init__(self, post: Post) -> None:
        self._post = post

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, said: LoginPassword
    ) -> AuthResult:
        """Judge PLAIN and LOGIN."""
        box = self._post.with_password(text(said.login), text(said.password))
        return AuthResult(success=bool(box), handled=False, auth_data=box.address if box else None)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        """Judge an access token; a wrong one is told why, in a challenge that the client answers with nothing."""
        said = base64_or_nothing(args[1]) if len(args) > 1 else await server.challenge_auth("")
        user, token = bearer(said if isinstance(said, bytes) else b"")
        if box := self._post.with_token(user, token):
            return AuthResult(success=True, auth_data=box.address)
        if said is not MISSING and await server.challenge_auth(CHALLENGE) is not MISSING:
            return AuthResult(success=False, handled=False)
        return AuthResult(success=False, handled=True)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take those in who have a box, and strangers' domains from people who signed in (RFC 5321 §3.6.2)."""
        boxes = self._post.boxes
        if not boxes.box_for(address):
            if address.rpartition("@")[2].lower() in boxes.domains:
                return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
            if not session.authenticated:
                return f"550 5.7.1 <{address}>: Relay access denied"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Deliver, unless a fault is in the way."""
        self._post.count("SMTP DATA")
        weather = self._post.weather
        try:
            await weather.begin()
            if refusal := weather.refusal():
                return refusal
        except Broken:
            await broken_off(server)
        self._take(session, envelope)
        if weather.loses_answer():
            await broken_off(server)
        return "250 2.0.0 Ok: queued"

    def _take(self, session: Session, envelope: Envelope) -> None:
        sender = (envelope.mail_from or "").strip("<>")
        user = session.auth_data if session.authenticated else ""
        journey = Journey(sender, tuple(envelope.rcpt_tos), session.host_name or "localhost", str(user or ""))
        self._post.transport(envelope.original_content or b"", journey)


def text(said: bytes) -> str:
    """What a client gave as its name or password; what is no UTF-8 fits nobody."""
    return said.decode("utf-8", "replace")


def bearer(said: bytes) -> tuple[str, str]:
    """User and token of `user=…^Aauth=Bearer …^A^A`; both empty if it is none."""
    fields = dict(each.partition("=")[::2] for each in text(said).split("\x01"))
    scheme, _, token = fields.get("auth", "").partition(" ")
    return (fields.get("user", ""), token) if scheme.lower() == "bearer" else ("", "")


def base64_or_nothing(said: str | bytes) -> bytes:
    """The decoded octets; none if it is no base64."""
    try:
        return base64.b64decode(said, validate=True)
    except ValueError:
        return b""


async def broken_off(server: SMTP) -> None:
    """Break the connection, and wait for the end of its task, which the loss of the connection cancels."""
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
    await asyncio.get_running_loop().create_future()


class SmtpServer:
    """Serves SMTP on a listening socket, from `start` to `stop`."""

    def __init__(self, post: Post) -> None:
        self._desk = Desk(post)
        self._sessions: set[SMTP] = set()

    async def start(self, listening: socket.socket) -> None:
        """Begin to answer."""
        self._server = await asyncio.get_running_loop().create_server(self._session, sock=listening)

    def _session(self) -> SMTP:
        protocol: Any = SMTP
        self._sessions = {each for each in self._sessions if each.transport is not None}
        session: SMTP = protocol(
            self._desk,
            hostname=AUTHSERV,
            ident="ESMTP sandbox",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            auth_require_tls=False,
            authenticator=self._desk.authenticate,
            loop=asyncio.get_running_loop(),
        )
        self._sessions.add(session)
        return session

    async def stop(self) -> None:
        """Close the socket and every connection."""
        self._server.close()
        for session in self._sessions:
            if isinstance(session.transport, asyncio.WriteTransport):
                session.transport.abort()
        await asyncio.sleep(0)
