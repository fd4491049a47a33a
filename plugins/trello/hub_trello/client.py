"""The wire: signing in, JSON bodies, batches of reads, and what Trello's error texts mean."""

import asyncio
import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from hub.sdk import (
    Allowance,
    Answer,
    AnswerLost,
    BadAnswer,
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
    Transient,
    judge,
)
from hub_trello.config import TrelloConfig

ALLOWANCE = (90, 10.0)
"""Calls in so many seconds: Trello allows a token 100 in 10 s (REST guides, "Rate limits"); the rest is for others."""
BATCH = 10
"""Most reads in one batch (REST reference, "Batch")."""
BACK_OFF_S = 2.0
"""Least wait after a 429, which names no time by itself."""
PAUSES_S = (2.0, 4.0, 8.0)
"""Waits before a read inside a batch is asked for again."""
PARAMETERS = {"idList": "list", "idMembers": "members", "idLabels": "labels"}
"""Parameters that refusals name, and the record's fields that they stand for; others are called the same."""


class TrelloClient:
    """Calls to one Trello, as one member. Paths are those of version 1 of the API, without `/1`."""

    def __init__(self, connection: str, config: TrelloConfig, network: Network) -> None:
        self._sleep = network.sleep
        self.http = Http(
            connection,
            config.url,
            network,
            headers={"Authorization": _authorization(config)},
            judge=judged,
            allowance=Allowance(*ALLOWANCE),
        )

    async def get(self, path: str, **params: Any) -> Any:
        """What is at *path*, which may have a query already if there are no *params*."""
        return await self.http.json("GET", _path(path, params))

    async def write(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Carry a write out; its answer's data, None where the service answered without a body.

        Values always go in a JSON body: in the query long texts break off and null is written as a word.

        Raises:
            AnswerLost: It may have been carried out.
        """
        try:
            return await self.http.json(method, f"/1{path}", json=body)
        except ServiceDown as error:
            if method == "POST":  # is not repeated once it was sent, so it was not
                raise
            raise AnswerLost(error.message, connection=error.connection) from error

    async def upload(self, path: str, content: Content, name: str, media_type: str) -> Any:
        """Send a file; the answer's data. Raises ServiceError, and AnswerLost if it may be there."""
        form = {"name": name, "mimeType": media_type}
        return await self.http.upload(f"/1{path}", content, name, media_type, form=form)

    async def gone(self, path: str) -> None:
        """Delete what is at *path*; what is not there is deleted already. Raises ServiceError."""
        with contextlib.suppress(NotFound):
            await self.write("DELETE", path)

    async def batch(self, paths: Sequence[str]) -> list[Any]:
        """What is at each of *paths*, or the ServiceError it was answered with; ten to a call.

        Raises:
            ServiceError: A batch failed as a whole, or one of its reads again and again with a passing fault.
        """
        groups = [paths[at : at + BATCH] for at in range(0, len(paths), BATCH)]
        return [answer for group in await asyncio.gather(*map(self._ten, groups)) for answer in group]

    async def _ten(self, paths: Sequence[str]) -> list[Any]:
        answers = await self._ask(paths)
        for pause in PAUSES_S:
            again = [at for at, answer in enumerate(answers) if isinstance(answer, Transient)]
            if not again:
                return answers
            await self._sleep(pause)
            for at, answer in zip(again, await self._ask([paths[at] for at in again]), strict=True):
                answers[at] = answer
        if failed := next((answer for answer in answers if isinstance(answer, Transient)), None):
            raise failed
        return answers

    async def _ask(self, paths: Sequence[str]) -> list[Any]:
        # An address inside the list is encoded once as an address and once more as a part of the query, as Trello's own
        # pages do it: the commas between addresses stay as they are, and those within cannot be mistaken for them.
        urls = ",".join(quote(path, safe="") for path in paths)
        answers = await self.http.json("GET", f"/1/batch?urls={urls}")
        if not isinstance(answers, list) or len(answers) != len(paths):
            raise BadAnswer(f"a batch of {len(paths)} was not answered with as many", connection=self.http.connection)
        return [self._part(answer) for answer in answers]

    def _part(self, answer: Any) -> Any:
        status, data = next(iter(answer.items()), ("", None)) if isinstance(answer, dict) else ("", None)
        if not status.isdigit():
            return BadAnswer("a part of a batch has no status", connection=self.http.connection)
        if int(status) < 400:
            return data
        text = data if isinstance(data, str) else json.dumps(data)
        error = judged(Answer(int(status), {}, text.encode()))
        if error:
            error.connection = self.http.connection
        return error


def address(path: str, **params: Any) -> str:
    """A path for `TrelloClient.batch`, with its query; a sequence becomes a list with commas, None is left out."""
    given = {key: _text(value) for key, value in params.items() if value is not None}
    return f"{path}?{urlencode(given, quote_via=quote)}" if given else path


def judged(answer: Answer) -> ServiceError | None:
    """The error that an answer stands for. Bodies are mostly one line of text, and the text decides what 401 means."""
    if answer.status < 400:
        return None
    said = _said(answer)
    match answer.status:
        case 401 if "permission" in said:
            return PermissionLost(f"Trello says: {said}")
        case 401:
            return SignInRejected(f"Trello says: {said}", fix="make a new token for the key, and set it")
        case 429:
            return RateLimited(f"Trello says: {said}", retry_after=_wait_s(answer))
        case 449:
            return ServiceDown(f"Trello failed with 449: {said}")
        case 400 | 409 | 413 | 422:
            return Refused(f"Trello says: {said}", fields=_at_fault(said))
    return judge(answer)


def _path(path: str, params: Mapping[str, Any]) -> str:
    return address(f"/1{path}", **params)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int) else ",".join(value)


def _authorization(config: TrelloConfig) -> str:
    """The credentials as a header; in the query they would end up in logs and error messages."""
    key, token = config.key.get_secret_value(), config.token.get_secret_value()
    return f'OAuth oauth_consumer_key="{key}", oauth_token="{token}"'


def _said(answer: Answer) -> str:
    """The service's words: a line of text, or the `message` of the newer routes."""
    text = answer.text.strip()
    try:
        data = json.loads(text)
    except ValueError:
        return text[:300] or "(nothing)"
    message = data.get("message") if isinstance(data, dict) else data
    return str(message or text)[:300]


def _wait_s(answer: Answer) -> float:
    """Seconds to wait after a 429. Rate headers are not documented any more: read where they are, never relied on."""
    asked = answer.retry_after() or 0.0
    for name in ("api-token", "api-key", "member"):
        interval = answer.headers.get(f"x-rate-limit-{name}-interval-ms", "")
        if answer.headers.get(f"x-rate-limit-{name}-remaining") == "0" and interval.isdigit():
            asked = max(asked, int(interval) / 1000)
    return max(asked, BACK_OFF_S)


def _at_fault(said: str) -> dict[str, str]:
    name = said.removeprefix("invalid value for ")
    return {PARAMETERS.get(name, name): said} if name != said and name.isidentifier() else {}
