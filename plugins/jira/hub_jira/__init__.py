"""The Jira connector."""

from collections.abc import Callable

from hub.sdk import Connector, hookimpl
from hub_jira.connector import JiraConnector


@hookimpl
def register_connectors(register: Callable[[type[Connector]], None]) -> None:
    """Offer the connector to the hub."""
    register(JiraConnector)
