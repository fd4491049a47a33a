"""Pieces of SQL."""

from collections.abc import Iterable, Iterator, Sized
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

MOST_VARIABLES = 500


def marks(values: Sized) -> str:
    """As many question marks as there are *values*."""
    return ", ".join("?" * len(values))


def chunks(values: Iterable[T], size: int = MOST_VARIABLES) -> Iterator[list[T]]:
    """*values* in pieces, by default such as fit into one statement."""
    rest = iter(values)
    while piece := list(islice(rest, size)):
        yield piece
