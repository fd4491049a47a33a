"""The Trello connector: a board is the place, its cards are requirements."""

from collections.abc import Callable

from hub.sdk import Connector, hookimpl
from hub_trello.connector import TrelloConnector


@hookimpl
def register_connectors(register: Callable[[type[Connector]], None]) -> None:
    """Offer `plugin = "trello"`."""
    register(TrelloConnector)
