"""Reading a mail: bytes in, a `Mail` out, whatever the bytes are."""

import hashlib
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from hub_email.reading import automatic, subjects
from hub_email.reading.addresses import Address, addresses
from hub_email.reading.bodies import body_of
from hub_email.reading.bounces import bounces_of
from hub_email.reading.headers import Headers
from hub_email.reading.mail import Mail
from hub_email.reading.pieces import parse

MOST_REFERENCES, LONGEST_ID = 100, 998

_ID = re.compile(r"<\s*([^<>\s]{1,998})\s*>")
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")


def read(raw: bytes) -> Mail:
    """Read a whole message as it was transported (RFC 5322). It raises nothing: what is broken is read as people would."""
    message = parse(raw)
    headers = message.headers
    sender = next(iter(addresses(headers.all("from")) or addresses(headers.all("sender"))), None)
    subject = _subject(headers)
    body = body_of(message)
    bounces = bounces_of(message, sender)
    because = automatic.reason(headers, sender)
    return Mail(
        message_id=_message_id(headers, raw),
        in_reply_to=_ids(headers.words("in-reply-to")),
        references=_ids(headers.words("references")),
        subject=subject,
        bare_subject=subjects.bare(subject),
        sender=sender,
        reply_to=addresses(headers.all("reply-to")),
        to=addresses(headers.all("to")),
        cc=addresses(headers.all("cc")),
        delivered_to=_delivered(headers),
        date=_date(headers.first("date")),
        text=body.text,
        whole=body.whole,
        attachments=body.attachments,
        automatic=because or ("It reports on the delivery of another mail." if bounces else None),
        bounce=bounces[0] if bounces else None,
        bounces=bounces,
        origin=headers.words("x-hub-origin") or "",
        headers=headers,
    )


def _subject(headers: Headers) -> str:
    return " ".join((headers.words("subject") or "").split())


def _message_id(headers: Headers, raw: bytes) -> str:
    """The id without its brackets; where there is none, one made from the bytes, the same each time."""
    value = headers.first("message-id") or ""
    found = _ids(value) or tuple(word for word in value.split()[:1] if "@" in word)
    return found[0][:LONGEST_ID] if found else f"{hashlib.sha256(raw).hexdigest()[:32]}@no-message-id.invalid"


def _ids(value: str | None) -> tuple[str, ...]:
    """Message ids in their order, each once; of very many the first and the newest."""
    found = tuple(dict.fromkeys(_ID.findall(value or "")))
    return found if len(found) <= MOST_REFERENCES else (found[0], *found[1 - MOST_REFERENCES :])


def _delivered(headers: Headers) -> tuple[Address, ...]:
    return addresses([value for name in _DELIVERED for value in headers.all(name)])


def _date(value: str | None) -> datetime | None:
    """The moment that a Date field tells, in UTC; without a zone it is taken for UTC."""
    if not value:
        return None
    for reading in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = reading(value.strip())
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
            continue
    return None
