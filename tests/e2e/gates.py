"""What stands before every service while a process is killed: it counts calls, and kills at the very one it is told."""

import asyncio
import os
import random
import signal
import threading
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.sdk.sandbox import Sandbox
from hub.sdk.sandbox.app import break_off

READS = ("/search", "/bulkfetch", "/coql", "/token")
"""What is asked for by POST, and changes nothing."""


@dataclass(frozen=True)
class Aim:
    """When a process is to die.

    Args:
        call: After so many calls to any service.
        writes: Whether only those are counted that change something.
        moment: `before` the call is carried out, when it was `carried out` and not answered, once it was `answered`; or
            `held`: the call is kept waiting until somebody else has killed who called.
        delay_s: How long after the answer.
    """

    call: int
    writes: bool
    moment: str
    delay_s: float = 0.0


@dataclass
class Door:
    """The one door to all services.

    Args:
        refusing: The share of calls that are turned away with 429.
    """

    chance: random.Random
    refusing: float = 0.0
    calls: int = 0
    writes: int = 0
    aim: Aim | None = None
    pid: int | None = None
    inside: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Condition()
        self.holding, self.let_go = threading.Event(), threading.Event()

    def await_(self, pid: int, aim: Aim | None) -> None:
        """Count the calls of a process from now on, and kill it as *aim* says."""
        with self._lock:
            self.calls, self.writes, self.pid, self.aim = 0, 0, pid, aim

    def rest(self) -> None:
        """Count no more, and return when everything that was sent has been carried out."""
        with self._lock:
            self.pid = self.aim = None
            assert self._lock.wait_for(lambda: self.inside == 0, timeout=30), "a call never ended"

    def enter(self, method: str, path: str) -> Aim | None:
        """Somebody calls; how this call is to end for them, if they are to die of it."""
        with self._lock:
            self.inside += 1
            writes = method != "GET" and not any(word in path for word in READS)
            self.calls += 1
            self.writes += writes
            aim = self.aim
            if aim and (self.writes if aim.writes else self.calls) == aim.call and (writes or not aim.writes):
                self.aim = None
                return aim
            return None

    def leave(self) -> None:
        """That call is over."""
        with self._lock:
            self.inside -= 1
            self._lock.notify_all()

    def turns_away(self) -> bool:
        """Whether this call is one too many."""
        with self._lock:
            return self.refusing > 0 and self.chance.random() < self.refusing

    def kill(self) -> None:
        """Kill the process that is waited for."""
        with self._lock:
            if self.pid is not None:
                os.kill(self.pid, signal.SIGKILL)


class Gate:
    """A service behind the door."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox, door: Door) -> None:
        self._app, self._sandbox, self._door = app, sandbox, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count, refuse, kill, or pass on."""
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox/") or self._door.pid is None:
            await self._app(scope, receive, send)
            return
        aim = self._door.enter(scope["method"], scope["path"])
        try:
            await self._pass(aim, scope, receive, send)
        finally:
            self._door.leave()

    async def _pass(self, aim: Aim | None, scope: Scope, receive: Receive, send: Send) -> None:
        if aim is None and self._door.turns_away():
            await self._sandbox.rate_limited(0)(scope, receive, send)
            return
        if aim and aim.moment == "held":
            self._door.holding.set()
            await asyncio.to_thread(self._door.let_go.wait, 60)
            break_off(scope)
        if aim and aim.moment == "before":
            self._door.kill()
            break_off(scope)
        try:
            await self._app(scope, receive, _swallow if aim and aim.moment == "carried out" else send)
        finally:  # whatever kind of answer it was
            if aim:
                await asyncio.sleep(aim.delay_s)
                self._door.kill()


async def _swallow(_message: Message) -> None:
    """An answer that nobody will hear."""
