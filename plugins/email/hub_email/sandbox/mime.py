"""A message taken apart by octets, so that each part can be handed out exactly as it came (RFC 2045, 2046, 5322)."""

import re
from dataclasses import dataclass
from email.message import Message as Header
from email.parser import BytesHeaderParser
from email.policy import compat32
from functools import cached_property

DEEPEST = 50
"""Parts below this are taken as they are."""
FIELD = re.compile(rb"(?m)^([!-9;-~]+)[ \t]*:(.*(?:\r\n[ \t].*)*)\r\n")


def with_crlf(raw: bytes) -> bytes:
    """The message with the line ends of the wire (RFC 5322 §2.1), whatever it was stored with."""
    return re.sub(rb"\r?\n", b"\r\n", raw)


@dataclass
class Part:
    """One part of a message, or the whole: its header with the empty line after it, and its body, in octets."""

    head: bytes
    body: bytes
    default_type: str = "text/plain"
    depth: int = 0

    @cached_property
    def header(self) -> Header:
        """The header as the library reads it, leniently."""
        header: Header = BytesHeaderParser(policy=compat32).parsebytes(self.head)
        header.set_default_type(self.default_type)
        return header

    @cached_property
    def fields(self) -> list[tuple[bytes, bytes]]:
        """Names and unfolded raw values, in order."""
        found = FIELD.findall(self.head)
        return [(name, re.sub(rb"\r\n(?=[ \t])", b"", value).strip()) for name, value in found]

    def field(self, name: str) -> bytes | None:
        """The first raw value of a field; None without it."""
        wanted = name.lower().encode()
        return next((value for each, value in self.fields if each.lower() == wanted), None)

    @property
    def type(self) -> str:
        """`maintype/subtype`, in small letters."""
        return self.header.get_content_type()

    @property
    def is_message(self) -> bool:
        """Whether it holds a whole other message."""
        return self.type == "message/rfc822" and bool(self.children)

    @property
    def is_multipart(self) -> bool:
        """Whether it holds parts."""
        return self.type.startswith("multipart/") and bool(self.children)

    @cached_property
    def children(self) -> "list[Part]":
        """The parts of a multipart, or the one message in a message/rfc822."""
        if self.depth >= DEEPEST:
            return []
        if self.type == "message/rfc822":
            return [taken_apart(self.body, depth=self.depth + 1)]
        if not self.type.startswith("multipart/"):
            return []
        inner = "message/rfc822" if self.type == "multipart/digest" else "text/plain"
        return [taken_apart(each, inner, self.depth + 1) for each in self._between_boundaries()]

    def _between_boundaries(self) -> list[bytes]:
        boundary = (self.header.get_boundary() or "").encode("utf-8", "surrogateescape")
        if not boundary:
            return []
        found: list[bytes] = []
        start: int | None = None
        for line in re.finditer(rb"(?m)^--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r\n|\Z)", self.body):
            if start is not None:
                found.append(self.body[start : line.start()].removesuffix(b"\r\n"))
            start = None if line.group(1) else line.end()
            if line.group(1):
                return found
        return found if start is None else [*found, self.body[start:]]


def taken_apart(raw: bytes, default_type: str = "text/plain", depth: int = 0) -> Part:
    """A message, or a part with its header, whose lines end in CRLF."""
    if raw.startswith(b"\r\n"):
        return Part(b"\r\n", raw[2:], default_type, depth)
    head, gap, body = raw.partition(b"\r\n\r\n")
    return Part(head + gap, body, default_type, depth)
