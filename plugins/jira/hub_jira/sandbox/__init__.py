"""An imitation of Jira, Cloud or Data Center, on loopback, written from the service's documentation and recorded answers."""

from hub_jira.sandbox.records import Account
from hub_jira.sandbox.sandbox import JiraDataCenterSandbox, JiraSandbox

__all__ = ["Account", "JiraDataCenterSandbox", "JiraSandbox"]
