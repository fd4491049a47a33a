"""Merges of values that have no parts: the favoured side wins as a whole."""

from hub.model.nothing import Nothing
from hub.reconcile.merge.outcome import Merged, Side, V, fast_forward, is_empty


def merge_scalar(base: V | Nothing, ours: V, theirs: V, favour: Side) -> Merged[V]:
    """The side that moved; a clash if both moved apart."""
    return fast_forward(base, ours, theirs) or Merged(favour.choose(ours, theirs), clash=True)


merge_ref = merge_scalar
"""A reference to another entity merges as one value."""


def merge_once(base: V | Nothing, ours: V, theirs: V, favour: Side) -> Merged[V]:  # noqa: ARG001 - one shape for all merges
    """A value that never changes after creation: ours stays unless it is empty; two different ones clash.

    The favoured side has no say: whoever came first keeps the value.
    """
    if is_empty(ours):
        return Merged(theirs)
    return Merged(ours, clash=ours != theirs and not is_empty(theirs))
