"""One letter in one envelope, as the bytes that are sent; the same bytes for the same arguments, always."""

import hashlib
import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from hub_email.composing.envelope import Envelope, head, one_line, subject_line
from hub_email.composing.letter import AcknowledgementLetter, Letter
from hub_email.composing.rendering import Templates
from hub_email.composing.view import view_of
from hub_email.composing.wrapping import wrap

LONGEST_LINE: Final = 998
"""Octets without the line end (RFC 5321, 4.5.3.1.6)."""
LONGEST_NAME: Final = 200
"""Characters of an attachment's name."""
_MEDIA_TYPE: Final = re.compile(r"(?!multipart/|message/)([a-z0-9][a-z0-9!#$&^_.+-]*)/([a-z0-9][a-z0-9!#$&^_.+-]*)")
"""Those of single files. A mail in a mail may not be encoded (RFC 2046, 5.2.1), and is sent as a file like others."""


class Enclosure(NamedTuple):
    """A file that goes with a letter.

    Attributes:
        name: Its name; folders in it are left out.
        media_type: `image/png`; what is no type of a single file is sent as `application/octet-stream`.
        content: Its bytes, or where they lie.
    """

    name: str
    media_type: str
    content: bytes | Path


def compose(
    letter: Letter, envelope: Envelope, attachments: Sequence[Enclosure] = (), templates: Templates | None = None
) -> bytes:
    """The mail that tells *letter*, with CRLF line ends, in seven bits, so that every server takes it.

    Only an address with letters other than ASCII before its @ needs more: see `Envelope.needs_smtputf8`.

    Args:
        letter: What is told.
        envelope: To whom, and in which thread.
        attachments: Files that follow along.
        templates: The user's; the built-in ones if None.

    Raises:
        TemplateBroken: A template of the user's is wrong.
        OSError: An attachment cannot be read.
    """
    subject = subject_line(envelope.subject, letter.key, letter.title)
    content = _content(letter, attachments, templates or Templates(), envelope.message_id)
    answers = isinstance(letter, AcknowledgementLetter)
    return head(envelope, subject, answers=answers) + content.as_bytes(policy=SMTP)


def _content(letter: Letter, attachments: Sequence[Enclosure], templates: Templates, seed: str) -> EmailMessage:
    view, name = view_of(letter), f"{letter.kind}.{letter.language}"
    text, html = wrap(templates.render(f"{name}.txt", view)), templates.render(f"{name}.html", view).strip() + "\n"
    files = [_read(each) for each in attachments]
    content = EmailMessage(policy=SMTP)
    content.set_content(text, cte=_encoding(text))
    content.add_alternative(html, subtype="html", cte=_encoding(html))
    for file_name, (main, sub), data in files:
        content.add_attachment(data, maintype=main, subtype=sub, filename=file_name)
    _set_boundaries(content, _seed(seed, text, html, *(hashlib.sha256(data).hexdigest() for _, _, data in files)))
    return content


def _encoding(text: str) -> str:
    """How a text travels: bare only if it is ASCII in lines that servers must take."""
    short = all(len(line) <= LONGEST_LINE for line in text.split("\n"))
    return "7bit" if text.isascii() and short else "base64"


def _read(enclosure: Enclosure) -> tuple[str, tuple[str, str], bytes]:
    name, media_type, content = enclosure
    found = _MEDIA_TYPE.fullmatch(media_type.partition(";")[0].strip().lower())
    kind = (found[1], found[2]) if found else ("application", "octet-stream")
    return file_name(name), kind, content.read_bytes() if isinstance(content, Path) else content


def file_name(name: str) -> str:
    """*name* as the recipient may save it: no folders, no line breaks, not hidden, not too long, its suffix kept."""
    bare = re.sub(r'[<>:"|?*]', "_", one_line(name).replace("\\", "/").rpartition("/")[2]).lstrip(". ")
    path = PurePosixPath(bare or "file")
    suffix = path.suffix[:20]
    return f"{path.name.removesuffix(path.suffix)[: LONGEST_NAME - len(suffix)]}{suffix}"


def _seed(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8")).hexdigest()


def _set_boundaries(content: EmailMessage, seed: str) -> None:
    """Lines between parts, drawn from all that they divide: no text can hold the one that it gives rise to."""
    containers = [part for part in content.walk() if part.is_multipart()]
    for number, part in enumerate(containers):
        part.set_boundary(f"=_{number}_{seed[:40]}")
