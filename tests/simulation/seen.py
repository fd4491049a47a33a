"""A world at rest, and what the hub knows of it: read once, looked at by every invariant."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hub.model import Entity, Kind
from hub.reconcile import Binding, Hold
from hub.testing import MemoryService
from tests.simulation.world import World


@dataclass
class Seen:
    """What is to be seen of *world* now."""

    world: World
    entities: dict[str, Entity] = field(init=False)
    """By key: everything that was not deleted."""
    ties: dict[str, list[Binding]] = field(init=False)
    holds: dict[str, list[Hold]] = field(init=False)
    partners: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        store, hub = self.world.store, self.world.hub
        self.entities = {entity.key: entity for entity in store.entities_of()}
        self.ties = store.bindings_of(self.entities)
        self.holds = {}
        for hold in store.open_holds():
            self.holds.setdefault(hold.key, []).append(hold)
        self.partners = hub._idle_partners(hub.config.syncs["all"])
        self._histories: dict[str, list[dict[str, Any]]] = {}
        self.at = {(t.connection, t.kind, t.remote): t for ties in self.ties.values() for t in ties}

    def history(self, key: str) -> list[dict[str, Any]]:
        """What happened to an entity."""
        if key not in self._histories:
            self._histories[key] = self.world.store.history(key)
        return self._histories[key]

    @property
    def held(self) -> set[tuple[str, str, str]]:
        """By key, connection and field: what waits for a person."""
        return {(h.key, c, h.field) for holds in self.holds.values() for h in holds for c in h.connections}

    def services(self, kind: Kind) -> list[MemoryService]:
        """Those that take part in a kind."""
        return [s for s in self.world.services if kind in self.partners[s.name].spoke.routes]

    def bound(self) -> Iterator[tuple[Entity, Binding, MemoryService]]:
        """Every copy that is kept in step, with what it is a copy of, and where."""
        services = {service.name: service for service in self.world.services}
        for key, entity in self.entities.items():
            for tie in self.ties.get(key, ()):
                if tie.state == "bound":
                    yield entity, tie, services[tie.connection]

    def tie(self, key: str, connection: str) -> Binding | None:
        """The copy of an entity that is kept in step somewhere."""
        ties = self.ties.get(key, ())
        return next((tie for tie in ties if tie.connection == connection and tie.state == "bound"), None)

    def key_at(self, service: MemoryService, kind: Kind, record: str) -> str | None:
        """Which entity a record is a copy of."""
        tie = self.at.get((service.name, kind, record))
        return tie.key if tie and tie.state == "bound" else None

    def updates(self, service: MemoryService) -> bool:
        """Whether copies can be updated there at all."""
        return not self.world.trait(service.name, "appends")

    def refused(self, service: MemoryService, kind: Kind) -> set[str]:
        """The keys of copies that a service refused to make."""
        return set(self.world.store.intents(service.name, kind))

    def waits(self, key: str) -> bool:
        """Whether something of an entity waits for a person."""
        return bool(self.holds.get(key)) or any(tie.blocked for tie in self.ties.get(key, ()))
