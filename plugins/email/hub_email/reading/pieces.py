"""A message as a tree of MIME parts (RFC 2045, 2046), for messages that break the rules too.

The tree is bounded in depth and number; an unterminated multipart ends where its parent does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hub_email.reading.charsets import text_of
from hub_email.reading.headers import Headers, parameters
from hub_email.reading.transfer import decoded

MOST_DEPTH, MOST_PARTS = 20, 200

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_SOME_BOUNDARY = re.compile(rb"(?:\A|[\r\n])--([^\s\r\n]{1,70})[ \t]*(?:\r\n|\n|\r)")


@dataclass(frozen=True, slots=True)
class Piece:
    """One part: its number as IMAP counts (`1`, `2.1`), its fields, its body as sent, and the parts in it."""

    number: str
    headers: Headers
    media_type: str
    options: dict[str, str]
    body: bytes
    children: tuple["Piece", ...] = ()

    @property
    def content(self) -> bytes:
        """The body with its transfer encoding undone."""
        return decoded(self.body, self.headers.first("content-transfer-encoding"))

    @property
    def text(self) -> str:
        """The body as text with plain line ends."""
        data = self.content
        charset = self.options.get("charset") or (_declared_in(data) if self.media_type == "text/html" else None)
        return text_of(data, charset).replace("\r\n", "\n").replace("\r", "\n")

    def walk(self) -> Iterator["Piece"]:
        """This part and all parts in it, in their order."""
        yield self
        for child in self.children:
            yield from child.walk()


def _declared_in(html: bytes) -> str | None:
    match = re.search(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w-]{2,40})", html[:4_000], re.IGNORECASE)
    return match[1].decode("ascii", "replace") if match else None


@dataclass(slots=True)
class _Budget:
    parts: int = field(default=MOST_PARTS)


def parse(raw: bytes) -> Piece:
    """The tree of a whole message, given as it was transported; any bytes will do."""
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    return _piece(raw, "", 0, _Budget(), "text/plain")


def _piece(raw: bytes, number: str, depth: int, budget: _Budget, usual: str) -> Piece:
    headers, body = Headers.split(raw)
    main, options = parameters(headers.first("content-type") or usual)
    media_type = main if _TYPE.fullmatch(main) else _mended(main, usual)
    budget.parts -= 1
    bodies = _split(body, options.get("boundary"), budget) if media_type.startswith("multipart/") else None
    if bodies is None or depth >= MOST_DEPTH:
        shown = "text/plain" if media_type.startswith("multipart/") and depth < MOST_DEPTH else media_type
        return Piece(number or "1", headers, shown, options, body)
    usual = "message/rfc822" if media_type == "multipart/digest" else "text/plain"
    children = [
        _piece(each, f"{number}.{n}".lstrip("."), depth + 1, budget, usual)
        for n, each in enumerate(bodies, 1)
        if budget.parts > 0
    ]
    return Piece(number or "0", headers, media_type, options, body, tuple(children))


def _mended(main: str, usual: str) -> str:
    """A media type that is none: `text` alone means plain text, everything else is unknown."""
    if not main or main == "text":
        return usual
    match = re.match(r"[a-z]+/[a-z0-9.+-]+", main)
    return match[0] if match else "application/octet-stream"


def _split(body: bytes, boundary: str | None, budget: _Budget) -> list[bytes] | None:
    """The bodies between the boundaries; None where there is no boundary to be found."""
    if found := boundary and _between(body, boundary.rstrip().encode("utf-8", "replace"), budget.parts):
        return found
    guess = _SOME_BOUNDARY.search(body)  # the boundary is missing, or is not the one that was used
    return _between(body, guess[1], budget.parts) or None if guess else None


def _between(body: bytes, boundary: bytes, most: int) -> list[bytes]:
    delimiter = re.compile(rb"(?:\A|\r\n|\n|\r)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r|\n|\Z)")
    found: list[bytes] = []
    start: int | None = None
    for match in delimiter.finditer(body):
        if start is not None:
            found.append(body[start : match.start()])
            start = None
        if match[1] or len(found) >= most:
            break
        start = _after_line(body, match.end())
    if start is not None:
        found.append(body[start:])
    return found


def _after_line(body: bytes, end: int) -> int:
    return end + (2 if body[end : end + 2] == b"\r\n" else 1)
