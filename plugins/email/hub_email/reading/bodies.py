"""Which parts of a message are its body and which are attachments, and the body as Markdown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hub_email.reading import attachments, html, plaintext
from hub_email.reading.mail import Part
from hub_email.reading.pieces import Piece
from hub_email.reading.quotes import newest

LONGEST_BODY = 2_000_000

_STUB = re.compile(
    r"(?:this|your|the)\b.{0,80}\b(?:html|mime|e-?mail (?:client|program|reader))\b.{0,200}"
    r"|.{0,80}\b(?:view|read|see|display)\b.{0,60}\b(?:html|browser|online)\b.{0,200}"
    r"|.{0,60}(?:不支持|请使用支持|無法顯示|无法显示).{0,20}html.{0,80}|.{0,40}\bhtml\b.{0,20}(?:格式|邮件).{0,80}",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_STUB = 320
_SHOWN = re.compile(r"cid:([^\"'\s>)]{1,300})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a message: its newest words, all of it, and what is attached to it."""

    text: str
    whole: str
    attachments: tuple[Part, ...]


@dataclass(slots=True)
class _Sorted:
    """Parts that are read, and parts that are kept, in their order; `reports` are kept but not people's files."""

    read: list[Piece] = field(default_factory=list)
    kept: list[Piece] = field(default_factory=list)


def body_of(message: Piece) -> Body:
    """Read the body of a message, and describe what is attached."""
    parts = _Sorted()
    _sort(message, parts, nested=False)
    shown = frozenset(cid for each in parts.read if each.media_type == "text/html" for cid in _SHOWN.findall(each.text))
    whole = _joined(_rendered(parts.read, newest_only=False))
    text = newest(_joined(_rendered(parts.read, newest_only=True)))
    return Body(text or whole, whole, tuple(attachments.described(each, shown=shown) for each in parts.kept))


def _joined(texts: Iterator[str]) -> str:
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())


def _rendered(read: list[Piece], *, newest_only: bool) -> Iterator[str]:
    """Each part as Markdown; once there were very many tags, only words, so that no mail takes long."""
    tags, room = 0, LONGEST_BODY
    for piece in read:
        text = piece.text[:room]
        room -= len(text)
        if piece.media_type != "text/html":
            yield _plain(piece, text)
            continue
        tags += text.count("<")
        if tags > html.MOST_TAGS:
            yield html.words_only(text)
        else:
            yield html.without_quotes(text) if newest_only else html.whole(text)


def _plain(piece: Piece, text: str) -> str:
    flowed = piece.options.get("format", "").lower() == "flowed"
    if flowed:
        text = plaintext.unflowed(text, delete_space=piece.options.get("delsp", "").lower() == "yes")
    return plaintext.markdown(text, flowed=flowed)


def _sort(piece: Piece, parts: _Sorted, *, nested: bool) -> None:
    if piece.media_type == "multipart/alternative" and piece.children:
        _sort_alternatives(piece, parts)
    elif piece.children:
        related = piece.media_type == "multipart/related"
        for n, child in enumerate(piece.children):
            if related and n and not child.children:
                parts.kept.append(child)
            else:
                _sort(child, parts, nested=True)
    elif _is_body(piece, first=not parts.read, nested=nested):
        parts.read.append(piece)
    elif piece.body.strip() or attachments.given_name(piece):
        parts.kept.append(piece)


def _is_body(piece: Piece, *, first: bool, nested: bool) -> bool:
    """Whether a part is to be read. A named text is a file, but some clients name the body itself."""
    if piece.media_type not in ("text/plain", "text/html"):
        return False
    said = attachments.disposition(piece)
    if said == "attachment":
        return False
    named = bool(attachments.given_name(piece))
    return not named or (first and (not nested or not said))


def _sort_alternatives(piece: Piece, parts: _Sorted) -> None:
    """Read one of the alternatives: plain text if it says something, else the richest; keep the files of all."""
    versions = []
    for child in piece.children:
        version = _Sorted()
        _sort(child, version, nested=True)
        parts.kept += version.kept
        versions.append(version.read)
    useful = [read for read in versions if any(each.text.strip() for each in read)]
    plain = next((read for read in useful if all(each.media_type == "text/plain" for each in read)), None)
    rich = next((read for read in reversed(useful) if any(each.media_type == "text/html" for each in read)), None)
    if plain and not (rich and _is_stub(plain)):
        parts.read += plain
    else:
        parts.read += rich or plain or []


def _is_stub(read: list[Piece]) -> bool:
    """Whether the plain text only tells to look at the other version."""
    words = " ".join(" ".join(each.text for each in read).split())
    return len(words) <= _LONGEST_STUB and bool(_STUB.fullmatch(words))
