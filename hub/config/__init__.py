"""The configuration: hub.toml, read into frozen settings with every mistake told at once."""

from hub.config.loading import load_config
from hub.config.settings import GUARD, Breaker, Config, Connection, Limit, OnDelete, Spoke, Sync

__all__ = ["GUARD", "Breaker", "Config", "Connection", "Limit", "OnDelete", "Spoke", "Sync", "load_config"]
