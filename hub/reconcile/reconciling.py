"""Reconcile one entity with what its copies show. Pure: no I/O, no clock, no logging."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub.mapping import Lens, Unmapped, Unsaid
from hub.model import NOTHING, Entity, Field, Merge, Stamp, fields_of, frozen
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
    told,
)
from hub.reconcile.judging import Judgement, judge, own_contender
from hub.reconcile.merge import is_empty
from hub.reconcile.rebasing import REMAPPED, Basis, basis, caught_up, put_to_sleep, remapped, to_confirm
from hub.reconcile.rules import Rules
from hub.reconcile.telling import AUDIENCE, has_its_say, tells_unawares
from hub.reconcile.undone import is_pending, set_aside, undone


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
    work = _Work(entity, {b.connection: b for b in bindings}, _judged_with(holds), mappings)
    work.look_at_mappings(observations)
    stirring = _stirring(work, observations)
    for each in [known for name, known in fields_of(type(entity)).items() if name in stirring]:
        hold = work.holds.get(each.name)
        waiting = list(_waiting(work, hold, observations)) if hold else []
        candidates = _candidates(work, each, observations)
        if each.name == AUDIENCE:
            candidates = list(_audiences(work, candidates))
        if hold is not None:
            candidates = [*(_as_before(c, hold) for c in candidates), *waiting]
        if len(candidates) > 1:
            candidates.sort(key=lambda c: c.connection)
        if hold is not None and hold.decided is not None:
            _decide(work, each, candidates, hold, hold.decided)
        elif candidates:
            _settle(work, each, candidates, rules)
        elif hold is not None:
            work.closes.append(hold)
    return work.result(bindings)


def _stirring(work: "_Work", observations: Mapping[str, Observation]) -> set[str]:
    """The fields that there is anything to say about; most copies that are read show most of what they did."""
    found = set(work.holds)
    for connection, observation in observations.items():
        if binding := work.bindings.get(connection):
            seen, shown = binding.seen, observation.fields
            found.update(work.unsure[connection], binding.blocked)
            for name, lens in work.mappings[connection].items():
                if name not in seen or shown.get(lens.remote) != seen[name]:
                    found.add(name)
    return found


def _judged_with(holds: Iterable[Hold]) -> dict[str, Hold]:
    """By field: the holds that are judged again; what was lost comes up again only when a person has decided."""
    return {hold.field: hold for hold in holds if not hold.lost or hold.decided is not None}


@frozen
class _Look:
    """One field of a copy that is to be judged: what it shows, by whose hand, and what it is judged by."""

    connection: str
    lens: Lens
    shown: Any
    stamp: Stamp
    known: Basis


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
    unsure: dict[str, frozenset[str]] = field(default_factory=dict)
    """By connection: the fields that are not known to be agreed under the present mapping."""

    def look_at_mappings(self, observed: Iterable[str]) -> None:
        """Note where a mapping has changed since a copy was judged."""
        for connection in observed:
            if connection in self.bindings:
                mapping = self.mappings[connection]
                self.bindings[connection] = tie = put_to_sleep(self.bindings[connection], mapping)
                self.unsure[connection] = to_confirm(tie, mapping)

    def result(self, before: Sequence[Binding]) -> Reconciliation:
        for connection in (name for name, fields in self.unsure.items() if fields):
            self.bindings[connection] = caught_up(self.bindings[connection], self.entity)
        now = ((b, self.bindings[b.connection]) for b in sorted(before, key=lambda b: b.connection))
        changed = tuple(tie for b, tie in now if tie is not b and tie != b)
        return Reconciliation(
            self.entity, changed, tuple(self.events), tuple(self.opens), tuple(self.closes), tuple(self.blocked)
        )

    def saw(self, connection: str, name: str, shown: Any, agreed: Any, *, owed: bool = False) -> None:
        """A field of a copy has been judged: remember what it showed, and what that stood for.

        Args:
            owed: Whether it stands for another value than before by a changed mapping alone.
        """
        old = self.bindings[connection]
        stood = {**old.agreed, name: agreed}
        if agreed is NOTHING:
            del stood[name]
        maps = self._maps(connection, name, owed=owed)
        self.bindings[connection] = old.judged({**old.seen, name: shown}, stood, maps)
        self.unblock(connection, name)

    def stands(self, look: _Look, name: str, value: Any) -> None:
        """A field of a copy says nothing new; by what it shows now, it stands for *value*."""
        was, changed = self.bindings[look.connection].agreed_of(name), look.known.remapped or look.known.replaced
        owed = changed and value not in (was, self.entity.value(name))
        self.saw(look.connection, name, look.shown, value, owed=owed)

    def confirm(self, connection: str, name: str) -> None:
        """A field of a copy shows what it did, and stands for what it did, under the present mapping as well."""
        binding = self.bindings[connection]
        maps = self._maps(connection, name, owed=name in remapped(binding))
        self.bindings[connection] = replace(binding, maps=maps) if maps != binding.maps else binding
        self.unblock(connection, name)

    def _maps(self, connection: str, name: str, *, owed: bool) -> Mapping[str, str]:
        known, maps = self.mappings[connection].fingerprints()[name], self.bindings[connection].maps
        now = known + REMAPPED if owed else known
        return maps if maps.get(name) == now else {**maps, name: now}

    def unblock(self, connection: str, name: str) -> None:
        """A field can be read again."""
        old = self.bindings[connection]
        if name in old.blocked:
            still = {blocked: why for blocked, why in old.blocked.items() if blocked != name}
            self.bindings[connection] = replace(old, blocked=still)

    def lens(self, connection: str, name: str) -> Lens | None:
        """How a field stands in the records of a connection; None if it does not."""
        mapping = self.mappings.get(connection)
        return mapping.get(name) if mapping is not None else None

    def block(self, connection: str, name: str, problem: Unmapped) -> None:
        """A field can be neither read nor written."""
        old, said = self.bindings[connection], told(problem)
        self.bindings[connection] = replace(old, blocked={**old.blocked, name: said})
        self.blocked.append(Blocked(connection, name, said, isinstance(problem, Unmet)))

    def put(self, name: str, value: Any, stamp: Stamp | None, events: Iterable[Event]) -> None:
        self.events.extend(events)
        self.entity = self.entity.changed({name: value}, {name: stamp} if stamp else {})


def _candidates(work: _Work, each: Field, observations: Mapping[str, Observation]) -> list[Contender]:
    """Every copy whose field says something new; what is new in form only is taken note of here."""
    found: list[Contender] = []
    for connection in sorted(observations):
        binding, lens = work.bindings.get(connection), work.mappings[connection].get(each.name)
        if binding is None or lens is None:
            continue
        shown, seen = observations[connection].fields.get(lens.remote), binding.seen_of(each.name)
        sure = each.name not in work.unsure[connection]
        if sure and seen is not NOTHING and shown == seen:
            work.unblock(connection, each.name)
            continue
        known = Basis(seen, binding.agreed_of(each.name)) if sure else basis(binding, each, work.mappings[connection])
        if known.holds(shown):
            work.confirm(connection, each.name)
            continue
        look = _Look(connection, lens, shown, observations[connection].stamp_of(lens.remote), known)
        try:
            value = _lifted(look, work.entity.value(each.name))
        except Unsaid:
            work.stands(look, each.name, known.agreed)
        except Unmapped as problem:
            work.block(connection, each.name, problem)
        else:
            if contender := _said(work, each, look, value):
                found.append(contender)
    return found


def _said(work: _Work, each: Field, look: _Look, value: Any) -> Contender | None:
    """The contender that a copy is by saying *value*, if that is anybody's edit."""
    own, agreed, is_set = work.entity.value(each.name), look.known.agreed, each.name in work.entity.stamps
    current = own if agreed is NOTHING else agreed
    silent = is_empty(value) or (look.known.replaced and value == each.default)
    if value == current:
        work.stands(look, each.name, current)
    elif look.lens.weak and is_set:
        work.stands(look, each.name, own)
    elif look.shown == look.known.seen and each.merge is not Merge.MAP:
        work.stands(look, each.name, value)
    elif agreed is NOTHING and silent:
        work.stands(look, each.name, NOTHING)
    else:
        base = current if agreed is NOTHING and not is_set else agreed
        return Contender(look.connection, value, base, look.stamp, look.shown)
    return None


def _audiences(work: _Work, candidates: Iterable[Contender]) -> Iterator[Contender]:
    """Those copies whose words have become the entity's: a mark on words that wait or were overruled is none."""
    for candidate in candidates:
        connection = candidate.connection
        says = has_its_say(work.entity, candidate, work.bindings[connection], work.mappings[connection])
        if says:
            yield candidate
        elif says is False:
            work.saw(connection, AUDIENCE, candidate.shown, work.entity.value(AUDIENCE))


def _lifted(look: _Look, own: Any) -> Any:
    """What a copy means: what was agreed or what the entity holds, where it shows just that; else what it says.

    A write whose answer was lost shows what the entity holds, maybe cut or under a name that several values share.
    """
    lens, shown, known = look.lens, look.shown, look.known
    stood = not known.remapped and NOTHING not in (known.seen, known.agreed)
    seen = known.seen if stood else None
    current = own if known.agreed is NOTHING else known.agreed
    apart = current is not own and current != own
    if not apart or lens.stands_for(shown, current, seen=seen) or not lens.stands_for(shown, own, seen=seen):
        return lens.to_canonical(shown, current=current, seen=seen)
    return own


def _waiting(work: _Work, hold: Hold, observations: Mapping[str, Observation]) -> Iterator[Contender]:
    """Who waits in a hold and was not read this time, or was not given back yet what it goes back to."""
    for contender in hold.contenders:
        binding, lens = work.bindings.get(contender.connection), work.lens(contender.connection, hold.field)
        if contender.own or binding is None or lens is None:
            continue
        observation = observations.get(contender.connection)
        if observation is None:
            yield contender
        elif is_pending(hold, binding, shown := observation.fields.get(lens.remote)):
            yield replace(contender, shown=shown)


def _as_before(candidate: Contender, hold: Hold) -> Contender:
    """Who waits already and shows what they showed then: other edits of the record since do not make it theirs."""
    same = (
        c for c in hold.contenders if not c.own and c.connection == candidate.connection and c.shown == candidate.shown
    )
    before = next(same, None)
    return replace(candidate, stamp=before.stamp) if before else candidate


def _settle(work: _Work, each: Field, candidates: Sequence[Contender], rules: Rules) -> None:
    judgement = judge(work.entity, each, candidates, rules)
    hold = work.holds.get(each.name)
    unaware = tells_unawares(work.entity, each, judgement.value, candidates, work.bindings, work.mappings)
    if judgement.asks or unaware or set_aside(hold, candidates):
        _ask(work, each, candidates, hold)
        return
    if hold is not None:
        work.closes.append(hold)
    _take(work, each, candidates, judgement)


def _take(work: _Work, each: Field, candidates: Iterable[Contender], judgement: Judgement) -> None:
    hold = work.holds.get(each.name)
    for candidate in candidates:
        if not is_pending(hold, work.bindings[candidate.connection], candidate.shown):
            work.saw(candidate.connection, each.name, candidate.shown, candidate.value)
    if judgement.value != work.entity.value(each.name) or judgement.events:
        work.put(each.name, judgement.value, judgement.stamp, judgement.events)


def _ask(work: _Work, each: Field, candidates: Sequence[Contender], hold: Hold | None) -> None:
    """Open a hold, or note what its contenders want by now; nothing of the field moves."""
    undo = undone(hold) if set_aside(hold, candidates) else None
    contenders = (*((undo,) if undo else own_contender(work.entity, each, candidates)), *candidates)
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
            work.entity.key,
            each.name,
            c.value,
            hold.decision,
            replace(decided, connection=c.connection),
            overruled=True,
        )
        for c in candidates
        if c.value not in (hold.decision, old)
    ]
    _take(work, each, candidates, Judgement(hold.decision, decided, tuple(events)))
    work.closes.append(hold)
