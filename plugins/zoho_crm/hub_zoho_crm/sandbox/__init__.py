"""An imitation of Zoho CRM on loopback, written from the service's documentation and recorded answers."""

from hub_zoho_crm.sandbox.records import User
from hub_zoho_crm.sandbox.sandbox import ZohoSandbox

__all__ = ["User", "ZohoSandbox"]
