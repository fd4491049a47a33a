"""The provider as its protocols see it: who may sign in, what is delivered where, and what is written on top."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parseaddr
from hmac import compare_digest

from hub_email.sandbox.boxes import INBOX, Box, Boxes, Folder, Message
from hub_email.sandbox.mime import taken_apart, with_crlf
from hub_email.sandbox.weather import Weather

AUTHSERV = "mx.example.test"
"""The provider's name in `Authentication-Results` (RFC 8601 §2.5) and in greetings."""
LARGEST = 35 * 2**20
"""Most octets of one message, by SMTP or APPEND."""


@dataclass(frozen=True, slots=True)
class Journey:
    """How a message came: the envelope, the greeting, and as whom the sender had signed in, if at all."""

    sender: str
    recipients: tuple[str, ...]
    helo: str = "localhost"
    signed_in: str = ""


@dataclass
class Post:
    """The state that SMTP, IMAP and the control API share.

    Args:
        unsafe_login: As NetEase does, refuse SELECT until the client said by ID (RFC 2971) what it is.
        authentication_results: Write on top of each message whether From is the sender's own; some providers do not.
    """

    boxes: Boxes
    weather: Weather
    now: Callable[[], datetime]
    random: random.Random
    unsafe_login: bool = False
    authentication_results: bool = True
    outside: list[dict[str, object]] = field(default_factory=list)
    """What signed-in people sent to domains that are not ours; it goes nowhere else."""
    count: Callable[[str], None] = lambda _operation: None

    def with_password(self, user: str, password: str) -> Box | None:
        """The box that this user may open; None if there is none, or the password is wrong."""
        box = self.boxes.get(user)
        return box if box and compare_digest(box.password.encode(), password.encode()) else None

    def with_token(self, user: str, token: str) -> Box | None:
        """The box that an OAuth access token opens for this user."""
        box = self.boxes.get(user)
        return box if box and compare_digest(box.token.encode(), token.encode()) else None

    def transport(self, raw: bytes, journey: Journey) -> None:
        """Put a message that SMTP accepted into the box of each recipient, with the headers of the way on top."""
        raw = with_crlf(raw)
        for recipient in journey.recipients:
            written = self._headers(raw, journey, recipient) + raw
            if box := self.boxes.box_for(recipient):
                box.folder(INBOX).add(written, self.now())
            else:
                text = written.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()
                self.outside.append({"from": journey.sender, "to": recipient, "message": text})

    def deliver(self, raw: bytes, to: str) -> tuple[Box, Folder, Message]:
        """Put a message into a box as it is, as if another server had brought it.

        Raises:
            ValueError: Nobody has this address.
        """
        box = self.boxes.box_for(to)
        if box is None:
            raise ValueError(f"nobody here has the address {to!r}; there are: {', '.join(self.boxes)}")
        folder = box.folder(INBOX)
        return box, folder, folder.add(raw, self.now())

    def _headers(self, raw: bytes, journey: Journey, recipient: str) -> bytes:
        protocol = "ESMTPA" if journey.signed_in else "ESMTP"
        identifier = f"{self.random.getrandbits(48):012x}"
        lines = [f"Return-Path: <{journey.sender}>", f"Delivered-To: {recipient}"]
        if self.authentication_results:
            lines.append(f"Authentication-Results: {AUTHSERV}; {verdict(raw, journey)}")
        lines += [
            f"Received: from {journey.helo} (localhost [127.0.0.1])",
            f"\tby {AUTHSERV} with {protocol} id {identifier}",
            f"\tfor <{recipient}>; {format_datetime(self.now())}",
        ]
        return "".join(f"{line}\r\n" for line in lines).encode()


def verdict(raw: bytes, journey: Journey) -> str:
    """Pass, for whoever signed in as the very address in From; fail for everybody else."""
    value = (taken_apart(raw).field("From") or b"").decode("utf-8", "replace")
    address = parseaddr(value)[1].lower()
    domain = address.rpartition("@")[2] or "unknown"
    if journey.signed_in and address == journey.signed_in.lower():
        return f"dmarc=pass header.from={domain}"
    return f"dmarc=fail header.from={domain}"
