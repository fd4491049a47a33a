"""Restoring: what becomes of one entity and its copies when what a run did to its values is taken back. Decides only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from hub.mapping import FieldMap, Lens, Ref, Unmapped
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
        ours: The record's fields of which the service tells that our own account wrote them last.
    """

    tie: Binding
    record: Record
    observation: Observation
    mapping: FieldMap
    disclosure: Disclosure
    writable: bool = True
    ours: frozenset[str] = frozenset()


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
        hold = self.holds.get(name)
        there = {**self._unseen(hold), **self.contending.get(name, {})}
        if there:
            own = Contender(HUB, value, NOTHING, self.stamp, own=True)
            contenders = (own, *(there[connection] for connection in sorted(there)))
            since, number = (hold.since, hold.id) if hold else (self.stamp.at, "")
            self.opens.append(Hold(self.entity.key, name, value, contenders, since, number))
        elif hold is not None:
            self.closes.append(hold)

    def _unseen(self, hold: Hold | None) -> dict[str, Contender]:
        """By connection: whoever waits already on a copy that cannot be seen at the moment."""
        seen = {copy.tie.connection for copy in self.copies}
        return {c.connection: c for c in hold.contenders if not c.own and c.connection not in seen} if hold else {}


class _Setting:
    """One copy of the entity, and what is done to it."""

    def __init__(self, restoring: Restoring, copy: Copy) -> None:
        self.all, self.copy, self.mapping = restoring, copy, copy.mapping
        self.tie, self.shown, self.patch = copy.tie, dict(copy.record.fields), dict[str, Any]()
        ours = restoring.deeds.stretches.get((self.tie.connection, self.tie.remote), {})
        self.stretches: Mapping[str, Stretch] = {
            remote: known
            for remote, s in ours.items()
            if s.stood_for.keys() <= restoring.targets.keys() and (known := self._referred(s))
        }
        self.values: dict[str, Any] = {}
        self.contends: set[str] = set()

    def work(self) -> None:
        """Set back the fields that the run wrote; settle or contest what the copy shows of the others."""
        for remote, stretch in self.stretches.items():
            if self._shows_ours(remote, stretch) and self._may(remote, stretch):
                self.patch[remote] = self.shown[remote] = stretch.before
        for name in self.all.targets if self._is_shown else ():
            if name in self.mapping and self.copy.disclosure.lets(self.tie.kind, name):
                self._field(name, self.mapping[name])
        self._conclude()

    def _referred(self, stretch: Stretch) -> Stretch | None:
        """Of a reference, what it is called by now: its copy may have been made again. None while there is none."""
        (name, value), *more = stretch.stood_for.items()
        lens = self.mapping.get(name)
        if more or not isinstance(lens, Ref) or stretch.before in (None, ""):
            return stretch
        return replace(stretch, before=lens.to_remote(value, current=None)) if self._is_there(lens, value) else None

    def _is_there(self, lens: Ref, key: str | None) -> bool:
        """Whether what is referred to has a copy there; nothing always has."""
        try:
            lens.to_remote(key, current=None)
        except Unmapped:
            return False
        return True

    def _shows_ours(self, remote: str, stretch: Stretch) -> bool:
        """Whether a field shows what the run left there, and nobody has put the same there again since."""
        shown = self.shown.get(remote)
        known = all(self.tie.seen_of(name) in (NOTHING, shown) for name in stretch.stood_for)
        return known and bool(shown == stretch.after != stretch.before)

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
        if isinstance(lens, Ref) and not self._is_there(lens, target):
            # What has no copy there is kept here, and whatever the copy shows says nothing of it; it is owed once there is one.
            self.values |= {name: None} if lens.remote in self.patch else {}
            return
        written = stretch if stretch is not None and name in stretch.stood_for else None
        value = self._stands_for(name, lens, target, written)
        if value is NOTHING or (value != target and not self._is_contested(name, lens, written)):
            return
        since = value != target and self._changed_since(name, lens, value, written)
        if since:
            self._leave(name, self._since(name, value))
        if value != target and self.all.everywhere and not since and self._overwrites(name, lens, target):
            value = target
        self.values[name] = value
        if value != target:
            self.contends.add(name)
            stamp = self._who(name, lens, value, since=since)
            shown = self.copy.record.fields.get(lens.remote)  # till what it goes back to is written
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

    def _is_contested(self, name: str, lens: Lens, written: Stretch | None) -> bool:
        """Whether the copy got another value from the run, or gave it; one that only lags behind is owed the value."""
        step, hold = self.all.deeds.steps.get(name), self.all.holds.get(name)
        typed = step is not None and any(n == name and at != HUB for n, at in self.all.deeds.typed)
        ours = (self.tie.connection, self.tie.remote) in self.all.deeds.made or lens.remote in self.copy.ours
        gave = typed and not ours and step is not None and self._json(name, self.tie.agreed_of(name)) == step.new
        return written is not None or gave or (hold is not None and self.tie.connection in hold.connections)

    def _changed_since(self, name: str, lens: Lens, value: Any, written: Stretch | None) -> bool:
        """Whether the copy shows something else than the run took up there or wrote."""
        now, seen = self.copy.record.fields.get(lens.remote), self.tie.seen_of(name)
        if written is not None and now not in (written.after, written.before):
            return True
        if seen is not NOTHING:
            return bool(now != seen)
        if written is not None:
            return False
        step = self.all.deeds.steps.get(name)  # what a copy showed that waits for a person is not kept
        return step is None or self._json(name, value) != step.new

    def _since(self, name: str, value: Any) -> str:
        step = self.all.deeds.steps.get(name)
        was = step.new if step else self._json(name, self.tie.agreed_of(name))
        return f"it was set to {was!r}, and was changed to {self._json(name, value)!r} since"

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

    def _who(self, name: str, lens: Lens, value: Any, *, since: bool) -> Stamp:
        """Who has set what the copy goes on to show."""
        hold = self.all.holds.get(name)
        same = (c for c in hold.contenders if c.connection == self.tie.connection) if hold else ()
        known = next((c.stamp for c in same if not c.own and c.value == value), None)
        typed = None if since else self.all.deeds.typed.get((name, self.tie.connection))
        theirs = known or typed
        if theirs is None and (lens.remote in self.patch or lens.remote in self.copy.ours):
            return self.all.stamp
        return theirs or self.copy.observation.stamp_of(lens.remote)

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
        # Should such a write never come about, the copy is owed the value, and what it shows till then is no edit.
        asked = {n: self.copy.record.fields.get(self.mapping[n].remote) for n in later - self.tie.seen.keys()}
        agreed = {name: value for name, value in self.tie.agreed.items() if name not in asked}
        tie = replace(
            self.tie,
            at=(self.copy.record.at if self.contends else None)
            or self.tie.at,  # a list that lags may show it as it was
            seen={n: v for n, v in {**self.tie.seen, **seen, **asked}.items() if n not in now & self.contends},
            agreed={**agreed, **{name: targets[name] for name in now}},
            maps={**self.tie.maps, **{name: prints[name] for name in now | asked.keys()}},
        )
        if tie != self.tie:
            self.all.bindings[tie.connection] = tie
        if self.patch:
            debt = Debt(self.patch, {name: self.values[name] for name in later})
            held = frozenset(self.contends & later)
            self.all.updates[tie.connection] = Update(self.all.entity, tie, debt, held)
