"""Undoing a Content-Transfer-Encoding, as far as the bytes allow."""

import base64
import binascii
import re

_BASE64 = re.compile(rb"[A-Za-z0-9+/]+")
_NOT_BASE64 = re.compile(rb"[\x80-\xff]|\S[ \t]+\S")


def decoded(body: bytes, encoding: str | None) -> bytes:
    """The bytes that were sent; what is not encoded as it says comes back as it is."""
    match (encoding or "").strip().lower().split(";")[0].strip().replace(" ", "-").replace("_", "-"):
        case "base64" | "x-base64":
            return _base64(body)
        case "quoted-printable" | "qp":
            return _quoted_printable(body)
        case "uuencode" | "x-uuencode" | "x-uue" | "uue":
            return _uuencoded(body)
        case _:
            return body


def from_base64(text: bytes) -> bytes:
    """Decode base64 leniently: foreign characters are passed over, padding may be missing or in the middle."""
    segments = (b"".join(_BASE64.findall(segment)) for segment in text.split(b"="))
    return b"".join(_segment(each) for each in segments if each)


def _segment(letters: bytes) -> bytes:
    usable = letters if len(letters) % 4 != 1 else letters[:-1]  # one letter alone carries no byte
    return base64.b64decode(usable + b"=" * (-len(usable) % 4))


def _base64(body: bytes) -> bytes:
    return body if _looks_plain(body) else from_base64(body)


def _looks_plain(body: bytes) -> bool:
    """Whether this is ordinary text that only claims to be base64: most lines hold something base64 never does."""
    lines = [line.strip() for line in body[:20_000].splitlines() if line.strip()]
    foreign = sum(1 for line in lines if _NOT_BASE64.search(line))
    return foreign * 2 > len(lines)


def _quoted_printable(body: bytes) -> bytes:
    try:
        return binascii.a2b_qp(body)
    except (binascii.Error, ValueError):
        return body


def _uuencoded(body: bytes) -> bytes:
    lines = body.splitlines()
    start = next((n for n, line in enumerate(lines) if line.startswith(b"begin ")), None)
    if start is None:
        return body
    found = bytearray()
    for line in lines[start + 1 :]:
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            found += binascii.a2b_uu(line)
        except binascii.Error:
            continue
    return bytes(found)
