"""Writes the hub.toml of the demo, and its secrets in files beside it, so that it works from any terminal."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hub.sdk.sandbox import SandboxServer

TEMPLATE = """\
# What the hub keeps the same, and where. Made by `hub demo`.

[hub]
store = "sqlite:///hub.db"

[connections.jira]
{jira}

[connections.trello]
{trello}

# which issue types are requirements, and what Jira calls what the hub calls by its own words

[syncs.delivery.spokes.jira]
requirement        = {{ originates = true, creates = true, types = ["Story", "Task", "Bug"], create_type = "Story" }}
type.feature       = "Story"
type.change        = "Task"
type.defect        = "Bug"
type.otherwise     = {{ write = "Story", read = "feature" }}
status.new         = "To Do"
status.in_progress = "In Progress"
status.review      = "In Review"
status.delivered   = "Done"
status.otherwise   = {{ write = "To Do", read = "new" }}
priority           = {{ critical = "Highest", high = "High", medium = "Medium", low = ["Low", "Lowest"] }}

# on the board, a status is a list

[syncs.delivery.spokes.trello]
requirement        = {{ originates = true, creates = true }}
status.new         = "Backlog"
status.in_progress = "Doing"
status.review      = "Review"
status.delivered   = "Done"
status.otherwise   = {{ write = "Backlog", read = "new" }}

# who is right when two people changed the same field between two runs

[syncs.delivery.rules]
default     = "latest"
description = "merge"
due         = "ask"

# the same person under two accounts

[people]
{people}
"""


def write_config(folder: Path, servers: Iterable[SandboxServer], people: Mapping[str, Mapping[str, str]]) -> Path:
    """The hub.toml in *folder*; *people* as in its `[people]`. Only the owner can read the secrets."""
    connections = {server.sandbox.name: _connection(folder, server) for server in servers}
    accounts = "\n".join(f"{_toml(mail)} = {_toml(known)}" for mail, known in people.items())
    file = folder / "hub.toml"
    file.write_text(TEMPLATE.format(people=accounts, **connections), encoding="utf-8")
    return file


def _connection(folder: Path, server: SandboxServer) -> str:
    for name, secret in server.sandbox.environment().items():
        place = _place(folder, name)
        place.touch(mode=0o600)
        place.write_text(secret, encoding="utf-8")
    return "\n".join(f"{name} = {_toml(_from_files(value, folder))}" for name, value in server.connection().items())


def _place(folder: Path, variable: str) -> Path:
    return folder / variable.lower().replace("_", ".")


def _from_files(value: Any, folder: Path) -> Any:
    """*value* with every secret read from its file instead of the environment."""
    if not isinstance(value, Mapping):
        return value
    if set(value) == {"env"}:
        return {"file": str(_place(folder, str(value["env"])))}
    return {name: _from_files(inner, folder) for name, inner in value.items()}


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_toml(inner)}" for name, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
