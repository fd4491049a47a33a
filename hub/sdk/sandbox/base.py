"""What a service's imitation must give to become a sandbox."""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from starlette.responses import Response
from starlette.routing import BaseRoute

from hub.sdk.sandbox.faults import Faults


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SandboxPerson:
    """An account with which a script can act as a person through the service's own API."""

    name: str
    credentials: Mapping[str, str]


@dataclass
class Sandbox(ABC):
    """An imitation of one service, held in memory.

    Args:
        seed: Same seed and same calls give the same ids and the same faults.
        now: The service's clock; aware, UTC.
    """

    seed: int = 0
    now: Callable[[], datetime] = utc_now
    faults: Faults = field(default_factory=Faults)
    name: ClassVar[str]

    def __post_init__(self) -> None:
        """Prepare the randomness of ids and faults."""
        self.random = random.Random(self.seed)  # noqa: S311 - imitation, not security

    @abstractmethod
    def routes(self) -> Sequence[BaseRoute]:
        """The service's API, as Starlette routes whose paths are the templates of its documentation."""

    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """Secrets by name of environment variable, for `connection`."""

    @abstractmethod
    def connection(self, url: str) -> Mapping[str, Any]:
        """A `[connections.X]` table that works against this sandbox served at *url*, with `environment` set."""

    @abstractmethod
    def people(self) -> Sequence[SandboxPerson]:
        """Accounts with which a script can act as a person."""

    @abstractmethod
    def load(self, document: Any) -> None:
        """Take the service's own export in. Raises ValueError, in words for a person, if it is none."""

    @abstractmethod
    def state(self) -> Mapping[str, Any]:
        """Every object, as the service's API would show it to an administrator."""

    @abstractmethod
    def rate_limited(self, retry_after_s: float) -> Response:
        """The very answer this service gives when there were too many calls: status, headers, body."""

    @abstractmethod
    def failing(self, status: int) -> Response:
        """The very answer this service gives when it fails with *status*."""

    def controls(self) -> Sequence[BaseRoute]:
        """Control endpoints of its own, beside `/_sandbox/*`: neither counted nor faulty. None, unless overridden."""
        return ()

    def served_at(self, url: str) -> None:
        """Told once, when the address is known: for services that put their own URLs into answers."""
        self.url = url

    async def started(self, count: Callable[[str], None]) -> None:
        """Told in the serving loop, before the first request: for services that speak more than HTTP.

        Args:
            count: Adds one call of the operation it is given to `/_sandbox/calls`; for what is no HTTP request.
        """
        self.count = count

    async def stopped(self) -> None:  # noqa: B027 - most have nothing to stop
        """Told in the serving loop, when serving ends."""
