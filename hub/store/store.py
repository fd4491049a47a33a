"""The hub's memory: one transaction per fact."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlite_utils import Database

from hub.mapping import Account
from hub.model import Entity, Kind
from hub.reconcile import Binding, Event, Hold
from hub.sdk.records import Cursor, Record
from hub.store import codec
from hub.store.database import copy_of, open_database, speaking_of
from hub.store.rows import chunks, marks

BINDING = "connection, kind, remote, key, seen, agreed, maps, blocked, digest, shown_key, url, state"


@dataclass(frozen=True, slots=True)
class Kept:
    """A record in the inbox, and when it was read."""

    connection: str
    kind: Kind
    record: Record
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Intent:
    """A create that may have been sent: what was asked for, and the canonical values that this stands for."""

    connection: str
    kind: Kind
    key: str
    fields: Mapping[str, Any]
    agreed: Mapping[str, Any]
    at: datetime
    refused: str | None = None
    """The service's words, where it said no; tried again once there is something else to ask for."""


class Store:
    """Entities, bindings, inbox, intents, holds, events, cursors, runs and accounts in one SQLite database.

    Every method may raise StoreError.
    """

    def __init__(self, database: Database, path: str) -> None:
        self.db, self.path = database, path

    @classmethod
    def open(cls, path: str) -> Self:
        """The store at *path*, made if there is none."""
        return cls(open_database(path), path)

    def copy(self) -> Self:
        """A copy in memory, for trying."""
        return type(self)(copy_of(self.db), self.path)

    def close(self) -> None:
        """Let go of the file."""
        self.db.conn.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything in the block is kept together or not at all."""
        with speaking_of(self.path), self.db.atomic():
            yield

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with speaking_of(self.path):
            return self.db.conn.execute(sql, values).fetchall()

    def _run(self, sql: str, values: Sequence[Any] = ()) -> int:
        with speaking_of(self.path):
            return int(self.db.conn.execute(sql, values).rowcount)

    def _many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with speaking_of(self.path):
            self.db.conn.executemany(sql, rows)

    # entities

    def next_keys(self, kind: Kind, count: int) -> list[str]:
        """*count* keys of *kind* that no entity has yet; taken once entities are kept under them."""
        ((last,),) = self._rows("SELECT coalesce(max(number), 0) FROM entities WHERE kind = ?", [kind])
        return [f"{kind.prefix}-{last + i}" for i in range(1, count + 1)]

    def entities(self, keys: Iterable[str]) -> dict[str, Entity]:
        """Those of *keys* that exist."""
        found: dict[str, Entity] = {}
        for some in chunks(keys):
            rows = self._rows(f"SELECT key, doc FROM entities WHERE key IN ({marks(some)})", some)
            found |= {key: codec.entity_from(key, doc) for key, doc in rows}
        return found

    def entities_of(self, kind: Kind | None = None) -> Iterator[Entity]:
        """All entities, of one kind if that is given, by kind and number."""
        where, values = ("WHERE kind = ?", [kind]) if kind else ("", [])
        for key, doc in self._rows(f"SELECT key, doc FROM entities {where} ORDER BY kind, number", values):
            yield codec.entity_from(key, doc)

    def keys_without(self, connection: str, kind: Kind, bound_to: Sequence[str]) -> list[str]:
        """Keys of entities of *kind* that never had a copy on *connection*, and have one on any of *bound_to*."""
        sql = f"""SELECT key FROM entities WHERE kind = ?
                  AND key NOT IN (SELECT key FROM bindings WHERE connection = ? AND kind = ?)
                  AND key IN (SELECT key FROM bindings WHERE state = 'bound' AND connection IN ({marks(bound_to)}))
                  ORDER BY number"""
        return [key for (key,) in self._rows(sql, [kind, connection, kind, *bound_to])]

    def keep_entities(self, entities: Iterable[Entity]) -> None:
        """Put *entities* as they are now."""
        rows = ((e.key, e.kind, int(e.key.partition("-")[2]), e.label, codec.entity_text(e)) for e in entities)
        self._many(
            "INSERT INTO entities VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET title = excluded.title, doc = excluded.doc",
            rows,
        )

    def counts(self) -> dict[str, int]:
        """How many entities there are, by kind."""
        return dict(self._rows("SELECT kind, count(*) FROM entities GROUP BY kind"))

    # bindings

    def bindings_of(self, keys: Iterable[str]) -> dict[str, list[Binding]]:
        """Every tie of each of *keys*."""
        found: dict[str, list[Binding]] = {}
        for some in chunks(keys):
            for row in self._rows(f"SELECT {BINDING} FROM bindings WHERE key IN ({marks(some)})", some):
                found.setdefault(row[3], []).append(codec.binding_from(row))
        return found

    def bindings_at(self, connection: str, kind: Kind, remotes: Iterable[str]) -> dict[str, Binding]:
        """By remote id: the ties of those copies that have one."""
        found: dict[str, Binding] = {}
        for some in chunks(remotes):
            sql = f"SELECT {BINDING} FROM bindings WHERE connection = ? AND kind = ? AND remote IN ({marks(some)})"
            found |= {row[2]: codec.binding_from(row) for row in self._rows(sql, [connection, kind, *some])}
        return found

    def owed(self, connection: str, kind: Kind) -> list[Binding]:
        """The copies that are owed something, by key."""
        sql = f"SELECT {BINDING} FROM bindings WHERE connection = ? AND kind = ? AND owed = 1 AND state = 'bound' ORDER BY key"
        return [codec.binding_from(row) for row in self._rows(sql, [connection, kind])]

    def blocked(self, connection: str | None = None) -> list[Binding]:
        """The copies of which something can be neither read nor written."""
        where, values = ("AND connection = ?", [connection]) if connection else ("", [])
        sql = f"SELECT {BINDING} FROM bindings WHERE blocked <> '{{}}' {where} ORDER BY key"
        return [codec.binding_from(row) for row in self._rows(sql, values)]

    def digests(self, connection: str, kind: Kind, remotes: Iterable[str]) -> dict[str, str]:
        """By remote id: the digest of the record last judged."""
        found: dict[str, str] = {}
        for some in chunks(remotes):
            sql = f"SELECT remote, digest FROM bindings WHERE connection = ? AND kind = ? AND remote IN ({marks(some)})"
            found |= dict(self._rows(sql, [connection, kind, *some]))
        return found

    def remotes(self, connection: str, kind: Kind) -> dict[str, str]:
        """Every bound copy: remote id → key."""
        sql = "SELECT remote, key FROM bindings WHERE connection = ? AND kind = ? AND state = 'bound'"
        return dict(self._rows(sql, [connection, kind]))

    def remote_of(self, connection: str, key: str) -> str | None:
        """The id of the copy of *key* on *connection*."""
        rows = self._rows("SELECT remote FROM bindings WHERE connection = ? AND key = ?", [connection, key])
        return rows[0][0] if rows else None

    def keep_bindings(self, bindings: Iterable[tuple[Binding, bool]]) -> None:
        """Put ties as they are now, each with whether its copy is owed something."""
        rows = (codec.binding_row(binding, owed=owed) for binding, owed in bindings)
        self._many(f"INSERT OR REPLACE INTO bindings VALUES ({marks(range(13))})", rows)

    def drop_binding(self, binding: Binding) -> None:
        """Forget a tie; entity and copy stay."""
        self._run(
            "DELETE FROM bindings WHERE connection = ? AND kind = ? AND remote = ?",
            [binding.connection, binding.kind, binding.remote],
        )

    # inbox

    def keep_records(self, connection: str, kind: Kind, records: Iterable[Record], read_at: datetime) -> None:
        """Take records into the inbox; an earlier state of the same record is replaced."""
        at = codec.moment(read_at)
        rows = ((connection, kind, r.id, codec.record_text(r), codec.digest(r), at) for r in records)
        self._many(f"INSERT OR REPLACE INTO inbox VALUES ({marks(range(6))})", rows)

    def inbox(self, connections: Sequence[str], kind: Kind) -> list[Kept]:
        """Everything that waits to be judged, oldest record first."""
        sql = f"""SELECT connection, record, read_at FROM inbox WHERE kind = ? AND connection IN ({marks(connections)})
                  ORDER BY length(remote), remote, connection"""
        rows = self._rows(sql, [kind, *connections])
        return [Kept(c, kind, codec.record_from(record), codec.instant(at)) for c, record, at in rows]

    def inbox_of(self, ties: Iterable[tuple[str, str, str]]) -> list[Kept]:
        """What waits of the records named by connection, kind and remote id."""
        found = []
        for connection, kind, remote in ties:
            rows = self._rows(
                "SELECT record, read_at FROM inbox WHERE connection = ? AND kind = ? AND remote = ?",
                [connection, kind, remote],
            )
            found += [Kept(connection, Kind(kind), codec.record_from(r), codec.instant(at)) for r, at in rows]
        return found

    def drop_records(self, judged: Iterable[tuple[str, str, str]]) -> None:
        """Take records, by connection, kind and remote id, out of the inbox."""
        self._many("DELETE FROM inbox WHERE connection = ? AND kind = ? AND remote = ?", judged)

    # intents

    def keep_intents(self, intents: Iterable[Intent]) -> None:
        """Note what is about to be created, before it is."""
        self._many(f"INSERT OR REPLACE INTO intents VALUES ({marks(range(8))})", (codec.intent_row(i) for i in intents))

    def intents(self, connection: str, kind: Kind) -> dict[str, Intent]:
        """By key: the creates whose answer never came, or was no."""
        sql = "SELECT key, fields, agreed, at, refused FROM intents WHERE connection = ? AND kind = ?"
        return {
            key: Intent(
                connection,
                kind,
                key,
                json.loads(fields),
                codec.values_from(kind, json.loads(agreed)),
                codec.instant(at),
                no,
            )
            for key, fields, agreed, at, no in self._rows(sql, [connection, kind])
        }

    def drop_intents(self, connection: str, kind: Kind, keys: Iterable[str]) -> None:
        """These creates are known to have happened, or not to have."""
        self._many(
            "DELETE FROM intents WHERE connection = ? AND kind = ? AND key = ?", ((connection, kind, k) for k in keys)
        )

    # holds

    def holds(self, keys: Iterable[str]) -> dict[str, list[Hold]]:
        """The open holds of each of *keys*."""
        found: dict[str, list[Hold]] = {}
        for some in chunks(keys):
            sql = f"SELECT number, key, field, doc, since FROM holds WHERE state = 'open' AND key IN ({marks(some)})"
            for row in self._rows(sql, some):
                found.setdefault(row[1], []).append(codec.hold_from(row))
        return found

    def open_holds(self) -> list[Hold]:
        """Everything that waits for a person, oldest first."""
        sql = "SELECT number, key, field, doc, since FROM holds WHERE state = 'open' ORDER BY number"
        return [codec.hold_from(row) for row in self._rows(sql)]

    def keep_holds(self, holds: Iterable[Hold]) -> None:
        """Open new holds, and bring open ones up to date."""
        for hold in holds:
            values = [hold.key, hold.field, codec.hold_text(hold), codec.moment(hold.since)]
            self._run(
                """INSERT INTO holds (key, field, doc, since, state) VALUES (?, ?, ?, ?, 'open')
                   ON CONFLICT (key, field) WHERE state = 'open' DO UPDATE SET doc = excluded.doc""",
                values,
            )

    def close_holds(self, holds: Iterable[Hold], state: str) -> None:
        """These no longer wait: `settled` by a person's decision, or `agreed` by hand."""
        rows = [(state, h.key, h.field) for h in holds]
        self._many("UPDATE holds SET state = ? WHERE state = 'open' AND key = ? AND field = ?", rows)

    # events

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

    # cursors

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

    # runs

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

    # facts about this hub

    def fact(self, name: str) -> str | None:
        """A single remembered value."""
        rows = self._rows("SELECT value FROM facts WHERE name = ?", [name])
        return str(rows[0][0]) if rows else None

    def keep_fact(self, name: str, value: str) -> None:
        """Remember a single value."""
        self._run("INSERT OR REPLACE INTO facts VALUES (?, ?)", [name, value])

    # connections and the people behind their accounts

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
