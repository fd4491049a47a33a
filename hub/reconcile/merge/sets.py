"""Merge of sets: everybody's adds and removes, never a clash."""

from collections.abc import Hashable
from typing import TypeVar

from hub.model.nothing import Nothing
from hub.reconcile.merge.outcome import Merged, Side

H = TypeVar("H", bound=Hashable)


def merge_set(
    base: frozenset[H] | Nothing,
    ours: frozenset[H],
    theirs: frozenset[H],
    favour: Side = Side.OURS,  # noqa: ARG001 - one shape for all merges
) -> Merged[frozenset[H]]:
    """What either side added and neither removed; on a first meeting the union."""
    agreed: frozenset[H] = frozenset() if isinstance(base, Nothing) else base
    return Merged((ours & theirs) | (ours - agreed) | (theirs - agreed))
