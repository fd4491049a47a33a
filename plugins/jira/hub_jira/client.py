"""Calls to Jira's REST API: what its errors mean, and how widely each rate limit makes calls wait.

Facts: developer.atlassian.com/cloud/jira/platform/rest/v3 (status and errors) and …/platform/rate-limiting; of Data
Center, "Improving instance stability with rate limiting" (429 with `retry-after`).
"""

import json
import re
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from hub.sdk import (
    Answer,
    BadAnswer,
    ChangedMeanwhile,
    Content,
    Http,
    Network,
    NotFound,
    PermissionLost,
    RateLimited,
    Refused,
    ServiceDown,
    ServiceError,
    SignInRejected,
    by_offset,
)

LONGEST_PAUSE_S = 120.0
PAGE = 100
_ANSWERS_DOWN = frozenset({408, 425, 500, 502, 503, 504})
_endpoint: ContextVar[str] = ContextVar("jira_endpoint", default="")


class Rejected(Refused):
    """A refusal, with the whole body of the answer: bulk calls say there which element was refused."""

    body: Any = None


class Conflict(Rejected, ChangedMeanwhile):
    """Somebody else changed the issue at the same moment (409): nothing was done."""


def envelope(answer: Answer) -> tuple[Any, str, dict[str, str]]:
    """The body as JSON (None if it is none), Jira's words in one line, and its words per field.

    Errors come as `{"errorMessages": [], "errors": {}}`, from the gateway as `{"code", "message"}`, and from what
    stands in front of both as HTML.
    """
    try:
        body = json.loads(answer.content or b"null")
    except ValueError:
        return None, f"answer {answer.status} without a readable reason", {}
    if not isinstance(body, Mapping):
        return body, f"answer {answer.status}", {}
    given = body.get("errors")
    fields = {str(name): str(said) for name, said in given.items()} if isinstance(given, Mapping) else {}
    messages = [str(said) for said in body.get("errorMessages") or [body.get("message") or body.get("errorMessage")]]
    words = [said for said in messages if said != "None"] + [f"{name}: {said}" for name, said in fields.items()]
    return body, "; ".join(words) or f"answer {answer.status}", fields


def judge(answer: Answer) -> ServiceError | None:
    """The error that an answer of Jira stands for; None if all is well."""
    if answer.status < 400:
        return _anonymous(answer)
    body, said, fields = envelope(answer)
    match answer.status:
        case 401:
            return _unauthorised(said)
        case 403 if "x-authentication-denied-reason" in answer.headers:
            return SignInRejected(
                "Jira wants a CAPTCHA after too many wrong passwords", fix="sign in once in a browser, or use a token"
            )
        case 403:
            return PermissionLost(said, fix="give the account this permission in the project's settings")
        case 404:
            return NotFound(said)
        case 429:
            return RateLimited(said, retry_after=_wait_s(answer))
        case 410:
            error: Rejected = Rejected(f"Jira removed this API: {said}", fix="update the connector")
        case 409:
            error = Conflict(said, fields=fields)
        case status if status in _ANSWERS_DOWN:
            return ServiceDown(f"Jira failed with {status}: {said}", retry_after=answer.retry_after())
        case _:
            error = Rejected(said, fields=fields)
    error.body = body
    return error


def _anonymous(answer: Answer) -> ServiceError | None:
    """Jira reads on as anybody when a token has expired, and says so in a header only."""
    reasons = answer.headers.get("x-seraph-loginreason", "")
    return _unauthorised(reasons) if "AUTHENTICATED_FAILED" in reasons else None


def _unauthorised(said: str) -> SignInRejected:
    if "scope" in said.lower():
        return SignInRejected(
            f"the token lacks a scope that this call needs: {said}",
            fix="make a token with read:jira-work, write:jira-work and read:jira-user",
        )
    return SignInRejected(
        f"Jira refused the credentials: {said}",
        fix="make a new API token or personal access token; a Cloud token with scopes works only through"
        " https://api.atlassian.com/ex/jira/CLOUD_ID",
    )


def _wait_s(answer: Answer) -> float | None:
    """Seconds to wait: `Retry-After`, else until `X-RateLimit-Reset` (ISO, minutes) for quotas."""
    asked = answer.retry_after()
    if asked is not None or "quota" not in answer.headers.get("ratelimit-reason", ""):
        return asked
    try:
        reset = datetime.fromisoformat(answer.headers.get("x-ratelimit-reset", ""))
        served = datetime.strptime(answer.headers.get("date", ""), "%a, %d %b %Y %H:%M:%S %Z").replace(tzinfo=UTC)
    except ValueError:
        return None
    return max(0.0, (reset.astimezone(UTC) - served).total_seconds())


class Client:
    """Jira for one connection.

    A call that meets a limit waits by itself. `RateLimit-Reason` says who waits with it: for `per-issue` nobody,
    for `burst` the calls of the same endpoint, for `quota` every call.

    Args:
        connection: For messages.
        url: The site or the gateway, with the path of the API.
        authorization: The header.
        network: The way there.
    """

    def __init__(self, connection: str, url: str, authorization: str, network: Network) -> None:
        self._connection, self._network = connection, network
        self._pauses: dict[str, float] = {}
        self.http = Http(
            connection, url, network, headers={"Authorization": authorization}, judge=self._judge, parallel=8
        )

    async def get(self, path: str, **params: Any) -> Any:
        """The JSON of a GET."""
        return await self._call("GET", path, params=params)

    async def read(self, path: str, body: Mapping[str, Any], **params: Any) -> Any:
        """The JSON of a POST that only reads."""
        return await self._call("POST", path, json=body, repeatable=True, params=params)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON of a POST that writes. Raises AnswerLost."""
        return await self._call("POST", path, json=body)

    async def put(self, path: str, body: Mapping[str, Any], **params: Any) -> Any:
        """The JSON of a PUT; None if Jira answers without one."""
        return await self._call("PUT", path, json=body, params=params)

    async def upload(self, path: str, content: Content, name: str, media_type: str) -> Any:
        """The JSON of a POST of one file. The header says that no web page sent it, without which it is refused (403)."""
        headers = {"X-Atlassian-Token": "no-check"}
        return await self._within("POST", path, self.http.upload(path, content, name, media_type, headers=headers))

    async def delete(self, path: str, **params: Any) -> None:
        """A DELETE."""
        await self._call("DELETE", path, params=params)

    async def listed(self, path: str, *names: str, page: int = PAGE, **params: Any) -> AsyncIterator[dict[str, Any]]:
        """Every item of an offset-paged list, which stands under the first of *names* that is there.

        Raises BadAnswer if it breaks off before its end.
        """

        async def read(start: int) -> tuple[list[dict[str, Any]], bool]:
            answer = await self.get(path, startAt=start, maxResults=page, **params)
            items = answer if isinstance(answer, list) else next((answer[n] for n in names if answer.get(n)), [])
            last = _is_last(answer, start + len(items), page)
            if not items and not last and {"total", "isLast"} & answer.keys():
                raise BadAnswer(f"Jira broke a list off after {start} items", connection=self._connection)
            return items, last

        async for items in by_offset(read):
            for item in items:
                yield item

    async def _call(self, method: str, path: str, **more: Any) -> Any:
        return await self._within(method, path, self.http.json(method, path, **more))

    async def _within(self, method: str, path: str, call: Coroutine[Any, Any, Any]) -> Any:
        """*call* once no limit stands in its way; it is told whose limits it meets."""
        endpoint = f"{method} {re.sub(r'/[^/]*[0-9][^/]*', '/{}', path)}"
        try:
            await self._pause(endpoint)
        except RateLimited:
            call.close()
            raise
        token = _endpoint.set(endpoint)
        try:
            return await call
        finally:
            _endpoint.reset(token)

    async def _pause(self, endpoint: str) -> None:
        now = self._network.clock().timestamp()
        wait = max(self._pauses.get(endpoint, 0.0), self._pauses.get("", 0.0)) - now
        if wait > LONGEST_PAUSE_S:
            raise RateLimited("Jira asked for a long pause", connection=self._connection, retry_after=wait)
        if wait > 0:
            await self._network.sleep(wait + self._network.jitter())

    def _judge(self, answer: Answer) -> ServiceError | None:
        error = judge(answer)
        reason = answer.headers.get("ratelimit-reason", "")
        if isinstance(error, RateLimited) and error.retry_after and "per-issue" not in reason:
            whose = "" if "quota" in reason else _endpoint.get()
            until = self._network.clock().timestamp() + error.retry_after
            self._pauses[whose] = max(self._pauses.get(whose, 0.0), until)
        return error


def _is_last(answer: Any, start: int, page: int) -> bool:
    if isinstance(answer, list):
        return len(answer) < page
    total = answer.get("total")
    return bool(answer.get("isLast")) or (total is not None and start >= total)
