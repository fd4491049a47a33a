"""Departed: what follows elsewhere when a copy was deleted for good, where its spoke says `close` or `delete`.

It is decided once everything that was read is judged, because an edit beats a delete: what somebody changed elsewhere, and
the one who deleted had never seen, is only no longer kept in step there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hub.config import OnDelete, Sync
from hub.model import NOTHING, Entity, Kind, RequirementStatus, Stamp, TaskStatus
from hub.reconcile import Binding, Event, owes
from hub.sdk.records import Absence
from hub.store import Store, chunks
from hub.store.codec import run_number
from hub.sync.intake import is_owed
from hub.sync.ledger import Ledger
from hub.sync.partner import Partner
from hub.sync.pull import UNDECIDED, let_rest

CLOSING: Mapping[Kind, Any] = {Kind.REQUIREMENT: RequirementStatus.REJECTED, Kind.TASK: TaskStatus.DONE}
"""What becomes of the status when a copy is deleted where that closes the others."""
CLOSED = frozenset({*CLOSING.values(), RequirementStatus.DELIVERED, RequirementStatus.ACCEPTED})
"""What is over already stays as it is."""
BECAUSE = "deleted in "


def was_closed(entity: Entity) -> bool:
    """Whether the status of an entity is what it is only because a copy was deleted."""
    stamp = entity.stamps.get("status")
    return stamp is not None and stamp.because.startswith(BECAUSE)


def spare(store: Store, plan: Iterable[Mapping[str, Any]]) -> set[str]:
    """Take back a held deletion: what *plan* would delete lives on, and is made again where somebody had deleted it.

    The next run does that. Returns the keys of what lives on.
    """
    doomed = store.buried({entry["key"] for entry in plan if entry["operation"] == "delete"})
    with store.transaction():
        store.bury(doomed, gone=False)
        below = descendants(store, doomed)
        lost: dict[str, set[str]] = {}
        for key, ties in store.bindings_of(doomed).items():
            lost[key] = {tie.connection for tie in ties if tie.state == Absence.DELETED and tie.at is not None}
        for key, ties in store.bindings_of([*doomed, *below]).items():
            there = lost.get(below.get(key, key), ())
            gone = [tie for tie in ties if tie.state == Absence.DELETED and tie.connection in there]
            store.keep_bindings((replace(tie, state=OnDelete.RECREATE.value, at=None), False) for tie in gone)
    return doomed


def descendants(store: Store, keys: Iterable[str]) -> dict[str, str]:
    """By key of what belongs to one of *keys*, directly or not: which one."""
    found: dict[str, str] = {}
    above = {key: key for key in keys}
    while above:
        children = store.children(above)
        above = {child: above[key] for key, some in children.items() for child in some}
        found |= above
    return found


@dataclass
class Departed:
    """Carries out what the spokes of a sync say of deleted copies."""

    sync: Sync
    partners: Mapping[str, Partner]
    store: Store
    ledger: Ledger
    run: str
    clock: Callable[[], datetime]
    doomed: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Remember what is about to be deleted, before what was read is judged."""
        self.doomed = self.store.doomed_keys()

    def work(self) -> None:
        """Say who lives on after all, then close or doom what was deleted."""
        for key in sorted(self.doomed - self.store.buried(self.doomed)):
            self._lives_on(key)
        for some in chunks(sorted(self.store.doomed_keys())):
            self._spare(some)
        for partner in self.partners.values():
            if partner.spoke.on_delete in UNDECIDED:
                for kind in partner.kinds():
                    for ties in chunks(self.store.ties_in(partner.name, kind, sorted(UNDECIDED))):
                        with self.store.transaction():
                            self._decide(partner, ties)

    def _spare(self, keys: Sequence[str]) -> None:
        """What waits to be deleted, and was changed since by what belongs to it, lives on."""
        deleted = [tie for ties in self.store.bindings_of(keys).values() for tie in ties if tie.state != "bound"]
        changed = self._changed({tie.key: tie for tie in deleted if tie.at is not None})
        self.store.bury(changed, gone=False)
        for key in sorted(changed):
            self._lives_on(key)

    def _lives_on(self, key: str) -> None:
        self.ledger.problem("was deleted in one place, and lives on: it was changed in another since", key=key)

    def _decide(self, partner: Partner, ties: Sequence[Binding]) -> None:
        keys = [tie.key for tie in ties]
        entities, all_ties = self.store.entities(keys), self.store.bindings_of(keys)
        changed = self._changed({tie.key: tie for tie in ties})
        for tie in ties:
            entity = entities[tie.key]
            others = [other for other in all_ties[tie.key] if other.state == "bound"]
            if any(o.connection in self.partners and not self.partners[o.connection].working for o in others):
                continue  # whether somebody edited that one is not known before it can be read
            self.store.keep_bindings([(replace(tie, state=Absence.DELETED.value), False)])
            if tie.key in changed or self._knew_less(partner, entity, tie) or self._waits(entity, others):
                self.ledger.problem(
                    f"{tie.shown_key or tie.remote} was deleted there, and is only no longer kept in step: "
                    f"{entity.key} was changed elsewhere since",
                    spoke=partner.name,
                    key=entity.key,
                )
            elif tie.state == OnDelete.CLOSE:
                self._close(partner, entity, others)
            else:
                self._doom(partner, entity)

    def _knew_less(self, partner: Partner, entity: Entity, tie: Binding) -> bool:
        """Whether the deleted copy had not been told of something yet: who deleted it decided on an older state."""
        owed = owes(entity, tie, partner.mapping(tie.kind), (), partner.disclosure(tie.kind))
        return any(tie.agreed_of(name) is not NOTHING for name in owed)

    def _waits(self, entity: Entity, others: Sequence[Binding]) -> bool:
        """Whether something that was read elsewhere could not be judged to its end."""
        read = self.store.inbox_of((other.connection, other.kind, other.remote) for other in others)
        return bool(read or self.store.holds([entity.key]))

    def _changed(self, ties: Mapping[str, Binding]) -> set[str]:
        """Those by whose key is a deleted copy, and which were changed elsewhere since: they, or what belongs to them."""
        if not ties:
            return set()
        family = {key: key for key in ties} | descendants(self.store, ties)
        known_at = {key: tie.at or self.clock() for key, tie in ties.items()}
        known_in = self._runs_at(known_at)
        found: set[str] = set()
        for key, connection, noted, run in self.store.changed_since(
            family, min(known_at.values()), min(known_in.values())
        ):
            tie = ties[family[key]]
            if connection != tie.connection and (noted > known_at[tie.key] or run > known_in[tie.key]):
                found.add(tie.key)
        return found

    def _runs_at(self, known_at: Mapping[str, datetime]) -> dict[str, int]:
        """By key: the number of the last run of which the changes are from before a moment; what this one changed is not."""
        before = run_number(self.run) - 1
        runs = self.store.runs_within(min(known_at.values()), max(known_at.values()))
        return {
            key: next((number for number, began, ended in runs if began <= at <= ended), before)
            for key, at in known_at.items()
        }

    def _close(self, partner: Partner, entity: Entity, others: Sequence[Binding]) -> None:
        old, new = entity.value("status"), CLOSING[entity.kind]
        if old in CLOSED:
            return
        now = self.clock()
        stamp = Stamp(who="", connection=partner.name, at=now, because=BECAUSE + partner.name)
        closed = entity.changed({"status": new}, {"status": stamp})
        self.store.keep_entities([closed])
        self.store.keep_events([Event(entity.key, "status", old, new, stamp)], self.run, now)
        self.ledger.harmful += 1
        self.store.keep_bindings((tie, self._is_owed(closed, tie)) for tie in others)

    def _is_owed(self, entity: Entity, tie: Binding) -> bool:
        partner = self.partners.get(tie.connection)
        return is_owed(entity, tie, (), *([partner.disclosure(tie.kind)] if partner else []))

    def _doom(self, partner: Partner, entity: Entity) -> None:
        """The other copies are to be deleted; what belonged to it went with the copy that was."""
        self.store.bury([entity.key])
        below = [tie for ties in self.store.bindings_of(descendants(self.store, [entity.key])).values() for tie in ties]
        gone = [tie for tie in below if (tie.connection, tie.state) == (partner.name, "bound")]
        self.store.keep_bindings((replace(tie, state=Absence.DELETED.value, digest="", at=None), False) for tie in gone)
        self.store.drop_records((tie.connection, tie.kind, tie.remote) for tie in gone)
        for key in {entity.key, *(tie.key for tie in gone)}:
            let_rest(self.store, key)
