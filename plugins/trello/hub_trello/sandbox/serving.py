"""From HTTP to a `Call` and back: credentials, parameters, routes."""

import inspect
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from hub_trello.sandbox.answers import NO_RIGHT, Refusal
from hub_trello.sandbox.call import Call, Upload
from hub_trello.sandbox.world import Account, Json, World

Answer = Any
Handler = Callable[[Call], Answer | Awaitable[Answer]]
_SINGULAR = re.compile(r"^/1/(action|board|card|checklist|customField|label|list|member|token|webhook)(?=/|$)")
_HEADER_PART = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A route of the imitated API; *path* is the template of its documentation without `/1`."""

    method: str
    path: str
    answer: Handler


class TrelloRoute(Route):
    """Matches as the service does: a slash at the end and the singular (`/1/card/…`) are welcome too."""

    def __init__(self, endpoint: Endpoint, world: World, after: Callable[[], None]) -> None:
        self.answer = endpoint.answer

        async def respond(request: Request) -> Response:
            response = await _respond(request, endpoint.answer, world)
            after()
            return response

        template = "/1" + endpoint.path
        super().__init__(template.rstrip("/"), respond, methods=[endpoint.method])
        self.path, self.methods = template, {endpoint.method}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As in Starlette, after the path was brought to its documented form."""
        path = _SINGULAR.sub(r"/1/\1s", scope["path"].rstrip("/"))
        match, inner = super().matches({**scope, "path": path, "root_path": ""})
        return (match, inner) if match is Match.FULL else (Match.NONE, {})


async def _respond(request: Request, answer: Handler, world: World) -> Response:
    try:
        credentials, by_header = _credentials(request)
        params, upload = await _params(request)
        who = sign_in(
            world, credentials.get("key") or params.get("key"), credentials.get("token") or params.get("token")
        )
        sent = {key: value for key, value in params.items() if key not in ("key", "token")}
        path = {key: str(value) for key, value in request.path_params.items()}
        said = answer(Call(world, who, sent, path, upload, by_header))
        if inspect.isawaitable(said):
            said = await said
    except Refusal as refusal:
        return refusal.response()
    return said if isinstance(said, Response) else JSONResponse(said)


def sign_in(world: World, key: Any, token: Any) -> Account:
    """The account of a key and token. Raises Refusal, with the words that tell the cases apart."""
    if key not in world.keys:
        raise Refusal(401, "invalid key")
    if not token:
        raise Refusal(401, NO_RIGHT)
    who = world.accounts.get(token)
    if who is None or who.key != key:
        raise Refusal(401, "invalid token")
    if who.expires and who.expires <= world.now():
        raise Refusal(401, "expired token")
    return who


def _credentials(request: Request) -> tuple[dict[str, str], bool]:
    """Key and token of an `Authorization: OAuth …` header; an OAuth 1.0a signature in it is not checked."""
    header = request.headers.get("authorization", "")
    if not header.startswith("OAuth "):
        return {}, False
    parts = dict(_HEADER_PART.findall(header))
    return {"key": parts.get("oauth_consumer_key", ""), "token": parts.get("oauth_token", "")}, True


async def _params(request: Request) -> tuple[Json, Upload | None]:
    params: Json = dict(request.query_params)
    body = await request.body()
    kind = request.headers.get("content-type", "")
    if not body:
        return params, None
    if kind.startswith("multipart/form-data"):
        fields, upload = read_multipart(kind, body)
        return params | fields, upload
    if kind.startswith("application/x-www-form-urlencoded"):
        return params | dict(parse_qsl(body.decode(), keep_blank_values=True)), None
    return params | _json_object(body), None


def _json_object(body: bytes) -> Json:
    try:
        said = json.loads(body)
    except ValueError:
        raise Refusal(400, "Error parsing body: invalid JSON") from None
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise Refusal(400, "Error parsing body: not an object")
    return said


def read_multipart(kind: str, body: bytes) -> tuple[Json, Upload | None]:
    """The fields and the one file of a `multipart/form-data` body (RFC 7578). Raises Refusal."""
    found = re.search(r'boundary="?([^";]+)"?', kind)
    if not found:
        raise Refusal(400, "Error parsing body: no boundary")
    fields: Json = {}
    upload = None
    for part in body.split(b"--" + found[1].encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers, content = head.decode(), content.removesuffix(b"\r\n")
        name = _from(headers, r'[; ]name="([^"]*)"')
        filename = _from(headers, r'filename="([^"]*)"')
        if encoded := _from(headers, r"filename\*=(?i:utf-8)''([^\s;]+)"):
            filename = unquote(encoded)
        if filename is None:
            fields[name or ""] = content.decode()
        else:
            upload = Upload(filename, _from(headers, r"(?i)content-type: *([^\r\n;]+)") or "", content)
    return fields, upload


def _from(headers: str, pattern: str) -> str | None:
    found = re.search(pattern, headers)
    return found and found[1]


def routes(endpoints: Sequence[Endpoint], world: World, after: Callable[[], None]) -> list[TrelloRoute]:
    """Routes in an order in which a fixed word comes before a placeholder in the same place."""
    ordered = sorted(endpoints, key=lambda each: [part.startswith("{") for part in each.path.split("/")])
    return [TrelloRoute(each, world, after) for each in ordered]
