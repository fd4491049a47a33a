"""Reads a hub.toml, and tells every mistake in it at once."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.config.problems import Problems, suggestion
from hub.config.settings import Config, Connection
from hub.config.syncs import read_sync
from hub.config.tables import FileTable, HubTable
from hub.errors import ConfigError, Finding
from hub.plugins import Registry
from hub.sdk.connector import ConnectionConfig


def load_config(file: Path, registry: Registry) -> Config:
    """The configuration in *file*. That a secret is not to be found matters to whoever signs in: its connection tells it.

    Raises:
        ConfigError: The file cannot be read, or has mistakes: all of them, with the secrets that are not to be found.
    """
    problems = Problems(file.resolve().parent)
    config = _read(file, registry, problems)
    if problems.errors or config is None:
        absent = config.absent(config.connections) if config else []
        raise ConfigError([*problems.findings, *absent], file=file.name)
    return config


def _read(file: Path, registry: Registry, problems: Problems) -> Config | None:
    raw = _parse(file, problems)
    tables = problems.shaped(FileTable, raw, "") if raw is not None else None
    if tables is None:
        return None
    hub = problems.shaped(HubTable, tables.hub, "hub") or HubTable()
    connections = {
        name: connection
        for name, table in tables.connections.items()
        if (connection := _connection(name, table, registry, problems))
    }
    _people(tables.people, tables.connections, problems)
    named = frozenset(tables.connections)
    syncs = {
        name: read_sync(name, table, connections, named, registry, problems) for name, table in tables.syncs.items()
    }
    if not tables.syncs:
        problems.error("syncs", "there is none", "add [syncs.NAME] with its spokes, or run: hub init")
    store, largest = _store(hub.store, file, problems), round(hub.attachment_limit_mb * 1_000_000)
    return Config(file, store, hub.language, connections, syncs, tables.people, tuple(problems.warnings), largest)


def _parse(file: Path, problems: Problems) -> Mapping[str, Any] | None:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            [Finding(str(file), "error", "there is no such file", "run hub init, or name one with --config FILE")],
            file=file.name,
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        problems.error(file.name, f"cannot be read: {error}", "it must be a text file in UTF-8")
    except tomllib.TOMLDecodeError as error:
        problems.error(
            file.name, f"is not valid TOML: {error}", "mend that place first; nothing after it was looked at"
        )
    return None


def _connection(name: str, table: Mapping[str, Any], registry: Registry, problems: Problems) -> Connection | None:
    where, plugin = f"connections.{name}", table.get("plugin")
    if not isinstance(plugin, str):
        problems.error(f"{where}.plugin", "is missing", f'add plugin = "…"; {suggestion(name, registry.connectors)}')
        return None
    connector = registry.connectors.get(plugin)
    if connector is None:
        problems.error(f"{where}.plugin", f"{plugin!r} is not installed", suggestion(plugin, registry.connectors))
        return None
    absent: list[Finding] = []
    config = problems.shaped(connector.Config, table, where, absent)
    # With a mistake noted, nobody gets this connection; it serves to find what is wrong in its spokes as well.
    return Connection(name, connector, config or ConnectionConfig(plugin=plugin), tuple(absent))


def _people(people: Mapping[str, Mapping[str, str]], connections: Mapping[str, Any], problems: Problems) -> None:
    seen: dict[tuple[str, str], str] = {}
    for mail, accounts in people.items():
        if "@" not in mail:
            problems.error(f"people.{mail}", "is no e-mail address", 'write "name@company.example" = { jira = "…" }')
        for connection, account in accounts.items():
            if connection not in connections:
                problems.error(f"people.{mail}.{connection}", "is no connection", suggestion(connection, connections))
            elif (first := seen.setdefault((connection, account), mail)) != mail:
                problems.error(f"people.{mail}.{connection}", f"{account!r} is {first}'s account already", "keep one")


def _store(url: str, file: Path, problems: Problems) -> str:
    scheme, _, path = url.partition("://")
    if scheme != "sqlite" or not path.startswith("/"):
        problems.error("hub.store", f"{url!r} is no store", 'write "sqlite:///hub.db" or "sqlite:////absolute/path.db"')
        return url
    return str((file.resolve().parent / path.removeprefix("/")).resolve())
