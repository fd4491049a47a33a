"""The command that looks after the hub's own memory: doctor."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from hub.app import Hub
from hub.cli.command import PROBLEMS, command, pass_session
from hub.cli.session import Session
from hub.model import Entity, Kind
from hub.model.counting import counted
from hub.reconcile import Binding, Disclosure, Hold
from hub.store import only_one_now
from hub.store.checking import CHECKS, Owes, cursor_check, owed_check
from hub.store.defects import Check, Defect, backup, examined, mended
from hub.store.lock import is_taken, lock_file
from hub.store.store import Store
from hub.sync.intake import is_owed

PATIENCE_S = 5.0
Same = tuple[str, str]


@command("hub doctor\nhub doctor --repair")
@click.option("--repair", is_flag=True, help="Mend what follows from the rest, after copying the database.")
@pass_session
def doctor(session: Session, repair: bool) -> int:
    """Examine the hub's own memory: the database, what refers to what, the files of attachments.

    What can be derived from the rest is mended with --repair, all of it or nothing, after a copy was made beside the
    database. For anything else it says what to do. No service is called.
    """
    path = session.config.store
    if not (Path(path).exists() or lock_file(path).exists()):
        session.screen.note("there is no database yet: the first sync makes it")
        return _told(session, [], ())
    with session.hub() as hub:
        checks = _checks(hub)
        found = examined(hub.store, [_lock, *checks])
        if not repair or not any(defect.mend for defect in found):
            return _told(session, found, ())
        with only_one_now(path, patience_s=PATIENCE_S, waits=hub.waits):
            found = examined(hub.store, checks)
            session.screen.note(f"the database, as it was, is copied to {backup(hub.store, hub.clock())}")
            left = mended(hub.store, checks, found)
    known, still = {defect.same for defect in found}, {defect.same for defect in left}
    return _told(session, [*found, *(each for each in left if each.same not in known)], known - still)


def _checks(hub: Hub) -> list[Check]:
    """The store's own checks, and those that hold it against the configuration."""
    pairs = [(sync.name, name) for sync in hub.config.syncs.values() for name in sync.spokes]
    return [*CHECKS, owed_check(_owes(hub)), cursor_check(pairs), _connections(hub)]


def _owes(hub: Hub) -> Owes:
    disclosures: dict[tuple[str, Kind], Disclosure] = {
        (name, kind): route.disclosure
        for sync in hub.config.syncs.values()
        for name, spoke in sync.spokes.items()
        for kind, route in spoke.routes.items()
    }

    def owes(entity: Entity, tie: Binding, holds: Sequence[Hold]) -> bool | None:
        disclosure = disclosures.get((tie.connection, tie.kind))
        return is_owed(entity, tie, holds, disclosure) if disclosure else None

    return owes


def _connections(hub: Hub) -> Check:
    def connections(store: Store) -> Iterator[Defect]:
        """Whether every connection worked the last time."""
        for name in hub.config.connections:
            known = store.connection(name)
            if known and known["state"] != "ok":
                message, _, fix = str(known["message"]).partition("\n  Next: ")
                yield Defect("connections", "warning", message or f"{name} is {known['state']}", fix or "hub sync")

    return connections


def _lock(store: Store) -> Iterator[Defect]:
    """Whether a run is going on: what is seen then may be half of something."""
    if is_taken(store.path):
        yield Defect("lock", "warning", "a run is going on at this moment", "wait until it is done, then look again")


def _told(session: Session, found: Sequence[Defect], repaired: Collection[Same]) -> int:
    """Show what was found and what became of it; the exit code."""
    screen, left = session.screen, [defect for defect in found if defect.same not in repaired]
    if session.json:
        screen.document({"ok": not left, "findings": [_json(each, each.same in repaired) for each in found]})
        return PROBLEMS if left else 0
    if found:
        rows = [[each.what, each.message, "repaired" if each.same in repaired else each.fix] for each in found]
        screen.table(["what", "found", "next"], rows)
        screen.line()
    said = f"{counted(len(found), 'finding')}, {len(found) - len(left)} repaired" if found else "nothing is wrong"
    screen.line(f"{session.config.store}: {said}.", "bold")
    return PROBLEMS if left else 0


def _json(defect: Defect, repaired: bool) -> dict[str, Any]:
    told = {"what": defect.what, "level": defect.level, "message": defect.message, "fix": defect.fix}
    return {**told, "repaired": repaired}
