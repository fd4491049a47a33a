"""The attachments of a message: what they are called, and what they hold."""

import hashlib
import re
import unicodedata

from hub_email.reading.headers import decode_words
from hub_email.reading.mail import Part
from hub_email.reading.pieces import Piece, parse

LONGEST_NAME = 255
"""In bytes of UTF-8, which is what file systems count."""

_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffd]+')
_ENDINGS = {
    "message/rfc822": "eml", "text/calendar": "ics", "text/plain": "txt", "text/html": "html", "text/csv": "csv",
    "text/vcard": "vcf", "text/x-vcard": "vcf", "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/bmp": "bmp",
    "image/webp": "webp", "image/tiff": "tiff", "image/svg+xml": "svg", "application/pdf": "pdf", "application/zip": "zip",
    "application/json": "json", "application/xml": "xml", "application/msword": "doc", "application/pgp-signature": "asc",
    "application/pkcs7-signature": "p7s", "application/x-pkcs7-signature": "p7s", "application/pkcs7-mime": "p7m",
    "application/ms-tnef": "dat", "application/vnd.ms-tnef": "dat", "message/delivery-status": "txt", "text/rfc822-headers": "txt",
}  # fmt: skip
_FIXED = {"application/ms-tnef": "winmail.dat", "application/vnd.ms-tnef": "winmail.dat", "text/calendar": "invite.ics"}


def given_name(piece: Piece) -> str:
    """The file name that a part carries, as it came (RFC 2231, RFC 2047 or plain); empty for none."""
    _, disposition = piece.headers.parameters("content-disposition")
    return disposition.get("filename") or disposition.get("name") or piece.options.get("name") or ""


def disposition(piece: Piece) -> str:
    """`attachment`, `inline`, or empty where a part says neither."""
    said, _ = piece.headers.parameters("content-disposition")
    return said if said in ("attachment", "inline") else ("attachment" if said else "")


def described(piece: Piece, *, shown: frozenset[str] = frozenset()) -> Part:
    """What is known of an attachment; *shown* are the content ids that the body shows."""
    content = piece.content
    content_id = (piece.headers.first("content-id") or "").strip().strip("<>").strip()
    inline = content_id in shown or (disposition(piece) == "inline" and piece.media_type.startswith("image/"))
    name = safe_name(given_name(piece)) or _made_up(piece)
    return Part(
        piece.number, name, piece.media_type, len(content), hashlib.sha256(content).hexdigest(), inline, content_id
    )


def part_content(raw: bytes, number: str) -> bytes:
    """The decoded bytes of the attachment *number* of a message; KeyError where it has no such part."""
    for piece in parse(raw).walk():
        if piece.number == number and not piece.children:
            return piece.content
    raise KeyError(number)


def safe_name(name: str) -> str:
    """A file name without folders, control or direction characters, of at most 255 bytes; its ending is kept."""
    plain = unicodedata.normalize("NFC", decode_words(name) if "=?" in name else name)
    plain = re.sub(r"\s+", " ", _UNSAFE.sub("_", plain)).strip(" .")
    if not plain.strip("_ ."):
        return ""
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending.encode()) > 20:
        return _cut(plain, LONGEST_NAME)
    return _cut(stem, LONGEST_NAME - len(ending.encode()) - 1) + "." + ending


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore").rstrip(" .")


def _made_up(piece: Piece) -> str:
    """A name for a part that has none: a forwarded mail is called by its subject."""
    if fixed := _FIXED.get(piece.media_type):
        return fixed
    ending = _ENDINGS.get(piece.media_type, "bin")
    stem = f"part-{piece.number}"
    if piece.media_type == "message/rfc822":
        stem = safe_name(parse(piece.content[:100_000]).headers.words("subject") or "") or "message"
    return safe_name(f"{stem}.{ending}")
