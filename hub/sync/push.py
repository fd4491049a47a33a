"""Push: what a spoke is owed is written there, each write with exactly one effect."""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from hub.model import Entity, Kind
from hub.store import EVERYTHING, chunks
from hub.sync.breaking import Breaking
from hub.sync.creating import Creating
from hub.sync.deleting import Deleting
from hub.sync.partner import stumbled
from hub.sync.plan import Planner, Update
from hub.sync.unanswered import Unanswered
from hub.sync.unmade import Unmade
from hub.sync.updating import Updating
from hub.sync.writing import Writing


class Push(Writing):
    """Writes to one spoke."""

    @property
    def _planner(self) -> Planner:
        return Planner(self.sync, self.partner, self.store, self.ledger, self.clock())

    async def find_lost(self) -> None:
        """Look for what was made or updated without an answer, before anything is judged or made."""
        await self._each_kind(self._find_lost)

    async def work(self) -> None:
        """Write everything that is owed, parents first."""
        await self._each_kind(self._kind)

    async def look(self) -> None:
        """Look at what is about to be written or deleted: what is gone is let go, what was changed goes to be judged."""
        await self._each_kind(self._look)

    async def _look(self, kind: Kind) -> None:
        for updates in chunks(self._planner.updates(kind)):
            await Updating(**vars(self)).look(kind, [update for update in updates if update.debt.patch])
        await Deleting(**vars(self)).look(kind, self._planner.deletes(kind))

    async def _each_kind(self, work: Callable[[Kind], Awaitable[None]]) -> None:
        """What goes wrong with the connection stops this spoke only."""
        try:
            for kind in self.partner.kinds():
                await work(kind)
        except Exception as error:  # noqa: BLE001 - whatever a connector stumbles over stops its own spoke only
            self.partner.error = stumbled(error, self.partner.name)
            self.ledger.problem(str(self.partner.error), spoke=self.partner.name)

    async def _find_lost(self, kind: Kind) -> None:
        await Creating(**vars(self)).find_lost(kind)
        await Unanswered(**vars(self)).find_out(kind)
        await Unmade(**vars(self)).find_out(kind)

    async def _kind(self, kind: Kind) -> None:
        if self.partner.spoke.routes[kind].creates:
            await self._create(kind)
        for updates in chunks(self._planner.updates(kind)):
            wanted = [update for update in updates if self._wanted(update.entity.key)]
            wanted = Breaking(**vars(self)).calm(kind, wanted)
            await Updating(**vars(self)).write(kind, await self._with_people(kind, wanted))
        doomed = [binding for binding in self._planner.deletes(kind) if self._wanted(binding.key)]
        await Deleting(**vars(self)).delete(kind, doomed)

    async def _create(self, kind: Kind) -> None:
        """Make the copies that are lacking: of what has changed since that was last considered, and of what waits."""
        name, planner, revision = self.partner.name, self._planner, self.store.revision()
        since = EVERYTHING if self.full else self.store.considered(self.sync.name, name, kind, planner.settings)
        if self.only is None and since == revision and not self.store.is_lacking(self.sync.name, name, kind):
            return
        lack: set[str] = set()
        for entities in self.store.lacking(self.sync.name, name, kind, list(self.sync.spokes), since, self.only):
            wanted = planner.taken(kind, entities)
            made = await self._make(kind, wanted)
            if len(made) < len(wanted):
                lack |= {entity.key for entity in wanted} - made
        if self.only is None:
            with self.store.transaction():
                self.store.keep_considered(self.sync.name, name, kind, planner.settings, revision, lack)

    async def _make(self, kind: Kind, entities: Sequence[Entity]) -> set[str]:
        await self._meet(entities)
        return await Creating(**vars(self)).make(kind, self._planner.creates(kind, entities))

    async def _with_people(self, kind: Kind, updates: Sequence[Update]) -> Sequence[Update]:
        """The updates, planned anew where the service had to be asked who is who."""
        if not await self._meet([update.entity for update in updates]):
            return updates
        keys = {update.entity.key for update in updates}
        return [update for update in self._planner.updates(kind) if update.entity.key in keys]

    async def _meet(self, entities: Iterable[Entity]) -> bool:
        """Ask the service for its accounts when somebody is to be shown there whose account is not known yet."""
        if not self.partner.strangers(entities):
            return False
        await self.partner.ask_who_is_who()
        return True

    def _wanted(self, key: str) -> bool:
        return self.only is None or key in self.only
