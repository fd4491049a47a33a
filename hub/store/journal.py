"""What happened: events, runs, how far reading has come, how connections fare."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from hub.mapping import Account
from hub.model import Kind
from hub.reconcile import Event
from hub.sdk.records import Cursor
from hub.store import codec
from hub.store.base import Tables
from hub.store.database import speaking_of
from hub.store.rows import marks


class Journal(Tables):
    """The tables of events, cursors, runs, accounts, connections and facts."""

    def keep_events(self, events: Iterable[Event], run: str | None) -> None:
        """Append to the history."""
        self._many(
            f"INSERT INTO events (key, field, old, new, who, connection, at, because, run) VALUES ({marks(range(9))})",
            (codec.event_row(event, run) for event in events),
        )

    def history(self, key: str, field: str | None = None) -> list[dict[str, Any]]:
        """What happened to an entity, oldest first, in the shape of `hub history --json`."""
        sql = "SELECT at, field, old, new, who, connection, because, run FROM events WHERE key = ?"
        sql, values = (f"{sql} AND field = ?", [key, field]) if field else (sql, [key])
        names = ("at", "field", "old", "new", "who", "connection", "because", "run")
        rows = [dict(zip(names, row, strict=True)) for row in self._rows(f"{sql} ORDER BY id", values)]
        return [{**row, "old": json.loads(row["old"]), "new": json.loads(row["new"])} for row in rows]

    def cursor(self, sync: str, connection: str, kind: Kind, settings: str) -> tuple[Cursor | None, datetime | None]:
        """How far a kind has been read under these *settings*, and when it was last read in full."""
        sql = "SELECT cursor, full_at FROM cursors WHERE sync = ? AND connection = ? AND kind = ? AND settings = ?"
        rows = self._rows(sql, [sync, connection, kind, settings])
        if not rows:
            return None, None
        cursor, full_at = rows[0]
        return json.loads(cursor), codec.instant(full_at) if full_at else None

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

    def read_at(self, sync: str, connection: str) -> datetime | None:
        """When every kind of a connection had last been read."""
        sql = "SELECT min(read_at) FROM cursors WHERE sync = ? AND connection = ?"
        ((at,),) = self._rows(sql, [sync, connection])
        return codec.instant(at) if at else None

    def start_run(self, sync: str, at: datetime) -> str:
        """A new run's name: `R-17`."""
        with speaking_of(self.path):
            cursor = self.db.conn.execute("INSERT INTO runs (sync, started_at) VALUES (?, ?)", [sync, codec.moment(at)])
        return f"R-{cursor.lastrowid}"

    def end_run(self, run: str, at: datetime, outcome: str, report: Mapping[str, Any]) -> None:
        """Keep what a run did."""
        number = int(run.removeprefix("R-"))
        values = [codec.moment(at), outcome, codec.text(report), number]
        self._run("UPDATE runs SET ended_at = ?, outcome = ?, report = ? WHERE number = ?", values)

    def last_run(self, sync: str) -> dict[str, Any] | None:
        """The newest run of a sync: run, started_at, ended_at, outcome."""
        sql = "SELECT number, started_at, ended_at, outcome FROM runs WHERE sync = ? ORDER BY number DESC LIMIT 1"
        rows = self._rows(sql, [sync])
        if not rows:
            return None
        number, started, ended, outcome = rows[0]
        return {"run": f"R-{number}", "started_at": started, "ended_at": ended, "outcome": outcome}

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
