"""Reconcile one entity with what its copies show. Pure: no I/O, no clock, no logging."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub.mapping import Lens, Unmapped, Unsaid
from hub.model import NOTHING, Entity, Field, Stamp, fields_of
from hub.reconcile.facts import (
    Binding,
    Blocked,
    Contender,
    Event,
    Hold,
    Mappings,
    Observation,
    Reconciliation,
    Unmet,
)
from hub.reconcile.judging import Judgement, judge, own_contender
from hub.reconcile.rules import Rules
from hub.reconcile.telling import AUDIENCE, has_its_say, tells_unawares


def reconcile(
    entity: Entity,
    bindings: Sequence[Binding],
    observations: Mapping[str, Observation],
    mappings: Mappings,
    rules: Rules,
    holds: Sequence[Hold] = (),
) -> Reconciliation:
    """What the entity, its bindings and its holds become by what the copies show now.

    Args:
        bindings: Every tie of the entity, on whatever connection.
        observations: By connection; a copy that was not read shows what it showed before.
        holds: The open ones of this entity.

    The result does not depend on the order of *bindings*, and reconciling it again changes nothing.
    """
    work = _Work(entity, {b.connection: b for b in bindings}, {h.field: h for h in holds}, mappings)
    for each in fields_of(type(entity)).values():
        hold = work.holds.get(each.name)
        found = _candidates(work, each, observations)
        moved = (_as_before(c, hold) for c in (_audiences(work, found) if each.name == AUDIENCE else found))
        candidates = [*moved, *_waiting(work, hold, observations)]
        candidates.sort(key=lambda c: c.connection)
        if hold is not None and hold.decided is not None:
            _decide(work, each, candidates, hold, hold.decided)
        elif candidates:
            _settle(work, each, candidates, rules)
        elif hold is not None:
            work.closes.append(hold)
    return work.result(bindings)


@dataclass
class _Work:
    """What has been found so far, field by field."""

    entity: Entity
    bindings: dict[str, Binding]
    holds: dict[str, Hold]
    mappings: Mappings
    events: list[Event] = field(default_factory=list)
    opens: list[Hold] = field(default_factory=list)
    closes: list[Hold] = field(default_factory=list)
    blocked: list[Blocked] = field(default_factory=list)

    def result(self, before: Sequence[Binding]) -> Reconciliation:
        ordered = sorted(before, key=lambda b: b.connection)
        changed = tuple(self.bindings[b.connection] for b in ordered if self.bindings[b.connection] != b)
        return Reconciliation(
            self.entity, changed, tuple(self.events), tuple(self.opens), tuple(self.closes), tuple(self.blocked)
        )

    def saw(self, connection: str, name: str, shown: Any, agreed: Any) -> None:
        """A field of a copy has been judged: remember what it showed, and what that stood for."""
        old = self.bindings[connection]
        self.bindings[connection] = replace(
            old,
            seen={**old.seen, name: shown},
            agreed={**old.agreed, name: agreed},
            maps={**old.maps, name: self.mappings[connection].fingerprints()[name]},
        )
        self.unblock(connection, name)

    def noted(self, connection: str, name: str, shown: Any) -> None:
        """A field of a copy shows something that says nothing: whatever it stood for, it does still."""
        old = self.bindings[connection]
        self.bindings[connection] = replace(old, seen={**old.seen, name: shown})
        self.unblock(connection, name)

    def unblock(self, connection: str, name: str) -> None:
        """A field can be read again."""
        old = self.bindings[connection]
        if name in old.blocked:
            still = {blocked: why for blocked, why in old.blocked.items() if blocked != name}
            self.bindings[connection] = replace(old, blocked=still)

    def block(self, connection: str, name: str, problem: Unmapped) -> None:
        old = self.bindings[connection]
        self.bindings[connection] = replace(old, blocked={**old.blocked, name: problem.message})
        self.blocked.append(Blocked(connection, name, problem.message, isinstance(problem, Unmet)))

    def put(self, name: str, value: Any, stamp: Stamp | None, events: Iterable[Event]) -> None:
        self.events.extend(events)
        self.entity = self.entity.changed({name: value}, {name: stamp} if stamp else {})


def _candidates(work: _Work, each: Field, observations: Mapping[str, Observation]) -> Iterable[Contender]:
    """Every copy whose field says something new; what is new in form only is taken note of here."""
    for connection in sorted(observations):
        binding, lens = work.bindings.get(connection), work.mappings[connection].get(each.name)
        if binding is None or lens is None:
            continue
        shown, seen, agreed = (
            observations[connection].fields.get(lens.remote),
            binding.seen_of(each.name),
            binding.agreed_of(each.name),
        )
        if seen is not NOTHING and shown == seen:
            work.unblock(connection, each.name)
            continue
        current = work.entity.value(each.name) if agreed is NOTHING else agreed
        try:
            value = _lifted(lens, shown, None if seen is NOTHING else seen, current, work.entity.value(each.name))
        except Unsaid:
            work.noted(connection, each.name, shown)
            continue
        except Unmapped as problem:
            work.block(connection, each.name, problem)
            continue
        if value == current:
            work.saw(connection, each.name, shown, current)
        elif lens.weak and each.name in work.entity.stamps:
            work.saw(connection, each.name, shown, work.entity.value(each.name))
        else:
            base = current if agreed is NOTHING and each.name not in work.entity.stamps else agreed
            yield Contender(connection, value, base, observations[connection].stamp_of(lens.remote), shown)


def _audiences(work: _Work, candidates: Iterable[Contender]) -> Iterator[Contender]:
    """Those copies whose words have become the entity's: a mark on words that wait or were overruled is none."""
    for candidate in candidates:
        connection = candidate.connection
        says = has_its_say(work.entity, candidate, work.bindings[connection], work.mappings[connection])
        if says:
            yield candidate
        elif says is False:
            work.saw(connection, AUDIENCE, candidate.shown, work.entity.value(AUDIENCE))


def _lifted(lens: Lens, shown: Any, seen: Any, current: Any, own: Any) -> Any:
    """What a copy means: what was agreed or what the entity holds, where it shows just that; else what it says.

    A write whose answer was lost shows what the entity holds, maybe cut or under a name that several values share.
    """
    if lens.stands_for(shown, current, seen=seen) or not lens.stands_for(shown, own, seen=seen):
        return lens.to_canonical(shown, current=current, seen=seen)
    return own


def _waiting(work: _Work, hold: Hold | None, observations: Mapping[str, Observation]) -> Iterable[Contender]:
    """Who waits in a hold and was not read this time: they still want what they wanted."""
    if hold is None:
        return
    for contender in hold.contenders:
        bound = contender.connection in work.bindings and hold.field in work.mappings.get(contender.connection, ())
        if bound and not contender.own and contender.connection not in observations:
            yield contender


def _as_before(candidate: Contender, hold: Hold | None) -> Contender:
    """Who waits already and shows what they showed then: other edits of the record since do not make it theirs."""
    waiting = hold.contenders if hold else ()
    same = (c for c in waiting if not c.own and c.connection == candidate.connection and c.shown == candidate.shown)
    before = next(same, None)
    return replace(candidate, stamp=before.stamp) if before else candidate


def _settle(work: _Work, each: Field, candidates: Sequence[Contender], rules: Rules) -> None:
    judgement = judge(work.entity, each, candidates, rules)
    hold = work.holds.get(each.name)
    if judgement.asks or tells_unawares(work.entity, each, judgement.value, candidates, work.bindings, work.mappings):
        _ask(work, each, candidates, hold)
        return
    if hold is not None:
        work.closes.append(hold)
    _take(work, each, candidates, judgement)


def _take(work: _Work, each: Field, candidates: Iterable[Contender], judgement: Judgement) -> None:
    for candidate in candidates:
        work.saw(candidate.connection, each.name, candidate.shown, candidate.value)
    if judgement.value != work.entity.value(each.name) or judgement.events:
        work.put(each.name, judgement.value, judgement.stamp, judgement.events)


def _ask(work: _Work, each: Field, candidates: Sequence[Contender], hold: Hold | None) -> None:
    """Open a hold, or note what its contenders want by now; nothing of the field moves."""
    contenders = (*own_contender(work.entity, each, candidates), *candidates)
    since = hold.since if hold else max(c.stamp.at for c in candidates)
    if hold is None or hold.contenders != contenders:
        base = candidates[0].base
        work.opens.append(Hold(work.entity.key, each.name, base, contenders, since, hold.id if hold else ""))


def _decide(work: _Work, each: Field, candidates: Sequence[Contender], hold: Hold, decided: Stamp) -> None:
    """A person has chosen: everybody who wanted something has been judged, and the choice flows."""
    old = work.entity.value(each.name)
    events = [Event(work.entity.key, each.name, old, hold.decision, decided)] if old != hold.decision else []
    events += [
        Event(
            work.entity.key, each.name, c.value, hold.decision, decided.model_copy(update={"connection": c.connection})
        )
        for c in candidates
        if c.value not in (hold.decision, old)
    ]
    _take(work, each, candidates, Judgement(hold.decision, decided, tuple(events)))
    work.closes.append(hold)
