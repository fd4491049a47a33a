"""What a mail tells a client: plain values, without a word of prose and without an address."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

Language = Literal["en", "zh-CN"]
LANGUAGES: tuple[Language, ...] = ("en", "zh-CN")


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a requirement that is another than the client was last told.

    Attributes:
        field: The canonical field's name (`due`), or the name of a custom field.
        old: The canonical value told last; None or empty where there was none.
        new: The canonical value now; None or empty where it was taken away.
        label: What to call the field; needed only where the hub has no word for it.
    """

    field: str
    old: object = None
    new: object = None
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What every letter says; use one of the four kinds below.

    Attributes:
        language: `en` or `zh-CN`.
        recipient: The name to greet; may be empty.
        key: The requirement's key, `REQ-12`.
        title: The requirement's title.
        team: Who writes.
        signature: Lines below the team's name, plain text; may be empty.
    """

    kind: ClassVar[str] = ""

    language: Language
    recipient: str
    key: str
    title: str
    team: str
    signature: str = ""

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(f"there are no letters in {self.language!r}; use one of: {', '.join(LANGUAGES)}")


@dataclass(frozen=True, kw_only=True)
class AcknowledgementLetter(Letter):
    """The client's request was received, and has a key now."""

    kind: ClassVar[str] = "acknowledgement"

    status: str
    due: date | None = None


@dataclass(frozen=True, kw_only=True)
class UpdateLetter(Letter):
    """Fields of the requirement changed."""

    kind: ClassVar[str] = "update"

    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class CommentLetter(Letter):
    """Somebody of the team wrote to the client.

    Attributes:
        author: The name of who wrote.
        body: Markdown.
        attachments: Names of the files that follow along.
    """

    kind: ClassVar[str] = "comment"

    author: str
    body: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OpeningLetter(Letter):
    """A requirement that was recorded elsewhere is told for the first time.

    Attributes:
        status: A canonical status.
        description: Markdown.
        acceptance: Pairs of a criterion's text and whether it is met.
        facts: More values to tell, each by the `new` of a change: start, type, priority.
    """

    kind: ClassVar[str] = "opening"

    status: str
    due: date | None = None
    description: str = ""
    acceptance: tuple[tuple[str, bool], ...] = ()
    facts: tuple[Change, ...] = ()


KINDS: tuple[type[Letter], ...] = (AcknowledgementLetter, UpdateLetter, CommentLetter, OpeningLetter)
