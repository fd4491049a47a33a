"""Conflict rules: who is right when two people truly disagreed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from hub.model import Field
from hub.reconcile.facts import Contender

UNCERTAINTY = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that several contenders want to be different things.

    Args:
        contenders: In the fixed order of the sync's spokes, the entity's own value first.
        order: The names of the spokes in that order.
    """

    field: Field
    contenders: tuple[Contender, ...]
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Take:
    """The contenders from the weakest to the strongest, and by what right."""

    ranking: tuple[Contender, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Leave it to a person."""


Verdict = Take | Ask
Rule = Callable[[Clash], Verdict]


def latest(clash: Clash) -> Verdict:
    """The newest edit; edits closer together than clocks can tell are ranked by the order of the spokes."""
    newest = max(c.stamp.at for c in clash.contenders)

    def rank(contender: Contender) -> tuple[bool, Any, int]:
        close = newest - contender.stamp.at <= UNCERTAINTY
        return (close, newest if close else contender.stamp.at, -_place(clash, contender))

    return Take(tuple(sorted(clash.contenders, key=rank)), "rule latest")


def ask(_clash: Clash) -> Verdict:
    """Always a person."""
    return Ask()


def prefer(*connections: str) -> Rule:
    """The first of *connections* that takes part; where none does, the latest."""
    name = f"rule prefer:{','.join(connections)}"

    def rule(clash: Clash) -> Verdict:
        if not any(c.connection in connections for c in clash.contenders):
            return latest(clash)
        ranking = sorted(clash.contenders, key=lambda c: -_index(connections, c.connection))
        return Take(tuple(ranking), name)

    return rule


def owner(connection: str) -> Rule:
    """The one connection that the field belongs to; where it takes no part, the latest."""
    preferring = prefer(connection)

    def rule(clash: Clash) -> Verdict:
        verdict = preferring(clash)
        if isinstance(verdict, Take) and verdict.because.startswith("rule prefer:"):
            return Take(verdict.ranking, f"rule owner:{connection}")
        return verdict

    return rule


def extreme(name: str, *, highest: bool) -> Rule:
    """The greatest or least value: the latest day, the most hours, the most urgent priority."""

    def rule(clash: Clash) -> Verdict:
        present = [c for c in clash.contenders if c.value is not None]
        if len({type(c.value) for c in present}) != 1 or not isinstance(present[0].value, date | int | float | StrEnum):
            return Ask()
        absent = [c for c in clash.contenders if c.value is None]
        ranked = sorted(present, key=lambda c: _weight(c.value), reverse=not highest)
        return Take((*absent, *ranked), f"rule {name}")

    return rule


def _weight(value: Any) -> Any:
    """Enums rank by definition, first the highest; everything else by itself."""
    return -list(type(value)).index(value) if isinstance(value, StrEnum) else value


def _index(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else len(names)


def _place(clash: Clash, contender: Contender) -> int:
    return -1 if contender.own else _index(clash.order, contender.connection)


BUILT_IN: Mapping[str, Rule] = {
    "latest": latest,
    "ask": ask,
    "merge": ask,
    "highest": extreme("highest", highest=True),
    "lowest": extreme("lowest", highest=False),
}
"""Rules by name. `merge` says that what cannot be merged without loss waits for a person."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rule of each field of a sync.

    Args:
        by_field: By canonical field.
        default: For all others.
        order: The sync's spokes, in the fixed order that settles ties.
    """

    by_field: Mapping[str, Rule]
    default: Rule = latest
    order: tuple[str, ...] = ()

    def judge(self, field: Field, contenders: tuple[Contender, ...]) -> Verdict:
        """What the rule of *field* says."""
        clash = Clash(field, contenders, self.order)
        return self.by_field.get(field.name, self.default)(clash)


def parse_rule(text: str, spokes: Sequence[str], registered: Mapping[str, Rule]) -> Rule:
    """The rule that a configuration names: `latest`, `owner:jira`, `prefer:zoho,jira`, or one that a plugin registered.

    Raises:
        ValueError: In words for a person, if there is no such rule or no such spoke.
    """
    name, _, argument = text.partition(":")
    known = {**BUILT_IN, **registered}
    if name in {"owner", "prefer"}:
        wanted = [part.strip() for part in argument.split(",") if part.strip()]
        strangers = [part for part in wanted if part not in spokes]
        if not wanted or strangers:
            raise ValueError(f"{text!r} names {strangers or 'no spoke'}; the spokes are {', '.join(spokes)}")
        return owner(wanted[0]) if name == "owner" else prefer(*wanted)
    if text in known:
        return known[text]
    raise ValueError(f"there is no rule {text!r}; there are {', '.join([*sorted(known), 'owner:SPOKE', 'prefer:A,B'])}")
