"""Which entities a spoke takes part in: the `where` of its configuration. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hub.model import NOTHING, Audience, Entity
from hub.reconcile.disclosure import OPEN, Disclosure


@dataclass(frozen=True, slots=True)
class Where:
    """A filter on canonical values: any of each list, all of the keys."""

    wanted: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def takes(self, entity: Entity) -> bool:
        """Whether *entity* is what the filter asks for."""
        return not self.wanted or all(self._any_of(entity, name, choices) for name, choices in self.wanted.items())

    @property
    def said(self) -> str:
        """All that it asks for, as text that is the same in every process."""
        return ";".join(f"{name}={','.join(sorted(choices))}" for name, choices in sorted(self.wanted.items()))

    def _any_of(self, entity: Entity, name: str, choices: frozenset[str]) -> bool:
        value = getattr(entity, _FIELDS.get(name, name), NOTHING)
        held = value if isinstance(value, frozenset) else {value}
        return bool({str(each) for each in held} & choices)


_FIELDS = {"types": "type"}
STEERING = frozenset({"labels", "status", "client", "type", "audience"})
"""The fields that can say which spokes an entity goes to, beside the one that says what it belongs to."""


def steers(entity: Entity, names: Iterable[str]) -> bool:
    """Whether an entity that was changed in these fields may have to go where it did not."""
    return any(name in STEERING or name == entity.owner_field for name in names)


@dataclass(frozen=True, slots=True)
class Route:
    """What a spoke does with one kind.

    Args:
        originates: Its new records become entities.
        creates: Entities get a copy there.
        disclosure: What may be written there.
        audience: Who what is made there is for.
        marks: First words of a comment that say it is for the client.
    """

    originates: bool = False
    creates: bool = False
    where: Where = Where()
    disclosure: Disclosure = OPEN
    audience: Audience = Audience.INTERNAL
    marks: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether every entity of the kind may go there."""
        return not self.where.wanted and self.disclosure.audience is Audience.INTERNAL

    @property
    def takes_up(self) -> str:
        """Which records of its own a spoke gives to the sync, as text: with another one, they are read anew."""
        return self.where.said if self.originates else "none"

    @property
    def said(self) -> str:
        """All that the configuration says of it, as text that is the same in every process."""
        shows = "usual" if self.disclosure.shows is None else ",".join(sorted(self.disclosure.shows))
        audiences = f"{self.disclosure.audience}:{shows}:{self.audience}"
        return f"{self.originates}:{self.creates}:{self.where.said}:{audiences}:{','.join(self.marks)}"
