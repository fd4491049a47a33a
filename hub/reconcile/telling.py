"""When words may become words for clients: only if whoever wrote them could know. Pure.

A comment is for clients once somebody marks it so. What others wrote on their copies before they could see the mark was
written among colleagues: it is never shown to clients by a merge, only by a person's decision.
"""

from collections.abc import Sequence
from typing import Any

from hub.mapping import FieldMap
from hub.model import NOTHING, Audience, Entity, Field
from hub.reconcile.facts import Binding, Contender, Mappings

AUDIENCE = "audience"


def tells_unawares(
    entity: Entity,
    field: Field,
    value: Any,
    candidates: Sequence[Contender],
    bindings: dict[str, Binding],
    mappings: Mappings,
) -> bool:
    """Whether *value*, the judgement of *field*, would show clients words that somebody wrote among colleagues."""
    audience = vars(entity).get(AUDIENCE)
    if audience is None or field.name == AUDIENCE:
        return False
    shown = [(c, _audience_at(entity, field, c, bindings[c.connection], mappings[c.connection])) for c in candidates]
    told = audience is Audience.CLIENT or any(_is_marked(entity, field, mappings[c.connection]) for c in candidates)
    if not told and all(each is not Audience.CLIENT for _, each in shown):
        return False
    known = [c.value for c, each in shown if each is not Audience.INTERNAL] + (
        [entity.value(field.name)] if told else []
    )
    unaware = any(each is Audience.INTERNAL for _, each in shown)
    return value not in known and (unaware or not told)


def _is_marked(entity: Entity, field: Field, mapping: FieldMap) -> bool:
    """Whether the entity's own words are marked already, as a person decided, though no copy has shown that yet."""
    lens = mapping.get(AUDIENCE)
    if lens is None or field.name not in mapping or lens.remote != mapping[field.name].remote:
        return False
    words = mapping[field.name].to_remote(entity.value(field.name), current=None)
    return bool(lens.to_canonical(words, current=Audience.INTERNAL) is Audience.CLIENT)


def _audience_at(entity: Entity, field: Field, contender: Contender, binding: Binding, mapping: FieldMap) -> Any:
    """Whom a copy shows itself to be for; NOTHING where its words do not say."""
    lens = mapping.get(AUDIENCE)
    if lens is None or field.name not in mapping or lens.remote != mapping[field.name].remote:
        return NOTHING
    if contender.shown is NOTHING:
        return NOTHING
    agreed = binding.agreed_of(AUDIENCE)
    return lens.to_canonical(contender.shown, current=entity.value(AUDIENCE) if agreed is NOTHING else agreed)


def has_its_say(entity: Entity, contender: Contender, binding: Binding, mapping: FieldMap) -> bool | None:
    """Whether the words of a copy, which say whom it is for, are those of the entity; None while that is not decided."""
    told_by = [n for n, lens in mapping.items() if n != AUDIENCE and lens.remote == mapping[AUDIENCE].remote]
    if any(binding.seen_of(name) != contender.shown for name in told_by):
        return None
    return all(binding.agreed_of(name) == entity.value(name) for name in told_by)
