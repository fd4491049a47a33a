"""The command that looks for mistakes: check."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from hub.app import Hub
from hub.cli.command import NOT_RUN, USAGE, command, finding_json, pass_session
from hub.cli.reaching import Reached, reach_all
from hub.cli.screen import Screen
from hub.cli.session import Session
from hub.config import Config
from hub.config.live import compare, strangers
from hub.errors import ConfigError, Finding, StoreError, Transient
from hub.model.counting import counted, form
from hub.plugins import Registry
from hub.sdk.connector import Connector
from hub.sync.remapping import Remapped

COLOURS = {"error": "red", "warning": "yellow"}


@command("hub check --live")
@click.option("--live", is_flag=True, help="Also sign in everywhere, and hold the configuration against the services.")
@pass_session
def check(session: Session, live: bool) -> int:
    """Tell every mistake in the configuration at once, each with how to mend it."""
    screen, code = session.screen, 0
    accounts: dict[str, Any] = {}
    try:
        config = session.config
        findings = [
            *config.warnings,
            *config.absent(config.connections),
            *_homeless(config),
            *_broken(session.plugins),
            *_mapped_otherwise(session, config),
        ]
        if live:
            with session.forgetful_hub(config) as hub:
                reached = session.wait_for(_reach(hub))
            findings += _live_findings(config, reached)
            accounts = {name: _account(each[0]) for name, each in reached.items()}
            code = _live_code(reached)
    except ConfigError as error:
        findings = [*error.findings, *_broken(session.plugins)]
    findings = list(dict.fromkeys(findings))
    errors = [finding for finding in findings if finding.level == "error"]
    code = code or (USAGE if errors else 0)
    if session.json:
        more = {"connections": accounts} if live else {}
        screen.document({"ok": not errors, "findings": [finding_json(each) for each in findings], **more})
    else:
        _show(screen, session, findings, accounts)
    return code


def _homeless(config: Config) -> list[Finding]:
    """The database is not opened, for that would make it; that it could not be made is seen all the same."""
    folder = Path(config.store).parent
    if folder.is_dir():
        return []
    return [Finding("hub.store", "error", f"there is no folder {folder}", "make it, or name another place")]


def _mapped_otherwise(session: Session, config: Config) -> Iterator[Finding]:
    """What is mapped otherwise than in the last run, and what the next one makes of it."""
    if not Path(config.store).exists():
        return
    try:
        with session.hub() as hub:
            changed = hub.changed_mappings()
    except StoreError as error:
        yield Finding("hub.store", "error", error.message, error.fix or "hub doctor")
        return
    for sync, fields in changed.items():
        for each in fields:
            where = f"syncs.{sync}.spokes.{each.connection}.{each.kind}.{each.field}"
            fix = f"nobody edited anything: see what it would write with: hub sync {sync} --dry-run"
            yield Finding(where, "warning", _next(each), fix)


def _next(field: Remapped) -> str:
    """What the next run makes of a changed mapping."""
    copies, show = counted(field.copies, "copy", "copies"), form(field.copies, "shows", "show")
    if field.now is None:
        return f"is mapped no more: what {copies} {show} in {field.was} is left as it is"
    if field.was is None:
        return f"is mapped from now on: what {copies} {show} in {field.now} is judged as at a first meeting"
    if field.was != field.now:
        return f"is looked for in {field.now} instead of {field.was}: {copies} {form(field.copies, 'is', 'are')} read anew, and empty ones filled"
    told = f"is mapped otherwise than in the last run: {field.owed} of {copies} would be written"
    return f"{told}, {field.unread} could not be read" if field.unread else told


def _broken(registry: Registry) -> list[Finding]:
    fix = "upgrade or uninstall that plugin"
    return [
        Finding(f"plugins.{name}", "warning", f"cannot be loaded: {why}", fix) for name, why in registry.broken.items()
    ]


Meetings = dict[str, tuple[Reached, dict[str, Reached]]]
"""By connection: what it answered first, and what it answered for its part in each sync."""


async def _reach(hub: Hub) -> Meetings:
    there = {name for name, connection in hub.config.connections.items() if not connection.absent}
    asked: list[tuple[str, str, Connector]] = [
        (name, sync.name, hub.connector(spoke))
        for sync in hub.config.syncs.values()
        for name, spoke in sync.spokes.items()
        if name in there
    ]
    idle = there - {name for name, _, _ in asked}
    asked += [(name, "", hub.bare_connector(name)) for name in sorted(idle)]
    answers = await reach_all(connector for _, _, connector in asked)
    found: Meetings = {}
    for (name, sync, _), answer in zip(asked, answers, strict=True):
        found.setdefault(name, (answer, {}))[1][sync] = answer
    return found


def _live_findings(config: Config, reached: Meetings) -> list[Finding]:
    findings = [
        Finding(f"connections.{name}", "error", answer.error.message, answer.error.fix or "see the service's own state")
        for name, (answer, _) in reached.items()
        if answer.error
    ]
    for sync in config.syncs.values():
        people = {}
        for name, spoke in sync.spokes.items():
            answer = reached[name][1][sync.name] if name in reached else None
            if answer and answer.description and answer.identity:
                where, mapped = f"syncs.{sync.name}.spokes.{name}", answer.connector.mapping
                findings += compare(spoke, where, answer.description, mapped)
                if any("assignees" in spoke.connection.connector.kinds[kind].mapping for kind in spoke.routes):
                    people[name] = [p for p in answer.description.people if p.id != answer.identity.account.id]
        findings += strangers(config.people, people)
    return list(dict.fromkeys(findings))


def _live_code(reached: Meetings) -> int:
    """3 where a service could not be asked; anything else is a matter of the configuration."""
    return NOT_RUN if any(isinstance(answer.error, Transient) for answer, _ in reached.values()) else 0


def _account(answer: Reached) -> dict[str, str | None] | None:
    if answer.identity is None:
        return None
    who = answer.identity.account
    return {"account": who.id, "name": who.name, "email": who.email, "place": answer.identity.place}


def _show(screen: Screen, session: Session, findings: list[Finding], accounts: Mapping[str, Any]) -> None:
    if accounts:
        rows = [[n, a["name"], a["email"] or a["account"], a["place"]] for n, a in accounts.items() if a]
        screen.table(["connection", "signed in as", "account", "place"], rows)
        screen.line()
    for finding in sorted(findings, key=lambda each: each.level):
        screen.line(f"{finding.level}: {finding.where}: {finding.message}", COLOURS.get(finding.level, ""))
        if finding.fix:
            screen.line(f"    {finding.fix}")
    errors = sum(1 for finding in findings if finding.level == "error")
    warnings = len(findings) - errors
    said = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}" if findings else "no findings"
    screen.line(f"{session.config_file}: {said}.", "bold")
