"""What people see, alike for every service."""

import re
from dataclasses import dataclass

from hub.demo.documents import Json
from hub.sdk.http import Http

PAGE = 100
"""Most records that are asked for at once; the story has fewer."""
File = tuple[str, bytes]
"""An attached file: its name and all it holds."""


@dataclass(frozen=True)
class Seen:
    """A requirement as a person sees it in one service; `raw` is all that the service showed of it."""

    id: str
    name: str
    title: str
    status: str
    due: str | None
    labels: frozenset[str]
    people: tuple[str, ...]
    description: str
    raw: Json


def split(markdown: str) -> list[str]:
    """The paragraphs of a Markdown text."""
    return [part.strip() for part in re.split(r"\n\s*\n", markdown) if part.strip()]


async def downloaded(http: Http, where: str) -> bytes:
    """A whole file."""
    return b"".join([piece async for piece in http.download(where)])
