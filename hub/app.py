"""The composition root: configuration, store, connectors and clock become one `Hub`."""

import contextlib
import getpass
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from hub import views
from hub.config import Config, Spoke, Sync, load_config
from hub.errors import ConfigError, UsageError
from hub.model import NOTHING, Kind, Stamp, entity_class, fields_of
from hub.plugins import Registry, discover
from hub.sdk.connector import Connector, KindSettings, Setup
from hub.sdk.http import Network
from hub.sdk.records import Record
from hub.sdk.vault import Vault
from hub.store import Store, StoredVault, only_one, only_one_now
from hub.sync import Progress, Report, Run, Silence
from hub.sync.deciding import chosen_value, find_hold, find_plan, given_value, settle, tie, untie
from hub.sync.deeds import Choice, must_mean_something
from hub.sync.forsaken import let_go
from hub.sync.matching import Pair, propose
from hub.sync.partner import Partner
from hub.sync.rehearsal import Rehearsal
from hub.sync.remapping import Remapped, foresee
from hub.sync.retrying import retry
from hub.sync.undoing import Undo, run_to_undo


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


@dataclass
class Hub:
    """Everything that can be asked of the hub, for the command line, the daemon, the dashboard and scripts."""

    config: Config
    registry: Registry
    store: Store
    clock: Callable[[], datetime] = utc_now
    network: Network = field(default_factory=Network)
    vaults: Callable[[str], Vault] | None = None
    """By connection: where it keeps what it must remember; in the store, if nothing else is said."""
    tell: Callable[[str], None] = lambda _said: None
    """Told, in a sentence, what a person waits for."""

    @classmethod
    def open(cls, file: Path, *, registry: Registry | None = None, network: Network | None = None) -> Self:
        """The hub that *file* configures. Raises ConfigError, StoreError, PluginBroken."""
        found = registry or discover()
        config = load_config(file, found)
        return cls(config, found, Store.open(config.store), network=network or Network())

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    @property
    def hub_id(self) -> str:
        """What tells this hub's markers from those of another."""
        known = self.store.fact("hub_id")
        if known is None:
            known = uuid.uuid4().hex[:8]
            self.store.keep_fact("hub_id", known)
        return known

    # running

    def _alone(self) -> AbstractAsyncContextManager[None]:
        """While it lasts, nothing else runs with this store."""
        return only_one(self.store.path, sleep=self.network.sleep, waits=self.waits)

    def waits(self, patience_s: float) -> None:
        """Tell whoever is there that another run goes on, and for how many seconds it is waited for."""
        run = views.going_on(self.store)
        which = f"{run['run']}, begun at {run['started_at']}, is" if run else "something else is"
        self.tell(f"{which} going on with {self.store.path}: waiting for it, for {patience_s:.0f} s at most")

    def sync_named(self, name: str) -> Sync:
        """A configured sync. Raises UsageError."""
        if name not in self.config.syncs:
            raise UsageError(f"there is no sync {name!r}", fix=f"there are: {', '.join(self.config.syncs)}")
        return self.config.syncs[name]

    async def sync(
        self,
        name: str,
        *,
        dry_run: bool = False,
        full: bool = False,
        telling: bool = False,
        progress: Progress | None = None,
    ) -> Report:
        """One run of a sync; with *dry_run* only its plan, made on a copy of the store.

        Args:
            telling: Say in the report what was done, in the shape of a plan.
        """
        sync = self.sync_named(name)
        if dry_run:
            with self.store.copy() as store:
                return await self._run(sync, store, full=full, dry=True, progress=progress)
        async with self._alone():
            return await self._run(sync, self.store, full=full, telling=telling, progress=progress)

    async def approve(self, run: str, *, dry_run: bool = False, progress: Progress | None = None) -> Report:
        """Carry out the plan of a held run, by a run that knows it; with *dry_run* only show what that would do now.

        Raises:
            UsageError: No such plan waits.
        """
        plan = find_plan(self.store, run)
        sync = self.sync_named(plan.sync)
        self.must_sign_in(sync.spokes)
        if dry_run:
            with self.store.copy() as store:
                store.approve_plan(plan.run)
                return await self._run(sync, store, dry=True, progress=progress)
        async with self._alone():
            self.store.approve_plan(find_plan(self.store, run).run)
            return await self._run(sync, self.store, progress=progress)

    def choice(
        self, *, rule: str | None = None, field: str | None = None, actor: str | None = None, key: str | None = None
    ) -> Choice:
        """Which part of a run is meant, checked as far as that can be. Raises UsageError."""
        known = {name for kind in Kind for name in fields_of(entity_class(kind))}
        if field is not None and field not in known:
            raise UsageError(f"there is no field {field!r}", fix=f"there are: {', '.join(sorted(known))}")
        return Choice(rule, field, actor, views.find_entity(self.store, key).key if key is not None else None)

    async def undo(
        self,
        run: str,
        *,
        choice: Choice | None = None,
        everywhere: bool = False,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Report:
        """Take back what a run did, by a run of its own; with *dry_run* only show what that would do.

        Args:
            choice: Which part of it; all by default.
            everywhere: Set back also what people had typed themselves.

        Raises:
            UsageError: There is no such run, or it has done nothing of that kind, or its sync is configured no more.
        """
        of, of_sync = run_to_undo(self.store, run, self.config.syncs)
        must_mean_something(self.store, of, choice or Choice())
        sync, how = self.config.syncs[of_sync], {"of": of, "choice": choice or Choice(), "everywhere": everywhere}
        if dry_run:
            with self.store.copy() as store:
                return await self._undo(sync, store, progress, dry=True, **how)
        async with self._alone():
            return await self._undo(sync, self.store, progress, **how)

    async def _undo(self, sync: Sync, store: Store, progress: Progress | None, **how: Any) -> Report:
        async with self._partners(sync, store, rehearsing=how.get("dry", False)) as partners:
            shown, who = progress or Silence(), getpass.getuser()
            return await Undo(sync, partners, store, self.clock, self.hub_id, progress=shown, who=who, **how).work()

    async def _run(self, sync: Sync, store: Store, *, progress: Progress | None = None, **how: Any) -> Report:
        let_go(store, self.config.syncs.values())
        async with self._partners(sync, store, rehearsing=how.get("dry", False)) as partners:
            shown, largest = progress or Silence(), self.config.largest
            run = Run(sync, partners, store, self.clock, self.hub_id, progress=shown, largest=largest, **how)
            return await run.work()

    @contextlib.asynccontextmanager
    async def _partners(
        self, sync: Sync, store: Store, *, rehearsing: bool = False
    ) -> AsyncIterator[dict[str, Partner]]:
        self.must_sign_in(sync.spokes)
        partners = {
            name: self._partner(sync, spoke, store, Rehearsal(real) if rehearsing else real)
            for name, spoke in sync.spokes.items()
            for real in [self.connector(spoke)]
        }
        try:
            yield partners
        finally:
            for partner in partners.values():
                await partner.connector.close()

    def must_sign_in(self, connections: Iterable[str]) -> None:
        """Raises ConfigError if secrets of these connections are not to be found: all of them at once."""
        absent = self.config.absent(connections)
        if absent:
            raise ConfigError(absent, file=self.config.file.name)

    def _partner(self, sync: Sync, spoke: Spoke, store: Store, connector: Connector) -> Partner:
        return Partner(spoke, connector, store, self.config.people, sync.name, self.clock, self.config.language)

    def connector(self, spoke: Spoke) -> Connector:
        """A connector for a spoke. It can sign in only if `must_sign_in` has nothing against it."""
        return self._connector(spoke.connection.name, spoke.kinds)

    def bare_connector(self, connection: str) -> Connector:
        """A connector for a connection that has no part in any sync."""
        return self._connector(connection, {})

    def _connector(self, connection: str, kinds: Mapping[Kind, KindSettings]) -> Connector:
        known = self.config.connections[connection]
        vault = self.vaults(connection) if self.vaults else StoredVault(self.store, connection)
        folder = self.config.file.parent
        return known.connector(
            Setup(connection, known.config, kinds, self.network, self.clock, vault, self.hub_id, folder)
        )

    # looking

    def status(self) -> dict[str, Any]:
        """How every sync fares."""
        return views.status(self.store, self.config, self.clock())

    def in_step(self, name: str) -> dict[Kind, int]:
        """By kind: how many entities are the same on every spoke of a sync that takes part in it."""
        return views.in_step(self.store, self.sync_named(name))

    def listing(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Every entity, of one kind if that is given. Raises UsageError."""
        if kind is None:
            return views.listing(self.store)
        singular = kind.lower().removesuffix("s")
        if singular not in set(Kind):
            raise UsageError(f"there is no kind {kind!r}", fix=f"there are: {', '.join(Kind)}")
        return views.listing(self.store, Kind(singular))

    def detail(self, key: str) -> dict[str, Any]:
        """Everything about one entity."""
        return views.detail(self.store, key)

    def detail_at(self, key: str, at: str) -> dict[str, Any]:
        """What was known of one entity at a moment, or just before a run. Raises UsageError."""
        return views.detail_at(self.store, key, at)

    def verify_history(self) -> dict[str, Any]:
        """Whether the history is what was written."""
        problems = self.store.broken_seals()
        return {"ok": not problems, "problems": problems}

    def history(self, key: str, field_: str | None = None) -> list[dict[str, Any]]:
        """What happened to an entity."""
        return views.history(self.store, key, field_)

    def blame(self, key: str) -> dict[str, Any]:
        """Who set each field of an entity."""
        return views.blame(self.store, key)

    def conflicts(self) -> list[dict[str, Any]]:
        """What waits for a person."""
        return views.conflicts(self.store)

    def changed_mappings(self) -> dict[str, list[Remapped]]:
        """By sync: the fields that are mapped otherwise than when the last run judged them, and what follows from it."""
        found = {
            name: list(foresee(sync, self._idle_partners(sync), self.store)) for name, sync in self.config.syncs.items()
        }
        return {name: fields for name, fields in found.items() if fields}

    # deciding

    def resolve(self, hold_id: str, *, take: str | None = None, value: Any = NOTHING) -> dict[str, Any]:
        """Settle a conflict with what a connection has, or with a value of one's own; it is spread by `spread`."""
        hold = find_hold(self.store, hold_id)
        chosen = chosen_value(hold, take) if take is not None else given_value(hold, value)
        decided = Stamp(who=getpass.getuser(), connection="hub", at=self.clock(), because=f"resolved {hold.id}")
        sync = self._sync_of(hold.key)
        partners = self._idle_partners(sync)
        entity = views.find_entity(self.store, hold.key)
        mappings = {name: p.mapping(entity.kind) for name, p in partners.items() if entity.kind in p.spoke.routes}
        with only_one_now(self.store.path, waits=self.waits):
            settle(self.store, hold, chosen, decided, mappings, sync.rules)
        return {**views.hold_json(hold), "state": "settled", "value": self.detail(hold.key)["fields"][hold.field]}

    def _idle_partners(self, sync: Sync) -> dict[str, Partner]:
        return {
            name: self._partner(sync, spoke, self.store, self.connector(spoke)) for name, spoke in sync.spokes.items()
        }

    def _sync_of(self, key: str) -> Sync:
        """The sync that keeps an entity: the first with one of its copies."""
        at = {tie_.connection for tie_ in self.store.bindings_of([key]).get(key, [])}
        found = next((sync for sync in self.config.syncs.values() if at & set(sync.spokes)), None)
        if found is None:
            raise UsageError(f"{key} belongs to no configured sync", fix="see where it is with: hub show " + key)
        return found

    async def spread(self, key: str) -> Report:
        """Write what the copies of one entity are owed, without reading anything else first."""
        sync = self._sync_of(key)
        async with self._alone():
            return await self._run(sync, self.store, only=frozenset({key}))

    def retry(self, key: str | None = None, connection: str | None = None) -> list[dict[str, Any]]:
        """Forget why copies could not be made, read or written, so that the next run tries again. Raises UsageError."""
        names = list(self.config.connections)
        if connection is not None and connection not in names:
            raise UsageError(f"there is no connection {connection!r}", fix=f"there are: {', '.join(names)}")
        found = None if key is None else views.find_entity(self.store, key).key
        with only_one_now(self.store.path, waits=self.waits):
            tried = retry(self.store, self.clock(), [connection] if connection else names, found)
        return [each.as_json() for each in tried]

    async def link(self, key: str, connection: str, remote: str) -> dict[str, Any]:
        """Tie an entity to a record that is there already. Raises UsageError, ServiceError."""
        entity = views.find_entity(self.store, key)
        spoke = self._spoke(entity.key, connection, entity.kind)
        self.must_sign_in([connection])
        connector = self.connector(spoke)
        try:
            await connector.open()
            found = (await connector.fetch(entity.kind, [remote])).get(remote)
        finally:
            await connector.close()
        if not isinstance(found, Record):
            said = f"there is no such {entity.kind}"
            raise UsageError(said, connection=connection, record=remote, fix="give its id, not its key")
        async with self._alone():
            tie(self.store, entity.key, entity.kind, connection, found, self.clock())
        return self.detail(entity.key)["bindings"]  # type: ignore[no-any-return]

    def unlink(self, key: str, connection: str) -> dict[str, Any]:
        """Keep an entity and one of its copies no longer in step."""
        entity = views.find_entity(self.store, key)
        with only_one_now(self.store.path, waits=self.waits):
            untie(self.store, entity.key, connection)
        return self.detail(entity.key)["bindings"]  # type: ignore[no-any-return]

    def _spoke(self, key: str, connection: str, kind: Kind) -> Spoke:
        syncs = [
            s for s in self.config.syncs.values() if connection in s.spokes and kind in s.spokes[connection].routes
        ]
        if not syncs:
            raise UsageError(f"{connection} holds no {kind} in any sync", fix=f"see: hub show {key}")
        return syncs[0].spokes[connection]

    async def match(
        self, name: str, *, apply: bool = False, pairs: Sequence[Pair] | None = None
    ) -> list[dict[str, Any]]:
        """Pairs of records that look like the same thing, on spokes that were never synced; tied if *apply*."""
        sync = self.sync_named(name)
        alone = self._alone()
        async with alone, self._partners(sync, self.store) as partners:
            return await propose(sync, partners, self.store, self.clock(), apply=apply, chosen=pairs)
