"""Writes the hub.toml of the demo, and its secrets in files beside it, so that it works from any terminal."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.demo import letters
from hub.sdk.sandbox import SandboxServer

TEMPLATE = """\
# What the hub keeps the same, and where. Made by `hub demo`.

[hub]
store = "sqlite:///hub.db"

[connections.mail]
name = "{team}"
{mail}

[connections.zoho]
{zoho}

[connections.jira]
{jira}

[connections.trello]
{trello}

# clients read their mail, so only what is meant for them goes there, and not before ten quiet minutes have passed

[syncs.delivery.spokes.mail]
audience    = "client"
quiet       = "10m"
client      = {{ originates = true }}
contact     = {{ originates = true }}
requirement = {{ originates = true }}
comment     = {{ originates = true, creates = true }}
attachment  = {{ originates = true, creates = true }}

# sales knows clients and contacts; requirements are a module of their own

[syncs.delivery.spokes.zoho]
client             = {{ originates = true, creates = true }}
contact            = {{ originates = true, creates = true }}
comment            = {{ originates = true, creates = true }}
attachment         = {{ originates = true, creates = true }}
status.new         = "New"
status.in_progress = "In Progress"
status.review      = "In Progress"
status.delivered   = "Done"
status.otherwise   = {{ write = "New", read = "new" }}
priority           = {{ critical = "Urgent", high = "High", medium = "Medium", low = "Low" }}

[syncs.delivery.spokes.zoho.requirement]
originates = true
creates    = true
module     = "Requirements"
fields     = {{ {fields} }}

# which issue types are requirements, and what Jira calls what the hub calls by its own words

[syncs.delivery.spokes.jira]
requirement        = {{ originates = true, creates = true, types = ["Story", "Task", "Bug"], create_type = "Story" }}
comment            = {{ originates = true, creates = true }}
attachment         = {{ originates = true, creates = true }}
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
comment            = {{ originates = true, creates = true }}
attachment         = {{ originates = true, creates = true }}
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


FIELDS = {
    "description": "Description",
    "status": "Status",
    "priority": "Priority",
    "due": "Due_Date",
    "client": "Account",
    "requester": "Contact",
}
"""The CRM's own names of what a requirement consists of."""


def write_config(folder: Path, served: Mapping[str, SandboxServer], people: Mapping[str, Mapping[str, str]]) -> Path:
    """The hub.toml in *folder*.

    Args:
        served: The services by connection. Only the owner can read their secrets.
        people: As in its `[people]`.
    """
    connections = {name: _connection(folder, server) for name, server in served.items()}
    accounts = "\n".join(f"{_toml(mail)} = {_toml(known)}" for mail, known in people.items())
    fields = ", ".join(f"{name} = {_toml(there)}" for name, there in FIELDS.items())
    file = folder / "hub.toml"
    file.write_text(TEMPLATE.format(team=letters.TEAM, people=accounts, fields=fields, **connections), encoding="utf-8")
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
