"""Calls to Zoho CRM's REST API, version 8, and what its errors mean.

Facts: zoho.com/crm/developer/docs/api/v8 (status codes, api-limits, get-records). No record is 204 and nothing new is
304, both without a body; what is wrong with single records stands in their rows, whatever the status is.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from hub.sdk import (
    AccessToken,
    Answer,
    BadAnswer,
    Content,
    Http,
    PermissionLost,
    RateLimited,
    Refused,
    ServiceDown,
    ServiceError,
    Setup,
    SignInRejected,
)
from hub_zoho_crm.signing_in import SCOPES, SignIn

API = "/crm/v8"
PARALLEL = 5
PAGE = 200
_NOT_ALLOWED = frozenset({"NO_PERMISSION", "AUTHORIZATION_FAILED"})
_ANSWERS_DOWN = frozenset({408, 425, 500, 502, 503, 504})
T = TypeVar("T")


class Rejected(Refused):
    """A refusal of a whole call: Zoho's code, and what it says beside it."""

    code = ""
    details: Mapping[str, Any] = {}


class _Expired(SignInRejected):
    """The access token is no longer taken; another one may be."""


class _Unmodified(ServiceError):
    """Nothing changed since (304)."""


class Client:
    """Zoho CRM for one connection; the access token comes and goes by itself.

    Args:
        setup: Its `config` is a `ZohoConfig`.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._signing_in = SignIn(setup)
        self._opened: dict[str, Http] = {}
        self.clock_offset_s = 0.0
        self.credits_left: int | None = None
        """What is left of a day's calls; Zoho tells it only once half of them are used."""

    @property
    def calls(self) -> int:
        """How many requests went out so far, those for tokens too."""
        return self._signing_in.http.calls + sum(http.calls for http in self._opened.values())

    async def close(self) -> None:
        """Let go of all connections."""
        for http in (self._signing_in.http, *self._opened.values()):
            await http.close()

    async def sign_in(self) -> None:
        """See that there is a token: the calls that follow at once need not each ask for one. Raises SignInRejected."""
        await self._signing_in.tokens.current()

    async def get(self, path: str, *, since: datetime | None = None, **params: Any) -> Any:
        """The JSON of a GET; None if there is nothing, or nothing new *since*."""
        headers = {"If-Modified-Since": since.isoformat(timespec="seconds")} if since else {}
        try:
            return await self._call("GET", path, params=params, headers=headers)
        except _Unmodified:
            return None

    async def query(self, select: str) -> Any:
        """The JSON of a COQL query; None if no row fits."""
        return await self._call("POST", "/coql", json={"select_query": select}, repeatable=True)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON of a POST that writes. Raises AnswerLost."""
        return await self._call("POST", path, json=body)

    async def put(self, path: str, body: Mapping[str, Any], *, unmodified_since: datetime | None = None) -> Any:
        """The JSON of a PUT; rows that were changed since then are refused with ALREADY_MODIFIED."""
        at = {"If-Unmodified-Since": unmodified_since.isoformat(timespec="seconds")} if unmodified_since else {}
        return await self._call("PUT", path, json=body, headers=at)

    async def delete(self, path: str, **params: Any) -> Any:
        """The JSON of a DELETE."""
        return await self._call("DELETE", path, params=params)

    async def upload(self, path: str, content: Content, name: str, media_type: str) -> Any:
        """The JSON of a POST of a file. Raises AnswerLost."""
        return await self._with_token(lambda http: http.upload(API + path, content, name, media_type))

    async def download(self, path: str) -> AsyncIterator[bytes]:
        """A file, piece by piece."""
        token = await self._signing_in.tokens.current()
        try:
            async for piece in self._http(token).download(API + path):
                yield piece
        except _Expired:  # before the first piece: the status comes before the body
            async for piece in self._http(await self._signing_in.tokens.renewed(token)).download(API + path):
                yield piece

    async def _call(self, method: str, path: str, **more: Any) -> Any:
        return await self._with_token(lambda http: http.json(method, API + path, **more))

    async def _with_token(self, call: Callable[[Http], Awaitable[T]]) -> T:
        """The call with a token; once more with a new one if the token was refused."""
        token = await self._signing_in.tokens.current()
        try:
            return await self._noting(self._http(token), call)
        except _Expired:
            token = await self._signing_in.tokens.renewed(token)
            return await self._noting(self._http(token), call)

    async def _noting(self, http: Http, call: Callable[[Http], Awaitable[T]]) -> T:
        try:
            return await call(http)
        finally:
            self.clock_offset_s = http.clock_offset_s

    def _http(self, token: AccessToken) -> Http:
        """A client of its own for each token: it knows what never to show, and where that token is good."""
        if token.value not in self._opened:
            header = {"Authorization": f"Zoho-oauthtoken {token.value}"}
            self._opened[token.value] = Http(
                self._setup.connection,
                token.api,
                self._setup.network,
                headers=header,
                judge=self._judge,
                parallel=PARALLEL,
            )
        return self._opened[token.value]

    def _judge(self, answer: Answer) -> ServiceError | None:
        left = answer.headers.get("x-api-credits-remaining", "")
        self.credits_left = int(left) if left.isdigit() else self.credits_left
        error = judge(answer)
        if isinstance(error, RateLimited) and self.credits_left is not None:
            error.message += f" ({self.credits_left} credits left today)"
        return error


def rows(answer: Any) -> list[dict[str, Any]]:
    """The rows of an answer; none where there is no body."""
    given = answer.get("data") if isinstance(answer, Mapping) else None
    return [row for row in given if isinstance(row, dict)] if isinstance(given, list) else []


def following(answer: Any) -> str | None:
    """The token of the next page, if there is one."""
    info = (answer.get("info") if isinstance(answer, Mapping) else None) or {}
    return str(info["next_page_token"]) if info.get("more_records") and info.get("next_page_token") else None


def has_more(answer: Any) -> bool:
    """Whether there is another page."""
    info = (answer.get("info") if isinstance(answer, Mapping) else None) or {}
    return bool(info.get("more_records"))


def judge(answer: Answer) -> ServiceError | None:
    """The error that an answer of Zoho CRM stands for; None if all is well, or its rows say what is not."""
    if answer.status == 304:
        return _Unmodified("nothing changed")
    if answer.status < 400:
        return None
    body = _body(answer)
    if body is None:
        return _without_reason(answer)
    if _has_rows(body) and answer.status not in {401, 429}:
        return None
    code, said = str(body.get("code") or ""), str(body.get("message") or f"answer {answer.status}")
    details = body["details"] if isinstance(body.get("details"), Mapping) else {}
    if answer.status == 403 or code in _NOT_ALLOWED:
        named = ", ".join(map(str, details.get("permissions") or ()))
        fix = f"give the user the permission {named}" if named else "give the user's profile this permission"
        return PermissionLost(f"{code}: {said}", fix=fix)
    match answer.status:
        case 401:
            return _unauthorised(code, said)
        case 429:
            return RateLimited(f"{code}: {said}", retry_after=answer.retry_after() or _seconds(details))
        case status if status in _ANSWERS_DOWN:
            return ServiceDown(f"Zoho CRM failed with {status}: {said}", retry_after=answer.retry_after())
    return _rejected(code, said, details)


def _body(answer: Answer) -> Mapping[str, Any] | None:
    try:
        body = json.loads(answer.content or b"null")
    except ValueError:
        return None
    return body if isinstance(body, Mapping) else None


def _has_rows(body: Mapping[str, Any]) -> bool:
    given = body.get("data")
    return isinstance(given, list) and bool(given) and all(isinstance(r, Mapping) and r.get("code") for r in given)


def _without_reason(answer: Answer) -> ServiceError:
    said = f"answer {answer.status} without a readable reason"
    match answer.status:
        case 401:
            return _Expired(said)
        case 403:
            return PermissionLost(said)
        case 429:
            return RateLimited(said, retry_after=answer.retry_after())
        case status if status in _ANSWERS_DOWN:
            return ServiceDown(f"Zoho CRM failed with {status}", retry_after=answer.retry_after())
        case 404:
            return _rejected("INVALID_URL_PATTERN", said, {})
    return BadAnswer(said) if answer.status >= 500 else _rejected("", said, {})


def _unauthorised(code: str, said: str) -> SignInRejected:
    if code == "OAUTH_SCOPE_MISMATCH":
        return SignInRejected(
            f"the refresh token lacks a scope that this call needs: {said}",
            fix=f"make a new refresh token with the scopes {','.join(SCOPES)}",
        )
    return _Expired(f"Zoho CRM refused the access token: {code}: {said}", fix="look at the connection's data_centre")


def _seconds(details: Mapping[str, Any]) -> float | None:
    asked = details.get("retry_after")
    return float(asked) if isinstance(asked, int | float) and not isinstance(asked, bool) else None


def _rejected(code: str, said: str, details: Mapping[str, Any]) -> Rejected:
    named = details.get("api_name") or details.get("param_name")
    error = Rejected(f"{code}: {said}" if code else said, fields={str(named): said} if named else {})
    error.code, error.details = code, details
    return error


def chunks(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """*items* in pieces of at most *size*."""
    return [items[start : start + size] for start in range(0, len(items), size)]
