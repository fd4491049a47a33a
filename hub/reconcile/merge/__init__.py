"""Three-way merges, one for each kind of field. Pure: the same arguments give the same answer, and the sides may be swapped.

Every merge takes the value last agreed on (`NOTHING` if there never was one), both sides' values and the side to favour,
and answers a `Merged`. Swapping the sides together with the favour changes nothing, `merge_once` apart.
"""

from hub.reconcile.merge.items import merge_items
from hub.reconcile.merge.maps import merge_map
from hub.reconcile.merge.outcome import Merged, Merger, Side, is_empty
from hub.reconcile.merge.scalars import merge_once, merge_ref, merge_scalar
from hub.reconcile.merge.sets import merge_set
from hub.reconcile.merge.text import merge_text

__all__ = [
    "Merged",
    "Merger",
    "Side",
    "is_empty",
    "merge_items",
    "merge_map",
    "merge_once",
    "merge_ref",
    "merge_scalar",
    "merge_set",
    "merge_text",
]
