"""Merge of ordered lists whose items have an identity: adds, removes, edits and moves."""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from hub.model.nothing import NOTHING, Nothing
from hub.reconcile.merge.outcome import Merged, Merger, Side, fast_forward
from hub.reconcile.merge.scalars import merge_scalar

I = TypeVar("I")  # noqa: E741 - an item

Key: TypeAlias = tuple[Hashable, int]
"""An item's identity and how many of the same identity stand before it."""


def merge_items(
    base: tuple[I, ...] | Nothing,
    ours: tuple[I, ...],
    theirs: tuple[I, ...],
    favour: Side,
    identity: Callable[[I], Hashable],
    merge_item: Merger[I] = merge_scalar,
) -> Merged[tuple[I, ...]]:
    """Both sides' adds, removes, edits and moves; a clash only for an item that *merge_item* says clashes.

    An item edited on one side and removed on the other stays, edited. If only one side moved items its order holds; if
    both did, the favoured side's. A new item stands after the item it followed on its own side.
    """
    if settled := fast_forward(base, ours, theirs):
        return settled
    if isinstance(base, Nothing):
        return Merged(favour.choose(ours, theirs), clash=True)
    was, mine, yours = (_by_key(items, identity) for items in (base, ours, theirs))
    value: dict[Key, I] = {}
    clash = False
    for key in {**mine, **yours}:
        merged = _merge_one(was.get(key, NOTHING), mine.get(key, NOTHING), yours.get(key, NOTHING), favour, merge_item)
        clash |= merged.clash
        if not isinstance(merged.value, Nothing):
            value[key] = merged.value
    return Merged(tuple(value[key] for key in _order(list(was), list(mine), list(yours), value, favour)), clash)


def _by_key(items: Iterable[I], identity: Callable[[I], Hashable]) -> dict[Key, I]:
    seen: Counter[Hashable] = Counter()
    keyed: dict[Key, I] = {}
    for item in items:
        name = identity(item)
        keyed[name, seen[name]] = item
        seen[name] += 1
    return keyed


def _merge_one(
    was: I | Nothing, mine: I | Nothing, yours: I | Nothing, favour: Side, merge_item: Merger[I]
) -> Merged[I] | Merged[Nothing]:
    """One item; the value is NOTHING where it was removed."""
    if not isinstance(mine, Nothing) and not isinstance(yours, Nothing):
        return merge_item(was, mine, yours, favour)
    left = yours if isinstance(mine, Nothing) else mine
    return Merged(NOTHING) if left == was or isinstance(left, Nothing) else Merged(left)


def _order(
    was: Sequence[Key], mine: Sequence[Key], yours: Sequence[Key], kept: Mapping[Key, object], favour: Side
) -> list[Key]:
    """The keys of *kept*, in the order that both sides' moves and adds ask for."""
    shared = set(mine) & set(yours)
    ours_after, theirs_after = _followers(mine, shared, kept), _followers(yours, shared, kept)
    ordered: list[Key] = []
    for key in (None, *_shared_order(was, mine, yours, shared, favour)):
        ordered += [] if key is None else [key]
        for run in sorted((ours_after.get(key, []), theirs_after.get(key, [])), key=str):
            ordered += run
    return ordered


def _shared_order(
    was: Sequence[Key], mine: Sequence[Key], yours: Sequence[Key], shared: Collection[Key], favour: Side
) -> list[Key]:
    """The items that both sides hold, in the order of the side that moved them."""
    ours, theirs = ([key for key in side if key in shared] for side in (mine, yours))
    known = set(was) & set(shared)
    before = [key for key in was if key in known]
    ours_moved = [key for key in ours if key in known] != before
    theirs_moved = [key for key in theirs if key in known] != before
    if ours_moved == theirs_moved:
        return favour.choose(ours, theirs)
    return ours if ours_moved else theirs


def _followers(side: Sequence[Key], shared: Collection[Key], kept: Collection[Key]) -> dict[Key | None, list[Key]]:
    """The runs of items that only this side holds, by the shared item before them (None at the head)."""
    runs: dict[Key | None, list[Key]] = {}
    last: Key | None = None
    for key in side:
        if key in shared:
            last = key
        elif key in kept:
            runs.setdefault(last, []).append(key)
    return runs
