"""Merge of maps, key by key: a key that a side does not hold counts as `NOTHING` there."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

from hub.model.nothing import NOTHING, Nothing
from hub.reconcile.merge.outcome import Merged, Side, V
from hub.reconcile.merge.scalars import merge_scalar

K = TypeVar("K", bound=Hashable)


def merge_map(
    base: Mapping[K, V] | Nothing, ours: Mapping[K, V], theirs: Mapping[K, V], favour: Side
) -> Merged[dict[K, V]]:
    """Every key merged on its own; a clash where a key moved apart (removing it against changing it included).

    Keys keep the order of the base; new ones follow in the order of their text, so that the sides may be swapped.
    """
    agreed: Mapping[K, V] = {} if isinstance(base, Nothing) else base
    value: dict[K, V] = {}
    clash = False
    for key in [*agreed, *sorted((ours.keys() | theirs.keys()) - agreed.keys(), key=str)]:
        sides: tuple[V | Nothing, V | Nothing] = (ours.get(key, NOTHING), theirs.get(key, NOTHING))
        merged = merge_scalar(agreed.get(key, NOTHING), *sides, favour)
        clash |= merged.clash
        if not isinstance(merged.value, Nothing):
            value[key] = merged.value
    return Merged(value, clash)
