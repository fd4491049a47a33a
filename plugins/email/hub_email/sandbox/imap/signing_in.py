"""Commands of a connection as such: greeting, signing in, saying who one is, waiting, leaving."""

import asyncio
import base64
from typing import Literal

from hub_email.sandbox.boxes import Box
from hub_email.sandbox.imap.session import Command, Session, State
from hub_email.sandbox.imap.wire import Bad, Ended, No, Token, read_line, string, upper, word
from hub_email.sandbox.smtp import CHALLENGE, base64_or_nothing, bearer, text

CAPABILITIES = "IMAP4rev1 SASL-IR LITERAL+ ID ENABLE IDLE NAMESPACE UNSELECT UIDPLUS MOVE CONDSTORE SPECIAL-USE"
WAYS_IN = f"{CAPABILITIES} AUTH=PLAIN AUTH=XOAUTH2"
"""What a client is told until it has signed in."""
WRONG = "[AUTHENTICATIONFAILED] Authentication failed"


async def capability(session: Session, _args: list[Token]) -> str:
    """Say what the server can."""
    session.say(b"* CAPABILITY ", (CAPABILITIES if session.box else WAYS_IN).encode())
    return ""


async def login(session: Session, args: list[Token]) -> str:
    """LOGIN user password."""
    user, password = args
    return _signed_in(session, session.post.with_password(word(user), word(password)))


async def authenticate(session: Session, args: list[Token]) -> str:
    """AUTHENTICATE PLAIN or XOAUTH2, with or without an initial response (RFC 4959)."""
    mechanism = upper(args[0])
    if mechanism not in {"PLAIN", "XOAUTH2"}:
        raise No(f"There is no mechanism {mechanism}")
    said = word(args[1]).encode() if len(args) > 1 else await session.ask()
    if said == b"*":
        raise Bad("Authentication was called off")
    if mechanism == "PLAIN":
        return _signed_in(session, _by_password(session, base64_or_nothing(said)))
    box = session.post.with_token(*bearer(base64_or_nothing(said)))
    if box is None:
        await session.ask(base64.b64encode(CHALLENGE))
    return _signed_in(session, box)


def _by_password(session: Session, said: bytes) -> Box | None:
    """The box that `authorised NUL user NUL password` opens (RFC 4616)."""
    parts = said.split(b"\0")
    return session.post.with_password(text(parts[1]), text(parts[2])) if len(parts) == 3 else None


def _signed_in(session: Session, box: Box | None) -> str:
    if session.box is not None:
        raise Bad("Signed in already")
    if box is None:
        raise No(WRONG)
    session.box = box
    return f"[CAPABILITY {CAPABILITIES}] Signed in"


async def identify(session: Session, _args: list[Token]) -> str:
    """ID: take in what the client says it is, and say what we are (RFC 2971)."""
    session.identified = True
    session.say(b'* ID ("name" "email sandbox" "vendor" "requirement-hub")')
    return ""


async def enable(session: Session, args: list[Token]) -> str:
    """ENABLE CONDSTORE; what we do not know is left out of the answer (RFC 5161)."""
    known = [each for each in map(upper, args) if each == "CONDSTORE"]
    session.condstore = session.condstore or bool(known)
    session.say(" ".join(["* ENABLED", *known]).encode())
    return ""


async def namespace(session: Session, _args: list[Token]) -> str:
    """NAMESPACE: all folders are the user's own (RFC 2342)."""
    session.say(b'* NAMESPACE (("" ', string(b"/"), b")) NIL NIL")
    return ""


async def noop(_session: Session, _args: list[Token]) -> str:
    """NOOP: the session tells what changed, as after any command."""
    return ""


async def logout(session: Session, _args: list[Token]) -> str:
    """LOGOUT; the session ends the connection afterwards."""
    session.say(b"* BYE Good bye")
    return ""


async def idle(session: Session, _args: list[Token]) -> str:
    """IDLE: tell every change at once, until the client says DONE (RFC 2177)."""
    session.say(b"+ idling")
    done = asyncio.ensure_future(read_line(session.reader))
    try:
        while not done.done():
            session.changed.clear()
            session.tell_changes()
            await session.drain()
            await _first_of(done, asyncio.ensure_future(session.changed.wait()))
    finally:
        done.cancel()
    if (said := done.result()).upper() != b"DONE":
        raise Ended(f"Expected DONE, got {said[:20]!r}")
    return ""


async def _first_of(done: "asyncio.Future[bytes]", changed: "asyncio.Future[Literal[True]]") -> None:
    try:
        await asyncio.wait((done, changed), return_when=asyncio.FIRST_COMPLETED)
    finally:
        changed.cancel()


COMMANDS = {
    "CAPABILITY": Command(capability, State.CONNECTED),
    "NOOP": Command(noop, State.CONNECTED),
    "CHECK": Command(noop, State.SELECTED),
    "LOGOUT": Command(logout, State.CONNECTED),
    "LOGIN": Command(login, State.CONNECTED),
    "AUTHENTICATE": Command(authenticate, State.CONNECTED),
    "ID": Command(identify, State.CONNECTED),
    "ENABLE": Command(enable, State.SIGNED_IN),
    "NAMESPACE": Command(namespace, State.SIGNED_IN),
    "IDLE": Command(idle, State.SIGNED_IN),
}
