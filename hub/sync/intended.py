"""What a copy stands for after a write whose answer never came: what was asked for, and not what it shows by now."""

import contextlib
from dataclasses import replace
from typing import Any

from hub.mapping import Unmapped
from hub.reconcile import Binding
from hub.sdk.records import Record
from hub.store import Intent
from hub.sync.partner import Partner


def bound_again(partner: Partner, record: Record, intent: Intent) -> Binding:
    """The tie of a copy whose create was never answered: by what was asked for, as people may have edited it since.

    A field that our own account wrote last stands for what it shows: a create may be broken off half-way, before the
    status for instance, and the rest is then still owed.
    """
    mapping = partner.mapping(intent.kind)
    seen: dict[str, Any] = {}
    agreed = dict(intent.agreed)
    for name, value in intent.agreed.items():
        if name in mapping and partner.is_own(record, mapping[name].remote):
            shown = record.fields.get(mapping[name].remote)
            with contextlib.suppress(Unmapped):
                agreed[name] = mapping[name].to_canonical(shown, current=value)
                seen[name] = shown
    return Binding(partner.name, intent.kind, record.id, intent.key, seen, agreed)


def carried_out(partner: Partner, binding: Binding, record: Record, intent: Intent) -> Binding:
    """The tie of a copy to which *intent* was written, as far as *record* shows just that and by nobody else's hand.

    What our own account wrote last is that, in whatever way the service has it.
    """
    mapping = partner.mapping(intent.kind)
    seen: dict[str, Any] = {}
    agreed: dict[str, Any] = {}
    for name, value in intent.agreed.items():
        remote = mapping[name].remote if name in mapping else ""
        shown = record.fields.get(remote)
        own = partner.is_own(record, remote)
        others = remote in record.touches and not own
        changed = bool(remote) and not others and shown != binding.seen_of(name)
        if changed and (own or mapping[name].stands_for(shown, value)):
            seen[name], agreed[name] = shown, value
    return replace(binding, seen={**binding.seen, **seen}, agreed={**binding.agreed, **agreed})
