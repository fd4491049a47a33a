"""From a request to an answer: who asks, what the body says, and what refusals look like."""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub_jira.sandbox.datacenter.shapes import shapes_of
from hub_jira.sandbox.datacenter.signing_in import identified, sign_in
from hub_jira.sandbox.editing import Editor
from hub_jira.sandbox.problems import LOGIN_NEEDED, Problem, answer, bad, hidden, missing
from hub_jira.sandbox.records import Account, Issue, Json, Project
from hub_jira.sandbox.shapes import Shapes
from hub_jira.sandbox.site import Site

T = TypeVar("T")
VERSIONS = {"3": 3, "2": 2, "latest": 2}
"""By the name in the path: the version of the API. What `latest` is on Cloud is not documented; 2 is assumed."""
SERVER_VERSIONS = {"2": 2, "latest": 2}


@dataclass
class Call:
    """One request to the API.

    Args:
        raw: The bytes of the body.
        account: Who asks; None for anonymous callers, and for wrong credentials, which Jira takes for anonymous.
    """

    site: Site
    request: Request
    raw: bytes
    version: int
    account: Account | None

    @cached_property
    def body(self) -> Any:
        """The JSON of the body; 400 if it is none."""
        try:
            return json.loads(self.raw or b"{}")
        except ValueError:
            raise bad("There was an error parsing JSON. Check that your request body is valid.") from None

    @cached_property
    def object(self) -> Json:
        """The body, a JSON object; 400 if it is something else."""
        if not isinstance(self.body, dict):
            raise bad("Invalid request payload. Refer to the REST API documentation and try again.")
        return self.body

    @property
    def shapes(self) -> Shapes:
        """How the caller sees things."""
        return shapes_of(self.site, self.account, self.version)

    @property
    def caller(self) -> Account:
        """Who asks; 401 if nobody known does."""
        if self.account is None:
            raise Problem(401, [LOGIN_NEEDED])
        return self.account

    @property
    def editor(self) -> Editor:
        """The caller as someone who writes."""
        return Editor(self.site, self.caller, self.version)

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def query(self, name: str, default: str = "") -> str:
        """A query parameter, its first value."""
        return self.request.query_params.get(name, default)

    def flag(self, name: str, *, default: bool) -> bool:
        """A query parameter that is true or false."""
        return self.query(name, str(default)).lower() == "true"

    def amount(self, name: str, default: int) -> int:
        """A whole number of the body; 400 if it is something else."""
        given = self.object.get(name) or default
        if isinstance(given, bool) or not isinstance(given, int):
            raise bad(f"The value of '{name}' must be a number.")
        return given

    def texts(self, name: str) -> list[str]:
        """A list of the body whose members are texts or numbers, as texts; 400 if it is something else."""
        given = self.object.get(name) or []
        if not isinstance(given, list) or not all(isinstance(one, str | int) for one in given):
            raise bad(f"The value of '{name}' must be a list.")
        return [str(one) for one in given]

    def number(self, name: str, default: int) -> int:
        """A query parameter that is a whole number; 400 if it is none."""
        text = self.query(name, str(default))
        if not text.lstrip("-").isdigit():
            raise bad(f"The value of '{name}' must be a number.")
        return int(text)

    def names(self, name: str) -> list[str]:
        """A query parameter that lists names, by commas or by being repeated."""
        return [one for text in self.request.query_params.getlist(name) for one in text.split(",") if one]

    def issue(self, parameter: str = "issueIdOrKey") -> Issue:
        """The issue of the path; 404 if there is none, or for nobody in particular (401 on Data Center)."""
        if self.account is None:
            raise hidden() if self.site.is_server else missing()
        return self.site.issue(self.path(parameter))

    def project(self) -> Project:
        """The project of the path; 404 if there is none, or for nobody in particular."""
        name = self.path("projectIdOrKey")
        found = self.site.find_project(name) if self.account else None
        if not found:
            raise missing(f"No project could be found with key '{name}'.")
        return found

    def page(self, values: Sequence[T], *, size: int = 50, most: int = 100) -> tuple[list[T], Json]:
        """The asked-for part of *values*, and `startAt`, `maxResults`, `total`."""
        start, length = max(self.number("startAt", 0), 0), min(max(self.number("maxResults", size), 0), most)
        part = list(values[start : start + length])
        return part, {"startAt": start, "maxResults": length, "total": len(values)}

    def bean(self, values: Sequence[Any], show: Callable[[Any], Any] = lambda one: one, *, size: int = 50) -> Json:
        """A page in the shape of the API's page beans."""
        part, numbers = self.page(values, size=size)
        last = numbers["startAt"] + len(part) >= len(values)
        return {"self": str(self.request.url), **numbers, "isLast": last, "values": [show(one) for one in part]}


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Endpoint:
    """An operation of the API.

    Args:
        path: The template below `/rest/api/{version}`, or from the root if it starts with `//`.
        login: Whether anonymous callers get a 401.
        cloud_only: Whether Data Center has no such operation.
    """

    method: str
    path: str
    handler: Handler
    login: bool = False
    cloud_only: bool = False

    @property
    def is_versioned(self) -> bool:
        """Whether it is part of `/rest/api/{version}`."""
        return not self.path.startswith("//")

    def route(self, site: Site, name: str) -> Route:
        """The operation in the version of the API with this name."""
        version = VERSIONS[name]
        path = f"/rest/api/{name}{self.path}" if self.is_versioned else self.path[1:]

        async def respond(request: Request) -> Response:
            return await self._answer(site, request, version)

        return Route(path, respond, methods=[self.method])

    async def _answer(self, site: Site, request: Request, version: int) -> Response:
        offered = request.headers.get("authorization", "")
        account = sign_in(site, offered) if site.is_server else signed_in(site, offered)
        if isinstance(account, Response):
            return account
        call = Call(site, request, await request.body(), version, account)
        try:
            if self.login:
                _ = call.caller
            result = self.handler(call)
            response = await result if isinstance(result, Awaitable) else result
            response = response if isinstance(response, Response) else answer(response)
        except Problem as problem:
            response = problem.response()
        if site.is_server:
            response.headers.update(identified(account, site.next_id("request")))
        elif account:
            response.headers["X-AACCOUNTID"] = account.id.replace(":", "%3A")
        elif offered:
            response.headers["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
        return response


def signed_in(site: Site, authorization: str) -> Account | None:
    """The account whose e-mail and token a Basic header carries."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        email, _, token = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    known = (one for one in site.accounts.values() if one.token and one.email.casefold() == email.casefold())
    return next((one for one in known if one.token == token and one.active), None)


def no_content() -> Response:
    """A 204."""
    return Response(status_code=204)
