"""A small world: one requirement and its copies in up to three services that all show it in their own lossy way."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from hub.mapping import (
    Account,
    Choice,
    Day,
    DayOfInstant,
    FieldMap,
    LabelSet,
    OnePerson,
    People,
    PeopleSet,
    RichText,
    Terms,
    Text,
    Vocabulary,
)
from hub.model import NOTHING, Kind, Person, Priority, Requirement, RequirementStatus, Stamp
from hub.reconcile import (
    OPEN,
    Binding,
    Hold,
    Observation,
    Reconciliation,
    Rules,
    debt,
    owes,
    parse_rule,
    reconcile,
    written,
)

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
ANN, BO = Person(email="ann@example.com", name="Ann"), Person(email="bo@example.com", name="Bo")
LONG = "As a client I want a list of all that was agreed on, 需求清单, so that nothing gets lost on the way"


def _names(**names: str) -> Vocabulary:
    return Vocabulary.from_config(names)


NEW_DOING_DONE = Vocabulary(
    {
        "new": ("To Do", "Open"),
        "clarifying": ("To Do",),
        "in_progress": ("Doing",),
        "review": ("Doing", "Review"),
        "delivered": ("Done",),
        "accepted": ("Done",),
    }
)
FINE = Vocabulary({status.value: (status.value.title(),) for status in RequirementStatus})
PRIORITIES = Vocabulary({each.value: (each.value.upper(),) for each in Priority})
VOCABULARIES: Mapping[str, Mapping[str, Vocabulary]] = {
    "crm": {"status": FINE},
    "jira": {"status": FINE, "priority": PRIORITIES},
    "trello": {"status": NEW_DOING_DONE},
}

MAPS: Mapping[str, FieldMap] = {
    "jira": FieldMap(
        title=Text("summary", limit=20),
        description=RichText("description"),
        status=Choice("status", RequirementStatus),
        priority=Choice("priority", Priority, optional=True),
        labels=LabelSet("labels", forbid=" "),
        due=Day("duedate"),
        assignees=OnePerson("assignee"),
    ),
    "trello": FieldMap(
        title=Text("name"),
        description=RichText("desc", limit=60),
        status=Choice("list", RequirementStatus),
        labels=LabelSet("labels"),
        due=DayOfInstant("due"),
        assignees=PeopleSet("members"),
    ),
    "crm": FieldMap(
        title=Text("Subject", limit=40),
        status=Choice("Stage", RequirementStatus),
        labels=LabelSet("Tag", forbid=" ,"),
        due=Day("Due_Date"),
        assignees=OnePerson("Owner"),
    ),
}

# What people may set, by kind of field: the same for all services, as far as they have the field.
STATUSES = {
    "jira": ["New", "Review", "Delivered"],
    "crm": ["New", "In_Progress", "Accepted"],
    "trello": ["To Do", "Open", "Review", "Done"],
}
EDITS: Mapping[str, Sequence[Any]] = {
    "title": ["Export", "Import…", LONG, "Export of " + LONG],
    "description": ["", "one\n\ntwo", "one\n\nthree", "zero\n\none\n\ntwo", LONG + "\n\n" + LONG],
    "labels": [[], ["urgent"], ["urgent", "needs_call"], ["vip", "urgent"]],
    "priority": [None, "HIGH", "LOW", "CRITICAL"],
    "due": [None, "2026-05-01", "2026-06-30"],
    "assignees": [None, {"id": "1"}, {"id": "2"}],
}


def bound(connection: str, **vocabularies: Vocabulary) -> FieldMap:
    """The mapping of a connection, with what its configuration would say, or with other *vocabularies*."""
    people = People(connection, {}, [Account("1", "Ann", ANN.email), Account("2", "Bo", BO.email)])
    return MAPS[connection].bound(Terms(connection, {**VOCABULARIES[connection], **vocabularies}, people))


MAPPINGS = {connection: bound(connection) for connection in MAPS}


def edit_value(connection: str, name: str, choice: int) -> Any:
    """The *choice*-th value that somebody could set there, in the service's own values."""
    values = STATUSES[connection] if name == "status" else EDITS[name]
    value = values[choice % len(values)]
    lens = MAPPINGS[connection][name]
    if isinstance(lens, DayOfInstant) and value:
        return f"{value}T23:30:00.000Z"
    if isinstance(lens, PeopleSet):
        return [value] if value else []
    return lens.put(value, None) if name == "title" else value


def stamp(who: str, connection: str, second: float) -> Stamp:
    """Somebody's edit, some seconds after the start."""
    return Stamp(who=who, connection=connection, at=START + timedelta(seconds=second))


@dataclass
class Copy:
    """A record as its service has it; what is written to it comes back trimmed and sorted."""

    connection: str
    fields: dict[str, Any]
    stamp: Stamp

    def observe(self) -> Observation:
        return Observation(dict(self.fields), self.stamp)

    def write(self, patch: Mapping[str, Any]) -> None:
        self.fields |= {name: _normalised(value) for name, value in patch.items()}


def _normalised(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list):
        return sorted(value, key=str) or None
    return value


Check = Callable[["World", Mapping[str, Observation], Reconciliation], None]


@dataclass
class World:
    """The hub's side and the services' side of one requirement."""

    entity: Requirement
    bindings: dict[str, Binding]
    copies: dict[str, Copy]
    rules: Rules
    holds: dict[str, Hold] = field(default_factory=dict)
    seconds: float = 0.0
    writes: int = 0
    mappings: Mapping[str, FieldMap] = field(default_factory=lambda: MAPPINGS)

    def edit(self, connection: str, name: str, value: Any, *, after: float = 10.0) -> None:
        """A person sets one field of one copy."""
        self.seconds += after
        copy, lens = self.copies[connection], self.mappings[connection][name]
        copy.fields[lens.remote] = value
        copy.stamp = stamp(f"person at {connection}", connection, self.seconds)

    def remap(self, connection: str, mapping: FieldMap) -> None:
        """Somebody changes the configuration."""
        self.mappings = {**self.mappings, connection: mapping}

    def decide(self, name: str, value: Any) -> None:
        """A person settles a hold."""
        self.seconds += 10
        decided = replace(stamp("judge", "hub", self.seconds), because="decision")
        self.holds[name] = replace(self.holds[name], decision=value, decided=decided)

    def reconciled(self, observations: Mapping[str, Observation]) -> Reconciliation:
        """What follows from *observations*; nothing is taken over yet."""
        entity, bindings = self.entity, list(self.bindings.values())
        return reconcile(entity, bindings, observations, self.mappings, self.rules, list(self.holds.values()))

    def take(self, found: Reconciliation) -> None:
        """Remember what was found."""
        assert isinstance(found.entity, Requirement)
        self.entity = found.entity
        self.bindings |= {each.connection: each for each in found.bindings}
        for hold in found.closes:
            self.holds.pop(hold.field, None)
        self.holds |= {hold.field: hold for hold in found.holds}

    def held(self, connection: str) -> frozenset[str]:
        return frozenset(name for name, hold in self.holds.items() if connection in hold.connections)

    def owed(self, connection: str) -> frozenset[str]:
        return owes(self.entity, self.bindings[connection], self.mappings[connection], self.held(connection), OPEN)

    def pay(self, connection: str) -> None:
        """Write what the copy is owed, and remember what the service gave back."""
        binding, copy, mapping = self.bindings[connection], self.copies[connection], self.mappings[connection]
        due = debt(self.entity, binding, mapping, copy.fields, self.held(connection), OPEN)
        for name in due.values:
            assert copy.fields.get(mapping[name].remote) == binding.seen_of(name), "an unjudged edit is written over"
        copy.write(due.patch)
        self.writes += bool(due.patch)
        shown = {name: copy.fields.get(mapping[name].remote) for name in [*due.values, *due.settled]}
        agreed = {**binding.agreed, **due.values, **due.settled}
        maps = written(binding, mapping, shown)
        self.bindings[connection] = replace(binding, seen={**binding.seen, **shown}, agreed=agreed, maps=maps)

    def round(self, read: Iterable[str], check: Check | None = None) -> Reconciliation:
        """Read some copies, judge them, and pay them what they are owed."""
        names = sorted(read)
        observations = {name: self.copies[name].observe() for name in names}
        found = self.reconciled(observations)
        if check:
            check(self, observations, found)
        self.take(found)
        for name in names:
            self.pay(name)
        return found


def world(entity: Requirement, connections: Iterable[str], rules: Rules | None = None) -> World:
    """A world in which every copy shows *entity* and stands for it."""
    made = World(entity, {}, {}, rules or rules_of())
    for name in sorted(connections):
        mapping = MAPPINGS[name]
        copy = Copy(name, {}, stamp("hub", name, 0))
        copy.write({lens.remote: lens.to_remote(entity.value(each), current=None) for each, lens in mapping.items()})
        shown = {each: copy.fields.get(lens.remote) for each, lens in mapping.items()}
        agreed = {each: entity.value(each) for each in mapping}
        made.copies[name] = copy
        maps = mapping.fingerprints()
        made.bindings[name] = Binding(name, Kind.REQUIREMENT, f"{name}-1", entity.key, shown, agreed, maps)
    return made


def strangers(made: World) -> World:
    """The same world, but nobody ever agreed on anything: a first meeting of what somebody wrote on both sides."""
    written = {name: stamp("somebody", "hub", 0) for name in made.entity.values()}
    made.entity = made.entity.changed({}, written)
    made.bindings = {name: replace(each, seen={}, agreed={}, maps={}) for name, each in made.bindings.items()}
    return made


def rules_of(default: str = "latest", **fields: str) -> Rules:
    """Rules as a configuration names them; the spokes are taken in the order jira, trello, crm."""
    order = ("jira", "trello", "crm")
    named = {name: parse_rule(text, order, {}) for name, text in fields.items()}
    return Rules(named, parse_rule(default, order, {}), order)


rule_names = st.sampled_from(["latest", "ask", "merge", "owner:jira", "prefer:crm,trello", "highest", "lowest"])
rule_sets = st.builds(rules_of, rule_names, due=rule_names, title=rule_names)
requirements = st.builds(
    Requirement,
    key=st.just("REQ-1"),
    title=st.sampled_from(["Export", LONG, "列表 " + LONG]),
    description=st.sampled_from(["", "one\n\ntwo", LONG + "\n\n" + LONG]),
    status=st.sampled_from([RequirementStatus.NEW, RequirementStatus.REVIEW, RequirementStatus.ACCEPTED]),
    priority=st.sampled_from([None, Priority.HIGH]),
    due=st.sampled_from([None, date(2026, 5, 1)]),
    assignees=st.frozensets(st.sampled_from([ANN, BO])),
    labels=st.frozensets(st.sampled_from(["needs call", "vip", "urgent"])),
)
teams = st.sampled_from([("jira", "trello"), ("jira", "trello", "crm"), ("trello", "crm")])


@st.composite
def actions(draw: st.DrawFn, team: Sequence[str]) -> tuple[Any, ...]:
    """One thing that happens: somebody edits, some copies are read and written, somebody decides."""
    what = draw(st.sampled_from(["edit", "edit", "edit", "round", "decide"]))
    if what == "edit":
        connection = draw(st.sampled_from(team))
        name = draw(st.sampled_from(sorted(MAPS[connection])))
        gap = draw(st.sampled_from([0.5, 10.0]))
        return what, connection, name, edit_value(connection, name, draw(st.integers(0, 4))), gap
    if what == "round":
        return what, draw(st.sets(st.sampled_from(team), min_size=1))
    return what, draw(st.integers(0, 5))


@st.composite
def histories(draw: st.DrawFn) -> tuple[World, list[tuple[Any, ...]]]:
    """A world and what happens in it."""
    team = draw(teams)
    made = world(draw(requirements), team, draw(rule_sets))
    if draw(st.integers(0, 4)) == 0:
        strangers(made)
    return made, draw(st.lists(actions(team), max_size=12))


def happen(made: World, action: tuple[Any, ...], check: Check | None = None) -> None:
    """Let *action* happen."""
    match action:
        case "edit", connection, name, value, gap:
            made.edit(connection, name, value, after=gap)
        case "round", read:
            made.round(read, check)
        case "decide", number:
            if made.holds:
                name = sorted(made.holds)[number % len(made.holds)]
                contenders = made.holds[name].contenders
                made.decide(name, contenders[number % len(contenders)].value)


def stands_for(made: World, connection: str, name: str) -> Any:
    """The canonical value that a copy stands for now."""
    lens, binding = made.mappings[connection][name], made.bindings[connection]
    base = binding.agreed_of(name)
    current = made.entity.value(name) if base is NOTHING else base
    return lens.to_canonical(
        made.copies[connection].fields.get(lens.remote), current=current, seen=binding.seen_of(name) or None
    )
