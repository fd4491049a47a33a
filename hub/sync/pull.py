"""Pull: what changed in a service comes into the inbox, page by page, each with the cursor that follows it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hub.config import OnDelete
from hub.mapping import FieldMap
from hub.model import Kind, entity_class
from hub.reconcile import Binding
from hub.sdk.records import Absence, Page, Record
from hub.store import Store, digest
from hub.store.codec import text
from hub.sync.ledger import End, Ledger
from hub.sync.partner import Partner, accounts_in, stumbled
from hub.sync.progress import Progress

FETCH = 100


@dataclass
class Pull:
    """Reads one spoke.

    Args:
        full: Read everything, whatever the cursors say.
        full_every: How old a full reading may become.
        sync: The name of the sync, whose cursors these are.
    """

    partner: Partner
    store: Store
    ledger: Ledger
    progress: Progress
    now: datetime
    sync: str
    full: bool = False
    full_every: timedelta | None = None

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
        full = self.full or full_at is None or self._due(full_at)
        seen: set[str] = set()
        async for page in self.partner.connector.changes(kind, cursor, full=full):
            bound = self.store.bindings_at(self.partner.name, kind, page.gone)
            away = await self._look(kind, [remote for remote, tie in bound.items() if tie.state == "bound"])
            alone = await self._gone_alone(kind, away)
            with self.store.transaction():
                self._forget(kind, set(page.gone) - bound.keys())
                self._take(kind, page)
                self._lose(kind, away, alone)
                # A full reading that breaks off is begun again: only its end tells what is missing.
                reached = None if full else full_at
                self.store.keep_cursor(self.sync, self.partner.name, kind, page.cursor, settings, self.now, reached)
            seen.update(record.id for record in page.records)
            self.progress.at(self.partner.name, kind, "read", len(seen), page.total)
        if full:
            missing = sorted(set(self.store.remotes(self.partner.name, kind)) - seen)
            for start in range(0, len(missing), FETCH):
                away = await self._look(kind, missing[start : start + FETCH])
                alone = await self._gone_alone(kind, away)
                with self.store.transaction():
                    self._lose(kind, away, alone)
            waiting = set(self.store.waiting(self.partner.name, kind)) - seen
            self._forget(kind, waiting - self.store.bindings_at(self.partner.name, kind, waiting).keys())
            self.store.keep_full_reading(self.sync, self.partner.name, kind, self.now)

    def _settings(self, kind: Kind) -> str:
        """What a cursor depends on: read with other settings, everything is read anew."""
        place = self.partner.identity.place if self.partner.identity else ""
        return text([place, sorted(self.partner.spoke.kinds[kind].types)])

    def _due(self, full_at: datetime) -> bool:
        return self.full_every is not None and self.now - full_at >= self.full_every

    def _take(self, kind: Kind, page: Page) -> None:
        """Into the inbox with what is new; what was judged already is only counted."""
        spoke, mapping = self.ledger.spokes[self.partner.name], self.partner.mapping(kind)
        spoke.saw(kind, (record.id for record in page.records))
        judged = self.store.judged(self.partner.name, kind, (record.id for record in page.records))
        fresh = [record for record in page.records if is_news(record, *judged.get(record.id, ("", None)))]
        if fresh:
            self.partner.learn([account for record in fresh for account in accounts_in(record, mapping)])
            self.store.keep_records(self.partner.name, kind, fresh, self.now, owner_of(mapping, kind))

    async def _look(self, kind: Kind, missing: Sequence[str]) -> Mapping[str, Record | Absence]:
        """Look at each copy that did not show up: only what its service says of it counts."""
        if not missing:
            return {}
        found = await self.partner.connector.fetch(kind, missing)
        return {remote: found.get(remote, Absence.HIDDEN) for remote in missing}

    async def _gone_alone(self, kind: Kind, away: Mapping[str, Record | Absence]) -> set[str]:
        """Comments and files that somebody deleted; not those that went with what they belonged to.

        Who deletes a card does not mean to delete what was said on it everywhere else.
        """
        deleted = [remote for remote, found in away.items() if found is Absence.DELETED]
        if kind not in FOLLOWS or not deleted:
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


def is_news(record: Record, known: str, at: datetime | None) -> bool:
    """Whether a record shows another state than the one judged last, and not an older one from an index that lags."""
    stale = at is not None and record.at is not None and record.at < at
    return not stale and digest(record) != known


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
    store.drop_records([(partner.name, binding.kind, binding.remote)])
    recreates = found is Absence.DELETED and partner.spoke.on_delete == OnDelete.RECREATE
    # Without a digest the copy is judged anew when it comes back, even if it shows what it always did.
    state = OnDelete.RECREATE.value if recreates else found.value
    store.keep_bindings([(replace(binding, state=state, digest="", at=None), False)])
    if found is Absence.DELETED and alone and is_origin(store, binding):
        store.bury([binding.key])
        let_rest(store, binding.key)
        spoke.note(binding.kind, binding.remote, End.DELETED)
        return
    let_rest(store, binding.key)
    end, why = _LOST[found]
    spoke.note(binding.kind, binding.remote, end)
    ledger.problem(f"{binding.shown_key or binding.remote} {why}", spoke=partner.name, key=binding.key)


def let_rest(store: Store, key: str) -> None:
    """What was deleted in every service is gone, and waits for nobody any more."""
    ties = store.bindings_of([key]).get(key, ())
    if all(tie.kind in FOLLOWS and tie.state == Absence.DELETED for tie in ties):
        store.bury([key])
    if store.buried([key]) and all(tie.state != "bound" for tie in ties):
        store.close_holds(store.holds([key]).get(key, ()), Absence.DELETED)


_LOST = {
    Absence.HIDDEN: (End.BLOCKED, "cannot be seen any more: nothing is written to it until it can"),
    Absence.MOVED: (End.DELETED, "was moved elsewhere, and is no longer kept in step"),
    Absence.DELETED: (End.DELETED, "was deleted there, and is no longer kept in step"),
}
