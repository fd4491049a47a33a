"""Commands that look: status, list, show, history, blame. They read the hub's memory, and call no service."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from hub.app import Hub
from hub.cli.command import command, pass_session
from hub.cli.screen import Screen, ago, moment, short
from hub.cli.session import Session
from hub.model import Kind
from hub.model.counting import counted

MOST_BROKEN = 20


@command("hub status")
@pass_session
def status(session: Session) -> int:
    """Show how every sync and its connections fare."""
    with session.hub() as hub:
        found = hub.status()
        if session.json:
            session.screen.document(found)
        else:
            _show_status(session.screen, found, hub)
    return 0


def _show_status(screen: Screen, found: Mapping[str, Any], hub: Hub) -> None:
    now = hub.clock()
    columns = ["sync", "last run", "", "entities", "conflicts", "changes", "blocked", "failed"]
    screen.table(
        columns,
        [
            [name, *_last(sync["last_run"], now), _entities(sync["entities"])]
            + [sync[count] for count in ("conflicts", "changes", "blocked", "failed")]
            for name, sync in found["syncs"].items()
        ],
        numbers=columns[4:],
    )
    _show_held(screen, found["syncs"], now)
    _show_hidden(screen, found["syncs"])
    screen.line()
    screen.table(
        ["connection", "in", "state", "read", ""],
        [
            [connection, name, fares["state"], _read(fares["cursor_age_s"]), fares.get("message", "")]
            for name, sync in found["syncs"].items()
            for connection, fares in sync["connections"].items()
        ],
    )


def _show_held(screen: Screen, syncs: Mapping[str, Mapping[str, Any]], now: Any) -> None:
    """Which plans wait for approval, and why."""
    for name, sync in syncs.items():
        if sync["held"]:
            screen.line()
            screen.line(f"{name} writes nothing: {sync['held']} was held {ago(sync['since'], now)}, as it", "yellow")
            for breach in sync["breaches"]:
                screen.line(f"  {breach}")
            screen.line(f"See all of it with: hub approve {sync['held']} --dry-run")


def _show_hidden(screen: Screen, syncs: Mapping[str, Mapping[str, Any]]) -> None:
    """Which copies wait until they can be seen again, as nothing else tells of them any more."""
    for connection, count in {name: n for sync in syncs.values() for name, n in sync["hidden"].items()}.items():
        screen.line()
        what = f"{counted(count, 'copy', 'copies')} in {connection}"
        screen.line(
            f"{what} cannot be seen any more: nothing is written there until the account may see more", "yellow"
        )
        screen.line(f"Look again with: hub retry --connection {connection}, then hub sync")


def _last(run: Mapping[str, Any] | None, now: Any) -> tuple[str, str]:
    if run is None:
        return "never", ""
    went = run["outcome"] or ("is still going on" if run["going_on"] else "broke off: hub sync goes on from there")
    return ago(run["ended_at"] or run["started_at"], now), f"{run['run']} {went}"


def _read(age_s: float | None) -> str:
    return "never" if age_s is None else f"{age_s:.0f} s ago" if age_s < 120 else f"{age_s / 60:.0f} min ago"


def _entities(counts: Mapping[str, int]) -> str:
    return ", ".join(counted(counts[kind], kind) for kind in Kind if counts.get(kind)) or "none"


@command("hub list requirements", name="list")
@click.argument("kind", required=False)
@pass_session
def list_(session: Session, kind: str | None) -> int:
    """List what the hub keeps, with its copies; only of one KIND if that is given.

    KIND is client, contact, requirement, task, comment or attachment.
    """
    with session.hub() as hub:
        rows = hub.listing(kind)
    screen = session.screen
    if session.json:
        screen.document(rows)
    elif not rows:
        screen.line("There is nothing yet. Bring it in with: hub sync")
    else:
        places = list(dict.fromkeys(name for row in rows for name in row["bindings"]))
        screen.table(
            ["key", "status", "title", *places],
            [
                [row["key"], row["status"], short(row["title"], 80), *(_place(row["bindings"].get(p)) for p in places)]
                for row in rows
            ],
        )
        screen.note(counted(len(rows), "entry", "entries"), "dim")
    return 0


def _place(binding: Mapping[str, Any] | None) -> str:
    return "" if binding is None else str(binding["key"] or binding["id"])


@command("hub show REQ-1\nhub show REQ-1 --at 2026-05-04\nhub show REQ-1 --at R-17")
@click.argument("key")
@click.option("--at", metavar="TIME", help="As the hub knew it then: 2026-05-04T09:30:00Z, 2026-05-04, R-17.")
@pass_session
def show(session: Session, key: str, at: str | None) -> int:
    """Show everything about KEY: its fields, its copies, what belongs to it, what waits for a person.

    With --at only its fields, as the hub knew them at that time, and who had set each. A date stands for the end of
    that day in UTC; a run, R-17, for just before it.
    """
    with session.hub() as hub:
        found = hub.detail(key) if at is None else hub.detail_at(key, at)
    if session.json:
        session.screen.document(found)
    elif at is None:
        _show_entity(session.screen, found)
    else:
        session.screen.heading(f"{found['key']}  {found['title']}  at {found['at']}")
        _show_blame(session.screen, found["blame"])
    return 0


def _show_entity(screen: Screen, found: Mapping[str, Any]) -> None:
    screen.heading(f"{found['key']}  {found['title']}")
    long = {name: value for name, value in found["fields"].items() if isinstance(value, str) and "\n" in value.strip()}
    told = {n: v for n, v in found["fields"].items() if n not in long and n != "title" and v not in (None, "", [], {})}
    screen.pairs({name: short(value, 200) for name, value in told.items()})
    for name, value in long.items():
        screen.line()
        screen.heading(name)
        screen.line(value.strip())
    screen.line()
    show_bindings(screen, found["bindings"])
    if found["children"]:
        screen.line(f"\nbelongs to it: {', '.join(found['children'])}")
    if found["holds"]:
        screen.line()
        show_holds(screen, found["holds"])


def show_bindings(screen: Screen, bindings: Mapping[str, Mapping[str, Any]]) -> None:
    """The copies of an entity, and why any of them is stuck."""
    if not bindings:
        screen.line("It has no copies.")
        return
    screen.table(
        ["copy in", "key", "id", "state", "where"],
        [[name, tie["key"], tie["id"], tie["state"], tie["url"]] for name, tie in bindings.items()],
    )
    for name, tie in bindings.items():
        for field, why in tie.get("blocked", {}).items():
            screen.line(f"{name}: {field}: {why}", "yellow")


def show_holds(screen: Screen, holds: Sequence[Mapping[str, Any]]) -> None:
    """What waits for a person: the last agreement, and what each side wants instead."""
    screen.table(
        ["id", "key", "field", "where", "value", "who", "when"],
        [row for hold in holds for row in _hold_rows(hold)],
    )


def _hold_rows(hold: Mapping[str, Any]) -> list[list[Any]]:
    named = [hold["id"], hold["key"], hold["field"]]
    base = hold["base"]
    first = "" if isinstance(base, dict) and "$" in base else short(base)
    sides = [[c["connection"], short(c["value"]), c["who"], moment(c["at"])] for c in hold["candidates"]]
    rows = [["before", first, "", ""], *sides] if first else sides
    return [[*(named if i == 0 else ["", "", ""]), *row] for i, row in enumerate(rows)]


@command("hub history REQ-1 --field due\nhub history --verify")
@click.argument("key", required=False)
@click.option("--field", metavar="FIELD", help="Only what happened to this field.")
@click.option("--verify", is_flag=True, help="Check that nobody has changed, added or taken out an event.")
@pass_session
def history(session: Session, key: str | None, field: str | None, verify: bool) -> int:
    """Show what happened to KEY, oldest first: what changed, who did it, where, and by what right.

    With --verify, check the whole history instead: each event is sealed with all before it.
    """
    if verify == (key is not None) or (verify and field is not None):
        raise click.UsageError("Give either a KEY or --verify.")
    if key is None:
        return _verify(session)
    with session.hub() as hub:
        rows = hub.history(key, field)
    if session.json:
        session.screen.document(rows)
    else:
        session.screen.table(
            ["when", "field", "from", "to", "who", "where", "because", "run"],
            [
                [moment(row["at"]), row["field"], short(row["old"], 40), short(row["new"], 40)]
                + [row[name] for name in ("who", "connection", "because", "run")]
                for row in rows
            ],
        )
    return 0


def _verify(session: Session) -> int:
    with session.hub() as hub:
        found = hub.verify_history()
    screen, problems = session.screen, found["problems"]
    if session.json:
        screen.document(found)
    elif found["ok"]:
        screen.line("The history is what was written: nothing was changed, added or taken out.")
    else:
        for problem in problems[:MOST_BROKEN]:
            screen.line(problem, "red")
        if len(problems) > MOST_BROKEN:
            screen.line(f"… and {len(problems) - MOST_BROKEN} more; all of them with: hub history --verify --json")
    return 0 if found["ok"] else 1


@command("hub blame REQ-1")
@click.argument("key")
@pass_session
def blame(session: Session, key: str) -> int:
    """Show for every field of KEY who set it, when, where and why."""
    with session.hub() as hub:
        found = hub.blame(key)
    if session.json:
        session.screen.document(found)
    else:
        _show_blame(session.screen, found)
    return 0


def _show_blame(screen: Screen, found: Mapping[str, Mapping[str, Any]]) -> None:
    screen.table(
        ["field", "value", "who", "where", "when", "because"],
        [
            [name, short(said["value"], 50), said["who"], said["connection"], moment(said["at"]), said["because"]]
            for name, said in found.items()
        ],
    )
