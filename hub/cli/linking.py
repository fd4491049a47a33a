"""Commands that tie copies together and let them go: link, unlink, match."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from hub.cli.command import command, pass_session
from hub.cli.looking import show_bindings
from hub.cli.pairs import read_pairs, save_pairs
from hub.cli.screen import Screen, short
from hub.cli.session import Session
from hub.model.counting import counted, form


@command("hub link REQ-1 trello 5f0c1d2e3a4b5c6d7e8f9a0b")
@click.argument("key")
@click.argument("connection")
@click.argument("remote")
@pass_session
def link(session: Session, key: str, connection: str, remote: str) -> int:
    """Tie KEY to the record REMOTE of CONNECTION, which is there already.

    REMOTE is the service's own id. The next sync compares both. Where they differ, the field's rule in hub.toml
    decides: by default the newer edit wins, and the history keeps the other value.
    """
    with session.hub() as hub:
        bindings = session.wait_for(hub.link(key, connection, remote))
    return _show(session, bindings, "Tied. What both show is compared with the next: hub sync")


@command("hub unlink REQ-1 trello")
@click.argument("key")
@click.argument("connection")
@pass_session
def unlink(session: Session, key: str, connection: str) -> int:
    """Keep KEY and its copy in CONNECTION no longer in step. Both stay as they are."""
    with session.hub() as hub:
        bindings = hub.unlink(key, connection)
    return _show(session, bindings, "Let go. Tie it again with: hub link")


def _show(session: Session, bindings: Mapping[str, Any], said: str) -> int:
    screen = session.screen
    if session.json:
        screen.document(bindings)
    else:
        show_bindings(screen, bindings)
    screen.note(said)
    return 0


@command("hub match delivery\nhub match delivery --save pairs.csv\nhub match delivery --from pairs.csv --apply")
@click.argument("sync")
@click.option("--apply", is_flag=True, help="Tie the pairs, instead of only showing them.")
@click.option("--save", type=click.Path(path_type=Path, dir_okay=False), help="Write the pairs to a table to edit.")
@click.option(
    "--from",
    "table",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take the pairs of an edited table.",
)
@pass_session
def match(session: Session, sync: str, apply: bool, save: Path | None, table: Path | None) -> int:
    """Find records of SYNC that were made twice by hand, and look like the same thing.

    Use it before the first sync of two services that both have requirements already. Nothing is written to a service.
    A saved table (CSV) has a line for each pair; say yes or no in its first column, or add lines of your own.
    """
    chosen = read_pairs(table) if table else None
    with session.hub() as hub:
        pairs = session.wait_for(hub.match(sync, apply=apply, pairs=chosen))
    if save:
        save_pairs(save, pairs)
    screen = session.screen
    if session.json:
        screen.document(pairs)
    else:
        _show_pairs(screen, pairs)
    if pairs:
        done = (
            f"{form(len(pairs), 'is', 'are')} tied. Compare them with: hub sync --dry-run"
            if apply
            else _what_next(save)
        )
        screen.note(f"{counted(len(pairs), 'pair')} {done}")
    else:
        screen.note(f"No line of {table} says yes." if table else "No two records look like the same thing.")
    return 0


def _what_next(save: Path | None) -> str:
    return f"saved. Edit the table, then: --from {save} --apply" if save else "found. Tie them with --apply"


def _show_pairs(screen: Screen, pairs: Sequence[Mapping[str, Any]]) -> None:
    if pairs:
        rows = [[f"{p['score']:.2f}", p["why"], *_side(p["left"]), *_side(p["right"])] for p in pairs]
        screen.table(["score", "why", "left", "", "right", ""], rows, numbers=["score"])


def _side(side: Mapping[str, Any]) -> tuple[str, str]:
    return f"{side['connection']} {side['key'] or side['id']}", short(side["title"], 50)
