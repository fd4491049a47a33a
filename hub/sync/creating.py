"""Creates: copies that are made, each of them once, however often answers get lost."""

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import replace

from hub.mapping import Unmapped
from hub.model import Kind
from hub.reconcile import Binding
from hub.sdk.connector import Operation
from hub.sdk.records import Delayed, Draft, Outcome, Record, Refusal, Unknown, Written
from hub.store import Intent, digest
from hub.sync.carrying import CONTENT
from hub.sync.intake import is_owed
from hub.sync.intended import bound_again
from hub.sync.ledger import End
from hub.sync.marker import marker_of
from hub.sync.plan import Create
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
            since=min(intent.at for intent in intents.values()),
        )
        bound = self.store.bindings_at(self.partner.name, kind, [i for ids in carriers.values() for i in ids])
        found: dict[str, str] = {}
        for marker, ids in carriers.items():  # two that look just alike may both be found for each of the two
            if free := [remote for remote in ids if remote not in bound and remote not in found]:
                found[free[0]] = marked[marker]
        records = await self.partner.connector.fetch(kind, list(found)) if found else {}
        with self.store.transaction():
            self.store.drop_intents(self.partner.name, kind, set(intents) - set(found.values()))
            for remote, key in found.items():
                record = records.get(remote)
                if isinstance(record, Record):
                    self._bind_found(kind, remote, record, intents[key])

    def _bind_found(self, kind: Kind, remote: str, record: Record, intent: Intent) -> None:
        """Bound by what was asked for; what it shows now is judged like any edit."""
        self.store.keep_bindings([(bound_again(self.partner, record, intent), False)])
        self.store.drop_intents(self.partner.name, kind, [intent.key])
        self.ledger.returned += 1
        self.store.keep_records(self.partner.name, kind, [record], self.clock())
        self.ledger.mend(self.partner.name, kind, intent.key, intent.key)
        self.ledger.spokes[self.partner.name].note(kind, remote, End.CREATED)

    async def make(self, kind: Kind, creates: Sequence[Create]) -> None:
        """Make these copies, batch by batch, the intents of each batch noted first."""
        if kind is Kind.ATTACHMENT:
            creates = self._carried(creates)
        size, done = self.partner.connector.kinds[kind].create_batch, 0
        if creates and Operation.CREATE not in self.partner.connector.kinds[kind].operations:
            return
        for start in range(0, len(creates), size):
            some = creates[start : start + size]
            with self.store.transaction():
                self.store.keep_intents(self._intent(kind, create) for create in some)
            drafts = [self._draft(create) for create in some]
            outcomes = await self.partner.connector.create(kind, drafts)
            with self.store.transaction():
                for create, outcome in zip(some, outcomes, strict=True):
                    self._created(kind, create, outcome)
            done += len(some)
            self.progress.at(self.partner.name, kind, "create", done, len(creates))

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
        return [
            create
            for create in creates
            if (content := self.store.blobs.content(getattr(create.entity, "sha256", None)))
            and not open_ & {(create.entity.belongs_to, size) for size in (content.size, None)}
        ]

    def _draft(self, create: Create) -> Draft:
        content = self.store.blobs.content(getattr(create.entity, "sha256", None))
        return Draft(marker_of(create.entity.key, self.hub_id), create.debt.patch, content)

    def _intent(self, kind: Kind, create: Create) -> Intent:
        return Intent(self.partner.name, kind, create.entity.key, create.debt.patch, create.debt.values, self.clock())

    def _created(self, kind: Kind, create: Create, outcome: Outcome) -> None:
        key, spoke = create.entity.key, self.ledger.spokes[self.partner.name]
        match outcome:
            case Written(record):
                binding = self._new_binding(kind, create, record)
                self.store.keep_bindings([(binding, self._is_owed(create, binding))])
                self.store.drop_intents(self.partner.name, kind, [key])
                spoke.writes += 1
                self.ledger.mend(self.partner.name, kind, key, key)
                spoke.note(kind, key, End.CREATED)
            case Refusal(message, fields, Record() as record):
                left = self._left(kind, create, record, fields)
                binding = self._new_binding(kind, create, record, left)
                self.store.keep_bindings([(binding, self._is_owed(create, binding))])
                self.store.drop_intents(self.partner.name, kind, [key])
                spoke.writes += 1
                self.problem(kind, key, key, End.BLOCKED, message)
            case Refusal(message, _, _):
                self.store.keep_intents([replace(self._intent(kind, create), refused=message)])
                self.problem(kind, key, key, End.BLOCKED, message)
            case Unknown(error):
                self.problem(kind, key, key, End.FAILED, f"{error}\n  It is looked for before it is made again.")
            case Delayed(error):
                self.store.drop_intents(self.partner.name, kind, [key])
                self.problem(kind, key, key, End.FAILED, str(error))

    def _is_owed(self, create: Create, binding: Binding) -> bool:
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
        values = {name: value for name, value in create.debt.values.items() if name not in left}
        seen = {name: record.fields.get(lens.remote) for name, lens in mapping.items()}
        agreed = {}
        told = {
            name
            for name, lens in mapping.items()
            if name in {*create.debt.values, *create.debt.blocked, *create.debt.unmet} or not lens.writable
        }
        for name in told:
            with contextlib.suppress(Unmapped):  # what shows no known value stands for none, and is owed one
                agreed[name] = (
                    values[name]
                    if name in values
                    else mapping[name].to_canonical(seen[name], current=create.entity.value(name))
                )
        return Binding(
            self.partner.name,
            kind,
            record.id,
            create.entity.key,
            seen,
            agreed,
            {name: mapping.fingerprints()[name] for name in agreed},
            digest=digest(record),
            shown_key=record.key,
            url=record.url,
            at=record.at,
        )
