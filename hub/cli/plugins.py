"""The command that tells what is installed: plugins."""

from typing import Any

from hub.cli.command import PROBLEMS, command, pass_session
from hub.cli.session import Session
from hub.model.counting import counted
from hub.plugins import Registry
from hub.sdk.connector import Connector


@command("hub plugins --json")
@pass_session
def plugins(session: Session) -> int:
    """List the installed connectors and what each can do."""
    registry, screen = session.plugins, session.screen
    rows = [_row(name, registry) for name in sorted(registry.connectors)]
    if session.json:
        screen.document(rows)
    elif rows:
        screen.table(
            ["name", "version", "distribution", "kinds", "webhooks", "sandbox"],
            [
                [row["name"], row["version"], row["distribution"], _kinds(row["kinds"])]
                + ["yes" if row[name] else "no" for name in ("webhooks", "sandbox")]
                for row in rows
            ],
        )
    else:
        screen.line("No connector is installed. Install one, such as: pip install requirement-hub-jira")
    for name, why in registry.broken.items():
        screen.note(f"{name} cannot be loaded: {why}", "red")
    return PROBLEMS if registry.broken else 0


def _row(name: str, registry: Registry) -> dict[str, Any]:
    connector = registry.connectors[name]
    distribution, version = registry.origins.get(name, (None, None))
    kinds = {
        kind.value: {"operations": sorted(spec.operations), "fields": list(spec.mapping)}
        for kind, spec in connector.kinds.items()
    }
    return {
        "name": name,
        "version": version,
        "distribution": distribution,
        "kinds": kinds,
        "webhooks": bool(getattr(connector, "webhooks", None)),
        "sandbox": has_sandbox(connector),
    }


def has_sandbox(connector: type[Connector]) -> bool:
    """Whether a connector brings an imitation of its service."""
    return connector.sandbox.__func__ is not Connector.sandbox.__func__  # type: ignore[attr-defined]


def _kinds(kinds: dict[str, dict[str, list[str]]]) -> str:
    return "; ".join(f"{kind} ({counted(len(spec['fields']), 'field')})" for kind, spec in kinds.items())
