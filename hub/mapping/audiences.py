"""The lens for whom a comment is meant for, told by its first words."""

import re
from collections.abc import Collection
from typing import Any

from hub.mapping.lens import Lens, Unmapped
from hub.mapping.texts import RichText
from hub.model import Audience

_SEPARATORS = ",:;!?，：；！？。、（）()…—"
_AFTER = rf"(?=[*_~`]*(?:$|\s|[{_SEPARATORS}]|[^\w\s](?!\w)))"
_CLOSED = re.compile(r"^[,:;，：；、](?=[*_~`])")
_REST = re.compile(r"[ \t]*[,:;，：；、]?\s*")


class Marked(Lens):
    """The audience of a comment: the client if its text begins with one of *marks*, else whom it was meant for before.

    It is only read: taking a mark away does not take back what a client has seen.

    Args:
        body: The lens of the comment's text.
        marks: Words such as `@client`, in any case. What goes on right after the mark is another word: `@client-side`.
    """

    def __init__(self, body: RichText, marks: Collection[str]) -> None:
        super().__init__(body.remote, writable=False)
        self.body, self.marks = body, tuple(marks)

    def get(self, remote: Any) -> Audience:
        """The client if the text is marked, else internal."""
        return Audience.CLIENT if _marked(self.body.get(remote), self.marks) else Audience.INTERNAL

    def put(self, value: Audience, current: Any) -> Any:
        """*current*. Raises Unmapped where that says otherwise: nothing is ever written."""
        if value is Audience.INTERNAL and self.get(current) is Audience.CLIENT:
            raise Unmapped(f"{self.remote} is marked for the client")
        return current

    def to_canonical(self, remote: Any, *, current: Any, seen: Any = None) -> Audience:
        """The client if the text is marked, else *current*."""
        del seen
        marked = self.get(remote) is Audience.CLIENT
        return Audience.CLIENT if marked or current is None else current

    def fingerprint(self) -> str:
        """The marks are part of the meaning, in whatever case and order."""
        marks = ",".join(sorted({mark.casefold() for mark in self.marks}))
        return f"{super().fingerprint()}:{self.body.fingerprint()}:{marks}"


def without_mark(text: str, marks: Collection[str]) -> str:
    """*text* without the mark that it begins with, if any, and without the emphasis and the colon around that."""
    found = _marked(text, marks)
    if not found:
        return text
    opened, rest = found["opened"], _CLOSED.sub("", text[found.end() :], count=1)
    closed = len(rest) - len(rest.lstrip("*_~`"))
    shared = min(len(opened), closed)
    return opened[: len(opened) - shared] + _REST.sub("", rest[shared:], count=1)


def _marked(text: str, marks: Collection[str]) -> re.Match[str] | None:
    words = "|".join(re.escape(mark) for mark in sorted(marks, key=len, reverse=True))
    return re.match(rf"\s*(?P<opened>[*_~`]*)\\?(?:{words}){_AFTER}", text, re.IGNORECASE) if words else None
