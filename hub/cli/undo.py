"""The command that takes back what a run did: undo."""

import shlex
from collections.abc import Sequence

import click

from hub.cli.command import command, pass_session
from hub.cli.progress import shown
from hub.cli.reports import show_report
from hub.cli.session import Session
from hub.sync import Report


@command("hub undo R-17 --dry-run\nhub undo R-17\nhub undo R-17 --rule latest --field due")
@click.argument("run")
@click.option("--rule", metavar="RULE", help="Only what this rule decided: latest, owner:jira, merge.")
@click.option("--field", metavar="FIELD", help="Only this field.")
@click.option("--actor", metavar="WHO", help="Only what this person changed, named as in hub history.")
@click.option("--key", metavar="KEY", help="Only this entity and its copies.")
@click.option("--everywhere", is_flag=True, help="Set back also the copies on which people had typed the new values.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@pass_session
def undo(
    session: Session,
    run: str,
    rule: str | None,
    field: str | None,
    actor: str | None,
    key: str | None,
    everywhere: bool,
    dry_run: bool,
) -> int:
    """Take back what RUN did: every copy it wrote shows again what it showed before.

    What was changed since is left as it is, and listed. A copy on which a person had typed the new value keeps it,
    and waits under `hub conflicts`, unless you say --everywhere. An undo is a run, and can be undone.
    """
    with session.hub() as hub:
        choice = hub.choice(rule=rule, field=field, actor=actor, key=key)
        with shown(session.screen, f"undo {run}") as progress:
            work = hub.undo(run, choice=choice, everywhere=everywhere, dry_run=dry_run, progress=progress)
            report = session.wait_for(work)
    if session.json:
        session.screen.document(report.as_json())
    else:
        given = {"rule": rule, "field": field, "actor": actor, "key": key}
        options = [f"--{name}={value}" for name, value in given.items() if value is not None]
        _show(session, report, ["undo", run.upper(), *options, *(["--everywhere"] if everywhere else [])])
    return report.exit_code


def _show(session: Session, report: Report, same: Sequence[str]) -> None:
    """The report, and with what the *same* is done in earnest, or brought back."""
    screen = session.screen
    if report.dry_run and not report.plan:
        for problem in report.problems:
            screen.line(" ".join(str(problem[name]) for name in ("key", "spoke", "message") if problem[name]))
        screen.line("No copy would be written.", "bold")
        return
    show_report(screen, report.as_json(), {})
    if report.writes:
        again = f"Do it with: hub {shlex.join(same)}"
        said = again if report.dry_run else f"Bring it back again with: hub undo {report.run}"
        screen.note(said, "dim")
