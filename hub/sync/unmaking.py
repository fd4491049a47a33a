"""Unmaking: copies that a run made are deleted again, and those that it deleted are made again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hub.model import Kind, entity_class
from hub.reconcile import Binding
from hub.sdk.connector import Operation
from hub.sdk.records import Absence, Record, Refusal, Unknown
from hub.store import Write, chunks, digest
from hub.store.codec import moment, run_number
from hub.sync.ledger import End
from hub.sync.pull import FOLLOWS, UNMADE, owner_of
from hub.sync.push import Push
from hub.sync.unmade import Unmade
from hub.sync.updating import moved

BATCH = 50


@dataclass
class Unmaking(Unmade):
    """Deletes the copies that a run made on one spoke, unless somebody has touched them since.

    Args:
        left: Why copies were left where they are, by entity key.
    """

    left: dict[str, str] = field(default_factory=dict)

    async def unmake(self, kind: Kind, made: Sequence[Write]) -> None:
        """Delete these; their entities stay, and get no copy there again. Children of the same run go first."""
        ties = self.store.bindings_at(self.partner.name, kind, [write.remote for write in made])
        mine = [(ties[w.remote], w) for w in made if w.remote in ties and ties[w.remote].key == w.key]
        bound = [(tie, write) for tie, write in mine if tie.state == "bound"]
        if bound and Operation.DELETE not in self.partner.connector.kinds[kind].operations:
            for tie, _ in bound:
                self._leave(tie, f"{self.partner.name} can delete no {kind}")
            return
        for some in chunks(bound, BATCH):
            await self._delete(kind, await self._untouched(kind, some))

    async def _untouched(self, kind: Kind, made: Sequence[tuple[Binding, Write]]) -> list[Binding]:
        found = await self.partner.connector.fetch(kind, [tie.remote for tie, _ in made])
        self.ledger.spokes[self.partner.name].saw(kind, found)
        owners = self._owners_of_strangers() if kind not in FOLLOWS else frozenset()
        untouched = []
        for tie, write in made:
            record = found.get(tie.remote)
            if record is Absence.DELETED:
                self.let_go(tie, deleted=False)
            elif not isinstance(record, Record):
                self._leave(tie, "it cannot be seen there at the moment")
            elif why := self._touched(tie, record, write, owners):
                self._leave(tie, why)
            else:
                untouched.append(tie)
        return untouched

    def _touched(self, tie: Binding, record: Record, write: Write, owners: Collection[str]) -> str:
        """Why a copy is somebody's by now; empty if it is nobody's."""
        identity = self.partner.identity
        ours = identity is not None and (record.touched is None or record.touched.who.id == identity.account.id)
        edited = moved(tie, self.partner.mapping(tie.kind), record.fields) or digest(record) != tie.digest
        told = [e for e in self.store.history(tie.key) if e["connection"] == tie.connection]
        since = any(_is_since(event, write) for event in told)
        if edited or not ours or since:
            return "somebody has worked on it since"
        if record.id in owners or self.store.has_below(tie.connection, tie.key, ("bound", UNMADE)):
            return "something belongs to it by now"
        return ""

    def _owners_of_strangers(self) -> frozenset[str]:
        """The remote ids to which something belongs that waits to be judged, as a comment nobody has spread yet."""
        owners: set[str] = set()
        for kind in self.partner.kinds():
            if entity_class(kind).owner_field:
                owner = owner_of(self.partner.mapping(kind), kind)
                waiting = self.store.inbox_of((self.partner.name, kind, each) for each in self._waiting(kind))
                owners |= {found for kept in waiting if (found := owner(kept.record))}
        return frozenset(owners)

    def _waiting(self, kind: Kind) -> list[str]:
        return self.store.waiting(self.partner.name, kind)

    async def _delete(self, kind: Kind, ties: Sequence[Binding]) -> None:
        if not ties:
            return
        self.note(kind, ties)
        outcomes = await self.partner.connector.delete(kind, [tie.remote for tie in ties])
        with self.store.transaction():
            for tie, outcome in zip(ties, outcomes, strict=True):
                if outcome is None:
                    self.let_go(tie, deleted=True)
                elif isinstance(outcome, Unknown):
                    self.problem(kind, tie.remote, tie.key, End.FAILED, f"{outcome.error}\n  Next: undo it again")
                else:
                    self.still_there(tie)
                    said = outcome.message if isinstance(outcome, Refusal) else str(getattr(outcome, "error", ""))
                    self.problem(kind, tie.remote, tie.key, End.FAILED, f"cannot be deleted: {said}")

    def _leave(self, tie: Binding, why: str) -> None:
        self.left[tie.key] = why
        shown = tie.shown_key or tie.remote
        self.problem(tie.kind, tie.remote, tie.key, End.HELD, f"{shown} was made by that run and is left there: {why}")


class Remaking(Push):
    """Makes the copies again that a run deleted on one spoke."""

    async def remake(self, kind: Kind, deleted: Sequence[Write]) -> None:
        """Make these again; what they are copies of lives on. One that is there again already is left as it is."""
        name, keys = self.partner.name, [write.key for write in deleted]
        ties = [tie for each in self.store.bindings_of(keys).values() for tie in each if tie.connection == name]
        again = [replace(tie, state="recreate") for tie in ties if tie.state != "bound"]
        with self.store.transaction():
            self.store.keep_bindings((tie, False) for tie in again)
            self.store.bury([tie.key for tie in again], gone=False)
        wanted = [tie.key for tie in again]
        for entities in self.store.lacking(self.sync.name, name, kind, list(self.sync.spokes), among=wanted):
            await self._make(kind, self._planner.taken(kind, entities))
        for tie in self.store.bindings_of(wanted).values():
            for each in tie:
                if each.connection == name and each.state == "recreate":
                    said = "could not be made again yet: the next sync tries"
                    self.problem(kind, each.key, each.key, End.FAILED, said)


def _is_since(event: Mapping[str, Any], write: Write) -> bool:
    """Whether something happened after a write: by our clock, or, as that may have been set, by the order of the runs."""
    run = event["run"]
    later = run is not None and run_number(run) > run_number(write.run)
    return later or (run != write.run and event["noted"] >= moment(write.at))
