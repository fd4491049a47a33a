"""What a copy stands for after a write whose answer never came: what was asked for, and not what it shows by now.

A write may be broken off half-way: a status is reached in steps, labels may be set after all else. So what our own account
wrote last and is not what was asked for stands for what it shows; the rest is still owed.
"""

import contextlib
from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

from hub.mapping import FieldMap, Lens, Unmapped, Unsaid
from hub.model import NOTHING, Entity, Merge, entity_class, fields_of
from hub.reconcile import Binding
from hub.sdk.records import Record
from hub.store import Intent
from hub.sync.partner import Partner


def meant(mapping: FieldMap, entity: Entity, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a copy that is made with just these *fields* of its record stands for, and is read as in what is only read."""
    values = {}
    for name, lens in mapping.items():
        if lens.writable or lens.remote in fields:
            with contextlib.suppress(Unmapped):
                values[name] = lens.to_canonical(fields.get(lens.remote), current=entity.value(name))
    return values


def bound_again(partner: Partner, record: Record, intent: Intent, entity: Entity) -> Binding:
    """The tie of a copy whose create was never answered: by what was asked for, as people may have edited it since.

    A field that our own account wrote last stands for what it shows.
    """
    mapping = partner.mapping(intent.kind)
    agreed = meant(mapping, entity, intent.fields) if intent.agreed is None else intent.agreed
    tie = Binding(partner.name, intent.kind, record.id, intent.key, {}, dict(agreed))
    for name, value in agreed.items():
        if name in mapping and partner.is_own(record, mapping[name].remote):
            tie = _as_shown(tie, name, mapping[name], record.fields.get(mapping[name].remote), value)
    return tie


def carried_out(partner: Partner, binding: Binding, record: Record, intent: Intent) -> Binding:
    """The tie of a copy to which *intent* was written, as far as *record* shows that and by nobody else's hand.

    What is left as it was is judged like any edit.
    """
    mapping, tie = partner.mapping(intent.kind), binding
    for name, value in (intent.agreed or {}).items():
        if name not in mapping:
            continue
        lens = mapping[name]
        shown, own = record.fields.get(lens.remote), partner.is_own(record, lens.remote)
        if shown == binding.seen_of(name) or (lens.remote in record.touches and not own):
            continue
        if lens.stands_for(shown, value):
            tie = _standing(tie, name, shown, value)
        elif own:
            tie = _as_far_as_done(tie, name, lens, shown, value)
    return tie


def _as_far_as_done(tie: Binding, name: str, lens: Lens, shown: Any, value: Any) -> Binding:
    """The tie of a copy whose field our own account wrote last, though it shows something else than was asked for.

    Of what has parts, just those that are none of ours are judged.
    """
    merge, before = fields_of(entity_class(tie.kind))[name].merge, tie.agreed_of(name)
    if merge in (Merge.SET, Merge.MAP):
        try:
            there = lens.to_canonical(shown, current=value)
        except Unmapped:
            return tie
        if isinstance(there, Set):
            ours = (value | (frozenset() if before is NOTHING else before)) & there
            if there <= ours or value <= there:  # else the service may have what was asked for in a way of its own
                return replace(tie, agreed={**tie.agreed, name: ours})
        if isinstance(there, Mapping):
            known = {} if before is NOTHING else before
            return replace(tie, agreed={**tie.agreed, name: _parts_done(known, value, there)})
    return _as_shown(tie, name, lens, shown, value)


def _parts_done(before: Mapping[str, Any], asked: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """Part by part, what a copy stands for: what it shows where we wrote, and what it stood for where we did not."""
    unsaid = object()
    stood = {
        part: before.get(part, unsaid)
        if asked.get(part, unsaid) == before.get(part, unsaid)
        else shown.get(part, unsaid)
        for part in (*before, *asked)
    }
    return {part: value for part, value in stood.items() if value is not unsaid}


def _as_shown(tie: Binding, name: str, lens: Lens, shown: Any, asked: Any) -> Binding:
    """The tie of a copy whose field stands for what it shows; for nothing where that means nothing to us."""
    try:
        return _standing(tie, name, shown, lens.to_canonical(shown, current=asked))
    except Unsaid:
        return tie
    except Unmapped:
        if not lens.writable:
            return tie
        agreed = {known: value for known, value in tie.agreed.items() if known != name}
        return replace(tie, seen={**tie.seen, name: shown}, agreed=agreed)


def _standing(tie: Binding, name: str, shown: Any, value: Any) -> Binding:
    return replace(tie, seen={**tie.seen, name: shown}, agreed={**tie.agreed, name: value})
