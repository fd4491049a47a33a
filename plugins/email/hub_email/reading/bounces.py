"""Reports that a mail did not arrive: in the form of RFC 3464, and in the words of servers that know no form."""

import re
from collections.abc import Iterator
from itertools import islice

from hub_email.reading.addresses import Address, addresses
from hub_email.reading.bounce_words import failing_text, told
from hub_email.reading.charsets import text_of
from hub_email.reading.headers import Headers, decode_words
from hub_email.reading.mail import Bounce
from hub_email.reading.pieces import Piece, parse

MOST_RECIPIENTS, LONGEST_DIAGNOSTIC = 100, 1_000

_GRAVITY = {"failed": 0, "delayed": 1, "expanded": 2, "relayed": 3, "delivered": 4}
_COPIES = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/partial")
_CODE = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_MESSAGE_ID = re.compile(r"^[\s>]*message-id\s*:\s*<([^<>\s]{3,250})>", re.IGNORECASE | re.MULTILINE)


def bounces_of(message: Piece, sender: Address | None) -> tuple[Bounce, ...]:
    """What a message reports of earlier recipients, the gravest first; empty if it is no such report."""
    found = _formal(message) or _told(message, sender)
    return tuple(sorted(found[:MOST_RECIPIENTS], key=lambda each: _GRAVITY.get(each.action, 5)))


def _formal(message: Piece) -> list[Bounce]:
    report = next(
        (p for p in message.walk() if p.media_type in ("message/delivery-status", "message/global-delivery-status")),
        None,
    )
    if report is None:
        return []
    original = _original_id(message)
    groups = list(islice(_groups(report.content), 3 * MOST_RECIPIENTS))
    wanted = [group for group in groups if group.first("final-recipient") or group.first("original-recipient")]
    return [_bounce(group, original) for group in wanted if _recipient(group)]


def _groups(content: bytes) -> Iterator[Headers]:
    """The groups of fields in a report, one for the message and one for each recipient."""
    plain = content[:500_000].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for block in re.split(rb"\n[ \t]*\n", plain):
        if block.strip():
            yield Headers.split(block.strip() + b"\n\n")[0]


def _recipient(group: Headers) -> str:
    """The address that we wrote to, if the report names it, else the one it ended at."""
    for name in ("original-recipient", "final-recipient"):
        value = (group.first(name) or "").rpartition(";")[2]
        if found := addresses([value.strip()]):
            return found[0].email
    return ""


def _bounce(group: Headers, original: str) -> Bounce:
    diagnostic = decode_words(group.first("diagnostic-code") or "")
    diagnostic = re.sub(r"^[\w-]{1,20}\s*;\s*", "", diagnostic)[:LONGEST_DIAGNOSTIC]
    action = (group.first("action") or "").split(" ")[0].strip().lower()
    stated = _CODE.search(group.first("status") or "")
    status = stated[1] if stated else next(iter(_CODE.findall(diagnostic)), "")
    if action not in _GRAVITY:
        action = {"5": "failed", "4": "delayed", "2": "delivered"}.get(status[:1], "failed")
    permanent = action == "failed" and not status.startswith("4")
    return Bounce(_recipient(group), action, status, diagnostic, original, permanent)


def _told(message: Piece, sender: Address | None) -> list[Bounce]:
    """What a report in plain words says; only mails that come from a mail system are looked at."""
    text = failing_text(message, sender)
    if text is None:
        return []
    named = addresses(message.headers.all("x-failed-recipients"))
    own = {address.email for address in addresses(message.headers.all("to"))}
    original = _original_id(message)
    asked = _asked(message)
    return [
        Bounce(
            one.recipient or asked, one.action, one.status, one.diagnostic[:LONGEST_DIAGNOSTIC], original, one.permanent
        )
        for one in told(text, tuple(address.email for address in named), own)
    ]


def _copies(message: Piece) -> Iterator[Headers]:
    """The header of the mail that is reported on, where a copy of it or of its header is attached."""
    for piece in message.walk():
        if not piece.children and piece.media_type in _COPIES:
            yield parse(piece.content[:200_000]).headers


def _asked(message: Piece) -> str:
    """Whom the original was for, if that is one address: some reports name nobody."""
    found = [address for copy in _copies(message) for address in addresses(copy.all("to"))]
    return found[0].email if len(found) == 1 else ""


def _original_id(message: Piece) -> str:
    """The id of the mail that is reported on: from the copy or its header, else from the words of the report."""
    for copy in _copies(message):
        if found := re.search(r"<([^<>\s]+)>", copy.first("message-id") or ""):
            return found[1]
    words = (text_of(p.content[:100_000], p.options.get("charset")) for p in message.walk() if not p.children)
    return next((match[1] for text in words if (match := _MESSAGE_ID.search(text))), "")
