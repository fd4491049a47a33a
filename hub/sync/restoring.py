"""Restoring: what becomes of one entity and its copies when what a run did to its values is taken back. Decides only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from hub.mapping import FieldMap, Lens, Unmapped
from hub.model import NOTHING, Entity, Stamp, fields_of
from hub.reconcile import Binding, Contender, Debt, Disclosure, Event, Hold, Observation
from hub.reconcile.undone import undone
from hub.sdk.records import Record
from hub.sync.deeds import Deeds, Stretch
from hub.sync.plan import Update

HUB = "hub"
"""Where a value was set that was set in no service."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the entity as it is this moment.

    Args:
        writable: Whether the service can change a record of this kind at all.
    """

    tie: Binding
    record: Record
    observation: Observation
    mapping: FieldMap
    disclosure: Disclosure
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Left:
    """A value that stays as it is.

    Args:
        connection: On which copy; None for the entity's own.
    """

    connection: str | None
    field: str
    why: str


@dataclass
class Restoring:
    """Takes back what a run did to the values of one entity.

    After `decide`, its lists say what is to be kept and done.

    Args:
        holds: The open ones of the entity, by field.
        stamp: Who takes it back, and because of which undo.
        everywhere: Set back also what people had typed themselves.
    """

    entity: Entity
    deeds: Deeds
    copies: Sequence[Copy]
    holds: Mapping[str, Hold]
    stamp: Stamp
    everywhere: bool = False
    events: list[Event] = field(default_factory=list)
    bindings: dict[str, Binding] = field(default_factory=dict)
    opens: list[Hold] = field(default_factory=list)
    closes: list[Hold] = field(default_factory=list)
    updates: dict[str, Update] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)
    contending: dict[str, dict[str, Contender]] = field(default_factory=dict)
    """By canonical field and connection: whoever showed something else than what the field goes back to."""

    def decide(self) -> None:
        """Find out what is to be done."""
        now, targets = self.entity, self.targets
        changed = {name: value for name, value in targets.items() if value != now.value(name)}
        self.events += [Event(now.key, name, now.value(name), value, self.stamp) for name, value in changed.items()]
        self.entity = now.changed(changed, dict.fromkeys(changed, self.stamp))
        for copy in self.copies:
            _Setting(self, copy).work()
        for name, value in targets.items():
            self._hold(name, value)

    @cached_property
    def targets(self) -> dict[str, Any]:
        """By canonical field: the value to go back to; fields that cannot are left out, with whatever goes with them."""
        found = {name: value for name in sorted(self.deeds.names) if (value := self._target(name)) is not NOTHING}
        together = [set(s.stood_for) for copy in self.deeds.stretches.values() for s in copy.values()]
        while bound := {n for names in together if names - found.keys() for n in names & found.keys()}:
            for name in sorted(bound):
                del found[name]
                self.left.append(Left(None, name, "it stands in one field with what is left as it is"))
        return found

    def _target(self, name: str) -> Any:
        known, step, hold = fields_of(type(self.entity))[name], self.deeds.steps.get(name), self.holds.get(name)
        now = known.to_json(self.entity.value(name))
        if hold is not None and undone(hold) is None:
            self.left.append(Left(None, name, f"it waits for a person: hub resolve {hold.id}"))
        elif step is not None and now not in (step.old, step.new):
            self.left.append(Left(None, name, f"it was set to {step.new!r}, and was changed to {now!r} since"))
        else:
            return known.from_json(step.old) if step else self.entity.value(name)
        return NOTHING

    def _hold(self, name: str, value: Any) -> None:
        """Whoever shows something else waits for a person, lest it spread again or be overwritten unseen."""
        there, hold = self.contending.get(name, {}), self.holds.get(name)
        if there:
            own = Contender(HUB, value, NOTHING, self.stamp, own=True)
            contenders = (own, *(there[connection] for connection in sorted(there)))
            since, number = (hold.since, hold.id) if hold else (self.stamp.at, "")
            self.opens.append(Hold(self.entity.key, name, value, contenders, since, number))
        elif hold is not None:
            self.closes.append(hold)


class _Setting:
    """One copy of the entity, and what is done to it."""

    def __init__(self, restoring: Restoring, copy: Copy) -> None:
        self.all, self.copy, self.mapping = restoring, copy, copy.mapping
        self.tie, self.shown, self.patch = copy.tie, dict(copy.record.fields), dict[str, Any]()
        ours = restoring.deeds.stretches.get((self.tie.connection, self.tie.remote), {})
        self.stretches: Mapping[str, Stretch] = {
            remote: s for remote, s in ours.items() if s.stood_for.keys() <= restoring.targets.keys()
        }
        self.values: dict[str, Any] = {}
        self.contends: set[str] = set()

    def work(self) -> None:
        """Set back the fields that the run wrote; settle or contest what the copy shows of the others."""
        for remote, stretch in self.stretches.items():
            if self.shown.get(remote) == stretch.after != stretch.before and self._may(remote, stretch):
                self.patch[remote] = self.shown[remote] = stretch.before
        for name in self.all.targets if self._is_shown else ():
            if name in self.mapping and self.copy.disclosure.lets(self.tie.kind, name):
                self._field(name, self.mapping[name])
        self._conclude()

    def _may(self, remote: str, stretch: Stretch) -> bool:
        """Whether a field may still be written; what may be shown there, and what the service can do, may have changed."""
        kind = self.tie.kind
        shown = self._is_shown and all(self.copy.disclosure.lets(kind, name) for name in stretch.stood_for)
        may = self.copy.writable and shown
        if not may:
            self._leave(min(stretch.stood_for), f"{remote} may not be written there any more")
        return may

    @property
    def _is_shown(self) -> bool:
        return self.copy.disclosure.admits(self.all.entity)

    def _field(self, name: str, lens: Lens) -> None:
        target, stretch = self.all.targets[name], self.stretches.get(lens.remote)
        written = stretch if stretch is not None and name in stretch.stood_for else None
        value = self._stands_for(name, lens, target, written)
        if value is NOTHING or (value != target and not self._is_contested(name, written)):
            return
        since = value != target and self._changed_since(name, lens, written)
        if since:
            was, now = (self._json(name, each) for each in (self.tie.agreed_of(name), value))
            self._leave(name, f"it was set to {was!r}, and was changed to {now!r} since")
        if value != target and self.all.everywhere and not since and self._overwrites(name, lens, target):
            value = target
        self.values[name] = value
        if value != target:
            self.contends.add(name)
            stamp = self._who(name, lens, since=since)
            shown = self.shown.get(lens.remote)
            contender = Contender(self.tie.connection, value, target, stamp, shown)
            self.all.contending.setdefault(name, {})[self.tie.connection] = contender

    def _stands_for(self, name: str, lens: Lens, target: Any, written: Stretch | None) -> Any:
        """What the copy will stand for: what it did if it shows the same; or the target, if it can; else what it says.

        NOTHING where it says nothing that the hub understands.
        """
        shown, before = self.shown.get(lens.remote), self._was(name, written)
        same = shown == (written.before if written else self.tie.seen_of(name))
        if lens.stands_for(shown, target) or lens.weak or (same and before == target):
            return target
        if before is not NOTHING and (same or lens.stands_for(shown, before)):
            return before
        try:
            return lens.to_canonical(shown, current=target if before is NOTHING else before)
        except Unmapped:
            return target if same and written else NOTHING

    def _was(self, name: str, written: Stretch | None) -> Any:
        known = fields_of(type(self.all.entity))[name]
        if written is None:
            return self.tie.agreed_of(name)
        try:
            return known.from_json(written.stood_for[name])
        except ValueError:  # the copy had never stood for anything
            return NOTHING

    def _is_contested(self, name: str, written: Stretch | None) -> bool:
        """Whether the copy got another value from the run, or gave it; one that only lags behind is owed the value."""
        step, hold = self.all.deeds.steps.get(name), self.all.holds.get(name)
        typed = step is not None and any(n == name and at != HUB for n, at in self.all.deeds.typed)
        gave = typed and step is not None and self._json(name, self.tie.agreed_of(name)) == step.new
        return written is not None or gave or (hold is not None and self.tie.connection in hold.connections)

    def _changed_since(self, name: str, lens: Lens, written: Stretch | None) -> bool:
        now, seen = self.copy.record.fields.get(lens.remote), self.tie.seen_of(name)
        if written is not None:
            return now not in (written.after, written.before)
        return seen is not NOTHING and now != seen

    def _overwrites(self, name: str, lens: Lens, target: Any) -> bool:
        """Have the copy show *target*, whatever a person typed there; whether that can be."""
        if not lens.writable or not self.copy.writable:
            return False
        try:
            wanted = lens.to_remote(target, current=self.shown.get(lens.remote))
        except Unmapped as problem:
            self._leave(name, problem.message)
            return False
        self.patch[lens.remote] = self.shown[lens.remote] = wanted
        return True

    def _who(self, name: str, lens: Lens, *, since: bool) -> Stamp:
        typed = self.all.deeds.typed.get((name, self.tie.connection))
        hold = self.all.holds.get(name)
        before = (c for c in hold.contenders if c.connection == self.tie.connection) if hold else ()
        known = next((c.stamp for c in before if not c.own), typed)
        return known if known and not since else self.copy.observation.stamp_of(lens.remote)

    def _json(self, name: str, value: Any) -> Any:
        return fields_of(type(self.all.entity))[name].to_json(value)

    def _leave(self, name: str, why: str) -> None:
        self.all.left.append(Left(self.tie.connection, name, why))

    def _conclude(self) -> None:
        """The tie as it will be, except for what is written first: that is agreed once it is answered."""
        later = {name for name in self.values if self.mapping[name].remote in self.patch}
        now = self.values.keys() - later
        targets, prints = self.all.targets, self.mapping.fingerprints()
        seen = {n: self.shown.get(self.mapping[n].remote) for n in now - self.contends}
        tie = replace(
            self.tie,
            seen={n: v for n, v in {**self.tie.seen, **seen}.items() if n not in now & self.contends},
            agreed={**self.tie.agreed, **{name: targets[name] for name in now}},
            maps={**self.tie.maps, **{name: prints[name] for name in now}},
        )
        if tie != self.tie:
            self.all.bindings[tie.connection] = tie
        if self.patch:
            debt = Debt(self.patch, {name: self.values[name] for name in later})
            held = frozenset(self.contends & later)
            self.all.updates[tie.connection] = Update(self.all.entity, tie, debt, held)
