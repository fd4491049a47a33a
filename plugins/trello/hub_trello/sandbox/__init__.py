"""An honest imitation of api.trello.com/1 on loopback, ugly parts included.

Written from the service's own documentation and recorded answers, never from the connector that will use it.
Statements of which no source is certain are marked UNVERIFIED where they are made.
"""

from hub_trello.sandbox.sandbox import TrelloSandbox

__all__ = ["TrelloSandbox"]
