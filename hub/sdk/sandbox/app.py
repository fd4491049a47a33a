"""The ASGI application around a sandbox: counts calls, applies faults, answers `/_sandbox/*`."""

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.sdk.sandbox.base import Sandbox
from hub.sdk.sandbox.faults import Faults

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class ConnectionBroken(ConnectionResetError):
    """Raised inside the application where a real connection would break off without an answer."""


class Calls:
    """How often each operation was called, whatever its answer."""

    def __init__(self) -> None:
        self.by_operation: Counter[str] = Counter()

    def add(self, operation: str) -> None:
        """Count one call."""
        self.by_operation[operation] += 1

    def as_json(self) -> dict[str, Any]:
        """The shape of `GET /_sandbox/calls`."""
        return {"total": self.by_operation.total(), "by_operation": dict(sorted(self.by_operation.items()))}


class FaultyService:
    """Wraps the service's own routes: every request is counted, then may be delayed, refused, dropped or answered."""

    def __init__(self, service: ASGIApp, sandbox: Sandbox, calls: Calls, routes: list[Any]) -> None:
        self._service, self._sandbox, self._calls, self._routes = service, sandbox, calls, routes
        self._recent: deque[float] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request, and let it meet its fault or its answer."""
        if scope["type"] != "http":
            await self._service(scope, receive, send)
            return
        self._calls.add(self._operation(scope))
        await self._with_faults(scope, receive, send)

    def _operation(self, scope: Scope) -> str:
        for route in self._routes:
            match, _ = route.matches(scope)
            if match is Match.FULL:
                return f"{scope['method']} {route.path}"
        return f"{scope['method']} {scope['path']}"

    async def _with_faults(self, scope: Scope, receive: Receive, send: Send) -> None:
        faults, chance = self._sandbox.faults, self._sandbox.random.random
        if faults.latency_ms:
            await asyncio.sleep(faults.latency_ms / 1000)
        if faults.disconnect and chance() < faults.disconnect.share:
            break_off(scope)
        if (wait := self._over_limit(faults)) is not None:
            await self._sandbox.rate_limited(wait)(scope, receive, send)
        elif faults.errors and chance() < faults.errors.share:
            await self._sandbox.failing(faults.errors.status)(scope, receive, send)
        elif scope["method"] in WRITES and faults.drop_after_commit and chance() < faults.drop_after_commit.share:
            await self._service(scope, receive, _swallow)
            break_off(scope)
        else:
            await self._service(scope, receive, send)

    def _over_limit(self, faults: Faults) -> float | None:
        """Seconds until the next call is welcome, or None if this one is."""
        if not faults.rate_limit:
            return None
        now, window = time.monotonic(), faults.rate_limit.per_s
        while self._recent and self._recent[0] <= now - window:
            self._recent.popleft()
        if len(self._recent) >= faults.rate_limit.requests:
            return self._recent[0] + window - now
        self._recent.append(now)
        return None


async def _swallow(_message: Message) -> None:
    """Take an answer that nobody will see."""


def break_off(scope: Scope) -> None:
    """Break the connection of this request without an answer."""
    state: MutableMapping[str, Any] = scope.get("state", {})
    if transport := state.get("transport"):
        transport.abort()
    raise ConnectionBroken("the sandbox broke this connection off, as it was told to")


def create_app(sandbox: Sandbox) -> ASGIApp:
    """The sandbox's service with faults and counts, and the control API beside it."""
    calls = Calls()
    routes = list(sandbox.routes())
    own_controls = list(sandbox.controls())
    control = Starlette(routes=[*_control(sandbox, calls), *own_controls])

    @asynccontextmanager
    async def running(_service: Starlette) -> AsyncIterator[None]:
        await sandbox.started(calls.add)
        yield
        await sandbox.stopped()

    service = FaultyService(Starlette(routes=routes, lifespan=running), sandbox, calls, routes)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_control = scope.get("path", "").startswith("/_sandbox/") or any(
            route.matches(scope)[0] is not Match.NONE for route in own_controls
        )
        await (control if is_control else service)(scope, receive, send)

    return app


def _control(sandbox: Sandbox, calls: Calls) -> list[Route]:
    async def count(request: Request) -> Response:
        if request.method == "DELETE":
            calls.by_operation.clear()
        return JSONResponse(calls.as_json())

    async def state(_request: Request) -> Response:
        return JSONResponse(sandbox.state())

    async def faults(request: Request) -> Response:
        sandbox.faults = Faults.model_validate(await request.json())
        return JSONResponse(sandbox.faults.model_dump())

    async def load(request: Request) -> Response:
        sandbox.load(await request.json())
        return JSONResponse({"loaded": True})

    return [
        Route("/_sandbox/calls", _telling_mistakes(count), methods=["GET", "DELETE"]),
        Route("/_sandbox/state", _telling_mistakes(state), methods=["GET"]),
        Route("/_sandbox/faults", _telling_mistakes(faults), methods=["PUT"]),
        Route("/_sandbox/load", _telling_mistakes(load), methods=["POST"]),
    ]


def _telling_mistakes(
    answer: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    async def told(request: Request) -> Response:
        try:
            return await answer(request)
        except ValidationError as error:
            problems = [f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in error.errors()]
            return JSONResponse({"problems": problems}, status_code=422)
        except (json.JSONDecodeError, ValueError) as error:
            return JSONResponse({"problems": [str(error)]}, status_code=422)

    return told
