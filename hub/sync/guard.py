"""Guard: weighs what a run is about to write, and says where that is too much to be done unasked. Pure.

Creates and imports are no harm, however many: a first sync runs by itself.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hub.config import Limit
from hub.model import Kind, RequirementStatus, TaskStatus, entity_class, fields_of
from hub.model.counting import form
from hub.model.fields import UNAGREED
from hub.reconcile import Event
from hub.store import kind_of

STATUSES: Mapping[Kind, type[StrEnum]] = {Kind.REQUIREMENT: RequirementStatus, Kind.TASK: TaskStatus}
EMPTY: tuple[Any, ...] = (None, "", [], {}, UNAGREED)
DELETES, BLANKS, REVERSALS, REMAPPED, WRITES = "deletes", "blanks", "reversals", "remapped", "writes"
SENTENCES: Mapping[str, str] = {
    DELETES: "delete {} in {}",
    BLANKS: "empty fields of {} in {}",
    REVERSALS: "set the status back of {} in {}",
    REMAPPED: "rewrite, only because names or fields are mapped otherwise now, {} in {}",
    WRITES: "write {} in {}",
}
AS_BEFORE = "map it in hub.toml as before"
"""What a person can do instead of approving what only a mapping has led to: there is nothing to undo."""

Approved = Mapping[tuple[str, str, str], Mapping[str, Any]]
"""What a person has said yes to: by spoke, entity key and operation, what each field is to become (JSON data)."""


@dataclass(frozen=True, slots=True)
class Act:
    """One update or deletion of one copy, planned or done.

    Args:
        fields: By canonical field: `{"from": …, "to": …}` in JSON, as in the plan of a run report.
        closes: Whether it sets a status only because another copy was deleted, which weighs as much as a deletion.
        remapped: The fields that are written though nobody edited them: their mapping has changed.
    """

    spoke: str
    kind: Kind
    key: str
    operation: str
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    closes: bool = False
    remapped: frozenset[str] = frozenset()


def harms(act: Act) -> dict[str, frozenset[str]]:
    """By harm: the fields in which an act does it; none where it is the whole copy.

    Where a copy shows already what it is owed, nothing is written, and that is no harm.
    """
    if act.operation == "delete":
        return dict.fromkeys((DELETES, WRITES), frozenset())
    if not act.fields:
        return {}
    blank = frozenset(name for name, change in act.fields.items() if _blanks(change["from"], change["to"]))
    back = frozenset({"status"} if "status" in act.fields and _goes_back(act) else ())
    closed = frozenset({"status"} if act.closes and "status" in act.fields else ())
    found = {BLANKS: blank, REVERSALS: back, DELETES: closed, REMAPPED: act.remapped & act.fields.keys()}
    return {WRITES: frozenset(act.fields), **{harm: names for harm, names in found.items() if names}}


def may_harm(event: Event) -> bool:
    """Whether a copy that follows this change would be emptied or set back in that field: a quick look, at every event."""
    if event.field != "status" and event.new.__class__ is str and event.new:
        return False
    kind = kind_of(event.key)
    to_json = fields_of(entity_class(kind))[event.field].to_json
    change = {"from": to_json(event.old), "to": to_json(event.new)}
    if _blanks(change["from"], change["to"]):
        return True
    return event.field == "status" and _goes_back(Act("", kind, event.key, "update", {"status": change}))


def _blanks(before: Any, after: Any) -> bool:
    """Whether what was there is not there any more; of a map, under any of its names."""
    if before in EMPTY:
        return False
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return any(value not in EMPTY and after.get(name) in EMPTY for name, value in before.items())
    return after in EMPTY


def _goes_back(act: Act) -> bool:
    order = [str(status) for status in STATUSES.get(act.kind, ())]
    before, after = act.fields["status"]["from"], act.fields["status"]["to"]
    return before in order and after in order and order.index(after) < order.index(before)


@dataclass
class Tally:
    """How many copies a run harms, by spoke and harm; what was approved does not count.

    Args:
        copies: By spoke: how many were bound there before the run wrote anything.
    """

    copies: Mapping[str, int]
    approved: Approved = field(default_factory=dict)
    found: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, acts: Iterable[Act]) -> None:
        """Count these as well."""
        for act in acts:
            yes = self.approved.get((act.spoke, act.key, act.operation))
            for harm, names in harms(act).items():
                if yes is None or any(n not in yes or yes[n] != act.fields[n]["to"] for n in names):
                    self.found[act.spoke][harm] += 1

    def breaches(self, limits: Mapping[str, Limit]) -> "Iterator[Breach]":
        """Where it is too much."""
        for spoke, counts in sorted(self.found.items()):
            for harm, limit in limits.items():
                if limit.exceeded(counts[harm], self.copies.get(spoke, 0)):
                    yield Breach(spoke, harm, counts[harm], self.copies.get(spoke, 0))


@dataclass(frozen=True, slots=True)
class Breach:
    """One harm that a run would do to too many copies of a spoke."""

    spoke: str
    harm: str
    harmed: int
    copies: int

    def __str__(self) -> str:
        many = f"{self.harmed:,} of {self.copies:,} {form(self.copies, 'copy', 'copies')}"
        return f"would {SENTENCES[self.harm].format(many, self.spoke)}"


def approved_by(entries: Iterable[Mapping[str, Any]]) -> Approved:
    """What a person says yes to with a plan of such *entries*."""
    return {
        (entry["spoke"], entry["key"], entry["operation"]): {n: change["to"] for n, change in entry["fields"].items()}
        for entry in entries
    }
