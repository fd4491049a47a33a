"""The hooks by which an installed distribution offers something to the hub.

Pluggy only discovers: a hook hands over a `register` callable, and what was registered is used as a plain object.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import click

    from hub.reconcile.rules import Rule
    from hub.sdk.connector import Connector

hookspec = pluggy.HookspecMarker("hub")
hookimpl = pluggy.HookimplMarker("hub")


@hookspec
def register_connectors(register: "Callable[[type[Connector]], None]") -> None:
    """Offer connector classes: ``register(JiraConnector)``."""


@hookspec
def register_rules(register: "Callable[[str, Rule], None]") -> None:
    """Offer conflict rules: ``register("longest", rule)``, used as ``title = "longest"``."""


@hookspec
def register_commands(cli: "click.Group") -> None:
    """Add commands to the `hub` command line."""
