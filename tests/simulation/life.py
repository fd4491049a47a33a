"""The life of a world, as data: a list of parts that all follow from one seed, of which any may be left out.

A part that chooses, an act or a decision, brings dice of its own: whatever else is left out, it does what it can with what
is there. So a long life in which something went wrong can be cut down to the few parts that matter.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

NAMES = ("left", "right", "third")
PLAIN, FAMILIES = "plain", "families"
UNDONE, UNDONE_FAMILIES = "undone", "undone-families"
"""Worlds in which runs are taken back as well."""
GUARDED, GUARDED_FAMILIES = "guarded", "guarded-families"
"""Worlds in which next to nothing is harmed unasked."""
RECONFIGURED, RECONFIGURED_FAMILIES = "reconfigured", "reconfigured-families"
"""Worlds in which names change and spokes come and go."""
KINDS = (
    *(PLAIN, FAMILIES, UNDONE, UNDONE_FAMILIES),
    *(GUARDED, GUARDED_FAMILIES, RECONFIGURED, RECONFIGURED_FAMILIES),
)
OF_FAMILIES = (FAMILIES, UNDONE_FAMILIES, GUARDED_FAMILIES, RECONFIGURED_FAMILIES)
HARMS = ("deletes", "blanks", "reversals", "writes")
ON_DELETE = ("unlink", "unlink", "close", "delete", "recreate")
"""What spokes do when a copy is deleted."""
JUMPS_S = (-600, -30, 30, 600)
"""By how many seconds clocks are set."""
NAMES_OF = {PLAIN: ("usual", "shared", "swapped"), FAMILIES: ("usual", "fewer", "others")}
"""What statuses, or custom fields, may be called in a configuration."""
REQUESTS = {
    PLAIN: ("open", "changes", "fetch", "create", "create", "update", "update", "update", "find"),
    FAMILIES: ("open", "changes", "fetch", "create", "create", "update", "update", "find", "download", "delete"),
}
"""What may go wrong; writes oftener than other requests, as most of what can be lost is lost there."""
WRITES = frozenset({"create", "update", "delete"})


@dataclass(frozen=True, slots=True)
class Part:
    """Something that may be left out of a life."""

    def __str__(self) -> str:
        given = ", ".join(f"{each.name} {getattr(self, each.name)}" for each in fields(self))
        return f"{type(self).__name__.lower()}: {given}"


# What the world is like.


@dataclass(frozen=True, slots=True)
class Setting(Part):
    """Something about the hub, or about all services, that is not as usual."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class Trait(Part):
    """Something about one service that is not as usual: an attribute of `MemoryService`, or `skew_s`, `appends`, `keeps`."""

    service: int
    name: str
    value: Any


# What happens.


@dataclass(frozen=True, slots=True)
class Act(Part):
    """Somebody does something in a service."""

    service: int
    dice: int


@dataclass(frozen=True, slots=True)
class Decide(Part):
    """Somebody settles a conflict, if there is one."""

    dice: int


@dataclass(frozen=True, slots=True)
class Pause(Part):
    """Time passes."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Jump(Part):
    """A clock is set: that of a service, or (None) the hub's own."""

    service: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Go(Part):
    """A run of the sync, with all that was prepared for it since the last."""

    dice: int
    full: bool = False


@dataclass(frozen=True, slots=True)
class Undo(Part):
    """Somebody takes back the last run but some, with all that was prepared for it; everywhere, or but where it was typed."""

    dice: int
    back: int
    everywhere: bool


@dataclass(frozen=True, slots=True)
class Approve(Part):
    """Somebody says yes to what waits, if anything does, with all that was prepared for it."""

    dice: int


@dataclass(frozen=True, slots=True)
class Reconfigure(Part):
    """Somebody changes the configuration: what is said of the last service, as its table in the sync, is another now."""

    names: str
    away: bool


# What is prepared for the next run.


@dataclass(frozen=True, slots=True)
class Trouble(Part):
    """A fault of a service: `down`, `lost` or `no`; once it was carried out, if *after*."""

    service: int
    method: str
    error: str
    after: bool
    skip: int
    times: int


@dataclass(frozen=True, slots=True)
class During(Part):
    """Somebody does something in the service that is asked, at some request of the run."""

    request: int
    dice: int


@dataclass(frozen=True, slots=True)
class Dies(Part):
    """The process dies at some boundary: before or after a request is carried out, before or after a commit."""

    boundary: int


@dataclass(frozen=True, slots=True)
class Paged(Part):
    """Some page of a service comes `twice`, `shuffled`, `doubled`, `short`, or says that it is the last and is not."""

    service: int
    page: int
    how: str


@dataclass(frozen=True, slots=True)
class Second(Part):
    """Another hub begins a run on the same store at some request of this one; an impatient one hardly waits."""

    request: int
    patient: bool


@dataclass(frozen=True, slots=True)
class Fresh(Part):
    """The hub is started anew before the run."""


Life = tuple[Part, ...]


def life_of(seed: int, kind: str = PLAIN) -> Life:
    """Everything that follows from *seed*."""
    return _Maker(random.Random(f"{kind} {seed}"), kind).life()


def story(life: Sequence[Part]) -> str:
    """A life to be read, part by part."""
    return "\n".join(f"  {part}" for part in life)


class _Maker:
    """Throws the dice."""

    def __init__(self, chance: random.Random, kind: str) -> None:
        self.chance, self.undoes = chance, kind in (UNDONE, UNDONE_FAMILIES)
        self.guarded = kind in (GUARDED, GUARDED_FAMILIES)
        self.reconfigures = kind in (RECONFIGURED, RECONFIGURED_FAMILIES)
        self.kind = FAMILIES if kind in OF_FAMILIES else PLAIN
        self.services = chance.choice((2, 2, 3))
        self.jumps = chance.random() < 0.15
        self.exact = chance.random() < 0.3
        self.shouts = kind == PLAIN and chance.random() < 0.2

    def life(self) -> Life:
        parts = [*self._settings(), *(trait for n in range(self.services) for trait in self._traits(n))]
        for _ in range(6):
            parts += self._stretch()
        stepwise = (Trait(n, "stepwise", True) for n in range(self.services) if self.chance.random() < 0.3)
        return (*stepwise, *parts)

    def _settings(self) -> Iterator[Part]:
        chance = self.chance
        usual = {"services": 2, "rule": "latest", "on_delete": "unlink"}
        found = {
            "services": self.services,
            "rule": chance.choice(("latest", "latest", "ask", "prefer the last")),
            "on_delete": chance.choice(ON_DELETE),
            "shared": self.kind == PLAIN and chance.random() < 0.4,
            "few": self.kind == PLAIN and chance.random() < 0.6,
            "client": self.kind == FAMILIES and chance.random() < 0.5,
            "quiet": self.kind == FAMILIES and chance.random() < 0.3,
            "without": chance.choice(("client", "contact", "task", "comment", "attachment"))
            if self.kind == FAMILIES and self.services > 2 and chance.random() < 0.3
            else None,
        }
        if self.guarded:
            found["guard"] = tuple((harm, chance.choice((0, 0, 1))) for harm in HARMS if chance.random() < 0.6)
        yield from (Setting(name, value) for name, value in found.items() if value and value != usual.get(name))

    def _traits(self, service: int) -> Iterator[Part]:
        chance = self.chance
        # A list that lags and cannot tell two states of one minute apart shows an old one as if it were new.
        coarse_s, lag_s = (0, 0) if self.exact else chance.choice(((0, 0), (1, 0), (60, 0), (0, 30), (0, 200)))
        nowhere = ("attachment", "comment")
        usual = {"page_size": 100, "tells_gone": True}
        found: dict[str, Any] = {
            "skew_s": chance.choice((0, 0, 0, -40, 300)),
            "coarse_s": coarse_s,
            "lag_s": lag_s if self.kind == PLAIN else chance.choice((0, lag_s)),
            "conditional": chance.random() < 0.3,
            "normalises": chance.random() < 0.4,
            "page_size": chance.choice((1, 2, 3, 100)),
            "tells_gone": chance.random() < 0.7,
            "tells_history": self.exact or chance.random() < 0.6,
            "appends": service == self.services - 1 and chance.random() < 0.1,
            "shouts": self.shouts and chance.random() < 0.5,
        }
        if self.kind == FAMILIES:
            found["unmarked"] = chance.choice((nowhere, nowhere, ("comment",), ()))
            found["keeps"] = chance.random() < 0.1
        yield from (Trait(service, n, value) for n, value in found.items() if value != usual.get(n, type(value)()))

    def _stretch(self) -> Iterator[Part]:
        """Some work, some trouble, and a run."""
        chance = self.chance
        for _ in range(chance.randint(0, 5)):
            yield Act(chance.randrange(self.services), self._dice())
            yield Pause(chance.choice((0, 1, 20)))
        if chance.random() < 0.3:
            yield Decide(self._dice())
        if self.reconfigures and chance.random() < 0.5:
            away = self.services > 2 and chance.random() < 0.3
            yield Reconfigure(chance.choice(NAMES_OF[self.kind]), away)
        if self.jumps and chance.random() < 0.4:
            yield Jump(chance.choice((None, *range(self.services))), chance.choice(JUMPS_S))
        yield from self._troubles()
        if chance.random() < 0.6:
            at = 0
            while (at := at + chance.randint(1, 24)) < 100:
                yield During(at, self._dice())
        yield Go(self._dice(), chance.random() < 0.1)
        yield Pause(chance.choice((1, 60, 600)))
        if self.undoes and chance.random() < 0.6:
            yield from self._undo()
        if (self.guarded or self.reconfigures) and chance.random() < 0.6:
            yield from self._approve()

    def _approve(self) -> Iterator[Part]:
        """Some more work and trouble, and what waits is approved."""
        chance = self.chance
        for _ in range(chance.choice((0, 0, 1, 3))):
            yield Act(chance.randrange(self.services), self._dice())
        if chance.random() < 0.5:
            yield from self._troubles()
        if chance.random() < 0.3:
            yield During(chance.randint(1, 24), self._dice())
        yield Approve(self._dice())
        yield Pause(chance.choice((1, 60)))

    def _undo(self) -> Iterator[Part]:
        """Some more work and trouble, and a run that is taken back."""
        chance = self.chance
        for _ in range(chance.choice((0, 0, 1, 3))):
            yield Act(chance.randrange(self.services), self._dice())
        if chance.random() < 0.5:
            yield from self._troubles()
        yield Undo(self._dice(), chance.choice((0, 0, 0, 1, 3)), chance.random() < 0.4)
        yield Pause(chance.choice((1, 60)))

    def _troubles(self) -> Iterator[Part]:
        chance = self.chance
        for service in range(self.services):
            while chance.random() < 0.3:
                yield self._trouble(service)
            while chance.random() < 0.15:
                how = chance.choice(("twice", "shuffled", "doubled", "short", "ends"))
                yield Paged(service, chance.choice((0, 0, 1, 3)), how)
        if chance.random() < 0.45:
            yield Dies(chance.randrange(chance.choice((20, 40, 90) if self.kind == PLAIN else (40, 120, 200))))
        if chance.random() < 0.08:
            yield Second(chance.randrange(20), chance.random() < 0.7)
        if chance.random() < 0.3:
            yield Fresh()

    def _trouble(self, service: int) -> Trouble:
        chance = self.chance
        method = chance.choice(REQUESTS[self.kind])
        error = chance.choice(("down", "lost", "lost", "no") if method in WRITES else ("down",))
        after = error == "lost" and chance.random() < 0.6
        return Trouble(service, method, error, after, chance.choice((0, 0, 0, 1, 3)), chance.choice((1, 1, 2)))

    def _dice(self) -> int:
        return self.chance.getrandbits(32)
