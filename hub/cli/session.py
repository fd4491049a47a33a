"""What one call of the command line works with: its options, the hub they lead to, and the screen."""

import asyncio
import contextlib
import os
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hub.app import Hub
from hub.cli.screen import Screen
from hub.config import Config, load_config
from hub.errors import StoreError
from hub.plugins import Registry, discover
from hub.sdk.http import Network
from hub.sdk.tokens import OnlyTokens
from hub.store import Store, StoredVault
from hub.store.database import IN_MEMORY

T = TypeVar("T")

CONFIG_VARIABLE = "HUB_CONFIG"
CONFIG_NAME = "hub.toml"


@dataclass
class Session:
    """The options that every command has, and what they lead to.

    Args:
        file: The configuration that was named, if one was.
        json: Whether a script is listening.
        verbose: Whether an unexpected error shows its traceback.
        registry: The plugins, if they were found already.
        network: How services are reached.
    """

    file: Path | None = None
    json: bool = False
    verbose: bool = False
    registry: Registry | None = None
    network: Network | None = None

    @property
    def config_file(self) -> Path:
        """The configuration to work with: `--config`, else `$HUB_CONFIG`, else hub.toml in the current folder."""
        return self.file or Path(os.environ.get(CONFIG_VARIABLE) or CONFIG_NAME)

    @property
    def plugins(self) -> Registry:
        """Every installed plugin. Raises PluginBroken."""
        if self.registry is None:
            self.registry = discover()
        return self.registry

    @property
    def screen(self) -> Screen:
        """Where to show things."""
        return Screen(json=self.json)

    @property
    def config(self) -> Config:
        """What the configuration says, read anew. Raises ConfigError, PluginBroken."""
        return load_config(self.config_file, self.plugins)

    @contextlib.contextmanager
    def hub(self) -> Iterator[Hub]:
        """The hub that the configuration describes. Raises ConfigError, StoreError, PluginBroken."""
        hub = Hub.open(self.config_file, registry=self.plugins, network=self.network)
        hub.tell = self.screen.note
        try:
            yield hub
        finally:
            hub.close()

    @contextlib.contextmanager
    def forgetful_hub(self, config: Config) -> Iterator[Hub]:
        """A hub that reaches services and keeps nothing but access tokens, and those only in a database that is there."""
        hub = Hub(config, self.plugins, Store.open(IN_MEMORY), network=self.network or Network())
        tokens = _database(config)
        hub.vaults = lambda connection: OnlyTokens(StoredVault(tokens or hub.store, connection))
        try:
            yield hub
        finally:
            hub.close()
            if tokens:
                tokens.close()

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of *work*; Ctrl-C cancels it where it stands, and what is not committed yet is undone."""
        return asyncio.run(work)


def _database(config: Config) -> Store | None:
    """The database, if it is there; one that cannot be opened is a matter for other commands."""
    if Path(config.store).exists():
        with contextlib.suppress(StoreError):
            return Store.open(config.store)
    return None
