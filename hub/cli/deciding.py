"""Commands by which a person decides: conflicts, resolve."""

import json
from typing import Any

import click

from hub.app import Hub
from hub.cli.command import command, pass_session
from hub.cli.looking import show_holds
from hub.cli.screen import listed, short
from hub.cli.session import Session
from hub.errors import HubError, UsageError


@command("hub conflicts")
@pass_session
def conflicts(session: Session) -> int:
    """List what waits for a person: two people changed the same field, and no rule decides."""
    with session.hub() as hub:
        holds = hub.conflicts()
    screen = session.screen
    if session.json:
        screen.document(holds)
    elif not holds:
        screen.line("Nothing waits for a person.")
    else:
        show_holds(screen, holds)
        first = holds[0]
        screen.note(f"\nDecide with: hub resolve {first['id']} --take {first['candidates'][0]['connection']}", "dim")
    return 0


@command("hub resolve H-4 --take jira\nhub resolve H-4 --value '\"2026-12-01\"'")
@click.argument("hold")
@click.option("--take", metavar="CONNECTION", help="Let the value of this connection stand.")
@click.option("--value", metavar="JSON", help="Set a value of your own, written as JSON.")
@pass_session
def resolve(session: Session, hold: str, take: str | None, value: str | None) -> int:
    """Settle the conflict HOLD, and write what was decided to every copy.

    A service that cannot be reached now is written to by the next sync.
    """
    if (take is None) == (value is None):
        raise click.UsageError("Give either --take CONNECTION or --value JSON.")
    with session.hub() as hub:
        given = {} if value is None else {"value": _json(value)}
        settled = hub.resolve(hold, take=take, **given)
        report, left = session.wait_for(_spread(hub, settled["key"]))
    screen = session.screen
    if session.json:
        screen.document({**settled, "spread": report})
    screen.note(f"{settled['id']}: {settled['field']} of {settled['key']} is {short(settled['value'])} now.")
    for problem in left:
        screen.note(f"Not everywhere yet: {problem}", "yellow")
    if not left and report and (written := [name for name, spoke in report["spokes"].items() if spoke["writes"]]):
        screen.note(f"Written to {listed(written)}.")
    return 0


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(
            f"{text!r} is not JSON: {error}",
            fix=f"text needs quotes of its own: --value {json.dumps(json.dumps(text))}",
        ) from None


async def _spread(hub: Hub, key: str) -> tuple[dict[str, Any] | None, list[str]]:
    """The report of spreading, and what is left; the decision stands whatever becomes of it."""
    try:
        report = await hub.spread(key)
    except HubError as error:
        return None, [str(error)]
    return report.as_json(), [_where(problem) for problem in report.problems]


def _where(problem: Any) -> str:
    spoke, message = problem["spoke"] or "", str(problem["message"])
    return message if not spoke or message.startswith(spoke) else f"{spoke}: {message}"
