"""What a merge answers, and the words that every merge shares. Pure: no I/O, no clock."""

from collections.abc import Sized
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from hub.model.nothing import Nothing

V = TypeVar("V")
W = TypeVar("W")


class Side(StrEnum):
    """One of the two that are merged."""

    OURS = "ours"
    THEIRS = "theirs"

    def choose(self, ours: W, theirs: W) -> W:
        """The value of this side."""
        return ours if self is Side.OURS else theirs


@dataclass(frozen=True, slots=True)
class Merged(Generic[V]):
    """The outcome of a three-way merge.

    Attributes:
        value: The merge, with whatever clashed settled for the favoured side.
        clash: Whether anything had to be settled. Where nothing had, no edit of either side is missing from `value`.
    """

    value: V
    clash: bool = False


class Merger(Protocol[V]):
    """A three-way merge of one kind of value; `NOTHING` as base says that the two sides never agreed."""

    def __call__(self, base: V | Nothing, ours: V, theirs: V, favour: Side, /) -> Merged[V]:
        """Merge both sides' edits to *base*."""


def is_empty(value: object) -> bool:
    """Whether *value* says nothing: None, `NOTHING`, an empty text or an empty collection (0 and False say something)."""
    return value is None or isinstance(value, Nothing) or (isinstance(value, Sized) and len(value) == 0)


def fast_forward(base: V | Nothing, ours: V, theirs: V) -> Merged[V] | None:
    """The merge where at most one side moved, or where one side of a first meeting is empty; else None."""
    if theirs in (ours, base):
        return Merged(ours)
    if ours == base:
        return Merged(theirs)
    if isinstance(base, Nothing):
        if is_empty(ours) and is_empty(theirs):
            return Merged(max(ours, theirs, key=_typed))
        if is_empty(ours) or is_empty(theirs):
            return Merged(theirs if is_empty(ours) else ours)
    return None


def _typed(value: object) -> tuple[bool, str]:
    """An order of empty values: one with a type says more than None."""
    return value is not None and not isinstance(value, Nothing), repr(value)
