"""The sandbox kit: an imitation of a service on loopback, with faults, call counts and a control API.

A connector's sandbox subclasses `Sandbox` and gives its service's routes; the kit adds everything else that
`hub sandbox NAME` promises: faults, counting, `/_sandbox/*`, and a server that can break a connection without an answer.
"""

from hub.sdk.sandbox.app import create_app
from hub.sdk.sandbox.base import Sandbox, SandboxPerson
from hub.sdk.sandbox.faults import Faults, WebhookFaults
from hub.sdk.sandbox.server import SandboxServer, serve

__all__ = ["Faults", "Sandbox", "SandboxPerson", "SandboxServer", "WebhookFaults", "create_app", "serve"]
