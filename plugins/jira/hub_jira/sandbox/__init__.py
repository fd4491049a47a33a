"""An imitation of Jira Cloud on loopback, written from the service's documentation and recorded answers."""

from hub_jira.sandbox.records import Account
from hub_jira.sandbox.sandbox import JiraSandbox

__all__ = ["Account", "JiraSandbox"]
