"""From a request to an answer: who asks, what the body says, and what refusals look like."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub_zoho_crm.sandbox.credits import Credits
from hub_zoho_crm.sandbox.org import Org
from hub_zoho_crm.sandbox.problems import (
    Json,
    Problem,
    answer,
    bad_parameter,
    invalid,
    invalid_token,
    limit_exceeded,
    missing_key,
    missing_parameter,
    too_many_requests,
)
from hub_zoho_crm.sandbox.records import Module, Record, User
from hub_zoho_crm.sandbox.shapes import Shapes
from hub_zoho_crm.sandbox.times import read_moment
from hub_zoho_crm.sandbox.tokens import Tokens

MOST_FIELDS, MOST_ROWS, MOST_PER_PAGE = 50, 100, 200


@dataclass
class Service:
    """What every call needs.

    Args:
        pages: The places that page tokens stand for.
        routes: Every route of the API, and what answers there.
    """

    org: Org
    tokens: Tokens
    credits: Credits
    pages: dict[str, Any] = field(default_factory=dict)
    routes: list[tuple[Route, Callable[["Call"], Any]]] = field(default_factory=list)


@dataclass
class Call:
    """One request to the API.

    Args:
        user: Who asks.
        raw: The bytes of the body.
        cost: In credits; handlers change it.
    """

    service: Service
    user: User
    parts: Mapping[str, str]
    parameters: QueryParams
    headers: Mapping[str, str]
    raw: bytes = b""
    cost: int = 1

    @property
    def org(self) -> Org:
        """The organisation."""
        return self.service.org

    @property
    def shapes(self) -> Shapes:
        """How things are shown."""
        return Shapes(self.org)

    @cached_property
    def body(self) -> Json:
        """The JSON object of the body; 400 if it is none."""
        try:
            found = json.loads(self.raw or b"{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            message = "either the request body or parameters is in wrong format"
            raise Problem(400, "UNABLE_TO_PARSE_DATA_TYPE", message)
        return found

    def rows(self, name: str = "data", most: int = MOST_ROWS) -> list[Json]:
        """The objects of a list in the body; 400 if it is absent, empty, too long or something else."""
        found = self.body.get(name)
        if name not in self.body or found == []:
            raise missing_key(name, f"$.{name}")
        if not isinstance(found, list):
            raise invalid(expected_data_type="jsonarray", api_name=name, json_path=f"$.{name}")
        if len(found) > most:
            details = {"maximum_length": most, "api_name": name, "json_path": f"$.{name}"}
            raise limit_exceeded("count of records in your request exceeds the limit", **details)
        for number, row in enumerate(found):
            if not isinstance(row, dict):
                raise invalid(expected_data_type="jsonobject", api_name=name, json_path=f"$.{name}[{number}]")
        return found

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.parts[name])

    def query(self, name: str, default: str = "") -> str:
        """A query parameter, its first value."""
        return self.parameters.get(name, default)

    def number(self, name: str, default: int, most: int) -> int:
        """A query parameter that is a whole number from 1 to *most*; 400 if it is something else."""
        text = self.query(name, str(default))
        if not text.isdigit() or not 1 <= int(text) <= most:
            raise bad_parameter(name, maximum_length=most)
        return int(text)

    def names(self, name: str) -> list[str]:
        """A query parameter that lists names."""
        return [one.strip() for one in self.query(name).split(",") if one.strip()]

    def fields(self) -> list[str]:
        """The fields that a list must name; 400 without them, or with more than 50."""
        found = self.names("fields")
        if not found:
            raise missing_parameter("fields")
        if len(found) > MOST_FIELDS:
            raise limit_exceeded("Fields limit exceeded", param_name="fields", limit=MOST_FIELDS)
        return found

    def ids(self, *, required: bool = False) -> list[str]:
        """The ids of the query: at most 100."""
        found = self.names("ids")
        if required and not found:
            raise missing_parameter("ids")
        if len(found) > MOST_ROWS:
            raise limit_exceeded("Ids limit exceeded", param_name="ids", limit=MOST_ROWS)
        return found

    def moment(self, header: str) -> datetime | None:
        """The moment of a header; 400 if it is not written as ISO 8601 with an offset."""
        text = self.headers.get(header)
        if text is None:
            return None
        try:
            return read_moment(text)
        except ValueError:
            details = {"expected_data_type": "datetime", "header_name": header}
            raise invalid("the value of the header given seems to be invalid", **details) from None

    def module(self, name: str = "module_api_name") -> Module:
        """The module of the path."""
        return self.org.module(self.parts.get(name, "Notes"))

    def record(self, module: Module, name: str = "record_id") -> Record:
        """The record of the path, by its id or by an external field; 400 if there is none."""
        if found := self.find(module, name):
            return found
        details = {"resource_path_index": 1, "related_status": "invalid"}
        raise invalid("the related id given seems to be invalid", **details)

    def find(self, module: Module, name: str = "id") -> Record | None:
        """The record of the path, by its id or by an external field."""
        wanted = self.path(name)
        if external := self.external(module):
            return self.org.holder(module.name, external, wanted)
        return self.org.find(module.name, wanted)

    def external(self, module: Module) -> str:
        """The external field of *module* that the request names; "" if it names none."""
        for told in self.headers.get("x-external", "").split(","):
            owner, _, name = told.strip().partition(".")
            if owner == module.name and name in module.fields and module.fields[name].external:
                return name
        return ""


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Endpoint:
    """An operation of the API, its path as the documentation writes it."""

    method: str
    path: str
    handler: Handler

    def route(self, service: Service) -> Route:
        """The operation, as the kit serves it."""

        async def respond(request: Request) -> Response:
            raw = await request.body()
            return await answered(service, self.handler, request, raw)

        return Route(self.path, respond, methods=[self.method])


async def answered(service: Service, handler: Handler, request: Request, raw: bytes) -> Response:
    """The answer to a request: 401 for strangers, 429 when the credits are spent."""
    user = signed_in(service, request.headers)
    if user is None:
        return refusal(request.headers).response()
    now = service.org.clock()
    if service.credits.left(now) <= 0:
        return too_many_requests()
    call = Call(service, user, request.path_params, request.query_params, request.headers, raw)
    response = await carried_out(call, handler)
    service.credits.spend(now, call.cost)
    response.headers.update(service.credits.told(now))
    return response


async def carried_out(call: Call, handler: Handler) -> Response:
    """What a handler answers, or the refusal it raises."""
    try:
        result = handler(call)
        found = await result if isinstance(result, Awaitable) else result
        return found if isinstance(found, Response) else answer(found)
    except Problem as problem:
        return problem.response()


def signed_in(service: Service, headers: Headers) -> User | None:
    """The user whose access token a `Zoho-oauthtoken` header carries."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    return service.tokens.user(token.strip()) if kind.lower() == "zoho-oauthtoken" else None


def refusal(headers: Headers) -> Problem:
    """The 401: for no token, and for a wrong one."""
    if not headers.get("authorization"):
        return Problem(401, "AUTHENTICATION_FAILURE", "Authentication failed")
    return invalid_token()


def outcome(rows: Sequence[Json], success: int = 200, key: str = "data") -> Response:
    """The answer for rows that each fared in its own way: 207 if some failed, 400 if all did, 412 for conflicts."""
    failed = [row for row in rows if row["status"] == "error"]
    if not failed:
        return answer({key: list(rows)}, success)
    if len(failed) < len(rows):
        return answer({key: list(rows)}, 207)
    conflicts = all(row["code"] == "ALREADY_MODIFIED" for row in failed)
    return answer({key: list(rows)}, 412 if conflicts else 400)
