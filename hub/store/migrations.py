"""The schema, as numbered steps that are only ever added to."""

import json

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from hub.store.chain import BEGINNING, linked

migrations = Migrations("hub")


@migrations()
def m001_first_schema(db: Database) -> None:
    """Everything that a sync needs to remember."""
    for statement in _FIRST_SCHEMA.split(";\n"):
        db.conn.execute(statement)


@migrations()
def m002_families(db: Database) -> None:
    """Whose child an entity is, what proves two of them one, what was deleted; sealed credentials."""
    for statement in _FAMILIES.split(";\n"):
        db.conn.execute(statement)


@migrations()
def m003_proof(db: Database) -> None:
    """What makes runs provable and quick: a sealed history, a journal of writes, held plans, narrow indexes."""
    for statement in _PROOF.split(";\n"):
        db.conn.execute(statement)
    for key, doc in db.conn.execute("SELECT key, doc FROM entities").fetchall():
        db.conn.execute("UPDATE entities SET doc = ? WHERE key = ?", [_by_stamp(doc), key])
    rows = db.conn.execute(f"SELECT id, {EVENT} FROM events ORDER BY id").fetchall()
    seals = linked(BEGINNING, (row[1:] for row in rows))
    db.conn.executemany(
        "UPDATE events SET chain = ? WHERE id = ?",
        [(sealed[-1], row[0]) for sealed, row in zip(seals, rows, strict=True)],
    )
    db.conn.execute("INSERT INTO facts SELECT 'history ends with', chain FROM events ORDER BY id DESC LIMIT 1")


@migrations()
def m004_bulk(db: Database) -> None:
    """What comes by the thousand is put quickly: batches that are under way in one row, entities in the order of keys.

    A table without row ids spills what is longer than a quarter of a page, as most descriptions make an entity.
    """
    for statement in _BULK.split(";\n"):
        db.conn.execute(statement)


def _by_stamp(doc: str) -> str:
    """An entity whose stamps stood by field, with the fields by stamp."""
    data = json.loads(doc)
    fields: dict[tuple[str, ...], list[str]] = {}
    for name, stamp in data["stamps"].items():
        fields.setdefault(tuple(stamp), []).append(name)
    stamps = [[list(stamp), names] for stamp, names in fields.items()]
    return json.dumps({**data, "stamps": stamps}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


EVENT = "key, field, old, new, who, connection, at, because, run, noted, overruled"
"""The columns of an event that are sealed."""

_BULK = """
CREATE TABLE underway (
    id INTEGER PRIMARY KEY, connection TEXT NOT NULL, kind TEXT NOT NULL, operation TEXT NOT NULL, at TEXT NOT NULL,
    keys TEXT NOT NULL, doc TEXT NOT NULL
);
CREATE TABLE things (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, number INTEGER NOT NULL, title TEXT NOT NULL,
    doc TEXT NOT NULL, owner TEXT, identity TEXT, gone INTEGER NOT NULL DEFAULT 0, revision INTEGER NOT NULL DEFAULT 0,
    begun INTEGER, UNIQUE (kind, number)
);
INSERT INTO things (key, kind, number, title, doc, owner, identity, gone, revision)
    SELECT key, kind, number, title, doc, owner, identity, gone, revision FROM entities ORDER BY kind, number;
DROP TABLE entities;
ALTER TABLE things RENAME TO entities;
CREATE INDEX entities_by_owner ON entities (owner) WHERE owner IS NOT NULL;
CREATE INDEX entities_by_identity ON entities (kind, identity) WHERE identity IS NOT NULL;
CREATE INDEX entities_by_revision ON entities (revision);
CREATE INDEX entities_gone ON entities (kind) WHERE gone = 1;
CREATE INDEX entities_unread ON entities (kind) WHERE identity IS NULL AND kind = 'attachment';
DROP INDEX bindings_judged;
DROP INDEX events_by_key;
CREATE INDEX events_by_key ON events (key)
"""

_PROOF = """
ALTER TABLE events ADD COLUMN noted TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN overruled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN chain TEXT NOT NULL DEFAULT '';
UPDATE events SET noted = at;
ALTER TABLE entities ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
CREATE INDEX entities_by_revision ON entities (revision);
CREATE INDEX entities_gone ON entities (kind) WHERE gone = 1;
CREATE INDEX entities_unread ON entities (kind) WHERE identity IS NULL AND kind = 'attachment';
CREATE TABLE prints (name TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE ties (
    id INTEGER PRIMARY KEY,
    connection TEXT NOT NULL, kind TEXT NOT NULL, remote TEXT NOT NULL, key TEXT NOT NULL REFERENCES entities(key),
    digest TEXT NOT NULL, at TEXT, state TEXT NOT NULL, owed INTEGER NOT NULL DEFAULT 0, shown_key TEXT, url TEXT,
    blocked TEXT NOT NULL, prints TEXT NOT NULL, seen TEXT NOT NULL, agreed TEXT NOT NULL,
    UNIQUE (connection, kind, remote), UNIQUE (key, connection)
);
INSERT INTO ties SELECT NULL, connection, kind, remote, key, digest, at, state, owed, shown_key, url, blocked, '', seen,
    '[[],' || agreed || ']' FROM bindings;
DROP TABLE bindings;
ALTER TABLE ties RENAME TO bindings;
CREATE INDEX bindings_judged ON bindings (connection, kind, remote, digest, at, state, key);
CREATE INDEX bindings_owed ON bindings (connection, kind) WHERE owed = 1;
CREATE INDEX bindings_blocked ON bindings (connection, kind) WHERE blocked <> '{}';
CREATE TABLE waiting (
    kind TEXT NOT NULL, length INTEGER NOT NULL, remote TEXT NOT NULL, connection TEXT NOT NULL,
    record TEXT NOT NULL, digest TEXT NOT NULL, read_at TEXT NOT NULL, awaits TEXT,
    PRIMARY KEY (kind, length, remote, connection)
) WITHOUT ROWID;
INSERT INTO waiting SELECT kind, length(remote), remote, connection, record, digest, read_at, awaits FROM inbox;
DROP TABLE inbox;
ALTER TABLE waiting RENAME TO inbox;
CREATE TABLE considered (
    sync TEXT NOT NULL, connection TEXT NOT NULL, kind TEXT NOT NULL, settings TEXT NOT NULL, revision INTEGER NOT NULL,
    PRIMARY KEY (sync, connection, kind)
) WITHOUT ROWID;
CREATE TABLE lacking (
    sync TEXT NOT NULL, connection TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    PRIMARY KEY (sync, connection, kind, key)
) WITHOUT ROWID;
CREATE TABLE mapped (
    sync TEXT NOT NULL, connection TEXT NOT NULL, kind TEXT NOT NULL, prints TEXT NOT NULL,
    PRIMARY KEY (sync, connection, kind)
) WITHOUT ROWID;
CREATE TABLE writes (
    id INTEGER PRIMARY KEY, run TEXT NOT NULL, connection TEXT NOT NULL, kind TEXT NOT NULL, remote TEXT NOT NULL,
    key TEXT NOT NULL, operation TEXT NOT NULL, fields TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
    at TEXT NOT NULL, until TEXT
);
CREATE INDEX writes_by_run ON writes (run);
CREATE INDEX updates_by_copy ON writes (connection, kind, remote, at) WHERE operation = 'update';
CREATE INDEX writes_to_prove ON writes (connection, kind, remote) WHERE until IS NOT NULL;
CREATE INDEX holds_by_key ON holds (key) WHERE state IN ('open', 'lost');
CREATE TABLE plans (
    run TEXT PRIMARY KEY, sync TEXT NOT NULL, state TEXT NOT NULL, breaches TEXT NOT NULL, plan TEXT NOT NULL,
    at TEXT NOT NULL
) WITHOUT ROWID
"""

_FAMILIES = """
ALTER TABLE entities ADD COLUMN owner TEXT;
ALTER TABLE entities ADD COLUMN identity TEXT;
ALTER TABLE entities ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
CREATE INDEX entities_by_owner ON entities (owner) WHERE owner IS NOT NULL;
CREATE INDEX entities_by_identity ON entities (kind, identity) WHERE identity IS NOT NULL;
ALTER TABLE inbox ADD COLUMN awaits TEXT;
CREATE TABLE credentials (
    connection TEXT NOT NULL, name TEXT NOT NULL, sealed TEXT NOT NULL, PRIMARY KEY (connection, name)
) WITHOUT ROWID
"""

_FIRST_SCHEMA = """
CREATE TABLE entities (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, number INTEGER NOT NULL, title TEXT NOT NULL, doc TEXT NOT NULL,
    UNIQUE (kind, number)
) WITHOUT ROWID;
CREATE TABLE bindings (
    connection TEXT NOT NULL, kind TEXT NOT NULL, remote TEXT NOT NULL, key TEXT NOT NULL REFERENCES entities(key),
    seen TEXT NOT NULL, agreed TEXT NOT NULL, maps TEXT NOT NULL, blocked TEXT NOT NULL,
    digest TEXT NOT NULL, shown_key TEXT, url TEXT, state TEXT NOT NULL, at TEXT, owed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (connection, kind, remote), UNIQUE (key, connection)
) WITHOUT ROWID;
CREATE INDEX bindings_owed ON bindings (connection, kind) WHERE owed = 1;
CREATE INDEX bindings_blocked ON bindings (connection, kind) WHERE blocked <> '{}';
CREATE TABLE inbox (
    connection TEXT NOT NULL, kind TEXT NOT NULL, remote TEXT NOT NULL,
    record TEXT NOT NULL, digest TEXT NOT NULL, read_at TEXT NOT NULL,
    PRIMARY KEY (connection, kind, remote)
) WITHOUT ROWID;
CREATE TABLE intents (
    connection TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, operation TEXT NOT NULL,
    fields TEXT NOT NULL, agreed TEXT NOT NULL, at TEXT NOT NULL, refused TEXT,
    PRIMARY KEY (connection, kind, key)
) WITHOUT ROWID;
CREATE TABLE holds (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, field TEXT NOT NULL, doc TEXT NOT NULL, since TEXT NOT NULL,
    state TEXT NOT NULL
);
CREATE UNIQUE INDEX holds_open ON holds (key, field) WHERE state = 'open';
CREATE TABLE events (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, field TEXT NOT NULL, old TEXT, new TEXT,
    who TEXT NOT NULL, connection TEXT NOT NULL, at TEXT NOT NULL, because TEXT NOT NULL, run TEXT
);
CREATE INDEX events_by_key ON events (key, field);
CREATE INDEX events_by_run ON events (run);
CREATE TABLE cursors (
    sync TEXT NOT NULL, connection TEXT NOT NULL, kind TEXT NOT NULL, cursor TEXT NOT NULL, settings TEXT NOT NULL,
    read_at TEXT NOT NULL, full_at TEXT,
    PRIMARY KEY (sync, connection, kind)
) WITHOUT ROWID;
CREATE TABLE runs (
    number INTEGER PRIMARY KEY, sync TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT, outcome TEXT, report TEXT
);
CREATE INDEX runs_by_sync ON runs (sync, number);
CREATE TABLE accounts (
    connection TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, email TEXT, username TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (connection, id)
) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE connections (
    name TEXT PRIMARY KEY, place TEXT, account TEXT, state TEXT NOT NULL, message TEXT NOT NULL, at TEXT NOT NULL
) WITHOUT ROWID;
"""
