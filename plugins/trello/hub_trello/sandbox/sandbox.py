"""The sandbox as the kit wants it: routes, accounts, loading, state, faults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.sdk.sandbox import Sandbox, SandboxPerson
from hub_trello.sandbox import (
    actions,
    answers,
    attaching,
    boards,
    cards,
    checklists,
    custom_fields,
    labels,
    lists,
    loader,
    members,
    search,
    seeding,
    serving,
    views,
    webhooks,
)
from hub_trello.sandbox.ids import Ids
from hub_trello.sandbox.world import Account, Json, World

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@dataclass
class TrelloSandbox(Sandbox):
    """An imitation of api.trello.com/1. The hub's bot and three people share the board "Acme Delivery".

    Args:
        upload_limit: Most bytes of an attachment: 10 MB in a free workspace, 250 MB in a paid one.
    """

    name: ClassVar[str] = "trello"
    upload_limit: int = 10 * 1024 * 1024

    def __post_init__(self) -> None:
        """Make the accounts and the default board; their ids depend on the seed alone."""
        super().__post_init__()
        self.world = World(Ids(self.seed, self.now), self.now, upload_limit=self.upload_limit)
        self.bot, self._people, self._board = seeding.settle(self.world)
        self._shown: str = self._board["id"]
        self._deliveries = webhooks.Deliveries(self.world, lambda: self.faults.webhooks, self.random)

    @property
    def boards(self) -> dict[str, str]:
        """Ids of all boards by their names; of two with one name, the later."""
        return {each["name"]: each["id"] for each in self.world.boards.values()}

    @property
    def secret(self) -> str:
        """The secret of the bot's application, which signs its webhooks."""
        return self.bot.secret

    def routes(self) -> Sequence[BaseRoute]:
        """Every imitated endpoint; a path beside them gets the page that the service gives."""
        found: list[serving.TrelloRoute] = []
        parts = (boards, lists, cards, attaching, labels, checklists, custom_fields, members, webhooks)
        endpoints = [each for part in parts for each in part.ENDPOINTS]
        endpoints += search.endpoints(found, lambda: self.faults.search_lag_s)
        found += serving.routes(endpoints, self.world, self._deliveries.start)
        return [*found, attaching.store_route(self.world), Route("/{path:path}", _unknown, methods=METHODS)]

    def environment(self) -> Mapping[str, str]:
        """The bot's credentials, and the secret of its application."""
        return {"TRELLO_KEY": self.bot.key, "TRELLO_TOKEN": self.bot.token, "TRELLO_SECRET": self.bot.secret}

    def connection(self, url: str) -> Mapping[str, Any]:
        """The bot's connection to the board that was loaded last, or to the default one."""
        key, token = {"env": "TRELLO_KEY"}, {"env": "TRELLO_TOKEN"}
        return {"plugin": "trello", "url": url, "key": key, "token": token, "board": self._shown}

    def people(self) -> Sequence[SandboxPerson]:
        """Three people with applications of their own."""
        return [SandboxPerson(each.member["fullName"], {"key": each.key, "token": each.token}) for each in self._people]

    def load(self, document: Any) -> None:
        """Take a board export in (or bare cards or actions); the bot and all people become members of the board."""
        before = set(self.world.boards)
        loader.load(self.world, document, self._board, self._accounts())
        again = {str(document.get("id"))} & before if isinstance(document, Mapping) else set[str]()
        self._shown = next(iter((set(self.world.boards) - before) or again), self._shown)

    def _accounts(self) -> list[Account]:
        return [self.bot, *self._people]

    def state(self) -> Mapping[str, Any]:
        """Every board as an export of it would be, with whole cards."""
        return {"boards": [self._export(each) for each in self.world.boards.values()]}

    def _export(self, board: Json) -> Json:
        world, identifier = self.world, board["id"]
        held = world.cards_of(identifier)
        history = actions.page(world.actions_of_board(identifier), {}, len(world.actions))
        return views.board(board) | {
            "lists": world.lists_of(identifier),
            "cards": [views.whole_card(world, each) for each in held],
            "checklists": [checklist for each in held for checklist in world.checklists_of(each)],
            "labels": world.labels_of(identifier),
            "members": [views.member(world, each) for each in world.members_of(board)],
            "customFields": [views.custom_field(each) for each in world.fields_of(identifier)],
            "actions": [actions.show(world, each) for each in history],
        }

    def rate_limited(self, retry_after_s: float) -> Response:  # noqa: ARG002 - the service does not say it
        """The documented 429; the service says nothing of when to come back."""
        return answers.too_many_calls()

    def failing(self, status: int) -> Response:
        """Text or HTML, as the service and the proxy before it write."""
        return answers.failure(status)

    def served_at(self, url: str) -> None:
        """Take the address into download links."""
        super().served_at(url)
        self.world.url = url


async def _unknown(request: Request) -> Response:
    return answers.no_such_route(request.method, request.url.path)
