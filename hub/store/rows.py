"""Pieces of SQL."""

from collections.abc import Iterable, Iterator, Sized
from itertools import islice

MOST_VARIABLES = 500


def marks(values: Sized) -> str:
    """As many question marks as there are *values*."""
    return ", ".join("?" * len(values))


def chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """*values* in pieces that fit into one statement."""
    rest = iter(values)
    while piece := list(islice(rest, MOST_VARIABLES)):
        yield piece
