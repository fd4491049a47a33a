"""What a copy is owed: the difference between what the entity is and what the copy stands for. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.mapping import FieldMap, Unmapped
from hub.model import NOTHING, Entity, Merge, fields_of
from hub.reconcile.disclosure import Disclosure
from hub.reconcile.facts import Binding, Unmet, told
from hub.reconcile.rebasing import is_asleep


@dataclass(frozen=True, slots=True)
class Debt:
    """What has to happen so that a copy stands for its entity again.

    Args:
        patch: By the record's field: what is to be written.
        values: By canonical field: the value that the written copy will stand for.
        settled: Canonical fields that the copy shows already, so that nothing is written for them.
        blocked: Canonical fields that cannot be written, and why.
        unmet: Canonical fields that are to be written once what they refer to is there.
    """

    patch: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    settled: Mapping[str, Any] = field(default_factory=dict)
    blocked: Mapping[str, str] = field(default_factory=dict)
    unmet: frozenset[str] = frozenset()

    @property
    def nothing(self) -> bool:
        """Whether the copy is owed nothing that can be done."""
        return not self.patch and not self.settled


def owes(
    entity: Entity,
    binding: Binding,
    mapping: FieldMap,
    held: Collection[str],
    disclosure: Disclosure,
) -> frozenset[str]:
    """The canonical fields in which the copy no longer stands for the entity; held and undisclosed ones left out."""
    if not disclosure.admits(entity):
        return frozenset()
    return frozenset(
        name
        for name, lens in mapping.items()
        if not agrees(entity, binding, name)
        and (
            lens.writable and name not in held and disclosure.lets(entity.kind, name) and differs(entity, binding, name)
        )
    )


def agrees(entity: Entity, binding: Binding, name: str) -> bool:
    """Whether a copy is known to stand for the entity's value; a quick look, before any other question."""
    return name in binding.agreed and bool(binding.agreed[name] == getattr(entity, name))


def differs(entity: Entity, binding: Binding, name: str) -> bool:
    """Whether a copy stands for another value of a field than the entity's, or shows what stands for none."""
    if fields_of(type(entity))[name].merge is Merge.ONCE or is_asleep(binding, name):
        return False
    agreed = binding.agreed_of(name)
    if agreed is NOTHING:
        return binding.seen_of(name) is not NOTHING
    return bool(agreed != entity.value(name))


def debt(
    entity: Entity,
    binding: Binding,
    mapping: FieldMap,
    shown: Mapping[str, Any],
    held: Collection[str],
    disclosure: Disclosure,
) -> Debt:
    """What *binding*'s copy, which shows *shown*, is owed. Fields that share a remote field are put one after another."""
    now, patch, values, settled = dict(shown), {}, {}, {}
    blocked: dict[str, str] = {}
    unmet: set[str] = set()
    for name in sorted(owes(entity, binding, mapping, held, disclosure)):
        lens, value = mapping[name], entity.value(name)
        if name in binding.blocked and shown.get(lens.remote) != binding.seen_of(name):
            blocked[name] = binding.blocked[name]  # somebody's edit that cannot be read is not written over
            continue
        try:
            wanted = lens.to_remote(value, current=now.get(lens.remote))
        except Unmet:
            unmet.add(name)
            continue
        except Unmapped as problem:
            blocked[name] = told(problem)
            continue
        if wanted == shown.get(lens.remote):
            settled[name] = value
        else:
            now[lens.remote] = patch[lens.remote] = wanted
            values[name] = value
    return Debt(patch, values, settled, blocked, frozenset(unmet))


def draft(entity: Entity, mapping: FieldMap, disclosure: Disclosure) -> Debt:
    """Everything that a new copy of *entity* is to show; nothing of one that may not be seen there."""
    if not disclosure.admits(entity):
        return Debt()
    fields: dict[str, Any] = {}
    values: dict[str, Any] = {}
    blocked: dict[str, str] = {}
    unmet: set[str] = set()
    for name, lens in mapping.items():
        if not lens.writable or not disclosure.lets(entity.kind, name):
            continue
        value = entity.value(name)
        try:
            wanted = lens.to_remote(value, current=fields.get(lens.remote))
        except Unmet:
            unmet.add(name)
            continue
        except Unmapped as problem:
            blocked[name] = told(problem)
            continue
        values[name] = value
        if wanted is not None:
            fields[lens.remote] = wanted
    return Debt(fields, values, {}, blocked, frozenset(unmet))
