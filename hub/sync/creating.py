"""Creates: copies that are made, each of them once, however often answers get lost."""

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hub.mapping import FieldMap, Unmapped
from hub.model import Entity, Kind
from hub.reconcile import Binding
from hub.sdk.connector import Operation
from hub.sdk.content import Content
from hub.sdk.records import Absence, Delayed, Draft, Outcome, Record, Refusal, Unknown, Written
from hub.store import Intent, Write
from hub.sync.carrying import CONTENT
from hub.sync.intake import is_owed
from hub.sync.intended import bound_again, meant
from hub.sync.ledger import End
from hub.sync.marker import marker_of
from hub.sync.plan import Create, planned_write
from hub.sync.strangers import tie_to
from hub.sync.writing import Writing


class Creating(Writing):
    """Makes the copies that a spoke lacks."""

    async def find_lost(self, kind: Kind) -> None:
        """Look for the copies whose create was never answered, before anything is created again."""
        intents = {k: i for k, i in self.store.intents(self.partner.name, kind).items() if i.refused is None}
        if not intents:
            return
        marked = {marker_of(key, self.hub_id): key for key in intents}
        carriers = await self.partner.connector.find(
            kind,
            [Draft(marker, intents[key].fields) for marker, key in marked.items()],
            since=min(intent.at for intent in intents.values()) - self._ahead,
        )
        bound = self.store.bindings_at(self.partner.name, kind, [i for ids in carriers.values() for i in ids])
        loose = {remote: None for ids in carriers.values() for remote in ids if remote not in bound}
        records = await self.partner.connector.fetch(kind, list(loose)) if loose else {}
        found: dict[str, str] = {}
        for marker, ids in carriers.items():  # two that look just alike may both be found for each of the two
            free = [remote for remote in ids if remote in loose and remote not in found]
            if free:
                found[min(free, key=lambda remote: self._is_strange(records.get(remote)))] = marked[marker]
        with self.store.transaction():
            self.store.drop_intents(self.partner.name, kind, set(intents) - set(found.values()))
            for remote, key in found.items():
                record = records.get(remote)
                if isinstance(record, Record):
                    self._bind_found(kind, remote, record, intents[key])

    def _is_strange(self, found: Record | Absence | None) -> bool:
        """Whether somebody else was at a record last: people who copy one of ours copy its marker, too."""
        return not (isinstance(found, Record) and self.partner.is_own_work(found))

    def _bind_found(self, kind: Kind, remote: str, record: Record, intent: Intent) -> None:
        """Bound by what was asked for; what it shows now is judged like any edit."""
        entity = self.store.entities([intent.key])[intent.key]
        self.store.keep_ties([(bound_again(self.partner, record, intent, entity), False)])
        self.store.drop_intents(self.partner.name, kind, [intent.key])
        self.store.keep_writes([Write(self.run, self.partner.name, kind, remote, intent.key, "create", self.clock())])
        self.ledger.returned += 1
        self.store.keep_records(self.partner.name, kind, [record], self.clock())
        self.ledger.mend(self.partner.name, kind, intent.key, intent.key)
        self.ledger.spokes[self.partner.name].note(kind, remote, End.CREATED)

    async def make(self, kind: Kind, creates: Sequence[Create]) -> set[str]:
        """Make these copies, batch by batch, the intents of each batch noted first; the keys of those made."""
        if kind is Kind.ATTACHMENT:
            creates = self._carried(creates)
        made: set[str] = set()
        if creates and Operation.CREATE not in self.partner.connector.kinds[kind].operations:
            return made
        size = self.partner.connector.kinds[kind].create_batch
        for start in range(0, len(creates), size):
            some, at = creates[start : start + size], self.clock() + self._ahead
            with self.store.lasting():
                self.store.keep_intents([self._intent(kind, create, at) for create in some])
            outcomes = await self.partner.connector.create(kind, [self._draft(create) for create in some])
            with self.store.transaction():
                made |= self._conclude(kind, some, outcomes)
            self.progress.at(self.partner.name, kind, "create", len(made), len(creates))
        return made

    def _carried(self, creates: Sequence[Create]) -> list[Create]:
        """Those whose bytes are here, unless a file there that is still to be read may be just the same one."""
        unread = self.store.without_identity(Kind.ATTACHMENT)
        entities, ties = self.store.entities(unread), self.store.bindings_of(unread)
        open_ = {
            (entity.belongs_to, getattr(entity, "size", None))
            for key, entity in entities.items()
            for tie in ties.get(key, ())
            if tie.connection == self.partner.name and tie.state == "bound" and CONTENT not in tie.blocked
        }
        here = {create.entity.key: self.store.blobs.sound(getattr(create.entity, "sha256", None)) for create in creates}
        self.store.unread(key for key, content in here.items() if content is None)
        return [
            create
            for create in creates
            if (content := here[create.entity.key])
            and not open_ & {(create.entity.belongs_to, size) for size in (content.size, None)}
        ]

    def _content(self, entity: Entity) -> Content | None:
        return self.store.blobs.content(getattr(entity, "sha256", None))

    def _draft(self, create: Create) -> Draft:
        content = self._content(create.entity) if create.entity.kind is Kind.ATTACHMENT else None
        return Draft(marker_of(create.entity.key, self.hub_id), create.debt.patch, content)

    def _intent(self, kind: Kind, create: Create, at: datetime) -> Intent:
        """Intents keep the service's time, as ours may be set until they are found."""
        owing, mapping = create.debt, self.partner.mapping(kind)
        agreed = None
        if len(owing.values) < len(mapping.writers):  # what was left out is not agreed on
            known = meant(mapping, create.entity, owing.patch)
            agreed = {n: value for n, value in known.items() if not mapping[n].writable} | dict(owing.values)
        return Intent(self.partner.name, kind, create.entity.key, owing.patch, agreed, at)

    @property
    def _ahead(self) -> timedelta:
        """By how much the service's clock is ahead of ours."""
        return timedelta(seconds=self.partner.connector.clock_offset_s)

    def _conclude(self, kind: Kind, creates: Sequence[Create], outcomes: Sequence[Outcome]) -> set[str]:
        """Note what became of each create: a tie where there is a copy now, an intent where that is not known."""
        ties: list[tuple[Binding, bool]] = []
        settled: list[str] = []
        for create, outcome in zip(creates, outcomes, strict=True):
            tie, known = self._created(kind, create, outcome)
            if tie:
                ties.append((tie, self._is_owed(create, tie)))
            if known:
                settled.append(create.entity.key)
        name, now = self.partner.name, self.clock()
        self.store.keep_ties(ties)
        self.store.drop_intents(name, kind, settled)
        self.store.keep_creates(self.run, name, kind, now, {tie.key: tie.remote for tie, _ in ties})
        spoke = self.ledger.spokes[name]
        spoke.note_all(kind, [tie.key for tie, _ in ties], End.CREATED)
        spoke.writes += len(ties)
        return {tie.key for tie, _ in ties}

    def _created(self, kind: Kind, create: Create, outcome: Outcome) -> tuple[Binding | None, bool]:
        """The tie to the copy, if one was made; and whether it is known what became of the create."""
        key = create.entity.key
        match outcome:
            case Written(record):
                if self.ledger.found:
                    self.ledger.mend(self.partner.name, kind, key, key)
                if self.ledger.plan is not None:
                    self.ledger.plan.append(
                        planned_write(self.partner.name, create.entity, "create", None, create.debt)
                    )
                return self._new_binding(kind, create, record), True
            case Refusal(message, fields, Record() as record):
                self.problem(kind, key, key, End.BLOCKED, message)
                return self._new_binding(kind, create, record, self._left(kind, create, record, fields)), True
            case Refusal(message, _, _):
                self.store.keep_intents(
                    [replace(self._intent(kind, create, self.clock() + self._ahead), refused=message)]
                )
                self.problem(kind, key, key, End.BLOCKED, message)
                return None, False
            case Unknown(error):
                self.problem(kind, key, key, End.FAILED, f"{error}\n  It is looked for before it is made again.")
                return None, False
            case Delayed(error):
                self.problem(kind, key, key, End.FAILED, str(error))
                return None, True

    def _is_owed(self, create: Create, binding: Binding) -> bool:
        """Whether the new copy lacks anything; none does that stands for all that it was made from."""
        if binding.agreed is create.debt.values:
            return False
        return is_owed(create.entity, binding, (), self.partner.disclosure(binding.kind))

    def _left(self, kind: Kind, create: Create, record: Record, fields: Collection[str]) -> set[str]:
        """What a copy that was made in part still lacks: what the refusal names, and all that it does not show."""
        mapping = self.partner.mapping(kind)
        return {
            name
            for name, value in create.debt.values.items()
            if mapping[name].remote in fields
            or not mapping[name].stands_for(record.fields.get(mapping[name].remote), value)
        }

    def _new_binding(self, kind: Kind, create: Create, record: Record, left: Collection[str] = ()) -> Binding:
        """Agreed on what was written; a field that could not be (*left* among them) stands for what the copy shows.

        What may not be told there was never agreed on, but was seen: an edit of it will be noticed.
        """
        mapping = self.partner.mapping(kind)
        fields, values = record.fields, create.debt.values
        seen = {name: fields.get(remote) for name, remote, _ in mapping.readers}
        agreed = values
        if left or len(values) < len(seen):
            agreed = {name: value for name, value in values.items() if name not in left}
            agreed |= self._shown(create, mapping, seen, agreed)
        maps = mapping.fingerprints_of(agreed)
        return tie_to(record, self.partner.name, kind, create.entity.key, seen, agreed, maps)

    def _shown(
        self, create: Create, mapping: FieldMap, seen: Mapping[str, Any], agreed: Collection[str]
    ) -> dict[str, Any]:
        """What a new copy stands for in the fields that could not be written, though they may be told there."""
        shown = {}
        for name, lens in mapping.items():
            told = name in create.debt.values or name in create.debt.blocked or name in create.debt.unmet
            if name not in agreed and (told or not lens.writable):
                with contextlib.suppress(Unmapped):  # what shows no known value stands for none, and is owed one
                    shown[name] = lens.to_canonical(seen[name], current=create.entity.value(name))
        return shown
