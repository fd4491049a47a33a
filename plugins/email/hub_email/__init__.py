"""The e-mail connector."""

from collections.abc import Callable

from hub.sdk import Connector, hookimpl
from hub_email.connector import EmailConnector


@hookimpl
def register_connectors(register: Callable[[type[Connector]], None]) -> None:
    """Offer the connector to the hub."""
    register(EmailConnector)
