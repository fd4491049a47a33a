"""Push: what a spoke is owed is written there, each write with exactly one effect."""

from collections.abc import Awaitable, Callable
from typing import Any

from hub.model import Kind
from hub.sync.creating import Creating
from hub.sync.deleting import Deleting
from hub.sync.ledger import End
from hub.sync.partner import stumbled
from hub.sync.plan import Planner, planned_delete, planned_write
from hub.sync.updating import Updating
from hub.sync.writing import Writing


class Push(Writing):
    """Writes to one spoke."""

    @property
    def _planner(self) -> Planner:
        return Planner(self.sync, self.partner, self.store, self.ledger, self.clock())

    def plan(self) -> list[dict[str, Any]]:
        """What `run` would do, in the shape of a run report's plan."""
        planned: list[dict[str, Any]] = []
        for kind in self.partner.kinds():
            for update in self._planner.updates(kind):
                if update.debt.patch:
                    planned.append(
                        planned_write(self.partner.name, update.entity, "update", update.binding, update.debt)
                    )
                    self.ledger.spokes[self.partner.name].note(kind, update.binding.remote, End.UPDATED)
            for binding in self._planner.deletes(kind):
                planned.append(planned_delete(self.partner.name, binding))
                self.ledger.spokes[self.partner.name].note(kind, binding.remote, End.DELETED)
            for create in self._planner.creates(kind):
                planned.append(planned_write(self.partner.name, create.entity, "create", None, create.debt))
                self.ledger.spokes[self.partner.name].note(kind, create.entity.key, End.CREATED)
        return planned

    async def find_lost(self) -> None:
        """Look for what was made without an answer, before anything is judged or made."""
        await self._each_kind(Creating(**vars(self)).find_lost)

    async def run(self) -> None:
        """Write everything that is owed, parents first."""
        await self._each_kind(self._kind)

    async def _each_kind(self, work: Callable[[Kind], Awaitable[None]]) -> None:
        """What goes wrong with the connection stops this spoke only."""
        try:
            for kind in self.partner.kinds():
                await work(kind)
        except Exception as error:  # noqa: BLE001 - whatever a connector stumbles over stops its own spoke only
            self.partner.error = stumbled(error, self.partner.name)
            self.ledger.problem(str(self.partner.error), spoke=self.partner.name)

    async def _kind(self, kind: Kind) -> None:
        creating, updating = Creating(**vars(self)), Updating(**vars(self))
        await self._meet_people(kind)
        await creating.make(kind, [c for c in self._planner.creates(kind) if self._wanted(c.entity.key)])
        await updating.write(kind, [u for u in self._planner.updates(kind) if self._wanted(u.entity.key)])
        await Deleting(**vars(self)).delete(kind, [b for b in self._planner.deletes(kind) if self._wanted(b.key)])

    def _wanted(self, key: str) -> bool:
        return self.only is None or key in self.only

    async def _meet_people(self, kind: Kind) -> None:
        """Ask the service for its accounts when somebody is to be shown there whose account is not known yet."""
        planner = self._planner
        wanted = [*(u.entity for u in planner.updates(kind)), *(c.entity for c in planner.creates(kind))]
        if self.partner.strangers(wanted):
            await self.partner.ask_who_is_who()
