"""The command that brings services into step: sync."""

import click

from hub.app import Hub
from hub.cli.command import command, pass_session
from hub.cli.progress import shown
from hub.cli.reports import show_report
from hub.cli.session import Session
from hub.sync import Report


@command("hub sync --dry-run\nhub sync delivery")
@click.argument("names", nargs=-1, metavar="[SYNC]...")
@click.option("--dry-run", is_flag=True, help="Show what a run would do, and do nothing.")
@click.option("--full", is_flag=True, help="Read everything, not only what changed.")
@pass_session
def sync(session: Session, names: tuple[str, ...], dry_run: bool, full: bool) -> int:
    """Bring the services of each SYNC into step, or of all syncs if none is named.

    Only what differs is written, field by field. Where two people changed the same field apart, its rule in hub.toml
    decides: by default the newer edit wins, and the history keeps the other; with `ask` it waits under `hub conflicts`.
    """
    with session.hub() as hub:
        wanted = [hub.sync_named(name).name for name in dict.fromkeys(names)] or list(hub.config.syncs)
        reports = [_one(session, hub, name, dry_run, full) for name in wanted]
    if session.json:
        session.screen.document([report.as_json() for report in reports])
    return max((report.exit_code for report in reports), default=0)


def _one(session: Session, hub: Hub, name: str, dry_run: bool, full: bool) -> Report:
    screen = session.screen
    with shown(screen, name) as progress:
        report = session.wait_for(hub.sync(name, dry_run=dry_run, full=full, progress=progress))
    if not session.json:
        show_report(screen, report.as_json(), hub.in_step(name))
    return report
