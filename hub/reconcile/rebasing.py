"""What a copy stands for once its mapping has changed: nobody edited anything. Pure.

A binding keeps, for each field, the fingerprint of the mapping under which it was agreed (`Binding.maps`). Where that is
not the present one, what the copy shows is read under the new mapping and becomes what it stands for; the entity keeps
its value, and the copy is owed it.

Two signs may stand beside a fingerprint:

- `~` before it: the field is not mapped there any more. What it showed and stood for is kept for the day on which it is
  mapped again; until then nothing is read from it, written to it or owed to it.
- `!` behind it: the field stands for another value than before by the new mapping alone, and was not written since.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from hub.mapping import FieldMap, Lens, Unmapped
from hub.model import NOTHING, Entity, Field, Merge, frozen
from hub.reconcile.facts import Binding

ASLEEP, REMAPPED = "~", "!"
_UNCHANGED: frozenset[str] = frozenset()


@frozen
class Basis:
    """What a field of a copy is judged by.

    Args:
        seen: What it showed last, NOTHING if never judged.
        agreed: What it stood for then, as far as it still does; NOTHING if never agreed.
        remapped: Whether it was agreed under another mapping of the same remote field.
        replaced: Whether it was agreed for another remote field.
    """

    seen: Any
    agreed: Any
    remapped: bool = False
    replaced: bool = False

    def holds(self, shown: Any) -> bool:
        """Whether a copy that shows *shown* stands for what it did."""
        still = self.seen is not NOTHING and shown == self.seen
        return still and not (self.remapped and self.agreed is not NOTHING)


def is_asleep(binding: Binding, name: str) -> bool:
    """Whether a field was judged once, and is not mapped any more."""
    return binding.maps.get(name, "").startswith(ASLEEP)


def remapped(binding: Binding) -> frozenset[str]:
    """The fields that stand for another value by a changed mapping alone, and were not written since."""
    return frozenset(name for name, known in binding.maps.items() if known.endswith(REMAPPED))


def to_confirm(binding: Binding, mapping: FieldMap) -> frozenset[str]:
    """The mapped fields that are not known to be agreed under the present mapping."""
    prints, maps = mapping.fingerprints(), binding.maps
    if maps == prints:
        return _UNCHANGED
    return frozenset(name for name, known in prints.items() if maps.get(name) != known)


def written(binding: Binding, mapping: FieldMap, names: Iterable[str]) -> Mapping[str, str]:
    """`Binding.maps` once fields were written, or found to show what they are owed: agreed under the present mapping."""
    prints, maps = mapping.fingerprints(), binding.maps
    news = {name: prints[name] for name in names if name in prints and maps.get(name) != prints[name]}
    return {**maps, **news} if news else maps


def caught_up(binding: Binding, entity: Entity) -> Binding:
    """*binding* without the sign of a changed mapping on fields that stand for what the entity is; itself if there are none."""
    alike = [name for name in remapped(binding) if binding.agreed_of(name) == entity.value(name)]
    if not alike:
        return binding
    return replace(binding, maps={**binding.maps, **{name: _bare(binding.maps[name]) for name in alike}})


def put_to_sleep(binding: Binding, mapping: FieldMap) -> Binding:
    """*binding* with the fields marked that are not mapped any more; itself if there are none."""
    known = mapping.fingerprints().keys()
    if binding.seen.keys() <= known and binding.agreed.keys() <= known:
        return binding
    idle = (binding.seen.keys() | binding.agreed.keys()) - known
    idle = {name for name in idle if not is_asleep(binding, name)} if idle and mapping.whole else set()
    if not idle:
        return binding
    maps = {**binding.maps, **{name: ASLEEP + _bare(binding.maps.get(name, "")) for name in idle}}
    return replace(binding, maps=maps, blocked={name: why for name, why in binding.blocked.items() if name not in idle})


def basis(binding: Binding, field: Field, mapping: FieldMap) -> Basis:
    """By what a field is judged whose fingerprint is not known to be the present one."""
    seen, agreed = binding.seen_of(field.name), binding.agreed_of(field.name)
    known, now = _bare(binding.maps.get(field.name, "")), mapping.fingerprints()[field.name]
    if not known or known == now or seen is NOTHING:
        return Basis(seen, agreed)
    if _place(known) not in ("", _place(now)):
        return Basis(NOTHING, NOTHING, replaced=True)
    if field.merge is Merge.MAP:
        if agreed is NOTHING:  # what it showed under names that it has not had is not judged yet
            return Basis(NOTHING, NOTHING, remapped=True)
        return Basis(seen, _still_shown(mapping[field.name], seen, agreed), remapped=True)
    return Basis(seen, agreed, remapped=True)


def _still_shown(lens: Lens, seen: Any, agreed: Mapping[str, Any]) -> dict[str, Any]:
    """The part of *agreed* that *seen* shows under the present mapping, or that has no field there at all.

    A name whose field was replaced by another one was never agreed for that.
    """
    try:
        shown = lens.to_canonical(seen, current=agreed)
    except Unmapped:
        return {}
    return {name: value for name, value in agreed.items() if name in shown and shown[name] == value}


def _bare(known: str) -> str:
    return known.removeprefix(ASLEEP).removesuffix(REMAPPED)


def _place(known: str) -> str:
    """The remote field of a fingerprint `REMOTE#DIGEST`; empty where it does not say."""
    return known.rpartition("#")[0]
