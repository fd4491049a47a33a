"""What a mail says, once it is read."""

from dataclasses import dataclass
from datetime import datetime

from hub_email.reading.addresses import Address
from hub_email.reading.authentication import Verdict, judge
from hub_email.reading.headers import Headers, decode_words


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment, without its bytes: those are `part_content(raw, number)`.

    `number` counts as IMAP does (`2`, `1.3`); `size` is in bytes and `sha256` in hexadecimal, both of the decoded
    content; `name` is safe as a file name; `inline` says that the body shows it (by `content_id`, without brackets).
    """

    number: str
    name: str
    media_type: str
    size: int
    sha256: str
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Bounce:
    """What became of one recipient of an earlier mail (RFC 3464), or what a report without that form tells of it.

    `action` is failed, delayed, delivered, relayed or expanded; `status` an RFC 3463 code such as `5.1.1`, or empty;
    `permanent` is true only for a failure that trying again will not mend. What the report does not tell is empty.
    """

    recipient: str
    action: str
    status: str
    diagnostic: str
    original_message_id: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as people see it, and what machines noted in it.

    Message ids are without angle brackets; a mail without one gets an id made from its bytes. `text` is Markdown of
    the newest words only; `whole` is Markdown of the whole body. `automatic` says why no person wrote this, or is None.
    `bounce` is the gravest of `bounces`. `origin` is the hub that sent this (X-Hub-Origin), or empty.
    """

    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    subject: str
    bare_subject: str
    sender: Address | None
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    delivered_to: tuple[Address, ...]
    date: datetime | None
    text: str
    whole: str
    attachments: tuple[Part, ...]
    automatic: str | None
    bounce: Bounce | None
    bounces: tuple[Bounce, ...]
    origin: str
    headers: Headers

    def header(self, name: str) -> str | None:
        """The topmost value of a header field, decoded; None where there is none."""
        return self.headers.words(name)

    def header_all(self, name: str) -> tuple[str, ...]:
        """All values of a header field, decoded, the topmost first."""
        return tuple(decode_words(value) for value in self.headers.all(name))

    def verdict(self, authserv_id: str) -> Verdict:
        """What the server named *authserv_id* found out about the sender; see `authentication.judge`."""
        return judge(self.headers, authserv_id)
