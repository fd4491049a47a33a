"""Worlds in which the configuration changes: statuses get other names, a spoke leaves the sync and comes back."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, ClassVar

from hub.model import RequirementStatus as Status
from hub.testing import MemoryService
from tests.simulation.families import Families
from tests.simulation.guarded import Guarded
from tests.simulation.plain import SHARED, Plain
from tests.simulation.seen import Seen

USUAL = {status.value: status.replace("_", " ").title() for status in Status}
NAMES: Mapping[str, Mapping[str, Any]] = {
    "usual": USUAL,
    "shared": SHARED,
    "swapped": {**USUAL, "in_progress": USUAL["review"], "review": USUAL["in_progress"]},
}


class Changing(Guarded):
    """A world whose last service is configured otherwise now and then."""

    @property
    def names(self) -> str:
        """What is called how there."""
        return str(self.settings.get("names", "usual"))

    def spokes(self) -> dict[str, Any]:
        spokes = super().spokes()
        if len(self.services) > 2 and self.settings.get("away"):
            del spokes[self.services[-1].name]
        return spokes

    def _rule(self) -> str:
        rule = super()._rule()
        return f"prefer:{self.services[0].name}" if rule.startswith("prefer") else rule

    def heal(self) -> None:
        super().heal()
        if self.settings.get("away"):
            self.reconfigure(away=False)


class Reconfigured(Changing, Plain):
    """A world of requirements alone, in which statuses get other names."""

    def spokes(self) -> dict[str, Any]:
        spokes, last = super().spokes(), self.services[-1].name
        if last in spokes:
            spokes[last]["status"] = dict(NAMES[self.names])
        return spokes


class ReconfiguredFamilies(Changing, Families):
    """A world of all kinds, in which custom fields are named in other ways, and as at first in the end.

    What a field shows that gets a name, or gets it back, is met as for the first time, whoever wrote it.
    """

    met_anew: ClassVar[frozenset[str]] = frozenset({"audience", "custom"})

    def spokes(self) -> dict[str, Any]:
        spokes, last = super().spokes(), self.services[-1].name
        if last in spokes:
            custom = spokes[last]["requirement"]["custom"]
            if self.names == "fewer":
                del custom["Team"]
            elif self.names == "others":
                custom["Team"] = f"new_{last}"
        return spokes

    def heal(self) -> None:
        super().heal()
        self.reconfigure(names="usual", away=False)


def _set_twice_at_once(service: MemoryService) -> bool:
    """Whether people set the status of one record to several values in one moment."""
    for states in service.states.values():
        set_to = {(s.touches["status"].at, s.fields["status"]) for s in states if "status" in s.touches}
        if len(set_to) > len({at for at, _ in set_to}):
            return True
    return False


def no_status_is_set_by_a_name(seen: Seen) -> None:
    """What a person once did to a status is one change of it at most, whatever it is called by now."""
    world = seen.world
    if world.jumps:
        return
    unsure = {service.name for service in world.services if _set_twice_at_once(service)}
    for key in seen.entities:
        told: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for event in seen.history(key):
            if event["field"] == "status" and event["because"] == "edit" and not event["overruled"]:
                told[event["connection"], event["at"]].append(event["new"])
        for (connection, at), statuses in told.items():
            service = next((s for s in world.services if s.name == connection), None)
            if service is None or service.coarse_s or not service.tells_history or connection in unsure:
                continue
            assert len(statuses) == 1, f"{key}: {statuses} by one edit in {connection} at {at}"
