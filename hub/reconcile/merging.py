"""Which merge serves which field."""

from collections.abc import Callable
from typing import Any

from hub.model import Criterion, Field, Merge
from hub.reconcile.merge import (
    Merged,
    Side,
    merge_items,
    merge_map,
    merge_once,
    merge_ref,
    merge_scalar,
    merge_set,
    merge_text,
)


def _items(base: Any, ours: Any, theirs: Any, favour: Side) -> Merged[Any]:
    return merge_items(base, ours, theirs, favour, _identity)


def _identity(item: Any) -> str:
    return item.text if isinstance(item, Criterion) else str(item)


_MERGES: dict[Merge, Callable[[Any, Any, Any, Side], Merged[Any]]] = {
    Merge.SCALAR: merge_scalar,
    Merge.TEXT: merge_text,
    Merge.SET: merge_set,
    Merge.ITEMS: _items,
    Merge.REF: merge_ref,
    Merge.MAP: merge_map,
    Merge.ONCE: merge_once,
}


def merge_field(field: Field, base: Any, ours: Any, theirs: Any, favour: Side) -> Merged[Any]:
    """*ours* and *theirs* brought together as the field's merge kind does it."""
    return _MERGES[field.merge](base, ours, theirs, favour)
