"""What a run did, as far as it is meant to be taken back: the values it changed, and the copies it wrote, made and deleted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hub.errors import UsageError
from hub.mapping import FieldMap
from hub.model import Kind, Merge, Stamp, entity_class, fields_of
from hub.store import Store, Write, kind_of
from hub.store.codec import instant

MappingOf = Callable[[str, Kind], FieldMap | None]
"""By connection and kind: the mapping there, None where the sync has none."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which part of a run is meant; all of it where nothing is said.

    Args:
        rule: Values decided by this rule, `latest` or `owner:jira`; or for this reason: `edit`, `merge`.
        field: Values of this canonical field.
        actor: Values that this person set, by the name in the history.
        key: What was done to this entity and its copies.
    """

    rule: str | None = None
    field: str | None = None
    actor: str | None = None
    key: str | None = None

    @property
    def of_values(self) -> bool:
        """Whether certain values are meant; no copy is made or deleted for such."""
        return not (self.rule is self.field is self.actor is None)

    def takes(self, event: Mapping[str, Any]) -> bool:
        """Whether *event*, as the history tells it, is meant."""
        return (
            self.key in (None, event["key"])
            and self.field in (None, event["field"])
            and (self.rule is None or event["because"] in (self.rule, f"rule {self.rule}"))
            and (self.actor is None or event["who"].casefold() == self.actor.casefold())
        )


def must_mean_something(store: Store, run: str, choice: Choice) -> None:
    """Raises UsageError if *run* did nothing of the kind that *choice* names, and says what there is: most likely a typo."""
    if not choice.of_values:
        return
    events = store.events_of(run)
    there = {
        "rule": {str(event["because"]).removeprefix("rule ") for event in events},
        "field": {event["field"] for event in events},
        "actor": {event["who"] for event in events},
    }
    for name, known in there.items():
        alone = Choice(**{name: getattr(choice, name)})
        if alone.of_values and not any(alone.takes(event) for event in events):
            shown = ", ".join(sorted(filter(None, known))) or "none: it changed no value"
            raise UsageError(f"{run} has nothing of the {name} {getattr(choice, name)!r}", fix=f"there are: {shown}")


@dataclass(frozen=True, slots=True)
class Step:
    """What a run made of one value of an entity, from its first event to its last, as JSON data."""

    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a run made of one field of one record, over all its writes, in the service's own values.

    Args:
        stood_for: By canonical field: what it had stood for, as JSON data.
    """

    before: Any
    after: Any
    stood_for: Mapping[str, Any]


@dataclass
class Deeds:
    """What a run did to the values of one entity.

    Args:
        names: The canonical fields that are meant.
        steps: Of those, what the entity went through.
        stretches: By connection and remote id: what each field of a record went through.
        typed: By canonical field and connection: who had set the value that the run took up from there.
        made: By connection and remote id: the copies that the run or a later one made.
    """

    key: str
    names: set[str] = field(default_factory=set)
    steps: dict[str, Step] = field(default_factory=dict)
    stretches: dict[tuple[str, str], dict[str, Stretch]] = field(default_factory=dict)
    typed: dict[tuple[str, str], Stamp] = field(default_factory=dict)
    made: set[tuple[str, str]] = field(default_factory=set)

    def close(self) -> None:
        """Fields that were written into one field of a record go together: who means one of them means all."""
        together = [set(s.stood_for) for copy in self.stretches.values() for s in copy.values()]
        while more := {n for names in together if names & self.names for n in names} - self.names:
            self.names |= more


def add_late(deeds: Deeds, writes: Iterable[Write], mapping: FieldMap | None) -> None:
    """Add what writes of later runs only brought a copy of what the run had decided: it goes with it."""
    late = Deeds(deeds.key)
    for write in writes:
        if spread := _spread(deeds, write, mapping):
            _written(late, replace(write, fields=spread), mapping)
    for copy, stretches in late.stretches.items():
        mine = deeds.stretches.setdefault(copy, {})
        mine |= {remote: stretch for remote, stretch in stretches.items() if remote not in mine}
    deeds.close()


def _spread(deeds: Deeds, write: Write, mapping: FieldMap | None) -> dict[str, Mapping[str, Any]]:
    """Of the fields of a later write: those that the run had decided, and with them all that stands in the same field."""
    other = {n for n, change in write.fields.items() if n not in deeds.steps or deeds.steps[n].new != change["to"]}
    mixed = {mapping[n].remote for n in other if mapping is not None and n in mapping}
    spread = {n: change for n, change in write.fields.items() if n not in other and _place(mapping, n) not in mixed}
    return spread if deeds.names & spread.keys() else {}


def _place(mapping: FieldMap | None, name: str) -> str | None:
    return mapping[name].remote if mapping is not None and name in mapping else None


def deeds_of(store: Store, run: str, choice: Choice, mapping_of: MappingOf) -> dict[str, Deeds]:
    """By key: what *run* did to values, as far as *choice* means it. What it imported stays, with all its values."""
    found: dict[str, Deeds] = {}
    imported = store.begun_in(run)
    for event in store.events_of(run):
        if event["key"] not in imported and _changes(event):
            _note(found.setdefault(event["key"], Deeds(event["key"])), event, meant=choice.takes(event))
    for write in store.writes_of(run):
        if write.operation == "update" and choice.key in (None, write.key):
            deeds = found.setdefault(write.key, Deeds(write.key))
            names = _written(deeds, write, mapping_of(write.connection, write.kind))
            deeds.names |= set() if choice.of_values else names
    for deeds in found.values():
        deeds.close()
    return {key: deeds for key, deeds in found.items() if deeds.names}


def _changes(event: Mapping[str, Any]) -> bool:
    """Whether an event tells of a value that may change at all; the hash of a file that was read may not."""
    known = fields_of(entity_class(kind_of(event["key"])))
    return event["field"] in known and known[event["field"]].merge is not Merge.ONCE


def _note(deeds: Deeds, event: Mapping[str, Any], *, meant: bool) -> None:
    name = event["field"]
    deeds.names |= {name} if meant else set()
    if not event["overruled"]:
        before = deeds.steps.get(name)
        deeds.steps[name] = Step(before.old if before else event["old"], event["new"])
        stamp = Stamp(
            who=event["who"], connection=event["connection"], at=instant(event["at"]), because=event["because"]
        )
        deeds.typed[name, event["connection"]] = stamp


def _written(deeds: Deeds, write: Write, mapping: FieldMap | None) -> set[str]:
    """Add a write to what is known of its copy; the canonical fields that were written."""
    copy = deeds.stretches.setdefault((write.connection, write.remote), {})
    by_remote: dict[str, dict[str, Any]] = {}
    for name, change in write.fields.items():
        if mapping is not None and name in mapping and mapping[name].remote in write.before:
            by_remote.setdefault(mapping[name].remote, {})[name] = change["from"]
    for remote, stood_for in by_remote.items():
        now, before = Stretch(write.before[remote], write.after.get(remote), stood_for), copy.get(remote)
        # Where somebody edited between two writes of the run, it is that edit to which the copy goes back.
        goes_on = before is not None and before.after == now.before
        copy[remote] = (
            Stretch(before.before, now.after, {**stood_for, **before.stood_for}) if before and goes_on else now
        )
    return {name for stood_for in by_remote.values() for name in stood_for}


def copies(writes: Iterable[Write], operation: str, choice: Choice) -> list[Write]:
    """The copies that a run made (`create`) or deleted (`delete`), as far as *choice* means them."""
    meant = (w for w in writes if w.operation == operation and choice.key in (None, w.key))
    return [] if choice.of_values else list(meant)
