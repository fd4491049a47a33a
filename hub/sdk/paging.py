"""Walks through what a service gives in pages, and cannot be made to walk for ever."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from hub.errors import BadAnswer

T = TypeVar("T")
MOST_PAGES = 10_000
"""More than any service has to give; who gives more is going round in a circle."""


async def by_offset(read: Callable[[int], Awaitable[tuple[Sequence[T], bool]]]) -> AsyncIterator[Sequence[T]]:
    """Pages told apart by how many elements come before.

    Args:
        read: The page that begins after so many elements, and whether it is the last one. An empty page is the last,
            whatever it says: services count wrong when things vanish meanwhile.

    Raises:
        BadAnswer: The pages do not come to an end.
    """
    start = 0
    for _ in range(MOST_PAGES):
        page, last = await read(start)
        if page:
            yield page
        if last or not page:
            return
        start += len(page)
    raise BadAnswer(f"the service gave more than {MOST_PAGES} pages")


async def by_token(
    read: Callable[[str | None], Awaitable[tuple[Sequence[T], str | None]]], first: str | None = None
) -> AsyncIterator[tuple[Sequence[T], str | None]]:
    """Pages told apart by a token, each with the token of the next one; at least one page, and none after an empty one.

    Args:
        read: The page of a token (None is the first one), and the token of the next, if there is one.
        first: Where to begin.

    Raises:
        BadAnswer: The pages do not come to an end.
    """
    token = first
    for _ in range(MOST_PAGES):
        page, given = await read(token)
        following = given if page and given != token else None
        yield page, following
        if following is None:
            return
        token = following
    raise BadAnswer(f"the service gave more than {MOST_PAGES} pages")
