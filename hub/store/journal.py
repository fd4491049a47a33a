"""What happened: events, runs, how far reading has come, how connections fare."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from hub.errors import StoreError
from hub.mapping import Account
from hub.model import Kind
from hub.reconcile import Event
from hub.sdk.records import Cursor
from hub.store import codec
from hub.store.base import Tables
from hub.store.chain import BEGINNING, link, linked
from hub.store.database import speaking_of
from hub.store.events import BEGINNINGS, event_rows, told
from hub.store.migrations import EVENT
from hub.store.rows import chunks, marks

OF_ONE = """WHERE key = ? OR id = (SELECT begun FROM entities WHERE key = ?)
            OR (key = '' AND NOT EXISTS (SELECT 1 FROM entities WHERE key = ?) AND instr(new, ?)) ORDER BY id"""
"""The events of one entity: its own, and the one that tells of its beginning; that is looked for if the entity is lost."""
NUMBER = "coalesce(CAST(substr(run, 3) AS INTEGER), 0)"
"""The number of an event's run; 0 for what no run noted."""
PARTLY = "~"
"""Before the mapping under which all was judged, if some was judged under another since."""
HEAD = "history ends with"
"""Under this name stands the seal of the last event."""


class Journal(Tables):
    """The tables of events, cursors, runs, accounts, connections and facts."""

    def keep_events(self, events: Iterable[Event], run: str | None, noted: datetime) -> None:
        """Append to the history, each event sealed with all before it."""
        self._keep_events(event_rows(events, run, noted))

    def _keep_events(self, unsealed: Iterable[tuple[Any, ...]]) -> None:
        last = self._rows("SELECT chain FROM events ORDER BY id DESC LIMIT 1")
        rows = list(linked(last[0][0] if last else BEGINNING, unsealed))
        if rows:
            self._many(f"INSERT INTO events ({EVENT}, chain) VALUES ({marks(range(12))})", rows)
            self.keep_fact(HEAD, rows[-1][-1])

    def _keep_beginnings(self, told: Mapping[str, Any], run: str | None, noted: datetime) -> int | None:
        """Append what is told of the beginning of new entities, by key; the number of that event.

        A history of one line for each would take a third of what it takes to take them up.
        """
        if not told:
            return None
        nobody = ("", "", codec.moment(noted), "")
        row = ("", BEGINNINGS, codec.NOTHING_AT_ALL, codec.text(told), *nobody, run, codec.moment(noted), 0)
        self._keep_events([row])
        return int(self._rows("SELECT max(id) FROM events")[0][0])

    def find_beginning(self, key: str) -> None:
        """Note once more which event tells of the beginning of an entity, if one tells of it with others'."""
        sql = "UPDATE entities SET begun = (SELECT id FROM events WHERE key = '' AND instr(new, ?)) WHERE key = ?"
        self._run(sql, [f'"{key}":[', key])

    def history(self, key: str, field: str | None = None) -> list[dict[str, Any]]:
        """What happened to an entity, oldest first, in the shape of `hub history --json`."""
        told = self._events(OF_ONE, [key, key, key, f'"{key}":['], only=[key])
        return [event for event in told if field is None or event["field"] == field]

    def told_last(self, keys: Collection[str]) -> dict[str, dict[str, Any]]:
        """By key: the fields of which the history tells, each as it left them, in JSON."""
        found: dict[str, dict[str, Any]] = {}
        for some in chunks(keys):
            where = f"""WHERE key IN ({marks(some)}) OR id IN (SELECT begun FROM entities WHERE key IN ({marks(some)}))
                        ORDER BY id"""
            for event in self._events(where, [*some, *some], only=some):
                found.setdefault(event["key"], {})[event["field"]] = event["new"]
        return found

    def events_of(self, run: str) -> list[dict[str, Any]]:
        """What happened in a run, oldest first, each with the `key` of its entity."""
        return list(self._events("WHERE run = ? ORDER BY id", [run]))

    def begun_in(self, run: str) -> set[str]:
        """The keys whose history begins in a run: what it imported."""
        sql = """SELECT key FROM events AS e WHERE run = ? AND key <> '' GROUP BY key
                 HAVING min(id) = (SELECT min(id) FROM events WHERE key = e.key)
                 AND (SELECT begun FROM entities WHERE key = e.key) IS NULL
                 UNION SELECT key FROM entities WHERE begun IN (SELECT id FROM events WHERE run = ? AND key = '')"""
        return {key for (key,) in self._rows(sql, [run, run])}

    def changed_since(self, keys: Iterable[str], since: datetime, run: int) -> list[tuple[str, str, datetime, int]]:
        """What people changed later than *since*, or after a run: key, connection, when that was noted, and in which run.

        Args:
            run: The number of the run. Its order tells what came first also where our clock was set back in between.
        """
        found: list[tuple[str, str, datetime, int]] = []
        for some in chunks(keys):
            sql = f"""SELECT DISTINCT key, connection, noted, {NUMBER} AS number
                      FROM events WHERE key IN ({marks(some)}) AND ({NUMBER} > ? OR noted > ?) AND because <> 'read'
                      UNION SELECT e.key, json_extract(new, '$."' || e.key || '"[0][1]') AS place, noted, {NUMBER} AS number
                      FROM entities AS e JOIN events AS v ON v.id = e.begun
                      WHERE e.key IN ({marks(some)}) AND ({NUMBER} > ? OR noted > ?) AND place IS NOT NULL"""
            later = [*some, run, codec.moment(since)]
            for key, connection, noted, number in self._rows(sql, [*later, *later]):
                found.append((key, connection, codec.instant(noted), number))
        return found

    def runs_within(self, first: datetime, last: datetime) -> list[tuple[int, datetime, datetime]]:
        """The runs that went on at some time from *first* to *last*: number, when it began, when it ended; the first run first."""
        sql = "SELECT number, started_at, ended_at FROM runs WHERE ended_at >= ? AND started_at <= ? ORDER BY number"
        rows = self._rows(sql, [codec.moment(first), codec.moment(last)])
        return [(number, codec.instant(began), codec.instant(ended)) for number, began, ended in rows]

    def _events(self, where: str, values: Sequence[Any], only: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
        """The events of a statement, one for each field of each entity; of those that tell of many, *only* those of one."""
        for row in self._rows(f"SELECT {EVENT} FROM events {where}", values):
            yield from told(row, only)

    def broken_seals(self) -> list[str]:
        """What is wrong with the history: sentences that name the entity; none if nobody has tampered with it.

        Reads event by event, so that a history of millions needs no memory; all of it as it is at one moment.
        """
        before, found = BEGINNING, []
        with speaking_of(self.named), self.db.atomic():
            for number, *row, chain in self.db.conn.execute(f"SELECT id, {EVENT}, chain FROM events ORDER BY id"):
                if link(before, row) != chain:
                    found.append(
                        f"event {number} of {_whose(row)} is not what was written, or one before it was taken out"
                    )
                before = chain
            if before != (self.fact(HEAD) or BEGINNING):
                found.append("the history ends elsewhere than it did: events were taken off its end, or put there")
        return found

    def cursor(self, sync: str, connection: str, kind: Kind, settings: str) -> tuple[Cursor | None, datetime | None]:
        """How far a kind has been read under these *settings*, and when it was last read in full."""
        sql = "SELECT cursor, full_at FROM cursors WHERE sync = ? AND connection = ? AND kind = ? AND settings = ?"
        rows = self._rows(sql, [sync, connection, kind, settings])
        if not rows:
            return None, None
        cursor, full_at = rows[0]
        return codec.data_of(cursor), codec.instant(full_at) if full_at else None

    def keep_cursor(
        self,
        sync: str,
        connection: str,
        kind: Kind,
        cursor: Cursor,
        settings: str,
        at: datetime,
        full_at: datetime | None,
    ) -> None:
        """Remember how far reading has come."""
        shown = codec.moment(full_at) if full_at else None
        self._run(
            f"INSERT OR REPLACE INTO cursors VALUES ({marks(range(7))})",
            [sync, connection, kind, codec.text(cursor), settings, codec.moment(at), shown],
        )

    def keep_full_reading(self, sync: str, connection: str, kind: Kind, at: datetime) -> None:
        """Everything there is has been read."""
        sql = "UPDATE cursors SET full_at = ? WHERE sync = ? AND connection = ? AND kind = ?"
        self._run(sql, [codec.moment(at), sync, connection, kind])

    def want_full_reading(self, connection: str, kind: Kind) -> None:
        """Have everything of a kind read by the next run."""
        self._run("UPDATE cursors SET full_at = NULL WHERE connection = ? AND kind = ?", [connection, kind])

    def mapped(self, sync: str, connection: str, kind: Kind) -> tuple[str | None, bool]:
        """Under which mapping all records of a kind were last judged, and whether some were judged under another since."""
        sql = "SELECT prints FROM mapped WHERE sync = ? AND connection = ? AND kind = ?"
        rows = self._rows(sql, [sync, connection, kind])
        return (str(rows[0][0]).removeprefix(PARTLY), str(rows[0][0]).startswith(PARTLY)) if rows else (None, False)

    def note_mapped(self, sync: str, connection: str, kind: Kind, prints: str) -> None:
        """Some records of a kind are judged under this mapping: if it is another, not all are under one any more."""
        self._run(
            """UPDATE mapped SET prints = ? || prints WHERE sync = ? AND connection = ? AND kind = ?
               AND prints != ? AND prints NOT LIKE ? || '%'""",
            [PARTLY, sync, connection, kind, prints, PARTLY],
        )

    def keep_mapped(self, sync: str, connection: str, kind: Kind, prints: str) -> None:
        """All records of a kind are judged, or wait to be, under this mapping."""
        self._run("INSERT OR REPLACE INTO mapped VALUES (?, ?, ?, ?)", [sync, connection, kind, prints])

    def read_at(self, sync: str, connection: str) -> datetime | None:
        """When every kind of a connection had last been read."""
        sql = "SELECT min(read_at) FROM cursors WHERE sync = ? AND connection = ?"
        ((at,),) = self._rows(sql, [sync, connection])
        return codec.instant(at) if at else None

    def start_run(self, sync: str, at: datetime) -> str:
        """A new run's name: `R-17`."""
        with speaking_of(self.named):
            cursor = self.db.conn.execute("INSERT INTO runs (sync, started_at) VALUES (?, ?)", [sync, codec.moment(at)])
        return f"R-{cursor.lastrowid}"

    def end_run(self, run: str, at: datetime, outcome: str, report: Mapping[str, Any]) -> None:
        """Keep what a run did."""
        number = int(run.removeprefix("R-"))
        values = [codec.moment(at), outcome, codec.text(report), number]
        self._run("UPDATE runs SET ended_at = ?, outcome = ?, report = ? WHERE number = ?", values)

    def last_run(self, sync: str | None = None) -> dict[str, Any] | None:
        """The newest run, of a sync if that is given: run, started_at, ended_at, outcome."""
        where, values = ("WHERE sync = ?", [sync]) if sync else ("", [])
        sql = f"SELECT number, started_at, ended_at, outcome FROM runs {where} ORDER BY number DESC LIMIT 1"
        rows = self._rows(sql, values)
        if not rows:
            return None
        number, started, ended, outcome = rows[0]
        return {"run": f"R-{number}", "started_at": started, "ended_at": ended, "outcome": outcome}

    def run_named(self, run: str) -> dict[str, Any] | None:
        """A run by its name, `R-17`: sync, started_at, ended_at, outcome; None if there was no such run."""
        number = run.removeprefix("R-")
        if not number.isdecimal():
            return None
        rows = self._rows("SELECT sync, started_at, ended_at, outcome FROM runs WHERE number = ?", [int(number)])
        return dict(zip(("sync", "started_at", "ended_at", "outcome"), rows[0], strict=True)) if rows else None

    def fact(self, name: str) -> str | None:
        """A single remembered value."""
        rows = self._rows("SELECT value FROM facts WHERE name = ?", [name])
        return str(rows[0][0]) if rows else None

    def keep_fact(self, name: str, value: str) -> None:
        """Remember a single value."""
        self._run("INSERT OR REPLACE INTO facts VALUES (?, ?)", [name, value])

    def sealed(self, connection: str, name: str) -> str | None:
        """A sealed credential of a connection."""
        rows = self._rows("SELECT sealed FROM credentials WHERE connection = ? AND name = ?", [connection, name])
        return str(rows[0][0]) if rows else None

    def keep_sealed(self, connection: str, name: str, sealed: str) -> None:
        """Remember a sealed credential."""
        self._run("INSERT OR REPLACE INTO credentials VALUES (?, ?, ?)", [connection, name, sealed])

    def keep_accounts(self, connection: str, accounts: Iterable[Account]) -> None:
        """Remember what a service has shown of its accounts; what was once seen of one is not forgotten."""
        self._many(
            """INSERT INTO accounts VALUES (?, ?, ?, ?, ?) ON CONFLICT (connection, id) DO UPDATE SET
               name = iif(excluded.name = '', name, excluded.name), email = coalesce(excluded.email, email),
               username = iif(excluded.username = '', username, excluded.username)""",
            ((connection, a.id, a.name, a.email, a.username) for a in accounts),
        )

    def accounts(self, connection: str) -> list[Account]:
        """Every account that a connection has shown."""
        rows = self._rows(
            "SELECT id, name, email, username FROM accounts WHERE connection = ? ORDER BY id", [connection]
        )
        return [Account(*row) for row in rows]

    def keep_connection(
        self, name: str, place: str | None, account: str | None, state: str, message: str, at: datetime
    ) -> None:
        """How a connection fares; its place and account stay what they were where these are None."""
        self._run(
            """INSERT INTO connections VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET
               place = coalesce(excluded.place, place), account = coalesce(excluded.account, account),
               state = excluded.state, message = excluded.message, at = excluded.at""",
            [name, place, account, state, message, codec.moment(at)],
        )

    def connection(self, name: str) -> dict[str, Any] | None:
        """What is known of a connection: place, account, state, message, at."""
        rows = self._rows("SELECT place, account, state, message, at FROM connections WHERE name = ?", [name])
        return dict(zip(("place", "account", "state", "message", "at"), rows[0], strict=True)) if rows else None


def _whose(row: Sequence[Any]) -> str:
    """The key of an event's entity, or the first and the last of those that began together."""
    key, field, _, new = row[:4]
    if field != BEGINNINGS:
        return str(key)
    try:
        keys = list(codec.data_of(new))
    except StoreError:
        return "several"
    return f"{keys[0]} to {keys[-1]}" if keys[1:] else keys[0]
