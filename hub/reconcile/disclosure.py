"""What may be shown to whom. The one place where information is kept from flowing to clients; pure.

Whatever nobody has declared to be for clients is internal. Every patch and every draft is made under a disclosure.
"""

from dataclasses import dataclass

from hub.model import Audience, Entity, Kind

CLIENT_SEES: dict[Kind, frozenset[str]] = {
    Kind.CLIENT: frozenset({"name", "domain"}),
    Kind.CONTACT: frozenset({"name", "email", "client"}),
    Kind.REQUIREMENT: frozenset({"title", "type", "status", "due", "start", "client", "requester"}),
    Kind.TASK: frozenset(),
    Kind.COMMENT: frozenset({"body", "author", "at", "parent", "audience"}),
    Kind.ATTACHMENT: frozenset(
        {"name", "media_type", "size", "sha256", "author", "at", "parent", "audience"},
    ),
}
"""By kind: the fields that clients see where the configuration says nothing else."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What of one kind a spoke may be written.

    Args:
        audience: Who can read what is written there.
        shows: For clients: the fields that they may see; None for those of `CLIENT_SEES`.
    """

    audience: Audience = Audience.INTERNAL
    shows: frozenset[str] | None = None

    def admits(self, entity: Entity) -> bool:
        """Whether *entity* may have a copy there at all: what has an audience, only where that is who reads there."""
        if self.audience is Audience.INTERNAL:
            return True
        return bool(self._seen(entity.kind)) and getattr(entity, "audience", Audience.CLIENT) is Audience.CLIENT

    def lets(self, kind: Kind, field: str) -> bool:
        """Whether a field of *kind* may be written there."""
        return self.audience is Audience.INTERNAL or field in self._seen(kind)

    def _seen(self, kind: Kind) -> frozenset[str]:
        return CLIENT_SEES[kind] if self.shows is None else self.shows


OPEN = Disclosure()
"""Among colleagues: everything."""
