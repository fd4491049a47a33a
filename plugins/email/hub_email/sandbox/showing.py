"""Messages as people read them: decoded headers and text, for search and for the control API."""

import email
import email.policy
from collections.abc import Iterator
from email.header import decode_header, make_header
from typing import Any

from hub_email.sandbox.mime import Part

HEADERS = ("From", "To", "Cc", "Subject", "Message-ID", "In-Reply-To", "References", "Date")


def words(raw: bytes) -> str:
    """A header's value with its encoded words decoded (RFC 2047); as it is where they are wrong."""
    text = raw.decode("utf-8", "replace")
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, ValueError):
        return text


def headers(part: Part) -> dict[str, str]:
    """Those of `HEADERS` that the message has, decoded."""
    found = {name: part.field(name) for name in HEADERS}
    return {name: words(value) for name, value in found.items() if value is not None}


def text(raw: bytes) -> str:
    """What the message says: its plain text, or else its HTML; empty without either."""
    message: Any = email.message_from_bytes(raw, policy=email.policy.default)
    try:
        body = message.get_body(("plain", "html"))
        return str(body.get_content()).replace("\r\n", "\n") if body is not None else ""
    except (LookupError, ValueError, KeyError, AttributeError):
        return raw.partition(b"\r\n\r\n")[2].decode("utf-8", "replace")


def everything(part: Part) -> Iterator[str]:
    """All headers and all text of a message and its parts, decoded, piece by piece."""
    yield from (f"{name.decode('ascii')}: {words(value)}" for name, value in part.fields)
    yield from texts(part)


def texts(part: Part) -> Iterator[str]:
    """The text of a message's parts, decoded; headers only of messages within it."""
    for child in part.children:
        yield from everything(child) if part.is_message else texts(child)
    if not part.children and part.type.startswith(("text/", "message/")):
        yield decoded(part)


def decoded(part: Part) -> str:
    """The text of one part; what its charset does not know is replaced."""
    message = email.message_from_bytes(part.head + part.body)
    payload = message.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else part.body
    try:
        return content.decode(message.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace")
