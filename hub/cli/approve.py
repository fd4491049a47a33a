"""The command that lets a held run go on: approve."""

import click

from hub.cli.command import command, pass_session
from hub.cli.progress import shown
from hub.cli.reports import show_report
from hub.cli.session import Session


@command("hub approve R-17 --dry-run\nhub approve R-17")
@click.argument("run")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@pass_session
def approve(session: Session, run: str, dry_run: bool) -> int:
    """Carry out what RUN was held for, because it would have deleted, emptied, set back or written too much.

    What is the same as in its plan is done however much it is. What has come since counts as ever: if that is too much
    again, the run is held again, and nothing is written. To take back what led to it instead: hub undo RUN.
    """
    with session.hub() as hub:
        with shown(session.screen, run) as progress:
            report = session.wait_for(hub.approve(run, dry_run=dry_run, progress=progress))
        if session.json:
            session.screen.document(report.as_json())
        else:
            show_report(session.screen, report.as_json(), hub.in_step(report.sync))
    return report.exit_code
