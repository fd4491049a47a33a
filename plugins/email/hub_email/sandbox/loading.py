"""What `--load` takes: messages as .eml, a folder of them, or an mbox."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from typing import Any

from hub_email.sandbox.boxes import INBOX, Box
from hub_email.sandbox.mime import Part, taken_apart, with_crlf
from hub_email.sandbox.post import Post

ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
SEPARATOR = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]*\d\d:\d\d[^\r\n]*\r?\n")
"""The line between messages of an mbox; `From ` in a text stands after an empty line too, but tells no time."""
HEADER = re.compile(rb"[!-9;-~]+[ \t]*:")
SUFFIXES = frozenset({".eml", ".mbox", ".mbx", ""})
"""Files of a folder that are taken; without a suffix, as in a Maildir, only what looks like a message."""


def load(post: Post, document: Any, default: Box) -> None:
    """Put every message into the inbox of whom it is addressed to; of those addressed to nobody here, into *default*.

    A document is a message or an mbox (bytes or text), the path of a file or folder with them, a list of documents, or
    `{"to": address, "folder": name, "messages": document}`, which all go there. They arrive at the time in Date.

    Raises:
        ValueError: It is nothing of that.
    """
    if isinstance(document, Mapping):
        folder = post.boxes.folder(str(document.get("to") or default.address), str(document.get("folder") or INBOX))
        for raw in messages(document.get("messages")):
            folder.add(raw, arrived(taken_apart(with_crlf(raw)), post.now()))
        return
    for raw in list(messages(document)):
        part = taken_apart(with_crlf(raw))
        for box in owners(post, part) or [default]:
            box.folder(INBOX).add(raw, arrived(part, post.now()))


def messages(document: Any) -> Iterator[bytes]:
    """The messages in a document, as they are.

    Raises:
        ValueError: There is something else in it.
    """
    if isinstance(document, list | tuple):
        for each in document:
            yield from messages(each)
    elif isinstance(document, Path) or (isinstance(document, str) and document and "\n" not in document):
        yield from _of_path(Path(document))
    elif isinstance(document, str):
        yield from _of_text(document.encode("utf-8", "surrogateescape"))
    elif isinstance(document, bytes):
        yield from _of_text(document)
    else:
        raise ValueError("expected a message (.eml), an mbox, or a folder or list of them")


def _of_path(path: Path) -> Iterator[bytes]:
    if path.is_dir():
        found = sorted(each for each in path.rglob("*") if each.is_file() and each.suffix.lower() in SUFFIXES)
        if not found:
            raise ValueError(f"there are no .eml or mbox files in {path}")
        for each in found:
            if each.suffix or HEADER.match(each.read_bytes()):
                yield from _of_path(each)
    elif path.is_file():
        yield from _of_text(path.read_bytes(), str(path), is_message=path.suffix.lower() == ".eml")
    else:
        raise ValueError(f"there is no file or folder {path}")


def _of_text(raw: bytes, where: str = "the document", *, is_message: bool = False) -> Iterator[bytes]:
    """The message, or those of an mbox, whose lines `>From ` were `From ` before (mboxrd).

    Real messages are malformed at times, so that one known to be a message need not look like one.
    """
    if SEPARATOR.match(raw):
        pieces = SEPARATOR.split(raw)[1:]
        yield from (re.sub(rb"(?m)^>(>*From )", rb"\1", each) for each in pieces)
    elif is_message or HEADER.match(raw):
        yield raw
    else:
        raise ValueError(f"{where} is no message: it does not begin with a header")


def owners(post: Post, part: Part) -> list[Box]:
    """The boxes that a message is addressed to, each once."""
    for names in (ADDRESSED[:3], ADDRESSED[3:]):
        values = [value.decode("utf-8", "replace") for name, value in part.fields if name.decode().title() in names]
        found = {id(box): box for _, address in getaddresses(values) if (box := post.boxes.box_for(address))}
        if found:
            return list(found.values())
    return []


def arrived(part: Part, now: datetime) -> datetime:
    """The time in Date, in UTC; now, if there is none that can be read."""
    try:
        at = parsedate_to_datetime((part.field("Date") or b"").decode("ascii", "replace"))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return now
