"""How one field is judged: fold the contenders over the entity's value, and ask the rule where that clashes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hub.model import NOTHING, Entity, Field, Merge, Stamp, frozen
from hub.reconcile.facts import Contender, Event
from hub.reconcile.merge import Side
from hub.reconcile.merging import merge_field
from hub.reconcile.rules import Rules, Take


@frozen
class Judgement:
    """What a field becomes. `asks` says that a person must decide, and the field stays as it is."""

    value: Any
    stamp: Stamp | None = None
    events: tuple[Event, ...] = ()
    asks: bool = False


def judge(entity: Entity, field: Field, candidates: Sequence[Contender], rules: Rules) -> Judgement:
    """What *field* becomes by what *candidates* want, each judged against its own base.

    The order of *candidates* does not matter: they are taken in the order of the sync's spokes.
    """
    if len(candidates) == 1 and field.merge in FORWARD:
        (only,), own = candidates, entity.value(field.name)
        if own == only.base and own != only.value:
            return _forward(entity, field, own, only)
    ordered = sorted(candidates, key=lambda c: (_place(rules, c.connection), c.connection))
    folded, clash = _fold(entity, field, [(c, Side.THEIRS) for c in ordered], "merge")
    if not clash:
        return folded
    own = own_contender(entity, field, ordered)
    verdict = rules.judge(field, (*own, *ordered))
    if not isinstance(verdict, Take):
        return Judgement(entity.value(field.name), asks=True)
    steps = _steps(verdict.ranking)
    settled, _ = _fold(entity, field, steps, verdict.because)
    return _with_losers(entity, field, settled, verdict)


FORWARD = frozenset({Merge.SCALAR, Merge.TEXT, Merge.REF})
"""Merge kinds by which whoever moved alone is simply followed."""


def _forward(entity: Entity, field: Field, own: Any, only: Contender) -> Judgement:
    """Nobody but one copy has moved: what nearly every edit is."""
    stamp = because_of(only.stamp, "edit")
    return Judgement(only.value, stamp, (Event(entity.key, field.name, own, only.value, stamp),))


def _place(rules: Rules, connection: str) -> int:
    return rules.order.index(connection) if connection in rules.order else len(rules.order)


def own_contender(entity: Entity, field: Field, candidates: Sequence[Contender]) -> tuple[Contender, ...]:
    """The entity's own value as a contender, where it moved since some candidate's copy agreed."""
    value = entity.value(field.name)
    if all(value == c.base for c in candidates):
        return ()
    stamp = entity.stamps.get(field.name)
    if stamp is None:
        oldest = min(c.stamp.at for c in candidates)
        stamp = Stamp(who="", connection="hub", at=oldest)
    return (Contender(stamp.connection, value, NOTHING, stamp, own=True),)


def _steps(ranking: tuple[Contender, ...]) -> list[tuple[Contender, Side]]:
    """Who is stronger than the entity's own value wins over it, who is weaker gives way."""
    own_at = next((i for i, c in enumerate(ranking) if c.own), -1)
    return [(c, Side.THEIRS if i > own_at else Side.OURS) for i, c in enumerate(ranking) if not c.own]


def _fold(
    entity: Entity, field: Field, steps: Sequence[tuple[Contender, Side]], because: str
) -> tuple[Judgement, bool]:
    """Each contender's edit is first brought onto the entity's own value, then merged with those before it.

    Merged straight onto each other, one copy's edit back to an older value would pass for another's base, and be lost.
    """
    own = value = entity.value(field.name)
    stamp, events, clashed = None, [], False
    for contender, side in steps:
        edited = merge_field(field, contender.base, own, contender.value, side)
        merged = merge_field(field, own, value, edited.value, Side.THEIRS)
        clash = edited.clash or merged.clash
        clashed = clashed or clash
        if merged.value != value:
            why = because if clash else "edit" if merged.value == contender.value else "merge"
            stamp = because_of(contender.stamp, why)
            events.append(Event(entity.key, field.name, value, merged.value, stamp))
            value = merged.value
    return Judgement(value, stamp, tuple(events)), clashed


def because_of(stamp: Stamp, why: str) -> Stamp:
    """*stamp* with another reason."""
    return Stamp(stamp.who, stamp.connection, stamp.at, why)


def _with_losers(entity: Entity, field: Field, settled: Judgement, verdict: Take) -> Judgement:
    """Remember the values that the rule overruled, so that each can be brought back."""
    told = [settled.value, *(event.new for event in settled.events)]
    winner = verdict.ranking[-1].stamp
    overruled = tuple(
        Event(
            entity.key, field.name, c.value, settled.value, _over(winner, c.connection, verdict.because), overruled=True
        )
        for c in verdict.ranking
        if not c.own and c.value not in told
    )
    return Judgement(settled.value, settled.stamp, (*settled.events, *overruled))


def _over(winner: Stamp, connection: str, because: str) -> Stamp:
    return replace(winner, connection=connection, because=because)
