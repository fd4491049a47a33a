"""Pull: what changed in a service comes into the inbox, page by page, each with the cursor that follows it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hub.config import OnDelete
from hub.mapping import FieldMap
from hub.model import NOTHING, Kind, entity_class, fields_of
from hub.reconcile import Binding
from hub.sdk.records import Absence, Record
from hub.store import Kept, Store, digest
from hub.store.codec import instant, text
from hub.sync.ledger import End, Ledger
from hub.sync.partner import Partner, accounts_in, stumbled
from hub.sync.progress import Progress

FETCH = 100
KNOWN_EVERYWHERE = frozenset({Kind.CLIENT, Kind.CONTACT})
"""Kinds of which two records with the same identity are the same thing, whatever service shows them."""


@dataclass
class Pull:
    """Reads one spoke.

    Args:
        full: Read everything, whatever the cursors say.
        full_every: How old a full reading may become.
        sync: The name of the sync, whose cursors these are.
        welcome: Takes up records that are new.
        look: Looks whether what records tell of their past is more than was known when they were written.
    """

    partner: Partner
    store: Store
    ledger: Ledger
    progress: Progress
    now: datetime
    sync: str
    welcome: Callable[[Kind, Sequence[Kept]], None]
    look: Callable[[Partner, Kind, Sequence[Record]], None] = lambda _partner, _kind, _records: None
    full: bool = False
    full_every: timedelta | None = None
    _doubtful: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """Read every kind. What goes wrong stops this spoke only; what was read until then is kept."""
        try:
            for kind in self.partner.kinds():
                await self._kind(kind)
        except Exception as error:  # noqa: BLE001 - whatever a connector stumbles over stops its own spoke only
            self.partner.error = stumbled(error, self.partner.name)
            self.ledger.problem(str(self.partner.error), spoke=self.partner.name)

    async def _kind(self, kind: Kind) -> None:
        settings = self._settings(kind)
        cursor, full_at = self.store.cursor(self.sync, self.partner.name, kind, settings)
        prints = self.partner.prints(kind)
        mapped, partly = self.store.mapped(self.sync, self.partner.name, kind)
        anew = partly or mapped not in (None, prints)
        full = self.full or anew or full_at is None or self._due(full_at)
        may_lack = full and self.store.is_known(self.partner.name, kind)
        self._doubtful = []
        async for page in self.partner.connector.changes(kind, cursor, full=full):
            bound = self.store.bindings_at(self.partner.name, kind, page.gone)
            away = await self._look(kind, [remote for remote, tie in bound.items() if tie.state == "bound"])
            alone = await self._gone_alone(kind, away)
            with self.store.transaction():
                self._forget(kind, set(page.gone) - bound.keys())
                self._take(kind, page.records, anew=anew)
                self._lose(kind, away, alone)
                if mapped is None:
                    # Whatever is judged from now on is so under this mapping, should the reading break off.
                    self.store.keep_mapped(self.sync, self.partner.name, kind, prints)
                # A full reading that breaks off is begun again: only its end tells what is missing.
                reached = None if full else full_at
                self.store.keep_cursor(self.sync, self.partner.name, kind, page.cursor, settings, self.now, reached)
            done = self.ledger.spokes[self.partner.name].reads(kind)
            self.progress.at(self.partner.name, kind, "read", done, page.total)
        if may_lack:
            await self._census(kind, self.ledger.spokes[self.partner.name].read[kind], anew=anew)
        if full:
            await self._make_sure(kind)
        if not full and mapped == prints:
            return
        with self.store.transaction():
            self.store.keep_mapped(self.sync, self.partner.name, kind, prints)
            if full:
                self.store.keep_full_reading(self.sync, self.partner.name, kind, self.now)

    async def _census(self, kind: Kind, seen: Collection[str], *, anew: bool) -> None:
        """What a complete reading did not give: of each copy the service is asked by name what became of it.

        What is there all the same, as the list ended before its end, is read here.
        """
        missing = [remote for remote in self.store.bound(self.partner.name, kind) if remote not in seen]
        for start in range(0, len(missing), FETCH):
            away = await self._look(kind, missing[start : start + FETCH])
            alone = await self._gone_alone(kind, away)
            there = [found for found in away.values() if isinstance(found, Record)]
            with self.store.transaction():
                self._lose(kind, away, alone)
                self._take(kind, there, anew=anew)
        waiting = {remote for remote in self.store.waiting(self.partner.name, kind) if remote not in seen}
        self._forget(kind, waiting - self.store.bindings_at(self.partner.name, kind, waiting).keys())

    def _settings(self, kind: Kind) -> str:
        """What a cursor depends on: read with other settings, everything is read anew."""
        place = self.partner.identity.place if self.partner.identity else ""
        return text([place, sorted(self.partner.spoke.kinds[kind].types), self.partner.spoke.routes[kind].takes_up])

    def _due(self, full_at: datetime) -> bool:
        return self.full_every is not None and abs(self.now - full_at) >= self.full_every  # a clock may have been wrong

    def _take(self, kind: Kind, records: Sequence[Record], *, anew: bool) -> None:
        """Into the inbox with what is new; what was judged already is only counted.

        Args:
            anew: The mapping has changed, so that everything is judged anew.
        """
        spoke, mapping = self.ledger.spokes[self.partner.name], self.partner.mapping(kind)
        ids = [record.id for record in records]
        spoke.saw(kind, ids)
        self.look(self.partner, kind, records)
        judged = {} if anew else self.store.judged(self.partner.name, kind, ids)
        if fresh := self._fresh(kind, records, judged) if judged else records:
            self.partner.learn(accounts_in(fresh, mapping))
            spoke.took_in(kind, (record.id for record in fresh))
            self._sort(kind, fresh, judged if not anew else None)

    def _fresh(
        self, kind: Kind, records: Sequence[Record], judged: Mapping[str, tuple[str, str | None]]
    ) -> Sequence[Record]:
        """Those that are to be judged; what shows an older state than is known is looked at once more."""
        other = self._other(kind, records, judged)
        waiting = self.store.are_waiting(self.partner.name, kind, [r.id for r in other]) if other else {}
        older = {r.id for r in other if is_older(r, judged.get(r.id, UNKNOWN)[1]) or is_older(r, waiting.get(r.id))}
        if not older:
            return other
        self._doubtful += [record.id for record in other if record.id in older]
        return [record for record in other if record.id not in older]

    def _other(
        self, kind: Kind, records: Sequence[Record], judged: Mapping[str, tuple[str, str | None]]
    ) -> Sequence[Record]:
        """Those that show another state than the one judged last, or of which another one waits to be judged.

        What was changed and changed back shows what was judged last; what it showed in between is over.
        """
        same = [r.id for r in records if not is_another(r, judged.get(r.id, UNKNOWN)[0])]
        over = self.store.are_waiting(self.partner.name, kind, same) if same else ()
        if len(same) == len(over):
            return records
        passed = set(same).difference(over)
        return [record for record in records if record.id not in passed]

    async def _make_sure(self, kind: Kind) -> None:
        """What showed an older state than was known: from an index that lags, or from a clock that was set back."""
        doubtful, self._doubtful = self._doubtful, []
        found = await self._look(kind, doubtful)
        judged = self.store.judged(self.partner.name, kind, doubtful)
        records = [record for record in found.values() if isinstance(record, Record)]
        fresh = self._other(kind, records, judged)
        with self.store.transaction():
            self.store.keep_records(
                self.partner.name, kind, fresh, self.now, owner_of(self.partner.mapping(kind), kind)
            )
            self.ledger.spokes[self.partner.name].took_in(kind, (record.id for record in fresh))

    def _sort(self, kind: Kind, fresh: Sequence[Record], known: Collection[str] | None) -> None:
        """What is new, and nothing else could have to do with, is taken up at once; the rest waits until all was read."""
        alone = known is not None and kind not in KNOWN_EVERYWHERE and entity_class(kind).owner_field is None
        waits = {*known, *self.store.waiting(self.partner.name, kind)} if alone and known is not None else set()
        new: list[Record] = []
        rest: list[Record] = []
        for record in fresh:
            (new if alone and record.marker is None and record.id not in waits else rest).append(record)
        if new:
            self.welcome(kind, [Kept(self.partner.name, kind, record, self.now, waits=False) for record in new])
        if rest:
            owner = owner_of(self.partner.mapping(kind), kind)
            self.store.keep_records(self.partner.name, kind, rest, self.now, owner)

    async def _look(self, kind: Kind, missing: Sequence[str]) -> Mapping[str, Record | Absence]:
        """Look at each copy that did not show up: only what its service says of it counts."""
        if not missing:
            return {}
        found = await self.partner.connector.fetch(kind, missing)
        return {remote: found.get(remote, Absence.HIDDEN) for remote in missing}

    async def _gone_alone(self, kind: Kind, away: Mapping[str, Record | Absence]) -> set[str]:
        """Comments, files and tasks that somebody deleted; not those that went with what they belonged to.

        Who deletes a card does not mean to delete what was said on it everywhere else.
        """
        deleted = [remote for remote, found in away.items() if found is Absence.DELETED]
        decides = kind in FOLLOWS or self.partner.spoke.on_delete in UNDECIDED
        if entity_class(kind).owner_field is None or not decides or not deleted:
            return set()
        ties = self.store.bindings_at(self.partner.name, kind, deleted)
        entities = self.store.entities(tie.key for tie in ties.values())
        owners = {remote: self._owner(entities[tie.key].belongs_to) for remote, tie in ties.items()}
        there: set[str] = set()
        for owner_kind in {owner.kind for owner in owners.values() if owner}:
            asked = {owner.remote for owner in owners.values() if owner and owner.kind is owner_kind}
            found = await self.partner.connector.fetch(owner_kind, sorted(asked))
            there |= {remote for remote in asked if isinstance(found.get(remote), Record)}
        return {remote for remote, owner in owners.items() if owner and owner.remote in there}

    def _owner(self, key: str | None) -> Binding | None:
        """The copy, here, of what something belongs to."""
        ties = self.store.bindings_of([key]).get(key, ()) if key else ()
        return next((tie for tie in ties if tie.connection == self.partner.name and tie.state == "bound"), None)

    def _lose(self, kind: Kind, away: Mapping[str, Record | Absence], alone: Collection[str]) -> None:
        for remote, binding in self.store.bindings_at(self.partner.name, kind, away).items():
            lose(self.store, self.ledger, self.partner, binding, away[remote], alone=remote in alone)

    def _forget(self, kind: Kind, deleted: Iterable[str]) -> None:
        """What was deleted before anything was made of it never was."""
        self.store.drop_records((self.partner.name, kind.value, remote) for remote in deleted)


def owner_of(mapping: FieldMap, kind: Kind) -> Callable[[Record], str | None]:
    """What says of a record which other one it belongs to, by remote id."""
    field = entity_class(kind).owner_field
    lens = mapping.get(field) if field else None

    def owner(record: Record) -> str | None:
        shown = record.fields.get(lens.remote) if lens else None
        return str(shown) if shown else None

    return owner


UNKNOWN = ("", None)
"""The digest of a record that nobody has judged yet, and when its state had been noted."""


def is_another(record: Record, known: str) -> bool:
    """Whether a record shows another state than the one judged last."""
    return not known or digest(record) != known


def is_older(record: Record, known: str | None) -> bool:
    """Whether a record shows an older state than the one judged last, by what the service says of when it changed."""
    return known is not None and record.at is not None and record.at < instant(known)


FOLLOWS = frozenset({Kind.COMMENT, Kind.ATTACHMENT})
"""What is deleted everywhere when it is deleted where it was written; of anything else only the tie is undone."""


def is_origin(store: Store, binding: Binding) -> bool:
    """Whether a copy is the one that its entity came from, and that decides whether there is such a thing."""
    if binding.kind not in FOLLOWS:
        return False
    entity = store.entities([binding.key])[binding.key]
    stamp = entity.stamps.get(entity.owner_field or "")
    return stamp is not None and stamp.connection == binding.connection


def lose(
    store: Store,
    ledger: Ledger,
    partner: Partner,
    binding: Binding,
    found: Record | Absence,
    *,
    alone: bool = False,
) -> None:
    """Let go of a copy that is not there any more, or hold it where that is not sure. The entity stays.

    Args:
        alone: It was deleted by itself: what was written there is then gone for all.
    """
    spoke = ledger.spokes[partner.name]
    if isinstance(found, Record):
        spoke.saw(binding.kind, [binding.remote])
        return
    if binding.state == UNMADE:
        return
    store.drop_records([(partner.name, binding.kind, binding.remote)])
    store.drop_updates(partner.name, binding.kind, binding.key)
    if found is Absence.DELETED:
        _silence(store, partner.name, binding.key)
    state = _state_after(store, partner, binding, found, alone=alone)
    # Without a digest the copy is judged anew when it comes back, even if it shows what it always did.
    at = partner.now() if state in UNDECIDED else None
    store.keep_bindings([(replace(binding, state=state, digest="", at=at), False)])
    if state in UNDECIDED:
        ledger.returned += 1
        spoke.note(binding.kind, binding.remote, End.DELETED)
        return
    if found is Absence.DELETED and alone and is_origin(store, binding):
        store.bury([binding.key])
        let_rest(store, binding.key)
        spoke.note(binding.kind, binding.remote, End.DELETED)
        return
    let_rest(store, binding.key)
    end, why = _LOST.get(state) or _LOST[found]
    spoke.note(binding.kind, binding.remote, end)
    ledger.problem(f"{binding.shown_key or binding.remote} {why}", spoke=partner.name, key=binding.key)


def _silence(store: Store, connection: str, key: str) -> None:
    """What a copy wanted that was deleted can still be chosen; but it is shown nowhere, whatever is made in its place."""
    store.keep_holds(
        replace(
            hold,
            contenders=tuple(replace(c, shown=NOTHING) if c.connection == connection else c for c in hold.contenders),
        )
        for hold in store.holds([key]).get(key, ())
        if connection in hold.connections
    )


UNMADE = "unmade"
"""The state of a tie whose copy an undo deletes, until that is answered: should it be gone, nobody else has deleted it."""
UNDONE = "undone"
"""The state of a tie whose copy an undo has deleted, or found deleted: it is not made again."""
UNDECIDED = frozenset({OnDelete.CLOSE.value, OnDelete.DELETE.value})
"""The states of a tie whose copy was deleted, while it is not decided yet what follows elsewhere."""


def _state_after(store: Store, partner: Partner, binding: Binding, found: Absence, *, alone: bool) -> str:
    """The state of a tie whose copy is not there any more: why that is, or what its spoke wants to follow."""
    policy = partner.spoke.on_delete
    if found is not Absence.DELETED:
        return found.value
    if policy is OnDelete.RECREATE:
        return policy.value
    itself = alone or entity_class(binding.kind).owner_field is None
    closes = policy is OnDelete.CLOSE and "status" in fields_of(entity_class(binding.kind))
    follows = (policy is OnDelete.DELETE or closes) and binding.kind not in FOLLOWS and itself
    return policy.value if follows and not store.buried([binding.key]) else found.value


def let_rest(store: Store, key: str) -> None:
    """What was deleted in every service is gone, and waits for nobody any more; so is what belonged to it."""
    ties = store.bindings_of([key]).get(key, ())
    if any(tie.state == "bound" for tie in ties):
        return
    owner = store.entities([key])[key].belongs_to
    if (owner and store.buried([owner])) or all(tie.kind in FOLLOWS and tie.state == Absence.DELETED for tie in ties):
        store.bury([key])
    if store.buried([key]):
        store.close_holds(store.holds([key]).get(key, ()), Absence.DELETED)


_LOST: Mapping[str, tuple[End, str]] = {
    Absence.HIDDEN: (End.BLOCKED, "cannot be seen any more: nothing is written to it until it can"),
    Absence.MOVED: (End.DELETED, "was moved elsewhere, and is no longer kept in step"),
    Absence.DELETED: (End.DELETED, "was deleted there, and is no longer kept in step"),
    OnDelete.RECREATE: (End.DELETED, "was deleted there, and is made again"),
}
