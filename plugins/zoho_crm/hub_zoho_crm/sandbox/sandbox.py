"""The Zoho CRM sandbox as the kit serves it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.sdk.sandbox import Sandbox, SandboxPerson
from hub_zoho_crm.sandbox import (
    composite,
    defaults,
    loader,
    problems,
    routes_attachments,
    routes_blueprint,
    routes_oauth,
    routes_records,
    routes_related,
    routes_search,
    routes_settings,
    routes_tags,
    routes_users,
    routes_watch,
    routes_writing,
    states,
)
from hub_zoho_crm.sandbox.credits import Credits
from hub_zoho_crm.sandbox.hooks import Deliveries
from hub_zoho_crm.sandbox.http import Service
from hub_zoho_crm.sandbox.org import Org
from hub_zoho_crm.sandbox.records import Blueprint, User
from hub_zoho_crm.sandbox.tokens import Tokens

_ROUTES = (
    routes_search,
    routes_users,
    routes_settings,
    routes_tags,
    routes_watch,
    composite,
    routes_attachments,
    routes_blueprint,
    routes_records,
    routes_writing,
    routes_related,
)
"""In the order in which addresses are matched: what has a name of its own before what has a module's."""
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
CLIENT_ID = "1000.HUBSANDBOXCLIENT"
CLIENT_SECRET = "hub-sandbox-client-secret"  # noqa: S105 - of an imitation


@dataclass
class ZohoSandbox(Sandbox):
    """An imitation of Zoho CRM's REST API (version 8) and accounts server, for an organisation without records.

    Args:
        daily_credits: What calls may cost in any 24 hours.
        upload_limit: The greatest size of a file in bytes.
    """

    name: ClassVar[str] = "zoho_crm"
    daily_credits: int = 100_000
    upload_limit: int = 20_000_000

    def __post_init__(self) -> None:
        """Set up the organisation with its default content."""
        super().__post_init__()
        self.org = Org(
            clock=lambda: self.now(),  # noqa: PLW0108 - tests may exchange the clock
            lag_s=lambda: self.faults.search_lag_s,
            random=self.random,
            upload_limit=self.upload_limit,
        )
        defaults.fill(self.org)
        self.tokens = Tokens(self.org, CLIENT_ID, CLIENT_SECRET)
        for user in self.org.users.values():
            self._let_in(user)
        self.deliveries = Deliveries(self.org, lambda: self.faults.webhooks, self.random)
        self.org.listeners.append(self.deliveries.tell)
        self.service = Service(self.org, self.tokens, Credits(self.daily_credits))

    def _let_in(self, user: User) -> None:
        if user.refresh_token:
            self.tokens.add(user)

    def routes(self) -> Sequence[BaseRoute]:
        """The API, and the accounts server beside it."""
        endpoints = [endpoint for module in _ROUTES for endpoint in module.ENDPOINTS]
        self.service.routes = [(endpoint.route(self.service), endpoint.handler) for endpoint in endpoints]
        api = [route for route, _ in self.service.routes]
        return [*routes_oauth.routes(self.service), *api, Route("/{path:path}", self._elsewhere, methods=_METHODS)]

    async def _elsewhere(self, request: Request) -> Response:
        """What nothing is served at: a wrong method, or an address that means nothing."""
        if any(route.path_regex.match(request.url.path) for route, _ in self.service.routes):
            message = "The http request method type is not a valid one"
            return problems.Problem(400, "INVALID_REQUEST_METHOD", message).response()
        return problems.invalid_url().response()

    def environment(self) -> Mapping[str, str]:
        """The client's secret, and the refresh token of the hub's own user."""
        return {"ZOHO_CLIENT_SECRET": CLIENT_SECRET, "ZOHO_REFRESH_TOKEN": defaults.BOT.refresh_token}

    def connection(self, url: str) -> Mapping[str, Any]:
        """The connection table; *url* stands for the accounts server and for the API."""
        return {
            "plugin": "zoho_crm",
            "url": url,
            "client_id": CLIENT_ID,
            "client_secret": {"env": "ZOHO_CLIENT_SECRET"},
            "refresh_token": {"env": "ZOHO_REFRESH_TOKEN"},
        }

    def people(self) -> Sequence[SandboxPerson]:
        """Everyone who can sign in, but for the hub."""
        return [
            SandboxPerson(one.name, self._credentials(one))
            for one in self.org.users.values()
            if one.refresh_token and one.id != defaults.BOT.id
        ]

    def _credentials(self, user: User) -> Mapping[str, str]:
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": user.refresh_token,
            "access_token": user.access_token,
        }

    def load(self, document: Any) -> None:
        """Take in answers with records, fields, modules, users or tags; ValueError says what could not be taken."""
        loader.load(self.org, document)

    def state(self) -> Mapping[str, Any]:
        """Users, modules with fields, records and deleted ones by module, files, tags, channels."""
        return states.everything(self.org)

    def rate_limited(self, retry_after_s: float) -> Response:  # noqa: ARG002 - Zoho does not tell it
        """The 429 of the concurrency limit; it does not say how long to wait."""
        return problems.too_many_requests()

    def failing(self, status: int) -> Response:
        """Zoho's envelope for an internal error or an overloaded service."""
        return problems.failing(status)

    def served_at(self, url: str) -> None:
        """Put *url* into answers, as the API domain too, from now on."""
        super().served_at(url)
        self.org.url = url

    def add_user(self, user: User) -> User:
        """A new user; one with a refresh token can sign in."""
        self.org.users[user.id] = user
        self._let_in(user)
        return user

    def start_process(self, module: str, field: str, transitions: Mapping[str, Sequence[str]]) -> Blueprint:
        """Guard a field of a module by a blueprint: by value, the values that may come next."""
        started = Blueprint(self.org.next_id(), field, transitions)
        self.org.blueprints[module] = started
        return started
