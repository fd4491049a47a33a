"""The Zoho CRM connector."""

from collections.abc import Callable

from hub.sdk import Connector, hookimpl
from hub_zoho_crm.connector import ZohoConnector


@hookimpl
def register_connectors(register: Callable[[type[Connector]], None]) -> None:
    """Offer the connector to the hub."""
    register(ZohoConnector)
