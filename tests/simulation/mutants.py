"""Bugs planted on purpose: each breaks one promise of the engine, and the simulation has to find every one of them.

A mutant changes the real code while its context lasts. If the code that it breaks is not there any more, it says so: a
mutant that breaks nothing would let the simulation go blind unseen.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

from hub import app
from hub.mapping import Unmapped
from hub.reconcile import OPEN, Binding, Observation, debt, meet, owes, reconciling
from hub.reconcile.rebasing import Basis
from hub.sdk.records import Absence, Record
from hub.store import Intent, Kept, Store
from hub.sync import (
    creating,
    guard,
    intake,
    intended,
    partner,
    plan,
    pull,
    push,
    restoring,
    strangers,
    unanswered,
    unmade,
    updating,
    weighing,
)
from hub.sync.marker import key_in
from tests.simulation.life import FAMILIES, GUARDED, PLAIN, RECONFIGURED, UNDONE

Patches = Callable[[ExitStack], None]


@dataclass(frozen=True)
class Mutant:
    """One planted bug.

    Args:
        kind: The kind of world that is made for finding it.
        found_at: The first seed of that kind that finds it; `make simulate-mutants` tells it anew.
    """

    name: str
    kind: str
    found_at: int
    plant: Patches

    @contextmanager
    def planted(self) -> Iterator[None]:
        """While this lasts, the code has the bug."""
        with ExitStack() as stack:
            self.plant(stack)
            yield


MUTANTS: dict[str, Mutant] = {}


def mutant(kind: str = PLAIN, *, found_at: int) -> Callable[[Patches], Patches]:
    """Note a mutant under the name of its function."""

    def note(plant: Patches) -> Patches:
        name = plant.__name__.replace("_", " ")
        MUTANTS[name] = Mutant(name, kind, found_at, plant)
        return plant

    return note


def put(stack: ExitStack, owner: Any, name: str, wrong: Any) -> Any:
    """Put *wrong* in the place of what *owner* calls *name*, and give back what was there."""
    right = getattr(owner, name, None)
    if right is None:
        raise LookupError(f"{owner} has no {name} any more: plant this bug elsewhere")
    stack.enter_context(mock.patch.object(owner, name, wrong))
    return right


@mutant(found_at=7)
def create_without_an_intent(stack: ExitStack) -> None:
    """A crash between the call and its answer leaves nothing that tells the new copy from a stranger's record."""

    def keep_intents(self: Store, intents: Sequence[Intent]) -> None:
        right(self, [each for each in intents if each.operation != "create" or each.refused is not None])

    right = put(stack, Store, "keep_intents", keep_intents)


@mutant(found_at=17)
def intents_dropped_before_the_answer_is_known(stack: ExitStack) -> None:
    """A create whose answer was lost is done with, as if it had been refused for good."""

    def created(self: Any, kind: Any, create: Any, outcome: Any) -> None:
        self.store.drop_intents(self.partner.name, kind, [create.entity.key])
        right(self, kind, create, outcome)

    right = put(stack, creating.Creating, "_created", created)


@mutant(found_at=3)
def cursor_kept_before_the_inbox(stack: ExitStack) -> None:
    """The records of a page are kept in a transaction of their own, after that of its cursor."""

    def keep_records(self: Store, *given: Any) -> None:
        if len(given) > 4:  # from a page
            vars(self).setdefault("late", []).append(given)
        else:
            right(self, *given)

    @contextlib.contextmanager
    def transaction(self: Store) -> Iterator[None]:
        with begin(self):
            yield
        late = vars(self).get("late", ())
        while late and not self.db.conn.in_transaction:
            right(self, *late.pop(0))

    right, begin = put(stack, Store, "keep_records", keep_records), put(stack, Store, "transaction", transaction)


@mutant(found_at=7)
def marker_not_looked_for_after_a_lost_answer(stack: ExitStack) -> None:
    """A create without an answer is sent again, whatever it did."""

    async def find_lost(self: Any, kind: Any) -> None:
        self.store.drop_intents(self.partner.name, kind, self.store.intents(self.partner.name, kind))

    put(stack, creating.Creating, "find_lost", find_lost)


@mutant(found_at=7)
def adoption_binds_with_what_the_record_shows(stack: ExitStack) -> None:
    """A copy found by its marker is agreed on as it is: what somebody edited in it since is nobody's edit."""

    def bound_again(partner_: Any, record: Record, intent: Intent, _entity: Any) -> Binding:
        seen, agreed = {}, dict(intent.agreed)
        for name, lens in partner_.mapping(intent.kind).items():
            seen[name] = record.fields.get(lens.remote)
            with contextlib.suppress(Unmapped):
                agreed[name] = lens.to_canonical(seen[name], current=intent.agreed.get(name))
        return Binding(partner_.name, intent.kind, record.id, intent.key, seen, agreed)

    put(stack, creating, "bound_again", bound_again)
    put(stack, strangers, "bound_again", bound_again)


@mutant(found_at=19)
def an_older_state_replaces_a_newer_one(stack: ExitStack) -> None:
    """What a lagging list shows is believed, though something newer was judged already."""
    put(stack, pull, "is_older", lambda _record, _known: False)


@mutant(found_at=160)
def changed_back_is_passed_over(stack: ExitStack) -> None:
    """What shows again what was judged last is known, though what it showed in between waits to be judged."""

    def other(_self: Any, _kind: Any, records: Sequence[Record], judged: Mapping[str, Any]) -> Sequence[Record]:
        return [record for record in records if pull.is_another(record, judged.get(record.id, pull.UNKNOWN)[0])]

    put(stack, pull.Pull, "_other", other)


@mutant(found_at=53)
def remote_clocks_are_trusted(stack: ExitStack) -> None:
    """The times that a service tells are taken for ours, however wrong its clock is."""

    def observation(self: Any, record: Record, read_at: Any) -> Observation:
        with mock.patch.object(type(self.connector), "clock_offset_s", 0.0):
            return right(self, record, read_at)  # type: ignore[no-any-return]

    right = put(stack, partner.Partner, "observation", observation)


@mutant(found_at=0)
def update_without_a_fresh_look(stack: ExitStack) -> None:
    """What changed since it was read is written over."""
    put(stack, updating, "moved", lambda *_: False)


@mutant(found_at=30)
def echo_compared_with_what_was_sent(stack: ExitStack) -> None:
    """What was written is remembered, and not what the service made of it."""

    def showing(self: Any, kind: Any, update: Any, record: Record, values: Any) -> Binding:
        sent = replace(record, fields={**record.fields, **update.debt.patch})
        return right(self, kind, update, sent, values)  # type: ignore[no-any-return]

    right = put(stack, updating.Updating, "_showing", showing)


@mutant(found_at=58)
def holds_do_not_block_the_push(stack: ExitStack) -> None:
    """A field that waits for a person is written to those who wait."""
    nobody: frozenset[str] = frozenset()

    def deaf(right: Callable[..., Any], place: int) -> Callable[..., Any]:
        return lambda *given: right(*given[:place], nobody, *given[place + 1 :])

    put(stack, plan, "owes", deaf(owes, 3))
    put(stack, plan, "debt", deaf(debt, 4))
    put(stack, updating, "debt", deaf(debt, 4))
    put(stack, intake, "is_owed", lambda entity, tie, _, may=OPEN: is_owed(entity, tie, (), may))


is_owed = intake.is_owed


@mutant(found_at=37)
def missing_on_an_incomplete_census_means_deleted(stack: ExitStack) -> None:
    """A record that a reading did not show is let go without a look at it."""

    async def look(self: Any, kind: Any, missing: Sequence[str]) -> Mapping[str, Any]:
        return dict.fromkeys(missing, Absence.DELETED)

    put(stack, pull.Pull, "_look", look)


@mutant(found_at=79)
def inbox_emptied_before_it_is_judged(stack: ExitStack) -> None:
    """What is taken out of the inbox is gone from it, though the judgement is not kept yet."""

    def inbox(self: Store, *given: Any, **more: Any) -> list[Kept]:
        found: list[Kept] = right(self, *given, **more)
        if not self.db.conn.in_transaction:
            self.drop_records([(kept.connection, kept.kind.value, kept.record.id) for kept in found])
        return found

    right = put(stack, Store, "inbox", inbox)


@mutant(found_at=16)
def twin_of_a_copy_adopted(stack: ExitStack) -> None:
    """Whatever carries a marker is taken for the copy that it names, also what a person made by copying that."""

    def own_creations(self: Any, kind: Any, name: str, some: Sequence[Kept]) -> Any:
        found, rest = right(self, kind, name, some)
        for kept in list(rest):
            key = key_in(kept.record.marker, self.hub_id)
            if key and self.store.entities([key]):
                found[name, kept.record.id] = tie = meet(key, kind, name, kept.record.id)
                self.store.keep_bindings([(tie, False)])
                rest.remove(kept)
        return found, rest

    right = put(stack, strangers.Strangers, "_own_creations", own_creations)


@mutant(found_at=47)
def own_lost_updates_taken_for_edits(stack: ExitStack) -> None:
    """What an update without an answer wrote is judged as somebody's edit."""

    put(stack, unanswered, "carried_out", lambda _partner, binding, _record, _intent: binding)


@mutant(found_at=610)
def half_done_updates_taken_for_whole(stack: ExitStack) -> None:
    """Whatever our own account wrote last is what an update without an answer asked for."""

    def as_far_as_done(tie: Binding, name: str, _lens: Any, shown: Any, value: Any) -> Binding:
        return replace(tie, seen={**tie.seen, name: shown}, agreed={**tie.agreed, name: value})

    put(stack, intended, "_as_far_as_done", as_far_as_done)


@mutant(FAMILIES, found_at=11)
def two_runs_at_once(stack: ExitStack) -> None:
    """Nobody waits for the run of another."""

    @contextlib.asynccontextmanager
    async def only_one(*_: Any, **__: Any) -> AsyncIterator[None]:
        yield

    put(stack, app, "only_one", only_one)


@mutant(FAMILIES, found_at=6)
def disclosure_not_asked(stack: ExitStack) -> None:
    """Clients are written whatever colleagues are."""
    put(stack, partner.Partner, "disclosure", lambda *_: OPEN)


@mutant(UNDONE, found_at=753)
def deletions_of_an_undo_not_noted_before(stack: ExitStack) -> None:
    """What an undo deletes, and dies before the answer, is somebody's deletion."""
    put(stack, unmade.Unmade, "note", lambda *_: None)


@mutant(UNDONE, found_at=14)
def typing_after_an_undo_taken_for_what_the_run_wrote(stack: ExitStack) -> None:
    """A second undo of the same run asks only whether a copy shows what that had written."""
    put(stack, restoring._Setting, "_changed_since", lambda *_: False)


@mutant(GUARDED, found_at=9)
def a_yes_to_one_plan_is_a_yes_to_all(stack: ExitStack) -> None:
    """Once somebody has approved anything, a run does whatever it would."""

    def add(self: Any, acts: Any) -> None:
        right(self, () if self.approved else acts)

    right = put(stack, guard.Tally, "add", add)


@mutant(GUARDED, found_at=413)
def earlier_rounds_not_weighed(stack: ExitStack) -> None:
    """What a run has written already does not count when it is about to write more."""
    put(stack, weighing.Weighing, "_done", lambda _: iter(()))


@mutant(GUARDED, found_at=1222)
def what_comes_back_not_weighed(stack: ExitStack) -> None:
    """A copy that was away is owed whatever happened meanwhile, and nobody looks how much that is."""
    put(stack, intake.Judged, "back", [])


@mutant(GUARDED, found_at=0)
def held_for_what_is_gone(stack: ExitStack) -> None:
    """A person is asked about copies without a look whether they are still there."""

    async def look(_self: Any) -> None:
        return

    put(stack, push.Push, "look", look)


@mutant(RECONFIGURED, found_at=0)
def a_changed_name_taken_for_an_edit(stack: ExitStack) -> None:
    """What a copy shows under another name than before, somebody must have set."""

    def basis(binding: Binding, field: Any, _mapping: Any) -> Basis:
        return Basis(binding.seen_of(field.name), binding.agreed_of(field.name))

    put(stack, reconciling, "basis", basis)


@mutant(RECONFIGURED, found_at=0)
def nothing_read_anew_under_other_names(stack: ExitStack) -> None:
    """A changed mapping is noticed only where somebody edits something."""
    put(stack, Store, "mapped", lambda *_: (None, False))
