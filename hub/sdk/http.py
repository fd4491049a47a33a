"""The one place that imports the HTTP client: calls, retries, waiting as the service asks, errors in the hub's words."""

import asyncio
import functools
import random
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import tenacity

from hub.errors import AnswerLost, BadAnswer, Refused, ServiceDown, ServiceError, Transient, Unreachable
from hub.sdk.answer import Answer, Judge, http_date, judge
from hub.sdk.content import Content
from hub.sdk.redaction import redacted, secrets_in

SAFE_TO_REPEAT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
READS = frozenset({"GET", "HEAD", "OPTIONS"})
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
LONGEST_WAIT_S = 120.0


@functools.cache
def trusted_roots() -> ssl.SSLContext:
    """Whom to believe; read once for all clients, as reading it takes longer than a call."""
    return httpx.create_ssl_context()


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Network:
    """What the HTTP client needs from outside; tests give their own.

    Args:
        transport: Where requests go; None is the real network.
        sleep: Waits some seconds.
        clock: The present moment, aware, UTC.
        jitter: A number in [0, 1) for each wait.
        attempts: Most tries of one call.
        timeout_s: Longest wait for connecting, and for each piece of an answer.
    """

    transport: httpx.AsyncBaseTransport | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], datetime] = utc_now
    jitter: Callable[[], float] = random.random
    attempts: int = 6
    timeout_s: float = 30.0


class _NoAnswer(ServiceDown):
    """The request went out, and nothing came back."""


@dataclass
class Allowance:
    """At most *requests* in any *per_s* seconds, spread by waiting; None allows everything."""

    requests: int | None = None
    per_s: float = 1.0
    _sent: deque[float] = field(default_factory=deque)

    def wait_s(self, now: float) -> float:
        """Take a place; seconds to wait before using it."""
        if self.requests is None:
            return 0.0
        while self._sent and self._sent[0] <= now - self.per_s:
            self._sent.popleft()
        at = now if len(self._sent) < self.requests else self._sent[-self.requests] + self.per_s
        self._sent.append(max(now, at))
        return max(0.0, at - now)


class Http:
    """Calls to one service for one connection.

    Args:
        connection: For messages.
        base_url: What paths are put behind.
        network: The way there.
        headers: Sent with every call; secrets in them are never shown.
        judge: How this service says that something is wrong.
        allowance: How fast this service may be called.
        parallel: Most calls under way at once.
    """

    def __init__(
        self,
        connection: str,
        base_url: str,
        network: Network,
        *,
        headers: Mapping[str, str] | None = None,
        judge: Judge = judge,
        allowance: Allowance | None = None,
        parallel: int = 8,
    ) -> None:
        self.connection, self.calls, self.clock_offset_s = connection, 0, 0.0
        self._network, self._judge, self._allowance = network, judge, allowance or Allowance()
        self._places = asyncio.Semaphore(parallel)
        self._secrets = secrets_in(headers or {})
        self._client = httpx.AsyncClient(
            base_url=base_url.rstrip("/"),
            headers={"Accept": "application/json", "User-Agent": "requirement-hub", **(headers or {})},
            transport=network.transport,
            verify=trusted_roots(),
            timeout=httpx.Timeout(network.timeout_s),
            limits=httpx.Limits(max_connections=parallel, max_keepalive_connections=parallel),
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Let go of all connections."""
        await self._client.aclose()

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        repeatable: bool | None = None,
        **more: Any,
    ) -> Answer:
        """One call, tried again where that cannot do it twice.

        Args:
            repeatable: Whether the call may be carried out twice; by default by its method.

        Raises:
            AnswerLost: A call that must not be repeated got no answer.
            ServiceError: What the service said, as `judge` reads it.
        """
        again = method in SAFE_TO_REPEAT if repeatable is None else repeatable
        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(self._network.attempts),
            wait=self._wait,
            retry=tenacity.retry_if_exception(_worth_repeating),
            sleep=self._network.sleep,
            reraise=True,
        )
        unanswered = False

        async def once() -> Answer:
            nonlocal unanswered
            try:
                return await self._once(method, path, params=params, json=json, repeatable=again, **more)
            except _NoAnswer:
                unanswered = True
                raise

        try:
            return await retrying(once)
        except ServiceError as error:
            # A later try that could not even connect says nothing of an earlier one that got no answer.
            lost = unanswered and isinstance(error, ServiceDown) and repeatable is None and method not in READS
            told = AnswerLost(error.message) if lost else error
            told.connection = error.connection or self.connection
            self._hide_secrets(told)
            raise told from error.__cause__

    def _hide_secrets(self, error: ServiceError) -> None:
        """Services repeat what they were sent; nobody is to read credentials in that."""
        error.message = redacted(error.message, self._secrets)
        error.args = (error.message,)
        if isinstance(error, Refused):
            error.fields = {name: redacted(said, self._secrets) for name, said in error.fields.items()}

    async def json(self, method: str, path: str, **more: Any) -> Any:
        """Like `call`, and the answer's JSON data."""
        answer = await self.call(method, path, **more)
        try:
            return answer.json()
        except BadAnswer as error:
            error.connection = self.connection
            raise

    async def download(self, path: str, *, params: Mapping[str, Any] | None = None) -> AsyncIterator[bytes]:
        """The body of a GET, piece by piece, wherever it is sent on to. Raises ServiceError.

        Begun anew where the service is busy; what breaks off in the middle is raised. Another host that the service
        sends on to is not told our credentials.
        """
        self.calls += 1
        try:
            async with self._client.stream(
                "GET", path, params=params, headers={"Accept": "*/*"}, follow_redirects=True
            ) as response:
                if not response.is_success:
                    await response.aread()
                    headers = {k.lower(): v for k, v in response.headers.items()}
                    answer = Answer(response.status_code, headers, response.content)
                    raise self._judge(answer) or BadAnswer(f"answered {answer.status} instead of a file")
                async for piece in response.aiter_bytes():
                    yield piece
        except (httpx.TransportError, OSError) as error:
            raise ServiceDown(f"the file broke off: {_said(error)}", connection=self.connection) from error
        except ServiceError as error:
            error.connection = error.connection or self.connection
            self._hide_secrets(error)
            raise

    async def upload(
        self,
        path: str,
        content: Content,
        name: str,
        media_type: str,
        *,
        part: str = "file",
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The JSON of a POST that sends a file as multipart/form-data (RFC 7578), read as it is sent. Raises AnswerLost.

        Args:
            part: The name of the form's part that holds the file.
            form: Its other parts.
        """
        with content.path.open("rb") as file:
            return await self.json(
                "POST", path, files={part: (name, file, media_type)}, data=dict(form or {}), headers=dict(headers or {})
            )

    async def _once(self, method: str, path: str, *, repeatable: bool, **more: Any) -> Answer:
        answer = await self._send(method, path, repeatable=repeatable, **more)
        error = self._judge(answer)
        if isinstance(error, ServiceDown) and not repeatable:
            raise AnswerLost(error.message, connection=self.connection) from error
        if error:
            raise error
        if 300 <= answer.status < 400:
            where = answer.headers.get("location", "nowhere")
            raise BadAnswer(f"sent elsewhere, to {where}: is the url right, and no proxy in between?")
        return answer

    async def _send(self, method: str, path: str, *, repeatable: bool, **more: Any) -> Answer:
        async with self._places:
            loop = asyncio.get_running_loop()
            if wait := self._allowance.wait_s(loop.time()):
                await self._network.sleep(wait)
            self.calls += 1
            try:
                response = await self._client.request(method, path, **more)
            except NEVER_SENT as error:
                raise Unreachable(f"cannot be reached: {_said(error)}", connection=self.connection) from error
            except (httpx.TransportError, OSError) as error:
                lost = _NoAnswer if repeatable else AnswerLost
                raise lost(f"no answer came: {_said(error)}", connection=self.connection) from error
        self._note_clock(response)
        return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.content)

    def _note_clock(self, response: httpx.Response) -> None:
        served = http_date(response.headers.get("date", ""))
        if served:
            self.clock_offset_s = (served - self._network.clock()).total_seconds()

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = getattr(error, "retry_after", None) or 0.0
        own = 0.5 * 2 ** (state.attempt_number - 1)
        return float(max(asked, own) + self._network.jitter() * min(own, 1.0))


def _worth_repeating(error: BaseException) -> bool:
    return isinstance(error, Transient) and (getattr(error, "retry_after", None) or 0.0) <= LONGEST_WAIT_S


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


async def knock(
    method: str, url: str, *, content: bytes = b"", headers: Mapping[str, str] | None = None, timeout_s: float = 5.0
) -> int | None:
    """The status that one request to *url* was answered with; None if no answer came. For deliveries of webhooks."""
    try:
        async with httpx.AsyncClient(timeout=timeout_s, trust_env=False) as client:
            return (await client.request(method, url, content=content, headers=headers)).status_code
    except httpx.HTTPError:
        return None
