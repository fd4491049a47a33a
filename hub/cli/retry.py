"""The command that has another try at what is stuck: retry."""

from collections.abc import Mapping
from typing import Any

import click

from hub.cli.command import command, pass_session
from hub.cli.screen import short
from hub.cli.session import Session
from hub.model.counting import counted


@command("hub retry REQ-1\nhub retry --connection jira")
@click.argument("key", required=False)
@click.option("--connection", metavar="CONNECTION", help="Only what is stuck there.")
@pass_session
def retry(session: Session, key: str | None, connection: str | None) -> int:
    """Try again what a service has refused, or the hub itself has stopped: of KEY, or of everything.

    What was refused is otherwise asked for again only when it changes. A copy that was written too often, because two
    automations fight over it, is written again. Nothing is written by this command: the next sync does it.
    """
    with session.hub() as hub:
        tried = hub.retry(key, connection)
    screen = session.screen
    if session.json:
        screen.document(tried)
    elif tried:
        screen.table(["key", "kind", "where", "what", "why"], [_row(each) for each in tried])
    if tried:
        screen.note(f"{counted(len(tried), 'copy', 'copies')} will be tried again with the next: hub sync")
    else:
        screen.note("Nothing is stuck.")
    return 0


def _row(each: Mapping[str, Any]) -> list[Any]:
    return [each["key"], each["kind"], each["connection"], each["what"], short(each["why"], 100)]
