"""What a copy is owed: the difference between what the entity is and what the copy stands for. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import field
from typing import Any

from hub.mapping import FieldMap, InDescription, Lens, Unmapped
from hub.model import NOTHING, Audience, Entity, Merge, fields_of, frozen
from hub.reconcile.disclosure import Disclosure
from hub.reconcile.facts import Binding, Unmet, told
from hub.reconcile.rebasing import is_asleep


@frozen
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
        for name in unlike(entity, binding, mapping)
        if mapping[name].writable
        and name not in held
        and disclosure.lets(entity.kind, name)
        and differs(entity, binding, name)
    )


def unlike(entity: Entity, binding: Binding, names: Iterable[str]) -> list[str]:
    """Those of *names* whose value a copy is not known to stand for; a quick look, before any other question."""
    agreed, values = binding.agreed, vars(entity)
    return [name for name in names if name not in agreed or agreed[name] != values[name]]


def stands_for(binding: Binding, entity: Entity) -> bool:
    """Whether all that a copy was ever agreed to stand for is just what the entity is; the quickest look of all."""
    return binding.agreed.items() <= vars(entity).items()


def differs(entity: Entity, binding: Binding, name: str) -> bool:
    """Whether a copy stands for another value of a field than the entity's, or shows what stands for none."""
    if fields_of(type(entity))[name].merge is Merge.ONCE or is_asleep(binding, name):
        return False
    agreed = binding.agreed_of(name)
    if agreed is NOTHING:
        return binding.seen_of(name) is not NOTHING
    return bool(agreed != entity.value(name))


def last_shown(binding: Binding, mapping: FieldMap, held: Collection[str] = ()) -> dict[str, Any]:
    """By the record's field: what a copy last showed.

    Of a field that is *held* an older state is remembered, for what it says is still in question: where others share
    its remote field, theirs counts.
    """
    seen = ((name, shown) for name, shown in binding.seen.items() if name in mapping)
    some = sorted(seen, key=lambda each: each[0] not in held) if held else seen
    return {mapping[name].remote: shown for name, shown in some}


def debt(
    entity: Entity,
    binding: Binding,
    mapping: FieldMap,
    shown: Mapping[str, Any],
    held: Collection[str],
    disclosure: Disclosure,
    owed: Collection[str] | None = None,
) -> Debt:
    """What *binding*'s copy, which shows *shown*, is owed. Fields that share a remote field are put one after another.

    Args:
        owed: What `owes` says, where that is known already.
    """
    now, patch, values, settled = dict(shown), {}, {}, {}
    blocked: dict[str, str] = {}
    unmet: set[str] = set()
    for name in sorted(owes(entity, binding, mapping, held, disclosure) if owed is None else owed):
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
        elif beside := _cut_for(lens, mapping, held, now.get(lens.remote), wanted):
            blocked[name] = f"{lens.remote} has no room for it beside the {beside}, which waits for a decision"
        else:
            now[lens.remote] = patch[lens.remote] = wanted
            values[name] = value
    return Debt(patch, values, settled, blocked, frozenset(unmet))


def _cut_for(lens: Lens, mapping: FieldMap, held: Collection[str], before: Any, wanted: Any) -> str | None:
    """A *held* part of the same text that would be cut for another one: nobody but the copy has it whole."""
    if not held or not isinstance(lens, InDescription):
        return None
    parts = ((name, mapping[name]) for name in held if name in mapping and mapping[name].remote == lens.remote)
    texts = ((name, part) for name, part in parts if isinstance(part, InDescription))
    return next((name for name, part in texts if part.get(before) != part.get(wanted)), None)


def draft(entity: Entity, mapping: FieldMap, disclosure: Disclosure) -> Debt:
    """Everything that a new copy of *entity* is to show; nothing of one that may not be seen there."""
    if not disclosure.admits(entity):
        return Debt()
    writers = mapping.writers
    if disclosure.audience is not Audience.INTERNAL:
        writers = [writer for writer in writers if disclosure.lets(entity.kind, writer[0])]
    held = vars(entity)
    fields: dict[str, Any] = {}
    values: dict[str, Any] = {}
    try:
        for name, remote, put in writers:
            values[name] = value = held[name]
            wanted = put(value, fields.get(remote))
            if wanted is not None:
                fields[remote] = wanted
    except Unmapped:
        return _drafted_as_far_as_possible({name: held[name] for name, _, _ in writers}, mapping)
    return Debt(fields, values)


def _drafted_as_far_as_possible(told_there: Mapping[str, Any], mapping: FieldMap) -> Debt:
    fields: dict[str, Any] = {}
    values: dict[str, Any] = {}
    blocked: dict[str, str] = {}
    unmet: set[str] = set()
    for name, value in told_there.items():
        lens = mapping[name]
        try:
            wanted = lens.to_remote(value, current=fields.get(lens.remote))
        except Unmet:
            unmet.add(name)
        except Unmapped as problem:
            blocked[name] = told(problem)
        else:
            values[name] = value
            if wanted is not None:
                fields[lens.remote] = wanted
    return Debt(fields, values, {}, blocked, frozenset(unmet))
